//! What would be installed, on every system.

use super::*;

fn job(profile: &str) -> Job {
    Job {
        program: PathBuf::from("/home/me/my bin/fitbit-hr"),
        arguments: ["--output-dir", "/home/me/50% heart", "sync"]
            .map(str::to_owned)
            .to_vec(),
        folder: PathBuf::from("/home/me"),
        variables: vec![(
            "FITBIT_HR_STATE_DIR".to_owned(),
            "/home/me/state".to_owned(),
        )],
        profile: profile.to_owned(),
        at: At { hour: 7, minute: 5 },
    }
}

fn plan(manager: Manager, profile: &str) -> Plan {
    Plan::new(
        manager,
        &job(profile),
        Path::new("/home/me"),
        Path::new("/home/me/.config"),
    )
}

#[test]
fn a_timer_runs_daily_is_made_up_for_and_has_jitter() {
    let plan = plan(Manager::Systemd, "default");
    let paths: Vec<_> = plan
        .files
        .iter()
        .map(|file| file.path.display().to_string())
        .collect();
    assert_eq!(
        paths,
        [
            "/home/me/.config/systemd/user/fitbit-hr-sync.service",
            "/home/me/.config/systemd/user/fitbit-hr-sync.timer"
        ]
    );
    let service = &plan.files[0].content;
    assert!(
        service.contains(
            "ExecStart=\"/home/me/my bin/fitbit-hr\" --output-dir \"/home/me/50%% heart\" sync\n"
        ),
        "{service}"
    );
    assert!(service.contains("WorkingDirectory=/home/me\n"));
    assert!(service.contains("Environment=FITBIT_HR_STATE_DIR=/home/me/state\n"));
    let timer = &plan.files[1].content;
    for line in [
        "OnCalendar=*-*-* 07:05:00\n",
        "Persistent=true\n",
        "RandomizedDelaySec=30min\n",
        "WantedBy=timers.target\n",
    ] {
        assert!(timer.contains(line), "{line}");
    }
    assert_eq!(
        plan.on[1].join(" "),
        "systemctl --user enable --now fitbit-hr-sync.timer"
    );
}

#[test]
fn a_crontab_line_is_quoted_for_the_shell_and_for_cron() {
    assert_eq!(
        plan(Manager::Crontab, "alice").crontab_line.as_deref(),
        Some(
            "5 7 * * * cd /home/me && FITBIT_HR_STATE_DIR=/home/me/state '/home/me/my bin/fitbit-hr' --output-dir '/home/me/50\\% heart' sync # fitbit-hr-sync-alice"
        )
    );
}

#[test]
fn other_systems_have_their_own_ways() {
    let launchd = plan(Manager::Launchd, "default");
    assert_eq!(
        launchd.files[0].path,
        PathBuf::from("/home/me/Library/LaunchAgents/fitbit-hr-sync.plist")
    );
    assert!(
        launchd.files[0]
            .content
            .contains("<string>/home/me/my bin/fitbit-hr</string>")
    );
    assert!(
        launchd.files[0]
            .content
            .contains("<key>Hour</key><integer>7</integer>")
    );
    let task = plan(Manager::TaskScheduler, "default").on[0].join(" ");
    assert!(
        task.starts_with("schtasks /Create /F /SC DAILY /TN fitbit-hr-sync /ST 07:05 /TR "),
        "{task}"
    );
}

#[test]
fn what_would_be_installed_can_be_read() {
    let shown = plan(Manager::Systemd, "default").shown();
    assert!(
        shown.starts_with("# /home/me/.config/systemd/user/fitbit-hr-sync.service\n[Unit]\n"),
        "{shown}"
    );
    assert!(shown.ends_with("# then\nsystemctl --user daemon-reload\nsystemctl --user enable --now fitbit-hr-sync.timer\n"));
}

#[test]
fn times_of_day_are_checked() {
    assert_eq!(
        "07:30".parse(),
        Ok(At {
            hour: 7,
            minute: 30
        })
    );
    for text in ["7:30", "24:00", "07:60", "0730", "noon", ""] {
        assert!(text.parse::<At>().is_err(), "{text}");
    }
}
