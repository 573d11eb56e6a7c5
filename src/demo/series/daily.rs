//! One value a date: what the service works out of a night or of a day, some time later.

use super::point::{Asked, Point, Source, Value, one};
use super::sleeps::{breaths, saturation, tenth};
use crate::demo::json::{Json, Members};
use crate::demo::wearer::{self, Stream, Swing, Topic};
use chrono::{Days, NaiveDate};

const HOUR_MS: i64 = 3_600_000;

/// The point of the asked date, if the service has worked it out once all before `ready` has been synced.
fn of_date(asked: &Asked<'_>, ready: i64, value: Option<Value>) -> Vec<Point> {
    let midnight = asked.number() * 86_400_000;
    let point = |value| Point {
        span: midnight..midnight,
        offsets: None,
        id: None,
        source: Source::Derived,
        value,
    };
    let value = value.filter(|_| ready <= asked.synced);
    value.into_iter().map(point).collect()
}

/// A value of the night that ends on `date`, ready two hours after waking.
fn of_night(
    asked: &Asked<'_>,
    date: NaiveDate,
    members: impl FnOnce(&mut Stream) -> Members,
) -> Vec<Point> {
    let Some(night) = wearer::night(date, asked.wearer.zone) else {
        return Vec::new();
    };
    let number = i64::from(date.to_epoch_days());
    let mut stream = Stream::of(Topic::Night, number * 86_400);
    let value = Value::Many(members(&mut stream));
    of_date(asked, night.span.end + 2 * HOUR_MS, Some(value))
}

/// The resting heart rate: the device must have synced six hours into the next day.
pub fn resting(asked: &Asked<'_>) -> Vec<Point> {
    let method = if wearer::worn_at_night(asked.date) {
        "WITH_SLEEP"
    } else {
        "ONLY_WITH_AWAKE_DATA"
    };
    let value = wearer::has_resting_rate(asked.date).then(|| {
        let method = vec![("calculationMethod", Json::Text(method))];
        Value::Many(vec![
            (
                "beatsPerMinute",
                Json::Int(wearer::resting_bpm(asked.date).into()),
            ),
            ("dailyRestingHeartRateMetadata", Json::Object(method)),
        ])
    });
    of_date(asked, asked.civil.window.end + 6 * HOUR_MS, value)
}

/// The limits of the four zones, from the day's own first sync on.
pub fn zones(asked: &Asked<'_>) -> Vec<Point> {
    let zone = |zone: &wearer::Zone| {
        Json::Object(vec![
            ("heartRateZoneType", Json::Text(zone.kind.name())),
            ("minBeatsPerMinute", Json::Int(zone.min.into())),
            ("maxBeatsPerMinute", Json::Int(zone.max.into())),
        ])
    };
    let zones = wearer::zones_of(asked.date);
    let value = one(
        "heartRateZones",
        Json::List(zones.iter().map(zone).collect()),
    );
    let worn = !wearer::in_a_drawer(asked.date);
    of_date(asked, asked.civil.window.start, worn.then_some(value))
}

/// Heart-rate variability; now and then with an average of 0 beside a real value of deep sleep.
pub fn variability(asked: &Asked<'_>) -> Vec<Point> {
    of_night(asked, asked.date, |stream| {
        let usual = 34.0
            + 9.0 * Swing::of(Topic::Fitness, 190).at(asked.number())
            + stream.between(-5.0, 5.0);
        let average = if stream.chance(0.02) { 0.0 } else { usual };
        vec![
            ("averageHeartRateVariabilityMilliseconds", tenth(average)),
            (
                "nonRemHeartRateBeatsPerMinute",
                Json::Int(i64::from(wearer::resting_bpm(asked.date)) - 3),
            ),
            ("entropy", tenth(stream.between(2.2, 3.4))),
            (
                "deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds",
                tenth(usual + 6.0),
            ),
        ]
    })
}

/// The blood's oxygen, under the date on which the night began.
pub fn oxygen(asked: &Asked<'_>) -> Vec<Point> {
    let morning = asked
        .date
        .checked_add_days(Days::new(1))
        .unwrap_or(asked.date);
    of_night(asked, morning, |stream| {
        let average = saturation(asked.number() + 1) + stream.between(-0.1, 0.1);
        vec![
            ("averagePercentage", tenth(average)),
            (
                "lowerBoundPercentage",
                tenth(average - stream.between(1.5, 3.0)),
            ),
            (
                "upperBoundPercentage",
                tenth((average + stream.between(0.8, 1.2)).min(100.0)),
            ),
            (
                "standardDeviationPercentage",
                tenth(stream.between(0.5, 1.4)),
            ),
        ]
    })
}

/// Breathing.
pub fn breathing(asked: &Asked<'_>) -> Vec<Point> {
    of_night(asked, asked.date, |_| {
        vec![("breathsPerMinute", tenth(breaths(asked.number())))]
    })
}

/// The skin's temperature; there is no baseline in the first nights after the drawer.
pub fn temperature(asked: &Asked<'_>) -> Vec<Point> {
    let nights_before = (1..=3).filter_map(|back| asked.date.checked_sub_days(Days::new(back)));
    let fresh = nights_before
        .filter(|date| !wearer::worn_at_night(*date))
        .count()
        > 0;
    of_night(asked, asked.date, |stream| {
        let baseline = 33.6 + 0.3 * Swing::of(Topic::Fitness, 190).at(asked.number());
        let known = |value| {
            if fresh {
                Json::Number(f64::NAN)
            } else {
                tenth(value)
            }
        };
        vec![
            (
                "nightlyTemperatureCelsius",
                tenth(baseline + stream.between(-0.7, 0.8)),
            ),
            ("baselineTemperatureCelsius", known(baseline)),
            (
                "relativeNightlyStddev30dCelsius",
                known(stream.between(0.2, 0.6)),
            ),
        ]
    })
}

/// Cardio fitness at a day.
pub fn vo2max_of(day: i64) -> f64 {
    43.5 + 2.5 * Swing::of(Topic::Fitness, 190).at(day)
}

/// Cardio fitness, a day later.
pub fn vo2max(asked: &Asked<'_>) -> Vec<Point> {
    let worn = !wearer::in_a_drawer(asked.date);
    let value = worn.then(|| {
        let vo2max = vo2max_of(asked.number());
        let level = if vo2max < 44.0 { "GOOD" } else { "VERY_GOOD" };
        Value::Many(vec![
            ("vo2Max", tenth(vo2max)),
            ("vo2MaxCovariance", tenth(1.4)),
            ("cardioFitnessLevel", Json::Text(level)),
            (
                "estimated",
                Json::Flag(!asked.number().rem_euclid(3).eq(&0)),
            ),
        ])
    });
    of_date(asked, asked.civil.window.end, value)
}
