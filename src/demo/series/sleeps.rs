//! Sleeps with their stages, and what is sampled while the wearer sleeps.

use super::point::{Asked, Point, Source, Value, id, one};
use crate::demo::json::{Json, Members};
use crate::demo::wearer::{self, Sleep, Stage, Stream, Topic};
use chrono::Days;
use std::ops::Range;

/// How long after waking the service has worked out the stages.
const PROCESSED_AFTER_MS: i64 = 90 * 60_000;

/// The sleeps that end on the day. Some are there twice, as two algorithms saw them; the last one is without stages
/// until it has been processed.
pub fn sleeps(asked: &Asked<'_>) -> Vec<Point> {
    let mut stream = Stream::of(Topic::Nap, -asked.number());
    let sleeps = wearer::ending_on(asked.date, asked.wearer.zone).into_iter();
    let twice = stream.chance(0.08);
    let later = i64::from(stream.whole(20, 70));
    sleeps
        .flat_map(|sleep| {
            let twin = (twice && !sleep.nap)
                .then(|| sleep.without(later))
                .flatten();
            let main = !sleep.nap;
            let twin = twin.map(|twin| session(asked, twin, None));
            [Some(session(asked, sleep, Some(main))), twin]
        })
        .flatten()
        .collect()
}

fn session(asked: &Asked<'_>, sleep: Sleep, main: Option<bool>) -> Point {
    let processed = sleep.span.end + PROCESSED_AFTER_MS <= asked.synced;
    let sleep = if processed { sleep } else { sleep.classic() };
    let mut metadata = vec![("processed", Json::Flag(processed))];
    if processed {
        let status = if sleep.nap {
            "REJECTED_NAP"
        } else {
            "SUCCEEDED"
        };
        metadata.push(("stagesStatus", Json::Text(status)));
    }
    metadata.extend(main.map(|main| ("mainSleep", Json::Flag(main))));
    metadata.extend(sleep.nap.then_some(("nap", Json::Flag(true))));
    let kind = if sleep.staged { "STAGES" } else { "CLASSIC" };
    let updated = sleep.span.end + if processed { 95 * 60_000 } else { 4 * 60_000 };
    let mut members = vec![
        ("type", Json::Text(kind)),
        ("stages", Json::List(stretches(asked, &sleep))),
        ("metadata", Json::Object(metadata)),
        ("summary", Json::Object(summary(&sleep))),
        ("createTime", Json::Instant(sleep.span.start + 7_200_123)),
        ("updateTime", Json::Instant(updated + 456)),
    ];
    if !sleep.short.is_empty() {
        let short = sleep.short.iter();
        let short = short
            .map(|span| stretch(asked, span, Stage::Awake))
            .collect();
        members.push(("shortAwakenings", Json::List(short)));
    }
    Point {
        id: Some(id(sleep.span.start)),
        source: Source::Derived,
        ..asked.point(sleep.span, Value::Many(members))
    }
}

fn stretches(asked: &Asked<'_>, sleep: &Sleep) -> Vec<Json> {
    let stages = sleep.stages.iter();
    stages
        .map(|(span, stage)| stretch(asked, span, *stage))
        .collect()
}

fn stretch(asked: &Asked<'_>, span: &Range<i64>, stage: Stage) -> Json {
    let mut members = times(asked, span);
    members.push(("type", Json::Text(stage.name())));
    Json::Object(members)
}

/// The times of a part of a session.
pub fn times(asked: &Asked<'_>, span: &Range<i64>) -> Members {
    let offset = |at| Json::Duration(asked.wearer.offset_at(at).into());
    vec![
        ("startTime", Json::Instant(span.start)),
        ("startUtcOffset", offset(span.start)),
        ("endTime", Json::Instant(span.end)),
        ("endUtcOffset", offset(span.end)),
    ]
}

/// The service's own minutes, each rounded by itself.
fn summary(sleep: &Sleep) -> Members {
    let kinds = [
        Stage::Awake,
        Stage::Light,
        Stage::Deep,
        Stage::Rem,
        Stage::Asleep,
        Stage::Restless,
    ];
    let of = |kind: Stage| {
        let parts = sleep.stages.iter().filter(move |(_, known)| *known == kind);
        parts.map(|(span, _)| span.end - span.start)
    };
    let all = (sleep.span.end - sleep.span.start) / 60_000;
    let awake = (of(Stage::Awake).chain(of(Stage::Restless)).sum::<i64>() + 30_000) / 60_000;
    let by_kind = kinds.into_iter().filter(|kind| of(*kind).next().is_some());
    let by_kind = by_kind.map(|kind| {
        Json::Object(vec![
            ("type", Json::Text(kind.name())),
            ("minutes", Json::Int(of(kind).sum::<i64>() / 60_000)),
            (
                "count",
                Json::Int(i64::try_from(of(kind).count()).unwrap_or(0)),
            ),
        ])
    });
    vec![
        ("minutesInSleepPeriod", Json::Int(all)),
        ("minutesAfterWakeUp", Json::Int(0)),
        ("minutesToFallAsleep", Json::Int(0)),
        ("minutesAsleep", Json::Int(all - awake)),
        ("minutesAwake", Json::Int(awake)),
        ("stagesSummary", Json::List(by_kind.collect())),
    ]
}

