//! Mistakes on the command line: found before any request, with exit code 2.

use crate::answers::home;
use crate::program::Home;
use crate::server::Server;
use chrono::{TimeDelta, Utc};

/// Each is wrong; the second part is in what the program says about it.
const WRONG: [(&[&str], &str); 41] = [
    (&["2017-02-30"], "no such date"),
    (&["2023-02-29"], "no such date"),
    (&["2017-13-01"], "no such date"),
    (&["2017-6-1"], "YYYY-MM-DD"),
    (&["01.06.2017"], "YYYY-MM-DD"),
    (&["20170601"], "YYYY-MM-DD"),
    (&["2017-06-01T00:00"], "YYYY-MM-DD"),
    (&["tomorrow"], "YYYY-MM-DD"),
    (&["sycn"], "no command is called so"),
    (&[""], "YYYY-MM-DD"),
    (&["2006-12-31"], "2007-01-01"),
    (&["9999-12-31"], "future"),
    (&["2017-06-01", "2min"], "15min"),
    (&["2017-06-01", "1SEC"], "1sec"),
    (&["2017-06-01", "1min", "more"], "more"),
    (&["2017-06-01", "--stdout", "xml"], "csv"),
    (&["2017-06-01", "--stdout", "csv", "--json"], "--json"),
    (
        &["2017-06-01", "--stdout", "json", "--fields", "day"],
        "--fields",
    ),
    (&["2017-06-01", "--fields", "day,pulse"], "pulse"),
    (&["2017-06-01", "--fields", ""], "--fields"),
    (&["--extract", "stepps"], "did you mean steps"),
    (&["--extract", "sleep,"], "name is missing"),
    (
        &["--extract", "steps", "2017-06-01", "1sec"],
        "1min, 5min, 15min",
    ),
    (&["--extract", "sleep", "2017-06-01", "1min"], "a session"),
    (&["--extract", "sleep,steps", "--fields", "day"], "--fields"),
    (
        &["--extract", "steps", "--fields", "day,hr"],
        "choose from day,time,steps,end,utc,offset,source",
    ),
    (&["--extract", "steps", "--fields", "day,day"], "twice"),
    (&["--extract", "sleep,steps", "--stdout", "csv"], "--stdout"),
    (&["--between", "18:52", "18:05"], "--between"),
    (&["--between", "18:05", "25:00"], "24:00"),
    (
        &["--extract", "hrv_daily", "--between", "18:05", "18:52"],
        "no time of day",
    ),
    (&["--during", "steps"], "sessions"),
    (&["--during", "exercise", "--extract", "sleep"], "neither"),
    (&["--frobnicate"], "--frobnicate"),
    (&["--color", "sometimes"], "always"),
    (&["--profile", ""], "--profile"),
    (&["--profile", "../../etc"], "--profile"),
    (&["login", "--timeout", "0"], "--timeout"),
    (&["login", "--timeout", "soon"], "--timeout"),
    (&["login", "extra"], "extra"),
    (&["--stdout", "csv", "status"], "--stdout"),
];

#[test]
fn every_mistake_is_found_before_any_request_and_before_the_keys_file() {
    let server = Server::start();
    for home in [Home::new(), home(&server, -5)] {
        for (arguments, says) in WRONG {
            let output = home.run(arguments);
            assert_eq!(output.code, 2, "{arguments:?}: {}", output.stderr);
            assert_eq!(output.stdout, "", "{arguments:?}");
            output.says(&["error: ", says]);
        }
        assert!(!home.work("fitbit_data").exists());
    }
    assert!(server.requests().is_empty());
}

#[test]
fn the_future_begins_at_the_wearers_midnight() {
    let day = |zone: fitbit_hr::zone::Tz, days| {
        (Utc::now().with_timezone(&zone).date_naive() + TimeDelta::days(days)).to_string()
    };
    let server = Server::start();
    let home = Home::google(&server, "");
    for zone in [
        fitbit_hr::zone::Tz::of("Pacific/Kiritimati"),
        fitbit_hr::zone::Tz::of("Pacific/Pago_Pago"),
        fitbit_hr::zone::Tz::UTC,
    ] {
        let home = Home::google(&server, "").with("TZ", zone.name());
        home.run([day(zone, 1)])
            .expect(2)
            .says(&["future", zone.name()]);
        // Today is no mistake; there is just nobody logged in.
        home.run([day(zone, 0)]).expect(77);
    }
    // The keys file's zone comes before this machine's, and the account's before both.
    let zone = fitbit_hr::zone::Tz::of("Pacific/Kiritimati");
    home.keys(&format!(
        "timezone = \"{}\"\n{}",
        zone.name(),
        home.read("keys.toml")
    ));
    home.run([day(zone, 0)]).expect(77);
    home.run([day(zone, 1)]).expect(2);
}

#[test]
fn a_day_that_the_clocks_skipped_is_no_day() {
    let server = Server::start();
    let home = Home::google(&server, "timezone = \"Pacific/Apia\"");
    home.run(["2011-12-30"]).expect(2).says(&["2011-12-30"]);
}

#[test]
fn the_first_date_that_is_taken_is_the_first_of_2007() {
    let home = Home::google(&Server::start(), "");
    home.run(["2007-01-01"]).expect(77);
}
