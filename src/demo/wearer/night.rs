//! Sleeps: the night that ends on a date, in cycles like those of its heart rate, and now and then a nap.

use super::calendar::CivilDay;
use super::random::{Stream, Topic};
use super::routine::{Routine, in_a_drawer, worn_at_night};
use crate::zone::Tz;
use chrono::{Days, NaiveDate};
use std::ops::Range;

/// Stages lie on a grid of half a minute.
const GRID_MS: i64 = 30_000;

/// The heart's cycle: it sinks below its mean in the second half of one.
const CYCLE_MS: i64 = 5_400_000;

/// What a stretch of a sleep is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Lying awake.
    Awake,
    /// Light sleep.
    Light,
    /// Deep sleep, in the trough of a cycle.
    Deep,
    /// Dreaming, on its crest.
    Rem,
    /// Asleep, where no stages are known.
    Asleep,
    /// Restless, where no stages are known.
    Restless,
}

impl Stage {
    /// As the service spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Awake => "AWAKE",
            Self::Light => "LIGHT",
            Self::Deep => "DEEP",
            Self::Rem => "REM",
            Self::Asleep => "ASLEEP",
            Self::Restless => "RESTLESS",
        }
    }
}

/// Stretches of one stage each (milliseconds since 1970).
pub type Stages = Vec<(Range<i64>, Stage)>;

/// One sleep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sleep {
    /// From the first stage to the last (milliseconds since 1970).
    pub span: Range<i64>,
    /// One after the other, without a gap.
    pub stages: Stages,
    /// Short wakes within light sleep.
    pub short: Vec<Range<i64>>,
    /// In the afternoon.
    pub nap: bool,
    /// The device worked out stages.
    pub staged: bool,
}

impl Sleep {
    /// The stage at an instant within.
    pub fn stage_at(&self, instant: i64) -> Option<Stage> {
        let found = self.stages.iter().find(|(span, _)| span.contains(&instant));
        found.map(|(_, stage)| *stage)
    }

    /// As the device has it before it has worked out the stages.
    pub fn classic(&self) -> Self {
        let mut stages = Stages::new();
        for (span, stage) in &self.stages {
            let stage = match stage {
                Stage::Light | Stage::Deep | Stage::Rem => Stage::Asleep,
                Stage::Awake | Stage::Asleep | Stage::Restless => *stage,
            };
            push(&mut stages, span.end, stage, span.start);
        }
        Self {
            stages,
            short: Vec::new(),
            staged: false,
            ..self.clone()
        }
    }

    /// The same without its first minutes, as a second algorithm saw it; `None` if nothing is left.
    pub fn without(&self, minutes: i64) -> Option<Self> {
        let span = self.span.start + minutes * 60_000..self.span.end;
        let cut = |part: &Range<i64>| part.start.max(span.start)..part.end;
        let stages = self.stages.iter().filter(|(part, _)| part.end > span.start);
        let short = self.short.iter().filter(|part| part.start >= span.start);
        (!span.is_empty()).then(|| Self {
            stages: stages.map(|(part, stage)| (cut(part), *stage)).collect(),
            short: short.cloned().collect(),
            span: span.clone(),
            ..*self
        })
    }
}

/// Lengthens the stages up to `end`, joining what is alike.
fn push(stages: &mut Stages, end: i64, stage: Stage, start: i64) {
    match stages.last_mut() {
        Some((span, last)) if *last == stage => span.end = end,
        Some((span, _)) if span.end < end => {
            let start = span.end;
            stages.push((start..end, stage));
        }
        Some(_) => {}
        None => stages.push((start..end, stage)),
    }
}

fn instant(date: NaiveDate, clock: i32, zone: Tz) -> i64 {
    let midnight = i64::from(date.to_epoch_days()) * 86_400_000;
    let wall = midnight + i64::from(clock) * 1000;
    let day = NaiveDate::from_epoch_days(i32::try_from(wall.div_euclid(86_400_000)).unwrap_or(0));
    let civil = CivilDay::of(day.unwrap_or(date), zone);
    let guess = wall - i64::from(civil.offset_at(civil.window.start)) * 1000;
    let instant = wall - i64::from(civil.offset_at(guess)) * 1000;
    instant.div_euclid(GRID_MS) * GRID_MS
}

