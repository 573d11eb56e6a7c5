//! A series' months as a strip of blocks: how many of their days have data.

use crate::archive::Coverage;
use chrono::Datelike;
use std::collections::BTreeMap;

/// A line a year with a cell a month, under the months' initials: how many of its days have data. At most 60 columns.
pub(super) fn strip(held: &Coverage) -> Vec<String> {
    let mut years: BTreeMap<i32, ([char; 12], u32)> = BTreeMap::new();
    for month in &held.months {
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
