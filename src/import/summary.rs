//! The report of an import in words for people, and in JSON for scripts.

use super::report::Report;
use super::skip::Skip;
use crate::day::{clock_text, wall_clock};
use crate::numerals::{counted, grouped};
use crate::takeout::tally::Tally;
use crate::takeout::wearer_clock::{Evidence, date};
use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

impl Report {
    /// For scripts.
    #[must_use]
    pub fn json(&self) -> Value {
        let all = &self.total.all;
        json!({
            "inputs": self.inputs,
            "files_read": self.json_files + self.csv_files + self.other_files,
            "files": {
                "json": self.json_files,
                "csv": self.csv_files,
                "other": self.other_files,
                "empty": self.empty_files,
                "ignored": self.foreign,
                "skipped": self.skipped_files,
            },
            "bytes": self.bytes,
            "skipped": self.skipped.iter().map(skip_json).collect::<Vec<_>>(),
            "skipped_files": self.skipped_files,
            "skipped_records": self.skipped_records,
            "missing_parts": self.missing_parts,
            "days": all.days,
            "days_created": self.written.created,
            "days_changed": self.written.changed,
            "days_unchanged": self.written.unchanged,
            "days_moved": self.moved,
            "days_of_csv_alone": all.days_of_csv_alone,
            "samples": all.samples,
            "duplicates": all.duplicates,
            "conflicting": all.conflicting,
            "placeholders": all.placeholders,
            "below_confidence": all.below_confidence,
            "twins": {
                "both": all.in_both,
                "only_json": all.only_json,
                "only_csv": all.only_csv,
                "differing": all.differing,
            },
            "filled_from_csv": all.filled,
            "lost": all.lost.iter().map(|lost| json!({
                "date": date(lost.from).to_string(),
                "from": clock_text(lost.from),
                "to": clock_text(lost.to),
                "samples": lost.samples,
            })).collect::<Vec<_>>(),
            "resting_days": self.resting_days,
            "first": all.first.map(instant_text),
            "last": all.last.map(instant_text),
            "bpm_min": all.lowest,
            "bpm_max": all.highest,
            "offsets": Evidence::ALL.iter().map(|evidence| {
                let days = self.total.evidence.get(evidence).copied().unwrap_or_default();
                (evidence.name().to_owned(), days.into())
            }).collect::<serde_json::Map<_, _>>(),
            "profile_timezones": self.zones,
            "years": self.total.years.iter().map(|(year, tally)| year_json(*year, tally)).collect::<Vec<_>>(),
        })
    }

    /// For people: the summary, a line an item; nothing where nothing could be read.
    #[must_use]
    pub fn lines(&self, dry_run: bool) -> Vec<String> {
        if self.files_read() == 0 {
            return Vec::new();
        }
        let all = &self.total.all;
        let mut lines = vec![format!(
            "{} {} on {} from {} of heart rate ({} JSON, {} CSV)",
            if dry_run { "would import" } else { "imported" },
            counted(all.samples, "sample"),
            counted(all.days, "day"),
            counted(self.json_files + self.csv_files, "file"),
            grouped(self.json_files),
            grouped(self.csv_files),
        )];
        self.push_records(&mut lines);
        let evidence = self.total.evidence.iter();
        let offsets: Vec<_> = evidence
            .map(|(evidence, days)| format!("{} {}", counted(*days, "day"), in_words(*evidence)))
            .collect();
        if !offsets.is_empty() {
            lines.push(format!("  wall clock of {}", offsets.join(", ")));
        }
        if self.resting_days > 0 {
            lines.push(format!(
                "  resting heart rate of {}",
                counted(self.resting_days, "day")
            ));
        }
        if self.total.years.len() > 1 {
            for (year, tally) in &self.total.years {
                lines.push(format!(
                    "  {year}: {}, {}",
                    counted(tally.days, "day"),
                    counted(tally.samples, "sample")
                ));
            }
        }
        lines
    }

