//! Names that browsers, systems and services change, and archives that are joined or lie in each other: all that could hold
//! heart rate is read or named.

use crate::import::{DAYS, dates, day, import, report};
use crate::import_files::{Files, Member, Record, csv, json, takeout, tgz, whole_day, zip, zipped};
use crate::program::Home;
use std::fs;
use std::io::Write as _;

const DAY: &str = "2024-05-10";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("compressed");
    encoder.finish().expect("compressed")
}

/// One day's twins; the archives of the three days, in three files.
fn parts(pack: fn(&Files) -> Vec<u8>) -> [Vec<u8>; 3] {
    DAYS.map(|day| pack(&takeout(&[day], 0)))
}

fn tar_of(files: &Files) -> Vec<u8> {
    let mut plain = Vec::new();
    let packed = tgz(files);
    let mut decoder = flate2::read::GzDecoder::new(packed.as_slice());
    std::io::Read::read_to_end(&mut decoder, &mut plain).expect("inflated");
    plain
}

fn tgz_of(files: &Files) -> Vec<u8> {
    tgz(files)
}

fn one(name: &str, bytes: Vec<u8>) -> Files {
    Files::from([(name.to_owned(), bytes)])
}

#[test]
fn copies_of_a_day_are_united_with_it() {
    let all = whole_day(DAY, 0);
    for copy in [
        "heart_rate-2024-05-10 (1).json",
        "heart_rate-2024-05-10(2).json",
        "heart_rate-2024-05-10 2.json",
        "heart_rate-2024-05-10 - Copy (2).json",
        "heart_rate-2024-05-10 copy 2.JSON",
        "heart_rate-2024-05-10.json.gz",
        "Kopie von heart_rate-2024-05-10.json",
    ] {
        let whole = if copy.strip_suffix(".gz").is_some() {
            gzip(&json(&all))
        } else {
            json(&all)
        };
        let inside = Files::from([
            ("a/heart_rate-2024-05-10.json".to_owned(), json(&all[..100])),
            (format!("a/{copy}"), whole.clone()),
        ]);
        let home = Home::new();
        for (name, bytes) in &inside {
            home.file(&format!("folder/{name}"), bytes);
        }
        home.file("x.zip", zipped(&inside));
        home.file("x.tgz", tgz(&inside));
        home.file(copy, &whole);
        for path in ["folder", "x.zip", "x.tgz", copy] {
            let _ = fs::remove_dir_all(home.work("fitbit_data"));
            import(&home, &[path, "--timezone", "UTC"]).expect(0);
            assert_eq!(day(&home, DAY).day.samples.len(), 289, "{copy} in {path}");
        }
    }
}

#[test]
fn joined_archives_are_read_to_the_last() {
    for (name, parts) in [
        ("all.zip", parts(zipped)),
        ("all.tgz", parts(tgz_of)),
        ("all.tar", parts(tar_of)),
    ] {
        let home = Home::new();
        home.file(name, parts.concat());
        import(&home, &[name]).expect(0);
        assert_eq!(dates(&home), DAYS, "{name}");
    }
    let [first, second, _] = parts(zipped);
    let home = Home::new();
    home.file("torn.zip", [&first[..first.len() - 9], &second].concat());
    import(&home, &["torn.zip"])
        .expect(65)
        .says(&["torn.zip, byte", "has lost its end"]);
    home.file("stub.zip", [&b"#!/bin/sh\nexit\n"[..], &second].concat());
    import(&home, &["stub.zip"]).expect(0);
}

#[test]
fn archives_in_archives_are_read_whatever_they_are_called() {
    let [a, b, c] = parts(zipped);
    let [_, second, third] = parts(tgz_of);
    let stored = |name: &str, bytes: &[u8]| Member {
        stored: true,
        ..Member::new(name, bytes)
    };
    let drive = |stored_first: bool| {
        zip(&[
            Member {
                stored: stored_first,
                ..Member::new("takeout-20260909T182813Z-1-001.zip", &a)
            },
            Member::new("x/holiday.TGZ", &second),
            stored("deep.zip", &zip(&[Member::new("c.zip", &c)])),
        ])
    };
    for (name, bytes) in [
        ("drive-download-20260910T1.zip", drive(true)),
        ("Drive.ZIP", drive(false)),
        (
            "mine.tar.gz",
            tgz(&Files::from([
                ("1.zip".to_owned(), a.clone()),
                ("2.zip".to_owned(), b.clone()),
                ("y/3.tgz".to_owned(), third.clone()),
            ])),
        ),
    ] {
        for path in [name, "."] {
            let home = Home::new();
            home.file(name, &bytes);
            import(&home, &[path]).expect(0);
            assert_eq!(dates(&home), DAYS, "{name} by {path}");
        }
    }
    let deep = (0..4).fold(a, |inner, _| zip(&[stored("a.zip", &inner)]));
    let home = Home::new();
    home.file("deep.zip", deep);
    import(&home, &["deep.zip"])
        .expect(65)
        .says(&["too many archives", "unpack"]);
}

