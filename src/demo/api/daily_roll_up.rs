//! `dailyRollUp`: civil days of the account, newest first.

use super::data_type::{Action, DataType};
use super::fault::Fault;
use super::paging::{Cursor, Query};
use super::query::{Family, System, decode_body, page_size};
use super::rates::Rates;
use super::roll_up::too_long;
use super::route::Context;
use super::text::civil_value;
use super::zone_minutes::Measure;
use crate::demo::exchange::Call;
use chrono::{Days, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};
use std::ops::Range;

const DAILY_SCHEMA: &str = "rollupDataPoints(\
    civilStartTime(date(year,month,day),time(hours,minutes,seconds,nanos)),\
    civilEndTime(date(year,month,day),time(hours,minutes,seconds,nanos)),\
    heartRate(beatsPerMinuteAvg,beatsPerMinuteMax,beatsPerMinuteMin),\
    restingHeartRatePersonalRange(beatsPerMinuteMin,beatsPerMinuteMax),\
    timeInHeartRateZone(timeInHeartRateZones(heartRateZone,duration)),\
    caloriesInHeartRateZone(caloriesInHeartRateZones(heartRateZone,kcal))),nextPageToken";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireDailyRollUp {
    range: WireCivilInterval,
    window_size_days: Option<u32>,
    page_size: Option<i32>,
    page_token: Option<String>,
    data_source_family: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCivilInterval {
    start: WireCivilTime,
    end: WireCivilTime,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCivilTime {
    date: WireDate,
    #[serde(default)]
    time: WireTime,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireDate {
    year: i32,
    month: u32,
    day: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WireTime {
    hours: u32,
    minutes: u32,
    seconds: u32,
    nanos: u32,
}

/// Answers one `dailyRollUp`.
///
/// Fails when the range or the page is longer than the service allows.
pub fn answer(call: &Call, context: &Context, data_type: DataType) -> Result<String, Fault> {
    let system = System::decode(call, &[], DAILY_SCHEMA)?;
    let wire: WireDailyRollUp = decode_body(&call.body)?;
    let family = Family::decode(wire.data_source_family.as_deref())?;
    let days = CivilDays::plan(&wire, data_type)?;
    let query = Query::of(&[
        data_type.path_name(),
        Action::DailyRollUp.method_name(),
        &format!(
            "{:?} {:?} {:?}",
            wire.range, wire.window_size_days, wire.page_size
        ),
        wire.data_source_family.as_deref().unwrap_or_default(),
    ]);
    let windows = days.windows();
    let count = i64::try_from(windows.len()).unwrap_or(0);
    let cursor = Cursor::decode(wire.page_token.as_deref(), query, count)?;
    let below = usize::try_from(cursor.below.clamp(0, count)).unwrap_or(0);
    let from = below.saturating_sub(days.page_size);
    let points: Vec<_> = windows
        .get(from..below)
        .unwrap_or_default()
        .iter()
        .rev()
        .filter(|_| family != Family::Own)
        .filter_map(|window| daily_point(context, data_type, *window))
        .collect();
    let mut body = json!({"rollupDataPoints": points});
    if from > 0 {
        let next = cursor.next(i64::try_from(from).unwrap_or(0));
        body["nextPageToken"] = next.token(query).into();
    }
    Ok(system.mask.apply(body).to_string())
}

fn daily_point(
    context: &Context,
    data_type: DataType,
    (first, next): (NaiveDate, NaiveDate),
) -> Option<Value> {
    let span = context.wearer.midnight(first)..context.wearer.midnight(next);
    let (member, value) = match data_type {
        DataType::HeartRate => {
            let rates = Rates::of(&context.wearer.beats(span, context.now))?;
            let value = json!({"beatsPerMinuteAvg": rates.avg, "beatsPerMinuteMax": rates.max,
                "beatsPerMinuteMin": rates.min});
            ("heartRate", value)
        }
        DataType::RestingHeartRate => {
            let value = personal_range(context, next)?;
            ("restingHeartRatePersonalRange", value)
        }
        DataType::TimeInZone => summed(Measure::Time, context, span)?,
        DataType::CaloriesInZone => summed(Measure::Calories, context, span)?,
        DataType::HeartRateZones => return None,
    };
    let midnight = |date: NaiveDate| civil_value(i64::from(date.to_epoch_days()) * 86_400);
    let mut point = json!({"civilStartTime": midnight(first), "civilEndTime": midnight(next)});
    point[member] = value;
    Some(point)
}

fn summed(measure: Measure, context: &Context, span: Range<i64>) -> Option<(&'static str, Value)> {
    let minutes = context.wearer.minutes(span, context.now);
    Some((measure.member(), measure.sum(&minutes)?))
}

/// The lowest and the highest resting rate of the thirty days before a date.
fn personal_range(context: &Context, next: NaiveDate) -> Option<Value> {
    let rates: Vec<_> = (1..=30)
        .filter_map(|back| next.checked_sub_days(Days::new(back)))
        .filter_map(|date| context.wearer.resting(date, context.now))
        .map(|resting| f64::from(resting.bpm))
        .collect();
    let lowest = rates.iter().copied().reduce(f64::min)?;
    let highest = rates.iter().copied().reduce(f64::max)?;
    Some(json!({"beatsPerMinuteMin": lowest, "beatsPerMinuteMax": highest}))
}

/// Civil days, some to a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CivilDays {
    start: NaiveDate,
    end: NaiveDate,
    window: u64,
    page_size: usize,
}

impl CivilDays {
    fn plan(wire: &WireDailyRollUp, data_type: DataType) -> Result<Self, Fault> {
        let start = midnight_of(&wire.range.start)?;
        let mut end = midnight_of(&wire.range.end)?;
        if start > end {
            return Err(Fault::argument(
                "INVALID_TIME_RANGE",
                "range",
                "The start must be before the end.",
            ));
        }
        // The end is exclusive, and yet a range of no days means its one day.
        if start == end {
            end = end.succ_opt().unwrap_or(end);
        }
        let days = data_type.roll_up_days();
        let name = data_type.path_name();
        if (end - start).num_days() > days {
            return Err(too_long(format!(
                "The duration covered by range must not exceed {days} days for {name}."
            )));
        }
        let window = wire.window_size_days.unwrap_or(1).max(1);
        let page_size = match wire.page_size {
            None | Some(0) => usize::try_from(days / i64::from(window))
                .unwrap_or(1)
                .max(1),
            wanted => page_size(wanted)?,
        };
        let covered =
            i64::from(window).saturating_mul(i64::try_from(page_size).unwrap_or(i64::MAX));
        if covered > days {
            return Err(too_long(format!(
                "The duration covered by window_size_days * page_size must not exceed {days} days for {name}."
            )));
        }
        Ok(Self {
            start,
            end,
            window: u64::from(window),
            page_size,
        })
    }

    /// First day and the day after the last, of each window.
    fn windows(&self) -> Vec<(NaiveDate, NaiveDate)> {
        let mut windows = Vec::new();
        let mut first = self.start;
        while first < self.end {
            let next = first
                .checked_add_days(Days::new(self.window))
                .map_or(self.end, |next| next.min(self.end));
            windows.push((first, next));
            first = next;
        }
        windows
    }
}

fn midnight_of(wire: &WireCivilTime) -> Result<NaiveDate, Fault> {
    let WireDate { year, month, day } = wire.date;
    let WireTime {
        hours,
        minutes,
        seconds,
        nanos,
    } = wire.time;
    let date = NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| {
        Fault::argument(
            "INVALID_TIME_RANGE",
            "range",
            format!("{year}-{month}-{day} is not a date."),
        )
    })?;
    if [hours, minutes, seconds, nanos] != [0; 4] {
        return Err(Fault::argument(
            "INVALID_TIME_RANGE",
            "range",
            "The range must be aligned with the aggregation window.",
        ));
    }
    Ok(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn daily_pages_hold_14_or_90_days() {
        let wire = |days: u32, page| WireDailyRollUp {
            range: WireCivilInterval {
                start: civil(1),
                end: civil(1 + days),
            },
            window_size_days: None,
            page_size: page,
            page_token: None,
            data_source_family: None,
        };
        let windows = |days, page, data_type| {
            CivilDays::plan(&wire(days, page), data_type).map(|days| days.windows().len())
        };
        assert_eq!(windows(14, None, DataType::HeartRate), Ok(14));
        assert!(windows(15, None, DataType::HeartRate).is_err());
        assert!(windows(14, Some(15), DataType::HeartRate).is_err());
        assert_eq!(windows(20, Some(90), DataType::TimeInZone), Ok(20));
        assert_eq!(windows(0, Some(1), DataType::HeartRate), Ok(1));
    }

    fn civil(day: u32) -> WireCivilTime {
        WireCivilTime {
            date: WireDate {
                year: 2026,
                month: 10,
                day,
            },
            time: WireTime::default(),
        }
    }
}
