//! Which export's profile and nights explain which days, whatever is imported when.

use super::*;
use crate::zone::Tz;
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// A folder for exports, with an archive beside them.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("temporary folder"))
    }

    fn archive(&self) -> PathBuf {
        self.0.path().join("archive")
    }

    fn write(&self, files: &[(&str, Vec<u8>)]) {
        for (name, bytes) in files {
            write_files(self.0.path(), &[((*name).to_owned(), bytes.clone())].into());
        }
    }

    fn import(&self, paths: &[&str], change: impl FnOnce(&mut Request)) {
        let paths = paths.iter().map(|path| self.0.path().join(path)).collect();
        let mut request = request(paths);
        change(&mut request);
        let archive = Archive::open(&self.archive(), None);
        run(&request, &archive, &Progress::default()).expect("imported");
    }

    /// The offsets of a day's rows, in hours; the day by UTC.
    fn hours(&self, day: &str) -> BTreeSet<i64> {
        let day = day.parse().expect("a date");
        let rows = rows(&self.archive()).into_iter();
        let of_day = rows.filter(|row| date(row.0) == day);
        of_day.map(|row| (row.1 - row.0) / HOUR).collect()
    }
}

/// A day that is worn from 8 to 20 o'clock of a clock that is ahead of UTC by some hours.
fn worn(day: &str, ahead: i64) -> Vec<i64> {
    let start = midnight(day.parse().expect("a date"));
    (8 * 60..20 * 60)
        .step_by(10)
        .map(|minute| start + minute * 60_000 - ahead * HOUR)
        .collect()
}

fn json_of(day: &str, ahead: i64) -> Vec<u8> {
    let record = |instant| JsonRecord {
        instant,
        bpm: 80,
        confidence: Some(2),
    };
    json_file(&worn(day, ahead).into_iter().map(record).collect::<Vec<_>>())
}

fn csv_of(day: &str, ahead: i64) -> Vec<u8> {
    csv_file(
        &worn(day, ahead)
            .into_iter()
            .map(|at| (at, 80, None))
            .collect::<Vec<_>>(),
    )
}

fn profile(zone: &str) -> Vec<u8> {
    format!("id,timezone\nA,{zone}\n").into_bytes()
}

#[test]
fn each_export_follows_its_own_profile_in_any_order() {
    for (one, two) in [
        ("berlin", "london"),
        (
            "takeout-20241001T000000Z-001",
            "takeout-20251001T000000Z-1-001",
        ),
    ] {
        for order in [
            vec![vec![one, two]],
            vec![vec![one], vec![two]],
            vec![vec![two], vec![one]],
            vec![vec![""]],
        ] {
            let home = Home::new();
            home.write(&[
                (
                    &format!("{one}/Global Export Data/heart_rate-2024-07-01.json"),
                    json_of("2024-07-01", 2),
                ),
                (
                    &format!("{one}/Your Profile/Profile.csv"),
                    profile("Europe/Berlin"),
                ),
                (
                    &format!("{two}/Global Export Data/heart_rate-2025-07-01.json"),
                    json_of("2025-07-01", 1),
                ),
                (
                    &format!("{two}/Your Profile/Profile.csv"),
                    profile("Europe/London"),
                ),
            ]);
            for paths in &order {
                home.import(paths, |_| ());
            }
            assert_eq!(home.hours("2024-07-01"), [2].into(), "{one} {order:?}");
            assert_eq!(home.hours("2025-07-01"), [1].into(), "{one} {order:?}");
        }
    }
}

#[test]
fn what_an_option_or_another_machine_decided_proves_nothing() {
    let tokyo = |request: &mut Request| request.timezone = Some(Tz::of("Asia/Tokyo"));
    let machine =
        |name: &'static str| move |request: &mut Request| request.zones[0].zone = Tz::of(name);
    let home = Home::new();
    home.write(&[
        ("a/heart_rate_2025-04-05.csv", csv_of("2025-04-05", 9)),
        ("a/heart_rate-2025-04-06.json", json_of("2025-04-06", 9)),
        ("b/heart_rate_2025-04-07.csv", csv_of("2025-04-07", 2)),
        ("b/Profile.csv", profile("Europe/Berlin")),
        ("c/heart_rate_2025-04-09.csv", csv_of("2025-04-09", 2)),
    ]);
    home.import(&["a"], tokyo);
    home.import(&["b"], |_| ());
    home.import(&["c"], machine("Europe/Athens"));
    for (day, ahead) in [
        ("2025-04-05", 9),
        ("2025-04-06", 9),
        ("2025-04-07", 2),
        ("2025-04-09", 3),
    ] {
        assert_eq!(home.hours(day), [ahead].into(), "{day}");
    }
    // Another setting mends it.
    home.import(&["a", "c"], machine("Europe/Berlin"));
    for day in ["2025-04-05", "2025-04-09"] {
        assert_eq!(home.hours(day), [2].into(), "{day}");
    }
}

