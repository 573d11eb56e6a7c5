//! Roll-ups over the longest ranges that the service answers in one page, and their means cut into civil days. Pure.

use crate::civil::{self, Window};
use crate::day::Detail;
use crate::google::rollup::{LONGEST_RANGE_S, Means};
use crate::zone::Tz;
use chrono::NaiveDate;
use std::collections::{BTreeMap, VecDeque};

/// Whole hours, a little under the 10,000 windows of one page: a page that is just full would ask for an empty second one.
const LONGEST_BY_THE_MINUTE_S: i64 = 9_960 * 60;

/// The longest range that one page of means covers, in milliseconds; a multiple of the window.
#[must_use]
pub const fn longest(detail: Detail) -> i64 {
    1000 * match detail {
        Detail::Sec1 | Detail::Min1 => LONGEST_BY_THE_MINUTE_S,
        Detail::Min5 | Detail::Min15 => LONGEST_RANGE_S,
    }
}

/// The fewest ranges that cover the days (descending), newest first.
///
/// A range may reach over days that are not asked for, and end within a day. Every range starts on a boundary of the
/// windows, because midnights lie on quarters of an hour.
#[must_use]
pub fn ranges(days: &[NaiveDate], zone: Tz, detail: Detail) -> Vec<Window> {
    let longest = longest(detail);
    let mut ranges: Vec<Window> = Vec::new();
    for window in days.iter().filter_map(|date| civil::window(*date, zone)) {
        let mut end = ranges
            .last()
            .map_or(window.end, |last| window.end.min(last.start));
        while end > window.start {
            match ranges.last_mut().filter(|last| last.end - longest < end) {
                Some(last) => {
                    last.start = window.start.max(last.end - longest);
                    end = last.start;
                }
                None => ranges.push(end..end),
            }
        }
    }
    ranges
}

/// Means that come range by range, on their way to whole days.
#[derive(Debug)]
pub struct Cut {
    queue: VecDeque<Window>,
    /// By the instant at which the day starts.
    days: BTreeMap<i64, Part>,
}

#[derive(Debug)]
struct Part {
    date: NaiveDate,
    window: Window,
    ranges_to_come: usize,
    means: Means,
}

impl Cut {
    /// The ranges of these days (descending).
    #[must_use]
    pub fn new(days: &[NaiveDate], zone: Tz, detail: Detail) -> Self {
        let queue: VecDeque<_> = ranges(days, zone, detail).into();
        let part = |date: &NaiveDate| {
            let window = civil::window(*date, zone)?;
            Some((
                window.start,
                Part {
                    date: *date,
                    ranges_to_come: queue.iter().filter(|range| meet(range, &window)).count(),
                    window,
                    means: Means::default(),
                },
            ))
        };
        Self {
            days: days.iter().filter_map(part).collect(),
            queue,
        }
    }

    /// The range that is next, newest first.
    #[must_use]
    pub fn peek(&self) -> Option<&Window> {
        self.queue.front()
    }

    /// Hands it out.
    pub fn pop(&mut self) -> Option<Window> {
        self.queue.pop_front()
    }

    /// Takes a range back that has to be fetched later.
    pub fn again(&mut self, range: Window) {
        self.queue.push_front(range);
    }

    /// Takes in what a range held, and gives the days that are whole with it, newest first.
    pub fn take(&mut self, range: &Window, found: &Means) -> Vec<(NaiveDate, Means)> {
        let mut whole = Vec::new();
        for start in self.met(range) {
            let Some(part) = self.days.get_mut(&start) else {
                continue;
            };
            part.means.take_in(found, |start| {
                part.window.contains(&start) && range.contains(&start)
            });
            part.ranges_to_come = part.ranges_to_come.saturating_sub(1);
            if part.ranges_to_come == 0
                && let Some(mut part) = self.days.remove(&start)
            {
                part.means.means.sort_unstable();
                whole.push((part.date, part.means));
            }
        }
        whole
    }

    /// Gives up the days of a range that cannot be had, newest first.
    pub fn lose(&mut self, range: &Window) -> Vec<NaiveDate> {
        let lost = self.met(range);
        lost.into_iter()
            .filter_map(|start| self.days.remove(&start).map(|part| part.date))
            .collect()
    }

    /// The starts of the days that a range touches, newest first.
    fn met(&self, range: &Window) -> Vec<i64> {
        // No civil day is longer than two days of the clock.
        let from = range.start - 2 * 86_400_000;
        self.days
            .range(from..range.end)
            .rev()
            .filter(|(_, part)| meet(&part.window, range))
            .map(|(start, _)| *start)
            .collect()
    }
}

