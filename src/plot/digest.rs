//! What a picture needs of one day. Days are digested one by one, on any thread, and then forgotten: memory is bounded
//! by the picture, not by the archive.

use super::binning::{self, Bin, Point, Run};
use super::figures::{Edges, Figures};
use super::timeline::{Timeline, midnight};
use crate::day::{Day, Detail, Sample, Zone};
use crate::extract::between::Between;
use chrono::NaiveDate;

const DAY: i64 = 86_400_000;

/// The highest bpm that a sample may have.
const HIGHEST_BPM: usize = 300;

/// Along which axis a day's curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// The time that really passed since the day began: 23 to 25 hours, and a repeated hour twice.
    Elapsed,
    /// 24 hours of wall clock or a window of them, the same for every day, so that days can stand one above the other.
    WallClock,
}

/// What is wanted of each day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// A curve in so many columns.
    pub curve: Option<(Axis, usize)>,
    /// The samples themselves, or their means, in slots of so many seconds.
    pub trace_step: Option<i64>,
}

/// What a picture needs of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct Digest {
    /// The day.
    pub date: NaiveDate,
    /// How fine its samples are.
    pub detail: Detail,
    /// Where they come from, joined by commas.
    pub sources: String,
    /// Its figures.
    pub figures: Figures,
    /// Its zones in ascending order.
    pub zones: Vec<Zone>,
    /// How its clock ran.
    pub timeline: Timeline,
    /// Its curve, if wanted.
    pub runs: Vec<Run>,
    /// Its samples by hour of the wall clock.
    pub hours: [Bin; 24],
    /// How many samples have each bpm, 0 to 300.
    pub histogram: Vec<u32>,
    /// Slots of [`Wanted::trace_step`] since the day began: mean bpm rounded half up, 0 without samples.
    pub trace: Vec<u16>,
    /// The longest time between neighbouring samples that is not a gap, in milliseconds.
    pub gap_limit: i64,
}

impl Digest {
    /// Digests a day.
    #[must_use]
    pub fn of(day: &Day, wanted: Wanted) -> Self {
        Self::along(Timeline::of(day), day, wanted, (0, DAY))
    }

    /// Digests what of a day lies in a window of the clock, along the window's own axis.
    #[must_use]
    pub fn between(day: &Day, between: Between, wanted: Wanted) -> Self {
        let mut timeline = Timeline::of(day);
        if matches!(wanted.curve, Some((Axis::Elapsed, _))) {
            timeline = timeline.window(between);
        }
        let mut part = day.clone();
        between.cut(&mut part);
        let mut digest = Self::along(timeline, &part, wanted, between.bounds());
        digest.figures.edges = None;
        digest
    }

    /// `clock` are the ends of an axis of wall clock, since midnight.
    fn along(timeline: Timeline, day: &Day, wanted: Wanted, clock: (i64, i64)) -> Self {
        let elapsed = elapsed(day, &timeline);
        let gap_limit = binning::gap_limit(day.detail, median_spacing(&elapsed));
        let mut hours = [Bin::default(); 24];
        let mut histogram = vec![0; HIGHEST_BPM + 1];
        for sample in &day.samples {
            let hour = usize::try_from(sample.local_time.rem_euclid(DAY) / 3_600_000).unwrap_or(0);
            if let Some(bin) = hours.get_mut(hour) {
                bin.add(sample.bpm);
            }
            if let Some(count) = histogram.get_mut(usize::from(sample.bpm)) {
                *count += 1;
            }
        }
        let runs = wanted.curve.map_or_else(Vec::new, |(axis, columns)| {
            let points = points(day, &elapsed, axis, clock.0);
            let length = match axis {
                Axis::Elapsed => timeline.length(),
                Axis::WallClock => clock.1 - clock.0,
            };
            binning::runs(points, length, columns, gap_limit)
        });
        let trace = wanted
            .trace_step
            .map_or_else(Vec::new, |step| trace(&elapsed, &timeline, step));
        Self {
            date: day.date,
            detail: day.detail,
            sources: sources(day),
            figures: figures(day, &elapsed, gap_limit, &hours),
            zones: day.summary.zones.clone(),
            timeline,
            runs,
            hours,
            histogram,
            trace,
            gap_limit,
        }
    }
}

/// The zones of a day, none where nothing is known of it.
#[must_use]
pub fn zones(day: Option<&Digest>) -> &[Zone] {
    day.map_or(&[], |day| &day.zones)
}

/// Samples by the time passed since the day began, ascending.
fn elapsed<'a>(day: &'a Day, timeline: &Timeline) -> Vec<(i64, &'a Sample)> {
    let mut elapsed: Vec<_> = day
        .samples
        .iter()
        .map(|sample| (timeline.elapsed(sample), sample))
        .collect();
    if !elapsed.is_sorted_by_key(|&(at, _)| at) {
        elapsed.sort_by_key(|&(at, _)| at);
    }
    elapsed
}

fn median_spacing(elapsed: &[(i64, &Sample)]) -> Option<i64> {
    let mut spacings: Vec<i64> = spacings(elapsed).collect();
    let middle = spacings.len() / 2;
    (!spacings.is_empty()).then(|| *spacings.select_nth_unstable(middle).1)
}

fn spacings<'a>(elapsed: &'a [(i64, &Sample)]) -> impl Iterator<Item = i64> + 'a {
    elapsed
        .iter()
        .zip(elapsed.iter().skip(1))
        .map(|(a, b)| b.0 - a.0)
}

