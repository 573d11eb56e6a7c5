//! `fitbit-hr import` as a user meets it: every layout, every kind of damage, and the archive that comes of it.

use crate::files::{below, has_extension};
use crate::import_files::{
    Files, Member, csv, json, midnight, takeout, tgz, whole_day, zip, zipped,
};
use crate::program::{Home, Output};
use fitbit_hr::archive::{Archive, DayFile};
use fitbit_hr::day::{Detail, clock_text};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

pub const DAYS: [&str; 3] = ["2024-05-10", "2024-05-11", "2024-05-12"];

fn archive(home: &Home) -> Archive {
    Archive::open(&home.work("fitbit_data/archive"), None)
}

pub fn day(home: &Home, date: &str) -> DayFile {
    let date = date.parse().expect("a date");
    let file = archive(home).read(Detail::Sec1, date).expect("readable");
    file.unwrap_or_else(|| panic!("{date} is not there"))
}

pub fn dates(home: &Home) -> Vec<String> {
    let days = archive(home).days(Detail::Sec1).expect("listed");
    days.iter().map(ToString::to_string).collect()
}

/// Every file of the archive with its bytes.
fn bytes(home: &Home) -> BTreeMap<String, Vec<u8>> {
    below(&home.work("fitbit_data"))
}

pub fn import(home: &Home, paths: &[&str]) -> Output {
    home.run(["import"].iter().chain(paths))
}

pub fn report(home: &Home, paths: &[&str]) -> Value {
    home.run(["import", "--json"].iter().chain(paths))
        .expect(0)
        .json()
}

fn write(home: &Home, folder: &str, files: &Files) {
    for (name, bytes) in files {
        home.file(&format!("{folder}/{name}"), bytes);
    }
}

/// What the names of all parts of one export begin with.
const EXPORT: &str = "takeout-20260909T182813Z-1";

#[test]
fn zip_tgz_folder_and_single_files_give_the_same_archive() {
    let files = takeout(&DAYS, -4);
    let mut all = Vec::new();
    for form in ["zip", "tgz", "folder", "files", "stored", "parts"] {
        let home = Home::new();
        let paths: Vec<String> = match form {
            "zip" => {
                home.file(&format!("{EXPORT}-001.zip"), zipped(&files));
                vec![format!("{EXPORT}-001.zip")]
            }
            "stored" => {
                let members = files.iter().map(|(name, bytes)| Member {
                    stored: true,
                    ..Member::new(name, bytes)
                });
                home.file(
                    &format!("{EXPORT}-007.zip"),
                    zip(&members.collect::<Vec<_>>()),
                );
                vec![format!("{EXPORT}-007.zip")]
            }
            "tgz" => {
                home.file(&format!("{EXPORT}-001.tgz"), tgz(files.iter().rev()));
                vec![format!("{EXPORT}-001.tgz")]
            }
            "parts" => {
                let (mut a, mut b) = (Files::new(), Files::new());
                for (at, (name, bytes)) in files.iter().enumerate() {
                    let part = if at % 2 == 0 { &mut a } else { &mut b };
                    part.insert(name.clone(), bytes.clone());
                }
                home.file(&format!("{EXPORT}-001.zip"), zipped(&a));
                home.file(&format!("{EXPORT}-002.tgz"), tgz(&b));
                vec![".".to_owned()]
            }
            _ => {
                let folder = format!("{EXPORT}-001");
                write(&home, &folder, &files);
                let names = files.keys().map(|name| format!("{folder}/{name}"));
                if form == "files" {
                    names.collect()
                } else {
                    vec![folder]
                }
            }
        };
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let output = import(&home, &paths).expect(0);
        assert_eq!(output.stdout, "", "{form}");
        assert_eq!(dates(&home), DAYS, "{form}");
        all.push((form, bytes(&home)));
    }
    for (form, bytes) in &all {
        assert_eq!(*bytes, all[0].1, "{form}");
    }
}

#[test]
fn a_day_is_the_wearers_with_confidence_and_device() {
    let home = Home::new();
    home.file("takeout.zip", zipped(&takeout(&DAYS, 10)));
    import(&home, &["takeout.zip"]).expect(0).says(&[
        "imported 867 samples on 3 days",
        "wall clock of 3 days proved by the files",
    ]);
    let file = day(&home, "2024-05-11");
    assert_eq!(file.day.samples.len(), 289);
    let first = file.day.samples[0];
    assert_eq!(
        first.instant,
        Some((midnight("2024-05-11") - 36_000) * 1000)
    );
    assert_eq!(clock_text(first.local_time), "00:00:00");
    assert_eq!(
        (first.utc_offset, first.confidence),
        (Some(36_000), Some(2))
    );
    assert_eq!(
        file.day.sources[usize::from(first.source)].to_string(),
        "takeout/Inspire 3"
    );
    assert_eq!(file.meta.timezone.as_deref(), Some("+10:00"));
    assert!(file.meta.settled);
}

