//! `setup`: the steps that are left, the client in its place, and all of it at a terminal.

use crate::program::Home;
use serde_json::json;
use std::fs;

const ID: &str = "1-a.apps.googleusercontent.com";

/// A client file as the console offers it.
fn client() -> String {
    json!({"installed": {"client_id": ID, "client_secret": "GOCSPX-abcdefgh", "redirect_uris": ["http://localhost"]}}).to_string()
}

#[test]
fn all_steps_can_be_read_without_doing_any() {
    let home = Home::new();
    let shown = home.run(["setup", "--print"]).expect(0).stdout;
    for part in [
        "1. ",
        "9. ",
        "/projectcreate",
        "/health.googleapis.com",
        "Desktop app",
        "Publish app",
        "fitbit-hr login",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let of_alice = home
        .run(["setup", "--print", "--profile", "alice"])
        .expect(0);
    assert!(of_alice.stdout.contains("fitbit-hr login --profile alice"));
    assert!(!home.below("config").exists());
}

#[test]
fn without_a_terminal_the_steps_that_are_left_are_said() {
    let home = Home::new();
    home.run(["setup"]).expect(77).with_one_error().says(&[
        "1. Create a project",
        "8. Log in",
        "fitbit-hr setup",
    ]);
    let file = home.file("Downloads/app.json", client());
    let output = home
        .run(["setup", "--client", &file.display().to_string()])
        .expect(77);
    output
        .says(&["the download can go", "8. Log in"])
        .never_says("1. Create a project");
    let folder = home.below("config/fitbit-hr");
    assert_eq!(
        fs::read_to_string(folder.join("client_secret.json")).expect("there"),
        client()
    );
    let status = home.run(["doctor", "--json"]).stdout;
    assert!(status.contains(ID), "{status}");
    // Left and run again.
    home.run(["setup"])
        .expect(77)
        .never_says("1. Create a project");
}

#[test]
fn the_download_is_found_by_itself() {
    let home = Home::new();
    fs::create_dir_all(home.below("home/Downloads")).expect("made");
    fs::write(
        home.below("home/Downloads/client_secret_1-a (1).json"),
        client(),
    )
    .expect("written");
    home.run(["setup"])
        .expect(77)
        .says(&["client_secret_1-a (1).json"]);
    assert!(home.below("config/fitbit-hr/keys.toml").exists());
}

#[test]
fn a_file_that_is_no_client_is_said_to_be_what_it_is() {
    for (text, says) in [
        (json!({"type": "service_account"}), "service account"),
        (
            json!({"web": {"client_id": ID, "client_secret": "x", "redirect_uris": ["https://a.example/"]}}),
            "web client",
        ),
        (
            json!({"installed": {"client_id": "23ABCD"}}),
            "no client of Google's",
        ),
    ] {
        let home = Home::new();
        let file = home.file("app.json", text.to_string());
        home.run(["setup", "--client", &file.display().to_string()])
            .expect(78)
            .with_one_error()
            .says(&[says, "console.cloud.google.com"]);
        assert!(!home.below("config/fitbit-hr").exists());
    }
    Home::new()
        .run(["setup", "--client", "none.json"])
        .expect(78);
}

/// Puts the client in its place without a terminal, and gives the keys file as it is then.
fn keys_after(home: &Home, arguments: &str) -> String {
    let file = home.file("app.json", client());
    let arguments = format!("setup --client {} {arguments}", file.display());
    home.run(arguments.split_whitespace()).expect(77);
    home.read("keys.toml")
}

#[test]
fn a_keys_file_that_is_there_is_given_the_client_and_stays_as_it_is() {
    for (before, line) in [
        ("timezone = \"UTC\"\n", ""),
        (
            "client_id = \"...\"\nclient_secret = \"...\"\n",
            "#client_id = \"...\"\n",
        ),
        (
            "client_id = \"2-b.apps.googleusercontent.com\"\n",
            "#client_id = \"2-b",
        ),
        (
            "client_file = \"gone.json\"\n",
            "#client_file = \"gone.json\"\n",
        ),
    ] {
        let home = Home::new();
        let rest = "[endpoints]\napi = \"http://127.0.0.1:9/\"\n";
        home.keys(&format!("{before}{rest}"));
        let keys = keys_after(&home, "");
        assert!(keys.contains(line) && keys.ends_with(rest), "{keys}");
        let placed = home.below("config/fitbit-hr/client_secret.json");
        let placed = format!("client_file = \"{}\"", placed.display());
        assert!(keys.contains(&placed), "{keys}");
        // Once more changes nothing.
        assert_eq!(keys_after(&home, ""), keys);
    }
}

#[test]
fn a_keys_file_that_was_named_and_is_not_there_is_written() {
    let home = Home::new();
    let file = home.file("app.json", client());
    let file = file.display().to_string();
    home.run(["--keys", "keys.toml", "setup", "--client", &file])
        .expect(77);
    assert!(home.read("keys.toml").contains("client_file = "));
    assert!(!home.below("config/fitbit-hr/keys.toml").exists());
}

#[test]
fn a_profile_with_a_client_of_its_own_leaves_that_of_the_others() {
    let home = Home::new();
    home.keys("client_id = \"2-b.apps.googleusercontent.com\"\nclient_secret = \"x\"\n");
    let keys = keys_after(&home, "--profile alice");
    assert!(
        keys.starts_with("client_id = \"2-b") && keys.contains("\n[profile.alice]\nclient_file = "),
        "{keys}"
    );
    assert!(
        home.below("config/fitbit-hr/client_secret-alice.json")
            .exists()
    );
}

#[test]
fn a_keys_file_that_is_wrong_in_another_way_is_not_touched() {
    let home = Home::new();
    let file = home.file("app.json", client());
    let text = "timezon = \"UTC\"\n";
    home.keys(text);
    home.run(["setup", "--client", &file.display().to_string()])
        .expect(78)
        .with_one_error()
        .says(&["timezon", "line 1"]);
    assert_eq!(home.read("keys.toml"), text);
}

#[cfg(target_os = "linux")]
#[test]
fn all_of_it_can_be_tried_at_a_terminal() {
    let home = Home::new();
    let mut run = home.start_on_terminal("--demo setup");
    for number in 1..=6 {
        run.wait_for(&format!("{number}. "));
        run.type_line("");
    }
    let output = run.finish().expect(0);
    for part in [
        "logged in",
        "hr.json",
        "fitbit-hr --demo sync",
        "schedule install",
    ] {
        assert!(output.stdout.contains(part), "{part}: {}", output.stdout);
    }
    assert!(!home.below("config").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn whoever_leaves_at_a_step_is_told_how_to_go_on() {
    let home = Home::new();
    let mut run = home.start_on_terminal("setup");
    run.wait_for("1. Create a project");
    run.type_line("\u{3}");
    run.finish().expect(130);
    let mut run = home.start_on_terminal("setup --no-browser");
    for number in 1..=6 {
        run.wait_for(&format!("{number}. "));
        run.type_line("");
    }
    run.wait_for("Enter when it is downloaded");
    run.type_line("");
    run.wait_for("no client_secret*.json in");
    run.type_line("\u{4}");
    let output = run.finish().expect(77);
    assert!(
        output.stdout.contains("fitbit-hr setup"),
        "{}",
        output.stdout
    );
}
