//! `plot` through the binary: where days come from, where pictures go, and what is refused.

use crate::program::{Home, run};
use serde_json::{Value, json};
use std::fs;

const DAY: &str = "2017-06-01";

#[test]
fn a_day_comes_from_the_archive_without_a_login_or_a_request() {
    let home = Home::new();
    home.run([
        "--demo", "sync", "--from", DAY, "--to", DAY, "--detail", "1min",
    ])
    .expect(0);
    // No keys file, no service: only the archive can have it.
    let report = home
        .run(["--demo", "plot", DAY, "-o", "day.svg", "--json"])
        .expect(0)
        .json();
    assert_eq!(report["requests"], json!(0));
    assert_eq!(report["days"], json!(1));
    assert_eq!(report["picture"], json!("day"));
    let csv = home
        .run(["--demo", DAY, "1min", "--stdout", "csv"])
        .expect(0)
        .stdout;
    let rates: Vec<_> = csv
        .lines()
        .skip(1)
        .filter_map(|line| line.rsplit(',').next()?.parse::<u16>().ok())
        .collect();
    assert_eq!(report["samples"], json!(rates.len()));
    assert_eq!(report["min_bpm"], json!(rates.iter().min()));
    assert_eq!(report["max_bpm"], json!(rates.iter().max()));
    let svg = fs::read_to_string(home.work("day.svg")).expect("written");
    assert!(svg.contains("Thursday, 1 June 2017"));
}

#[test]
fn zones_are_kept_in_the_archive_and_shown_from_there() {
    let home = Home::new();
    home.run(["--demo", DAY, "1min"]).expect(0);
    let hr = fs::read(home.work("demo_data/hr.json")).expect("written");
    let hr: Value = serde_json::from_slice(&hr).expect("JSON");
    let mut known = hr["activities-heart"][0]["value"]["heartRateZones"].clone();
    home.run(["--demo", "sync", "--from", DAY, "--to", DAY])
        .expect(0);
    let export = home
        .run(["--demo", "export", "--format", "json"])
        .expect(0)
        .stdout;
    let export: Value = serde_json::from_str(&export).expect("JSON");
    let kept = &export[0]["activities-heart"][0]["value"]["heartRateZones"];
    for zone in known.as_array_mut().expect("zones") {
        let zone = zone.as_object_mut().expect("a zone");
        zone.remove("minutes").expect("known to the service alone");
        zone.remove("caloriesOut")
            .expect("known to the service alone");
    }
    assert_eq!(kept, &known);
    // The service gives the same samples and limits, and the minutes in each zone, which text does not show.
    let fresh = Home::new().run(["--demo", "plot", DAY]).expect(0).stdout;
    assert_eq!(home.run(["--demo", "plot", DAY]).expect(0).stdout, fresh);
    for format in ["svg", "term", "html"] {
        let text = home
            .run(["--demo", "plot", DAY, "--format", format])
            .expect(0)
            .stdout;
        assert!(text.contains("Cardio"), "{format}");
    }
}

