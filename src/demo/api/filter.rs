//! The `filter` parameter: a small part of AIP-160, as strict as the service.
//!
//! `heart_rate.sample_time.physical_time >= "2026-11-21T05:00:00Z" AND heart_rate.sample_time.physical_time < "..."`

use super::data_type::{DataType, Shape};
use super::fault::Fault;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

/// The bounds of a filter: from, inclusive, up to, exclusive; `None` where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds<T> {
    /// Inclusive.
    pub from: Option<T>,
    /// Exclusive.
    pub to: Option<T>,
}

impl<T> Default for Bounds<T> {
    fn default() -> Self {
        Self {
            from: None,
            to: None,
        }
    }
}

impl<T: Ord + Copy> Bounds<T> {
    fn narrow(&mut self, comparator: &str, bound: T) {
        if comparator == ">=" {
            self.from = Some(self.from.map_or(bound, |known| known.max(bound)));
        } else {
            self.to = Some(self.to.map_or(bound, |known| known.min(bound)));
        }
    }
}

/// What a filter asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// No filter, or instants in milliseconds since 1970.
    Physical(Bounds<i64>),
    /// Wall-clock times.
    Civil(Bounds<NaiveDateTime>),
    /// Dates, for types that have one value a day.
    Dates(Bounds<NaiveDate>),
}

#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Comparator(&'a str),
    Text(&'a str),
}

fn fault(reason: &'static str, description: impl Into<String>) -> Fault {
    Fault::argument(reason, "filter", description)
}

fn structure() -> Fault {
    fault(
        "INVALID_DATA_POINT_FILTER_EXPRESSION_STRUCTURE",
        "Only restrictions joined by AND are supported; global restrictions are not.",
    )
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, Fault> {
    let syntax = || {
        fault(
            "INVALID_DATA_POINT_FILTER_SYNTAX",
            "The filter could not be parsed.",
        )
    };
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = if let Some(quoted) = rest.strip_prefix('"') {
            let (literal, after) = quoted.split_once('"').ok_or_else(syntax)?;
            tokens.push(Token::Text(literal));
            after
        } else if "<>=!:".contains(first) {
            let end = rest.find(|c| !"<>=!:".contains(c)).unwrap_or(rest.len());
            let (comparator, after) = rest.split_at(end);
            tokens.push(Token::Comparator(comparator));
            after
        } else if first.is_ascii_alphanumeric() || first == '_' {
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)))
                .unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            tokens.push(Token::Word(word));
            after
        } else if "()".contains(first) {
            return Err(structure());
        } else {
            return Err(syntax());
        };
        rest = after.trim_start();
    }
    Ok(tokens)
}