#[cfg(unix)]
#[test]
fn what_is_elsewhere_is_named_with_its_remedy() {
    use std::os::unix::fs::symlink;
    for (name, link, says) in [
        (".heart_rate-2024-05-11.json.icloud", false, "Download Now"),
        (
            ".takeout-20260909T182813Z-1-002.zip.icloud",
            false,
            "Download Now",
        ),
        ("heart_rate_2024-05-11.csv", true, "git annex get"),
        ("takeout-20260909T182813Z-1-002.tgz", true, "git annex get"),
        (
            "takeout-20260909T182813Z-1-002.zip.crdownload",
            false,
            "did not finish",
        ),
    ] {
        let home = Home::new();
        let good = home.file(
            "folder/heart_rate-2024-05-10.json",
            json(&whole_day(DAY, 0)),
        );
        if link {
            let path = good.with_file_name(name);
            symlink(".git/annex/objects/xx/yy", &path).expect("linked");
        } else {
            home.file(&format!("folder/{name}"), b"bplist00");
        }
        let output = import(&home, &["folder"]).expect(66);
        output
            .says(&[name, says])
            .never_says("download the export again");
        assert_eq!(dates(&home), [DAY], "{name}");
        let path = format!("folder/{name}");
        let code = import(&home, &[path.as_str()]).expect(66);
        code.says(&[name, says]);
    }
}

#[test]
fn a_csv_of_more_days_than_its_name_says_gives_them_all() {
    let records: Vec<Record> = [
        "2026-07-01",
        "2026-07-02",
        "2026-07-09",
        "2026-08-20",
        "2026-06-20",
    ]
    .iter()
    .flat_map(|day| whole_day(day, 0))
    .collect();
    let profile = b"id,timezone\nABC,Asia/Tokyo\n".to_vec();
    let name = "Takeout/heart_rate_2026-07-01.csv";
    let files = Files::from([
        (name.to_owned(), csv(&records, "Inspire 3")),
        ("Takeout/Profile.csv".to_owned(), profile),
    ]);
    let mut seen = Vec::new();
    for (path, bytes) in [("a.zip", zipped(&files)), ("a.tgz", tgz(&files))] {
        let home = Home::new();
        home.file(path, bytes);
        let report = report(&home, &[path]);
        assert_eq!(report["samples"], 5 * 289, "{path}");
        assert_eq!(report["skipped_records"], 0, "{path}");
        let rows = |date: &String| {
            let file = day(&home, date);
            let offsets: Vec<_> = file.day.samples.iter().map(|s| s.utc_offset).collect();
            assert!(
                offsets.iter().all(|offset| *offset == Some(9 * 3600)),
                "{date}"
            );
            (date.clone(), offsets.len())
        };
        let dates = dates(&home);
        let counts: Vec<_> = dates.iter().map(rows).collect();
        assert_eq!(counts.iter().map(|(_, rows)| rows).sum::<usize>(), 5 * 289);
        assert!(counts.iter().any(|(date, _)| date == "2026-08-21"));
        seen.push(counts);
    }
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn messages_name_the_remedy_and_quote_no_content() {
    let good = json(&whole_day(DAY, 0));
    let named = |name: &str, bytes: Vec<u8>| zipped(&one(name, bytes));
    let bzip2 = zip(&[Member {
        method: Some(12),
        ..Member::new("heart_rate-2024-05-10.json", &good)
    }]);
    let text = "\u{1b}[2Jsecret\r\n".repeat(200);
    for (name, bytes, code, says) in [
        (
            "text.tgz",
            gzip(text.as_bytes()),
            65,
            "it is gzip, but no tar is inside",
        ),
        (
            "text.gz",
            gzip(b"short secret"),
            65,
            "it is gzip, but no tar is inside",
        ),
        ("bzip2.zip", bzip2, 65, "unpack"),
        (
            "torn.zip",
            named("heart_rate-2024-05-10.json.gz", gzip(&good)[..300].to_vec()),
            65,
            "gzipped, and damaged",
        ),
        (
            "pointer.zip",
            named(
                "heart_rate-2024-05-10.json",
                b"/annex/objects/SHA256E-s1--x.json\n".to_vec(),
            ),
            66,
            "git annex get",
        ),
    ] {
        let home = Home::new();
        home.file(name, bytes);
        let output = import(&home, &[name]).expect(code);
        output
            .says(&[says])
            .never_says("secret")
            .never_says("\u{1b}")
            .with_one_error();
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_to_be_saved_first() {
    let home = Home::new();
    let mut command = home.command(["import", "/dev/stdin"]);
    command.stdin(std::process::Stdio::piped());
    let output = command.output().expect("run");
    assert_eq!(output.status.code(), Some(66));
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        words.contains("a pipe cannot be read: save it to a file first"),
        "{words}"
    );
}

#[test]
fn a_damaged_file_of_the_archive_is_not_blamed_on_the_export() {
    let home = Home::new();
    home.file("a.zip", zipped(&takeout(&DAYS, 0)));
    import(&home, &["a.zip"]).expect(0);
    let path = find(&home.work("fitbit_data"), &format!("{DAY}.parquet"));
    fs::write(path, b"PAR1 nothing").expect("damaged");
    import(&home, &["a.zip"])
        .expect(65)
        .never_says("download the export again");
}

fn find(folder: &std::path::Path, name: &str) -> std::path::PathBuf {
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        if path.ends_with(name) {
            return path;
        }
        let entries = fs::read_dir(&path).into_iter().flatten().flatten();
        waiting.extend(entries.map(|entry| entry.path()));
    }
    panic!("{name} is not there")
}