/// The sleeps that end on a date, the night first.
pub fn ending_on(date: NaiveDate, zone: Tz) -> Vec<Sleep> {
    night(date, zone)
        .into_iter()
        .chain(nap(date, zone))
        .collect()
}

/// The night that ends on a date, if the device was worn.
pub fn night(date: NaiveDate, zone: Tz) -> Option<Sleep> {
    let routine = Routine::of(date);
    let yesterday = date.checked_sub_days(Days::new(1))?;
    let start = instant(yesterday, routine.asleep_since + 86_400, zone);
    let span = start..instant(date, routine.wake, zone);
    let mut stream = Stream::of(Topic::Stages, i64::from(date.to_epoch_days()));
    worn_at_night(date).then(|| {
        let stages = stages(&span, &mut stream);
        Sleep {
            short: short_wakes(&stages, &mut stream),
            span,
            stages,
            nap: false,
            staged: true,
        }
    })
}

/// The nap of a date, if there is one: too short for stages.
pub fn nap(date: NaiveDate, zone: Tz) -> Option<Sleep> {
    let mut stream = Stream::of(Topic::Nap, i64::from(date.to_epoch_days()));
    if in_a_drawer(date) || !stream.chance(0.08) {
        return None;
    }
    let start = instant(date, stream.whole(13 * 3600 + 1800, 15 * 3600), zone);
    let end = start + i64::from(stream.whole(50, 180)) * GRID_MS;
    let mut stages = Stages::new();
    let mut at = start;
    while at < end {
        let stage = match stream.below(10) {
            0 => Stage::Restless,
            _ if at == start => Stage::Awake,
            _ => Stage::Asleep,
        };
        at = end.min(at + i64::from(stream.whole(4, 26)) * GRID_MS);
        push(&mut stages, at, stage, start);
    }
    Some(Sleep {
        span: start..end,
        stages,
        short: Vec::new(),
        nap: true,
        staged: false,
    })
}

fn grid(at: i64) -> i64 {
    at.div_euclid(GRID_MS) * GRID_MS
}

fn share(of: i64, share: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a share of a few hours"
    )]
    let part = (of as f64 * share) as i64;
    grid(part)
}

/// Falling asleep, cycles of light, deep and dreaming sleep with a wake now and then, and waking.
fn stages(span: &Range<i64>, stream: &mut Stream) -> Stages {
    let mut stages = Stages::new();
    let mut until = |end: i64, stage| push(&mut stages, end.min(span.end), stage, span.start);
    let half_minutes =
        |low, high, stream: &mut Stream| i64::from(stream.whole(low, high)) * GRID_MS;
    until(span.start + half_minutes(6, 26, stream), Stage::Awake);
    let waking = span.end - half_minutes(2, 14, stream);
    for cycle in 0_u32..8 {
        let start = span.start + i64::from(cycle) * CYCLE_MS;
        if start + CYCLE_MS / 2 > waking {
            break;
        }
        let number = f64::from(cycle);
        if cycle > 0 {
            let dream = 0.09 + 0.055 * number + stream.between(-0.03, 0.05);
            until(waking.min(start + share(CYCLE_MS, dream)), Stage::Rem);
        }
        let deep_from = start + share(CYCLE_MS, stream.between(0.52, 0.6));
        let deep = 0.38 - 0.1 * number + stream.between(-0.05, 0.05);
        if stream.chance(0.3) && cycle > 0 {
            until(deep_from - half_minutes(30, 50, stream), Stage::Light);
            until(deep_from - half_minutes(8, 22, stream), Stage::Awake);
        }
        until(waking.min(deep_from), Stage::Light);
        if deep > 0.03 {
            let end = deep_from + share(CYCLE_MS, deep.min(0.38));
            until(waking.min(end), Stage::Deep);
        }
        until(waking.min(start + CYCLE_MS), Stage::Light);
    }
    until(waking, Stage::Light);
    until(span.end, Stage::Awake);
    stages
}

