//! Which samples are of a civil day, and what more has to be fetched to know all of them.

use super::points::{self, Point};
use super::rollup::Mean;
use crate::civil::{self, Window};
use crate::day::Sample;
use crate::zone::Tz;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// No clock on Earth shows more than this.
const WIDEST_OFFSET_S: i32 = 15 * 3600;

/// What has to be fetched besides `covered` so that the day is complete on every clock that the samples show.
#[must_use]
pub fn missing(date: NaiveDate, zone: Tz, points: &[Point], covered: &[Window]) -> Vec<Window> {
    // What the zone itself shows at that instant is no travel, on the days when its clocks are changed too.
    let offsets = points
        .iter()
        .filter_map(|point| Some((point.instant, point.utc_offset?)))
        .filter(|(instant, offset)| *offset != civil::offset_at(*instant, zone))
        .map(|(_, offset)| offset);
    missing_on_clocks(date, zone, &offsets.collect(), covered)
}

/// What has to be fetched besides `covered` so that the day is complete on the zone's clock and on clocks that are ahead of
/// UTC by `offsets` seconds.
#[must_use]
pub fn missing_on_clocks(
    date: NaiveDate,
    zone: Tz,
    offsets: &BTreeSet<i32>,
    covered: &[Window],
) -> Vec<Window> {
    let offsets = offsets
        .iter()
        .copied()
        .filter(|offset| offset.abs() <= WIDEST_OFFSET_S);
    let mut covered = covered.to_vec();
    let mut missing = Vec::new();
    for wanted in civil::window(date, zone)
        .into_iter()
        .chain(offsets.map(|offset| civil::fixed_window(date, offset)))
    {
        let pieces = civil::uncovered(&wanted, &covered);
        covered.extend(pieces.iter().cloned());
        missing.extend(pieces);
    }
    missing
}

/// The samples whose own local date is `date`, ascending, one an instant.
#[must_use]
pub fn day_samples(date: NaiveDate, zone: Tz, mut points: Vec<Point>) -> Vec<Sample> {
    points::sort_and_unite(&mut points);
    points
        .iter()
        .map(|point| sample(point, zone))
        .filter(|sample| sample.local_date() == date)
        .collect()
}

/// A reading on the wearer's wall clock: by its own offset, else by the zone.
#[must_use]
pub fn sample(point: &Point, zone: Tz) -> Sample {
    let ahead = point
        .utc_offset
        .unwrap_or_else(|| civil::offset_at(point.instant, zone));
    Sample {
        utc_offset: point.utc_offset,
        ..Sample::at(point.instant, ahead, point.bpm)
    }
}

/// Means on the wall clock of the account's zone: roll-ups say nothing about offsets.
#[must_use]
pub fn mean_samples(means: &[Mean], zone: Tz) -> Vec<Sample> {
    means
        .iter()
        .map(|mean| Sample::at(mean.start, civil::offset_at(mean.start, zone), mean.bpm))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::day;
    use crate::day::clock_text;
    use std::slice::from_ref;

    const HOUR: i64 = 3_600_000;

    fn point(instant: i64, utc_offset: Option<i32>) -> Point {
        Point {
            instant,
            utc_offset,
            bpm: 60,
        }
    }

    #[test]
    #[allow(
        clippy::single_range_in_vec_init,
        reason = "a list of windows with one window"
    )]
    fn travel_widens_the_window_by_the_difference_only() {
        let date = day("2017-06-01");
        let home = civil::window(date, Tz::of("America/New_York")).expect("a day");
        let at_home = point(home.start, Some(-14400));
        assert_eq!(
            missing(
                date,
                Tz::of("America/New_York"),
                &[at_home],
                from_ref(&home)
            ),
            []
        );
        // In Berlin the day began six hours earlier.
        let in_berlin = point(home.start + 12 * HOUR, Some(7200));
        assert_eq!(
            missing(
                date,
                Tz::of("America/New_York"),
                &[at_home, in_berlin],
                from_ref(&home)
            ),
            vec![home.start - 6 * HOUR..home.start]
        );
        // In Los Angeles it ends three hours later.
        let in_la = point(home.start + 12 * HOUR, Some(-25200));
        assert_eq!(
            missing(date, Tz::of("America/New_York"), &[in_la], from_ref(&home)),
            vec![home.end..home.end + 3 * HOUR]
        );
        // A wrong first guess of the zone is mended in the same way.
        let utc = civil::window(date, Tz::UTC).expect("a day");
        assert_eq!(
            missing(date, Tz::of("America/New_York"), &[], from_ref(&utc)),
            vec![utc.end..home.end]
        );
        // Nonsense offsets widen nothing.
        assert_eq!(
            missing(
                date,
                Tz::of("America/New_York"),
                &[point(home.start, Some(80_000))],
                from_ref(&home)
            ),
            []
        );
    }

    #[test]
    fn a_sample_belongs_to_its_own_date() {
        let date = day("2017-06-01");
        let home = civil::window(date, Tz::of("America/New_York")).expect("a day");
        let points = vec![
            point(home.start + 1000, None),
            point(home.start - HOUR, Some(-14400)),
            point(home.start - HOUR, Some(7200)),
            point(home.start - HOUR, Some(7200)),
            point(home.end, Some(-14400)),
            point(home.end, Some(-25200)),
        ];
        let samples = day_samples(date, Tz::of("America/New_York"), points);
        let shown: Vec<_> = samples
            .iter()
            .map(|s| (clock_text(s.local_time), s.utc_offset))
            .collect();
        // Two readings of one instant: which one stands does not depend on the order.
        assert_eq!(
            shown,
            [
                ("00:00:01".to_owned(), None),
                ("21:00:00".to_owned(), Some(-25200))
            ]
        );
    }

    #[test]
    fn the_repeated_hour_stays_in_the_order_of_instants() {
        let date = day("2017-11-05");
        let window = civil::window(date, Tz::of("America/New_York")).expect("a day");
        let means: Vec<Mean> = (0..25)
            .map(|hour| Mean {
                start: window.start + hour * HOUR,
                bpm: 60,
            })
            .collect();
        let times: Vec<_> = mean_samples(&means, Tz::of("America/New_York"))
            .iter()
            .map(|s| clock_text(s.local_time))
            .collect();
        assert_eq!(
            &times[..4],
            ["00:00:00", "01:00:00", "01:00:00", "02:00:00"]
        );
        assert_eq!((times.len(), times[24].as_str()), (25, "23:00:00"));
    }
}
