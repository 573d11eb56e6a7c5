//! The `filter` parameter: a small part of AIP-160, with the one member that each kind of point can be filtered by.
//!
//! `heart_rate.sample_time.physical_time >= "2026-11-21T05:00:00Z" AND heart_rate.sample_time.physical_time < "..."`

use super::fault::Fault;
use crate::demo::series::{DataType, Point, Shape};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use std::ops::Range;

/// What points are filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The instant of the start; of a date, its midnight as if at UTC.
    Start,
    /// The wall clock at the start.
    WallStart,
    /// The instant of the end.
    End,
    /// The wall clock at the end.
    WallEnd,
    /// Documented, and yet some accounts got no points and no error.
    Nothing,
}

impl Key {
    /// The place of a point (milliseconds).
    pub fn of(self, point: &Point) -> i64 {
        let (start, end) = point.offsets.unwrap_or_default();
        match self {
            Self::Start | Self::Nothing => point.span.start,
            Self::WallStart => point.span.start + i64::from(start) * 1000,
            Self::End => point.span.end,
            Self::WallEnd => point.span.end + i64::from(end) * 1000,
        }
    }

    fn by_instants(self, shape: Shape) -> bool {
        matches!(self, Self::Start | Self::End) && shape != Shape::Daily
    }
}

/// What a filter asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// By what.
    pub key: Key,
    /// From, inclusive, up to, exclusive (milliseconds).
    pub range: Range<i64>,
}

fn fault(reason: &'static str, description: impl Into<String>) -> Fault {
    Fault::argument(reason, "filter", description)
}

impl Filter {
    /// Reads the filter of a query for one type of data; an absent one asks for everything.
    ///
    /// Fails with the reason that the service gives.
    pub fn decode(text: Option<&str>, data_type: &DataType) -> Result<Self, Fault> {
        let key = match data_type.shape {
            Shape::Sleep => Key::End,
            Shape::Sample | Shape::Interval | Shape::Session | Shape::Ecg | Shape::Daily => {
                Key::Start
            }
        };
        let mut filter = Self {
            key,
            range: i64::MIN..i64::MAX,
        };
        let mut member_before = None;
        for restriction in text.into_iter().flat_map(|text| text.split(" AND ")) {
            let (member, comparator, literal) = parts(restriction)?;
            filter.key = key_of(member, data_type)?;
            if member_before.is_some_and(|before| before != member) {
                return Err(fault(
                    "INVALID_DATA_POINT_FILTER_MIXED_TIME_RESTRICTIONS",
                    "Physical and civil time cannot be mixed.",
                ));
            }
            member_before = Some(member);
            let bound = bound(literal, filter.key, data_type.shape)?;
            match comparator {
                ">=" => filter.range.start = filter.range.start.max(bound),
                "<" if data_type.shape != Shape::Ecg => {
                    filter.range.end = filter.range.end.min(bound);
                }
                _ => {
                    return Err(fault(
                        "INVALID_DATA_POINT_FILTER_RESTRICTION_COMPARATOR",
                        format!("Comparator '{comparator}' is not supported here."),
                    ));
                }
            }
        }
        Ok(filter)
    }
}

/// Member, comparator and literal of a restriction.
fn parts(restriction: &str) -> Result<(&str, &str, &str), Fault> {
    let comparator = |c| "<>=!:".contains(c);
    let found = || {
        let restriction = restriction.trim();
        let at = restriction.find(comparator)?;
        let (member, rest) = restriction.split_at(at);
        let end = rest.find(|c| !comparator(c))?;
        let (operator, literal) = rest.split_at(end);
        let literal = literal.trim().strip_prefix('"')?.strip_suffix('"')?;
        let simple = !literal.contains('"') && !member.trim().contains(' ');
        simple.then_some((member.trim(), operator, literal))
    };
    found().ok_or_else(|| {
        fault(
            "INVALID_DATA_POINT_FILTER_EXPRESSION_STRUCTURE",
            "A filter is restrictions joined by AND: a field, a comparator and a quoted value.",
        )
    })
}

fn key_of(member: &str, data_type: &DataType) -> Result<Key, Fault> {
    let (collection, path) = member.split_once('.').unwrap_or(("", member));
    if collection != data_type.filter_name() {
        return Err(fault(
            "INVALID_DATA_POINT_FILTER_COLLECTION_MISMATCH",
            format!("Filter is on '{collection}', the collection is another."),
        ));
    }
    match (data_type.shape, path) {
        (Shape::Sample, "sample_time.physical_time")
        | (Shape::Interval | Shape::Ecg, "interval.start_time")
        | (Shape::Daily, "date") => Ok(Key::Start),
        (Shape::Session, "interval.civil_start_time") => Ok(Key::WallStart),
        (Shape::Sleep, "interval.end_time") => Ok(Key::End),
        (Shape::Sleep, "interval.civil_end_time") => Ok(Key::WallEnd),
        (Shape::Sample, "sample_time.civil_time")
        | (Shape::Interval, "interval.civil_start_time") => Ok(Key::Nothing),
        _ => Err(fault(
            "INVALID_DATA_POINT_FILTER_DATA_TYPE_MEMBER",
            format!("'{member}' cannot be filtered on."),
        )),
    }
}

