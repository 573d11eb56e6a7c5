//! Exports that are damaged, hostile, or none: what can be read is read, the rest is named.

use crate::files;
use crate::import::{DAYS, dates, day, import, report};
use crate::import_files::{Files, Member, json, takeout, tgz, whole_day, zip, zip64, zipped};
use crate::program::Home;

#[test]
fn bad_members_are_named_with_their_place_and_the_rest_is_imported() {
    let good = json(&whole_day("2024-05-10", 0));
    let name = "Takeout/Fitbit/Global Export Data/heart_rate-2024-05-11.json";
    let bad = json(&whole_day("2024-05-11", 0));
    let cut = bad[..bad.len() - 1000].to_vec();
    let member = |bytes: &[u8]| Member::new(name, bytes);
    let table: Vec<(Member, &str)> = vec![
        (
            Member {
                wrong_crc: true,
                ..member(&bad)
            },
            "its checksum is wrong",
        ),
        (
            Member {
                damaged: true,
                ..member(&bad)
            },
            "its compressed data is damaged",
        ),
        (
            Member {
                flags: 1,
                ..member(&bad)
            },
            "it is encrypted",
        ),
        (
            Member {
                method: Some(12),
                ..member(&bad)
            },
            "compression method 12",
        ),
        (
            Member {
                claimed_size: Some(4_000_000_000),
                ..member(&bad)
            },
            "it has 4000000000 bytes",
        ),
        (
            Member {
                claimed_size: Some(1000),
                ..member(&bad)
            },
            "expands to more than the 1000 bytes",
        ),
        (member(&vec![b' '; 30 << 20]), "it has 31457280 bytes"),
        (member(&cut), "the file ends in the middle"),
        (member(b"<html></html>"), "byte 0: "),
        (member(b""), "byte 0: the file ends"),
        (
            Member::new("x/heart_rate_2024-05-11.csv", b""),
            "byte 0: the file ends",
        ),
        (
            Member::new("x/heart_rate-2095-05-11.json", &bad),
            "a day that is still to come",
        ),
        (
            Member::new("x/heart_rate-2023-02-29.json", &bad),
            "there is no such day",
        ),
        (
            Member::new("heart_rate_2024-05-11.csv", b"when,what\n1,2\n"),
            "no columns",
        ),
    ];
    for (bad, problem) in table {
        let home = Home::new();
        let good = Member::new("heart_rate-2024-05-10.json", &good);
        home.file("takeout.zip", zip(&[bad.clone(), good]));
        let output = import(&home, &["takeout.zip"]).expect(65);
        let output = output.says(&[
            problem,
            &bad.name,
            "could not read 1 file; all others were imported",
        ]);
        output.with_one_error();
        assert_eq!(dates(&home), ["2024-05-10"], "{problem}");
        assert_eq!(day(&home, "2024-05-10").day.samples.len(), 289);
        let json = home
            .run(["import", "takeout.zip", "--json"])
            .expect(65)
            .json();
        assert_eq!(json["skipped_files"], 1, "{problem}");
        let reason = json["skipped"][0]["reason"].as_str().expect("text");
        assert!(
            problem.contains(reason) || reason.contains(problem.trim_start_matches("byte 0: ")),
            "{reason}"
        );
    }
}

#[test]
fn records_that_make_no_sense_leave_the_others_of_their_file() {
    let home = Home::new();
    let text = String::from_utf8(json(&whole_day("2024-05-10", 0))).expect("text");
    let text = text.replacen("\"bpm\" : 75", "\"bpm\" : \"75\"", 1);
    let text = text.replacen("\"bpm\" : 76", "\"bpm\" : 0", 1);
    let text = text.replacen("05/10/24 00:10:00", "05/10/2024 00:10:00.000", 1);
    home.file("heart_rate-2024-05-10.json", format!("\u{feff}{text}\n"));
    let output = import(&home, &["heart_rate-2024-05-10.json"]).expect(65);
    output.says(&[
        "could not read 2 records",
        "bpm is \"75\"",
        "heart_rate-2024-05-10.json, byte 4",
    ]);
    assert_eq!(day(&home, "2024-05-10").day.samples.len(), 287);
}

