//! Where the heart rate begins, and which days have none, for a few requests a decade.
//!
//! A resting heart rate proves a day with data; its absence proves nothing. So the stretches without one are asked about
//! as ranges: "is there any sample between these instants?" costs one small answer for a range of any length.

use crate::civil::{self, Window};
use crate::day::Detail;
use crate::google::Google;
use crate::google::presence::LONGEST_DAYS;
use crate::service::Error;
use crate::zone::Tz;
use chrono::{Days, NaiveDate};
use std::collections::BTreeSet;

/// What the probe can ask.
pub trait Oracle {
    /// The instant of some sample in a window, not necessarily the first or the last; `None` if there is none.
    fn any_sample(
        &self,
        window: &Window,
    ) -> impl Future<Output = Result<Option<i64>, Error>> + Send;
    /// The days from `first` to `last` that surely have data; others may yet have some.
    fn days_with_means(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> impl Future<Output = Result<BTreeSet<NaiveDate>, Error>> + Send;
}

impl Oracle for Google {
    async fn any_sample(&self, window: &Window) -> Result<Option<i64>, Error> {
        self.any_sample(window).await
    }
    async fn days_with_means(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<BTreeSet<NaiveDate>, Error> {
        self.days_with_means(first, last).await
    }
}

/// The first civil day of the zone that has samples, up to `last`; `None` if there are none at all.
///
/// `known` is a day that is known to have some, the earlier the better.
///
/// # Errors
/// Fails when the oracle does.
pub async fn first_day(
    oracle: &impl Oracle,
    known: Option<NaiveDate>,
    last: NaiveDate,
    zone: Tz,
) -> Result<Option<NaiveDate>, Error> {
    // Nothing before `low`; something on `high`, once it is known that there is anything.
    let mut low = civil::EARLIEST;
    let mut high = match known {
        Some(known) => known,
        None => match any_day(oracle, low, last, zone).await? {
            Some(found) => found,
            None => return Ok(None),
        },
    };
    // Most often there is nothing before the first known day, so that is asked first.
    let mut middle = high;
    while low < high {
        let before = middle.pred_opt().unwrap_or(middle);
        match any_day(oracle, low, before, zone).await? {
            Some(found) => high = found.min(high),
            None => low = middle,
        }
        let half = (high - low).num_days().unsigned_abs().div_ceil(2);
        middle = low + Days::new(half);
    }
    Ok(Some(high))
}

/// Some day with samples, of those from `first` to `last`.
async fn any_day(
    oracle: &impl Oracle,
    first: NaiveDate,
    last: NaiveDate,
    zone: Tz,
) -> Result<Option<NaiveDate>, Error> {
    let Some(window) = window(first, last, zone) else {
        return Ok(None);
    };
    let found = oracle.any_sample(&window).await?;
    Ok(found.map(|instant| {
        civil::local_date(instant, civil::offset_at(instant, zone)).clamp(first, last)
    }))
}

/// From the start of the first day to the end of the last.
fn window(first: NaiveDate, last: NaiveDate, zone: Tz) -> Option<Window> {
    let mut days = first.iter_days().take_while(|date| *date <= last);
    let start = days.find_map(|date| civil::window(date, zone))?.start;
    let mut back = Some(last);
    while let Some(date) = back.filter(|date| *date >= first) {
        if let Some(window) = civil::window(date, zone) {
            return Some(start..window.end);
        }
        back = date.pred_opt();
    }
    None
}

/// From how many days on a stretch is worth a question: fewer cost no more when they are fetched.
#[must_use]
pub const fn worth_asking(detail: Detail) -> u64 {
    match detail {
        Detail::Sec1 => 3,
        // One request of means covers almost seven days, or fourteen.
        Detail::Min1 => 14,
        Detail::Min5 | Detail::Min15 => 28,
    }
}

/// Which days of the stretch from `first` to `last` are without samples, as far as that can be known for less than it costs
/// to fetch them.
///
/// # Errors
/// Fails when the oracle does.
pub async fn empty_days(
    oracle: &impl Oracle,
    first: NaiveDate,
    last: NaiveDate,
    zone: Tz,
    detail: Detail,
) -> Result<BTreeSet<NaiveDate>, Error> {
    let worth = worth_asking(detail);
    let mut empty = BTreeSet::new();
    let mut stretches = vec![(first, last)];
    while let Some((first, last)) = stretches.pop() {
        let days = (last - first).num_days().unsigned_abs() + 1;
        if last < first || days < worth {
            continue;
        }
        if any_day(oracle, first, last, zone).await?.is_none() {
            empty.extend(first.iter_days().take_while(|date| *date <= last));
        } else if days > LONGEST_DAYS.max(worth) {
            let middle = first + Days::new(days / 2);
            stretches.push((first, middle - Days::new(1)));
            stretches.push((middle, last));
        } else if days > 2 * worth {
            // Which of the days have means, and whether the stretches between them have samples all the same.
            let with_means = oracle.days_with_means(first, last).await?;
            if !with_means.is_empty() {
                stretches.extend(between(first, last, &with_means));
            }
        }
    }
    Ok(empty)
}

/// The stretches of days from `first` to `last` that are not in `days`.
fn between(
    first: NaiveDate,
    last: NaiveDate,
    days: &BTreeSet<NaiveDate>,
) -> Vec<(NaiveDate, NaiveDate)> {
    let mut stretches = Vec::new();
    let mut start = first;
    for day in days {
        if let Some(before) = day.pred_opt().filter(|before| *before >= start) {
            stretches.push((start, before));
        }
        start = *day + Days::new(1);
    }
    if start <= last {
        stretches.push((start, last));
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::day;
    use std::cell::RefCell;
    use std::future::ready;

    /// Days with samples; answers with the newest or the oldest, and counts.
    struct Diary {
        days: BTreeSet<NaiveDate>,
        newest: bool,
        asked: std::sync::Mutex<u32>,
    }

    impl Diary {
        fn of(days: impl IntoIterator<Item = NaiveDate>, newest: bool) -> Self {
            Self {
                days: days.into_iter().collect(),
                newest,
                asked: std::sync::Mutex::new(0),
            }
        }
        fn count(&self) {
            *self.asked.lock().expect("no panic") += 1;
        }
        fn asked(&self) -> u32 {
            *self.asked.lock().expect("no panic")
        }
    }

    impl Oracle for Diary {
        async fn any_sample(&self, window: &Window) -> Result<Option<i64>, Error> {
            self.count();
            let mut noons = self
                .days
                .iter()
                .filter_map(|date| civil::window(*date, Tz::UTC))
                .map(|day| day.start + 43_200_000)
                .filter(|noon| window.contains(noon));
            Ok(if self.newest {
                noons.next_back()
            } else {
                noons.next()
            })
        }
        async fn days_with_means(
            &self,
            first: NaiveDate,
            last: NaiveDate,
        ) -> Result<BTreeSet<NaiveDate>, Error> {
            self.count();
            assert!((last - first).num_days() < 14, "the service refuses more");
            Ok(self.days.range(first..=last).copied().collect())
        }
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime")
            .block_on(future)
    }

    fn span(first: &str, last: &str) -> Vec<NaiveDate> {
        let last = day(last);
        day(first).iter_days().take_while(|d| *d <= last).collect()
    }

    #[test]
    fn the_first_day_is_found_in_a_few_requests() {
        let history = || span("2015-03-01", "2026-11-22");
        for newest in [true, false] {
            for (days, known, expected, at_most) in [
                (history(), Some("2015-03-01"), Some("2015-03-01"), 1),
                (history(), Some("2015-03-03"), Some("2015-03-01"), 14),
                (history(), Some("2019-01-01"), Some("2015-03-01"), 14),
                (history(), None, Some("2015-03-01"), 15),
                (
                    span("2026-11-22", "2026-11-22"),
                    None,
                    Some("2026-11-22"),
                    15,
                ),
                (
                    span("2007-01-01", "2007-01-01"),
                    None,
                    Some("2007-01-01"),
                    15,
                ),
                (vec![], None, None, 1),
            ] {
                let diary = Diary::of(days, newest);
                let found = run(first_day(
                    &diary,
                    known.map(day),
                    day("2026-11-22"),
                    Tz::UTC,
                ));
                assert_eq!(found.ok(), Some(expected.map(day)), "{known:?}");
                assert!(diary.asked() <= at_most, "{} for {known:?}", diary.asked());
            }
        }
    }

    #[test]
    fn empty_stretches_are_confirmed_by_ranges() {
        let decade = ("2015-01-01", "2024-12-31");
        let holiday = span("2020-06-01", "2020-06-10");
        for (stretch, with_data, detail, found, at_most) in [
            (decade, vec![], Detail::Sec1, 3653, 1),
            // Ten days with data within ten years.
            (decade, holiday.clone(), Detail::Sec1, 3630, 30),
            (decade, holiday, Detail::Min1, 3600, 30),
            // A decade of data without a resting heart rate: a tenth of what fetching costs.
            (
                decade,
                span("2015-01-01", "2024-12-31"),
                Detail::Sec1,
                0,
                1100,
            ),
            // Too short to be worth a question.
            (("2020-06-01", "2020-06-02"), vec![], Detail::Sec1, 0, 0),
            (("2020-06-01", "2020-06-13"), vec![], Detail::Min1, 0, 0),
            (("2020-06-01", "2020-06-03"), vec![], Detail::Sec1, 3, 1),
        ] {
            let stretch = (day(stretch.0), day(stretch.1));
            let diary = Diary::of(with_data, true);
            let empty = run(empty_days(&diary, stretch.0, stretch.1, Tz::UTC, detail));
            let Ok(empty) = empty else {
                panic!("no errors")
            };
            assert!(empty.is_disjoint(&diary.days));
            assert!(
                empty.len() >= found,
                "{} for {stretch:?} {detail}",
                empty.len()
            );
            assert!(
                diary.asked() <= at_most,
                "{} for {stretch:?}",
                diary.asked()
            );
        }
    }

    #[test]
    fn a_sample_that_the_means_leave_out_keeps_its_day() {
        // Not worn, and yet a reading: the roll-ups do not know of it.
        struct Unworn(RefCell<u32>);
        impl Oracle for Unworn {
            fn any_sample(
                &self,
                window: &Window,
            ) -> impl Future<Output = Result<Option<i64>, Error>> + Send {
                let at = civil::window(day("2020-06-05"), Tz::UTC)
                    .expect("a day")
                    .start;
                ready(Ok(window.contains(&at).then_some(at)))
            }
            fn days_with_means(
                &self,
                first: NaiveDate,
                last: NaiveDate,
            ) -> impl Future<Output = Result<BTreeSet<NaiveDate>, Error>> + Send {
                *self.0.borrow_mut() += 1;
                let known = Some(day("2020-06-11"));
                ready(Ok(known
                    .into_iter()
                    .filter(|d| (first..=last).contains(d))
                    .collect()))
            }
        }
        let unworn = Unworn(RefCell::new(0));
        let empty = run(empty_days(
            &unworn,
            day("2020-06-01"),
            day("2020-06-14"),
            Tz::UTC,
            Detail::Sec1,
        ));
        assert_eq!(
            empty.ok(),
            Some(span("2020-06-12", "2020-06-14").into_iter().collect())
        );
        assert_eq!(unworn.0.into_inner(), 2);
    }
}
