//! Time-outs and the end of patience: the few tests that take as long as the contract says, side by side.

use crate::answers::{MINUTES, ONE_DAY, home};
use crate::server::{Reply, Server};
use std::fs;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

#[test]
fn patience_ends_as_the_contract_says() {
    thread::scope(|scope| {
        scope.spawn(an_answer_may_take_thirty_seconds_and_no_longer);
        scope.spawn(a_service_that_stays_down_is_given_up_within_about_a_minute);
        scope.spawn(an_answer_that_always_breaks_off_is_no_data);
        scope.spawn(a_lock_that_stays_held_ends_the_run_after_a_minute_and_is_named);
    });
}

/// A service that accepts connections and says nothing for ever.
fn an_answer_may_take_thirty_seconds_and_no_longer() {
    let home = home(&Server::start(), 3000);
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = silent.local_addr().expect("bound").port();
    let keys = home.read("keys.toml");
    let (before, _) = keys.split_once("api = ").expect("an API");
    home.keys(&format!("{before}api = \"http://127.0.0.1:{port}\"\n"));
    home.moved("google");
    let output = home
        .run(ONE_DAY)
        .expect(69)
        .says(&["30 s"])
        .with_one_error();
    assert!(
        output.took > Duration::from_secs(29) && output.took < Duration::from_secs(75),
        "{:?}",
        output.took
    );
}

fn a_service_that_stays_down_is_given_up_within_about_a_minute() {
    let server = Server::start();
    server.any("POST", MINUTES, |_| Reply::status(503));
    let home = home(&server, 3000);
    let output = home.run(ONE_DAY).expect(69).says(&["503"]).with_one_error();
    assert!(output.took < Duration::from_secs(75), "{:?}", output.took);
    let at: Vec<_> = server.requests().iter().map(|request| request.at).collect();
    assert!(at.len() >= 4, "{}", at.len());
    let pauses: Vec<_> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(
        pauses[pauses.len() - 1] > pauses[0] * 4,
        "pauses grow: {pauses:?}"
    );
}

/// What came of it looks like a whole answer without samples, but more was promised.
fn an_answer_that_always_breaks_off_is_no_data() {
    let server = Server::start();
    let body = "{\"rollupDataPoints\":[]}      ";
    server.any("POST", MINUTES, move |_| {
        Reply::status(200).body(body).cut_after(24)
    });
    let home = home(&server, 3000);
    home.file("fitbit_data/hr.csv", "earlier");
    let output = home.run(ONE_DAY).expect(69).with_one_error();
    assert!(output.took < Duration::from_secs(75), "{:?}", output.took);
    assert_eq!(home.read("fitbit_data/hr.csv"), "earlier");
    assert!(!home.work("fitbit_data/hr.json").exists());
}

fn a_lock_that_stays_held_ends_the_run_after_a_minute_and_is_named() {
    let server = Server::start();
    let home = home(&server, -5);
    let path = home.below("state/google-default.lock");
    let held = fs::File::create(&path).expect("made");
    held.lock().expect("free");
    let output = home
        .run(ONE_DAY)
        .expect(75)
        .says(&["google-default.lock"])
        .with_one_error();
    assert!(
        output.took > Duration::from_mins(1) && output.took < Duration::from_secs(75),
        "{:?}",
        output.took
    );
}
