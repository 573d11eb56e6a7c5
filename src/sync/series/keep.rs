//! Rows of an extract into the archive: a file a day, or a file a year, sessions with their segments.

use super::renew::{self, Fresh};
use super::sessions::{self, Question, Sessions};
use super::settle::{Circumstances, settled_days};
use crate::archive::{
    Archive, Change, DayRanges, Error, Key, Period, Series, Table, TableMeta,
    merge::shape,
    table::{of_days, places},
};
use crate::day::Provider;
use crate::extract::{Columns, Definition, Rows, Shape, overlap};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

/// Where rows go.
#[derive(Debug, Clone)]
pub struct Keeper {
    /// The archive.
    pub archive: Archive,
    /// Who answers.
    pub provider: Provider,
}

/// What the service said about some days.
#[derive(Debug, Clone)]
pub struct Said {
    /// Of which series.
    pub definition: Arc<Definition>,
    /// The days that were asked for.
    pub days: DayRanges,
    /// Rows of these days, and others.
    pub rows: Rows,
    /// The segments of sessions.
    pub segments: Option<Rows>,
    /// Each point could be read.
    pub is_complete: bool,
    /// The service is as it is known.
    pub may_settle: bool,
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Days that are in the archive now.
    pub days: DayRanges,
    /// Those of them to which more is to come.
    pub open: DayRanges,
    /// Their rows.
    pub rows: u64,
    /// Files that were not there before.
    pub created: u64,
    /// Files that hold something else now.
    pub changed: u64,
}

impl Kept {
    fn count(&mut self, change: Option<Change>) {
        match change {
            Some(Change::Created) => self.created += 1,
            Some(Change::Changed) => self.changed += 1,
            Some(Change::Unchanged) | None => {}
        }
    }
}

impl Keeper {
    /// Puts it into the archive. A kill leaves whole files, and no day that is called settled and lacks something.
    ///
    /// # Errors
    /// Fails when a file cannot be read or written.
    pub fn keep(&self, said: Said, around: &Circumstances) -> Result<Kept, Error> {
        let settled = if said.may_settle {
            settled_days(&said.definition, &said.days, &said.rows, around)
        } else {
            DayRanges::new()
        };
        let mut open = said.days.clone();
        open.remove(&settled);
        let meta = TableMeta {
            providers: BTreeSet::from([self.provider]),
            timezone: Some(around.zone.name().to_owned()),
            known: said.days.clone(),
            settled,
        };
        let mut kept = match (said.definition.shape, said.definition.dense) {
            (Shape::Sessions, _) => self.sessions(said, &meta)?,
            (_, true) => self.days(&said, &meta)?,
            (_, false) => self.years(&said, &meta)?,
        };
        kept.days = meta.known;
        kept.open = open;
        Ok(kept)
    }

