//! What was met on the way: counts that add up over days.

use super::entry::{Entry, From};
use super::wearer_clock::Evidence;
use crate::archive::merge::record::{LeftOut, is_placeholder};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;

/// A pass of a repeated hour that the export did not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// On the wall clock, in milliseconds since 1970 of it.
    pub from: i64,
    /// On the wall clock, too.
    pub to: i64,
    /// About how many.
    pub samples: u64,
}

/// Counts of one day, or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Days with samples.
    pub days: u64,
    /// Days of which only the CSV tells, so that placeholders cannot be known.
    pub days_of_csv_alone: u64,
    /// Samples imported, one an instant.
    pub samples: u64,
    /// Records that the same twin had already: the same instant, the same bpm.
    pub duplicates: u64,
    /// Records whose instant the same twin has with another bpm.
    pub conflicting: u64,
    /// Instants in both twins.
    pub in_both: u64,
    /// Instants in the JSON alone.
    pub only_json: u64,
    /// Instants in the CSV alone.
    pub only_csv: u64,
    /// Of those in the JSON alone: how many turned out to be in the CSV, too.
    pub only_json_withdrawn: u64,
    /// Of those in the CSV alone: how many turned out to be in the JSON, too.
    pub only_csv_withdrawn: u64,
    /// Of the samples: how many turned out to be none.
    pub samples_withdrawn: u64,
    /// Instants of both where the bpm differs; the JSON's was taken.
    pub differing: u64,
    /// Placeholders left out.
    pub placeholders: u64,
    /// Instants left out for `--min-confidence`.
    pub below_confidence: u64,
    /// Samples of a repeated hour that the JSON lacks and the CSV has.
    pub filled: u64,
    /// What neither has.
    pub lost: Vec<Lost>,
    /// The first instant in milliseconds.
    pub first: Option<i64>,
    /// The last instant.
    pub last: Option<i64>,
    /// The lowest bpm.
    pub lowest: Option<u16>,
    /// The highest bpm.
    pub highest: Option<u16>,
    /// The least sure way in which an offset of the day is known; `None` for a day without samples.
    pub evidence: Option<Evidence>,
    /// Only the CSV tells of the day.
    pub of_csv_alone: bool,
}

impl Tally {
    /// Adds counts of records. What is said of a day as a whole is [`Total`]'s to count.
    pub fn count(&mut self, other: Self) {
        self.samples += other.samples;
        self.duplicates += other.duplicates;
        self.conflicting += other.conflicting;
        self.in_both += other.in_both;
        self.only_json += other.only_json;
        self.only_csv += other.only_csv;
        self.only_json_withdrawn += other.only_json_withdrawn;
        self.only_csv_withdrawn += other.only_csv_withdrawn;
        self.samples_withdrawn += other.samples_withdrawn;
        self.differing += other.differing;
        self.placeholders += other.placeholders;
        self.below_confidence += other.below_confidence;
        self.filled += other.filled;
        self.lost.extend(other.lost);
        self.first = least(self.first, other.first);
        self.last = self.last.max(other.last);
        self.lowest = least(self.lowest, other.lowest);
        self.highest = self.highest.max(other.highest);
    }

    /// Counts an instant of this run's files.
    pub fn instant(&mut self, met: &Met, left_out: &[LeftOut]) {
        let (json, csv) = (met.json, met.csv);
        self.duplicates += met.duplicates;
        self.conflicting += met.conflicting;
        self.in_both += u64::from(json > 0 && csv > 0);
        self.only_json += u64::from(csv == 0);
        self.only_csv += u64::from(json == 0);
        self.differing += u64::from(met.differ);
        let (placeholder, below) = kinds(left_out);
        self.placeholders += u64::from(placeholder);
        self.below_confidence += u64::from(below);
    }

    /// Counts an instant whose other twin was counted earlier in this run.
    pub fn instant_again(&mut self, met: &Met, left_out: &[LeftOut], is_sample: bool) {
        let (json, csv) = (met.json, met.csv);
        let paired_json = csv > 0 && met.stored_json;
        let paired_csv = json > 0 && met.stored_csv;
        self.only_json_withdrawn += u64::from(paired_json);
        self.only_csv_withdrawn += u64::from(paired_csv);
        self.in_both += u64::from(paired_json || paired_csv);
        self.differing += u64::from((paired_json || paired_csv) && met.differs_from_stored);
        let same_twin = json > 0 && met.stored_json || csv > 0 && met.stored_csv;
        self.duplicates += u64::from(same_twin);
        // What the CSV could not tell from heart rate had been counted as a sample.
        let (placeholder, below) = kinds(left_out);
        self.placeholders += u64::from(met.stored_csv && placeholder);
        self.below_confidence += u64::from(met.stored_csv && below);
        self.samples_withdrawn += u64::from(met.stored_csv && !is_sample);
    }

    /// No record of this run's files is counted here.
    fn is_nothing(&self) -> bool {
        self.in_both + self.only_json + self.only_csv + self.duplicates + self.conflicting == 0
    }

