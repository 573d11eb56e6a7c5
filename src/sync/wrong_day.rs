//! Samples that an import put on a neighbouring day by a clock that it had to guess, where the service's own offset proves whose
//! they are.

use crate::archive::{Archive, DayFile, Error, Meta, merge};
use crate::day::{Day, Detail, Provider, Sample};
use chrono::NaiveDate;
use std::collections::HashSet;

/// Takeout's rows of one neighbouring day that belong to another.
#[derive(Debug)]
pub struct WrongDay {
    /// As that day has them.
    from: DayFile,
}

/// Finds what the days beside `date` have of its `samples`.
///
/// # Errors
/// Fails when the archive cannot be read.
pub fn find(
    archive: &Archive,
    detail: Detail,
    date: NaiveDate,
    samples: &[Sample],
) -> Result<Vec<WrongDay>, Error> {
    let mut found = Vec::new();
    for near in [date.pred_opt(), date.succ_opt()].into_iter().flatten() {
        let stored = match from_takeout(archive, detail, near) {
            Ok(Some(stored)) => stored,
            // Whoever keeps a damaged day says so.
            Ok(None) | Err(Error::Unreadable { .. }) => continue,
            Err(error) => return Err(error),
        };
        // Where the service does not say the offset, the day is a guess of ours as well.
        let proven = samples.iter().filter(|sample| sample.utc_offset.is_some());
        let proven: HashSet<i64> = proven.filter_map(|sample| sample.instant).collect();
        let rows = rows_at(&stored, &proven);
        let takeout = stored.meta.takeout.part(&proven, true);
        let placeholders = stored.meta.placeholders.iter().copied();
        let placeholders: Vec<i64> = placeholders.filter(|at| proven.contains(at)).collect();
        if !rows.is_empty() || !placeholders.is_empty() {
            found.push(WrongDay {
                from: DayFile {
                    day: Day {
                        samples: rows,
                        ..stored.day
                    },
                    meta: Meta {
                        providers: [Provider::Takeout].into(),
                        placeholders,
                        takeout,
                        ..Meta::default()
                    },
                },
            });
        }
    }
    Ok(found)
}

/// The day, if Takeout contributed to it.
fn from_takeout(
    archive: &Archive,
    detail: Detail,
    date: NaiveDate,
) -> Result<Option<DayFile>, Error> {
    match archive.footer(detail, date)? {
        Some(footer) if footer.meta.providers.contains(&Provider::Takeout) => {
            archive.read(detail, date)
        }
        _ => Ok(None),
    }
}

impl WrongDay {
    /// Brings them to `date`, where the service's rows take in what they know, and takes them away from where they were.
    ///
    /// # Errors
    /// Fails when the archive cannot be read or written.
    pub fn bring_to(mut self, archive: &Archive, date: NaiveDate) -> Result<(), Error> {
        let detail = self.from.day.detail;
        let near = std::mem::replace(&mut self.from.day.date, date);
        let instants = self.from.day.samples.iter();
        let instants: HashSet<i64> = instants.filter_map(|sample| sample.instant).collect();
        let placeholders: HashSet<i64> = self.from.meta.placeholders.iter().copied().collect();
        archive.update(&self.from)?;
        archive.edit_day(detail, near, |stored| {
            let mut stored = stored?;
            let gone: HashSet<i64> = rows_at(&stored, &instants)
                .iter()
                .filter_map(|sample| sample.instant)
                .collect();
            let stays = |sample: &Sample| sample.instant.is_none_or(|at| !gone.contains(&at));
            stored.day.samples.retain(stays);
            stored
                .meta
                .placeholders
                .retain(|at| !placeholders.contains(at));
            stored.meta.takeout = stored.meta.takeout.part(&gone, false);
            Some(merge::normalized(stored))
        })?;
        Ok(())
    }
}

/// Takeout's rows at these instants.
fn rows_at(file: &DayFile, instants: &HashSet<i64>) -> Vec<Sample> {
    let takeouts = |sample: &&Sample| {
        let source = file.day.sources.get(usize::from(sample.source));
        source.is_some_and(|source| source.provider == Provider::Takeout)
    };
    let at = |sample: &&Sample| sample.instant.is_some_and(|at| instants.contains(&at));
    let rows = file.day.samples.iter().filter(at).filter(takeouts);
    rows.copied().collect()
}