fn figures(day: &Day, elapsed: &[(i64, &Sample)], gap_limit: i64, hours: &[Bin; 24]) -> Figures {
    let mut samples = Bin::default();
    for hour in hours {
        samples.merge(hour);
    }
    let worn = if day.detail == Detail::Sec1 {
        spacings(elapsed).filter(|&gap| gap <= gap_limit).sum()
    } else {
        i64::try_from(elapsed.len()).unwrap_or(0) * day.detail.seconds() * 1000
    };
    let edge = |end: Option<&(i64, &Sample)>| end.map(|(_, s)| (s.instant, s.local_time));
    Figures {
        samples,
        worn,
        largest_gap: spacings(elapsed).max(),
        resting: day.summary.resting_bpm,
        days: u64::from(!elapsed.is_empty()),
        edges: edge(elapsed.first())
            .zip(edge(elapsed.last()))
            .map(|(first, last)| Edges { first, last }),
    }
}

/// Samples along an axis; one of wall clock begins `from` milliseconds after midnight.
fn points<'a>(
    day: &Day,
    elapsed: &'a [(i64, &Sample)],
    axis: Axis,
    from: i64,
) -> impl Iterator<Item = Point> + 'a {
    let begin = midnight(day.date) + from;
    elapsed.iter().map(move |&(at, sample)| Point {
        elapsed: at,
        x: match axis {
            Axis::Elapsed => at,
            Axis::WallClock => sample.local_time - begin,
        },
        bpm: sample.bpm,
    })
}

fn trace(elapsed: &[(i64, &Sample)], timeline: &Timeline, step: i64) -> Vec<u16> {
    let step = step.max(1) * 1000;
    let slots = usize::try_from((timeline.length() + step - 1) / step).unwrap_or(0);
    let mut sums = vec![(0_u32, 0_u32); slots];
    for &(at, sample) in elapsed {
        let slot = usize::try_from(at.max(0) / step).unwrap_or(0);
        if let Some((sum, count)) = sums.get_mut(slot.min(slots.saturating_sub(1))) {
            *sum += u32::from(sample.bpm);
            *count += 1;
        }
    }
    sums.into_iter()
        .map(|(sum, count)| match count {
            0 => 0,
            _ => u16::try_from((2 * sum + count) / (2 * count)).unwrap_or(u16::MAX),
        })
        .collect()
}

fn sources(day: &Day) -> String {
    let mut names: Vec<String> = day.sources.iter().map(ToString::to_string).collect();
    names.sort();
    names.dedup();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::Provider;

    const HOUR: i64 = 3_600_000;

    fn day(date: &str, samples: Vec<Sample>) -> Day {
        let mut day = Day::empty(
            date.parse().expect("a date"),
            Detail::Sec1,
            Provider::Takeout,
        );
        day.samples = samples;
        day
    }

    fn digest(day: &Day) -> Digest {
        Digest::of(
            day,
            Wanted {
                curve: Some((Axis::WallClock, 240)),
                trace_step: Some(60),
            },
        )
    }

    #[test]
    fn a_repeated_hour_is_one_hour_of_the_clock_and_two_of_the_trace() {
        // 2017-11-05, New York: one sample a minute for 25 hours.
        let start = midnight("2017-11-05".parse().expect("a date")) + 4 * HOUR;
        let samples = (0..25 * 60)
            .map(|minute| {
                let offset = if minute < 120 { -14_400 } else { -18_000 };
                Sample::at(start + minute * 60_000, offset, 60)
            })
            .collect();
        let digest = digest(&day("2017-11-05", samples));
        assert_eq!(
            digest.hours.map(|hour| hour.count)[..3],
            [60, 120, 60],
            "both passes of one o'clock"
        );
        assert_eq!(digest.trace.len(), 1500);
        assert!(digest.trace.iter().all(|&bpm| bpm == 60));
        assert_eq!(digest.runs.len(), 2);
    }

    #[test]
    fn a_skipped_hour_stays_blank() {
        let start = midnight("2017-03-12".parse().expect("a date")) + 5 * HOUR;
        let samples = (0..23 * 60)
            .map(|minute| {
                let offset = if minute < 120 { -18_000 } else { -14_400 };
                Sample::at(start + minute * 60_000, offset, 60)
            })
            .collect();
        let digest = digest(&day("2017-03-12", samples));
        assert_eq!(digest.hours.map(|hour| hour.count)[..4], [60, 60, 0, 60]);
        assert_eq!(digest.trace.len(), 23 * 60);
        assert_eq!(digest.runs.len(), 2);
    }

    #[test]
    fn worn_time_leaves_gaps_out() {
        let start = midnight("2017-06-01".parse().expect("a date"));
        let at = |second: i64| Sample::at(start + second * 1000, 0, 70);
        let samples = (0..=600).step_by(5).chain(3_600..=3_660).map(at).collect();
        let figures = digest(&day("2017-06-01", samples)).figures;
        assert_eq!(figures.worn, 660_000);
        assert_eq!(figures.largest_gap, Some(3_000_000));
        assert_eq!(figures.samples.count, 121 + 61);
    }

    #[test]
    fn windows_are_worn_for_their_length() {
        let start = midnight("2017-06-01".parse().expect("a date"));
        let mut day = day(
            "2017-06-01",
            vec![
                Sample::at(start, 0, 61),
                Sample::at(start + 300_000, 0, 62),
                Sample::at(start + 1_500_000, 0, 64),
            ],
        );
        day.detail = Detail::Min5;
        let digest = digest(&day);
        assert_eq!(digest.figures.worn, 900_000);
        assert_eq!(digest.runs.len(), 2);
    }

    #[test]
    fn the_trace_rounds_half_up() {
        let start = midnight("2017-06-01".parse().expect("a date"));
        let samples = vec![
            Sample::at(start + 1_000, 0, 60),
            Sample::at(start + 2_000, 0, 61),
        ];
        let trace = digest(&day("2017-06-01", samples)).trace;
        assert_eq!((trace.len(), trace[0], trace[1]), (1440, 61, 0));
    }
}
