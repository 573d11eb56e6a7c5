//! What would be installed, on every system.

use super::*;
use std::path::PathBuf;

fn job(profile: &str) -> Job {
    Job {
        program: PathBuf::from("/home/me/my bin/fitbit-hr"),
        arguments: ["--output-dir", "/home/me/50% heart", "sync"]
            .map(str::to_owned)
            .to_vec(),
        folder: PathBuf::from("/home/me"),
        variables: vec![(
            "FITBIT_HR_STATE_DIR".to_owned(),
            "/home/me/sta$te".to_owned(),
        )],
        profile: profile.to_owned(),
        keys: None,
        at: At { hour: 7, minute: 5 },
    }
}

fn folders() -> Folders {
    Folders {
        home: PathBuf::from("/home/me"),
        config: PathBuf::from("/home/me/.config"),
        user_id: 501,
    }
}

fn plan(manager: Manager, profile: &str) -> Plan {
    Plan::new(manager, &job(profile), &folders()).expect("good")
}

fn commands(steps: &[Step]) -> Vec<String> {
    steps.iter().map(|step| step.words.join(" ")).collect()
}

#[test]
fn a_job_is_named_by_its_folder_profile_and_keys_file() {
    let name = |change: fn(&mut Job)| {
        let mut job = job("default");
        change(&mut job);
        job.name()
    };
    let plain = name(|_| ());
    assert!(
        plain.starts_with("fitbit-hr-sync-") && plain.len() == 23,
        "{plain}"
    );
    assert_eq!(name(|job| job.at.hour = 9), plain);
    let others = [
        name(|job| job.folder = PathBuf::from("/home/me/b")),
        name(|job| job.keys = Some(PathBuf::from("/k"))),
        name(|job| "alice".clone_into(&mut job.profile)),
    ];
    assert!(others.iter().all(|other| *other != plain), "{others:?}");
    assert!(others[2].starts_with("fitbit-hr-sync-alice-"));
}

#[test]
fn a_timer_runs_daily_is_made_up_for_and_has_jitter() {
    let plan = plan(Manager::Systemd, "default");
    let (service, timer) = (&plan.files[0], &plan.files[1]);
    let folder = PathBuf::from("/home/me/.config/systemd/user");
    assert_eq!(service.path, folder.join(format!("{}.service", plan.name)));
    assert_eq!(timer.path, folder.join(format!("{}.timer", plan.name)));
    for line in [
        "ExecStart=\"/home/me/my bin/fitbit-hr\" --output-dir \"/home/me/50%% heart\" sync\n",
        "WorkingDirectory=/home/me\n",
        "Environment=\"FITBIT_HR_STATE_DIR=/home/me/sta$te\"\n",
    ] {
        assert!(service.content.contains(line), "{line}{}", service.content);
    }
    for line in [
        "OnCalendar=*-*-* 07:05:00\n",
        "Persistent=true\n",
        "RandomizedDelaySec=30min\n",
        "WantedBy=timers.target\n",
    ] {
        assert!(timer.content.contains(line), "{line}");
    }
    assert_eq!(
        commands(&plan.on)[1],
        format!("systemctl --user enable --now {}.timer", plan.name)
    );
}

#[test]
fn a_crontab_line_is_quoted_for_the_shell_and_for_cron() {
    let plan = plan(Manager::Crontab, "alice");
    assert_eq!(
        plan.crontab_line,
        Some(format!(
            "5 7 * * * cd /home/me && FITBIT_HR_STATE_DIR='/home/me/sta$te' '/home/me/my bin/fitbit-hr' --output-dir '/home/me/50'\\%' heart' sync # {}",
            plan.name
        ))
    );
}

#[test]
fn an_agent_has_a_log_and_is_put_into_the_users_own_domain() {
    let plan = plan(Manager::Launchd, "default");
    let name = &plan.name;
    let file = &plan.files[0];
    let path = format!("/home/me/Library/LaunchAgents/{name}.plist");
    assert_eq!(file.path, PathBuf::from(&path));
    for part in [
        "<string>/home/me/my bin/fitbit-hr</string>".to_owned(),
        "<key>Hour</key><integer>7</integer>".to_owned(),
        "<key>FITBIT_HR_STATE_DIR</key><string>/home/me/sta$te</string>".to_owned(),
        format!("<key>StandardErrorPath</key><string>/home/me/Library/Logs/{name}.log</string>"),
    ] {
        assert!(file.content.contains(&part), "{part}\n{}", file.content);
    }
    let out = format!("launchctl bootout gui/501/{name}");
    assert_eq!(
        commands(&plan.on),
        [out.clone(), format!("launchctl bootstrap gui/501 {path}")]
    );
    assert_eq!(commands(&plan.off), [out]);
}

#[test]
fn a_task_is_a_batch_file_with_folder_and_variables() {
    let plan = plan(Manager::TaskScheduler, "default");
    assert_eq!(
        plan.files[0].content,
        "@echo off\r\nchcp 65001 >nul\r\nset \"FITBIT_HR_STATE_DIR=/home/me/sta$te\"\r\ncd /d \"/home/me\" || exit /b 73\r\n\
         \"/home/me/my bin/fitbit-hr\" \"--output-dir\" \"/home/me/50%% heart\" \"sync\"\r\n"
    );
    let name = &plan.name;
    assert_eq!(
        commands(&plan.on),
        [format!(
            "schtasks /Create /F /SC DAILY /TN {name} /ST 07:05 /TR \"/home/me/.config/fitbit-hr/{name}.cmd\""
        )]
    );
    let mut far = folders();
    far.config = PathBuf::from("/c".repeat(120));
    assert!(Plan::new(Manager::TaskScheduler, &job("default"), &far).is_err());
}

#[test]
fn a_line_break_fits_nowhere() {
    for manager in [
        Manager::Systemd,
        Manager::Crontab,
        Manager::Launchd,
        Manager::TaskScheduler,
    ] {
        let mut job = job("default");
        job.variables[0].1.push('\n');
        assert!(Plan::new(manager, &job, &folders()).is_err(), "{manager:?}");
    }
}

#[test]
fn what_would_be_installed_can_be_read() {
    let plan = plan(Manager::Systemd, "default");
    let (shown, name) = (plan.shown(), &plan.name);
    let first = format!("# /home/me/.config/systemd/user/{name}.service\n[Unit]\n");
    assert!(shown.starts_with(&first), "{shown}");
    let last = format!(
        "# then\nsystemctl --user daemon-reload\nsystemctl --user enable --now {name}.timer\n"
    );
    assert!(shown.ends_with(&last), "{shown}");
}
