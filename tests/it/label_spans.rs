//! Spans with a label and no amount: where they end, and what of them lies in a window of the clock.

use crate::program::{Home, run};
use crate::series_archive::{Filled, june};
use crate::series_day::{home, interval, points};
use crate::server::Server;
use serde_json::json;

fn stdout(home: &Home, arguments: &str) -> String {
    run(home.command(arguments.split_whitespace()))
        .expect(0)
        .stdout
}

/// An afternoon at a desk, and an evening before that ends at half past one.
fn desk(server: &Server) {
    let spans = [
        ("2017-05-31T22:30:00Z", "2017-06-01T01:30:00Z"),
        ("2017-06-01T13:00:00Z", "2017-06-01T18:00:00Z"),
    ];
    let span =
        |(start, end): (&str, &str)| json!({"sedentaryPeriod": {"interval": interval(start, end)}});
    points(server, "sedentary-period", spans.map(span).to_vec());
}

#[test]
fn a_day_shows_where_they_end_if_asked() {
    let server = Server::start();
    desk(&server);
    let home = home(&server, &["activity_and_fitness"]);
    let day = "--extract sedentary 2017-06-01 --stdout csv";
    assert_eq!(stdout(&home, day), "day,time\n2017-06-01,13:00:00\n");
    assert_eq!(
        stdout(&home, &format!("{day} --fields time,end,utc")),
        "time,end,utc\n13:00:00,2017-06-01 18:00:00,2017-06-01T13:00:00Z\n"
    );
}

#[test]
fn a_window_of_a_day_has_what_of_them_lies_in_it() {
    let server = Server::start();
    desk(&server);
    let home = home(&server, &["activity_and_fitness"]);
    for (window, expected) in [
        // Inside of one, over the end of one, over the end of one of the evening before, and where there is none.
        ("15:10 15:20", "2017-06-01,15:10:00,2017-06-01 15:20:00\n"),
        ("17:45 20:00", "2017-06-01,17:45:00,2017-06-01 18:00:00\n"),
        ("00:20 05:00", "2017-06-01,00:20:00,2017-06-01 01:30:00\n"),
        ("18:00 19:00", ""),
    ] {
        let csv = stdout(
            &home,
            &format!(
                "--extract sedentary 2017-06-01 --fields day,time,end --stdout csv --between {window}"
            ),
        );
        assert_eq!(csv, format!("day,time,end\n{expected}"), "{window}");
    }
    let csv = "--extract sedentary 2017-06-01 15min --stdout csv --between 17:40 23:00";
    assert_eq!(
        stdout(&home, csv),
        "day,time,seconds\n2017-06-01,17:40:00,300\n2017-06-01,17:45:00,900\n"
    );
}

#[test]
fn an_export_cuts_them_in_files_of_a_day_and_of_a_year() {
    let home = Home::new();
    june(&home);
    Filled::of(&home).year(
        "sedentary",
        2026,
        &[("2026-06-01", "2026-06-03")],
        &[
            "local_time=2026-06-01T22:00:00 utc_offset=7200 end_time=2026-06-02T04:00:00",
            "local_time=2026-06-03T05:00:00 utc_offset=7200 end_time=2026-06-03T05:00:00",
        ],
    );
    let window = "--between 00:10 06:15 --fields day,time,end";
    for (arguments, expected) in [
        (
            "time_in_zone --fields time,end,zone --between 00:10 00:22",
            "time,end,zone\n00:10:00,2026-06-02 00:20:00,LIGHT\n00:20:00,2026-06-02 00:22:00,PEAK\n",
        ),
        (
            "time_in_zone --detail 5min --between 00:12 00:22",
            "day,time,zone,seconds\n2026-06-02,00:12:00,LIGHT,180\n2026-06-02,00:15:00,LIGHT,300\n2026-06-02,00:20:00,PEAK,120\n",
        ),
        (
            &format!("sedentary {window}"),
            "day,time,end\n2026-06-02,00:10:00,2026-06-02 06:00:00\n2026-06-03,05:00:00,2026-06-03 06:15:00\n",
        ),
        // The evening before belongs to a day that is not wanted.
        (
            &format!("sedentary --from 2026-06-02 --to 2026-06-02 {window}"),
            "day,time,end\n2026-06-02,00:10:00,2026-06-02 06:00:00\n",
        ),
    ] {
        let csv = stdout(&home, &format!("export --extract {arguments}"));
        assert_eq!(csv, expected, "{arguments}");
    }
    let lines = stdout(
        &home,
        "export --extract sedentary --format ndjson --between 23:00 23:30 --fields time,end",
    );
    assert_eq!(
        lines,
        "{\"time\":\"23:00:00\",\"end\":\"2026-06-01 23:30:00\"}\n"
    );
}

#[test]
fn a_workout_has_what_of_them_lies_in_it() {
    let server = Server::start();
    desk(&server);
    let exercise = |start: &str, end: &str, kind: &str| json!({"exercise": {"interval": interval(start, end), "exerciseType": kind}});
    points(
        &server,
        "exercise",
        vec![
            exercise("2017-06-01T01:00:00Z", "2017-06-01T02:00:00Z", "YOGA"),
            exercise(
                "2017-06-01T17:50:00Z",
                "2017-06-01T18:20:00Z",
                "ROWING_MACHINE",
            ),
        ],
    );
    let home = home(&server, &["activity_and_fitness"]);
    let fields = ["--fields", "day,time,end"];
    let during = [
        "2017-06-01",
        "--during",
        "exercise",
        "--extract",
        "sedentary",
    ];
    home.run([&during[..], &fields[..]].concat()).expect(0);
    for (name, row) in [
        ("0100-yoga", "01:00:00,2017-06-01 01:30:00"),
        ("1750-row", "17:50:00,2017-06-01 18:00:00"),
    ] {
        let csv = home.read(&format!("fitbit_data/sedentary-2017-06-01T{name}.csv"));
        assert_eq!(csv, format!("day,time,end\n2017-06-01,{row}\n"));
    }
    home.run([&during[..], &["15min"]].concat()).expect(0);
    assert_eq!(
        home.read("fitbit_data/sedentary-2017-06-01T1750-row.csv"),
        "day,time,seconds\n2017-06-01,17:50:00,600\n"
    );
}
