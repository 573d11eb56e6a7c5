//! Made-up lives, exported as Fitbit does, imported whole and in parts.

mod life;
mod records;
mod tar_files;
mod zones;

use super::*;
use crate::archive::{Layout, Series};
use crate::day::Detail;
use crate::takeout::record::JsonRecord;
use crate::takeout::record_filter::RecordFilter;
use crate::takeout::sample_files::{csv_file, json_file};
use crate::takeout::wearer_clock::{Candidate, Evidence, date, midnight};
use crate::zone::Tz;
use chrono::{DateTime, NaiveDate, Utc};
use life::{Files, HOUR, Life, home};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Instant, local time, bpm, confidence, source.
type Row = (i64, i64, u16, Option<u8>, String);

fn write_files(folder: &Path, files: &Files) {
    fs::create_dir_all(folder).expect("made");
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
}

fn request(paths: Vec<PathBuf>) -> Request {
    Request {
        paths,
        timezone: None,
        zones: vec![Candidate {
            zone: Tz::UTC,
            evidence: Evidence::Machine,
        }],
        filter: RecordFilter::default(),
        dry_run: false,
        now: "2026-11-24T12:00:00Z".parse().expect("an instant"),
        threads: 2,
        waiting_bytes: WAITING_BYTES,
    }
}

fn import(archive: &Path, files: &Files) -> Report {
    import_with(archive, files, |_| ())
}

fn import_with(archive: &Path, files: &Files, change: impl FnOnce(&mut Request)) -> Report {
    let folder = tempfile::tempdir().expect("temporary folder");
    let part = folder.path().join("takeout-20261120T000000Z-001");
    write_files(&part, files);
    let mut request = request(vec![part]);
    change(&mut request);
    match run(
        &request,
        &Archive::open(archive, None),
        &Progress::default(),
    ) {
        Ok(report) => report,
        Err(failure) => panic!("{failure:?}"),
    }
}

/// The bytes of all days.
fn bytes_of(archive: &Path) -> BTreeMap<String, Vec<u8>> {
    let archive = Archive::open(archive, None);
    let days = archive.days(Detail::Sec1).expect("listed");
    days.into_iter()
        .map(|day| {
            let key = Series::heart_rate(Detail::Sec1).day(day);
            let path = archive.root().join(Layout::default().name(&key));
            (day.to_string(), fs::read(path).expect("readable"))
        })
        .collect()
}

/// All samples.
fn rows(archive: &Path) -> Vec<Row> {
    let archive = Archive::open(archive, None);
    let mut rows = Vec::new();
    for day in archive.days(Detail::Sec1).expect("listed") {
        let file = archive
            .read(Detail::Sec1, day)
            .expect("readable")
            .expect("there");
        for sample in &file.day.samples {
            assert_eq!(sample.local_date(), day);
            rows.push((
                sample.instant.expect("known"),
                sample.local_time,
                sample.bpm,
                sample.confidence,
                file.day.sources[usize::from(sample.source)].to_string(),
            ));
        }
    }
    rows
}

#[test]
fn both_twins_give_every_sample_its_own_clock_confidence_and_device() {
    let life = home();
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut files = life.json();
    files.extend(life.csv());
    let report = import(folder.path(), &files);
    let rows = rows(folder.path());
    let instants = life.instants();
    assert_eq!(rows.len(), instants.len());
    for (row, instant) in rows.iter().zip(&instants) {
        assert_eq!(row.0, *instant);
        assert_eq!(row.1, life.local(*instant));
        assert_eq!(row.2, Life::bpm(*instant));
        assert_eq!(row.4, "takeout/Inspire 3");
    }
    let total = &report.total.all;
    assert_eq!(total.samples, instants.len() as u64);
    assert_eq!(total.differing + total.duplicates + total.placeholders, 0);
    assert_eq!(total.only_json, 0);
    assert_eq!(total.in_both + total.only_csv, total.samples);
    assert_eq!((report.skipped_files, report.skipped_records), (0, 0));
    // The first and the last day are cut by UTC.
    assert_eq!(report.total.evidence.get(&Evidence::Files), Some(&9));
}

