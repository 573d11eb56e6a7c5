//! Which days are exported, and from which of their files: what the archive lists, and a pure decision.

use crate::archive::{self, Archive, Period, Series};
use crate::day::Detail;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A day to be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Its date.
    pub date: NaiveDate,
    /// The detail of the file it comes from: that of the export, or a finer one.
    pub stored: Detail,
    /// The size of that file.
    pub bytes: u64,
}

/// What will be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The detail of the export.
    pub detail: Detail,
    /// Its days, ascending.
    pub items: Vec<Item>,
    /// Days that are there, but only at a coarser detail; with the finest that has one of them.
    pub too_coarse: Option<(usize, Detail)>,
}

/// What the archive holds of one day: the size of its file at each detail, finest first.
type Held = [Option<u64>; Detail::ALL.len()];

/// Plans an export of the days in `range`.
///
/// The detail is the one asked for, else the finest that the archive holds in the range. A day comes from its file at that
/// detail if there is one, else from the finest that there is.
///
/// # Errors
/// Fails when the archive cannot be listed.
pub fn of_archive(
    archive: &Archive,
    range: &RangeInclusive<NaiveDate>,
    asked: Option<Detail>,
) -> Result<Plan, archive::Error> {
    let mut held: BTreeMap<NaiveDate, Held> = BTreeMap::new();
    for (place, detail) in Detail::ALL.into_iter().enumerate() {
        for entry in archive.entries(&Series::heart_rate(detail))? {
            if let Period::Day(date) = entry.key.period
                && range.contains(&date)
                && let Some(slot) = held.entry(date).or_default().get_mut(place)
            {
                *slot = Some(entry.bytes);
            }
        }
    }
    Ok(decide(&held, asked))
}

fn decide(held: &BTreeMap<NaiveDate, Held>, asked: Option<Detail>) -> Plan {
    let files = |held: &Held| -> Vec<(Detail, u64)> {
        let with_detail = Detail::ALL.into_iter().zip(held);
        with_detail
            .filter_map(|(detail, bytes)| Some((detail, (*bytes)?)))
            .collect()
    };
    let finest = held
        .values()
        .filter_map(|held| Some(files(held).first()?.0));
    let detail = asked.or(finest.min()).unwrap_or(Detail::Sec1);
    let mut plan = Plan {
        detail,
        items: Vec::new(),
        too_coarse: None,
    };
    for (date, held) in held {
        let files = files(held);
        let exact = files.iter().find(|file| file.0 == detail);
        let best = exact.or(files.first()).filter(|file| file.0 <= detail);
        match (best, files.first()) {
            (Some((stored, bytes)), _) => plan.items.push(Item {
                date: *date,
                stored: *stored,
                bytes: *bytes,
            }),
            (None, Some((coarser, _))) => {
                let (days, finest) = plan.too_coarse.unwrap_or((0, *coarser));
                plan.too_coarse = Some((days + 1, finest.min(*coarser)));
            }
            (None, None) => {}
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(days: &[(&str, &[Detail])]) -> BTreeMap<NaiveDate, Held> {
        let of = |(date, details): &(&str, &[Detail])| {
            let date = date.parse().expect("a date");
            let held = Detail::ALL.map(|d| details.contains(&d).then_some(1));
            (date, held)
        };
        days.iter().map(of).collect()
    }

    #[test]
    fn a_day_comes_from_the_file_of_its_detail_else_from_the_finest() {
        use Detail::{Min1, Min5, Min15, Sec1};
        let held = held(&[
            ("2024-01-01", &[Sec1]),
            ("2024-01-02", &[Sec1, Min1]),
            ("2024-01-03", &[Min1, Min15]),
            ("2024-01-04", &[Min15]),
        ]);
        for (asked, detail, expected, too_coarse) in [
            (None, Sec1, vec![Sec1, Sec1], Some((2, Min1))),
            (Some(Sec1), Sec1, vec![Sec1, Sec1], Some((2, Min1))),
            (Some(Min1), Min1, vec![Sec1, Min1, Min1], Some((1, Min15))),
            (Some(Min5), Min5, vec![Sec1, Sec1, Min1], Some((1, Min15))),
            (Some(Min15), Min15, vec![Sec1, Sec1, Min15, Min15], None),
        ] {
            let plan = decide(&held, asked);
            let stored: Vec<_> = plan.items.iter().map(|item| item.stored).collect();
            assert_eq!(
                (plan.detail, stored, plan.too_coarse),
                (detail, expected, too_coarse)
            );
        }
    }

    #[test]
    fn nothing_held_is_a_plan_for_nothing() {
        let plan = decide(&BTreeMap::new(), None);
        assert_eq!((plan.detail, plan.items.len()), (Detail::Sec1, 0));
    }
}
