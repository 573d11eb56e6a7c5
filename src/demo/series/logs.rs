//! What is measured or written down now and then.

use super::daily;
use super::point::{Asked, Point, Source, Value, id, one};
use super::sleeps::{tenth, times};
use crate::demo::json::Json;
use crate::demo::wearer::{self, Sport, Stream, Swing, Topic};

/// What a log is of: each has dates and times of its own.
#[derive(Debug, Clone, Copy)]
#[repr(i64)]
pub enum Log {
    /// On the scale.
    Weight = 1,
    /// How tall.
    Height,
    /// A drop of blood.
    Glucose,
    /// A thermometer.
    Temperature,
    /// Cardio fitness.
    Vo2max,
    /// An electrocardiogram.
    Ecg,
    /// A notification.
    Rhythm,
    /// A glass of water.
    Hydration,
    /// A meal.
    Nutrition,
}

/// The points of a log on a day: with a chance, up to so many, between two hours.
fn now_and_then(
    asked: &Asked<'_>,
    log: Log,
    (chance, most): (f64, i32),
    (from, to): (i32, i32),
    point: impl Fn(i64, &mut Stream) -> Point,
) -> Vec<Point> {
    let mut stream = Stream::of(Topic::Now, asked.number() * 16 + log as i64);
    if wearer::in_a_drawer(asked.date) || !stream.chance(chance) {
        return Vec::new();
    }
    let count = stream.whole(1, most + 1);
    let hours = (to - from) * 3600 / count;
    (0..count)
        .map(|index| {
            let second = from * 3600 + hours * index + stream.whole(0, hours);
            point(asked.at(second.into()), &mut stream)
        })
        .collect()
}

fn measured(asked: &Asked<'_>, at: i64, source: Source, value: Value) -> Point {
    Point {
        id: Some(id(at)),
        source,
        ..asked.point(at..at, value)
    }
}

fn scale(asked: &Asked<'_>, value: impl Fn(f64) -> Value) -> Vec<Point> {
    let trend = Swing::of(Topic::Fitness, 190).at(asked.number());
    now_and_then(asked, Log::Weight, (0.22, 1), (6, 9), |at, stream| {
        let value = value(trend + stream.between(-0.25, 0.25));
        measured(asked, at, Source::Manual, value)
    })
}

/// Weight, on some mornings.
pub fn weight(asked: &Asked<'_>) -> Vec<Point> {
    scale(asked, |trend| {
        one(
            "weightGrams",
            Json::Number((72_400.0 - 1_900.0 * trend).round()),
        )
    })
}

/// Body fat, of the same weighings.
pub fn body_fat(asked: &Asked<'_>) -> Vec<Point> {
    scale(asked, |trend| one("percentage", tenth(19.5 - 1.5 * trend)))
}

/// Height, about once a year.
pub fn height(asked: &Asked<'_>) -> Vec<Point> {
    now_and_then(asked, Log::Height, (0.004, 1), (9, 12), |at, _| {
        measured(
            asked,
            at,
            Source::Manual,
            one("heightMillimeters", Json::Int(1780)),
        )
    })
}

/// Blood glucose, before and after meals on a few days.
pub fn glucose(asked: &Asked<'_>) -> Vec<Point> {
    now_and_then(asked, Log::Glucose, (0.04, 4), (7, 21), |at, stream| {
        let value = Value::Many(vec![
            (
                "bloodGlucoseMilligramsPerDeciliter",
                tenth(stream.between(82.0, 136.0)),
            ),
            ("measurementTiming", Json::Text("AFTER_MEAL")),
            ("specimen", Json::Text("CAPILLARY_BLOOD")),
        ]);
        measured(asked, at, Source::OtherApp, value)
    })
}

/// A thermometer, on a few days.
pub fn temperature(asked: &Asked<'_>) -> Vec<Point> {
    now_and_then(asked, Log::Temperature, (0.03, 3), (8, 22), |at, stream| {
        let value = Value::Many(vec![
            ("temperatureCelsius", tenth(stream.between(36.2, 37.9))),
            ("measurementLocation", Json::Text("EAR")),
        ]);
        measured(asked, at, Source::Manual, value)
    })
}

/// Cardio fitness from what is known of the wearer, about once a week.
pub fn vo2max(asked: &Asked<'_>) -> Vec<Point> {
    now_and_then(asked, Log::Vo2max, (0.14, 1), (4, 6), |at, _| {
        let value = Value::Many(vec![
            ("vo2Max", tenth(daily::vo2max_of(asked.number()))),
            ("measurementMethod", Json::Text("GOOGLE_DEMOGRAPHIC")),
        ]);
        measured(asked, at, Source::Derived, value)
    })
}

