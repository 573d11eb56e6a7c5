//! The daily run: tried where it would run, put in place and taken back without touching anything else.

#![cfg(unix)]

use crate::answers::google_account;
use crate::program::{GOOGLE_ID, Home};
use crate::secrets::CLIENT_SECRET;
use crate::server::{Reply, Server};
use fitbit_hr::schedule::{At, Folders, Job, Manager, Plan};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

/// Keeps its lines in a file.
const CRONTAB: &str = "f=\"$HOME/crontab\"
case \"$1\" in
-l) [ -f \"$f\" ] && cat \"$f\" || { echo no crontab for me >&2; exit 1; } ;;
-r) rm -f \"$f\" ;;
*) cat > \"$f\" ;;
esac";

/// Notes what it is asked, and answers like a systemd whose timer ran once.
const SYSTEMCTL: &str = "echo \"$*\" >> \"$HOME/systemctl\"
case \"$*\" in
*LastTriggerUSec*) echo 'LastTriggerUSec=Thu 2026-11-26 07:41:02 UTC' ;;
*NextElapseUSecRealtime*) echo 'NextElapseUSecRealtime=Fri 2026-11-27 07:39:00 UTC' ;;
*ExecMainStatus*) echo ExecMainStatus=77 ;;
esac";

fn service() -> Server {
    let server = Server::start();
    google_account(&server);
    server
}

/// Somebody who is logged in at `server`, on a machine with this `crontab`.
fn home(server: &Server) -> Home {
    let home = Home::google(server, "timezone = \"UTC\"");
    home.logged_in("google", 3000);
    tool(&home, "crontab", CRONTAB);
    let path = format!("{}:/usr/bin:/bin", home.work("bin").display());
    home.with("PATH", &path)
}

/// Puts a program of the system on the path.
fn tool(home: &Home, name: &str, script: &str) {
    let path = home.file(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("executable");
}

fn crontab(home: &Home) -> String {
    fs::read_to_string(home.below("home/crontab")).unwrap_or_default()
}

fn cron(action: &str) -> [&str; 4] {
    ["schedule", action, "--with", "crontab"]
}

fn systemd(action: &str) -> [&str; 4] {
    ["schedule", action, "--with", "systemd"]
}

/// Runs a crontab line as cron does.
fn as_cron(line: &str) -> std::process::Output {
    let command = line.splitn(6, ' ').nth(5).expect("a command");
    let mut shell = Command::new("/bin/sh");
    let shell = shell.env_clear().env("PATH", "/usr/bin:/bin");
    let command = command.replace("\\%", "%");
    shell.args(["-c", &command]).output().expect("a shell")
}

#[test]
fn a_crontab_line_is_put_in_and_taken_back_and_the_rest_stays_byte_for_byte() {
    let server = service();
    let home = home(&server);
    let others = b"# M\xfcller\n0 1 * * * backup\n";
    fs::write(home.below("home/crontab"), others).expect("written");
    for _ in 0..2 {
        home.run([&cron("install")[..], &["--at", "05:15"]].concat())
            .expect(0)
            .says(&["daily sync is installed"]);
    }
    let bytes = fs::read(home.below("home/crontab")).expect("a crontab");
    assert!(bytes.starts_with(others));
    let line = String::from_utf8_lossy(&bytes[others.len()..]).into_owned();
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.starts_with("15 5 * * * cd "), "{line}");
    let shown = home
        .run([&cron("show")[..], &["--json"]].concat())
        .expect(0)
        .json();
    assert_eq!(
        (&shown["installed"], &shown["at"]),
        (&json!(true), &json!("05:15"))
    );
    assert!(
        shown["next_run"]
            .as_str()
            .expect("a time")
            .contains("05:15")
    );
    home.run(cron("remove")).expect(0).says(&["removed"]);
    assert_eq!(
        fs::read(home.below("home/crontab")).expect("a crontab"),
        others
    );
    home.run(cron("remove"))
        .expect(0)
        .says(&["no daily sync was installed"]);
}

