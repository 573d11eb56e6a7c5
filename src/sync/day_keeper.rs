//! Where finished days go into the archive, with what is known about them as a whole.

use super::day_builder::{Finished, Ready};
use super::plan::Stored;
use super::settle::{self, Open};
use super::sync_state::SyncState;
use super::verify::{self, Proof};
use super::wrong_day;
use crate::archive::{self, Archive, Change, DayFile, Error, merge};
use crate::civil;
use crate::day::{Day, Detail, Provider, Sample, Source, Summary, Zone};
use crate::google::rollup::Mean;
use crate::numerals::grouped;
use crate::settled::Syncs;
use crate::zone::Tz;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// What every day of a run has in common.
#[derive(Debug)]
pub struct DayKeeper {
    /// Where the days go.
    pub archive: Archive,
    /// Who gave them.
    pub provider: Provider,
    /// At which detail.
    pub detail: Detail,
    /// They were cut by it.
    pub zone: Tz,
    /// When the devices last synced.
    pub syncs: Syncs,
    /// Resting heart rates that came apart from the samples.
    pub resting: BTreeMap<NaiveDate, f64>,
    /// Zones that did.
    pub zones: BTreeMap<NaiveDate, Vec<Zone>>,
    /// What samples are held against.
    pub proof: Proof,
    /// The day before the service's first one by the account's clock: on another clock it may have samples.
    pub before_history: Option<NaiveDate>,
    /// Clocks that an unfinished run is remembered to have met.
    pub clocks: Mutex<BTreeSet<i32>>,
}

/// A day that is in the archive.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Which.
    pub date: NaiveDate,
    /// How many samples the service gave.
    pub samples: u64,
    /// What that did to the file.
    pub change: Change,
    /// Why more is to come.
    pub open: Option<Open>,
    /// What a person should know.
    pub note: Option<String>,
}

impl DayKeeper {
    /// Puts a day into the archive; `None` for strays, which are nobody's day.
    ///
    /// # Errors
    /// Fails when the archive cannot be read or written.
    pub fn keep(&self, ready: Ready, now: DateTime<Utc>) -> Result<Option<Kept>, Error> {
        match ready {
            Ready::Day(finished) => self.keep_day(finished, now).map(Some),
            Ready::Strays(date, samples) => self.keep_strays(date, samples, now).map(|()| None),
        }
    }

    fn keep_day(&self, finished: Finished, now: DateTime<Utc>) -> Result<Kept, Error> {
        let date = finished.date;
        self.remember(&finished.clocks_of_others)?;
        let samples = finished.samples.len() as u64;
        let mut open = settle::open(finished.end, now, &self.syncs);
        if open.is_none() && finished.doubtful {
            open = Some(Open::Doubtful);
        }
        if open.is_none()
            && let Some(short) = self.shortfall(&finished)?
        {
            open = Some(Open::Short(short));
        }
        let summary = self.completed(finished.summary, date);
        let wrong = wrong_day::find(&self.archive, self.detail, date, &finished.samples)?;
        let moves = !wrong.is_empty();
        // A run that is killed before those are here looks at the day again.
        if moves {
            self.mark(date, false)?;
        }
        let settled = open.is_none() && !moves;
        let file = self.file(date, finished.samples, settled, summary);
        let shrunk = self.shrinks(date, samples)?;
        let short = matches!(open, Some(Open::Short(_) | Open::Doubtful));
        // What is not all of the day takes nothing away from what the archive has.
        let partial = short || finished.doubtful || shrunk.is_some();
        let change = self.archive.edit_day(self.detail, date, |stored| {
            Some(match stored {
                Some(stored) if !partial => merge::refreshed(stored, file.clone()),
                stored => merge::into(stored, file.clone()),
            })
        })?;
        let mut change = change.unwrap_or(Change::Unchanged);
        if short && self.mark(date, false)? {
            change = Change::Changed;
        }
        for rows in wrong {
            rows.bring_to(&self.archive, date)?;
        }
        if moves && open.is_none() {
            self.mark(date, true)?;
        }
        Ok(Kept {
            date,
            samples,
            change,
            open,
            note: shrunk.map(|before| {
                format!("{date}: the service has {} samples now and had {}; what the archive has is kept", grouped(samples), grouped(before))
            }),
        })
    }