#[test]
fn the_extension_says_what_to_draw_unless_the_format_does() {
    let home = Home::new();
    let begins = |name: &str| fs::read(home.work(name)).expect("written");
    for (name, magic) in [
        ("a.svg", &b"<svg "[..]),
        ("a.html", b"<!doctype html>"),
        ("a.PNG", b"\x89PNG\r\n\x1a\n"),
        ("a.txt", b" Thursday"),
    ] {
        home.run(["--demo", "plot", DAY, "-o", name])
            .expect(0)
            .says(&["wrote"]);
        assert!(begins(name).starts_with(magic), "{name}");
    }
    home.run(["--demo", "plot", DAY, "--format", "svg", "-o", "a.dat"])
        .expect(0);
    assert!(begins("a.dat").starts_with(b"<svg "));
    let stdout = home
        .run(["--demo", "plot", DAY, "--format", "svg"])
        .expect(0);
    assert_eq!(stdout.stdout.as_bytes(), begins("a.dat"));
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_read() {
    let home = Home::new();
    for arguments in [
        &["plot", DAY, "-o", "a.jpg"][..],
        &["plot", DAY, "-o", "noextension"],
        &["plot", DAY, "--format", "gif"],
        &["plot", DAY, "--from", DAY],
        &["plot", "2017-02-30"],
        &["plot", "--from", "2017-06-02", "--to", DAY],
        &["plot", "--from", "2999-01-01"],
        &["plot", DAY, "--json"],
        &["plot", DAY, "--open", "-o", "-"],
        &["plot", DAY, "--open", "--format", "term"],
    ] {
        let output = home.run(arguments).expect(2);
        assert_eq!(output.stdout, "", "{arguments:?}");
    }
}

#[test]
fn a_file_that_cannot_be_made_ends_in_73() {
    let home = Home::new();
    fs::write(home.work("file"), "").expect("written");
    home.run(["--demo", "plot", DAY, "-o", "file/day.svg"])
        .expect(73)
        .with_one_error();
}

#[test]
fn days_without_data_are_drawn_empty_with_a_note() {
    let home = Home::new();
    let text = home
        .run(["plot", "--from", DAY, "--to", "2017-06-03"])
        .expect(0)
        .says(&["note:", "does not hold 3 of these 3 days", "no heart rate"])
        .stdout;
    assert_eq!(text.matches("no data").count(), 3);
    let months = home
        .run([
            "plot",
            "--from",
            DAY,
            "--to",
            "2017-12-31",
            "--format",
            "svg",
        ])
        .expect(0)
        .stdout;
    assert!(months.contains("no data"));
    // A single day that nobody has needs a service.
    home.run(["plot", DAY])
        .expect(78)
        .says(&["archive", "keys file"]);
}

#[test]
fn a_damaged_day_is_named_and_nothing_is_written() {
    let home = Home::new();
    home.run([
        "--demo", "sync", "--from", DAY, "--to", DAY, "--detail", "1min",
    ])
    .expect(0);
    let file =
        home.work("demo_data/archive/heart_rate/detail=1min/year=2017/month=06/2017-06-01.parquet");
    fs::write(&file, b"PAR1 no more").expect("written");
    home.run(["--demo", "plot", DAY, "-o", "day.svg"])
        .expect(65)
        .with_one_error()
        .says(&["2017-06-01.parquet"]);
    assert!(!home.work("day.svg").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn what_was_drawn_is_opened_when_asked() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let bin = home.below("bin");
    fs::create_dir(&bin).expect("made");
    let opened = home.below("opened");
    let program = bin.join("xdg-open");
    let script = format!("#!/bin/sh\necho \"$1\" >> '{}'\n", opened.display());
    fs::write(&program, script).expect("written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("our own file");
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let home = home.with("PATH", &path);
    for (arguments, file) in [
        (&["-o", "day.svg"][..], "day.svg"),
        (&[], "demo_data/plot-2017-06-01.html"),
    ] {
        let _ = fs::remove_file(&opened);
        let command = [
            &["--demo", "plot", DAY, "--detail", "1min", "--open"],
            arguments,
        ]
        .concat();
        home.run(command).expect(0).says(&["wrote"]);
        // The opener runs on its own.
        let heard = (0..1000).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            fs::read_to_string(&opened)
                .ok()
                .filter(|text| text.ends_with('\n'))
        });
        assert!(heard.expect("opened").trim_end().ends_with(file));
        assert!(home.work(file).is_file());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colours_and_its_own_width_and_no_png() {
    let home = Home::new();
    let output = home
        .start_on_terminal(&format!("--demo plot {DAY}"))
        .finish()
        .expect(0);
    assert!(output.stdout.contains("38;5;32m"), "colours");
    let home = Home::new().with("NO_COLOR", "1");
    let output = home
        .start_on_terminal(&format!("-q --demo plot {DAY}"))
        .finish()
        .expect(0);
    assert!(!output.stdout.contains("38;5;"), "no colours");
    let (strip, plain) = ("\u{1b}[38;5;32m█\u{1b}[0m", "2017            █");
    let coloured = Home::new();
    coloured
        .run([
            "--demo", "sync", "--from", DAY, "--to", DAY, "--detail", "15min",
        ])
        .expect(0);
    let status = coloured.start_on_terminal("--demo status").finish();
    assert!(status.stdout.contains(strip), "{}", status.stdout);
    let status = coloured.run(["--demo", "status"]).expect(0).stderr;
    assert!(status.contains(plain), "{status}");
    home.start_on_terminal(&format!("--demo plot {DAY} --format png"))
        .finish()
        .expect(2);
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_not_an_error() {
    let home = Home::new();
    let mut shell = home.other("sh");
    let program = env!("CARGO_BIN_EXE_fitbit-hr");
    shell.args([
        "-c",
        &format!("{{ '{program}' --demo plot {DAY} --format html; echo $? >&2; }} | head -c 10"),
    ]);
    let output = run(shell).expect(0);
    assert!(output.stderr.trim_end().ends_with('0'), "{}", output.stderr);
}

#[test]
fn between_draws_a_part_of_the_day_with_marks_of_its_own() {
    let home = Home::new();
    home.run([
        "--demo", "sync", "--from", DAY, "--to", DAY, "--detail", "1min",
    ])
    .expect(0);
    let part = ["--demo", "plot", DAY, "--between", "17:45", "19:00"];
    for format in ["svg", "term"] {
        let text = home.run([&part[..], &["--format", format]].concat());
        let text = text.expect(0).stdout;
        assert!(text.contains("18:30") && !text.contains("03:00"), "{text}");
    }
    let page = home.run([&part[..], &["-o", "part.html", "--json"]].concat());
    let samples = page.expect(0).json()["samples"].as_u64();
    assert!(
        samples.is_some_and(|samples| (30..=75).contains(&samples)),
        "{samples:?}"
    );
}

#[test]
fn several_days_between_two_times_have_the_figures_and_the_axis_of_the_window() {
    let home = Home::new();
    let sync = "--demo sync --from 2017-05-01 --to 2017-06-10 --detail 1min";
    home.run(sync.split(' ')).expect(0);
    let window = "--between 17:45 19:00";
    for (from, length) in [("2017-06-06", 5), ("2017-05-01", 41)] {
        let plot = format!("--demo plot --from {from} --to 2017-06-10 {window}");
        let json = home
            .run(format!("{plot} --format svg -o part.svg --json").split(' '))
            .expect(0)
            .json();
        let number = |name: &str| json[name].as_i64().expect("a number");
        assert_eq!(number("worn_s"), 60 * number("samples"), "{json}");
        assert!(number("worn_s") <= length * 75 * 60, "{json}");
        assert!(
            number("largest_gap_s") < 75 * 60,
            "between windows is no gap: {json}"
        );
        assert_eq!(json["between"], serde_json::json!(["17:45", "19:00"]));
        let svg = home.read("part.svg");
        let term = home
            .run(format!("{plot} --format term").split(' '))
            .expect(0)
            .stdout;
        for text in [&svg, &term] {
            assert!(text.contains("17:45–19:00"), "the title names it: {text}");
            assert!(text.contains("18:00") && !text.contains("06:00"), "{text}");
        }
    }
}