#[test]
fn a_crontab_that_is_not_there_is_an_empty_one() {
    for none in [
        "no crontab for root",
        "crontab: can't open 'root': No such file or directory",
    ] {
        let server = service();
        let home = home(&server);
        tool(
            &home,
            "crontab",
            &CRONTAB.replace("no crontab for me", &format!("\"{none}\"")),
        );
        home.run(cron("remove")).expect(0);
        home.run(cron("install")).expect(0);
        assert_eq!(crontab(&home).lines().count(), 1);
        home.run(cron("remove")).expect(0).says(&["removed"]);
        assert!(!home.below("home/crontab").exists());
    }
    let server = service();
    let home = home(&server);
    tool(
        &home,
        "crontab",
        "echo you are not allowed to use this program >&2; exit 1",
    );
    home.run(cron("install")).expect(73).says(&["not allowed"]);
}

#[test]
fn the_job_is_tried_first_in_the_environment_that_it_will_have() {
    let server = service();
    let home = home(&server);
    fs::remove_file(home.token_path("google")).expect("logged out");
    for install in [cron("install"), systemd("install")] {
        home.run(install)
            .expect(77)
            .with_one_error()
            .says(&["login: ", "fitbit-hr login"]);
    }
    assert_eq!(crontab(&home), "");
    assert!(!home.below("config/systemd").exists());
    for action in ["install", "remove", "show"] {
        let demo = home.run(["--demo", "schedule", action]).expect(2);
        demo.says(&["a demo has nothing to run every day", "leave --demo out"]);
    }
    home.run(["schedule", "install", "--at", "25:00"]).expect(2);
}

#[test]
fn the_service_that_refuses_the_login_refuses_the_job() {
    let server = Server::start();
    server.any("GET", "/v4/users/me/identity", |_| Reply::status(401));
    server.any("POST", "/token", |_| {
        Reply::error(400, &json!({"error": "invalid_grant"}))
    });
    let home = home(&server);
    home.run(cron("install")).expect(77).with_one_error();
    assert_eq!(crontab(&home), "");
}

#[test]
fn what_the_job_needs_from_the_environment_is_carried_along() {
    let server = service();
    let home = home(&server).without("FITBIT_HR_STATE_DIR");
    let state = home.below("xdg-state/fitbit-hr");
    fs::create_dir_all(home.below("xdg-state")).expect("made");
    fs::rename(home.below("state"), &state).expect("moved");
    let home = home
        .with("HTTPS_PROXY", "http://proxy.example:8080")
        .with("SSL_CERT_DIR", "certs")
        .with("TZ", "Asia/Tokyo");
    home.run(cron("install")).expect(0);
    let line = crontab(&home);
    for part in [
        format!("XDG_STATE_HOME={}", home.below("xdg-state").display()),
        "HTTPS_PROXY=http://proxy.example:8080".to_owned(),
        format!("SSL_CERT_DIR={}", home.work("certs").display()),
        "TZ=Asia/Tokyo".to_owned(),
    ] {
        assert!(line.contains(&part), "{part}: {line}");
    }
    fs::rename(&state, home.below("state")).expect("moved back");
}

#[test]
fn a_client_that_is_only_in_the_environment_is_refused() {
    let server = service();
    let keys = |home: &Home| home.read("keys.toml");
    let mut cases = vec![home(&server).with("FITBIT_HR_CLIENT_SECRET", "another")];
    let without = home(&server)
        .with("FITBIT_HR_CLIENT_ID", GOOGLE_ID)
        .with("FITBIT_HR_CLIENT_SECRET", CLIENT_SECRET);
    let text = keys(&without);
    let lines = text.lines().filter(|line| !line.starts_with("client_"));
    without.keys(&lines.collect::<Vec<_>>().join("\n"));
    cases.push(without);
    for home in cases {
        home.run(cron("install"))
            .expect(78)
            .with_one_error()
            .says(&["FITBIT_HR_CLIENT_ID", "keys file"]);
        assert_eq!(crontab(&home), "");
    }
    // The same as in the keys file harms nobody.
    let same = home(&server).with("FITBIT_HR_CLIENT_ID", GOOGLE_ID);
    same.run(cron("install")).expect(0);
}

#[test]
fn each_folder_has_a_job_of_its_own() {
    let server = service();
    let home = home(&server);
    let other = home.work("other");
    fs::create_dir(&other).expect("made");
    fs::copy(home.work("keys.toml"), other.join("keys.toml")).expect("copied");
    let there = |action: &str| {
        let mut command = home.command(cron(action));
        command.arg("--json").current_dir(&other);
        crate::program::run(command).expect(0).json()
    };
    home.run(cron("install")).expect(0);
    there("install");
    assert_eq!(crontab(&home).lines().count(), 2);
    let shown = there("show");
    assert_eq!(shown["others"].as_array().map(Vec::len), Some(1), "{shown}");
    there("remove");
    assert_eq!(crontab(&home).lines().count(), 1);
    assert_eq!(there("show")["installed"], json!(false));
    let shown = home.run(cron("show")).expect(0);
    shown.says(&[
        "installed (crontab), every day at 07:30",
        "it has not run yet",
        "next run",
    ]);
}

