//! `study enrol` of the real binary: a consent on the phone, an account once only, and nothing kept of what is refused.

use crate::answers::{google_account, token};
use crate::cohort::STUDY;
use crate::program::Home;
use crate::secrets::CODE;
use crate::server::{Reply, Server};
use std::fs;

fn coordinator() -> (Home, Server) {
    let server = Server::start();
    server.any("POST", "/token", |_| Reply::json(&token()));
    google_account(&server);
    let home = Home::google(&server, "");
    home.file("study.toml", STUDY);
    (home, server)
}

fn enrol(home: &Home, id: &str) -> crate::program::Output {
    let mut run = home.start(["study", "enrol", id]);
    let page = run.consent_page();
    run.type_line(&page.back_with(&[("code", CODE)]));
    run.finish()
}

#[test]
fn a_consent_is_taken_as_it_is_pasted_and_the_login_is_for_its_owner_alone() {
    let (home, server) = coordinator();
    enrol(&home, "P001")
        .expect(0)
        .says(&["P001", &server.url("/authorize?"), "paste"]);
    assert_eq!(home.opened(), Vec::<String>::new());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &str| {
            fs::metadata(home.work(path))
                .expect("there")
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!((mode("tokens"), mode("tokens/P001.json")), (0o700, 0o600));
    }
    let stored: serde_json::Value =
        serde_json::from_str(&home.read("tokens/P001.json")).expect("a login");
    assert_eq!(
        (&stored["account"], &stored["timezone"]),
        (&"111111256096816351".into(), &"America/New_York".into())
    );
    for (name, bytes) in crate::cohort::files(&home.work("data")) {
        assert!(
            !String::from_utf8_lossy(&bytes).contains("111111256096816351"),
            "{name}"
        );
    }
    // The same participant again: a login that had ended.
    enrol(&home, "P001").expect(0);
}

#[test]
fn an_account_takes_part_once() {
    let (home, server) = coordinator();
    enrol(&home, "P001").expect(0);
    enrol(&home, "P002")
        .expect(78)
        .with_one_error()
        .says(&["as P001", "study enrol P001"]);
    assert!(!home.work("tokens/P002.json").exists());
    assert!(home.work("tokens/P001.json").exists());
    assert!(
        server.requests_to("/revoke").is_empty(),
        "that would end the other login"
    );
}

#[test]
fn a_bad_id_is_a_usage_error_before_anything_is_asked() {
    let (home, server) = coordinator();
    for id in ["1", "P 1", "P/1", "", &"P".repeat(65)] {
        home.run(["study", "enrol", id]).expect(2);
    }
    home.run(["study", "enrol"]).expect(2);
    assert!(server.requests().is_empty());
    enrol(&home, "P001").expect(0);
    home.run(["study", "enrol", "p001"])
        .expect(2)
        .says(&["case alone"]);
}

#[test]
fn stdin_that_ends_before_an_answer_ends_the_wait() {
    let (home, server) = coordinator();
    for typed in ["", "hello\n", "http://127.0.0.1:9/?state=another&code=x\n"] {
        let mut run = home.start(["study", "enrol", "P001"]);
        run.consent_page();
        if !typed.is_empty() {
            run.type_line(typed.trim_end());
        }
        run.close_stdin();
        let output = run.finish().expect(77);
        assert!(output.took < std::time::Duration::from_mins(1));
        output.says(&[
            "could not log in",
            "standard input ended",
            "paste the address",
        ]);
    }
    assert!(server.requests_to("/token").is_empty());
    assert!(!home.work("tokens/P001.json").exists());
}

#[test]
fn what_to_do_next_is_said_in_the_words_of_the_study() {
    let (home, _server) = coordinator();
    // The person says no on the page of the service.
    let mut run = home.start(["study", "enrol", "P001", "--study", "study.toml"]);
    let page = run.consent_page();
    run.type_line(&page.back_with(&[("error", "access_denied")]));
    run.finish()
        .expect(77)
        .with_one_error()
        .says(&["fitbit-hr study enrol ID --study study.toml"])
        .never_says("fitbit-hr login");
    // A place for logins, or for data, that cannot be made: a file stands there.
    home.file("taken", "");
    home.file(
        "study.toml",
        STUDY.replace("\"tokens\"", "\"taken/tokens\""),
    );
    home.run(["study", "enrol", "P001"])
        .expect(73)
        .with_one_error()
        .says(&["'tokens' in study.toml"])
        .never_says("FITBIT_HR_STATE_DIR");
    home.file("study.toml", STUDY.replace("\"data\"", "\"taken/data\""));
    enrol(&home, "P001")
        .expect(73)
        .with_one_error()
        .says(&["'store' in study.toml"])
        .never_says("--output-dir");
}