/// Points on a grid, through all the day's hours in bed.
fn sampled(
    asked: &Asked<'_>,
    every_ms: i64,
    value: impl Fn(&Sleep, i64, &mut Stream) -> Option<Value>,
) -> Vec<Point> {
    let tomorrow = asked.date.checked_add_days(Days::new(1));
    let nights = [Some(asked.date), tomorrow].into_iter().flatten();
    let nights = nights.filter_map(|date| wearer::night(date, asked.wearer.zone));
    let mut points = Vec::new();
    for night in nights {
        let within = night.span.start.max(asked.civil.window.start)
            ..night.span.end.min(asked.civil.window.end);
        let first = within.start.div_euclid(every_ms) * every_ms + every_ms;
        let offset = asked.wearer.offset_at(first);
        let steady = offset == asked.wearer.offset_at(within.end);
        for at in (first..within.end).step_by(usize::try_from(every_ms).unwrap_or(1)) {
            let mut stream = Stream::of(Topic::Night, at / 1000);
            let offset = if steady {
                offset
            } else {
                asked.wearer.offset_at(at)
            };
            points.extend(value(&night, at, &mut stream).map(|value| Point {
                span: at..at,
                offsets: Some((offset, offset)),
                id: None,
                source: Source::Tracker,
                value,
            }));
        }
    }
    points
}

/// A number with one digit after the point.
pub fn tenth(value: f64) -> Json {
    Json::Number((value * 10.0).round() / 10.0)
}

/// What the blood's oxygen is about in the night that ends on a day.
pub fn saturation(day: i64) -> f64 {
    95.9 + 0.6 * wearer::Swing::of(Topic::Week, 9).at(day)
}

/// How far the blood's oxygen wanders from it: from one eight minutes to the next, now and then into a dip.
fn wander(at: i64) -> f64 {
    let swing = |topic, minutes: i32| wearer::Swing::of(topic, minutes * 60_000).at(at);
    0.9 * swing(Topic::Night, 8) - 25.0 * (swing(Topic::Nap, 7) - 0.9).max(0.0)
}

/// The blood's oxygen by the minute; about one in five could not be measured, and is 50.
pub fn oxygen(asked: &Asked<'_>) -> Vec<Point> {
    sampled(asked, 60_000, |night, at, stream| {
        let percent = if stream.chance(0.2) {
            50.0
        } else {
            let usual = saturation(night.span.end.div_euclid(86_400_000));
            usual + wander(at) + stream.between(-0.25, 0.25)
        };
        Some(one("percentage", tenth(percent)))
    })
}

/// Heart-rate variability by five minutes: higher in deep sleep; now and then 0, which is none.
pub fn variability(asked: &Asked<'_>) -> Vec<Point> {
    let usual = 34.0 + 9.0 * wearer::Swing::of(Topic::Fitness, 190).at(asked.number());
    sampled(asked, 300_000, |night, at, stream| {
        let stage = match night.stage_at(at)? {
            Stage::Awake => return None,
            Stage::Deep => 9.0,
            Stage::Rem => -4.0,
            Stage::Light | Stage::Asleep | Stage::Restless => 0.0,
        };
        let rmssd = if stream.chance(0.01) {
            0.0
        } else {
            usual + stage + stream.between(-7.0, 7.0)
        };
        let power = vec![
            ("lowFrequencyPower", tenth(stream.between(300.0, 1400.0))),
            ("highFrequencyPower", tenth(stream.between(200.0, 900.0))),
        ];
        let mut members = vec![(
            "rootMeanSquareOfSuccessiveDifferencesMilliseconds",
            tenth(rmssd),
        )];
        if !stream.chance(0.1) {
            members.push(("standardDeviationMilliseconds", tenth(rmssd * 1.3)));
        }
        members.push(("metadata", Json::Object(power)));
        Some(Value::Many(members))
    })
}

/// Breathing, one point a sleep, stamped at waking; -1 where a stage had none, and for naps.
pub fn breathing(asked: &Asked<'_>) -> Vec<Point> {
    let sleeps = wearer::ending_on(asked.date, asked.wearer.zone).into_iter();
    sleeps
        .map(|sleep| {
            let mut stream = Stream::of(Topic::Night, -sleep.span.end);
            let usual = breaths(asked.number());
            let mut stats = |rate: f64| {
                let missing = sleep.nap || stream.chance(0.05);
                Json::Object(vec![
                    ("breathsPerMinute", tenth(if missing { -1.0 } else { rate })),
                    ("standardDeviation", tenth(stream.between(0.5, 1.6))),
                    ("signalToNoise", tenth(stream.between(1.0, 4.0))),
                ])
            };
            let mut members = vec![("fullSleepStats", stats(usual))];
            if sleep.staged {
                members.push(("deepSleepStats", stats(usual - 0.9)));
                members.push(("lightSleepStats", stats(usual + 0.1)));
                members.push(("remSleepStats", stats(usual + 0.8)));
            }
            let at = sleep.span.end;
            asked.point(at..at, Value::Many(members))
        })
        .collect()
}

/// Breaths a minute in the night that ends on a day.
pub fn breaths(day: i64) -> f64 {
    14.6 + 1.2 * wearer::Swing::of(Topic::Week, 5).at(day)
}
