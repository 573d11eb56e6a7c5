//! A part of a session: an element of one of its arrays, ready to be a row.

use super::cell_value::read;
use super::record::{Cell, Record};
use super::template::place;
use crate::extract::Value;
use crate::extract::definition::{Constant, Segments};
use crate::extract::sleep::Segment;
use std::sync::Arc;

/// A segment of a session, ready to be a row.
pub(super) struct Part {
    pub(super) start: i64,
    pub(super) end: Option<i64>,
    pub(super) offset: Option<i64>,
    kind: Option<Arc<str>>,
    pub(super) is_short: bool,
    pub(super) values: Vec<Value>,
}

impl Part {
    /// `None` where what must be there is not; `offset` is the session's, `says` what its array says of all elements.
    pub(super) fn of(
        element: &Record,
        offset: Option<i64>,
        segments: &Segments,
        says: &[(String, Constant)],
    ) -> Option<Self> {
        let mut values = Vec::new();
        for (number, field) in segments.values.iter().enumerate() {
            let said = says.iter().find(|(column, _)| *column == field.column.name);
            let cell = element.cells.get(place::VALUES + number);
            let value = match said {
                Some((_, Constant::Boolean(value))) => Value::Boolean(*value),
                Some((_, Constant::Text(text))) => Value::Text(Arc::from(text.as_str())),
                None => read(field, cell.unwrap_or(&Cell::Absent)).0,
            };
            if value == Value::Null && field.column.required {
                return None;
            }
            values.push(value);
        }
        let cell = |name: &str| {
            let mut columns = segments.values.iter();
            let at = columns.position(|field| field.column.name == name);
            at.and_then(|at| values.get(at)).cloned()
        };
        Some(Self {
            start: element.int(place::START)?,
            end: element.int(place::END),
            offset: element.int(place::START_OFFSET).or(offset),
            kind: match cell("kind") {
                Some(Value::Text(kind)) => Some(kind),
                _ => None,
            },
            is_short: cell("short") == Some(Value::Boolean(true)),
            values,
        })
    }

    /// As rules of sleep know it.
    pub(super) fn segment(&self) -> Option<Segment<'_>> {
        Some(Segment {
            start: self.start,
            end: self.end?,
            kind: self.kind.as_deref()?,
            short: self.is_short,
        })
    }
}