#[test]
fn the_repeated_hour_is_filled_from_the_csv_and_its_loss_reported_without_it() {
    let mut life = home();
    life.step_s = 3;
    life.first = NaiveDate::from_ymd_opt(2024, 11, 2).expect("a date");
    life.days = 3;
    let change = "2024-11-03T06:00:00Z"
        .parse::<DateTime<Utc>>()
        .expect("an instant")
        .timestamp_millis();
    let first_pass = |row: &Row| (change - HOUR..change).contains(&row.0);

    let alone = tempfile::tempdir().expect("temporary folder");
    let report = import(alone.path(), &life.json());
    // Every record of the first pass shares its second with one of the second pass.
    let left = rows(alone.path())
        .iter()
        .filter(|row| first_pass(row))
        .count();
    assert_eq!(left, 0);
    let lost = &report.total.all.lost;
    assert_eq!(lost.len(), 1);
    assert_eq!(
        (date(lost[0].from).to_string(), lost[0].samples),
        ("2024-11-03".to_owned(), 1200)
    );
    assert_eq!(lost[0].to - lost[0].from, HOUR);
    let warning = report.warnings().join("\n");
    assert!(
        warning.contains("about 1 200 samples of 2024-11-03 01:00-02:00 were lost"),
        "{warning}"
    );

    let both = tempfile::tempdir().expect("temporary folder");
    let mut files = life.json();
    files.extend(life.csv());
    let report = import(both.path(), &files);
    let filled: Vec<_> = rows(both.path()).into_iter().filter(first_pass).collect();
    assert_eq!(filled.len(), 1200);
    assert!(
        filled
            .iter()
            .all(|row| row.1 - row.0 == -4 * HOUR && row.3.is_none())
    );
    assert_eq!(
        (report.total.all.filled, report.total.all.lost.len()),
        (1200, 0)
    );
}

#[test]
fn placeholders_go_from_both_twins_whichever_comes_first() {
    let day = NaiveDate::from_ymd_opt(2024, 5, 10).expect("a date");
    let start = midnight(day) + 4 * HOUR;
    let records: Vec<_> = (0..24 * 60)
        .map(|n| JsonRecord {
            instant: start + n * 60_000,
            bpm: 70,
            confidence: Some(u8::from(n % 10 != 0)),
        })
        .collect();
    let json: Files = [(format!("heart_rate-{day}.json"), json_file(&records))].into();
    let csv_rows: Vec<_> = records.iter().map(|r| (r.instant, r.bpm, None)).collect();
    let (early, late) = csv_rows.split_at(20 * 60);
    let csv: Files = [
        ("heart_rate_2024-05-10.csv".to_owned(), csv_file(early)),
        ("heart_rate_2024-05-11.csv".to_owned(), csv_file(late)),
    ]
    .into();
    let both: Files = json.clone().into_iter().chain(csv.clone()).collect();
    let mut all = Vec::new();
    for order in [
        vec![&both],
        vec![&json, &csv],
        vec![&csv, &json],
        vec![&csv, &json, &csv, &both],
    ] {
        let folder = tempfile::tempdir().expect("temporary folder");
        for files in order {
            import(folder.path(), files);
        }
        assert_eq!(rows(folder.path()).len(), 24 * 54);
        all.push(bytes_of(folder.path()));
    }
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));

    let folder = tempfile::tempdir().expect("temporary folder");
    let report = import_with(folder.path(), &both, |request| {
        request.filter.keep_placeholders = true;
    });
    assert_eq!(rows(folder.path()).len(), 24 * 60);
    assert_eq!(report.total.all.placeholders, 0);
}

#[test]
fn a_sample_below_the_confidence_takes_its_twin_with_it() {
    let life = home();
    let mut files = life.json();
    files.extend(life.csv());
    let folder = tempfile::tempdir().expect("temporary folder");
    let report = import_with(folder.path(), &files, |request| {
        request.filter.min_confidence = 2;
    });
    let rows = rows(folder.path());
    assert!(rows.iter().all(|row| row.3.is_none_or(|known| known >= 2)));
    let json = rows.iter().filter(|row| row.3.is_some()).count() as u64;
    assert!(json > 1000);
    let total = &report.total.all;
    assert_eq!(
        total.samples + total.below_confidence + total.placeholders,
        life.instants().len() as u64
    );
    // What stands in the CSV alone has no confidence, and stays.
    assert_eq!(rows.len() as u64 - json, total.only_csv);
}