    fn days(&self, said: &Said, meta: &TableMeta) -> Result<Kept, Error> {
        let rows = places(&said.rows, |day| day);
        let days: Vec<_> = said.days.iter().collect();
        let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let share = days.len().div_ceil(workers.min(4)).max(1);
        let write = |days: &[NaiveDate]| {
            let mut kept = Kept::default();
            for day in days {
                let rows = said.rows.take(rows.get(day).map_or(&[], Vec::as_slice));
                kept.rows += rows.len() as u64;
                let key = Series::of(&said.definition).day(*day);
                kept.count(self.file(&key, said, rows, meta)?);
            }
            Ok(kept)
        };
        let shares: Vec<Result<Kept, Error>> = thread::scope(|scope| {
            let threads: Vec<_> = days
                .chunks(share)
                .map(|days| scope.spawn(move || write(days)))
                .collect();
            let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
            joined
                .map(|share| share.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        shares.into_iter().try_fold(Kept::default(), |all, share| {
            let share = share?;
            Ok(Kept {
                rows: all.rows + share.rows,
                created: all.created + share.created,
                changed: all.changed + share.changed,
                ..all
            })
        })
    }

    fn years(&self, said: &Said, meta: &TableMeta) -> Result<Kept, Error> {
        let rows = places(&said.rows, |day| day.year());
        let mut kept = Kept::default();
        for year in years(&said.days) {
            let rows = said.rows.take(rows.get(&year).map_or(&[], Vec::as_slice));
            let rows = of_days(&rows, &said.days);
            kept.rows += rows.len() as u64;
            let key = Series::of(&said.definition).year(year);
            kept.count(self.file(&key, said, rows, meta)?);
        }
        Ok(kept)
    }

    /// The part of an answer that belongs into one file.
    fn file(
        &self,
        key: &Key,
        said: &Said,
        rows: Rows,
        meta: &TableMeta,
    ) -> Result<Option<Change>, Error> {
        let meta = within(meta, key.period);
        let columns = Arc::clone(rows.columns());
        let fresh = Fresh {
            days: meta.known.clone(),
            table: Table { rows, meta },
            is_complete: said.is_complete,
            provider: self.provider,
        };
        self.archive.edit(key, &columns, |stored| {
            Some(renew::renewed(&said.definition, stored, &fresh))
        })
    }

    /// Segments first, then the sessions that say that their days are known and settled: a run that is killed in between
    /// looks at those days again.
    fn sessions(&self, said: Said, meta: &TableMeta) -> Result<Kept, Error> {
        let definition = &said.definition;
        let table = Series::of(definition);
        let parts = definition.segments.as_ref().map(Series::of_segments);
        let mut stored = Sessions {
            rows: Rows::none(definition.columns()),
            segments: said
                .segments
                .as_ref()
                .map_or_else(sessions::no_segments, |rows| {
                    Rows::none(Arc::clone(rows.columns()))
                }),
        };
        let answer = Sessions {
            rows: said.rows,
            segments: said.segments.unwrap_or_else(sessions::no_segments),
        };
        let Some(range) = said.days.bounds() else {
            return Ok(Kept::default());
        };
        let near = overlap::days_beside(definition, &range);
        let years = near.start().year()..=near.end().year();
        for year in years.clone() {
            self.read(&table.year(year), &mut stored.rows)?;
            if let Some(parts) = &parts {
                self.read(&parts.year(year), &mut stored.segments)?;
            }
        }
        let question = Question {
            days: &said.days,
            is_complete: said.is_complete,
            overlaps: definition.overlaps,
        };
        let renewed = sessions::renewed(&stored, &answer, question);
        let mut kept = Kept {
            rows: of_days(&renewed.rows, &said.days).len() as u64,
            ..Kept::default()
        };
        for year in years {
            let of_year = |rows: &Rows| {
                let places = places(rows, |day| day.year()).remove(&year);
                rows.take(&places.unwrap_or_default())
            };
            let key = table.year(year);
            let (before, after) = (of_year(&stored.rows), of_year(&renewed.rows));
            let meta = within(meta, key.period);
            if meta.known.is_empty() && before == after {
                continue;
            }
            if let Some(parts) = &parts {
                let segments = of_year(&renewed.segments);
                if segments != of_year(&stored.segments) {
                    self.unsettle(&key, before.columns(), &meta.known)?;
                }
                self.put(&parts.year(year), &segments, &meta)?;
            }
            kept.count(self.put(&key, &after, &meta)?);
        }
        Ok(kept)
    }

    fn read(&self, key: &Key, into: &mut Rows) -> Result<(), Error> {
        let columns = Arc::clone(into.columns());
        if let Some(table) = self.archive.table(key, &columns)? {
            into.append(table.rows);
        }
        Ok(())
    }

    fn put(&self, key: &Key, rows: &Rows, meta: &TableMeta) -> Result<Option<Change>, Error> {
        let columns = Arc::clone(rows.columns());
        self.archive.edit(key, &columns, |stored| {
            let mut all = stored.map(|stored| stored.meta).unwrap_or_default();
            all.settled.remove(&meta.known);
            Some(Table {
                rows: rows.clone(),
                meta: shape::metas(&all, meta),
            })
        })
    }

    fn unsettle(&self, key: &Key, columns: &Columns, days: &DayRanges) -> Result<(), Error> {
        self.archive.edit(key, columns, |stored| {
            let mut stored = stored?;
            stored.meta.settled.remove(days);
            Some(stored)
        })?;
        Ok(())
    }
}

/// What is known of the days of one file.
fn within(meta: &TableMeta, period: Period) -> TableMeta {
    let (first, last) = period.bounds();
    let days = DayRanges::from(first..=last);
    TableMeta {
        known: meta.known.within(&days),
        settled: meta.settled.within(&days),
        ..meta.clone()
    }
}

fn years(days: &DayRanges) -> BTreeSet<i32> {
    let years = days
        .ranges()
        .flat_map(|range| range.start().year()..=range.end().year());
    years.collect()
}