#[test]
fn odd_names_come_through_cron_and_systemd_as_they_are() {
    let server = service();
    let home = home(&server);
    let odd = home.work("it's 5$ \"or\" 50%");
    fs::create_dir(&odd).expect("made");
    fs::copy(home.work("keys.toml"), odd.join("keys.toml")).expect("copied");
    let mut command = home.command(cron("install"));
    command.current_dir(&odd);
    crate::program::run(command).expect(0);
    let line = crontab(&home).replace(" sync # ", " status # ");
    let output = as_cron(line.trim_end());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && said.contains("Kept in"),
        "{said}"
    );
    tool(&home, "systemctl", SYSTEMCTL);
    let mut command = home.command(systemd("install"));
    command.current_dir(&odd);
    crate::program::run(command).expect(0);
}

#[test]
fn a_program_behind_a_link_is_known_by_the_links_name() {
    let server = service();
    let home = home(&server);
    // Outside of the home, whose every file is searched for secrets.
    let elsewhere = tempfile::tempdir().expect("a folder");
    let cellar = elsewhere.path().join("Cellar/0.1.0/bin/fitbit-hr");
    fs::create_dir_all(cellar.parent().expect("a folder")).expect("made");
    fs::hard_link(env!("CARGO_BIN_EXE_fitbit-hr"), &cellar)
        .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_fitbit-hr"), &cellar).map(drop))
        .expect("a copy");
    let on_path = home.work("bin/fitbit-hr");
    std::os::unix::fs::symlink(&cellar, &on_path).expect("linked");
    for program in [on_path.clone(), cellar.clone()] {
        let mut command = home.other(&program.display().to_string());
        command.args(cron("install"));
        crate::program::run(command).expect(0);
        let line = crontab(&home);
        assert!(
            line.contains(&on_path.display().to_string()) && !line.contains("Cellar"),
            "{line}"
        );
    }
}

#[test]
fn a_systemd_that_does_not_answer_leaves_nothing_behind_and_hinders_nobody() {
    let server = service();
    let home = home(&server);
    tool(
        &home,
        "systemctl",
        "echo Failed to connect to bus: No medium found >&2; exit 1",
    );
    home.run(systemd("install"))
        .expect(73)
        .with_one_error()
        .says(&["No medium found"]);
    assert!(!home.below("config/systemd/user").exists());
    // What was there before stays.
    tool(&home, "systemctl", SYSTEMCTL);
    home.run(systemd("install")).expect(0);
    let units = units(&home);
    assert_eq!(units.len(), 2);
    tool(&home, "systemctl", "exit 1");
    home.run([&systemd("install")[..], &["--at", "01:01"]].concat())
        .expect(73);
    assert_eq!(self::units(&home), units);
    home.run(["schedule", "remove"])
        .expect(0)
        .says(&["removed (systemd)"]);
    assert_eq!(self::units(&home), []);
}

/// Each unit with what it says.
fn units(home: &Home) -> Vec<(PathBuf, String)> {
    let folder = home.below("config/systemd/user");
    let mut units: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .map(|path| (path.clone(), fs::read_to_string(path).expect("a unit")))
        .collect();
    units.sort();
    units
}

#[test]
fn a_timer_is_shown_with_its_last_run_and_its_next_and_lingering_is_explained() {
    let server = service();
    let home = home(&server).with("LOGNAME", "alice");
    tool(&home, "systemctl", SYSTEMCTL);
    tool(&home, "loginctl", "echo Linger=no");
    home.run(systemd("install"))
        .expect(0)
        .says(&["loginctl enable-linger alice"]);
    home.run(systemd("show")).expect(0).says(&[
        "installed (systemd), every day at 07:30",
        "last run Thu 2026-11-26 07:41:02 UTC: exit code 77",
        "next run Fri 2026-11-27 07:39:00 UTC",
        "loginctl enable-linger alice",
    ]);
    let timer = units(&home).pop().expect("a timer").0;
    let wants = home.below("config/systemd/user/timers.target.wants");
    fs::create_dir_all(&wants).expect("made");
    fs::write(wants.join(timer.file_name().expect("a name")), "").expect("written");
    home.run(systemd("remove")).expect(0);
    assert!(!home.below("config/systemd/user").exists());
    let asked = fs::read_to_string(home.below("home/systemctl")).expect("notes");
    assert!(
        asked.contains("--user disable --now fitbit-hr-sync-"),
        "{asked}"
    );
}

