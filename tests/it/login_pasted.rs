//! `login --no-browser`: the page's address on stderr, the answer pasted on stdin while the listener still listens.

use crate::answers::{google_account, token};
use crate::program::{ConsentPage, Home};
use crate::secrets::CODE;
use crate::server::{Reply, Server, browse};
use std::time::Duration;

fn service() -> Server {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&token()));
    google_account(&server);
    server
}

const ESCAPED_CODE: &str = "4%2F0AbTest-code_Zq81Lm-vvWx";

#[test]
fn the_address_of_the_page_goes_to_stderr_and_no_browser_is_opened() {
    let server = service();
    let home = Home::google(&server, "");
    let mut run = home.start(["login", "--no-browser"]);
    let page = run.consent_page();
    run.type_line(&page.back_with(&[("code", CODE)]));
    let output = run
        .finish()
        .expect(0)
        .says(&[&server.url("/authorize?"), "paste"]);
    assert_eq!(output.stdout, "");
    assert_eq!(home.opened(), Vec::<String>::new());
}

#[test]
fn whatever_a_person_copies_from_the_address_bar_is_understood() {
    type Form = fn(&ConsentPage) -> String;
    let forms: [(&str, Form); 8] = [
        ("the whole address", |page| {
            page.back_with(&[("code", CODE)])
        }),
        ("with the fragment", |page| {
            format!("{}#_=_", page.back_with(&[("code", CODE)]))
        }),
        ("with more in it", |page| {
            page.back_with(&[
                ("iss", "https://accounts.google.com"),
                ("code", CODE),
                ("scope", "a b"),
            ])
        }),
        ("the bare code", |_| CODE.to_owned()),
        ("the bare code as the address bar shows it", |_| {
            ESCAPED_CODE.to_owned()
        }),
        ("the bare code with the fragment", |_| format!("{CODE}#_=_")),
        ("in quotes and spaces", |page| {
            format!("  \"{}\" ", page.back_with(&[("code", CODE)]))
        }),
        ("with the line end of Windows", |page| {
            format!("{}\r", page.back_with(&[("code", CODE)]))
        }),
    ];
    for (what, form) in forms {
        let server = service();
        let home = Home::google(&server, "");
        let mut run = home.start(["login", "--no-browser"]);
        let pasted = form(&run.consent_page());
        run.type_line(&pasted);
        let output = run.finish();
        assert_eq!(output.code, 0, "{what}: {}", output.stderr);
        assert_eq!(
            server.requests_to("/token")[0].field("code").as_deref(),
            Some(CODE),
            "{what}"
        );
    }
}

#[test]
fn garbage_is_answered_with_a_friendly_line_and_may_be_followed_by_the_right_thing() {
    let server = service();
    let home = Home::google(&server, "");
    let mut run = home.start(["login", "--no-browser"]);
    let page = run.consent_page();
    for garbage in [
        "",
        "   ",
        "what do I do now",
        "https://accounts.google.com/",
        "http://127.0.0.1/?nothing=here",
        "q&a",
    ] {
        run.type_line(garbage);
    }
    run.wait_for("neither");
    assert!(run.is_running());
    run.type_line(&page.back_with(&[("code", CODE)]));
    run.finish().expect(0).says(&["whole address"]);
}

#[test]
fn an_address_of_another_login_is_not_used_and_the_right_one_still_is() {
    let server = service();
    let home = Home::google(&server, "");
    let mut run = home.start(["login", "--no-browser"]);
    let page = run.consent_page();
    let mut other = page.clone();
    for (name, value) in &mut other.query {
        if name == "state" {
            *value = "another-state".to_owned();
        }
    }
    run.type_line(&other.back_with(&[("code", "not-our-code")]));
    run.wait_for("another login");
    run.type_line(&page.back_with(&[("code", CODE)]));
    run.finish().expect(0);
}

#[test]
fn a_pasted_refusal_ends_the_login() {
    let server = Server::start();
    let home = Home::google(&server, "");
    let mut run = home.start(["login", "--no-browser"]);
    let pasted = run.consent_page().back_with(&[("error", "access_denied")]);
    run.type_line(&pasted);
    run.finish()
        .expect(77)
        .says(&["access_denied"])
        .with_one_error();
}

#[test]
fn the_listener_still_listens_while_a_line_is_awaited_and_after_stdin_has_ended() {
    for ends in [false, true] {
        let server = service();
        let home = Home::google(&server, "");
        let mut run = home.start(["login", "--no-browser"]);
        let page = run.consent_page();
        if ends {
            run.close_stdin();
            std::thread::sleep(Duration::from_millis(100));
            assert!(run.is_running());
        }
        assert_eq!(
            browse("GET", &page.back_with(&[("code", CODE)])).status,
            200
        );
        run.finish().expect(0);
    }
}

#[test]
fn a_foreign_address_pasted_until_the_time_out_is_a_violated_protocol() {
    let server = Server::start();
    let home = Home::google(&server, "");
    let mut run = home.start(["login", "--no-browser", "--timeout", "1"]);
    run.consent_page();
    run.type_line("http://127.0.0.1:1/?code=abc&state=foreign");
    run.finish().expect(76).with_one_error();
}

#[test]
fn quiet_still_shows_the_address_to_open() {
    let server = service();
    let home = Home::google(&server, "");
    let mut run = home.start(["login", "--no-browser", "--quiet"]);
    let pasted = run.consent_page().back_with(&[("code", CODE)]);
    run.type_line(&pasted);
    run.finish().expect(0).never_says("logged in");
}