    fn keep_strays(
        &self,
        date: NaiveDate,
        samples: Vec<Sample>,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        if samples.is_empty() {
            return Ok(());
        }
        // Nothing came before: these are all of that day.
        let whole = self.before_history == Some(date);
        let clocks = samples.iter().filter_map(|sample| sample.utc_offset);
        let window = civil::window(date, self.zone).unwrap_or(0..0);
        let end = settle::end_of(date, &window, &clocks.collect());
        let settled = whole && settle::open(end, now, &self.syncs).is_none();
        let summary = self.completed(Summary::default(), date);
        let mut file = self.file(date, samples, settled, summary);
        if whole {
            self.archive.update(&file)?;
        } else {
            // By which zone the day was cut is for whoever brought the day to say.
            file.meta.timezone = None;
            let decide = |stored: Option<DayFile>| Some(self.with_strays(stored?, &file));
            self.archive.edit_day(self.detail, date, decide)?;
        }
        Ok(())
    }

    /// Where some of a day has come that was not there, there may be more: it is open again, if this service alone gave it.
    fn with_strays(&self, stored: DayFile, strays: &DayFile) -> DayFile {
        let (before, ours) = (
            stored.day.samples.len(),
            stored.meta.providers == [self.provider].into(),
        );
        let mut merged = archive::merge(stored, strays.clone());
        if ours && merged.day.samples.len() > before {
            merged.meta.settled = false;
        }
        merged
    }

    /// Before a day settles, the clocks of what came along are kept in mind: should the run end before the days to which
    /// that belongs are kept, the next run looks for it.
    fn remember(&self, clocks: &BTreeSet<i32>) -> Result<(), Error> {
        let mut known = self.clocks.lock().unwrap_or_else(PoisonError::into_inner);
        if !clocks.is_subset(&known) {
            known.extend(clocks);
            let mut state = SyncState::read(&self.archive)?;
            state.meet(&self.archive, self.detail.name(), &known)?;
        }
        Ok(())
    }

    /// What is known now of a day as a whole and was not when it was stored; `None` if nothing is.
    #[must_use]
    pub fn late(&self, date: NaiveDate, stored: &Stored) -> Option<Summary> {
        let mut late = self.completed(Summary::default(), date);
        if stored.has_resting {
            late.resting_bpm = None;
        }
        if stored.has_zones {
            late.zones.clear();
        }
        (late != Summary::default()).then_some(late)
    }

    /// Adds it to a day that the archive has.
    ///
    /// # Errors
    /// As [`DayKeeper::keep`].
    pub fn keep_late(&self, date: NaiveDate, late: Summary) -> Result<(), Error> {
        let mut file = self.file(date, Vec::new(), false, late);
        file.meta.timezone = None;
        let decide = |stored: Option<DayFile>| Some(archive::merge(stored?, file.clone()));
        self.archive.edit_day(self.detail, date, decide)?;
        Ok(())
    }

    /// What came with the samples of a day, and what came apart from them.
    fn completed(&self, mut summary: Summary, date: NaiveDate) -> Summary {
        let resting = self.resting.get(&date).copied();
        summary.resting_bpm = summary.resting_bpm.or(resting);
        if summary.zones.is_empty() {
            summary.zones = self.zones.get(&date).cloned().unwrap_or_default();
        }
        summary
    }

    fn file(
        &self,
        date: NaiveDate,
        samples: Vec<Sample>,
        settled: bool,
        summary: Summary,
    ) -> DayFile {
        let mut file = DayFile::new(Day {
            date,
            detail: self.detail,
            samples,
            sources: vec![Source::of(self.provider)],
            summary,
        });
        file.meta.settled = settled;
        file.meta.timezone = Some(self.zone.name().to_owned());
        file
    }

