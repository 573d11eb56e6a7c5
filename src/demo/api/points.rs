//! `list` and `reconcile`: pages of points, newest first.
//!
//! `list` has every source's copy of a reading, `reconcile` one stream without saying where it comes from.

use super::context::Context;
use super::fault::Fault;
use super::filter::{Filter, Key};
use super::paging::{Cursor, LARGEST, Query, page_size};
use super::parameters::{self, Family, HEALTH_USER_ID};
use crate::demo::exchange::Call;
use crate::demo::json::{Json, Object, list, object};
use crate::demo::mask::Mask;
use crate::demo::series::{Action, DataType, Point, Shape, Source};
use crate::demo::wearer::HISTORY_START;
use chrono::NaiveDate;
use std::fmt::Write as _;
use std::ops::Range;

/// The service never gave more at once, whatever its documentation says.
const CAP: usize = 5000;

/// The largest page of sleeps and workouts.
const SESSIONS: usize = 25;

const OWN: [&str; 4] = ["filter", "pageSize", "pageToken", "dataSourceFamily"];
const CIVIL: &str = "date(year,month,day),time(hours,minutes,seconds,nanos)";
const DAY_MS: i64 = 86_400_000;

/// Answers one call.
///
/// Fails when the filter, a parameter or the token is wrong.
pub fn answer(
    call: &Call,
    context: &Context,
    data_type: &DataType,
    action: Action,
) -> Result<String, Fault> {
    let listed = action == Action::List;
    let (query, mask) = parameters::decode(call, &OWN, &schema(data_type, listed))?;
    let get = |name| query.get(name);
    let family = Family::decode(get("dataSourceFamily"))?;
    let wanted = get("pageSize").map(str::parse).transpose();
    let wanted = wanted.map_err(|_| Fault::argument("", "page_size", "It is a whole number."))?;
    let largest = match data_type.name {
        "sleep" | "exercise" => SESSIONS,
        _ => LARGEST,
    };
    let size = page_size(wanted, largest)?.min(CAP);
    let filter = Filter::decode(get("filter"), data_type)?;
    let mut parts = vec![data_type.name, if listed { "list" } else { "reconcile" }];
    parts.extend(["filter", "dataSourceFamily", "pageSize"].map(|name| get(name).unwrap_or("")));
    let cursor = Cursor::decode(get("pageToken"), Query::of(&parts), filter.range.end)?;
    let size = cursor.cut(size);
    let nothing = family == Family::Own || filter.key == Key::Nothing;
    let (points, more) = match size {
        _ if nothing => (Vec::new(), None),
        0 => (Vec::new(), Some(cursor.below)),
        _ => {
            let copies = listed && family == Family::All;
            page(context, data_type, &filter, cursor.below, size, copies)
        }
    };
    let last = points.last().map(|point| filter.key.of(point));
    let token = cursor.next_token(more, last.unwrap_or(cursor.below));
    Ok(write(&points, token, data_type, listed, &mask))
}

/// The points of one page, and below which place the next page begins.
fn page(
    context: &Context,
    data_type: &DataType,
    filter: &Filter,
    below: i64,
    size: usize,
    copies: bool,
) -> (Vec<Point>, Option<i64>) {
    let place = |point: &Point| filter.key.of(point);
    let range = filter.range.start..filter.range.end.min(below);
    let mut points: Vec<Point> = Vec::with_capacity(size.min(CAP) + 1);
    for date in newest_first(context, &range) {
        let by_instants = filter.key == Key::Start && data_type.shape != Shape::Daily;
        let wanted = if by_instants {
            range.clone()
        } else {
            i64::MIN..i64::MAX
        };
        let mut of_day = context.points(data_type, date, &wanted, copies);
        of_day.retain(|point| range.contains(&place(point)));
        of_day.sort_by_key(place);
        points.extend(of_day.into_iter().rev());
        if points.len() > size {
            break;
        }
    }
    if points.len() <= size {
        return (points, None);
    }
    // Copies of one reading stay on one page, for the next page begins below a place.
    let parts = |at: &usize| points.get(at - 1).map(place) != points.get(*at).map(place);
    let kept = (1..=size).rev().find(parts).unwrap_or(size);
    points.truncate(kept);
    let more = points.last().map(place);
    (points, more)
}

/// The days that a range can touch, whatever its clock.
fn newest_first(context: &Context, range: &Range<i64>) -> impl Iterator<Item = NaiveDate> + use<> {
    let day = |place: i64| i32::try_from(place.div_euclid(DAY_MS)).ok();
    let today = context.wearer.date_at(context.synced);
    let date = |number: Option<i32>| number.and_then(NaiveDate::from_epoch_days);
    let first = date(day(range.start).map(|day| day - 1)).unwrap_or(HISTORY_START);
    let last = date(day(range.end).map(|day| day + 1)).map_or(today, |last| last.min(today));
    let first = first.max(HISTORY_START);
    let wanted = (!range.is_empty()).then_some(last);
    std::iter::successors(wanted, NaiveDate::pred_opt).take_while(move |date| *date >= first)
}

