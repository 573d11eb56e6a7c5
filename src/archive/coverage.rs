//! What an archive holds of each series, from the footers where they suffice: for `status`.

use super::{Archive, DayRanges, Entry, Error, HEART_RATE, Key, Period, Series, table};
use crate::exit::Explain;
use crate::hint::Hint;
use chrono::{Datelike, Months, NaiveDate};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::thread;

/// What there is of one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Which.
    pub series: Series,
    /// From the first to the last day that is known; `None` for a series that has no file.
    pub range: Option<RangeInclusive<NaiveDate>>,
    /// How many days have rows.
    pub days_with_data: u64,
    /// How many days are known to be empty.
    pub empty_days: u64,
    /// Days to which more is to come, ascending.
    pub unsettled: Vec<NaiveDate>,
    /// Stretches of days that are not known between the first and the last, ascending.
    pub gaps: Vec<RangeInclusive<NaiveDate>>,
    /// Files that cannot be read, ascending; they count nowhere else.
    pub unreadable: Vec<Unreadable>,
    /// How many rows there are.
    pub rows: u64,
    /// How large the files are.
    pub bytes: u64,
    /// From the first month to the last, none left out.
    pub months: Vec<Month>,
}

/// A file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// What it should hold.
    pub period: Period,
    /// Why.
    pub why: String,
    /// What to do about it.
    pub hint: Hint,
}

/// A month of the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub first: NaiveDate,
    /// How many of its days lie between the series' first and last.
    pub days: u32,
    /// How many of those have rows.
    pub with_data: u32,
    /// How many rows they have.
    pub rows: u64,
}

/// What one file says of its days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Those that were looked at.
    pub known: DayRanges,
    /// Those of them to which nothing more is to come.
    pub settled: DayRanges,
    /// How many rows those have that have any.
    pub rows: BTreeMap<NaiveDate, u64>,
}

/// Looks at every file of a series.
///
/// # Errors
/// Fails when the archive cannot be listed; files that cannot be read are told of in the answer.
pub fn coverage(archive: &Archive, series: &Series) -> Result<Coverage, Error> {
    let entries = archive.entries(series)?;
    let workers = thread::available_parallelism()
        .map_or(1, std::num::NonZero::get)
        .min(8);
    let share = entries.len().div_ceil(workers).max(1);
    let look = |entries: &[Entry]| -> Vec<Result<Held, Unreadable>> {
        let of = |entry: &Entry| {
            archive
                .held(&entry.key)
                .map_err(|e| unreadable(&entry.key, &e))
        };
        entries.iter().map(of).collect()
    };
    let held: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = entries
            .chunks(share)
            .map(|entries| scope.spawn(move || look(entries)))
            .collect();
        let looked = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_default());
        looked.flatten().collect()
    });
    let bytes = entries.iter().map(|entry| entry.bytes).sum();
    Ok(Coverage {
        bytes,
        ..summary(series.clone(), held)
    })
}

/// What there is of every series that has a file.
///
/// # Errors
/// As [`coverage`].
pub fn coverages(archive: &Archive) -> Result<Vec<Coverage>, Error> {
    let all = archive.series()?;
    let all = all.iter().map(|series| coverage(archive, series));
    let held = |coverage: &Coverage| coverage.range.is_some() || !coverage.unreadable.is_empty();
    let all: Vec<_> = all.collect::<Result<_, _>>()?;
    Ok(all.into_iter().filter(held).collect())
}

impl Archive {
    /// What a file says of its days; nothing where there is no file.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn held(&self, key: &Key) -> Result<Held, Error> {
        let (rows, settled) = match (key.period, key.series.detail) {
            (Period::Year(_), _) => return self.held_of_year(key),
            (Period::Day(date), Some(detail)) if *key.series.extract == *HEART_RATE => self
                .footer(detail, date)?
                .map(|footer| (footer.samples, footer.meta.settled)),
            (Period::Day(date), _) => self
                .table_footer(key)?
                .map(|footer| (footer.rows, footer.meta.settled.contains(date))),
        }
        .unwrap_or_default();
        let (day, _) = key.period.bounds();
        Ok(Held {
            known: DayRanges::from_iter([day]),
            settled: settled.then_some(day).into_iter().collect(),
            rows: (rows > 0).then_some((day, rows)).into_iter().collect(),
        })
    }

    /// The last days with rows, newest first, as many as are wanted. A file that cannot be read has none.
    ///
    /// # Errors
    /// Fails when the archive cannot be listed.
    pub fn recent_days(&self, series: &Series, most: usize) -> Result<Vec<NaiveDate>, Error> {
        let mut days = Vec::new();
        for entry in self.entries(series)?.iter().rev() {
            let held = self.held(&entry.key).unwrap_or_default();
            days.extend(held.rows.into_keys().rev());
            if days.len() >= most {
                days.truncate(most);
                break;
            }
        }
        Ok(days)
    }

    fn held_of_year(&self, key: &Key) -> Result<Held, Error> {
        let table = self.read_as(&table::DaysFormat, key)?;
        let Some(table) = table else {
            return Ok(Held::default());
        };
        let mut rows: BTreeMap<NaiveDate, u64> = BTreeMap::new();
        for day in table::civil_days(&table.rows).flatten() {
            *rows.entry(day).or_default() += 1;
        }
        Ok(Held {
            known: table.meta.known,
            settled: table.meta.settled,
            rows,
        })
    }
}