    /// How many samples the archive has, if the service alone gave them and now has less than half: a fault rather than
    /// a person who takes so much back.
    fn shrinks(&self, date: NaiveDate, samples: u64) -> Result<Option<u64>, Error> {
        let stored = self.archive.footer(self.detail, date)?;
        Ok(stored
            .filter(|stored| stored.meta.providers == [self.provider].into())
            .map(|stored| stored.samples)
            .filter(|before| samples < before / 2))
    }

    fn shortfall(&self, finished: &Finished) -> Result<Option<String>, Error> {
        let Some(tally) = &finished.tally else {
            return Ok(None);
        };
        let means = match (&finished.means, self.proof) {
            (Some(means), _) => means.clone(),
            (None, Proof::Stored) => self.stored_means(finished.date)?,
            (None, Proof::None | Proof::Fetched) => Vec::new(),
        };
        Ok(verify::shortfall(tally, &means).map(|short| short.to_string()))
    }

    /// The service's means of a settled day that the archive has by the minute.
    fn stored_means(&self, date: NaiveDate) -> Result<Vec<Mean>, Error> {
        let stored = self.archive.read(Detail::Min1, date)?;
        let Some(stored) = stored.filter(|stored| {
            stored.meta.settled
                && stored.meta.providers == [self.provider].into()
                && stored.meta.timezone.as_deref() == Some(self.zone.name())
        }) else {
            return Ok(Vec::new());
        };
        let mean = |sample: &Sample| {
            Some(Mean {
                start: sample.instant?,
                bpm: sample.bpm,
            })
        };
        Ok(stored.day.samples.iter().filter_map(mean).collect())
    }

