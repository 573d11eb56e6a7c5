//! The report of an import: what was read, what was left out and why, what became of it.

use super::error::Error;
use super::skip::{Skip, Source};
use crate::archive::Change;
use crate::takeout::record::Fault;
use crate::takeout::tally::Total;

/// How much of what was left out is listed; the rest is counted.
const LISTED: usize = 1000;

/// What became of the files of days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// New files.
    pub created: u64,
    /// Files that hold something else now.
    pub changed: u64,
    /// Files that held all of it already.
    pub unchanged: u64,
}

/// The whole report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// The paths as typed.
    pub inputs: Vec<String>,
    /// JSON files that were read.
    pub json_files: u64,
    /// CSV files that were read.
    pub csv_files: u64,
    /// Zones, nights and resting heart rates that were read.
    pub other_files: u64,
    /// Files that say that there is nothing.
    pub empty_files: u64,
    /// Files that are none of ours.
    pub foreign: u64,
    /// Bytes of the files that were read, inflated.
    pub bytes: u64,
    /// The first of what was left out.
    pub skipped: Vec<Skip>,
    /// How many files were left out.
    pub skipped_files: u64,
    /// How many records of other files were left out.
    pub skipped_records: u64,
    /// Parts of split exports that were not given.
    pub missing_parts: Vec<String>,
    /// Counts over all days.
    pub total: Total,
    /// What became of the days of the input.
    pub written: Written,
    /// Days that were in the archive, of which the input says nothing, and that changed by its evidence.
    pub moved: u64,
    /// Days for which a resting heart rate is known.
    pub resting_days: u64,
    /// Zones of the exports' profiles.
    pub zones: Vec<String>,
}

impl Report {
    /// Counts what was left out.
    pub fn skip(&mut self, skip: Skip) {
        if skip.record {
            self.skipped_records += 1;
        } else {
            self.skipped_files += 1;
        }
        if self.skipped.len() < LISTED {
            self.skipped.push(skip);
        }
    }

    /// Counts records of a file that could not be read, of which only the first few are known by their place.
    pub fn skip_records(&mut self, source: &Source<'_>, faults: &[Fault], count: u64) {
        for fault in faults {
            self.skip(Skip::record(source, fault));
        }
        self.skipped_records += count.saturating_sub(faults.len() as u64);
    }

    /// Counts a day.
    pub fn wrote(&mut self, change: Change, touched: bool) {
        match (change, touched) {
            (Change::Created, _) => self.written.created += 1,
            (Change::Changed, true) => self.written.changed += 1,
            (Change::Unchanged, true) => self.written.unchanged += 1,
            (Change::Changed, false) => self.moved += 1,
            (Change::Unchanged, false) => {}
        }
    }

    /// Neither a file of ours nor one that could not be read.
    #[must_use]
    pub fn found_nothing(&self) -> bool {
        self.files_read() + self.skipped_files == 0
    }

    /// How many files of ours were read, whatever was in them.
    pub(super) fn files_read(&self) -> u64 {
        self.json_files + self.csv_files + self.other_files + self.empty_files
    }

    /// The error of an import that left something out.
    ///
    /// # Errors
    /// Fails when anything could not be read.
    pub fn outcome(&self) -> Result<(), Error> {
        match self.skipped.first() {
            None => Ok(()),
            Some(first) => Err(Error::Skipped {
                files: self.skipped_files,
                records: self.skipped_records,
                others: self.files_read() > 0,
                absent: self.skipped.iter().all(|skip| skip.remedy.is_no_input()),
                first: Box::new(first.clone()),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::{Exit, Explain};
    use crate::takeout::input::Refusal;
    use std::path::Path;

    #[test]
    fn what_was_left_out_is_listed_up_to_a_limit_and_counted_beyond() {
        let mut report = Report::default();
        assert!(report.outcome().is_ok());
        let source = Source {
            archive: Some(Path::new("a.zip")),
            name: "x/heart_rate-2024-01-01.json",
        };
        report.skip(Skip::file(source, Refusal::at(7, "it is damaged")));
        let faults = [Fault::new(12, "bpm is 0")];
        report.skip_records(&source, &faults, 5000);
        for _ in 0..5000 {
            report.skip(Skip::file("b", Refusal::new("it is damaged")));
        }
        assert_eq!(report.skipped.len(), LISTED);
        assert_eq!((report.skipped_files, report.skipped_records), (5001, 5000));
        let error = report.outcome().expect_err("something was left out");
        assert!(
            error.what().ends_with("; there is nothing else"),
            "{}",
            error.what()
        );
        report.json_files = 1;
        let error = report.outcome().expect_err("something was left out");
        assert_eq!(error.exit(), Exit::Data);
        assert_eq!(
            error.what(),
            "could not read 5 001 files and 5 000 records; all others were imported"
        );
        assert_eq!(
            error.why(),
            "a.zip: x/heart_rate-2024-01-01.json, byte 7: it is damaged"
        );
        assert_eq!(report.warnings().len(), 6);
    }
}
