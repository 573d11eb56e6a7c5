//! `rollUp`: windows of physical time, newest first.
//!
//! A page covers `windowSize x pageSize` of time; neither that nor the range may exceed the type's longest span.

use super::data_type::{Action, DataType};
use super::fault::Fault;
use super::fields::Mask;
use super::paging::{Cursor, Cut, Query};
use super::query::{Family, System, decode_body, page_size};
use super::rates::Rates;
use super::route::Context;
use super::text::{Object, Stamps};
use super::zone_minutes::Measure;
use crate::demo::exchange::Call;
use crate::demo::wearer::{Beat, Minute, mix};
use chrono::DateTime;
use serde::Deserialize;
use std::fmt::Write as _;
use std::ops::Range;

const ROLL_UP_SCHEMA: &str = "rollupDataPoints(startTime,endTime,\
    heartRate(beatsPerMinuteAvg,beatsPerMinuteMax,beatsPerMinuteMin),\
    timeInHeartRateZone(timeInHeartRateZones(heartRateZone,duration)),\
    caloriesInHeartRateZone(caloriesInHeartRateZones(heartRateZone,kcal))),nextPageToken";
const DAY_MS: i64 = 86_400_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireRollUp {
    range: WireInterval,
    window_size: String,
    page_size: Option<i32>,
    page_token: Option<String>,
    data_source_family: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireInterval {
    start_time: String,
    end_time: String,
}

/// The fault of a range or a page that spans too much.
pub fn too_long(description: String) -> Fault {
    Fault::argument("INVALID_ROLLUP_QUERY_DURATION", "range", description)
}

/// Answers one `rollUp`.
///
/// Fails when the range, the window or the page is longer than the service allows.
pub fn answer(call: &Call, context: &Context, data_type: DataType) -> Result<String, Fault> {
    let system = System::decode(call, &[], ROLL_UP_SCHEMA)?;
    let wire: WireRollUp = decode_body(&call.body)?;
    let family = Family::decode(wire.data_source_family.as_deref())?;
    let windows = Windows::plan(&wire, data_type)?;
    let query = Query::of(&[
        data_type.path_name(),
        Action::RollUp.method_name(),
        &wire.range.start_time,
        &wire.range.end_time,
        &wire.window_size,
        &format!("{:?}", wire.page_size),
        wire.data_source_family.as_deref().unwrap_or_default(),
    ]);
    let cursor = Cursor::decode(wire.page_token.as_deref(), query, windows.count)?;
    let (page, next) = windows.page(cursor, query, context.traps);
    let source = if family == Family::Own {
        Source::Nothing
    } else {
        Source::of(context, data_type, windows.span(&page))
    };
    let token = match next {
        Some(next) => Some(next.token(query)),
        None => cursor.ends_with_empty_token(query).then(String::new),
    };
    let mut out =
        String::with_capacity(256 + 160 * usize::try_from(page.end - page.start).unwrap_or(0));
    let mut object = Object::open(&mut out);
    let list = object.member("rollupDataPoints");
    list.push('[');
    let mut stamps = Stamps::default();
    let empty = list.len();
    for index in page.rev() {
        let window = windows.window(index);
        let Some(member) = source.value(&window, context.traps) else {
            continue;
        };
        if list.len() > empty {
            list.push(',');
        }
        let mut point = Object::open(list);
        stamps.push_instant(point.member("startTime"), window.start);
        stamps.push_instant(point.member("endTime"), window.end);
        point.member(source.member()).push_str(&member);
        point.close();
    }
    list.push(']');
    if let Some(token) = token {
        let _ = write!(object.member("nextPageToken"), "\"{token}\"");
    }
    object.close();
    Ok(masked(out, &system.mask))
}

fn masked(text: String, mask: &Mask) -> String {
    if mask.is_whole() {
        return text;
    }
    let value = serde_json::from_str(&text).unwrap_or_default();
    mask.apply(value).to_string()
}

/// Windows of equal length from the start of a range; the last one ends with the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Windows {
    start: i64,
    end: i64,
    size: i64,
    count: i64,
    page_size: usize,
}