fn bound(literal: &str, key: Key, shape: Shape) -> Result<i64, Fault> {
    if key.by_instants(shape) {
        let at = DateTime::parse_from_rfc3339(literal).map(|at| at.timestamp_millis());
        return at.map_err(|_| {
            fault(
                "INVALID_DATA_POINT_FILTER_TIMESTAMP_FORMAT",
                format!("'{literal}' is not an RFC 3339 timestamp with a zone."),
            )
        });
    }
    let date = NaiveDate::parse_from_str(literal, "%Y-%m-%d").ok();
    let time = || NaiveDateTime::parse_from_str(literal, "%Y-%m-%dT%H:%M:%S").ok();
    let wall = date
        .map(|date| date.and_time(NaiveTime::MIN))
        .or_else(|| time().filter(|_| shape != Shape::Daily));
    let wall = wall.map(|wall| wall.and_utc().timestamp_millis());
    wall.ok_or_else(|| {
        fault(
            "INVALID_DATA_POINT_FILTER_CIVIL_DATE_TIME_FORMAT",
            format!("'{literal}' is not an ISO 8601 date or local date and time."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::series;

    fn decode(name: &str, filter: &str) -> Result<(Key, Range<i64>), &'static str> {
        let data_type = series::find(name).ok_or("no such type")?;
        Filter::decode(Some(filter), data_type)
            .map(|filter| (filter.key, filter.range))
            .map_err(|fault| {
                let known = "INVALID_DATA_POINT_FILTER_";
                fault.reason.strip_prefix(known).unwrap_or(fault.reason)
            })
    }

    #[test]
    fn each_kind_has_its_own_member() {
        const Z: i64 = 1_795_237_200_000;
        let (at, day) = ("\"2026-11-21T05:00:00Z\"", "\"2026-11-21\"");
        let midnight = 1_795_219_200_000;
        let cases = [
            (
                "steps",
                "steps.interval.start_time",
                at,
                Ok((Key::Start, Z)),
            ),
            (
                "steps",
                "steps.interval.civil_start_time",
                day,
                Ok((Key::Nothing, midnight)),
            ),
            (
                "steps",
                "steps.interval.end_time",
                at,
                Err("DATA_TYPE_MEMBER"),
            ),
            (
                "weight",
                "weight.sample_time.physical_time",
                at,
                Ok((Key::Start, Z)),
            ),
            (
                "weight",
                "weight.sample_time.physical_time",
                day,
                Err("TIMESTAMP_FORMAT"),
            ),
            (
                "weight",
                "weight.interval.start_time",
                at,
                Err("DATA_TYPE_MEMBER"),
            ),
            (
                "weight",
                "body_fat.sample_time.physical_time",
                at,
                Err("COLLECTION_MISMATCH"),
            ),
            (
                "exercise",
                "exercise.interval.civil_start_time",
                day,
                Ok((Key::WallStart, midnight)),
            ),
            (
                "exercise",
                "exercise.interval.start_time",
                at,
                Err("DATA_TYPE_MEMBER"),
            ),
            ("sleep", "sleep.interval.end_time", at, Ok((Key::End, Z))),
            (
                "sleep",
                "sleep.interval.civil_end_time",
                day,
                Ok((Key::WallEnd, midnight)),
            ),
            (
                "sleep",
                "sleep.interval.civil_start_time",
                day,
                Err("DATA_TYPE_MEMBER"),
            ),
            (
                "daily-vo2-max",
                "daily_vo2_max.date",
                day,
                Ok((Key::Start, midnight)),
            ),
            (
                "daily-vo2-max",
                "daily_vo2_max.date",
                at,
                Err("CIVIL_DATE_TIME_FORMAT"),
            ),
            (
                "electrocardiogram",
                "electrocardiogram.interval.start_time",
                at,
                Ok((Key::Start, Z)),
            ),
        ];
        for (name, member, literal, expected) in cases {
            let found = decode(name, &format!("{member} >= {literal}"));
            let found = found.map(|(key, range)| (key, range.start));
            assert_eq!(found, expected, "{member} {literal}");
        }
    }

    #[test]
    fn wrong_forms_have_their_own_reasons() {
        let time = "heart_rate.sample_time.physical_time";
        let civil = "heart_rate.sample_time.civil_time";
        let at = "\"2026-11-21T05:00:00Z\"";
        let both = decode("heart-rate", &format!("{time}>={at} AND {time} < {at}"));
        assert_eq!(both, Ok((Key::Start, 1_795_237_200_000..1_795_237_200_000)));
        let cases = [
            (
                format!("{time} >= {at} and {time} < {at}"),
                "EXPRESSION_STRUCTURE",
            ),
            (format!("{time} >= 2026"), "EXPRESSION_STRUCTURE"),
            (format!("{time} >= {at} AND "), "EXPRESSION_STRUCTURE"),
            (format!("{time} > {at}"), "RESTRICTION_COMPARATOR"),
            (
                format!("{time} >= {at} AND {civil} < \"2026-11-22\""),
                "MIXED_TIME_RESTRICTIONS",
            ),
        ];
        for (filter, expected) in cases {
            assert_eq!(decode("heart-rate", &filter), Err(expected), "{filter}");
        }
        let ecg = "electrocardiogram.interval.start_time";
        let upper = decode("electrocardiogram", &format!("{ecg} < {at}"));
        assert_eq!(upper, Err("RESTRICTION_COMPARATOR"));
    }
}