fn schema(data_type: &DataType, listed: bool) -> String {
    let time = match data_type.shape {
        Shape::Sample => format!("sampleTime(physicalTime,utcOffset,civilTime({CIVIL}))"),
        Shape::Daily => "date(year,month,day)".to_owned(),
        Shape::Interval | Shape::Session | Shape::Sleep | Shape::Ecg => format!(
            "interval(startTime,startUtcOffset,endTime,endUtcOffset,civilStartTime({CIVIL}),civilEndTime({CIVIL}))"
        ),
    };
    let (json, comma) = (
        data_type.json_name(),
        if data_type.members.is_empty() {
            ""
        } else {
            ","
        },
    );
    let own = if listed {
        "name,dataSource"
    } else {
        "dataPointName"
    };
    format!(
        "dataPoints({own},{json}({time}{comma}{})),nextPageToken",
        data_type.members
    )
}

fn write(
    points: &[Point],
    token: Option<String>,
    data_type: &DataType,
    listed: bool,
    mask: &Mask,
) -> String {
    let mut out = String::with_capacity(128 + points.len() * 160);
    let json_name = data_type.json_name();
    object(&mut out, mask, |page| {
        // An empty page has no list, or an empty one.
        if !points.is_empty() || token.is_none() {
            page.add("dataPoints", |out, mask| {
                list(out, points, |out, point| {
                    object(out, mask, |object| {
                        write_point(object, point, data_type, &json_name, listed);
                    });
                });
            });
        }
        if let Some(token) = token {
            page.add("nextPageToken", |out, _| {
                let _ = write!(out, "\"{token}\"");
            });
        }
    });
    out
}

fn write_point(
    object: &mut Object<'_>,
    point: &Point,
    data_type: &DataType,
    json_name: &str,
    listed: bool,
) {
    if let Some(id) = point.id {
        let name = if listed { "name" } else { "dataPointName" };
        object.add(name, |out, _| {
            let kind = data_type.name;
            let _ = write!(
                out,
                "\"users/{HEALTH_USER_ID}/dataTypes/{kind}/dataPoints/{id}\""
            );
        });
    }
    if listed {
        object.value("dataSource", &source(point.source));
    }
    object.object(json_name, |object| {
        write_time(object, point, data_type.shape);
        object.all(point.value.members());
    });
}

fn write_time(object: &mut Object<'_>, point: &Point, shape: Shape) {
    let wall = |at: i64, offset: i32| Json::Civil(at.div_euclid(1000) + i64::from(offset));
    let (start, end) = (point.span.start, point.span.end);
    match shape {
        Shape::Sample => object.object("sampleTime", |time| {
            time.value("physicalTime", &Json::Instant(start));
            if let Some((offset, _)) = point.offsets {
                time.value("utcOffset", &Json::Duration(offset.into()));
                time.value("civilTime", &wall(start, offset));
            }
        }),
        Shape::Daily => {
            let day = i32::try_from(start.div_euclid(DAY_MS)).unwrap_or(0);
            let date = NaiveDate::from_epoch_days(day).unwrap_or_default();
            object.value("date", &Json::Date(date));
        }
        Shape::Interval | Shape::Session | Shape::Sleep | Shape::Ecg => {
            object.object("interval", |time| {
                let (at_start, at_end) = point.offsets.unwrap_or_default();
                time.value("startTime", &Json::Instant(start));
                time.value("startUtcOffset", &Json::Duration(at_start.into()));
                time.value("endTime", &Json::Instant(end));
                time.value("endUtcOffset", &Json::Duration(at_end.into()));
                // Sessions have none of these, whatever the schema says.
                if shape == Shape::Interval {
                    time.value("civilStartTime", &wall(start, at_start));
                    time.value("civilEndTime", &wall(end, at_end));
                }
            });
        }
    }
}

fn source(source: Source) -> Json {
    let object = |name, value| (name, Json::Object(vec![value]));
    let (method, platform) = match source {
        Source::Tracker => ("PASSIVELY_MEASURED", "FITBIT"),
        Source::Derived => ("DERIVED", "FITBIT"),
        Source::Manual => ("MANUAL", "FITBIT"),
        Source::Phone => ("UNKNOWN", "FITBIT"),
        Source::OtherApp => ("", "HEALTH_CONNECT"),
    };
    let mut members = Vec::with_capacity(3);
    if !method.is_empty() {
        members.push(("recordingMethod", Json::Text(method)));
    }
    members.extend(match source {
        Source::Tracker | Source::Derived => {
            Some(object("device", ("displayName", Json::Text("Charge 6"))))
        }
        Source::Phone => Some(object("device", ("formFactor", Json::Text("PHONE")))),
        Source::OtherApp => {
            let package = Json::Text("com.example.strap");
            Some(object("application", ("packageName", package)))
        }
        Source::Manual => None,
    });
    members.push(("platform", Json::Text(platform)));
    Json::Object(members)
}
