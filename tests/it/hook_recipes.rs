//! The recipes of `docs/hooks.md`, run as they stand there: the real `curl` against a loopback server, and stand-ins that note
//! what `mail` and `notify-send` would be given.

#![cfg(unix)]

use crate::program::Home;
use crate::server::{Reply, Server};
use crate::world::World;
use fitbit_hr::zone::Tz;
use serde_json::{Value, json};
use std::fs;

const PAGE: &str = include_str!("../../docs/hooks.md");
/// Where the pings of the page go.
const PINGS: &str = "https://hc-ping.com";

/// The recipe with this word in it.
fn recipe(word: &str) -> &'static str {
    let blocks = PAGE.split("```toml\n").skip(1);
    let mut blocks = blocks.filter_map(|block| block.split("```").next());
    blocks.find(|block| block.contains(word)).expect("a recipe")
}

/// Somebody with a login, with this recipe in a keys file that is named, and with programs that note what they are given.
fn home(server: &Server, recipe: &str) -> Home {
    let home = Home::google(server, "timezone = \"UTC\"");
    home.logged_in("google", 3000);
    let recipe = recipe.replace(PINGS, &server.url(""));
    home.keys(&format!("{}\n{recipe}", home.read("keys.toml")));
    for name in ["mail", "notify-send"] {
        let script = "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$0.arguments\"\ncat > \"$0.input\"\n";
        let path = home.file(&format!("bin/{name}"), script);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(path, mode).expect("ours");
    }
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", home.work("bin").display());
    let keys = home.work("keys.toml").display().to_string();
    home.with("PATH", &path).with("FITBIT_HR_KEYS", &keys)
}

fn world(server: &Server) {
    let mut world = World::plain("2025-03-01", 3, 600, Tz::UTC);
    // Long enough for the series to count as stopped.
    world.now += 10 * 24 * 3_600_000;
    world.share().serve(server);
    server.any("GET", "/v4/users/me/identity", |_| Reply::json(&json!({})));
}

fn json_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("the run's object")
}

#[test]
fn a_health_check_is_pinged_with_what_the_run_says() {
    let server = Server::start();
    world(&server);
    for path in ["/your-uuid", "/your-uuid/fail"] {
        server.any("POST", path, |_| Reply::status(200).body("OK"));
    }
    let home = home(&server, recipe("curl"));
    let run = ["sync", "--from", "2025-03-01", "--json"];
    let output = home.run(run).expect(0).never_says("hook");
    let pings = server.requests_to("/your-uuid");
    assert_eq!(pings.len(), 1);
    assert_eq!(json_of(&pings[0].body), output.json());

    fs::remove_file(home.token_path("google")).expect("logged out");
    home.run(["sync"]).expect(77).never_says("hook");
    let failed = server.requests_to("/your-uuid/fail");
    assert_eq!(json_of(&failed[0].body)["exit_code"], json!(77));
    assert_eq!((pings.len(), failed.len()), (1, 1));
}

#[test]
fn a_mail_has_the_object_as_its_body() {
    let server = Server::start();
    world(&server);
    let home = home(&server, recipe("mail"));
    fs::remove_file(home.token_path("google")).expect("logged out");
    home.run(["sync"]).expect(77).never_says("hook");
    let arguments = home.read("bin/mail.arguments");
    assert_eq!(arguments, "-s\nfitbit-hr failed\nme@example.org\n");
    assert_eq!(
        json_of(home.read("bin/mail.input").as_bytes())["exit_code"],
        json!(77)
    );
}

#[test]
fn a_desktop_is_told_of_a_series_that_has_stopped() {
    for recipe in [recipe("\"notify-send\", \"-u\""), recipe("DBUS_SESSION")] {
        let server = Server::start();
        world(&server);
        let home = home(&server, recipe);
        home.run(["sync", "--from", "2025-03-01"])
            .expect(0)
            .never_says("hook");
        let arguments = home.read("bin/notify-send.arguments");
        assert!(arguments.contains("A series has stopped"), "{arguments}");
        let told = json_of(home.read("bin/notify-send.input").as_bytes());
        assert_eq!(told["stale"][0]["series"], "heart_rate");
    }
}

#[test]
fn a_hook_that_leaves_something_running_ends_with_the_run() {
    let server = Server::start();
    world(&server);
    let hook =
        "[hooks]\ndone = [\"/bin/sh\", \"-c\", \"(sleep 0.3; echo late > late) & exit 0\"]\n";
    let home = home(&server, hook);
    home.run(["sync", "--from", "2025-03-01"]).expect(0);
    assert_eq!(
        home.read("late"),
        "late\n",
        "what it started was waited for"
    );
}
