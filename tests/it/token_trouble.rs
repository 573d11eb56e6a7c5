//! What must not cost a login: refusals that are not about it, damaged files, kills and full disks.

use crate::answers::{FITBIT_MINUTES, ONE_DAY, fitbit_home, fitbit_minutes, fitbit_renewed, home};
use crate::files;
use crate::program::Home;
use crate::secrets::{ACCESS_3, REFRESH, REFRESH_2};
use crate::server::{Reply, Server};
use serde_json::json;
use std::fs;
use std::time::Duration;

#[test]
fn only_the_services_word_that_the_login_is_dead_asks_for_another() {
    let oauth = |code: &str| json!({"error": code, "error_description": "about it"});
    let fitbit = |code: &str| json!({"errors": [{"errorType": code, "message": "about it"}], "success": false});
    let later = |status| Reply::status(status).with("Retry-After", "3600");
    let cases: Vec<(&str, Reply, i32)> = vec![
        (
            "invalid_grant",
            Reply::error(400, &oauth("invalid_grant")),
            77,
        ),
        (
            "invalid_grant, Fitbit's shape",
            Reply::error(400, &fitbit("invalid_grant")),
            77,
        ),
        (
            "invalid_client",
            Reply::error(401, &oauth("invalid_client")),
            78,
        ),
        (
            "invalid_client, Fitbit's shape",
            Reply::error(401, &fitbit("invalid_client")),
            78,
        ),
        (
            "invalid_request",
            Reply::error(400, &oauth("invalid_request")),
            69,
        ),
        ("403", Reply::error(403, &oauth("access_denied")), 69),
        ("403, a page", Reply::html(403), 69),
        ("404", Reply::html(404), 69),
        ("409", Reply::error(409, &fitbit("conflict")), 75),
        ("429", later(429), 75),
        ("500", later(500), 69),
        ("502", later(502), 69),
        ("503", later(503), 69),
        (
            "a redirect",
            Reply::status(307).with("Location", "https://hotel.example/"),
            76,
        ),
        ("a page", Reply::html(200), 65),
        (
            "half a token",
            Reply::json(&json!({"access_token": ACCESS_3})),
            65,
        ),
        (
            "an error in a 200",
            Reply::json(&oauth("invalid_grant")),
            65,
        ),
    ];
    for (what, reply, code) in cases {
        let server = Server::start();
        server.once("POST", "/token", move |_| reply.clone());
        let home = home(&server, -5);
        let before = fs::read(home.token_path("google")).expect("stored");
        let output = home.run(ONE_DAY);
        assert_eq!(output.code, code, "{what}: {}", output.stderr);
        let output = output.with_one_error();
        assert_eq!(
            output.stderr.contains("log in again"),
            code == 77,
            "{what}: {}",
            output.stderr
        );
        assert_eq!(
            fs::read(home.token_path("google")).expect("still there"),
            before,
            "{what}"
        );
        assert_eq!(leftovers(&home), Vec::<String>::new(), "{what}");
    }
}

/// Files in the folder of tokens that are neither a token nor a lock.
fn leftovers(home: &Home) -> Vec<String> {
    let mut names = files::names(&home.below("state"));
    names.retain(|name| name.starts_with('.'));
    names
}

#[test]
fn a_dead_login_says_what_the_service_said_and_what_to_run() {
    let server = Server::start();
    server.once("POST", "/token", |_| {
        let text =
            format!("Refresh token invalid: {REFRESH}. Visit https://dev.fitbit.com/docs/oauth2");
        Reply::error(
            400,
            &json!({"errors": [{"errorType": "invalid_grant", "message": text}], "success": false}),
        )
    });
    let home = fitbit_home(&server, -5);
    home.run(ONE_DAY)
        .expect(77)
        .says(&["invalid_grant", "(redacted)", "fitbit-hr login"])
        .with_one_error();
}

#[test]
fn a_damaged_token_file_is_named_and_left_as_it_is() {
    for content in [
        "",
        "{",
        "[]",
        "null",
        "not json at all",
        "{\"access_token\": \"half a toke",
    ] {
        let server = Server::start();
        let home = Home::google(&server, "timezone = \"UTC\"");
        home.store("google", content.as_bytes());
        let path = home.token_path("google");
        home.run(ONE_DAY)
            .expect(78)
            .says(&[&path.display().to_string()])
            .with_one_error();
        home.run(["status"]).expect(78).with_one_error();
        assert_eq!(fs::read_to_string(path).expect("still there"), content);
    }
}

#[test]
fn a_login_of_another_client_id_is_not_used() {
    let server = Server::start();
    let home = Home::google(&server, "timezone = \"UTC\"");
    home.logged_in_with(
        "google",
        3000,
        &json!({"client_id": "another.apps.googleusercontent.com"}),
    );
    home.run(ONE_DAY)
        .expect(77)
        .says(&["client id", "fitbit-hr login"])
        .with_one_error();
}

#[cfg(unix)]
#[test]
fn a_kill_in_the_middle_of_a_renewal_leaves_a_login_that_still_works() {
    let server = Server::start();
    let (over, is_over) = std::sync::mpsc::channel();
    server.once("POST", "/token", move |_| {
        is_over.recv().expect("an end");
        Reply::json(&fitbit_renewed())
    });
    // Fitbit repeats its answer to the identical request for two minutes.
    server.once("POST", "/token", |_| Reply::json(&fitbit_renewed()));
    server.once("GET", FITBIT_MINUTES, |_| fitbit_minutes());
    let home = fitbit_home(&server, -5);
    let before = fs::read(home.token_path("fitbit")).expect("stored");
    let run = home.start(ONE_DAY);
    while server.requests_to("/token").is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    run.signal("KILL");
    run.finish().expect(137);
    over.send(()).expect("a service that waits");
    assert_eq!(
        fs::read(home.token_path("fitbit")).expect("still there"),
        before
    );
    home.run(ONE_DAY).expect(0);
    let requests = server.requests_to("/token");
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(home.stored("fitbit")["refresh_token"], REFRESH_2);
}

/// Runs the program where no file can grow beyond `blocks` of 512 bytes, as on a full disk.
#[cfg(unix)]
fn on_a_full_disk(home: &Home, blocks: u32, arguments: &str) -> crate::program::Output {
    let mut command = home.other("sh");
    command.args([
        "-c",
        &format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec {} {arguments}",
            env!("CARGO_BIN_EXE_fitbit-hr")
        ),
    ]);
    crate::program::run(command)
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_noticed_before_the_refresh_token_is_spent() {
    let server = Server::start();
    let home = fitbit_home(&server, -5);
    let before = fs::read(home.token_path("fitbit")).expect("stored");
    on_a_full_disk(&home, 1, &ONE_DAY.join(" "))
        .expect(74)
        .with_one_error();
    assert_eq!(
        fs::read(home.token_path("fitbit")).expect("still there"),
        before
    );
    assert_eq!(leftovers(&home), Vec::<String>::new());
}

#[test]
fn a_folder_that_cannot_hold_the_token_is_noticed_before_the_browser_opens() {
    let server = Server::start();
    let home = Home::google(&server, "");
    let file = home.file("a-file", "");
    let home = home.with(
        "FITBIT_HR_STATE_DIR",
        &file.join("state").display().to_string(),
    );
    home.run(["login"])
        .expect(73)
        .says(&["FITBIT_HR_STATE_DIR"])
        .with_one_error()
        .never_says("--output-dir");
    assert_eq!(
        home.opened(),
        Vec::<String>::new(),
        "no code is spent for nothing"
    );
}
