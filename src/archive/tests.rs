//! The archive on a real folder.

use super::*;
use crate::day::{Day, Detail, Provider, Sample};
use crate::exit::{Exit, Explain};
use chrono::NaiveDate;
use std::fs;
use std::path::PathBuf;
use std::thread;
use tempfile::TempDir;

const MIDNIGHT: i64 = 1_496_289_600_000; // 2017-06-01T04:00:00Z

fn date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2017, 6, 1).expect("a date")
}

fn a_day(provider: Provider, seconds: impl IntoIterator<Item = i64>, bpm: u16) -> DayFile {
    let mut day = Day::empty(date(), Detail::Sec1, provider);
    let sample = |second| Sample::at(MIDNIGHT + second * 1000, -14_400, bpm);
    day.samples = seconds.into_iter().map(sample).collect();
    DayFile::new(day)
}

struct Place {
    folder: TempDir,
    archive: Archive,
}

fn place() -> Place {
    let folder = tempfile::tempdir().expect("a folder");
    let archive = Archive::open(folder.path(), None);
    Place { folder, archive }
}

impl Place {
    fn path(&self) -> PathBuf {
        self.folder
            .path()
            .join(Layout::default().name(&Series::heart_rate(Detail::Sec1).day(date())))
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).expect("there")
    }
}

#[test]
fn an_update_says_what_it_changed_and_the_same_again_changes_nothing() {
    let place = place();
    let update = |file: &DayFile| place.archive.update(file).expect("updated");
    let first = a_day(Provider::Takeout, [0, 5], 60);
    assert_eq!(update(&first), Change::Created);
    let before = (place.bytes(), fs::metadata(place.path()).expect("there"));
    assert_eq!(update(&first), Change::Unchanged);
    let after = (place.bytes(), fs::metadata(place.path()).expect("there"));
    assert_eq!(before.0, after.0);
    assert_eq!(before.1.modified().ok(), after.1.modified().ok());
    assert_eq!(
        update(&a_day(Provider::Google, [5, 9], 70)),
        Change::Changed
    );
    assert_eq!(update(&first), Change::Unchanged);
}

#[test]
fn the_order_of_updates_does_not_show_in_the_bytes() {
    let files = [
        a_day(Provider::Takeout, [0, 5], 60),
        a_day(Provider::Google, [5, 9], 70),
        a_day(Provider::Google, [], 70),
    ];
    let (forth, back) = (place(), place());
    for file in &files {
        forth.archive.update(file).expect("updated");
    }
    for file in files.iter().rev() {
        back.archive.update(file).expect("updated");
    }
    assert_eq!(forth.bytes(), back.bytes());
}

#[test]
fn updates_at_once_lose_nothing() {
    let place = place();
    thread::scope(|scope| {
        for writer in 0..4 {
            // A handle of its own, as another process would have.
            let archive = Archive::open(place.folder.path(), None);
            scope.spawn(move || {
                for round in 0..8 {
                    let second = writer * 100 + round;
                    let day = a_day(Provider::Takeout, [second], 60);
                    archive.update(&day).expect("updated");
                }
            });
        }
    });
    let stored = place.archive.read(Detail::Sec1, date()).expect("readable");
    assert_eq!(stored.expect("there").day.samples.len(), 32);
    let names: Vec<_> = fs::read_dir(place.path().parent().expect("a folder"))
        .expect("listed")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names, ["2017-06-01.parquet"]);
}

#[test]
fn a_refresh_drops_what_the_service_dropped() {
    let place = place();
    let refresh = |seconds: &[i64]| {
        let day = a_day(Provider::Google, seconds.iter().copied(), 60);
        let now = |stored: Option<DayFile>| {
            Some(match stored {
                Some(stored) => merge::refreshed(stored, day.clone()),
                None => merge::normalized(day.clone()),
            })
        };
        let change = place.archive.edit_day(Detail::Sec1, date(), now);
        change.expect("refreshed")
    };
    assert_eq!(refresh(&[0, 5, 9]), Some(Change::Created));
    assert_eq!(refresh(&[0, 9]), Some(Change::Changed));
    assert_eq!(refresh(&[0, 9]), Some(Change::Unchanged));
    let footer = place.archive.footer(Detail::Sec1, date());
    assert_eq!(footer.expect("readable").expect("there").samples, 2);
}

#[test]
fn a_damaged_file_is_named_and_left_alone() {
    let place = place();
    let day = a_day(Provider::Google, [0], 60);
    place.archive.update(&day).expect("updated");
    fs::write(place.path(), b"PAR1 not").expect("written");
    let errors = [
        place.archive.read(Detail::Sec1, date()).map(|_| ()),
        place.archive.footer(Detail::Sec1, date()).map(|_| ()),
        place.archive.update(&day).map(|_| ()),
    ];
    for error in errors {
        let error = error.expect_err("refused");
        assert_eq!(error.exit(), Exit::Data);
        assert!(error.what().contains("2017-06-01.parquet"), "{error:?}");
        assert!(!error.why().is_empty() && error.hint() != crate::hint::Hint::default());
    }
    assert_eq!(place.bytes(), b"PAR1 not");
}

#[test]
fn only_files_in_their_own_place_are_days() {
    let place = place();
    assert_eq!(place.archive.days(Detail::Sec1).expect("listed"), []);
    let day = a_day(Provider::Google, [0], 60);
    place.archive.update(&day).expect("updated");
    let month = place.path().parent().expect("a folder").to_owned();
    for name in [
        ".2017-06-02.parquet.AbC.tmp",
        "2017-06-31.parquet",
        "2017-07-01.parquet",
        "notes.txt",
    ] {
        fs::write(month.join(name), b"x").expect("written");
    }
    assert_eq!(place.archive.days(Detail::Sec1).expect("listed"), [date()]);
    assert_eq!(place.archive.days(Detail::Min1).expect("listed"), []);
    let other = Archive::open(place.folder.path(), Some("alice"));
    assert_eq!(other.days(Detail::Sec1).expect("listed"), []);
    other.update(&day).expect("updated");
    assert!(
        place
            .folder
            .path()
            .join("user=alice/heart_rate/detail=1sec")
            .is_dir()
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let place = place();
    fs::write(place.folder.path().join("heart_rate"), b"in the way").expect("written");
    let day = a_day(Provider::Google, [0], 60);
    let error = place.archive.update(&day).expect_err("refused");
    assert_eq!(error.exit(), Exit::CannotCreate);
    assert_eq!(place.archive.days(Detail::Sec1).expect("listed"), []);
}
