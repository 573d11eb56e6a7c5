//! `rollUp` and `dailyRollUp`: windows of physical time or of civil days, newest first.
//!
//! A page covers `windowSize x pageSize` of time; neither that nor the range may exceed the type's longest span.

use super::context::Context;
use super::fault::Fault;
use super::paging::{Cursor, LARGEST, Query, page_size};
use super::parameters::{self, Family};
use super::sums::Sums;
use crate::demo::exchange::Call;
use crate::demo::json::{Json, list, object};
use crate::demo::mask::Mask;
use crate::demo::series::{DataType, RollUp};
use crate::demo::wearer::mix;
use chrono::{DateTime, Days, NaiveDate};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt::Write as _;
use std::ops::Range;

const DAY_MS: i64 = 86_400_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireRollUp {
    range: WireInterval,
    window_size: String,
    page_size: Option<i64>,
    page_token: Option<String>,
    data_source_family: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireInterval {
    start_time: DateTime<chrono::FixedOffset>,
    end_time: DateTime<chrono::FixedOffset>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireDailyRollUp {
    range: WireCivilInterval,
    window_size_days: Option<u32>,
    page_size: Option<i64>,
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
struct WireCivilTime {
    date: WireDate,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireDate {
    year: i32,
    month: u32,
    day: u32,
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    let invalid = |error: serde_json::Error| Fault::argument("", "body", error.to_string());
    serde_json::from_slice(body).map_err(invalid)
}

fn time_range(description: &str) -> Fault {
    Fault::argument("INVALID_TIME_RANGE", "range", description)
}

/// Fails when a range, or a window by the size of a page, spans more than the type allows.
fn check_spans(data_type: &DataType, days: i64, spans_ms: [i64; 2]) -> Result<(), Fault> {
    let what = ["range", "window_size * page_size"];
    let long = what
        .into_iter()
        .zip(spans_ms)
        .find(|(_, span)| *span > days * DAY_MS);
    long.map_or(Ok(()), |(what, _)| {
        let name = data_type.name;
        Err(Fault::argument(
            "INVALID_ROLLUP_QUERY_DURATION",
            "range",
            format!("The duration covered by {what} must not exceed {days} days for {name}."),
        ))
    })
}

fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

fn schema(data_type: &DataType) -> String {
    format!(
        "rollupDataPoints(startTime,endTime,civilStartTime,civilEndTime,{}),nextPageToken",
        data_type.json_name()
    )
}

/// Answers one `rollUp`.
///
/// Fails when the range, the window or the page is longer than the service allows.
pub fn answer(
    call: &Call,
    context: &Context,
    data_type: &DataType,
    (roll_up, days): (RollUp, i64),
) -> Result<String, Fault> {
    let (_, mask) = parameters::decode(call, &[], &schema(data_type))?;
    let wire: WireRollUp = decode(call.body())?;
    let family = Family::decode(wire.data_source_family.as_deref())?;
    let [start, end] = [wire.range.start_time, wire.range.end_time].map(|at| at.timestamp_millis());
    let window = decode_duration(&wire.window_size)?;
    let size = page_size(wire.page_size, LARGEST)?;
    if start >= end {
        return Err(time_range("The start must be before the end."));
    }
    check_spans(
        data_type,
        days,
        [end - start, window.saturating_mul(signed(size))],
    )?;
    let count = (end - start + window - 1) / window;
    let parts = format!("{start} {end} {window} {size} {family:?}");
    let query = Query::of(&[data_type.name, "rollUp", &parts]);
    let cursor = Cursor::decode(wire.page_token.as_deref(), query, count)?;
    let below = cursor.below.clamp(0, count);
    let from = (below - signed(cursor.cut(size))).max(0);
    let span = |index: i64| start + index * window..(start + (index + 1) * window).min(end);
    let windows: Vec<_> = (from..below).map(span).collect();
    let sums = Sums::of(context, data_type, roll_up, &windows, family);
    let token = cursor.next_token((from > 0).then_some(from), from);
    // Some windows without data are there, but empty.
    let shown = |window: &Range<i64>| mix(window.start.cast_unsigned()).is_multiple_of(4);
    let windows = windows.into_iter().zip(sums);
    let windows = windows
        .rev()
        .filter(|(window, sums)| !sums.is_empty() || shown(window));
    let points = windows.map(|(window, sums)| {
        let times = [Json::Instant(window.start), Json::Instant(window.end)];
        (["startTime", "endTime"].into_iter().zip(times), sums)
    });
    Ok(write(points, token, &data_type.json_name(), roll_up, &mask))
}

/// Answers one `dailyRollUp`.
///
/// Fails when the range or the page is longer than the service allows.
pub fn answer_daily(
    call: &Call,
    context: &Context,
    data_type: &DataType,
    (roll_up, days): (RollUp, i64),
) -> Result<String, Fault> {
    let (_, mask) = parameters::decode(call, &[], &schema(data_type))?;
    let wire: WireDailyRollUp = decode(call.body())?;
    let family = Family::decode(wire.data_source_family.as_deref())?;
    let (first, mut end) = (date(&wire.range.start)?, date(&wire.range.end)?);
    // The end is exclusive, and yet a range of no days means its one day.
    if first == end {
        end = end.succ_opt().unwrap_or(end);
    }
    let window = i64::from(wire.window_size_days.unwrap_or(1).max(1));
    let wanted = wire
        .page_size
        .filter(|size| *size != 0)
        .unwrap_or(days / window);
    let size = page_size(Some(wanted.max(1)), LARGEST)?;
    let span = (end - first).num_days();
    if span < 0 {
        return Err(time_range("The start must be before the end."));
    }
    let covered = window.saturating_mul(signed(size)).saturating_mul(DAY_MS);
    check_spans(data_type, days, [span * DAY_MS, covered])?;
    let count = (span + window - 1) / window;
    let parts = format!("{first} {end} {window} {size} {family:?}");
    let query = Query::of(&[data_type.name, "dailyRollUp", &parts]);
    let cursor = Cursor::decode(wire.page_token.as_deref(), query, count)?;
    let below = cursor.below.clamp(0, count);
    let from = (below - signed(size)).max(0);
    let day = |index: i64| {
        let days = Days::new((index * window).unsigned_abs());
        first
            .checked_add_days(days)
            .map_or(end, |date| date.min(end))
    };
    let dates: Vec<_> = (from..below)
        .map(|index| (day(index), day(index + 1)))
        .collect();
    let midnight = |date| context.wearer.civil(date).window.start;
    let windows: Vec<_> = dates
        .iter()
        .map(|(from, to)| midnight(*from)..midnight(*to))
        .collect();
    let sums = Sums::of(context, data_type, roll_up, &windows, family);
    let token = (from > 0).then(|| cursor.next(from).token());
    let wall = |date: NaiveDate| Json::Civil(i64::from(date.to_epoch_days()) * 86_400);
    let windows = dates.into_iter().zip(sums).rev();
    let windows = windows.filter(|(_, sums)| !sums.is_empty());
    let points = windows.map(|((from, to), sums)| {
        let times = [wall(from), wall(to)];
        (
            ["civilStartTime", "civilEndTime"].into_iter().zip(times),
            sums,
        )
    });
    Ok(write(points, token, &data_type.json_name(), roll_up, &mask))
}

fn write<T: IntoIterator<Item = (&'static str, Json)>>(
    points: impl Iterator<Item = (T, Sums)>,
    token: Option<String>,
    json_name: &str,
    roll_up: RollUp,
    mask: &Mask,
) -> String {
    let mut out = String::with_capacity(64 * 1024);
    object(&mut out, mask, |page| {
        page.add("rollupDataPoints", |out, mask| {
            list(out, points, |out, (times, sums)| {
                object(out, mask, |point| {
                    for (name, time) in times {
                        point.value(name, &time);
                    }
                    point.object(json_name, |value| value.all(&sums.members(roll_up)));
                });
            });
        });
        if let Some(token) = token {
            page.add("nextPageToken", |out, _| {
                let _ = write!(out, "\"{token}\"");
            });
        }
    });
    out
}

fn date(wire: &WireCivilTime) -> Result<NaiveDate, Fault> {
    let WireDate { year, month, day } = wire.date;
    let date = NaiveDate::from_ymd_opt(year, month, day);
    date.ok_or_else(|| time_range("There is no such date."))
}

/// `"60s"` or `"1.5s"` in milliseconds.
fn decode_duration(text: &str) -> Result<i64, Fault> {
    let number = text
        .strip_suffix('s')
        .and_then(|number| number.parse::<f64>().ok());
    let plain = !text.contains(['e', 'E', '+', '-']);
    #[expect(clippy::cast_possible_truncation, reason = "within a century")]
    let millis = number
        .filter(|seconds| plain && (1.0..3e9).contains(seconds))
        .map(|seconds| (seconds * 1000.0) as i64);
    millis.ok_or_else(|| {
        let description = format!("'{text}' is not a duration of at least one second, like 60s.");
        Fault::argument("", "window_size", description)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_seconds_and_at_least_one() {
        assert_eq!(decode_duration("60s"), Ok(60_000));
        assert_eq!(decode_duration("1.5s"), Ok(1500));
        for text in ["60", "0s", "0.5s", "-60s", "s", "1m", "1e3s", "infs"] {
            assert!(decode_duration(text).is_err(), "{text}");
        }
    }
}