/// Cardio fitness from a run.
pub fn run_vo2max(asked: &Asked<'_>) -> Vec<Point> {
    let runs = asked
        .routine()
        .workout
        .iter()
        .filter(|run| run.sport == Sport::Running);
    let value = || one("runVo2Max", tenth(daily::vo2max_of(asked.number()) + 1.2));
    runs.map(|run| measured(asked, asked.at(run.end.into()), Source::Derived, value()))
        .collect()
}

/// An electrocardiogram of half a minute, about once a month.
pub fn ecg(asked: &Asked<'_>) -> Vec<Point> {
    now_and_then(asked, Log::Ecg, (0.03, 1), (19, 21), |at, stream| {
        // A spike a beat on a wandering line.
        let every = stream.whole(190, 240);
        let sample = |index: i32| match index % every {
            0..6 => Json::Small(900 - 150 * (index % every)),
            _ => Json::Small(40 + stream.whole(-25, 25)),
        };
        let waveform = (0..7500).map(sample).collect();
        let value = Value::Many(vec![
            ("resultClassification", Json::Text("NORMAL_SINUS_RHYTHM")),
            ("beatsPerMinuteAvg", Json::Int((15_000 / every).into())),
            ("samplingFrequencyHertz", Json::Small(250)),
            ("millivoltsScalingFactor", Json::Small(10_922)),
            ("leadNumber", Json::Small(1)),
            ("waveformSamples", Json::List(waveform)),
        ]);
        measured(asked, at, Source::Tracker, value)
    })
}

/// A notification of an irregular rhythm, a few times a year, of windows that overlap.
pub fn rhythm(asked: &Asked<'_>) -> Vec<Point> {
    now_and_then(asked, Log::Rhythm, (0.008, 1), (1, 4), |at, stream| {
        let window = |index: i64| {
            let from = at + index * 450_000;
            let mut members = times(asked, &(from..from + 900_000));
            let beat = |second: i64| {
                Json::Object(vec![
                    ("physicalTime", Json::Instant(from + second * 1000)),
                    (
                        "beatsPerMinute",
                        Json::Small(58 + i32::try_from(second * 7 % 31).unwrap_or(0)),
                    ),
                ])
            };
            members.push(("positive", Json::Flag(true)));
            members.push(("heartBeats", Json::List((0..12).map(beat).collect())));
            Json::Object(members)
        };
        let windows = i64::from(stream.whole(5, 7));
        let value = one(
            "alertWindows",
            Json::List((0..windows).map(window).collect()),
        );
        Point {
            id: Some(id(at)),
            source: Source::Derived,
            ..asked.point(at..at + (windows + 1) * 450_000, value)
        }
    })
}

fn written(asked: &Asked<'_>, at: i64, value: Value) -> Point {
    Point {
        id: Some(id(at)),
        source: Source::Manual,
        ..asked.point(at..at + 60_000, value)
    }
}

/// Water, on most days.
pub fn hydration(asked: &Asked<'_>) -> Vec<Point> {
    now_and_then(asked, Log::Hydration, (0.6, 4), (8, 20), |at, stream| {
        let amount = vec![
            (
                "milliliters",
                Json::Number(f64::from(stream.whole(2, 6)) * 125.0),
            ),
            ("userProvidedUnit", Json::Text("MILLILITER")),
        ];
        written(asked, at, one("amountConsumed", Json::Object(amount)))
    })
}

/// Meals, on some days.
pub fn nutrition(asked: &Asked<'_>) -> Vec<Point> {
    now_and_then(asked, Log::Nutrition, (0.3, 3), (7, 20), |at, stream| {
        let grams = |value| Json::Object(vec![("grams", tenth(value))]);
        let kcal = stream.between(280.0, 820.0);
        let nutrient = |name, share: f64| {
            Json::Object(vec![
                ("nutrient", Json::Text(name)),
                ("quantity", grams(kcal * share)),
            ])
        };
        let nutrients = vec![nutrient("PROTEIN", 0.045), nutrient("DIETARY_FIBER", 0.012)];
        let value = Value::Many(vec![
            ("foodDisplayName", Json::Text("A made-up dish")),
            ("mealType", Json::Text("ANYTIME")),
            ("energy", Json::Object(vec![("kcal", tenth(kcal))])),
            ("totalCarbohydrate", grams(kcal * 0.12)),
            ("totalFat", grams(kcal * 0.035)),
            ("nutrients", Json::List(nutrients)),
        ]);
        written(asked, at, value)
    })
}
