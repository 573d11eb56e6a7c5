//! `list` and `reconcile` of heart rate: pages of points, newest first.
//!
//! `list` has every source's copy of a reading, `reconcile` one stream without saying where it comes from.

use super::data_type::{Action, DataType};
use super::fault::Fault;
use super::fields::Mask;
use super::filter::{Bounds, Filter};
use super::paging::{Cursor, Cut};
use super::query::{Family, PointsQuery};
use super::route::Context;
use super::text::{Object, Stamps, push_number};
use crate::demo::exchange::Call;
use crate::demo::wearer::{Beat, Wearer, WearerDay, mix};
use chrono::NaiveDate;
use std::fmt::Write as _;
use std::ops::Range;

const LIST_SCHEMA: &str = "dataPoints(name,dataSource(recordingMethod,\
    device(displayName,manufacturer,formFactor),platform,application(packageName,webClientId,googleWebClientId)),\
    heartRate(sampleTime(physicalTime,utcOffset,civilTime(date(year,month,day),time(hours,minutes,seconds,nanos))),\
    beatsPerMinute,metadata(motionContext,sensorLocation))),nextPageToken";
const RECONCILE_SCHEMA: &str = "dataPoints(dataPointName,\
    heartRate(sampleTime(physicalTime,utcOffset,civilTime(date(year,month,day),time(hours,minutes,seconds,nanos))),\
    beatsPerMinute,metadata(motionContext,sensorLocation))),nextPageToken";

/// A chest strap's app that writes through Health Connect: neither offset nor wall clock, a copy of some readings.
const STRAP_SOURCE: &str = r#"{"device":{"manufacturer":"Example"},"platform":"HEALTH_CONNECT","application":{"packageName":"com.example.strap"}}"#;
const TRACKER_SOURCE: &str = r#"{"recordingMethod":"PASSIVELY_MEASURED","device":{"displayName":"Charge 6"},"platform":"FITBIT"}"#;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Point {
    instant: i64,
    /// `None` from the strap.
    utc_offset: Option<i32>,
    bpm: u16,
}

impl Point {
    const fn of(beat: Beat) -> Self {
        Self {
            instant: beat.instant,
            utc_offset: Some(beat.utc_offset),
            bpm: beat.bpm,
        }
    }
}

/// Answers one call.
///
/// Fails when the filter, a parameter or the token is wrong.
pub fn answer(call: &Call, context: &Context, action: Action) -> Result<String, Fault> {
    let listed = action == Action::List;
    let schema = if listed {
        LIST_SCHEMA
    } else {
        RECONCILE_SCHEMA
    };
    let query = PointsQuery::decode(call, DataType::HeartRate, action, schema, context.page_cap)?;
    let filter = Filter::decode(query.filter.as_deref(), DataType::HeartRate)?;
    let wanted = match filter {
        // Where the live service was asked by wall clock, some accounts got no points and no error.
        Filter::Civil(_) if context.traps => 0..0,
        Filter::Civil(bounds) => context.civil_range(bounds),
        Filter::Physical(bounds) => range_of(bounds),
        Filter::Dates(_) => 0..0,
    };
    let range = context.wearer.known(wanted, context.now);
    let cursor = Cursor::decode(query.page_token.as_deref(), query.identity, range.end)?;
    let (points, next) = match cursor.cut(query.identity, query.page_size, context.traps) {
        Cut::Empty => (Vec::new(), Some(cursor.next(cursor.below))),
        Cut::Full(size) => page(context.wearer, range, cursor, size, listed, query.family),
    };
    let next = next.or_else(|| {
        let below = points.last().map_or(cursor.below, |point| point.instant);
        cursor
            .promises_more(query.identity, context.traps)
            .then(|| cursor.next(below))
    });
    let token = match next {
        Some(next) => Some(next.token(query.identity)),
        None => cursor
            .ends_with_empty_token(query.identity)
            .then(String::new),
    };
    let shape = PointShape::of(&query.system.mask, listed);
    Ok(write_page(
        &points,
        token.as_deref(),
        &shape,
        &query.system.mask,
    ))
}

fn range_of(bounds: Bounds<i64>) -> Range<i64> {
    bounds.from.unwrap_or(i64::MIN)..bounds.to.unwrap_or(i64::MAX)
}

/// The points of one page, and where the next page begins.
fn page(
    wearer: &Wearer,
    range: Range<i64>,
    cursor: Cursor,
    size: usize,
    listed: bool,
    family: Family,
) -> (Vec<Point>, Option<Cursor>) {
    let mut points = Vec::with_capacity(size + 1);
    let range = range.start..range.end.min(cursor.below);
    if family == Family::Own || range.is_empty() {
        return (points, None);
    }
    let strap = listed && family == Family::All;
    let first = wearer.date_at(range.start);
    let mut date = Some(wearer.date_at(range.end - 1));
    while let Some(day) = date.filter(|date| *date >= first && points.len() <= size) {
        let handle = wearer.day(day);
        let beats = handle.get().beats_in(&range).iter().rev();
        if strap {
            let worn = strap_hours(handle.get(), day);
            for beat in beats {
                points.push(Point::of(*beat));
                points.extend(strap_copy(*beat, &worn));
            }
        } else {
            let missing = size + 1 - points.len();
            points.extend(beats.take(missing).map(|beat| Point::of(*beat)));
        }
        date = day.pred_opt();
    }
    if points.len() <= size {
        return (points, None);
    }
    // Two copies of one reading stay on one page, for the next page begins below an instant.
    let kept = (1..=size)
        .rev()
        .find(|at| match points.get(at - 1..=*at) {
            Some([last, next]) => last.instant != next.instant,
            _ => false,
        })
        .unwrap_or(size);
    points.truncate(kept);
    let below = points.last().map_or(cursor.below, |point| point.instant);
    (points, Some(cursor.next(below)))
}