#[test]
fn a_given_zone_overrules_the_files() {
    let life = home();
    let mut files = life.json();
    files.extend(life.csv());
    let folder = tempfile::tempdir().expect("temporary folder");
    let tokyo = |request: &mut Request| request.timezone = Some(Tz::of("Asia/Tokyo"));
    let report = import_with(folder.path(), &files, tokyo);
    assert!(
        rows(folder.path())
            .iter()
            .all(|row| row.1 - row.0 == 9 * HOUR)
    );
    assert_eq!(
        report.total.evidence.keys().collect::<Vec<_>>(),
        [&Evidence::Given]
    );
    let before = bytes_of(folder.path());
    import_with(folder.path(), &files, tokyo);
    assert_eq!(bytes_of(folder.path()), before);
    // And back: every instant has one place.
    import(folder.path(), &files);
    let fresh = tempfile::tempdir().expect("temporary folder");
    import(fresh.path(), &files);
    assert_eq!(rows(folder.path()), rows(fresh.path()));
}

#[test]
fn csv_first_and_json_later_move_days_to_the_wearers_clock() {
    let mut life = home();
    life.zone = Tz::of("Australia/Melbourne");
    let folder = tempfile::tempdir().expect("temporary folder");
    import(folder.path(), &life.csv());
    assert!(
        rows(folder.path()).iter().all(|row| row.0 == row.1),
        "nothing proves a clock"
    );
    let report = import(folder.path(), &life.json());
    assert!(report.written.changed > 5);
    for row in rows(folder.path()) {
        assert_eq!(row.1, life.local(row.0));
    }
}

#[test]
fn a_day_known_to_be_empty_is_a_file_without_rows() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let files: Files = [
        ("heart_rate-2024-05-10.json".to_owned(), b"[]".to_vec()),
        (
            "heart_rate_2024-05-12.csv".to_owned(),
            b"timestamp,beats per minute\n".to_vec(),
        ),
    ]
    .into();
    let report = import(folder.path(), &files);
    assert_eq!(report.empty_files, 2);
    let archive = Archive::open(folder.path(), None);
    let days = archive.days(Detail::Sec1).expect("listed");
    assert_eq!(days, ["2024-05-10".parse().expect("a date")]);
    let footer = archive
        .footer(Detail::Sec1, days[0])
        .expect("readable")
        .expect("there");
    assert!(footer.samples == 0 && footer.meta.settled);
}

#[test]
fn resting_heart_rates_meet_their_days_in_any_order() {
    let life = home();
    let resting: Files = [(
        "resting_heart_rate-2024-10-28.json".to_owned(),
        br#"[{"dateTime" : "10/30/24 00:00:00", "value" : {"date" : "10/30/24", "value" : 61.25, "error" : 6.9}},
            {"dateTime" : "10/31/24 00:00:00", "value" : {"date" : null, "value" : 0.0, "error" : 0.0}}]"#
            .to_vec(),
    )]
    .into();
    let csv: Files = [(
        "daily_resting_heart_rate.csv".to_owned(),
        b"timestamp,beats per minute\n2024-10-30T00:00:00Z,61.3\n2024-11-01T00:00:00Z,60.5\n"
            .to_vec(),
    )]
    .into();
    let whole: Files = [life.json(), resting.clone(), csv.clone()]
        .into_iter()
        .flatten()
        .collect();
    let mut all = Vec::new();
    for parts in [
        vec![whole],
        vec![life.json(), resting.clone(), csv.clone()],
        vec![csv, resting, life.json()],
    ] {
        let folder = tempfile::tempdir().expect("temporary folder");
        for part in parts {
            import(folder.path(), &part);
        }
        let archive = Archive::open(folder.path(), None);
        let resting = |day: &str| {
            let day = day.parse().expect("a date");
            let footer = archive.footer(Detail::Sec1, day).expect("readable");
            footer.expect("there").summary.resting_bpm
        };
        assert_eq!(resting("2024-10-30"), Some(61.25));
        assert_eq!(resting("2024-10-31"), None);
        assert_eq!(resting("2024-11-01"), Some(60.5));
        all.push(bytes_of(folder.path()));
    }
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}

