//! How long a service is waited for, with limits short enough to wait for in a test.

use crate::server::{Reply, Server};
use fitbit_hr::environment::Network;
use fitbit_hr::http::{Answer, Fault, FaultKind, Http, Kind, Route, TimeLimits};
use fitbit_hr::progress::{Event, Listen};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

const LIMITS: TimeLimits = TimeLimits {
    answer: Duration::from_millis(200),
    tries: Duration::from_millis(600),
};

#[derive(Debug)]
struct Nobody;

impl Listen for Nobody {
    fn hear(&self, _: Event<'_>) {}
}

/// Asks for `url` until somebody gives up.
fn ask(url: &str) -> Result<Answer, Fault> {
    let http = Http::new(
        1000.0,
        Route::PlainLoopback,
        &Network::default(),
        Arc::new(Nobody),
    );
    let http = http.expect("a client").within(LIMITS);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(http.send(Kind::Api, http.client().get(url)))
}

#[test]
fn an_answer_may_take_thirty_seconds_and_all_tries_a_minute() {
    let limits = TimeLimits::default();
    assert_eq!(
        (limits.answer, limits.tries),
        (Duration::from_secs(30), Duration::from_mins(1))
    );
}

#[test]
fn a_service_that_accepts_and_says_nothing_is_given_up_and_told_of() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = silent.local_addr().expect("bound");
    let fault = ask(&format!("http://{address}/")).expect_err("nothing was said");
    assert_eq!(fault.kind, FaultKind::TimedOut);
    assert_eq!(
        fault.cause,
        format!("{address} did not answer within 0.2 s")
    );
}

#[test]
fn a_service_that_stays_down_is_given_up_after_some_tries() {
    let server = Server::start();
    server.any("GET", "/", |_| Reply::status(503));
    let answer = ask(&server.url("/")).expect("an answer");
    assert_eq!(answer.status, 503);
    let requests = server.requests().len();
    assert!((2..=3).contains(&requests), "{requests}");
}

/// What came of it looks like a whole answer, but more was promised.
#[test]
fn an_answer_that_always_breaks_off_is_no_answer() {
    let server = Server::start();
    let body = "{\"rollupDataPoints\":[]}      ";
    server.any("GET", "/", move |_| {
        Reply::status(200).body(body).cut_after(24)
    });
    let fault = ask(&server.url("/")).expect_err("it broke off");
    assert_eq!(fault.kind, FaultKind::Broken);
    assert!(server.requests().len() >= 2);
}
