//! Any series as it is exported, by its definition: its rows, or those of its segments, from files of a day or a year.

use super::Error;
use super::days::{Source, Tally};
use crate::archive::{self, Archive, DayRanges, Entry, Period, Series, table};
use crate::day::Detail;
use crate::extract::between::Between;
use crate::extract::coarser::coarser;
use crate::extract::definition::{Field, Segments};
use crate::extract::{Columns, Definition, Rows, answer};
use crate::sink::Shown;
use chrono::{Datelike, NaiveDate};
use std::ops::RangeInclusive;

/// A table to be exported.
#[derive(Debug)]
pub struct Table {
    /// Where it is.
    pub archive: Archive,
    /// What it is, or what it is the segments of.
    pub definition: Definition,
    /// Its segments are meant.
    pub of_segments: bool,
    /// How fine.
    pub detail: Option<Detail>,
    /// The days, both included.
    pub range: RangeInclusive<NaiveDate>,
    /// The window of the wearer's clock that alone is wanted.
    pub between: Option<Between>,
    /// The fields of CSV, NDJSON and JSON.
    pub shown: Shown,
    entries: Vec<Entry>,
}

/// What is in a file, as far as it is wanted.
#[derive(Debug)]
pub struct File {
    /// The days that are known, those without rows among them.
    pub days: DayRanges,
    /// Those of them to which nothing more is to come.
    pub settled: DayRanges,
    /// The rows of the series.
    pub rows: Rows,
    /// The segments of these rows, where the series has some.
    pub segments: Option<Rows>,
}

impl Table {
    /// The rows of a series on some days.
    ///
    /// # Errors
    /// Fails when the archive cannot be listed.
    pub fn of(
        archive: &Archive,
        definition: &Definition,
        detail: Option<Detail>,
        range: &RangeInclusive<NaiveDate>,
        between: Option<Between>,
    ) -> Result<Self, archive::Error> {
        let mut entries = archive.entries(&Series::of(definition))?;
        entries.retain(|entry| {
            let (first, last) = entry.key.period.bounds();
            first <= *range.end() && last >= *range.start()
        });
        Ok(Self {
            archive: archive.clone(),
            definition: definition.clone(),
            of_segments: false,
            detail,
            range: range.clone(),
            between,
            shown: shown(definition, detail, &definition.default_fields_at(detail)),
            entries,
        })
    }

    /// The same with other fields than the usual.
    #[must_use]
    pub fn with_fields(self, names: &[String]) -> Self {
        let shown = shown(&self.definition, self.detail, names);
        Self { shown, ..self }
    }

    /// The segments of these rows, where the series has some.
    #[must_use]
    pub fn segments(&self) -> Option<Self> {
        let segments = self.definition.segments.as_ref()?;
        Some(Self {
            archive: self.archive.clone(),
            definition: self.definition.clone(),
            of_segments: true,
            range: self.range.clone(),
            shown: Shown::of_segments(segments),
            entries: self.entries.clone(),
            ..*self
        })
    }

    /// The segments' definition, if they are meant.
    #[must_use]
    pub fn as_segments(&self) -> Option<&Segments> {
        self.definition
            .segments
            .as_ref()
            .filter(|_| self.of_segments)
    }

    /// The name of the table.
    #[must_use]
    pub fn name(&self) -> &str {
        let segments = self.as_segments();
        segments.map_or(&self.definition.name, |segments| &segments.table)
    }

    /// Its columns.
    #[must_use]
    pub fn columns(&self) -> Columns {
        match self.as_segments() {
            Some(segments) => segments.columns(),
            None => self.definition.columns_at(self.detail),
        }
    }

    /// What stands in its rows besides when, where from and which.
    #[must_use]
    pub fn values(&self) -> &[Field] {
        let segments = self.as_segments();
        segments.map_or(&self.definition.values, |segments| &segments.values)
    }

