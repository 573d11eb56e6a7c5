//! The listener on loopback: every call that can come while it waits, and the pages that it answers with.

use crate::answers::{google_account, token};
use crate::program::{Home, Running};
use crate::secrets::CODE;
use crate::server::{Reply, Server, browse};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

fn service() -> Server {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&token()));
    google_account(&server);
    server
}

/// The answer's host and port, and the path.
fn place(run: &Running) -> (String, String) {
    let page = run.consent_page();
    let rest = page
        .get("redirect_uri")
        .strip_prefix("http://")
        .expect("http");
    let (host, path) = rest.split_at(rest.find('/').expect("a path"));
    (host.to_owned(), path.to_owned())
}

#[test]
fn stray_calls_get_their_answer_and_do_not_end_the_wait() {
    let server = service();
    let home = Home::google(&server, "");
    let mut run = home.start(["login"]);
    let (page, (host, _)) = (run.consent_page(), place(&run));
    let good = page.back_with(&[("code", CODE)]);
    for (method, url, status) in [
        ("GET", format!("http://{host}/favicon.ico"), 404),
        (
            "GET",
            format!("http://{host}/other?code=abc&state={}", page.get("state")),
            404,
        ),
        ("GET", format!("http://{host}/"), 200),
        ("GET", format!("http://{host}/?"), 200),
        ("POST", good.clone(), 404),
        ("PUT", good.clone(), 404),
        ("GET", format!("http://{host}/?code=abc"), 400),
        ("GET", format!("http://{host}/?code=abc&state=foreign"), 400),
        (
            "GET",
            format!("http://{host}/?error=access_denied&state=foreign"),
            400,
        ),
    ] {
        let answer = browse(method, &url);
        assert_eq!(answer.status, status, "{method} {url}");
        assert!(run.is_running(), "{method} {url}");
    }
    assert_eq!(browse("GET", &good).status, 200);
    run.finish().expect(0).says(&["another login"]);
    assert_eq!(
        server.requests_to("/token")[0].field("code").as_deref(),
        Some(CODE)
    );
}

