//! Points made of beats and of minutes.

use super::point::{Asked, Point, Source, Value, one};
use crate::demo::json::Json;
use crate::demo::wearer::{BASAL_KCAL, Beat, Level, Minute, Sport, mix};
use std::ops::Range;

const MINUTE_MS: i64 = 60_000;

/// Every beat that is wanted.
pub fn beats(asked: &Asked<'_>) -> Vec<Point> {
    let day = asked.wearer.beats(asked.date);
    let beats = day.get().map_or(&[][..], Vec::as_slice);
    let from = beats.partition_point(|beat| beat.instant < asked.wanted.start);
    let to = beats.partition_point(|beat| beat.instant < asked.wanted.end);
    let wanted = beats.get(from..to).unwrap_or_default();
    wanted.iter().map(|beat| of_beat(*beat)).collect()
}

fn of_beat(beat: Beat) -> Point {
    Point {
        span: beat.instant..beat.instant,
        offsets: Some((beat.utc_offset, beat.utc_offset)),
        id: None,
        source: Source::Tracker,
        value: one("beatsPerMinute", Json::Int(beat.bpm.into())),
    }
}

/// What a chest strap's app has of a workout: about every other beat, hardly ever the same, without an offset.
pub fn strap(asked: &Asked<'_>, point: &Point) -> Option<Point> {
    let chance = mix(point.span.start.cast_unsigned());
    if !chance.is_multiple_of(2) {
        return None;
    }
    let second = (point.span.start - asked.civil.window.start) / 1000;
    asked
        .routine()
        .sport_at(i32::try_from(second).unwrap_or(0))?;
    let more = i64::try_from((chance >> 8) % 3).unwrap_or(0);
    Some(Point {
        offsets: None,
        source: Source::OtherApp,
        ..changed(point, |value| value + more)?
    })
}

/// What the phone in the pocket has of about half of the walked minutes: a little less.
pub fn phone(_: &Asked<'_>, point: &Point) -> Option<Point> {
    let chance = mix(point.span.start.cast_unsigned());
    let copy = changed(point, |value| value * 9 / 10 + 1)?;
    chance.is_multiple_of(2).then_some(Point {
        source: Source::Phone,
        ..copy
    })
}

/// A resting heart rate as another app works it out.
pub fn lower(_: &Asked<'_>, point: &Point) -> Option<Point> {
    Some(Point {
        source: Source::OtherApp,
        ..changed(point, |value| value - 5)?
    })
}

/// The same point with another first value.
fn changed(point: &Point, change: impl Fn(i64) -> i64) -> Option<Point> {
    match point.value.members().first() {
        Some((name, Json::Int(value))) => Some(Point {
            value: one(name, Json::Int(change(*value))),
            ..point.clone()
        }),
        _ => None,
    }
}

/// A point for each minute that has a value.
pub fn minutes(asked: &Asked<'_>, value: impl Fn(&Minute) -> Option<Value>) -> Vec<Point> {
    let minutes = asked.wearer.minutes(asked.date);
    let points = minutes.iter().filter_map(|minute| {
        Some(Point {
            span: minute.start..minute.start + MINUTE_MS,
            offsets: Some((minute.utc_offset, minute.utc_offset)),
            id: None,
            source: Source::Tracker,
            value: value(minute)?,
        })
    });
    points.collect()
}

/// A count, where there is something to count.
pub fn count(name: &'static str, value: i64) -> Option<Value> {
    (value != 0).then(|| one(name, Json::Int(value)))
}

/// A point for each stretch of worn minutes that have the same label.
pub fn stretches(
    asked: &Asked<'_>,
    label: impl Fn(&Minute) -> Option<&'static str>,
) -> Vec<(Point, &'static str)> {
    let minutes = asked.wearer.minutes(asked.date);
    let label = |minute: &Minute| minute.bpm.and_then(|_| label(minute));
    let alike = |a: &Minute, b: &Minute| label(a) == label(b) && a.utc_offset == b.utc_offset;
    let stretches = minutes.chunk_by(alike).filter_map(|stretch| {
        let (first, last) = (stretch.first()?, stretch.last()?);
        let point = Point {
            span: first.start..last.start + MINUTE_MS,
            offsets: Some((first.utc_offset, first.utc_offset)),
            id: None,
            source: Source::Derived,
            value: Value::Many(Vec::new()),
        };
        Some((point, label(first)?))
    });
    stretches.collect()
}

