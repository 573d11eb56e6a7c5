//! Workouts: the one that was planned, and the longer walks of the day.

use super::point::{Asked, Point, Value, id};
use super::sleeps::{tenth, times};
use crate::demo::json::{Json, Members};
use crate::demo::wearer::{Curve, Minute, Sport};
use std::ops::Range;

/// A walk this long is found to be one, in seconds.
const WALK_S: i32 = 20 * 60;

const KILOMETRE_MM: i64 = 1_000_000;

/// The workouts of the day.
pub fn workouts(asked: &Asked<'_>) -> Vec<Point> {
    let routine = asked.routine();
    let planned = routine.workout.iter();
    let planned = planned.map(|workout| (workout.sport, workout.start..workout.end));
    let during = |clock: i32| routine.sport_at(clock).is_some();
    let walks = routine.bouts.iter().filter(|bout| {
        bout.rise >= 22.0
            && bout.end - bout.start >= WALK_S
            && !during(bout.start)
            && !during(bout.end)
            && routine.is_worn(bout.start)
    });
    let walks = walks.map(|bout| (Sport::Walking, bout.start..bout.end));
    let mut curve = Curve::of(asked.date);
    planned
        .chain(walks)
        .map(|(sport, clock)| {
            let span = asked.at(clock.start.into())..asked.at(clock.end.into());
            let day = asked.wearer.day(asked.date, asked.civil.clone());
            let minutes = day.guessed(&span, &mut curve);
            workout(asked, sport, span, &minutes)
        })
        .collect()
}

const fn names(sport: Sport) -> (&'static str, &'static str) {
    match sport {
        Sport::Running => ("RUNNING", "Run"),
        Sport::Biking => ("BIKING", "Bike"),
        Sport::Swimming => ("SWIMMING", "Swim"),
        Sport::Hiit => ("HIIT", "Interval workout"),
        Sport::Walking => ("WALKING", "Walk"),
    }
}

fn workout(asked: &Asked<'_>, sport: Sport, span: Range<i64>, minutes: &[Minute]) -> Point {
    let (kind, name) = names(sport);
    let offset = |at| Json::Duration(asked.wearer.offset_at(at).into());
    let event = |at, kind| {
        Json::Object(vec![
            ("eventTime", Json::Instant(at)),
            ("eventUtcOffset", offset(at)),
            ("exerciseEventType", Json::Text(kind)),
        ])
    };
    let events = vec![event(span.start, "START"), event(span.end, "STOP")];
    let updated = span.end + 845_123;
    let mut members = vec![
        ("exerciseType", Json::Text(kind)),
        (
            "metricsSummary",
            Json::Object(summary(sport, minutes, true)),
        ),
        (
            "exerciseMetadata",
            Json::Object(vec![("hasGps", Json::Flag(sport == Sport::Running))]),
        ),
        ("displayName", Json::Text(name)),
        (
            "activeDuration",
            Json::Duration((span.end - span.start) / 1000),
        ),
        ("exerciseEvents", Json::List(events)),
        ("createTime", Json::Instant(updated)),
        ("updateTime", Json::Instant(updated)),
    ];
    if matches!(sport, Sport::Running | Sport::Walking) {
        let splits = splits(asked, sport, &span, minutes);
        members.push(("splits", Json::List(splits)));
    }
    Point {
        id: Some(id(span.start)),
        ..asked.point(span, Value::Many(members))
    }
}

fn distance_mm(sport: Sport, minute: &Minute) -> i64 {
    match sport {
        Sport::Biking => 370_000,
        Sport::Swimming => 33_000,
        Sport::Running | Sport::Hiit | Sport::Walking => minute.distance_mm(),
    }
}

/// What some minutes come to; a whole workout has its zones as well.
fn summary(sport: Sport, minutes: &[Minute], whole: bool) -> Members {
    let count = u32::try_from(minutes.len().max(1)).unwrap_or(1);
    let mean = minutes.iter().filter_map(|minute| minute.bpm).sum::<f64>() / f64::from(count);
    let kcal: f64 = minutes.iter().map(|minute| minute.kcal).sum();
    let distance: i64 = minutes
        .iter()
        .map(|minute| distance_mm(sport, minute))
        .sum();
    let steps: u32 = minutes.iter().map(|minute| minute.steps).sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a pulse; a few kilometres"
    )]
    let (bpm, distance) = (mean.round() as i64, distance as f64);
    let mut members = vec![
        ("caloriesKcal", tenth(kcal)),
        ("distanceMillimeters", Json::Number(distance)),
        ("steps", Json::Int(steps.into())),
        ("averageHeartRateBeatsPerMinute", Json::Int(bpm)),
    ];
    if distance > 0.0 {
        let pace = f64::from(count) * 60.0 / distance * 1000.0;
        members.push((
            "averagePaceSecondsPerMeter",
            Json::Number((pace * 1000.0).round() / 1000.0),
        ));
    }
    if whole {
        let zones = ["LIGHT", "MODERATE", "VIGOROUS", "PEAK"];
        let seconds = zones.map(|zone| {
            minutes
                .iter()
                .filter(|minute| minute.zone.name() == zone)
                .map(|_| 60)
                .sum()
        });
        let names = ["lightTime", "moderateTime", "vigorousTime", "peakTime"];
        let times = names.into_iter().zip(seconds.map(Json::Duration)).collect();
        members.push(("heartRateZoneDurations", Json::Object(times)));
    }
    members
}

/// A split a kilometre, and one for the rest.
fn splits(asked: &Asked<'_>, sport: Sport, span: &Range<i64>, minutes: &[Minute]) -> Vec<Json> {
    let mut walked = 0;
    let kilometre = |minute: &Minute| {
        walked += distance_mm(sport, minute);
        walked / KILOMETRE_MM
    };
    let kilometres: Vec<_> = minutes.iter().map(kilometre).collect();
    let mut splits = Vec::new();
    let mut first = 0;
    for (last, two) in kilometres.iter().zip(1..) {
        let ends = kilometres.get(two).is_none_or(|next| next != last);
        let Some(minutes) = minutes.get(first..two).filter(|_| ends) else {
            continue;
        };
        let from = if first == 0 {
            span.start
        } else {
            minutes.first().map_or(span.start, |it| it.start)
        };
        let to = if two == kilometres.len() {
            span.end
        } else {
            minutes.last().map_or(span.end, |it| it.start + 60_000)
        };
        let mut split = times(asked, &(from..to));
        split.push(("activeDuration", Json::Duration((to - from) / 1000)));
        split.push(("splitType", Json::Text("DISTANCE")));
        split.push((
            "metricsSummary",
            Json::Object(summary(sport, minutes, false)),
        ));
        splits.push(Json::Object(split));
        first = two;
    }
    splits
}