    /// Counts a sample.
    pub fn sample(&mut self, instant: i64, bpm: u16) {
        self.samples += 1;
        self.first = least(self.first, Some(instant));
        self.last = self.last.max(Some(instant));
        self.lowest = least(self.lowest, Some(bpm));
        self.highest = self.highest.max(Some(bpm));
    }
}

/// Whether a placeholder was left out, or else a sample below the confidence that was asked for.
fn kinds(left_out: &[LeftOut]) -> (bool, bool) {
    let placeholder = left_out
        .iter()
        .any(|out| is_placeholder(out.0, Some(out.1)));
    (placeholder, !placeholder && !left_out.is_empty())
}

/// What all entries of one instant are, for counting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Met {
    /// Records in JSON files of this run.
    pub json: u64,
    /// Records in CSV files of this run.
    pub csv: u64,
    /// The archive has it from a JSON file, as a sample or left out.
    pub stored_json: bool,
    /// The archive has it from a CSV file alone.
    pub stored_csv: bool,
    duplicates: u64,
    conflicting: u64,
    differ: bool,
    differs_from_stored: bool,
}

impl Met {
    /// Looks at the entries of one instant.
    #[must_use]
    pub fn of(group: &[Entry]) -> Self {
        if let [alone] = group
            && alone.fresh()
        {
            return Self {
                json: u64::from(alone.from == From::Json),
                csv: u64::from(alone.from == From::Csv),
                ..Self::default()
            };
        }
        let of = |from: From| group.iter().filter(move |entry| entry.from == from);
        let agree = |a: From, b: From| of(a).any(|one| of(b).any(|other| one.bpm == other.bpm));
        let mut met = Self::default();
        for (from, count) in [(From::Json, &mut met.json), (From::Csv, &mut met.csv)] {
            for (at, entry) in of(from).enumerate() {
                *count += 1;
                let said = of(from).take(at).any(|earlier| earlier.bpm == entry.bpm);
                met.duplicates += u64::from(said);
                met.conflicting += u64::from(at > 0 && !said);
            }
        }
        met.differ = met.json > 0 && met.csv > 0 && !agree(From::Json, From::Csv);
        met.stored_json = of(From::LeftOut)
            .chain(of(From::Stored))
            .any(Entry::of_json);
        met.stored_csv = !met.stored_json && of(From::Stored).next().is_some();
        let twin = if met.json > 0 { From::Json } else { From::Csv };
        met.differs_from_stored = of(From::Stored).next().is_some() && !agree(twin, From::Stored);
        met
    }

    /// The archive has it.
    #[must_use]
    pub const fn is_stored(&self) -> bool {
        self.stored_json || self.stored_csv
    }
}

fn least<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The counts of all days, by year, and how their offsets are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Total {
    /// All days.
    pub all: Tally,
    /// By civil year.
    pub years: BTreeMap<i32, Tally>,
    /// Days with samples by the least sure way in which an offset of theirs is known.
    pub evidence: BTreeMap<Evidence, u64>,
    /// What was last said of each day with samples.
    said: BTreeMap<NaiveDate, (Evidence, bool)>,
}

impl Tally {
    /// The counts as they stand in the end, when nothing more can be withdrawn.
    #[must_use]
    pub fn settled(mut self) -> Self {
        let withdraw = |count: &mut u64, withdrawn: &mut u64| {
            *count = count.saturating_sub(std::mem::take(withdrawn));
        };
        withdraw(&mut self.only_json, &mut self.only_json_withdrawn);
        withdraw(&mut self.only_csv, &mut self.only_csv_withdrawn);
        withdraw(&mut self.samples, &mut self.samples_withdrawn);
        self
    }
}

impl Total {
    /// Counts the days, when nothing more is to come; see also [`Tally::settled`].
    #[must_use]
    pub fn settled(mut self) -> Self {
        for (day, (evidence, of_csv_alone)) in std::mem::take(&mut self.said) {
            let of_year = self.years.entry(day.year()).or_default();
            for tally in [&mut self.all, of_year] {
                tally.days += 1;
                tally.days_of_csv_alone += u64::from(of_csv_alone);
            }
            *self.evidence.entry(evidence).or_default() += 1;
        }
        self.all = self.all.settled();
        let years = self.years.into_iter();
        self.years = years.map(|(year, tally)| (year, tally.settled())).collect();
        self
    }

    /// Adds a day. A day that is made again adds its new counts, and is one day.
    pub fn add(&mut self, day: NaiveDate, tally: Tally) {
        if let Some(evidence) = tally.evidence {
            self.said.insert(day, (evidence, tally.of_csv_alone));
        }
        if tally.is_nothing() {
            return;
        }
        let mut of_year = tally.clone();
        of_year.lost = Vec::new();
        self.years.entry(day.year()).or_default().count(of_year);
        self.all.count(tally);
    }
}