fn strap_hours(day: &WearerDay, date: NaiveDate) -> Range<i64> {
    let seconds = Wearer::workout(date).unwrap_or(0..0);
    let from_midnight = |clock: i64| day.civil.window.start + clock * 1000;
    from_midnight(seconds.start)..from_midnight(seconds.end)
}

/// The strap's reading at the same instant: about every other one, hardly ever the same.
fn strap_copy(beat: Beat, worn: &Range<i64>) -> Option<Point> {
    let chance = mix(beat.instant.cast_unsigned());
    (worn.contains(&beat.instant) && chance.is_multiple_of(2)).then(|| Point {
        instant: beat.instant,
        utc_offset: None,
        bpm: beat.bpm + u16::try_from((chance >> 8) % 3).unwrap_or(0),
    })
}

/// Which members of a point are written.
struct PointShape {
    point: bool,
    data_source: bool,
    heart_rate: bool,
    sample_time: bool,
    physical_time: bool,
    utc_offset: bool,
    civil_time: bool,
    beats_per_minute: bool,
    next_page_token: bool,
}

impl PointShape {
    fn of(mask: &Mask, listed: bool) -> Self {
        let point = mask.member("dataPoints");
        let heart_rate = point.and_then(|point| point.member("heartRate"));
        let sample_time = heart_rate.and_then(|heart_rate| heart_rate.member("sampleTime"));
        let time = |name| sample_time.is_some_and(|time| time.member(name).is_some());
        Self {
            point: point.is_some(),
            data_source: listed && point.is_some_and(|point| point.member("dataSource").is_some()),
            heart_rate: heart_rate.is_some(),
            sample_time: sample_time.is_some(),
            physical_time: time("physicalTime"),
            utc_offset: time("utcOffset"),
            civil_time: time("civilTime"),
            beats_per_minute: heart_rate
                .is_some_and(|heart_rate| heart_rate.member("beatsPerMinute").is_some()),
            next_page_token: mask.member("nextPageToken").is_some(),
        }
    }
}

fn write_page(points: &[Point], token: Option<&str>, shape: &PointShape, mask: &Mask) -> String {
    let mut out = String::with_capacity(128 + points.len() * 224);
    let mut writer = Writer::default();
    let mut page = Object::open(&mut out);
    // An empty page has no list, or an empty one.
    if shape.point && (!points.is_empty() || token.is_none()) {
        let list = page.member("dataPoints");
        list.push('[');
        for (index, point) in points.iter().enumerate() {
            if index > 0 {
                list.push(',');
            }
            writer.push_point(list, *point, shape);
        }
        list.push(']');
    }
    if let Some(token) = token.filter(|_| shape.next_page_token) {
        let _ = write!(page.member("nextPageToken"), "\"{token}\"");
    }
    page.close();
    if cuts_deeper(mask) {
        let value = serde_json::from_str(&out).unwrap_or_default();
        return mask.apply(value).to_string();
    }
    out
}

/// True where a mask selects within members that are written as a whole.
fn cuts_deeper(mask: &Mask) -> bool {
    let Some(point) = mask.member("dataPoints") else {
        return false;
    };
    let civil_time = point
        .member("heartRate")
        .and_then(|heart_rate| heart_rate.member("sampleTime"))
        .and_then(|time| time.member("civilTime"));
    let data_source = point.member("dataSource");
    [civil_time, data_source]
        .into_iter()
        .flatten()
        .any(|mask| !mask.is_whole())
}

/// Writes points, and remembers what the one before had.
#[derive(Default)]
struct Writer {
    stamps: Stamps,
    offset: Option<(i32, String)>,
}

impl Writer {
    fn push_point(&mut self, out: &mut String, point: Point, shape: &PointShape) {
        let mut object = Object::open(out);
        if shape.data_source {
            object
                .member("dataSource")
                .push_str(match point.utc_offset {
                    Some(_) => TRACKER_SOURCE,
                    None => STRAP_SOURCE,
                });
        }
        if shape.heart_rate {
            let mut heart_rate = Object::open(object.member("heartRate"));
            if shape.sample_time {
                self.push_time(heart_rate.member("sampleTime"), point, shape);
            }
            if shape.beats_per_minute {
                let bpm = heart_rate.member("beatsPerMinute");
                bpm.push('"');
                push_number(bpm, u32::from(point.bpm));
                bpm.push('"');
            }
            heart_rate.close();
        }
        object.close();
    }

    fn push_time(&mut self, out: &mut String, point: Point, shape: &PointShape) {
        let mut time = Object::open(out);
        if shape.physical_time {
            self.stamps
                .push_instant(time.member("physicalTime"), point.instant);
        }
        if let Some(offset) = point.utc_offset {
            if shape.utc_offset {
                let text = match self.offset.take() {
                    Some(known) if known.0 == offset => known,
                    _ => (offset, format!("\"{offset}s\"")),
                };
                time.member("utcOffset").push_str(&text.1);
                self.offset = Some(text);
            }
            if shape.civil_time {
                let wall = point.instant.div_euclid(1000) + i64::from(offset);
                self.stamps.push_civil(time.member("civilTime"), wall);
            }
        }
        time.close();
    }
}
