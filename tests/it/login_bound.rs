//! A login goes only where it came from: keys that name another client or another origin get neither a token nor a secret.

use crate::answers::{MINUTES, ONE_DAY, home, minutes, token};
use crate::program::{Home, Output};
use crate::secrets::CODE;
use crate::server::{Reply, Server};
use serde_json::{Value, json};

/// The keys file of `home` with one endpoint that leads to `evil`.
fn lead(home: &Home, endpoint: &str, evil: &Server) {
    let keys = home.read("keys.toml");
    let lines = keys.lines().map(|line| {
        if line.starts_with(&format!("{endpoint} = ")) {
            format!("{endpoint} = \"{}\"", evil.url("/x"))
        } else {
            line.to_owned()
        }
    });
    let keys: Vec<_> = lines.collect();
    home.keys(&keys.join("\n"));
}

fn refused(output: Output, what: &str) {
    assert_eq!(output.code, 77, "{what}: {}", output.stderr);
    output.with_one_error().says(&["nothing was sent"]);
}

#[test]
fn a_keys_file_that_names_another_place_gets_nothing() {
    for endpoint in ["api", "token", "revoke"] {
        for seconds in [3000, -5] {
            // Neither server expects a call: any is a failure.
            let (server, evil) = (Server::start(), Server::start());
            let home = home(&server, seconds);
            lead(&home, endpoint, &evil);
            for arguments in [&ONE_DAY[..], &["sync"], &["logout"]] {
                refused(home.run(arguments), endpoint);
            }
            refused(
                home.run([&["--keys", "keys.toml"], &ONE_DAY[..]].concat()),
                endpoint,
            );
            let status = home.run(["status", "--json"]).expect(0).json();
            assert_eq!(status["logged_in"], false);
            let problem = status["problem"].as_str().unwrap_or_default().to_owned();
            assert!(problem.contains(&evil.url("")), "{problem}");
            home.run(["status"]).expect(0).says(&["not usable"]);
            assert!(home.token_path("google").exists());
        }
    }
}

#[test]
fn doctor_sends_nothing_to_a_place_that_the_login_did_not_come_from() {
    let (server, evil) = (Server::start(), Server::start());
    let home = home(&server, 3000);
    lead(&home, "api", &evil);
    home.run(["doctor"]).expect(77).says(&[&evil.url("")]);
}

#[test]
fn a_login_of_an_earlier_version_is_not_carried_to_the_folders_own_keys_file() {
    let server = Server::start();
    let home = home(&server, 3000);
    let forget = || {
        let mut stored = home.stored("google");
        stored["origins"] = Value::Null;
        home.store("google", stored.to_string().as_bytes());
    };
    forget();
    refused(home.run(ONE_DAY), "unbound");
    // Named, it is the user's own word; and from then on the login is bound.
    server.times(2, "POST", MINUTES, |_| minutes());
    home.run([&["--keys", "keys.toml"], &ONE_DAY[..]].concat())
        .expect(0);
    assert_eq!(home.stored("google")["origins"]["api"], server.url(""));
    home.run(ONE_DAY).expect(0);
}

#[test]
fn a_new_login_is_bound_and_a_run_with_it_works() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&token()));
    crate::answers::google_account(&server);
    let home = Home::google(&server, "");
    let mut run = home.start(["login", "--no-browser"]);
    let page = run.consent_page();
    run.type_line(&page.back_with(&[("code", CODE), ("iss", &server.url(""))]));
    run.finish().expect(0);
    let origin = server.url("");
    assert_eq!(
        home.stored("google")["origins"],
        json!({"token": origin, "revoke": origin, "api": origin})
    );
}

#[test]
fn another_client_in_the_keys_is_said_by_status_doctor_and_schedule_as_by_a_run() {
    let server = Server::start();
    let home = home(&server, 3000);
    let keys = home
        .read("keys.toml")
        .replace("123456789012-test", "999-other");
    home.keys(&keys);
    home.run(ONE_DAY).expect(77).says(&["client id"]);
    home.run(["schedule", "install"])
        .expect(77)
        .says(&["client id"]);
    home.run(["status"]).expect(0).says(&["client id"]);
    assert_eq!(
        home.run(["status", "--json"]).expect(0).json()["logged_in"],
        false
    );
}

#[test]
fn an_answer_of_another_issuer_violates_the_protocol() {
    let server = Server::start();
    let home = Home::google(&server, "");
    let mut run = home.start(["login", "--no-browser"]);
    let back = run
        .consent_page()
        .back_with(&[("code", CODE), ("iss", "https://evil.example")]);
    run.type_line(&back);
    run.finish()
        .expect(76)
        .says(&["https://evil.example"])
        .with_one_error();
}

#[test]
fn a_web_client_without_an_address_on_this_machine_is_found_before_the_browser_opens() {
    for uris in [
        json!(["https://www.google.com"]),
        json!([]),
        json!(["http://localhost.example/"]),
    ] {
        let server = Server::start();
        let home = Home::google(&server, "");
        let web = json!({"web": {"client_id": "1-x.apps.googleusercontent.com", "client_secret": "GOCSPX-of-the-web-1", "redirect_uris": uris}});
        home.file("client_secret.json", web.to_string());
        home.keys("client_file = \"client_secret.json\"");
        home.run(["login"])
            .expect(78)
            .says(&["redirect_url"])
            .with_one_error();
        assert!(home.opened().is_empty());
    }
}

#[test]
fn a_broken_paste_is_joined_and_a_stray_word_is_waited_past() {
    let server = Server::start();
    server.once("POST", "/token", |request| {
        assert_eq!(request.field("code").as_deref(), Some(CODE));
        Reply::json(&token())
    });
    crate::answers::google_account(&server);
    let home = Home::google(&server, "");
    let mut run = home.start(["login", "--no-browser"]);
    let back = run.consent_page().back_with(&[("code", CODE)]);
    run.type_line("yes");
    run.wait_for("neither the address");
    let (first, rest) = back.split_at(back.find("code=").expect("a code") + 9);
    let (second, third) = rest.split_at(6);
    run.type_line(&format!("{first}\n  {second}\n{third}"));
    run.finish().expect(0);
}

#[test]
fn the_end_of_input_is_said_and_a_time_out_names_the_way_without_a_browser() {
    let server = Server::start();
    let home = Home::google(&server, "");
    home.run(["login", "--no-browser", "--timeout", "1"])
        .expect(77)
        .says(&["standard input has ended", "--no-browser", "ssh -L"]);
}
