//! Time and calories in heart-rate zones: `list` and `reconcile` of minutes, and their sums in roll-ups.

use super::data_type::{Action, DataType};
use super::fault::Fault;
use super::filter::Filter;
use super::paging::{Cursor, Cut};
use super::query::{Family, PointsQuery};
use super::route::Context;
use super::text::{civil_value, duration_text};
use crate::civil;
use crate::demo::exchange::Call;
use crate::demo::wearer::{Minute, ZoneType};
use serde_json::{Value, json};

const LIST_SCHEMA: &str = "dataPoints(name,dataPointName,\
    dataSource(recordingMethod,device(displayName,manufacturer,formFactor),platform,application(packageName)),\
    timeInHeartRateZone(interval(startTime,startUtcOffset,endTime,endUtcOffset,\
    civilStartTime(date(year,month,day),time(hours,minutes,seconds,nanos)),\
    civilEndTime(date(year,month,day),time(hours,minutes,seconds,nanos))),heartRateZoneType)),nextPageToken";

const MINUTE_MS: i64 = 60_000;

/// Answers `list` or `reconcile` of time in zone: a point a minute, newest first.
///
/// Fails when the filter, a parameter or the token is wrong.
pub fn answer(call: &Call, context: &Context, action: Action) -> Result<String, Fault> {
    let data_type = DataType::TimeInZone;
    let query = PointsQuery::decode(call, data_type, action, LIST_SCHEMA, context.page_cap)?;
    let wanted = match Filter::decode(query.filter.as_deref(), data_type)? {
        Filter::Physical(bounds) => bounds.from.unwrap_or(i64::MIN)..bounds.to.unwrap_or(i64::MAX),
        Filter::Civil(bounds) => context.civil_range(bounds),
        Filter::Dates(_) => 0..0,
    };
    let range = context.wearer.known(wanted, context.now);
    let cursor = Cursor::decode(query.page_token.as_deref(), query.identity, range.end)?;
    let (minutes, next) = match cursor.cut(query.identity, query.page_size, context.traps) {
        Cut::Empty => (Vec::new(), Some(cursor.next(cursor.below))),
        Cut::Full(_) if query.family == Family::Own => (Vec::new(), None),
        Cut::Full(size) => {
            let range = range.start..range.end.min(cursor.below);
            let mut minutes = context.wearer.newest_minutes(&range, size + 1);
            let more = minutes.len() > size;
            minutes.truncate(size);
            let below = minutes.last().map_or(cursor.below, |minute| minute.start);
            (minutes, more.then(|| cursor.next(below)))
        }
    };
    let points: Vec<_> = minutes.iter().map(|minute| point(minute, action)).collect();
    let mut body = json!({"dataPoints": points});
    if let Some(next) = next {
        body["nextPageToken"] = next.token(query.identity).into();
    }
    Ok(query.system.mask.apply(body).to_string())
}

fn point(minute: &Minute, action: Action) -> Value {
    let end = minute.start + MINUTE_MS;
    let offset = duration_text(i64::from(minute.utc_offset));
    let wall_clock = |instant: i64| civil_value(instant / 1000 + i64::from(minute.utc_offset));
    let value = json!({
        "interval": {
            "startTime": civil::rfc3339(minute.start), "startUtcOffset": offset,
            "endTime": civil::rfc3339(end), "endUtcOffset": offset,
            "civilStartTime": wall_clock(minute.start), "civilEndTime": wall_clock(end)
        },
        "heartRateZoneType": minute.zone.name()
    });
    if action == Action::List {
        json!({"dataSource": {"recordingMethod": "DERIVED", "platform": "FITBIT"}, "timeInHeartRateZone": value})
    } else {
        json!({"timeInHeartRateZone": value})
    }
}

/// What is summed up of the minutes in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// `time-in-heart-rate-zone`.
    Time,
    /// `calories-in-heart-rate-zone`.
    Calories,
}

impl Measure {
    /// The member of a rolled-up point that holds the sums.
    pub const fn member(self) -> &'static str {
        match self {
            Self::Time => "timeInHeartRateZone",
            Self::Calories => "caloriesInHeartRateZone",
        }
    }

    /// The sums of some minutes, zone by zone; zones without any are left out. `None` without minutes.
    pub fn sum(self, minutes: &[Minute]) -> Option<Value> {
        if minutes.is_empty() {
            return None;
        }
        let of_zone = |zone| minutes.iter().filter(move |minute| minute.zone == zone);
        let zones: Vec<_> = ZoneType::ALL
            .into_iter()
            .filter(|zone| of_zone(*zone).next().is_some())
            .map(|zone| match self {
                Self::Time => {
                    let seconds = of_zone(zone).map(|_| 60).sum();
                    json!({"heartRateZone": zone.name(), "duration": duration_text(seconds)})
                }
                Self::Calories => {
                    let kcal: f64 = of_zone(zone).map(|minute| minute.kcal).sum();
                    json!({"heartRateZone": zone.name(), "kcal": kcal})
                }
            })
            .collect();
        Some(match self {
            Self::Time => json!({"timeInHeartRateZones": zones}),
            Self::Calories => json!({"caloriesInHeartRateZones": zones}),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(start: i64, zone: ZoneType) -> Minute {
        Minute {
            start,
            utc_offset: -14_400,
            zone,
            kcal: 1.5,
        }
    }

    #[test]
    fn sums_are_by_zone_and_leave_out_what_is_not_there() {
        let minutes = [
            minute(0, ZoneType::Light),
            minute(60_000, ZoneType::Light),
            minute(120_000, ZoneType::Peak),
        ];
        assert_eq!(
            Measure::Time.sum(&minutes),
            Some(json!({"timeInHeartRateZones": [
                {"heartRateZone": "LIGHT", "duration": "120s"},
                {"heartRateZone": "PEAK", "duration": "60s"}]}))
        );
        assert_eq!(
            Measure::Calories.sum(&minutes),
            Some(json!({"caloriesInHeartRateZones": [
                {"heartRateZone": "LIGHT", "kcal": 3.0},
                {"heartRateZone": "PEAK", "kcal": 1.5}]}))
        );
        assert_eq!(Measure::Time.sum(&[]), None);
    }
}
