//! What an archive holds, from the footers alone: for `status`.

use super::{Archive, Entry, Error, Footer, Store};
use crate::day::Detail;
use chrono::{Datelike, Days, Months, NaiveDate};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::thread;

/// What there is at one level of detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The level.
    pub detail: Detail,
    /// From the first to the last day that has a file; `None` for an empty archive.
    pub range: Option<RangeInclusive<NaiveDate>>,
    /// How many days have samples.
    pub days_with_data: u64,
    /// How many days are known to be empty.
    pub empty_days: u64,
    /// Days to which more is to come, ascending.
    pub unsettled: Vec<NaiveDate>,
    /// Stretches of days without a file between the first and the last, ascending.
    pub gaps: Vec<RangeInclusive<NaiveDate>>,
    /// Days whose file cannot be read, ascending; counted nowhere else.
    pub damaged: Vec<NaiveDate>,
    /// How many samples there are.
    pub samples: u64,
    /// How large the files are.
    pub bytes: u64,
    /// From the first month to the last, none left out.
    pub months: Vec<Month>,
}

/// A month of the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub first: NaiveDate,
    /// How many of its days lie between the archive's first and last.
    pub days: u32,
    /// How many of those have samples.
    pub with_data: u32,
    /// How many samples they have.
    pub samples: u64,
}

/// Looks at every file of a level of detail.
///
/// # Errors
/// Fails when the archive cannot be listed; files that cannot be read are told of in the answer.
pub fn coverage<S: Store>(archive: &Archive<S>, detail: Detail) -> Result<Coverage, Error> {
    let entries = archive.entries(detail)?;
    let workers = thread::available_parallelism()
        .map_or(1, std::num::NonZero::get)
        .min(8);
    let share = entries.len().div_ceil(workers).max(1);
    let look = |entries: &[Entry]| -> Vec<Option<Footer>> {
        let footer = |entry: &Entry| archive.footer(detail, entry.date).ok().flatten();
        entries.iter().map(footer).collect()
    };
    let footers: Vec<Option<Footer>> = thread::scope(|scope| {
        let threads: Vec<_> = entries
            .chunks(share)
            .map(|entries| (entries.len(), scope.spawn(move || look(entries))))
            .collect();
        threads
            .into_iter()
            .flat_map(|(length, thread)| thread.join().unwrap_or_else(|_| vec![None; length]))
            .collect()
    });
    Ok(summary(detail, &entries, footers))
}

/// The levels of detail of which the archive holds anything, finest first.
///
/// # Errors
/// As [`coverage`].
pub fn coverages<S: Store>(archive: &Archive<S>) -> Result<Vec<Coverage>, Error> {
    let all = Detail::ALL.map(|detail| coverage(archive, detail));
    let all: Vec<_> = all.into_iter().collect::<Result<_, _>>()?;
    Ok(all.into_iter().filter(|c| c.range.is_some()).collect())
}

fn summary(detail: Detail, entries: &[Entry], footers: Vec<Option<Footer>>) -> Coverage {
    let dates = || entries.iter().map(|entry| entry.date);
    let range = dates().min().zip(dates().max()).map(|(a, b)| a..=b);
    let mut coverage = Coverage {
        detail,
        days_with_data: 0,
        empty_days: 0,
        unsettled: Vec::new(),
        gaps: gaps(dates()),
        damaged: Vec::new(),
        samples: 0,
        bytes: entries.iter().map(|entry| entry.bytes).sum(),
        months: Vec::new(),
        range,
    };
    let mut by_month: BTreeMap<NaiveDate, (u32, u64)> = BTreeMap::new();
    for (entry, footer) in entries.iter().zip(footers) {
        let Some(footer) = footer else {
            coverage.damaged.push(entry.date);
            continue;
        };
        if !footer.meta.settled {
            coverage.unsettled.push(entry.date);
        }
        coverage.samples += footer.samples;
        if footer.samples == 0 {
            coverage.empty_days += 1;
            continue;
        }
        coverage.days_with_data += 1;
        let month = by_month.entry(month_of(entry.date)).or_default();
        month.0 += 1;
        month.1 += footer.samples;
    }
    if let Some(range) = &coverage.range {
        let first_days = std::iter::successors(Some(month_of(*range.start())), |month| {
            month.checked_add_months(Months::new(1))
        });
        coverage.months = first_days
            .take_while(|month| month <= range.end())
            .map(|first| month(first, range, by_month.get(&first)))
            .collect();
    }
    coverage
}

fn month(first: NaiveDate, range: &RangeInclusive<NaiveDate>, held: Option<&(u32, u64)>) -> Month {
    let next = first
        .checked_add_months(Months::new(1))
        .unwrap_or(NaiveDate::MAX);
    let from = first.max(*range.start());
    let end = next.min(range.end().succ_opt().unwrap_or(NaiveDate::MAX));
    let (with_data, samples) = held.copied().unwrap_or_default();
    Month {
        first,
        days: u32::try_from((end - from).num_days()).unwrap_or_default(),
        with_data,
        samples,
    }
}