impl Filter {
    /// Reads the filter of a query for one type of data; an absent one asks for everything.
    ///
    /// Fails with the reason that the service gives.
    pub fn decode(text: Option<&str>, data_type: DataType) -> Result<Self, Fault> {
        let mut physical = Bounds::default();
        let mut civil = Bounds::default();
        let mut dates = Bounds::default();
        let mut kinds = [false; 3];
        let tokens = tokens(text.unwrap_or_default())?;
        let mut rest = tokens.as_slice();
        while !rest.is_empty() {
            let (member, comparator, literal) = match rest {
                [Token::Word("NOT" | "AND" | "OR"), ..] => return Err(structure()),
                [
                    Token::Word(member),
                    Token::Comparator(comparator),
                    Token::Text(literal),
                    ..,
                ] => (*member, *comparator, *literal),
                [Token::Word(_), Token::Comparator(_), ..] | [Token::Word(_)] => {
                    return Err(fault(
                        "INVALID_DATA_POINT_FILTER_MISSING_TOKEN",
                        "A restriction is a field, a comparator and a quoted value.",
                    ));
                }
                _ => return Err(structure()),
            };
            let kind = kind_of(member, data_type)?;
            if !matches!(comparator, ">=" | "<") {
                return Err(fault(
                    "INVALID_DATA_POINT_FILTER_RESTRICTION_COMPARATOR",
                    format!("Comparator '{comparator}' is not supported; use >= or <."),
                ));
            }
            match kind {
                Kind::Physical => physical.narrow(comparator, decode_instant(literal)?),
                Kind::Civil => civil.narrow(comparator, decode_wall_clock(literal)?),
                Kind::Date => dates.narrow(comparator, decode_date(literal)?),
            }
            if let Some(used) = kinds.get_mut(kind as usize) {
                *used = true;
            }
            rest = match rest.get(3..).unwrap_or_default() {
                [] => &[],
                [Token::Word("AND"), more @ ..] if !more.is_empty() => more,
                [Token::Word("AND")] => {
                    return Err(fault(
                        "INVALID_DATA_POINT_FILTER_MISSING_TOKEN",
                        "AND is not followed by a restriction.",
                    ));
                }
                _ => return Err(structure()),
            };
        }
        match kinds {
            [true, true, _] => Err(fault(
                "INVALID_DATA_POINT_FILTER_MIXED_TIME_RESTRICTIONS",
                "Physical and civil time cannot be mixed.",
            )),
            [_, true, _] => Ok(Self::Civil(civil)),
            [_, _, true] => Ok(Self::Dates(dates)),
            _ if data_type.shape() == Shape::Daily => Ok(Self::Dates(dates)),
            _ => Ok(Self::Physical(physical)),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Physical,
    Civil,
    Date,
}

fn kind_of(member: &str, data_type: DataType) -> Result<Kind, Fault> {
    let (collection, path) = member.split_once('.').ok_or_else(structure)?;
    if collection != data_type.filter_name() {
        return Err(fault(
            "INVALID_DATA_POINT_FILTER_COLLECTION_MISMATCH",
            format!(
                "Filter is on '{collection}', the collection is '{}'.",
                data_type.path_name()
            ),
        ));
    }
    match (data_type.shape(), path) {
        (Shape::Sample, "sample_time.physical_time") | (Shape::Interval, "interval.start_time") => {
            Ok(Kind::Physical)
        }
        (Shape::Sample, "sample_time.civil_time")
        | (Shape::Interval, "interval.civil_start_time") => Ok(Kind::Civil),
        (Shape::Daily, "date") => Ok(Kind::Date),
        _ => Err(fault(
            "INVALID_DATA_POINT_FILTER_DATA_TYPE_MEMBER",
            format!("'{member}' cannot be filtered on."),
        )),
    }
}

fn decode_instant(literal: &str) -> Result<i64, Fault> {
    DateTime::parse_from_rfc3339(literal)
        .map(|at| at.timestamp_millis())
        .map_err(|_| {
            fault(
                "INVALID_DATA_POINT_FILTER_TIMESTAMP_FORMAT",
                format!("'{literal}' is not an RFC 3339 timestamp with a zone."),
            )
        })
}

fn decode_wall_clock(literal: &str) -> Result<NaiveDateTime, Fault> {
    let date = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    date(literal)
        .map(|date| date.and_time(NaiveTime::MIN))
        .or_else(|| NaiveDateTime::parse_from_str(literal, "%Y-%m-%dT%H:%M:%S").ok())
        .ok_or_else(|| civil_format(literal))
}

fn decode_date(literal: &str) -> Result<NaiveDate, Fault> {
    NaiveDate::parse_from_str(literal, "%Y-%m-%d").map_err(|_| civil_format(literal))
}

fn civil_format(literal: &str) -> Fault {
    fault(
        "INVALID_DATA_POINT_FILTER_CIVIL_DATE_TIME_FORMAT",
        format!("'{literal}' is not an ISO 8601 date or local date and time."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: &str = "heart_rate.sample_time.physical_time";

    fn reason(filter: &str, data_type: DataType) -> &'static str {
        match Filter::decode(Some(filter), data_type) {
            Err(Fault::InvalidArgument { reason, .. }) => reason,
            other => panic!("{filter}: {other:?}"),
        }
    }

    #[test]
    fn bounds_may_both_be_given_or_either_left_out() {
        let both =
            format!("{TIME} >= \"2026-11-21T05:00:00Z\" AND {TIME} < \"2026-11-21T05:00:01.500Z\"");
        assert_eq!(
            Filter::decode(Some(&both), DataType::HeartRate),
            Ok(Filter::Physical(Bounds {
                from: Some(1_795_237_200_000),
                to: Some(1_795_237_201_500)
            }))
        );
        let one = format!("{TIME}<\"2026-11-21T00:00:00-05:00\"");
        assert_eq!(
            Filter::decode(Some(&one), DataType::HeartRate),
            Ok(Filter::Physical(Bounds {
                from: None,
                to: Some(1_795_237_200_000)
            }))
        );
        assert_eq!(
            Filter::decode(None, DataType::HeartRate),
            Ok(Filter::Physical(Bounds::default()))
        );
    }

    #[test]
    fn daily_types_take_dates() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 21);
        assert_eq!(
            Filter::decode(
                Some("daily_resting_heart_rate.date >= \"2026-11-21\""),
                DataType::RestingHeartRate
            ),
            Ok(Filter::Dates(Bounds {
                from: day,
                to: None
            }))
        );
    }

    #[test]
    fn wrong_forms_have_their_own_reasons() {
        let z = "\"2026-11-21T05:00:00Z\"";
        let civil = "heart_rate.sample_time.civil_time";
        let cases = [
            (
                format!("{TIME} >= {z} and {TIME} < {z}"),
                "EXPRESSION_STRUCTURE",
            ),
            (
                format!("{TIME} >= {z} OR {TIME} < {z}"),
                "EXPRESSION_STRUCTURE",
            ),
            (format!("({TIME} >= {z})"), "EXPRESSION_STRUCTURE"),
            (format!("NOT {TIME} >= {z}"), "EXPRESSION_STRUCTURE"),
            (format!("{TIME} {TIME}"), "EXPRESSION_STRUCTURE"),
            (format!("{TIME} > {z}"), "RESTRICTION_COMPARATOR"),
            (format!("{TIME} <= {z}"), "RESTRICTION_COMPARATOR"),
            (format!("{TIME} = {z}"), "RESTRICTION_COMPARATOR"),
            (format!("{TIME} >= \"2026-11-21\""), "TIMESTAMP_FORMAT"),
            (
                format!("{TIME} >= \"2026-11-21T05:00:00\""),
                "TIMESTAMP_FORMAT",
            ),
            (format!("{civil} >= {z}"), "CIVIL_DATE_TIME_FORMAT"),
            (
                format!("{TIME} >= {z} AND {civil} < \"2026-11-22\""),
                "MIXED_TIME_RESTRICTIONS",
            ),
            (
                format!("heartRate.sampleTime.physicalTime >= {z}"),
                "COLLECTION_MISMATCH",
            ),
            (
                format!("steps.interval.start_time >= {z}"),
                "COLLECTION_MISMATCH",
            ),
            (
                format!("heart_rate.interval.start_time >= {z}"),
                "DATA_TYPE_MEMBER",
            ),
            (format!("{TIME} >= 2026"), "MISSING_TOKEN"),
            (format!("{TIME} >= {z} AND"), "MISSING_TOKEN"),
            (format!("{TIME} >="), "MISSING_TOKEN"),
            (format!("{TIME} >= \"2026"), "SYNTAX"),
            (format!("{TIME}%20%3E%3D {z}"), "SYNTAX"),
        ];
        for (filter, expected) in cases {
            let reason = reason(&filter, DataType::HeartRate);
            assert_eq!(
                reason,
                format!("INVALID_DATA_POINT_FILTER_{expected}"),
                "{filter}"
            );
        }
    }
}