impl Windows {
    fn plan(wire: &WireRollUp, data_type: DataType) -> Result<Self, Fault> {
        let instant = |text: &str, field| {
            DateTime::parse_from_rfc3339(text)
                .map(|at| at.timestamp_millis())
                .map_err(|_| Fault::InvalidValue {
                    field,
                    kind: "type.googleapis.com/google.protobuf.Timestamp",
                    value: text.to_owned(),
                })
        };
        let start = instant(&wire.range.start_time, "range.start_time")?;
        let end = instant(&wire.range.end_time, "range.end_time")?;
        let size = decode_duration(&wire.window_size)?;
        if start >= end {
            return Err(Fault::argument(
                "INVALID_TIME_RANGE",
                "range",
                "The start must be before the end.",
            ));
        }
        let page_size = page_size(wire.page_size)?;
        let days = data_type.roll_up_days();
        let name = data_type.path_name();
        if end - start > days * DAY_MS {
            return Err(too_long(format!(
                "The duration covered by range must not exceed {days} days for {name}."
            )));
        }
        let covered = size.saturating_mul(i64::try_from(page_size).unwrap_or(i64::MAX));
        if covered > days * DAY_MS {
            return Err(too_long(format!(
                "The duration covered by window_size * page_size must not exceed {days} days for {name}."
            )));
        }
        Ok(Self {
            start,
            end,
            size,
            count: (end - start + size - 1) / size,
            page_size,
        })
    }

    fn window(&self, index: i64) -> Range<i64> {
        let start = self.start + index * self.size;
        start..(start + self.size).min(self.end)
    }

    fn span(&self, page: &Range<i64>) -> Range<i64> {
        if page.is_empty() {
            return 0..0;
        }
        self.window(page.start).start..self.window(page.end - 1).end
    }

    /// The windows of a page, and where the next one begins.
    fn page(&self, cursor: Cursor, query: Query, traps: bool) -> (Range<i64>, Option<Cursor>) {
        let below = cursor.below.clamp(0, self.count);
        let from = match cursor.cut(query, self.page_size, traps) {
            Cut::Empty => below,
            Cut::Full(size) => (below - i64::try_from(size).unwrap_or(i64::MAX)).max(0),
        };
        let more = from > 0 || (from == below && below > 0);
        (from..below, more.then(|| cursor.next(from)))
    }
}

/// `"60s"` or `"1.5s"` in milliseconds.
fn decode_duration(text: &str) -> Result<i64, Fault> {
    let invalid = || {
        Fault::argument(
            "",
            "window_size",
            format!("'{text}' is not a duration of at least one second, like 60s."),
        )
    };
    let number = text.strip_suffix('s').ok_or_else(invalid)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return Err(invalid());
    }
    let seconds: i64 = whole.parse().map_err(|_| invalid())?;
    let millis: i64 = format!("{fraction:0<3}")
        .get(..3)
        .and_then(|text| text.parse().ok())
        .ok_or_else(invalid)?;
    if seconds < 1 {
        return Err(invalid());
    }
    seconds
        .checked_mul(1000)
        .and_then(|ms| ms.checked_add(millis))
        .ok_or_else(invalid)
}

/// What the windows of one page are made from.
enum Source {
    Nothing,
    Beats(Vec<Beat>),
    Minutes(Measure, Vec<Minute>),
}

impl Source {
    fn of(context: &Context, data_type: DataType, span: Range<i64>) -> Self {
        let minutes = |span| context.wearer.minutes(span, context.now);
        match data_type {
            DataType::HeartRate => Self::Beats(context.wearer.beats(span, context.now)),
            DataType::TimeInZone => Self::Minutes(Measure::Time, minutes(span)),
            DataType::CaloriesInZone => Self::Minutes(Measure::Calories, minutes(span)),
            DataType::RestingHeartRate | DataType::HeartRateZones => Self::Nothing,
        }
    }