fn lives() -> impl Strategy<Value = Life> {
    let zones = prop::sample::select(vec![
        Tz::of("America/New_York"),
        Tz::of("Australia/Melbourne"),
        Tz::of("Asia/Kolkata"),
        Tz::of("Europe/London"),
    ]);
    let starts = prop::sample::select(vec!["2024-10-25", "2024-03-05", "2024-03-28", "2024-06-01"]);
    let trips = prop::option::of((0_u64..12, 1_u64..12, -32_i32..40));
    let worn = prop::sample::select(vec![(0, 24), (7, 22), (15, 16)]);
    (zones, starts, 4_u64..14, trips, worn, 500_i64..1500).prop_map(
        |(zone, first, days, trip, worn, step_s)| Life {
            zone,
            first: first.parse().expect("a date"),
            days,
            trip: trip.map(|(from, length, quarters)| (from, from + length, quarters / 4 * 4)),
            worn,
            step_s,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// The same files, at once or in parts, in any order and doubled, end in the same bytes.
    #[test]
    fn parts_in_any_order_end_in_the_bytes_of_the_whole(
        life in lives(),
        profile in any::<bool>(),
        with_csv in 0_u32..=100,
        with_json in 0_u32..=100,
        seed in any::<u64>(),
    ) {
        let mut dice = seed;
        let mut roll = |sides: u64| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (dice >> 33) % sides
        };
        let mut files: Files = BTreeMap::new();
        for (name, bytes) in life.json() {
            if roll(100) < u64::from(with_json) {
                files.insert(name, bytes);
            }
        }
        for (name, bytes) in life.csv() {
            if roll(100) < u64::from(with_csv) {
                files.insert(name, bytes);
            }
        }
        if profile {
            let text = format!("id,timezone\nA,{}\n", life.zone.name());
            files.insert("Profile.csv".to_owned(), text.into_bytes());
        }
        prop_assume!(!files.is_empty());
        let whole = tempfile::tempdir().expect("temporary folder");
        import(whole.path(), &files);
        let mut parts = [Files::new(), Files::new(), Files::new()];
        for (name, bytes) in &files {
            for _ in 0..=roll(2) {
                let at = usize::try_from(roll(3)).expect("small");
                parts[at].insert(name.clone(), bytes.clone());
            }
        }
        let pieces = tempfile::tempdir().expect("temporary folder");
        for part in parts.iter().filter(|part| !part.is_empty()) {
            import(pieces.path(), part);
        }
        let (expected, found) = (bytes_of(whole.path()), bytes_of(pieces.path()));
        if expected != found {
            let days = |all: &BTreeMap<String, Vec<u8>>| all.keys().cloned().collect::<Vec<_>>();
            prop_assert_eq!(days(&expected), days(&found));
            for (row, other) in rows(whole.path()).iter().zip(&rows(pieces.path())) {
                prop_assert_eq!(row, other);
            }
            let archives = [whole.path(), pieces.path()].map(|path| Archive::open(path, None));
            for day in expected.keys() {
                let day = day.parse().expect("a date");
                let [a, b] = [0, 1].map(|at| archives[at].footer(Detail::Sec1, day).expect("readable"));
                prop_assert_eq!(a, b);
            }
            prop_assert!(false, "the bytes differ, the rows and footers do not");
        }
        import(whole.path(), &files);
        prop_assert_eq!(expected, bytes_of(whole.path()));
        let all: Vec<i64> = rows(whole.path()).iter().map(|row| row.0).collect();
        let mut sorted = all.clone();
        sorted.sort_unstable();
        sorted.dedup();
        prop_assert_eq!(all.len(), sorted.len(), "an instant stands in one day");
    }
}
