//! `list` and `reconcile` of the types that have one value a day: resting heart rate and zone limits.

use super::data_type::{Action, DataType};
use super::fault::Fault;
use super::filter::{Bounds, Filter};
use super::paging::{Cursor, Cut};
use super::query::{Family, PointsQuery};
use super::route::Context;
use super::text::date_value;
use crate::demo::exchange::Call;
use crate::demo::wearer::{HISTORY_START, Resting, Zone};
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

const SCHEMA: &str = "dataPoints(name,dataPointName,\
    dataSource(recordingMethod,device(displayName,manufacturer,formFactor),platform,application(packageName)),\
    dailyRestingHeartRate(date(year,month,day),beatsPerMinute,dailyRestingHeartRateMetadata(calculationMethod)),\
    dailyHeartRateZones(date(year,month,day),heartRateZones(heartRateZoneType,minBeatsPerMinute,maxBeatsPerMinute))\
    ),nextPageToken";

/// Answers one call.
///
/// Fails when the filter, a parameter or the token is wrong.
pub fn answer(
    call: &Call,
    context: &Context,
    data_type: DataType,
    action: Action,
) -> Result<String, Fault> {
    let query = PointsQuery::decode(call, data_type, action, SCHEMA, context.page_cap)?;
    let bounds = match Filter::decode(query.filter.as_deref(), data_type)? {
        Filter::Dates(bounds) => bounds,
        Filter::Physical(_) | Filter::Civil(_) => Bounds::default(),
    };
    let today = context.wearer.date_at(context.now.timestamp_millis());
    let tomorrow = today.succ_opt().unwrap_or(today);
    let from = bounds
        .from
        .map_or(HISTORY_START, |from| from.max(HISTORY_START));
    let to = bounds.to.map_or(tomorrow, |to| to.min(tomorrow));
    let start = i64::from(to.to_epoch_days());
    let cursor = Cursor::decode(query.page_token.as_deref(), query.identity, start)?;
    let (mut points, size) = match cursor.cut(query.identity, query.page_size, context.traps) {
        Cut::Empty => (Vec::new(), 0),
        Cut::Full(_) if query.family == Family::Own => (Vec::new(), 1),
        Cut::Full(size) => (
            newest_first(from, cursor.below)
                .filter_map(|date| Some((date, point(context, data_type, action, date)?)))
                .take(size + 1)
                .collect(),
            size,
        ),
    };
    let more = size == 0 || points.len() > size;
    points.truncate(size);
    let below = points
        .last()
        .map_or(cursor.below, |(date, _)| i64::from(date.to_epoch_days()));
    let points: Vec<_> = points.into_iter().map(|(_, point)| point).collect();
    let mut body = json!({"dataPoints": points});
    if more {
        body["nextPageToken"] = cursor.next(below).token(query.identity).into();
    }
    Ok(query.system.mask.apply(body).to_string())
}

/// Dates below a day number, back to `from`.
fn newest_first(from: NaiveDate, below: i64) -> impl Iterator<Item = NaiveDate> {
    let last = i32::try_from(below - 1)
        .ok()
        .and_then(NaiveDate::from_epoch_days);
    std::iter::successors(last, |date| date.checked_sub_days(Days::new(1)))
        .take_while(move |date| *date >= from)
}

fn point(context: &Context, data_type: DataType, action: Action, date: NaiveDate) -> Option<Value> {
    let (member, value) = match data_type {
        DataType::RestingHeartRate => {
            let resting = context.wearer.resting(date, context.now)?;
            ("dailyRestingHeartRate", resting_value(date, resting))
        }
        DataType::HeartRateZones => {
            let zones = context.wearer.zones(date, context.now)?;
            ("dailyHeartRateZones", zones_value(date, &zones))
        }
        DataType::HeartRate | DataType::TimeInZone | DataType::CaloriesInZone => return None,
    };
    let mut point = json!({member: value});
    if action == Action::List {
        point["dataSource"] = json!({"recordingMethod": "DERIVED",
            "device": {"displayName": "Charge 6"}, "platform": "FITBIT"});
    }
    Some(point)
}

fn resting_value(date: NaiveDate, resting: Resting) -> Value {
    let method = if resting.with_sleep {
        "WITH_SLEEP"
    } else {
        "ONLY_WITH_AWAKE_DATA"
    };
    json!({"date": date_value(date), "beatsPerMinute": resting.bpm.to_string(),
        "dailyRestingHeartRateMetadata": {"calculationMethod": method}})
}

fn zones_value(date: NaiveDate, zones: &[Zone]) -> Value {
    let zones: Vec<_> = zones
        .iter()
        .map(|zone| {
            json!({"heartRateZoneType": zone.kind.name(),
                "minBeatsPerMinute": zone.min.to_string(), "maxBeatsPerMinute": zone.max.to_string()})
        })
        .collect();
    json!({"date": date_value(date), "heartRateZones": zones})
}