fn meet(a: &Window, b: &Window) -> bool {
    a.start < b.end && b.start < a.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::day;
    use crate::google::rollup::Mean;
    use chrono::Days;

    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;

    /// `count` days, the last of them being `last`; descending.
    fn days(last: &str, count: u64) -> Vec<NaiveDate> {
        (0..count).map(|back| day(last) - Days::new(back)).collect()
    }

    fn of(means: Vec<Mean>) -> Means {
        Means {
            means,
            ..Means::default()
        }
    }

    #[test]
    fn a_year_takes_as_few_requests_as_the_service_allows() {
        for (detail, expected) in [(Detail::Min1, 53), (Detail::Min5, 27), (Detail::Min15, 27)] {
            for zone in [
                Tz::UTC,
                Tz::of("America/New_York"),
                Tz::of("Australia/Lord_Howe"),
            ] {
                let year = days("2025-12-31", 365);
                let ranges = ranges(&year, zone, detail);
                assert_eq!(ranges.len(), expected, "{detail} {zone}");
                let whole = civil::window(day("2025-01-01"), zone).expect("a day").start
                    ..civil::window(day("2025-12-31"), zone).expect("a day").end;
                assert_eq!(civil::uncovered(&whole, &ranges), []);
                for range in &ranges {
                    let length = range.end - range.start;
                    assert!(length <= LONGEST_RANGE_S * 1000 && length <= longest(detail));
                    assert_eq!(range.start % 900_000, 0, "aligned");
                }
                assert!(ranges.windows(2).all(|pair| pair[1].end <= pair[0].start));
            }
        }
    }

    #[test]
    fn holes_are_reached_over_when_that_saves_a_request() {
        let lone = |dates: &[&str]| -> Vec<NaiveDate> { dates.iter().map(|d| day(d)).collect() };
        for (days, detail, expected) in [
            (lone(&["2026-06-10"]), Detail::Min1, vec![(0, 1)]),
            (
                lone(&["2026-06-10", "2026-06-08"]),
                Detail::Min1,
                vec![(-2, 1)],
            ),
            (
                lone(&["2026-06-20", "2026-06-10"]),
                Detail::Min1,
                vec![(10, 11), (0, 1)],
            ),
            (
                lone(&["2026-06-20", "2026-06-10"]),
                Detail::Min5,
                vec![(0, 11)],
            ),
            (lone(&[]), Detail::Min5, vec![]),
        ] {
            let start = civil::window(day("2026-06-10"), Tz::UTC)
                .expect("a day")
                .start;
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(from, to)| start + from * DAY..start + to * DAY)
                .collect();
            assert_eq!(ranges(&days, Tz::UTC, detail), expected, "{days:?}");
        }
    }

    #[test]
    fn means_find_their_days_whatever_order_the_ranges_come_in() {
        // Twenty days over the end of summer time: 25 hours on 1 November.
        let days = days("2026-11-10", 20);
        let fetched: Vec<Window> = ranges(&days, Tz::of("America/New_York"), Detail::Min1);
        assert_eq!(fetched.len(), 3);
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let mut cut = Cut::new(&days, Tz::of("America/New_York"), Detail::Min1);
            while cut.pop().is_some() {}
            let mut found = BTreeMap::new();
            for range in order.map(|at| &fetched[at]) {
                // One mean an hour, and one outside of the range that the service should not have sent.
                let mut means: Vec<_> = (range.start..range.end)
                    .step_by(3_600_000)
                    .map(|start| Mean { start, bpm: 60 })
                    .collect();
                means.push(Mean {
                    start: range.end,
                    bpm: 99,
                });
                means.reverse();
                found.extend(cut.take(range, &of(means)));
            }
            assert_eq!(found.len(), 20);
            for (date, means) in found {
                let hours = if date == day("2026-11-01") { 25 } else { 24 };
                assert_eq!(means.means.len(), hours, "{date}");
                assert!(means.means.is_sorted() && means.means.iter().all(|mean| mean.bpm == 60));
            }
        }
    }

    #[test]
    fn a_lost_range_takes_its_days_with_it_and_no_others() {
        let days = days("2026-06-20", 14);
        let mut cut = Cut::new(&days, Tz::UTC, Detail::Min1);
        let (newest, second) = (cut.pop().expect("one"), cut.pop().expect("two"));
        let lost = cut.lose(&second);
        assert_eq!(lost.first(), Some(&day("2026-06-14")), "cut by both ranges");
        let whole = cut.take(&newest, &Means::default());
        assert_eq!(
            whole.iter().map(|(date, _)| *date).collect::<Vec<_>>(),
            days[..6],
        );
    }
}