    /// The rows of the table in a file.
    #[must_use]
    pub fn rows<'f>(&self, file: &'f File) -> Option<&'f Rows> {
        if self.of_segments {
            file.segments.as_ref()
        } else {
            Some(&file.rows)
        }
    }

    fn stored(&self, entry: &Entry) -> Result<Option<archive::Table>, archive::Error> {
        self.archive.table(&entry.key, &self.definition.columns())
    }

    /// The days of a file that are wanted.
    fn days_of(&self, entry: &Entry) -> DayRanges {
        let (first, last) = entry.key.period.bounds();
        (first.max(*self.range.start())..=last.min(*self.range.end())).into()
    }

    /// The rows of some days of a file at the detail of the export, cut to its window.
    fn at_detail(
        &self,
        days: &DayRanges,
        entry: &Entry,
        rows: Rows,
    ) -> Result<Rows, archive::Error> {
        let (definition, detail) = (&self.definition, self.detail);
        let mut rows = rows;
        if definition.looks_back(detail, self.between.is_some()) {
            rows = with_the_evening_before(&self.archive, definition, entry, rows)?;
        }
        rows = match self.between {
            Some(between) => between.rows(definition, &rows, detail),
            None if definition.is_coarser(detail) => coarser(definition, &rows, detail),
            None => rows,
        };
        Ok(table::of_days(&rows, days))
    }

    fn segments_of(&self, entry: &Entry, rows: &Rows) -> Result<Option<Rows>, archive::Error> {
        let Some(segments) = &self.definition.segments else {
            return Ok(None);
        };
        let key = Series::of_segments(segments).year(entry.key.period.bounds().0.year());
        let stored = self.archive.table(&key, &segments.columns())?;
        let stored = stored.map_or_else(|| Rows::none(segments.columns()), |table| table.rows);
        Ok(Some(answer::segments_of(rows, &stored)))
    }
}

impl Source for Table {
    type Item = Entry;
    type File = File;

    fn items(&self) -> &[Entry] {
        &self.entries
    }

    fn bytes(entry: &Entry) -> u64 {
        entry.bytes
    }

    fn read(&self, entry: &Entry) -> Result<Option<File>, Error> {
        let Some(table) = self.stored(entry)? else {
            return Ok(None);
        };
        let wanted = self.days_of(entry);
        let rows = self.at_detail(&wanted, entry, table.rows)?;
        let mut days = table.meta.known.within(&wanted);
        table::civil_days(&rows)
            .flatten()
            .for_each(|day| days.insert(day));
        Ok(Some(File {
            settled: table.meta.settled.within(&days),
            days,
            segments: self.segments_of(entry, &rows)?,
            rows,
        }))
    }

    fn tally(&self, file: &File) -> Tally {
        let rows = self.rows(file);
        let with_rows: DayRanges = rows
            .into_iter()
            .flat_map(|rows| table::civil_days(rows).flatten())
            .collect();
        let days = file.days.days();
        Tally {
            days,
            empty_days: days - file.days.within(&with_rows).days(),
            rows: rows.map_or(0, |rows| rows.len() as u64),
            without_instant: 0,
            unsettled_days: days - file.settled.days(),
            days_between: file.days.bounds().map(RangeInclusive::into_inner),
        }
    }
}

fn shown(definition: &Definition, detail: Option<Detail>, names: &[String]) -> Shown {
    Shown::of(definition, &definition.columns_at(detail), names)
}

/// The rows of a file after those of the day before it: a span of theirs may reach into it.
fn with_the_evening_before(
    archive: &Archive,
    definition: &Definition,
    entry: &Entry,
    rows: Rows,
) -> Result<Rows, archive::Error> {
    let (first, _) = entry.key.period.bounds();
    let Some(eve) = first.pred_opt() else {
        return Ok(rows);
    };
    let key = match entry.key.period {
        Period::Day(_) => entry.key.series.day(eve),
        Period::Year(_) => entry.key.series.year(eve.year()),
    };
    let Some(before) = archive.table(&key, &definition.columns())? else {
        return Ok(rows);
    };
    let mut all = table::of_days(&before.rows, &(eve..=eve).into());
    all.append(rows);
    Ok(all)
}