#[test]
fn a_second_of_two_sources_is_one_of_them_and_a_torn_line_is_none() {
    let home = Home::new();
    let rows = "2026-09-12T04:00:00Z,61.0,Inspire 3\n2026-09-12T04:00:00Z,95.0,Apple Health Health Kit\n\
                2026-09-12T04:00:05Z,62.0,Inspire 3\n2026-09-12T04:00:05Z,62.0,Inspire 3\n2026-09-12T12:00:00Z,5";
    let file = format!("timestamp,beats per minute,data source\n{rows}");
    home.file("heart_rate_2026-09-12.csv", file);
    let output = import(&home, &["heart_rate_2026-09-12.csv", "--timezone", "UTC"]);
    output.expect(65).says(&[
        "left out: 1 duplicate, 1 record whose second has another with another bpm",
        "the last line breaks off",
        "could not read 1 record; all others were imported",
    ]);
    let file = day(&home, "2026-09-12");
    let samples = file.day.samples.iter();
    let rows: Vec<_> = samples
        .map(|s| (s.bpm, file.day.sources[usize::from(s.source)].to_string()))
        .collect();
    let inspire = "takeout/Inspire 3".to_owned();
    assert_eq!(rows, [(61, inspire.clone()), (62, inspire)]);
}

#[test]
fn what_is_no_export_is_told_apart_from_what_is_not_there() {
    let home = Home::new();
    home.file("empty/readme.txt", "hello");
    home.file("noise.zip", vec![7; 4096]);
    home.file("cut.zip", &zipped(&takeout(&DAYS, 0))[..4000]);
    home.file("cut.tgz", &tgz(&takeout(&DAYS, 0))[..900]);
    home.file("letter.txt", "hello");
    home.file("foreign.zip", zip(&[Member::new("a/steps.json", b"[]")]));
    for (path, code, parts) in [
        ("none.zip", 66, ["could not read none.zip", "No such file"]),
        (
            "empty",
            66,
            ["found no heart-rate file in empty", "none of its 1 file"],
        ),
        (
            "foreign.zip",
            66,
            [
                "found no heart-rate file in foreign.zip",
                "takeout.google.com",
            ],
        ),
        ("noise.zip", 65, ["noise.zip", "no zip file"]),
        ("cut.zip", 65, ["cut.zip, byte 4000", "download it again"]),
        ("cut.tgz", 65, ["cut.tgz", "cut short"]),
        ("letter.txt", 65, ["letter.txt", "it is no archive"]),
    ] {
        let output = import(&home, &[path]).expect(code);
        output.says(&parts).with_one_error().never_says("imported");
        assert_eq!(dates(&home), Vec::<String>::new(), "{path}");
    }
    home.run(["import"]).expect(2);
    home.run(["import", "x.zip", "--min-confidence", "4"])
        .expect(2);
    home.run(["import", "x.zip", "--timezone", "Mars/Olympus"])
        .expect(2);
}

#[test]
fn many_members_and_path_tricks_do_no_harm() {
    let home = Home::new();
    let mut files = Files::new();
    files.insert(
        "../../../heart_rate-2024-05-10.json".to_owned(),
        json(&whole_day("2024-05-10", 0)),
    );
    files.insert(
        "/etc/heart_rate-2024-05-11.json".to_owned(),
        json(&whole_day("2024-05-11", 0)),
    );
    files.insert(
        "__MACOSX/heart_rate-2024-05-12.json".to_owned(),
        b"junk".to_vec(),
    );
    home.file("huge.zip", zip64(70_000, &files));
    let report = report(&home, &["huge.zip"]);
    assert_eq!(
        (&report["days"], &report["files"]["ignored"]),
        (&2.into(), &70_001.into())
    );
    let top = files::names(&home.work(""));
    assert_eq!(top.len(), 2, "nothing but the archive was written");
}