    /// Says of a day that it is settled, or is not; answers whether that is news.
    fn mark(&self, date: NaiveDate, settled: bool) -> Result<bool, Error> {
        let change = self.archive.edit_day(self.detail, date, |stored| {
            let mut stored = stored?;
            stored.meta.settled = settled;
            Some(stored)
        })?;
        Ok(change == Some(Change::Changed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::left_out::LeftOut;

    /// 5 June 2026 in UTC, three days later.
    struct Case {
        keeper: DayKeeper,
        date: NaiveDate,
        start: i64,
        now: DateTime<Utc>,
        _folder: tempfile::TempDir,
    }

    impl Case {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let date = NaiveDate::from_ymd_opt(2026, 6, 5).expect("a date");
            let window = civil::window(date, Tz::UTC).expect("a day");
            let now = window.end + 3 * 86_400_000;
            Self {
                keeper: DayKeeper {
                    archive: Archive::open(folder.path(), None),
                    provider: Provider::Google,
                    detail: Detail::Sec1,
                    zone: Tz::UTC,
                    syncs: Syncs::default(),
                    resting: BTreeMap::new(),
                    zones: BTreeMap::new(),
                    proof: Proof::None,
                    before_history: None,
                    clocks: Mutex::default(),
                },
                date,
                start: window.start,
                now: DateTime::from_timestamp_millis(now).expect("an instant"),
                _folder: folder,
            }
        }

        fn samples(&self, seconds: &[i64]) -> Vec<Sample> {
            let sample = |second: &i64| Sample::at(self.start + second * 1000, 0, 60);
            seconds.iter().map(sample).collect()
        }

        fn keep(&self, seconds: &[i64], doubtful: bool) -> Kept {
            let (end, samples) = (self.start + 86_400_000, self.samples(seconds));
            let finished = Finished {
                doubtful,
                ..Finished::new(self.date, end, samples, LeftOut::default())
            };
            let kept = self.keeper.keep(Ready::Day(finished), self.now);
            kept.expect("writable").expect("a day")
        }

        fn stray(&self, seconds: &[i64]) {
            let strays = Ready::Strays(self.date, self.samples(seconds));
            let kept = self.keeper.keep(strays, self.now).expect("writable");
            assert_eq!(kept, None);
        }

        /// How many samples there are, and whether more is to come.
        fn stored(&self) -> Option<(usize, bool)> {
            let stored = self.keeper.archive.read(self.keeper.detail, self.date);
            let stored = stored.expect("readable")?;
            Some((stored.day.samples.len(), !stored.meta.settled))
        }
    }

    #[test]
    fn a_day_whose_neighbour_is_lost_loses_nothing_and_is_open_again() {
        let case = Case::new();
        let open = || Some(Open::Doubtful);
        for (seconds, doubtful, change, why, stored) in [
            (&[1, 2, 3, 4][..], false, Change::Created, None, (4, false)),
            (&[1, 2, 3], true, Change::Changed, open(), (4, true)),
            (&[1, 2, 3], true, Change::Unchanged, open(), (4, true)),
            (&[1, 2, 3], false, Change::Changed, None, (3, false)),
        ] {
            let kept = case.keep(seconds, doubtful);
            assert_eq!((kept.change, kept.open), (change, why), "{seconds:?}");
            assert_eq!(case.stored(), Some(stored), "{seconds:?} {doubtful}");
        }
    }

    #[test]
    fn samples_that_come_along_open_a_day_that_lacks_them() {
        let case = Case::new();
        case.stray(&[9]);
        assert_eq!(case.stored(), None, "nobody asked for that day");
        case.keep(&[1, 2, 9], false);
        case.stray(&[2, 9]);
        assert_eq!(case.stored(), Some((3, false)));
        case.stray(&[9, 10]);
        assert_eq!(case.stored(), Some((4, true)));
    }

    #[test]
    fn what_an_import_put_on_the_day_before_comes_to_its_own() {
        let case = Case::new();
        let before = case.date.pred_opt().expect("a date");
        let mut day = Day::empty(before, Detail::Sec1, Provider::Takeout);
        // An hour before midnight, and two readings after it that the import's clock put before it.
        day.samples = case.samples(&[-3600, 1, 3]);
        for sample in &mut day.samples {
            sample.local_time -= 4 * 3_600_000;
            sample.utc_offset = Some(-4 * 3600);
            sample.confidence = Some(2);
        }
        let mut file = DayFile::new(day);
        let placeholders = [-3601, 2].map(|second| case.start + second * 1000);
        file.meta.placeholders = placeholders.to_vec();
        case.keeper.archive.update(&file).expect("writable");
        case.keep(&[1, 2], false);
        assert_eq!(case.stored(), Some((2, false)));
        case.keep(&[1, 2], false);
        let confidences = |date| {
            let file = case.keeper.archive.read(Detail::Sec1, date);
            let samples = file.expect("readable").expect("there").day.samples;
            let confidence = |sample: Sample| (sample.instant, sample.confidence);
            samples.into_iter().map(confidence).collect::<Vec<_>>()
        };
        let at = |second: i64| Some(case.start + second * 1000);
        assert_eq!(
            confidences(case.date),
            [(at(1), Some(2)), (at(2), None)],
            "the service's rows, with what Takeout knew"
        );
        // The service does not know the last one: where it belongs is not proven.
        assert_eq!(
            confidences(before),
            [(at(-3600), Some(2)), (at(3), Some(2))]
        );
        let remembered = [before, case.date].map(|date| {
            let footer = case.keeper.archive.footer(Detail::Sec1, date);
            footer.expect("readable").expect("there").meta.placeholders
        });
        assert_eq!(remembered, placeholders.map(|at| vec![at]));
    }

    #[test]
    fn a_day_that_others_gave_stays_settled() {
        let case = Case::new();
        let mut day = Day::empty(case.date, Detail::Sec1, Provider::Takeout);
        day.samples = case.samples(&[1, 2]);
        let mut file = DayFile::new(day);
        file.meta.settled = true;
        file.meta.timezone = Some("America/New_York".to_owned());
        case.keeper.archive.update(&file).expect("writable");
        case.stray(&[3]);
        assert_eq!(case.stored(), Some((3, false)));
        let late = Summary {
            resting_bpm: Some(57.0),
            ..Summary::default()
        };
        case.keeper.keep_late(case.date, late).expect("writable");
        let footer = case.keeper.archive.footer(Detail::Sec1, case.date);
        let footer = footer.expect("readable").expect("there");
        assert_eq!(
            (footer.meta.settled, footer.summary.resting_bpm),
            (true, Some(57.0))
        );
        assert_eq!(footer.meta.timezone.as_deref(), Some("America/New_York"));
    }
}
