//! A series' months as a strip of blocks: how many of their days have data.

use crate::archive::Coverage;
use crate::numerals::grouped;
use chrono::Datelike;
use std::collections::BTreeMap;

const INITIALS: &str = "J F M A M J J A S O N D";
const LEGEND: &str = "\u{2588} every day  \u{2584} half of them  \u{b7} none";

/// A year of a series.
struct Year {
    cells: [char; 12],
    days: u32,
    rows: u64,
}

impl Year {
    fn cells(&self) -> String {
        let cells: Vec<String> = self.cells.iter().map(char::to_string).collect();
        cells.join(" ")
    }
}

fn years(held: &Coverage) -> BTreeMap<i32, Year> {
    let mut years: BTreeMap<i32, Year> = BTreeMap::new();
    for month in &held.months {
        let year = years.entry(month.first.year()).or_insert(Year {
            cells: [' '; 12],
            days: 0,
            rows: 0,
        });
        if let Some(cell) = year.cells.get_mut(month.first.month0() as usize) {
            *cell = block(month.with_data, month.days);
        }
        year.days += month.with_data;
        year.rows += month.rows;
    }
    years
}

/// A line a year with a cell a month, under the months' initials: how many of its days have data. At most 60 columns.
pub(super) fn strip(held: &Coverage) -> Vec<String> {
    let years = years(held);
    if years.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!("      {INITIALS}  days")];
    for (number, year) in years {
        lines.push(format!("{number:<4}  {}  {:>4}", year.cells(), year.days));
    }
    lines.push(format!("      {LEGEND}"));
    lines
}

/// The same without the initials and the legend, and with the rows of each year: at most 50 columns.
pub(super) fn rows(held: &Coverage) -> Vec<String> {
    let line = |(number, year): (&i32, &Year)| {
        let rows = grouped(year.rows);
        format!(
            "{number:<4}  {}  {:>4}  {rows:>11}",
            year.cells(),
            year.days
        )
    };
    years(held).iter().map(line).collect()
}

/// What stands above [`rows`], and under them.
pub(super) fn frame() -> (String, String) {
    (
        format!("      {INITIALS}  days         rows"),
        format!("      {LEGEND}"),
    )
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
    use crate::archive::Series;
    use crate::archive::coverage::Month;
    use chrono::NaiveDate;

    #[test]
    fn the_strip_has_a_line_a_year_and_fits_a_terminal() {
        let month = |first: &str, days, with_data| Month {
            first: first.parse::<NaiveDate>().expect("a date"),
            days,
            with_data,
            rows: 1,
        };
        let held = Coverage {
            series: Series::new("sleep", None),
            range: None,
            days_with_data: 4,
            empty_days: 0,
            unsettled: Vec::new(),
            gaps: Vec::new(),
            unreadable: Vec::new(),
            rows: 4,
            bytes: 1,
            months: vec![
                month("2023-11-01", 1, 1),
                month("2023-12-01", 31, 0),
                month("2024-01-01", 4, 3),
            ],
        };
        let strip = strip(&held);
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
        let rows = rows(&held);
        assert_eq!(
            rows[0],
            "2023                      \u{2588} \u{b7}     1            2"
        );
        assert!(rows.iter().all(|line| line.chars().count() <= 50));
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