fn month_of(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

/// What lies between dates that are not neighbours.
fn gaps(dates: impl Iterator<Item = NaiveDate>) -> Vec<RangeInclusive<NaiveDate>> {
    let mut gaps = Vec::new();
    let mut expected = None;
    for date in dates {
        if let Some(expected) = expected.filter(|expected| *expected < date) {
            gaps.push(expected..=date - Days::new(1));
        }
        expected = date.succ_opt();
    }
    gaps
}

impl Coverage {
    /// How many days lie between the first and the last without a file.
    #[must_use]
    pub fn missing_days(&self) -> i64 {
        let length = |gap: &RangeInclusive<NaiveDate>| (*gap.end() - *gap.start()).num_days() + 1;
        self.gaps.iter().map(length).sum()
    }

    /// The same for scripts.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let names = |dates: &[NaiveDate]| dates.iter().map(ToString::to_string).collect::<Vec<_>>();
        let gap = |gap: &RangeInclusive<NaiveDate>| json!({"from": gap.start().to_string(), "to": gap.end().to_string()});
        let month = |month: &Month| {
            json!({
                "month": month.first.format("%Y-%m").to_string(),
                "days": month.days,
                "days_with_data": month.with_data,
                "samples": month.samples,
            })
        };
        json!({
            "detail": self.detail.name(),
            "first_day": self.range.as_ref().map(|range| range.start().to_string()),
            "last_day": self.range.as_ref().map(|range| range.end().to_string()),
            "days_with_data": self.days_with_data,
            "empty_days": self.empty_days,
            "missing_days": self.missing_days(),
            "missing": self.gaps.iter().map(gap).collect::<Vec<_>>(),
            "unsettled_days": names(&self.unsettled),
            "damaged_days": names(&self.damaged),
            "samples": self.samples,
            "bytes": self.bytes,
            "months": self.months.iter().map(month).collect::<Vec<_>>(),
        })
    }

    /// A line a year with a cell a month, under the months' initials: how many of its days have data. At most 60 columns.
    #[must_use]
    pub fn strip(&self) -> Vec<String> {
        let mut years: BTreeMap<i32, ([char; 12], u32)> = BTreeMap::new();
        for month in &self.months {
            let (cells, days) = years.entry(month.first.year()).or_insert(([' '; 12], 0));
            if let Some(cell) = cells.get_mut(month.first.month0() as usize) {
                *cell = block(month.with_data, month.days);
            }
            *days += month.with_data;
        }
        if years.is_empty() {
            return Vec::new();
        }
        let row = |label: &str, cells: &[char; 12], days: &str| {
            let cells: Vec<String> = cells.iter().map(char::to_string).collect();
            format!("{label:<4}  {}  {days}", cells.join(" "))
                .trim_end()
                .to_owned()
        };
        let initials = ['J', 'F', 'M', 'A', 'M', 'J', 'J', 'A', 'S', 'O', 'N', 'D'];
        let mut lines = vec![row("", &initials, "days")];
        for (year, (cells, days)) in years {
            lines.push(row(&year.to_string(), &cells, &format!("{days:>4}")));
        }
        lines.push("      \u{2588} every day  \u{2584} half of them  \u{b7} none".to_owned());
        lines
    }
}

/// A block as high as the share of days with data: full only if none is missing, never empty if there is one.
fn block(with_data: u32, days: u32) -> char {
    const EIGHTHS: [char; 8] = [
        '\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}',
        '\u{2588}',
    ];
    match (with_data * 8).checked_div(days) {
        _ if with_data == 0 => '\u{b7}',
        Some(eighths) => {
            let place = eighths.clamp(1, 8) as usize - 1;
            EIGHTHS.get(place).copied().unwrap_or('\u{2588}')
        }
        None => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::DayFile;
    use crate::day::{Day, Provider, Sample};

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn fill(archive: &Archive, days: &[(&str, i64, bool)]) {
        for (day, samples, settled) in days {
            let mut day = Day::empty(date(day), Detail::Sec1, Provider::Demo);
            day.samples = (0..*samples).map(|n| Sample::at(n * 1000, 0, 60)).collect();
            let mut file = DayFile::new(day);
            file.meta.settled = *settled;
            archive.replace(&file).expect("written");
        }
    }

    #[test]
    fn an_empty_archive_covers_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(&folder.path().join("not there"), None);
        let coverage = coverage(&archive, Detail::Sec1).expect("listed");
        assert_eq!((coverage.range.clone(), coverage.strip()), (None, vec![]));
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
        let coverage = coverage(&archive, Detail::Sec1).expect("listed");
        assert_eq!(
            coverage.range,
            Some(date("2023-12-30")..=date("2024-01-06"))
        );
        assert_eq!(coverage.unsettled, [date("2024-01-05")]);
        assert_eq!(coverage.damaged, [date("2024-01-06")]);
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
                coverage.samples
            ),
            (3, 1, 3, 14)
        );
        let json = coverage.to_json();
        assert_eq!(json["months"][0]["month"], "2023-12");
        assert_eq!(json["months"][1]["days"], 6);
        assert_eq!(json["missing"][1]["to"], "2024-01-04");
    }

    #[test]
    fn the_strip_has_a_line_a_year_and_fits_a_terminal() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(folder.path(), None);
        fill(
            &archive,
            &[
                ("2023-11-30", 1, true),
                ("2024-01-01", 1, true),
                ("2024-01-02", 1, true),
                ("2024-01-04", 1, true),
            ],
        );
        let strip = coverage(&archive, Detail::Sec1).expect("listed").strip();
        assert_eq!(
            strip,
            [
                "      J F M A M J J A S O N D  days",
                "2023                      \u{2588} \u{b7}     1",
                "2024  \u{2586}                           3",
                "      \u{2588} every day  \u{2584} half of them  \u{b7} none",
            ]
        );
        assert!(strip.iter().all(|line| line.chars().count() <= 60));
    }

    #[test]
    fn a_block_is_full_only_without_a_gap() {
        for (with_data, days, expected) in [
            (0, 30, '\u{b7}'),
            (1, 30, '\u{2581}'),
            (15, 30, '\u{2584}'),
            (29, 30, '\u{2587}'),
            (30, 30, '\u{2588}'),
        ] {
            assert_eq!(block(with_data, days), expected);
        }
    }
}