#[test]
fn the_account_counts_everything() {
    let home = Home::new();
    let mut files = Files::new();
    let mut records = whole_day("2024-05-10", 0);
    records[5] = (records[5].0, 70, 0);
    records[6] = (records[6].0, 70, 0);
    let mut rows = records.clone();
    rows[9].1 += 1;
    rows.remove(20);
    rows.push((midnight("2024-05-10") + 7, 88, 0));
    rows.push(rows[0]);
    files.insert("heart_rate-2024-05-10.json".to_owned(), json(&records));
    files.insert(
        "heart_rate_2024-05-10.csv".to_owned(),
        csv(&rows, "Charge 5"),
    );
    files.insert("steps-2024-05-10.json".to_owned(), b"[]".to_vec());
    files.insert("heart_rate_2024-05-12.csv".to_owned(), b"no data".to_vec());
    home.file("takeout.zip", zipped(&files));
    let report = report(&home, &["takeout.zip"]);
    for (key, value) in [
        ("files_read", 3),
        ("days", 1),
        ("days_created", 1),
        ("samples", 288),
        ("duplicates", 1),
        ("placeholders", 2),
        ("skipped_files", 0),
    ] {
        assert_eq!(report[key], value, "{key} in {report:#}");
    }
    assert_eq!(report["twins"]["only_json"], 1);
    assert_eq!(report["twins"]["only_csv"], 1);
    assert_eq!(report["twins"]["both"], 288);
    assert_eq!(report["twins"]["differing"], 1);
    assert_eq!(report["files"]["empty"], 1);
    assert_eq!(report["files"]["ignored"], 1);
    assert_eq!(report["first"], "2024-05-10T00:00:00Z");
    assert_eq!(report["last"], "2024-05-10T23:59:59Z");
    assert_eq!(report["offsets"]["files"], 1);
    assert_eq!(report["years"][0]["year"], 2024);
    let file = day(&home, "2024-05-10");
    let at = |second: i64| {
        let samples = file.day.samples.iter();
        samples
            .map(|s| (s.instant, s.bpm))
            .find(|s| s.0 == Some(second * 1000))
            .map(|s| s.1)
    };
    assert_eq!(at(records[9].0), Some(records[9].1), "JSON's bpm is taken");
    assert_eq!(at(records[5].0), None);
    let placeholders = [records[5].0 * 1000, records[6].0 * 1000];
    assert_eq!(file.meta.placeholders, placeholders);
}

#[test]
fn importing_twice_changes_no_byte_and_a_dry_run_none_at_all() {
    let home = Home::new();
    home.file("takeout.zip", zipped(&takeout(&DAYS, -4)));
    let foreseen = report(&home, &["takeout.zip", "--dry-run"]);
    assert_eq!(
        (&foreseen["days_created"], &foreseen["samples"]),
        (&3.into(), &867.into())
    );
    assert!(!home.work("fitbit_data").exists());
    import(&home, &["takeout.zip"]).expect(0);
    let before = bytes(&home);
    let again = report(&home, &["takeout.zip"]);
    assert_eq!(
        (&again["days_unchanged"], &again["days_changed"]),
        (&3.into(), &0.into())
    );
    assert_eq!(bytes(&home), before);
}

#[test]
fn overlapping_exports_in_either_order_give_the_same_bytes() {
    let early = takeout(&DAYS[..2], -4);
    let late = takeout(&DAYS[1..], -4);
    let mut all = Vec::new();
    for order in [["early.zip", "late.zip"], ["late.zip", "early.zip"]] {
        let home = Home::new();
        home.file("early.zip", zipped(&early));
        home.file("late.zip", zipped(&late));
        for path in order {
            import(&home, &[path]).expect(0);
        }
        all.push(bytes(&home));
    }
    assert_eq!(all[0], all[1]);
}

/// How many files and folders there are, at all depths.
fn entries(folder: &Path) -> usize {
    let within = std::fs::read_dir(folder).into_iter().flatten().flatten();
    within.map(|entry| 1 + entries(&entry.path())).sum()
}