    /// What became of the records.
    fn push_records(&self, lines: &mut Vec<String>) {
        let all = &self.total.all;
        let written = self.written;
        lines.push(format!(
            "  archive: {} new, {} changed, {} as before",
            counted(written.created, "day"),
            grouped(written.changed),
            grouped(written.unchanged)
        ));
        if let (Some(first), Some(last)) = (all.first, all.last) {
            lines.push(format!(
                "  from {} to {}, {} to {} bpm",
                instant_text(first),
                instant_text(last),
                all.lowest.unwrap_or_default(),
                all.highest.unwrap_or_default()
            ));
        }
        if self.json_files > 0 && self.csv_files > 0 {
            lines.push(format!(
                "  twins: {} in both, {} only in JSON, {} only in CSV, {} with another bpm (JSON's taken)",
                grouped(all.in_both),
                grouped(all.only_json),
                grouped(all.only_csv),
                grouped(all.differing)
            ));
        }
        let left_out = [
            (all.placeholders, "placeholder", " (70 bpm at confidence 0)"),
            (all.below_confidence, "sample", " below --min-confidence"),
            (all.duplicates, "duplicate", ""),
            (
                all.conflicting,
                "record",
                " whose second has another with another bpm",
            ),
        ];
        let left_out: Vec<_> = left_out
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, what, more)| format!("{}{more}", counted(*count, what)))
            .collect();
        if !left_out.is_empty() {
            lines.push(format!("  left out: {}", left_out.join(", ")));
        }
        if all.filled > 0 {
            lines.push(format!(
                "  repeated hours: {} that the JSON lacks are there from the CSV",
                counted(all.filled, "sample")
            ));
        }
    }

    /// What a person should know besides: remarks that change nothing about the result.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let all = &self.total.all;
        let mut notes = Vec::new();
        if all.days_of_csv_alone > 0 {
            notes.push(format!(
                "{} stood only in the CSV, which does not tell placeholders from heart rate",
                counted(all.days_of_csv_alone, "day")
            ));
        }
        if self.moved > 0 {
            notes.push(format!(
                "{} in the archive got another wall clock by what this export proves",
                counted(self.moved, "day")
            ));
        }
        if all.samples == 0 && self.files_read() > 0 {
            notes.push("there was no heart rate in it".to_owned());
        }
        notes
    }

    /// What a person should act on.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        const SHOWN: usize = 5;
        let mut warnings: Vec<String> = Vec::new();
        for part in &self.missing_parts {
            warnings.push(format!("{part} was not given: days in it are missing"));
        }
        let lost = &self.total.all.lost;
        for lost in lost.iter().take(SHOWN) {
            warnings.push(format!(
                "about {} of {} {}-{} were lost by Fitbit's export, not by this tool; its CSV files would have them",
                counted(lost.samples, "sample"),
                date(lost.from),
                hours_text(lost.from),
                hours_text(lost.to),
            ));
        }
        if lost.len() > SHOWN {
            warnings.push(format!(
                "so were samples of {} more",
                counted((lost.len() - SHOWN) as u64, "repeated hour")
            ));
        }
        for skip in self.skipped.iter().take(SHOWN) {
            warnings.push(format!("skipped {skip}"));
        }
        let more = (self.skipped_files + self.skipped_records).saturating_sub(SHOWN as u64);
        if more > 0 {
            warnings.push(format!("skipped {} more", grouped(more)));
        }
        warnings
    }
}

fn skip_json(skip: &Skip) -> Value {
    json!({
        "file": skip.file,
        "offset": skip.offset,
        "reason": skip.problem,
        "what": if skip.record { "record" } else { "file" },
    })
}

fn year_json(year: i32, tally: &Tally) -> Value {
    json!({
        "year": year,
        "days": tally.days,
        "samples": tally.samples,
        "placeholders": tally.placeholders,
        "only_json": tally.only_json,
        "only_csv": tally.only_csv,
        "first": tally.first.map(instant_text),
        "last": tally.last.map(instant_text),
        "bpm_min": tally.lowest,
        "bpm_max": tally.highest,
    })
}

fn in_words(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Given => "by --timezone",
        Evidence::Live => "by the live service",
        Evidence::Files => "proved by the files",
        Evidence::Sleeps => "by the nights' offsets",
        Evidence::Neighbours => "by the days around",
        Evidence::Profile => "by the profile's zone",
        Evidence::Keys => "by the keys file's zone",
        Evidence::Machine => "by this machine's zone",
        Evidence::Nothing => "unknown, taken as UTC",
    }
}

/// RFC 3339 with `Z`; a fraction only where there is one.
fn instant_text(instant: i64) -> String {
    DateTime::from_timestamp_millis(instant).map_or_else(String::new, |at| {
        at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    })
}

fn hours_text(local_time: i64) -> String {
    wall_clock(local_time).format("%H:%M").to_string()
}
