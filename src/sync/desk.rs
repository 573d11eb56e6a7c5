//! Where finished days go into the archive, with what is known about them as a whole.

use super::assembly::{Finished, Ready};
use super::plan::Stored;
use super::settle::{self, Open};
use super::verify::{self, Proof};
use crate::archive::{Archive, Change, DayFile, Error};
use crate::civil;
use crate::day::{Day, Detail, Provider, Sample, Source, Summary, Zone};
use crate::google::rollup::Mean;
use crate::numerals::grouped;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// What every day of a run has in common.
#[derive(Debug)]
pub struct Desk {
    /// Where the days go.
    pub archive: Archive,
    /// Who gave them.
    pub provider: Provider,
    /// At which detail.
    pub detail: Detail,
    /// They were cut by it.
    pub zone: Tz,
    /// When the device last synced, in milliseconds since 1970-01-01T00:00:00Z.
    pub last_sync: Option<i64>,
    /// Resting heart rates that came apart from the samples.
    pub resting: BTreeMap<NaiveDate, f64>,
    /// Zones that did.
    pub zones: BTreeMap<NaiveDate, Vec<Zone>>,
    /// What samples are held against.
    pub proof: Proof,
    /// The day before the service's first one by the account's clock: on another clock it may have samples.
    pub before_history: Option<NaiveDate>,
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

impl Desk {
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
        let samples = finished.samples.len() as u64;
        let mut open = settle::open(finished.end, now, self.last_sync);
        if open.is_none() && finished.doubtful {
            open = Some(Open::Doubtful);
        }
        if open.is_none()
            && let Some(short) = self.shortfall(&finished)?
        {
            open = Some(Open::Short(short));
        }
        let summary = self.completed(finished.summary, date);
        let file = self.file(date, finished.samples, open.is_none(), summary);
        let shrunk = self.shrinks(date, samples)?;
        let short = matches!(open, Some(Open::Short(_) | Open::Doubtful));
        // What is not all of the day takes nothing away from what the archive has.
        let mut change = if short || finished.doubtful || shrunk.is_some() {
            self.archive.update(&file)?
        } else {
            self.archive.refresh(&file)?
        };
        if short && self.open_again(date)? {
            change = Change::Changed;
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
        if whole || self.archive.footer(self.detail, date)?.is_some() {
            let clocks = samples.iter().filter_map(|sample| sample.utc_offset);
            let window = civil::window(date, self.zone).unwrap_or(0..0);
            let end = settle::end_of(date, &window, &clocks.collect());
            let settled = whole && settle::open(end, now, self.last_sync).is_none();
            let summary = self.completed(Summary::default(), date);
            self.archive
                .update(&self.file(date, samples, settled, summary))?;
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
    /// As [`Desk::keep`].
    pub fn keep_late(&self, date: NaiveDate, late: Summary) -> Result<(), Error> {
        if self.archive.footer(self.detail, date)?.is_some() {
            self.archive
                .update(&self.file(date, Vec::new(), false, late))?;
        }
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

    /// Takes back that a day is settled.
    fn open_again(&self, date: NaiveDate) -> Result<bool, Error> {
        match self.archive.read(self.detail, date)? {
            Some(mut stored) if stored.meta.settled => {
                stored.meta.settled = false;
                self.archive.replace(&stored)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_whose_neighbour_is_lost_loses_nothing_and_is_open_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let date = "2026-06-05".parse().expect("a date");
        let window = civil::window(date, Tz::UTC).expect("a day");
        let desk = Desk {
            archive: Archive::open(folder.path(), None),
            provider: Provider::Google,
            detail: Detail::Sec1,
            zone: Tz::UTC,
            last_sync: None,
            resting: BTreeMap::new(),
            zones: BTreeMap::new(),
            proof: Proof::None,
            before_history: None,
        };
        let now = DateTime::from_timestamp_millis(window.end + 3 * 86_400_000).expect("an instant");
        let keep = |seconds: &[i64], doubtful| {
            let sample = |second: &i64| Sample::at(window.start + second * 1000, 0, 60);
            let finished = Finished {
                date,
                samples: seconds.iter().map(sample).collect(),
                end: window.end,
                doubtful,
                summary: Summary::default(),
                tally: None,
                means: None,
            };
            let kept = desk.keep(Ready::Day(finished), now).expect("writable");
            let kept = kept.expect("a day");
            let stored = desk.archive.read(Detail::Sec1, date).expect("readable");
            let stored = stored.expect("there");
            let count = stored.day.samples.len();
            (kept.change, kept.open, count, stored.meta.settled)
        };
        let open = || Some(Open::Doubtful);
        for (seconds, doubtful, expected) in [
            (&[1, 2, 3, 4][..], false, (Change::Created, None, 4, true)),
            (&[1, 2, 3], true, (Change::Changed, open(), 4, false)),
            (&[1, 2, 3], true, (Change::Unchanged, open(), 4, false)),
            (&[1, 2, 3], false, (Change::Changed, None, 3, true)),
        ] {
            assert_eq!(keep(seconds, doubtful), expected, "{seconds:?} {doubtful}");
        }
    }
}