#[test]
fn two_imports_at_once_and_one_that_is_killed_end_in_the_same_bytes() {
    let files = takeout(&DAYS, -4);
    let expected = {
        let home = Home::new();
        home.file("takeout.zip", zipped(&files));
        import(&home, &["takeout.zip"]).expect(0);
        bytes(&home)
    };
    let home = Home::new();
    home.file("takeout.zip", zipped(&files));
    let runs: Vec<_> = (0..3)
        .map(|_| home.start(["import", "takeout.zip"]))
        .collect();
    for run in runs {
        run.finish().expect(0);
    }
    assert_eq!(bytes(&home), expected);

    let home = Home::new();
    home.file("takeout.zip", zipped(&files));
    let mut killed = 0;
    for _ in 0..4 {
        let before = entries(&home.work("fitbit_data"));
        let mut run = home.start(["import", "takeout.zip"]);
        // With the first file that is begun.
        while run.is_running() && entries(&home.work("fitbit_data")) == before {
            std::thread::yield_now();
        }
        killed += u32::from(run.is_running());
        // Dropped is killed.
        drop(run);
    }
    assert!(killed > 0, "none was killed midway");
    import(&home, &["takeout.zip"]).expect(0);
    let left: BTreeMap<_, _> = bytes(&home)
        .into_iter()
        .filter(|(path, _)| !has_extension(path, "tmp"))
        .collect();
    assert_eq!(left, expected);
}

#[test]
fn missing_parts_are_named() {
    let home = Home::new();
    for (part, day) in [("001", "2024-05-10"), ("003", "2024-05-11")] {
        home.file(
            &format!("takeout-20260909T182813Z-1-{part}.zip"),
            zipped(&takeout(&[day], 0)),
        );
    }
    let paths = [
        "takeout-20260909T182813Z-1-001.zip",
        "takeout-20260909T182813Z-1-003.zip",
    ];
    import(&home, &paths)
        .expect(0)
        .says(&["takeout-20260909T182813Z-1-002.zip was not given"]);
    let report = report(&home, &paths);
    assert_eq!(
        report["missing_parts"],
        serde_json::json!(["takeout-20260909T182813Z-1-002.zip"])
    );
}

/// One bad member beside good days: what a person reads of it.
#[test]
fn options_and_settings_decide_what_the_files_leave_open() {
    let some: Vec<_> = whole_day("2024-05-10", 0)
        .into_iter()
        .filter(|r| (36_000..72_000).contains(&(r.0 % 86_400)))
        .collect();
    let file = json(&some);
    let zone = |home: &Home, more: &[&str]| {
        home.file("heart_rate-2024-05-10.json", &file);
        let paths = [&["heart_rate-2024-05-10.json"], more].concat();
        import(home, &paths).expect(0);
        day(home, "2024-05-10").meta.timezone.expect("known")
    };
    assert_eq!(
        zone(&Home::new().with("TZ", "Europe/Berlin"), &[]),
        "Europe/Berlin"
    );
    let home = Home::new().with("TZ", "Europe/Berlin");
    home.keys("timezone = \"Europe/Athens\"\n");
    assert_eq!(zone(&home, &[]), "Europe/Athens");
    let home = Home::new();
    home.keys("timezone = \"Europe/Athens\"\n");
    home.file(
        "Profile.csv",
        "id,full_name,timezone\nA,Jane,Europe/Lisbon\n",
    );
    assert_eq!(zone(&home, &["Profile.csv"]), "Europe/Lisbon");
    assert_eq!(
        zone(&home, &["Profile.csv", "--timezone", "Asia/Tokyo"]),
        "Asia/Tokyo"
    );
    let home = Home::new();
    home.keys("archive = \"elsewhere\"\n");
    home.file("heart_rate-2024-05-10.json", &file);
    import(
        &home,
        &["heart_rate-2024-05-10.json", "--profile", "default"],
    )
    .expect(0);
    assert!(
        home.work("elsewhere/heart_rate/detail=1sec/year=2024/month=05/2024-05-10.parquet")
            .exists()
    );
}

#[test]
fn names_and_mail_of_the_profile_appear_nowhere() {
    let home = Home::new();
    let mut files = takeout(&DAYS, 0);
    let profile =
        b"id,full_name,email_address,timezone\nA,Jane Roe,jane@example.org,Europe/London\n";
    files.insert(
        "Takeout/Fitbit/Your Profile/Profile.csv".to_owned(),
        profile.to_vec(),
    );
    home.file("takeout.zip", zipped(&files));
    let output = home
        .run(["import", "takeout.zip", "--json", "-vvv"])
        .expect(0);
    for text in [&output.stdout, &output.stderr] {
        assert!(!text.contains("Roe") && !text.contains("jane"), "{text}");
    }
    for (path, bytes) in bytes(&home) {
        let found = bytes.windows(3).any(|part| part == b"Roe");
        assert!(!found, "{path}");
    }
}