/// The stretches by their label.
pub fn labelled(
    asked: &Asked<'_>,
    name: &'static str,
    label: impl Fn(&Minute) -> &'static str,
) -> Vec<Point> {
    let stretches = stretches(asked, |minute| Some(label(minute))).into_iter();
    let named = |(point, label)| Point {
        value: one(name, Json::Text(label)),
        ..point
    };
    stretches.map(named).collect()
}

/// Sitting for a quarter of an hour and longer, while awake.
pub fn sitting(asked: &Asked<'_>) -> Vec<Point> {
    let still = |minute: &Minute| (minute.steps == 0 && !minute.asleep).then_some("");
    let long = |span: &Range<i64>| span.end - span.start >= 15 * MINUTE_MS;
    let stretches = stretches(asked, still).into_iter();
    let points = stretches.map(|(point, _)| point);
    points.filter(|point| long(&point.span)).collect()
}

/// The resting metabolism by the quarter of an hour.
pub fn basal(asked: &Asked<'_>) -> Vec<Point> {
    let starts = asked.civil.window.clone().step_by(900_000);
    let value = |start| {
        let point = asked.point(
            start..start + 900_000,
            one("kcal", Json::Number(BASAL_KCAL * 15.0)),
        );
        Point {
            source: Source::Derived,
            ..point
        }
    };
    starts.map(value).collect()
}

/// Minutes in a zone, weighted as the service does.
pub fn zone_minutes(minute: &Minute) -> Option<Value> {
    let (zone, minutes) = match minute.zone.name() {
        "MODERATE" => ("FAT_BURN", 1),
        "VIGOROUS" => ("CARDIO", 2),
        "PEAK" => ("PEAK", 2),
        _ => return None,
    };
    Some(Value::Many(vec![
        ("heartRateZone", Json::Text(zone)),
        ("activeZoneMinutes", Json::Int(minutes)),
    ]))
}

/// A minute by its level of activity, if it was active.
pub fn active_minute(minute: &Minute) -> Option<Value> {
    let level = match minute.level {
        Level::Sedentary => return None,
        Level::Light => "LIGHT",
        Level::Moderate => "MODERATE",
        Level::Very => "VIGOROUS",
    };
    let entry = vec![
        ("activityLevel", Json::Text(level)),
        ("activeMinutes", Json::Int(1)),
    ];
    Some(one(
        "activeMinutesByActivityLevel",
        Json::List(vec![Json::Object(entry)]),
    ))
}

/// A minute's level as `activity-level` spells it.
pub const fn level_name(minute: &Minute) -> &'static str {
    match minute.level {
        Level::Sedentary => "SEDENTARY",
        Level::Light => "LIGHTLY_ACTIVE",
        Level::Moderate => "MODERATELY_ACTIVE",
        Level::Very => "VERY_ACTIVE",
    }
}

/// A minute's calories with the zone they were burnt in.
pub fn zone_calories(minute: &Minute) -> Option<Value> {
    minute.bpm?;
    Some(Value::Many(vec![
        ("heartRateZone", Json::Text(minute.zone.name())),
        ("kcal", Json::Number(minute.kcal)),
    ]))
}

/// What was burnt beyond resting.
pub fn active_calories(minute: &Minute) -> Option<Value> {
    let kcal = minute.kcal - BASAL_KCAL;
    let rounded = (kcal * 100.0).round() / 100.0;
    (rounded > 0.0).then(|| one("kcal", Json::Number(rounded)))
}

/// The lengths of a swim.
pub fn lengths(minute: &Minute) -> Option<Value> {
    (minute.sport == Some(Sport::Swimming)).then(|| {
        let strokes = 17 + i64::try_from(mix(minute.start.cast_unsigned()) % 6).unwrap_or(0);
        Value::Many(vec![
            ("swimStrokeType", Json::Text("FREESTYLE")),
            ("strokeCount", Json::Int(strokes)),
        ])
    })
}