fn unreadable(key: &Key, error: &Error) -> Unreadable {
    Unreadable {
        period: key.period,
        why: error.why(),
        hint: error.hint(),
    }
}

fn summary(series: Series, held: Vec<Result<Held, Unreadable>>) -> Coverage {
    let (mut known, mut settled) = (DayRanges::new(), DayRanges::new());
    let mut rows: BTreeMap<NaiveDate, u64> = BTreeMap::new();
    let mut unreadable = Vec::new();
    let mut seen = DayRanges::new();
    for held in held {
        match held {
            Ok(held) => {
                known.merge(&held.known);
                settled.merge(&held.settled);
                rows.extend(held.rows);
            }
            Err(file) => {
                if let Period::Day(date) = file.period {
                    seen.insert(date);
                }
                unreadable.push(file);
            }
        }
    }
    seen.merge(&known);
    for day in rows.keys() {
        seen.insert(*day);
    }
    let range = seen.bounds();
    let with_data: DayRanges = rows.keys().copied().collect();
    Coverage {
        series,
        days_with_data: with_data.days(),
        empty_days: known.days() - known.within(&with_data).days(),
        unsettled: known.iter().filter(|day| !settled.contains(*day)).collect(),
        gaps: gaps(&seen),
        unreadable,
        rows: rows.values().sum(),
        bytes: 0,
        months: range
            .as_ref()
            .map(|range| months(range, &rows))
            .unwrap_or_default(),
        range,
    }
}

fn months(range: &RangeInclusive<NaiveDate>, rows: &BTreeMap<NaiveDate, u64>) -> Vec<Month> {
    let first_days = std::iter::successors(range.start().with_day(1), |month| {
        month.checked_add_months(Months::new(1))
    });
    let month = |first: NaiveDate| {
        let next = first
            .checked_add_months(Months::new(1))
            .unwrap_or(NaiveDate::MAX);
        let end = next.min(range.end().succ_opt().unwrap_or(NaiveDate::MAX));
        let held: Vec<u64> = rows.range(first..next).map(|(_, rows)| *rows).collect();
        Month {
            first,
            days: u32::try_from((end - first.max(*range.start())).num_days()).unwrap_or_default(),
            with_data: u32::try_from(held.len()).unwrap_or_default(),
            rows: held.iter().sum(),
        }
    };
    let within = first_days.take_while(|first| first <= range.end());
    within.map(month).collect()
}

/// What lies between ranges.
fn gaps(days: &DayRanges) -> Vec<RangeInclusive<NaiveDate>> {
    let ranges: Vec<_> = days.ranges().collect();
    let between = |pair: &[RangeInclusive<NaiveDate>]| match pair {
        [before, after] => Some(before.end().succ_opt()?..=after.start().pred_opt()?),
        _ => None,
    };
    ranges.windows(2).filter_map(between).collect()
}

impl Coverage {
    /// How many days are not known between the first and the last.
    #[must_use]
    pub fn missing_days(&self) -> u64 {
        let gaps = self.gaps.iter().cloned();
        gaps.map(|gap| DayRanges::from(gap).days()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::DayFile;
    use crate::day::{Day, Detail, Provider, Sample};

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn fill(archive: &Archive, days: &[(&str, i64, bool)]) {
        for (day, samples, settled) in days {
            let mut day = Day::empty(date(day), Detail::Sec1, Provider::Demo);
            day.samples = (0..*samples).map(|n| Sample::at(n * 1000, 0, 60)).collect();
            let mut file = DayFile::new(day);
            file.meta.settled = *settled;
            archive.update(&file).expect("written");
        }
    }

    #[test]
    fn an_empty_archive_covers_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(&folder.path().join("not there"), None);
        let coverage = coverage(&archive, &Series::heart_rate(Detail::Sec1)).expect("listed");
        assert_eq!(coverage.range, None);
        assert_eq!(coverages(&archive).expect("listed"), []);
    }

    #[test]
    fn days_are_told_apart_by_what_their_footers_say() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(folder.path(), None);
        fill(
            &archive,
            &[
                ("2023-12-30", 5, true),
                ("2023-12-31", 0, true),
                ("2024-01-02", 7, true),
                ("2024-01-05", 2, false),
                ("2024-01-06", 1, true),
            ],
        );
        let damaged = folder
            .path()
            .join("heart_rate/detail=1sec/year=2024/month=01/2024-01-06.parquet");
        std::fs::write(&damaged, b"PAR1").expect("written");
        let coverage = coverage(&archive, &Series::heart_rate(Detail::Sec1)).expect("listed");
        assert_eq!(
            coverage.range,
            Some(date("2023-12-30")..=date("2024-01-06"))
        );
        assert_eq!(coverage.unsettled, [date("2024-01-05")]);
        let unreadable = coverage.unreadable.iter().map(|file| file.period);
        assert_eq!(
            unreadable.collect::<Vec<_>>(),
            [Period::Day(date("2024-01-06"))]
        );
        assert_eq!(
            coverage.gaps,
            [
                date("2024-01-01")..=date("2024-01-01"),
                date("2024-01-03")..=date("2024-01-04")
            ]
        );
        assert_eq!(
            (
                coverage.days_with_data,
                coverage.empty_days,
                coverage.missing_days(),
                coverage.rows
            ),
            (3, 1, 3, 14)
        );
        let months: Vec<_> = coverage
            .months
            .iter()
            .map(|month| (month.days, month.with_data))
            .collect();
        assert_eq!(months, [(2, 1), (6, 2)]);
    }
}
