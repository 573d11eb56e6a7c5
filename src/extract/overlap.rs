//! Of sessions that overlap the longest stays: since 2026 the service sends copies of nights.

use super::definition::{Definition, Overlaps};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A session gives way to a longer one of the day after only if that one does not give way itself to one of the day after that.
const BESIDE: Days = Days::new(2);

/// The days whose sessions decide which of these days' stay.
#[must_use]
pub fn days_beside(
    definition: &Definition,
    days: &RangeInclusive<NaiveDate>,
) -> RangeInclusive<NaiveDate> {
    let (first, last) = (*days.start(), *days.end());
    match definition.overlaps {
        Overlaps::Kept => first..=last,
        Overlaps::Longest => {
            let before = first.checked_sub_days(BESIDE).unwrap_or(first);
            before..=last.checked_add_days(BESIDE).unwrap_or(last)
        }
    }
}

/// A session as far as the rule needs it; instants in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<'a> {
    /// The service's name for it; empty if it has none.
    pub id: &'a str,
    /// Its first instant.
    pub start: i64,
    /// The instant after its last; for one that still runs the last that is known of it.
    pub end: i64,
    /// When it changed last.
    pub updated: Option<i64>,
}

/// The sessions that stay, by their places, ascending.
///
/// Taken longest first, then updated last, then the smaller id, each stays that overlaps none that stays. Their order in
/// `spans` does not matter, but for copies that are the same in all of this.
#[must_use]
pub fn kept(spans: &[Span<'_>]) -> Vec<usize> {
    let mut order: Vec<(usize, &Span<'_>)> = spans.iter().enumerate().collect();
    order.sort_by(|(_, a), (_, b)| {
        let length = (b.end - b.start).cmp(&(a.end - a.start));
        length
            .then(b.updated.cmp(&a.updated))
            .then(a.id.cmp(b.id))
            .then(a.start.cmp(&b.start))
    });
    let mut taken: BTreeMap<i64, i64> = BTreeMap::new();
    let mut kept = Vec::new();
    for (place, span) in order {
        let before = taken.range(..span.end.max(span.start + 1)).next_back();
        if before.is_none_or(|(_, end)| *end <= span.start) {
            taken.insert(span.start, span.end.max(span.start + 1));
            kept.push(place);
        }
    }
    kept.sort_unstable();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(id: &str, start: i64, end: i64, updated: i64) -> Span<'_> {
        Span {
            id,
            start,
            end,
            updated: Some(updated),
        }
    }

    #[test]
    fn the_longest_stays_then_the_latest_then_the_smaller_id() {
        for (spans, expected) in [
            (vec![span("a", 0, 8, 0), span("b", 1, 10, 0)], vec![1]),
            (vec![span("a", 0, 8, 0), span("b", 0, 8, 1)], vec![1]),
            (vec![span("b", 0, 8, 1), span("a", 0, 8, 1)], vec![1]),
            (vec![span("a", 0, 8, 0), span("b", 8, 9, 0)], vec![0, 1]),
            // The middle one overlaps both and is the shortest; the rule is not a chain.
            (
                vec![span("a", 0, 8, 0), span("m", 7, 10, 0), span("b", 9, 17, 0)],
                vec![0, 2],
            ),
            (
                vec![
                    span("a", 0, 6, 0),
                    span("m", 5, 12, 0),
                    span("b", 11, 17, 0),
                ],
                vec![1],
            ),
            (vec![span("a", 5, 5, 0), span("b", 5, 5, 0)], vec![0]),
        ] {
            assert_eq!(kept(&spans), expected, "{spans:?}");
        }
    }

    proptest! {
        #[test]
        fn none_of_the_kept_overlap_all_others_do_and_order_does_not_matter(
            all in proptest::collection::vec((0i64..200, 1i64..60, 0i64..3), 0..30), turn in 0usize..30,
        ) {
            let ids: Vec<String> = (0..all.len()).map(|n| format!("{n:03}")).collect();
            let spans: Vec<_> = all.iter().zip(&ids)
                .map(|((start, length, updated), id)| span(id, *start, start + length, *updated)).collect();
            let ids_kept = |spans: &[Span<'_>]| {
                let mut ids: Vec<_> = kept(spans).iter().map(|place| spans[*place].id.to_owned()).collect();
                ids.sort();
                ids
            };
            let overlap = |a: &Span<'_>, b: &Span<'_>| a.start < b.end && b.start < a.end;
            let stay = kept(&spans);
            for (place, span) in spans.iter().enumerate() {
                let meets = stay.iter().filter(|other| **other != place && overlap(span, &spans[**other])).count();
                prop_assert_eq!(meets == 0, stay.contains(&place));
            }
            let mut turned = spans.clone();
            turned.rotate_left(turn.min(spans.len()));
            prop_assert_eq!(ids_kept(&turned), ids_kept(&spans));
        }
    }
}