#[test]
fn a_part_with_a_profile_or_with_nights_alone_is_remembered_for_its_export() {
    let nights = b"sleep_id,start_utc_offset,sleep_stage_start,end_utc_offset,sleep_stage_end,algorithm_version\n\
        1,+05:00,2026-06-30T20:30:00Z,+05:00,2026-06-30T20:40:00Z,v1\n1,+05:00,2026-07-01T20:30:00Z,+05:00,2026-07-01T20:40:00Z,v1\n";
    let heart = ("heart_rate_2026-07-01.csv", csv_of("2026-07-01", 5));
    for (name, bytes) in [
        ("Profile.csv", profile("Asia/Karachi")),
        ("UserSleepStages_2026-07-01.csv", nights.to_vec()),
    ] {
        for (proof, days) in [
            (
                "takeout-20260709T182813Z-1-001",
                "takeout-20260709T182813Z-1-002",
            ),
            ("one", "one"),
        ] {
            let (proof, days) = (format!("{proof}/{name}"), format!("{days}/{}", heart.0));
            let files = [
                (proof.as_str(), bytes.clone()),
                (days.as_str(), heart.1.clone()),
            ];
            let mut all = Vec::new();
            for order in [
                vec![vec![&*proof, &*days]],
                vec![vec![&*proof], vec![&*days]],
                vec![vec![&*days], vec![&*proof]],
            ] {
                let home = Home::new();
                home.write(&files);
                for paths in &order {
                    home.import(paths, |_| ());
                }
                assert_eq!(home.hours("2026-07-01"), [5].into(), "{name} {order:?}");
                all.push(bytes_of(&home.archive()));
            }
            assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{name}");
        }
    }
}

#[test]
fn stamps_of_nights_are_local_or_utc_as_the_log_of_sleeps_tells() {
    // The night begins at 23 o'clock of a clock that is 10 hours ahead.
    let local = "2024-06-30T23:00:00"
        .parse::<chrono::NaiveDateTime>()
        .expect("a time");
    let utc = local - TimeDelta::hours(10);
    let row = |at: chrono::NaiveDateTime| {
        format!(
            "sleep_id,start_utc_offset,sleep_start\n1,+10:00,{}+0000\n",
            at.format("%Y-%m-%d %H:%M:%S")
        )
        .into_bytes()
    };
    let log = format!(
        "[{{\"startTime\":\"{}.000\"}}]",
        local.format("%Y-%m-%dT%H:%M:%S")
    )
    .into_bytes();
    for (stamp, with_log) in [(local, true), (utc, true), (local, false)] {
        let home = Home::new();
        let mut files = vec![
            ("x/heart_rate_2024-07-01.csv", csv_of("2024-07-01", 10)),
            ("x/UserSleeps_2024-06-01.csv", row(stamp)),
        ];
        files.extend(with_log.then(|| ("x/sleep-2024-06-01.json", log.clone())));
        home.write(&files);
        home.import(&["x"], |_| ());
        let spans = exports::Exports::read(&home.archive())
            .expect("readable")
            .spans();
        let first = spans.first().expect("a night").first;
        assert_eq!(
            first,
            utc.and_utc().timestamp_millis(),
            "{stamp} {with_log}"
        );
        assert_eq!(home.hours("2024-07-01"), [10].into());
    }
}

#[test]
fn the_last_day_of_an_export_stays_open() {
    let settled = |home: &Home, day: &str| {
        let archive = Archive::open(&home.archive(), None);
        let footer = archive.footer(Detail::Sec1, day.parse().expect("a date"));
        footer.expect("readable").expect("there").meta.settled
    };
    let days = ["2024-07-01", "2024-07-02", "2024-07-03"];
    let files = days.map(|day| (format!("x/heart_rate-{day}.json"), json_of(day, 0)));
    let home = Home::new();
    for (name, bytes) in &files {
        home.write(&[(name, bytes.clone())]);
    }
    home.import(&["x"], |_| ());
    assert_eq!(days.map(|day| settled(&home, day)), [true, true, false]);
    // The next export has the evening, and the day after.
    home.write(&[("y/heart_rate-2024-07-04.json", json_of("2024-07-04", 0))]);
    home.import(&["y"], |_| ());
    assert!(settled(&home, days[2]) && !settled(&home, "2024-07-04"));
}