/// Half a minute to two and a half, within light sleep.
fn short_wakes(stages: &Stages, stream: &mut Stream) -> Vec<Range<i64>> {
    let mut wakes = Vec::new();
    for (span, _) in stages.iter().filter(|(_, stage)| *stage == Stage::Light) {
        let mut at = span.start + i64::from(stream.whole(4, 40)) * GRID_MS;
        loop {
            let end = at + i64::from(stream.whole(1, 6)) * GRID_MS;
            if end >= span.end {
                break;
            }
            wakes.push(at..end);
            at = end + i64::from(stream.whole(12, 70)) * GRID_MS;
        }
    }
    wakes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::wearer::heart::Curve;

    fn year() -> impl Iterator<Item = NaiveDate> {
        let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
        first.iter_days().take(365)
    }

    #[test]
    fn nights_look_like_nights() {
        let nights: Vec<_> = year()
            .filter_map(|date| night(date, Tz::of("America/New_York")))
            .collect();
        assert!((350..364).contains(&nights.len()), "{}", nights.len());
        for night in &nights {
            let of = |stage| {
                let parts = night.stages.iter().filter(|(_, known)| *known == stage);
                parts
                    .map(|(span, _)| (span.end - span.start) / 60_000)
                    .sum::<i64>()
            };
            let all = (night.span.end - night.span.start) / 60_000;
            assert!((330..640).contains(&all), "{all} minutes");
            assert!((25..=130).contains(&of(Stage::Deep)), "{:?}", night.stages);
            assert!((30..=190).contains(&of(Stage::Rem)), "{:?}", night.stages);
            assert!(of(Stage::Light) > all / 3 && of(Stage::Awake) < all / 5);
            let joined = night
                .stages
                .windows(2)
                .all(|two| two[0].0.end == two[1].0.start);
            let alike = night.stages.windows(2).any(|two| two[0].1 == two[1].1);
            assert!(joined && !alike, "{:?}", night.stages);
            assert_eq!(
                night.stages.first().map(|s| s.0.start),
                Some(night.span.start)
            );
            assert_eq!(night.stages.last().map(|s| s.0.end), Some(night.span.end));
            assert!(
                night
                    .stages
                    .iter()
                    .all(|(span, _)| span.start % GRID_MS == 0 && !span.is_empty())
            );
            let light = |wake: &Range<i64>| night.stage_at(wake.start) == Some(Stage::Light);
            assert!(night.short.iter().all(light) && night.short.len() > 3);
        }
    }

    #[test]
    fn the_heart_is_slowest_in_deep_sleep() {
        let (mut deep, mut dream) = (Vec::new(), Vec::new());
        for date in year().take(60) {
            let (Some(night), mut curve) =
                (night(date, Tz::of("America/New_York")), Curve::of(date))
            else {
                continue;
            };
            let wall = CivilDay::of(date, Tz::of("America/New_York"));
            for (span, stage) in &night.stages {
                let middle = i64::midpoint(span.start, span.end);
                let clock = i32::try_from((middle - wall.window.start) / 1000).unwrap_or(0);
                match stage {
                    _ if clock < 0 => {}
                    Stage::Deep => deep.push(curve.bpm(clock)),
                    Stage::Rem => dream.push(curve.bpm(clock)),
                    Stage::Awake | Stage::Light | Stage::Asleep | Stage::Restless => {}
                }
            }
        }
        let mean = |rates: &[f64]| {
            rates.iter().sum::<f64>() / f64::from(u32::try_from(rates.len()).unwrap_or(1))
        };
        assert!(
            mean(&deep) + 2.0 < mean(&dream),
            "{} {}",
            mean(&deep),
            mean(&dream)
        );
    }

    #[test]
    fn a_date_has_one_night() {
        for date in year().take(30) {
            assert_eq!(
                ending_on(date, Tz::of("America/New_York")),
                ending_on(date, Tz::of("America/New_York"))
            );
        }
        assert!(
            (15..50).contains(
                &year()
                    .filter_map(|date| nap(date, Tz::of("America/New_York")))
                    .count()
            )
        );
    }
}