#[test]
fn what_would_be_installed_goes_to_stdout() {
    let server = service();
    let home = home(&server);
    let shown = home.run(["schedule", "show"]).expect(0);
    assert!(shown.stdout.contains(" sync"), "{}", shown.stdout);
    shown.says(&["not installed; do it with: fitbit-hr schedule install"]);
    assert_eq!(crontab(&home), "");
}

#[test]
fn where_there_is_no_cron_nothing_is_installed() {
    let server = service();
    let home = home(&server).with("PATH", "/nowhere");
    let shown: Value = home
        .run([&cron("show")[..], &["--json"]].concat())
        .expect(0)
        .json();
    assert_eq!(shown["installed"], json!(false));
    home.run(cron("remove"))
        .expect(0)
        .says(&["no daily sync was installed"]);
    home.run(cron("install")).expect(73).with_one_error();
}

#[test]
fn systemd_itself_accepts_the_units() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let odd = folder.path().join("it's 5$ \"or\" 50% of it");
    let program = folder.path().join("a $b/50%/fitbit-hr");
    for path in [&odd, program.parent().expect("a folder")] {
        fs::create_dir_all(path).expect("made");
    }
    fs::copy(env!("CARGO_BIN_EXE_fitbit-hr"), &program).expect("a copy");
    let job = Job {
        program,
        arguments: ["--output-dir", "/tmp/50% of \"it\"", "sync"]
            .map(str::to_owned)
            .to_vec(),
        folder: odd,
        variables: vec![("FITBIT_HR_STATE_DIR".to_owned(), "/tmp/a $b".to_owned())],
        profile: "default".to_owned(),
        keys: None,
        at: At {
            hour: 7,
            minute: 30,
        },
    };
    let folders = Folders {
        home: folder.path().to_owned(),
        config: folder.path().to_owned(),
        user_id: 0,
    };
    let plan = Plan::new(Manager::Systemd, &job, &folders).expect("good");
    for file in &plan.files {
        fs::create_dir_all(file.path.parent().expect("a folder")).expect("made");
        fs::write(&file.path, &file.content).expect("written");
    }
    let mut verify = Command::new("systemd-analyze");
    verify
        .args(["verify", "--user", "--man=no"])
        .args(plan.files.iter().map(|file| &file.path));
    // Where there is no systemd-analyze there is nobody to ask.
    let Ok(output) = verify.env("XDG_RUNTIME_DIR", folder.path()).output() else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("fitbit-hr-sync"), "{said}");
}

#[test]
fn hooks_of_a_keys_file_that_was_met_by_chance_are_neither_installed_nor_run_later() {
    let server = service();
    let home = home(&server);
    let keys = home.read("keys.toml");
    let hooks = "\n[hooks]\ndone = [\"/bin/sh\", \"-c\", \"echo ran >> hooked\"]\nfailed = [\"/bin/sh\", \"-c\", \"echo ran >> hooked\"]\n";
    let with_hooks = keys.clone() + hooks;
    home.keys(&with_hooks);
    for install in [cron("install"), systemd("install")] {
        home.run(install)
            .expect(78)
            .with_one_error()
            .says(&["hooks", "fitbit-hr --keys keys.toml"]);
    }
    assert_eq!(crontab(&home), "");
    // Whoever may write the file later has no commands run either.
    home.keys(&keys);
    home.run(cron("install")).expect(0);
    home.keys(&with_hooks);
    let output = as_cron(crontab(&home).trim_end());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(said.contains("hooks"), "{said}");
    assert!(!home.work("hooked").exists());
    // One that is named is meant.
    home.run([
        "--keys",
        "keys.toml",
        "schedule",
        "install",
        "--with",
        "crontab",
    ])
    .expect(0);
    assert!(crontab(&home).contains("--keys"), "{}", crontab(&home));
}
