//! The daily run: what would be installed, and that it is put in place and taken back without touching anything else.

use crate::program::Home;
use fitbit_hr::schedule::{At, Job, Manager, Plan};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A machine whose `crontab` keeps its lines in a file, and on which somebody is logged in.
fn home() -> Home {
    let home = Home::new();
    home.keys("client_id = \"23ABCD\"");
    home.logged_in_with("fitbit", 3000, &json!({"client_id": "23ABCD"}));
    let script = home.file(
        "bin/crontab",
        "#!/bin/sh\nf=\"$HOME/crontab\"\nif [ \"$1\" = -l ]; then [ -f \"$f\" ] && cat \"$f\" || { echo no crontab for me >&2; exit 1; }; else cat > \"$f\"; fi\n",
    );
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("executable");
    let path = format!("{}:/usr/bin:/bin", home.work("bin").display());
    home.with("PATH", &path)
}

/// The crontab of the machine; these tests are about machines without systemd.
fn crontab(home: &Home) -> String {
    fs::read_to_string(home.below("home/crontab")).unwrap_or_default()
}

fn has_systemd() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

#[test]
fn a_crontab_line_is_put_in_and_taken_back_and_the_rest_stays() {
    if has_systemd() || cfg!(target_os = "macos") {
        return;
    }
    let home = home();
    fs::write(home.below("home/crontab"), "0 1 * * * backup\n").expect("written");
    for _ in 0..2 {
        home.run(["schedule", "install", "--at", "05:15"])
            .expect(0)
            .says(&["daily sync is installed"]);
    }
    let lines = crontab(&home);
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(
        lines.starts_with("0 1 * * * backup\n15 5 * * * cd "),
        "{lines}"
    );
    assert!(
        lines.contains(" sync # fitbit-hr-sync\n") && lines.contains("--output-dir"),
        "{lines}"
    );
    assert_eq!(
        home.run(["schedule", "show", "--json"]).expect(0).json()["installed"],
        json!(true)
    );
    home.run(["schedule", "remove"])
        .expect(0)
        .says(&["removed"]);
    assert_eq!(crontab(&home), "0 1 * * * backup\n");
    home.run(["schedule", "remove"])
        .expect(0)
        .says(&["no daily sync was installed"]);
}

#[test]
fn nothing_is_installed_for_somebody_who_is_not_logged_in() {
    let home = home();
    fs::remove_file(home.token_path("fitbit")).expect("logged out");
    home.run(["schedule", "install"])
        .expect(77)
        .with_one_error()
        .says(&["fitbit-hr login"]);
    assert_eq!(crontab(&home), "");
    home.run(["--demo", "schedule", "install"]).expect(2);
    home.run(["--demo", "schedule", "remove"]).expect(2);
    home.run(["schedule", "install", "--at", "25:00"]).expect(2);
}

#[test]
fn what_would_be_installed_goes_to_stdout() {
    let home = home();
    let shown = home.run(["schedule", "show"]).expect(0).stdout;
    assert!(
        shown.contains("fitbit-hr") && shown.contains(" sync"),
        "{shown}"
    );
    assert_eq!(crontab(&home), "");
}

#[test]
fn where_there_is_no_cron_nothing_is_installed() {
    let home = home().with("PATH", "/nowhere");
    if has_systemd() {
        return;
    }
    let shown = home.run(["schedule", "show", "--json"]).expect(0).json();
    assert_eq!(shown["installed"], json!(false));
    home.run(["schedule", "remove"])
        .expect(0)
        .says(&["no daily sync was installed"]);
    home.run(["schedule", "install"])
        .expect(73)
        .with_one_error();
}

#[test]
fn systemd_itself_accepts_the_units() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let job = Job {
        program: PathBuf::from(env!("CARGO_BIN_EXE_fitbit-hr")),
        arguments: ["--output-dir", "/tmp/50% of it", "sync"]
            .map(str::to_owned)
            .to_vec(),
        folder: PathBuf::from("/tmp"),
        variables: vec![("FITBIT_HR_STATE_DIR".to_owned(), "/tmp/a b".to_owned())],
        profile: "default".to_owned(),
        at: At {
            hour: 7,
            minute: 30,
        },
    };
    let plan = Plan::new(Manager::Systemd, &job, folder.path(), folder.path());
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