#[test]
fn idle_connections_and_a_half_request_do_not_hold_the_login() {
    let server = service();
    let home = Home::google(&server, "");
    let run = home.start(["login"]);
    let (page, (host, _)) = (run.consent_page(), place(&run));
    let idle: Vec<_> = (0..8)
        .map(|_| TcpStream::connect(&host).expect("listening"))
        .collect();
    let mut half = TcpStream::connect(&host).expect("listening");
    half.write_all(b"GET /?sta").expect("written");
    // A browser connects ahead of time, and asks later.
    std::thread::sleep(Duration::from_millis(100));
    let mut kept = TcpStream::connect(&host).expect("listening");
    kept.write_all(format!("GET /favicon.ico HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())
        .expect("written");
    assert!(kept.read(&mut [0; 64]).expect("an answer") > 0);
    assert_eq!(
        browse("GET", &page.back_with(&[("code", CODE)])).status,
        200
    );
    let output = run.finish().expect(0);
    assert!(output.took < Duration::from_mins(1), "{:?}", output.took);
    drop((idle, half, kept));
}

#[test]
fn the_code_given_twice_is_exchanged_once() {
    let server = Server::start();
    server.once("POST", "/token", |_| {
        Reply::json(&token()).after(Duration::from_millis(300))
    });
    google_account(&server);
    let home = Home::google(&server, "");
    let run = home.start(["login"]);
    let url = run.consent_page().back_with(&[("code", CODE)]);
    browse("GET", &url);
    // A browser that reloads may find nobody any more.
    let host = url
        .strip_prefix("http://")
        .and_then(|rest| rest.split('/').next())
        .expect("a host")
        .to_owned();
    if let Ok(mut again) = TcpStream::connect(host) {
        let _ = again.write_all(b"GET / HTTP/1.1\r\n\r\n");
    }
    run.finish().expect(0);
}

#[test]
fn the_pages_are_finished_readable_and_repeat_nothing_of_the_request() {
    let server = service();
    let home = Home::google(&server, "");
    let run = home.start(["login"]);
    let (page, (host, _)) = (run.consent_page(), place(&run));
    let poison = "zzpoisonzz";
    let script = format!("<script>{poison}</script>");
    let cases = [
        (format!("http://{host}/{poison}"), "Nothing here"),
        (format!("http://{host}/?x={poison}"), "waiting"),
        (
            format!("http://{host}/?code={poison}&state={poison}"),
            "another login",
        ),
        (
            format!(
                "{}&extra={poison}",
                page.back_with(&[("scope", &script), ("code", CODE)])
            ),
            "Success",
        ),
    ];
    for (url, words) in cases {
        let answer = browse("GET", &url);
        assert!(answer.body.contains(words), "{url}: {}", answer.body);
        assert!(
            !answer.body.contains(poison) && !answer.body.contains(CODE),
            "{url}: {}",
            answer.body
        );
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        for part in [
            "<!doctype html>",
            "<title>",
            "lang=\"en\"",
            "viewport",
            "</html>",
        ] {
            assert!(answer.body.contains(part), "{part}: {}", answer.body);
        }
        // Finished: it needs nothing from elsewhere, and runs nothing.
        for part in ["<script", "src=", "<link", "http://", "https://"] {
            assert!(!answer.body.contains(part), "{part}: {}", answer.body);
        }
    }
    run.finish().expect(0);
}

#[test]
fn a_refusal_ends_the_login_with_a_page_of_its_own() {
    for (values, says) in [
        (vec![("error", "access_denied")], "access_denied"),
        (
            vec![
                ("error_description", "The user denied the request."),
                ("error", "access_denied"),
            ],
            "The user denied the request.",
        ),
        (
            vec![
                ("error", "org_internal"),
                ("error_description", "red \u{1b}[31m text"),
            ],
            "org_internal",
        ),
    ] {
        let server = Server::start();
        let home = Home::google(&server, "");
        let run = home.start(["login"]);
        let answer = browse("GET", &run.consent_page().back_with(&values));
        assert_eq!(answer.status, 200);
        assert!(
            answer.body.contains("Not logged in") && !answer.body.contains(says),
            "{}",
            answer.body
        );
        let output = run
            .finish()
            .expect(77)
            .says(&[says, "fitbit-hr login"])
            .with_one_error();
        assert!(!output.stderr.contains('\u{1b}'));
        assert!(!home.token_path("google").exists());
    }
}

#[test]
fn a_wait_in_vain_ends_with_the_likely_causes() {
    let server = Server::start();
    let home = Home::google(&server, "");
    let run = home.start(["login", "--timeout", "1"]);
    let page = run.consent_page();
    run.finish()
        .expect(77)
        .says(&[page.get("redirect_uri"), "registered", "showed an error"])
        .with_one_error();
}

#[test]
fn a_wait_with_nothing_but_foreign_states_is_a_violated_protocol() {
    let server = Server::start();
    let home = Home::google(&server, "");
    let run = home.start(["login", "--timeout", "1"]);
    let (host, _) = place(&run);
    for query in [
        "code=abc&state=foreign",
        "code=abc",
        "error=access_denied&state=foreign",
    ] {
        browse("GET", &format!("http://{host}/?{query}"));
    }
    run.finish().expect(76).says(&["state"]).with_one_error();
    assert!(!home.token_path("google").exists());
}

#[test]
fn a_taken_port_is_named_before_the_browser_opens() {
    for host in ["127.0.0.1", "localhost"] {
        let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = taken.local_addr().expect("bound").port();
        let server = Server::start();
        let home = Home::google(
            &server,
            &format!("redirect_url = \"http://{host}:{port}/\""),
        );
        home.run(["login"])
            .expect(78)
            .says(&[&port.to_string(), "redirect_url"])
            .with_one_error();
        assert_eq!(home.opened(), Vec::<String>::new());
    }
}

#[test]
fn localhost_is_answered_in_both_families() {
    if TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    for host in ["127.0.0.1", "[::1]"] {
        let server = service();
        let port = crate::program::free_port();
        let home = Home::google(
            &server,
            &format!("redirect_url = \"http://localhost:{port}/\""),
        );
        let run = home.start(["login"]);
        let back = run.consent_page().back_with(&[("code", CODE)]);
        assert_eq!(browse("GET", &back.replace("localhost", host)).status, 200);
        run.finish().expect(0);
    }
}

#[test]
fn a_login_that_fails_leaves_the_earlier_one() {
    let server = Server::start();
    server.once("POST", "/token", |_| {
        Reply::error(400, &serde_json::json!({"error": "invalid_grant"}))
    });
    let home = Home::google(&server, "");
    home.logged_in("google", 3000);
    let before = std::fs::read(home.token_path("google")).expect("stored");
    for answer in [("error", "access_denied"), ("code", CODE)] {
        let run = home.start(["login"]);
        browse("GET", &run.consent_page().back_with(&[answer]));
        run.finish().expect(77);
        assert_eq!(
            std::fs::read(home.token_path("google")).expect("still there"),
            before
        );
    }
}

#[test]
fn the_listener_is_on_loopback_alone() {
    let server = Server::start();
    let home = Home::google(&server, "");
    let run = home.start(["login"]);
    let port: u16 = place(&run)
        .0
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port");
    // An address of this machine that is not loopback, if it has one; nothing is sent by connecting a datagram socket.
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").expect("a socket");
    let outside = socket
        .connect("192.0.2.1:9")
        .and_then(|()| socket.local_addr());
    if let Ok(address) = outside.map(|address| address.ip())
        && !address.is_loopback()
    {
        let reached =
            TcpStream::connect_timeout(&(address, port).into(), Duration::from_millis(500));
        assert!(reached.is_err());
    }
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_wait() {
    let server = Server::start();
    let home = Home::google(&server, "");
    for arguments in [vec!["login"], vec!["login", "--no-browser"]] {
        let run = home.start(arguments);
        run.consent_page();
        run.signal("INT");
        run.finish().expect(130).with_one_error();
    }
    assert!(!home.token_path("google").exists());
}
