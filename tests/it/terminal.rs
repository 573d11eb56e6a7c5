//! A person at a terminal, played through a pseudo-terminal.

#![cfg(target_os = "linux")]

use crate::answers::{CSV, MINUTES, google_account, minutes, token};
use crate::program::{ConsentPage, Home, google_scopes};
use crate::secrets::CODE;
use crate::server::{Reply, Request, Server, browse};

fn service() -> Server {
    let server = Server::start();
    server.once("POST", "/token", |_| {
        let mut token = token();
        token["scope"] = google_scopes()[0].clone().into();
        Reply::json(&token)
    });
    google_account(&server);
    server
}

/// The consent page, on which the person agrees at once.
fn consent(request: &Request) -> Reply {
    let page = ConsentPage {
        page: String::new(),
        query: request.query.clone(),
    };
    Reply::status(302).with("Location", &page.back_with(&[("code", CODE)]))
}

#[test]
fn the_main_job_logs_in_by_itself_where_somebody_sits_at_a_terminal() {
    let server = service();
    server.once("GET", "/authorize", consent);
    server.once("POST", MINUTES, |_| minutes());
    let home =
        Home::google(&server, "timezone = \"UTC\"").browser("exec curl -sSL -o /dev/null \"$1\"");
    let run = home.start_on_terminal("2017-06-01 1min --no-summary");
    let output = run.finish().expect(0);
    assert!(
        output.stdout.contains("wrote fitbit_data/hr.json"),
        "{}",
        output.stdout
    );
    assert_eq!(home.read("fitbit_data/hr.csv"), CSV);
    assert_eq!(home.opened().len(), 1);
    // What is asked for once is not asked for again.
    server.once("POST", MINUTES, |_| minutes());
    home.run(["2017-06-01", "1min", "--no-summary"]).expect(0);
}

#[test]
fn an_answer_that_a_browser_brings_ends_the_wait_for_a_pasted_one() {
    let server = service();
    let home = Home::google(&server, "");
    let run = home.start_on_terminal("login --no-browser");
    browse("GET", &run.consent_page().back_with(&[("code", CODE)]));
    let output = run.finish().expect(0);
    assert!(output.stdout.contains("logged in"), "{}", output.stdout);
}

#[test]
fn ctrl_c_at_the_terminal_ends_the_wait_for_the_browser() {
    let server = Server::start();
    let home = Home::google(&server, "");
    let mut run = home.start_on_terminal("2017-06-01");
    run.consent_page();
    run.type_line("\u{3}");
    let output = run.finish().expect(130);
    assert!(output.stdout.contains("interrupted"), "{}", output.stdout);
}

#[test]
fn no_color_is_honoured_on_a_terminal_too() {
    for (name, value, coloured) in [
        ("A", "", true),
        ("NO_COLOR", "1", false),
        ("NO_COLOR", "", true),
    ] {
        let home = Home::new().with(name, value);
        let output = home.start_on_terminal("").finish().expect(78);
        assert_eq!(
            output.stdout.contains("\u{1b}["),
            coloured,
            "{name}={value}: {:?}",
            output.stdout
        );
    }
}
