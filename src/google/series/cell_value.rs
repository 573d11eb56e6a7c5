//! A cell as its column has it: what is missing, what is a sentinel, what cannot be.

use super::record::Cell;
use crate::extract::definition::Field;
use crate::extract::{Kind, Value};

/// A cell as its column has it; whether what stood there is odd; whether the service says that there is none.
pub(super) fn read(field: &Field, cell: &Cell) -> (Value, bool, bool) {
    match cell {
        Cell::Absent => (Value::Null, false, false),
        Cell::None => (Value::Null, false, true),
        Cell::Odd => (Value::Null, true, false),
        Cell::There(value) => {
            if let Some(number) = number(value) {
                if field.sentinels.contains(&number) {
                    return (Value::Null, false, true);
                }
                if field
                    .range
                    .is_some_and(|(least, most)| !(least..=most).contains(&number))
                {
                    return (Value::Null, true, false);
                }
            }
            fit(value, field.column.kind)
                .map_or((Value::Null, true, false), |value| (value, false, false))
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "sentinels and limits are small")]
const fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Double(number) => Some(*number),
        Value::Null | Value::Boolean(_) | Value::Text(_) | Value::List(_) => None,
    }
}

/// The value as a column of this kind takes it.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "whole numbers of a day are far below 2^53"
)]
fn fit(value: &Value, kind: Kind) -> Option<Value> {
    match (value, kind) {
        (Value::Int(number), Kind::Int32) => i32::try_from(*number).ok().map(|_| value.clone()),
        (Value::Int(_), Kind::Int64 | Kind::Instant | Kind::WallClock | Kind::Date)
        | (Value::Double(_), Kind::Double)
        | (Value::Boolean(_), Kind::Boolean)
        | (Value::Text(_), Kind::Text)
        | (Value::List(_), Kind::Int32List) => Some(value.clone()),
        (Value::Int(number), Kind::Double) => Some(Value::Double(*number as f64)),
        (Value::Double(number), Kind::Int32 | Kind::Int64) if number.abs() < 9e15 => {
            fit(&Value::Int(number.round() as i64), kind)
        }
        _ => None,
    }
}
