//! What heart rate has beyond other series: files of its own form, with a summary of the day in the footer.

pub mod codec;

use super::format::Format;
use super::{Archive, Change, DayFile, Edit, Error, Fault, Footer, Key, Period, Series, merge};
use crate::day::Detail;
use bytes::Bytes;
use chrono::NaiveDate;

/// The form of a day's file.
pub(super) struct HeartRate;

impl Format for HeartRate {
    type File = DayFile;

    fn decode(&self, bytes: &Bytes, key: &Key) -> Result<DayFile, Fault> {
        codec::decode(bytes, key)
    }

    fn encode(&self, file: &DayFile, _: &Key) -> Result<Vec<u8>, String> {
        codec::encode(file)
    }
}

impl Archive {
    /// The dates that have a file of heart rate, empty days included, ascending.
    ///
    /// # Errors
    /// As [`Archive::entries`].
    pub fn days(&self, detail: Detail) -> Result<Vec<NaiveDate>, Error> {
        let entries = self.entries(&Series::heart_rate(detail))?;
        let date = |key: Key| match key.period {
            Period::Day(date) => Some(date),
            Period::Year(_) => None,
        };
        Ok(entries
            .into_iter()
            .filter_map(|entry| date(entry.key))
            .collect())
    }

    /// The day, or `None` where there is no file.
    ///
    /// # Errors
    /// Fails when the file cannot be read or decoded.
    pub fn read(&self, detail: Detail, date: NaiveDate) -> Result<Option<DayFile>, Error> {
        self.read_as(&HeartRate, &Series::heart_rate(detail).day(date))
    }

    /// What the footer says, without reading the samples; `None` where there is no file.
    ///
    /// # Errors
    /// Fails when the file cannot be read or its footer cannot be decoded.
    pub fn footer(&self, detail: Detail, date: NaiveDate) -> Result<Option<Footer>, Error> {
        self.footer_as(&Series::heart_rate(detail).day(date), Footer::of)
    }

    /// As [`Archive::edit`], for a day of heart rate.
    ///
    /// What `decide` gives must be as [`merge()`] or [`merge::normalized`] leave it.
    ///
    /// # Errors
    /// As [`Archive::edit`].
    pub fn edit_day(
        &self,
        detail: Detail,
        date: NaiveDate,
        decide: impl Fn(Option<DayFile>) -> Option<DayFile>,
    ) -> Result<Option<Change>, Error> {
        self.edit_as(&HeartRate, &Series::heart_rate(detail).day(date), decide)
    }

    /// What [`Archive::edit_day`] would do; nothing is written until it is given to [`Archive::put`].
    ///
    /// # Errors
    /// Fails when the file that is there cannot be read.
    pub fn decide_day(
        &self,
        detail: Detail,
        date: NaiveDate,
        decide: impl Fn(Option<DayFile>) -> Option<DayFile>,
    ) -> Result<Edit, Error> {
        let key = Series::heart_rate(detail).day(date);
        self.decided(&HeartRate, &key, &decide)
    }

    /// Merges a day into what is there, by [`merge()`].
    ///
    /// # Errors
    /// As [`Archive::edit`].
    pub fn update(&self, incoming: &DayFile) -> Result<Change, Error> {
        let change = self.edit_day(incoming.day.detail, incoming.day.date, |stored| {
            Some(merge::into(stored, incoming.clone()))
        })?;
        Ok(change.unwrap_or(Change::Unchanged))
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod edit_tests {
    use super::*;
    use crate::day::{Day, Provider, Sample};

    fn day(bpm: u16) -> DayFile {
        let date = NaiveDate::from_ymd_opt(2017, 6, 1).expect("a date");
        let mut day = Day::empty(date, Detail::Sec1, Provider::Takeout);
        day.samples = vec![Sample::at(1_496_289_600_000, 0, bpm)];
        DayFile::new(day)
    }

    #[test]
    fn a_day_is_replaced_foreseen_and_taken_away() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let archive = Archive::open(folder.path(), None);
        let date = day(60).day.date;
        let work =
            |file: Option<DayFile>| archive.edit_day(Detail::Sec1, date, move |_| file.clone());
        let sees =
            |file: Option<DayFile>| archive.decide_day(Detail::Sec1, date, move |_| file.clone());
        for (file, change) in [
            (None, None),
            (Some(day(60)), Some(Change::Created)),
            (Some(day(60)), Some(Change::Unchanged)),
            (Some(day(61)), Some(Change::Changed)),
            (None, Some(Change::Changed)),
            (None, None),
        ] {
            let edit = sees(file.clone()).expect("readable");
            assert_eq!(edit.change(), change);
            assert_eq!(work(file.clone()).expect("writable"), change);
            let stored = archive.read(Detail::Sec1, date).expect("readable");
            let bpm = |file: &DayFile| file.day.samples[0].bpm;
            assert_eq!(stored.as_ref().map(bpm), file.as_ref().map(bpm));
            let late = archive.put(&edit).expect("readable");
            assert_eq!(late, matches!(change, None | Some(Change::Unchanged)));
        }
    }
}