    const fn member(&self) -> &'static str {
        match self {
            Self::Nothing | Self::Beats(_) => "heartRate",
            Self::Minutes(measure, _) => measure.member(),
        }
    }

    /// The value of a window as JSON; `None` where there is no data.
    fn value(&self, window: &Range<i64>, traps: bool) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Beats(beats) => {
                let from = beats.partition_point(|beat| beat.instant < window.start);
                let to = beats.partition_point(|beat| beat.instant < window.end);
                // Some windows without data are there, but empty.
                let chance = mix(window.start.cast_unsigned());
                let empty = traps && chance.is_multiple_of(4);
                Rates::of(beats.get(from..to)?)
                    .map(Rates::json)
                    .or_else(|| empty.then(|| "{}".to_owned()))
            }
            Self::Minutes(measure, minutes) => {
                let from = minutes.partition_point(|minute| minute.start < window.start);
                let to = minutes.partition_point(|minute| minute.start < window.end);
                let sum = measure.sum(minutes.get(from..to)?)?;
                Some(sum.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(range: (&str, &str), window: &str, page: Option<i32>) -> Result<Windows, Fault> {
        let wire = WireRollUp {
            range: WireInterval {
                start_time: range.0.to_owned(),
                end_time: range.1.to_owned(),
            },
            window_size: window.to_owned(),
            page_size: page,
            page_token: None,
            data_source_family: None,
        };
        Windows::plan(&wire, DataType::HeartRate)
    }

    const DAY: (&str, &str) = ("2026-11-21T05:00:00Z", "2026-11-22T05:00:00Z");

    #[test]
    fn neither_range_nor_page_may_span_more_than_14_days() {
        assert_eq!(
            plan(DAY, "60s", None).map(|windows| windows.count),
            Ok(1440)
        );
        assert_eq!(plan(DAY, "900s", Some(1344)).map(|w| w.count), Ok(96));
        for (window, page) in [("900s", None), ("900s", Some(1345)), ("300s", Some(4033))] {
            assert!(plan(DAY, window, page).is_err(), "{window} {page:?}");
        }
        // A page size over the maximum is cut down first.
        assert!(plan(DAY, "60s", Some(20_000)).is_ok());
        assert!(
            plan(
                ("2026-11-01T05:00:00Z", "2026-11-15T05:00:01Z"),
                "60s",
                None
            )
            .is_err()
        );
        assert!(plan((DAY.1, DAY.0), "60s", None).is_err());
    }

    #[test]
    fn durations_are_seconds_and_at_least_one() {
        assert_eq!(decode_duration("60s"), Ok(60_000));
        assert_eq!(decode_duration("1.5s"), Ok(1500));
        for text in [
            "60",
            "0s",
            "0.5s",
            "-60s",
            "s",
            "1.s",
            "1m",
            "1e3s",
            "9999999999999999999s",
        ] {
            assert!(decode_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_last_window_ends_with_the_range() {
        let windows = plan(
            ("2026-11-21T05:00:00Z", "2026-11-21T05:02:30Z"),
            "60s",
            None,
        );
        let last = windows.map(|windows| windows.window(windows.count - 1));
        assert_eq!(last.map(|window| window.end - window.start), Ok(30_000));
    }

    #[test]
    fn pages_go_back_from_the_newest_window_and_cover_all() -> Result<(), Fault> {
        let windows = plan(DAY, "60s", Some(100))?;
        for traps in [false, true] {
            let query = Query::of(&["x"]);
            let mut cursor = Cursor {
                below: windows.count,
                page: 0,
            };
            let mut seen = windows.count;
            loop {
                let (page, next) = windows.page(cursor, query, traps);
                assert_eq!(page.end, seen);
                seen = page.start;
                match next {
                    Some(next) => cursor = next,
                    None => break,
                }
            }
            assert_eq!(seen, 0);
        }
        Ok(())
    }
}
