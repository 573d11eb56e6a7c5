//! Columns of a table as Parquet's schema, and back.

use crate::extract::{Column, Columns, Kind};
use parquet::basic::{LogicalType, TimeUnit, Type as Physical};
use parquet::errors::ParquetError;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};
use std::fmt::Write;
use std::sync::Arc;

/// The schema of a table's files.
#[derive(Debug, Clone)]
pub struct Schema {
    /// What the columns are.
    pub columns: Columns,
    pub(super) root: TypePtr,
    pub(super) descriptor: Arc<SchemaDescriptor>,
}

impl Schema {
    /// The schema of a table.
    ///
    /// # Errors
    /// Fails on a name that Parquet's notation cannot say: letters, digits and underscores are safe.
    pub fn new(table: &str, columns: &Columns) -> Result<Self, ParquetError> {
        let root = Arc::new(parse_message_type(&message(table, columns))?);
        Ok(Self {
            columns: Arc::clone(columns),
            descriptor: Arc::new(SchemaDescriptor::new(Arc::clone(&root))),
            root,
        })
    }
}

/// The schema in Parquet's own notation.
fn message(table: &str, columns: &[Column]) -> String {
    let mut text = format!("message {table} {{\n");
    for column in columns {
        let often = if column.required {
            "REQUIRED"
        } else {
            "OPTIONAL"
        };
        let name = &column.name;
        let (physical, logical) = match column.kind {
            Kind::Instant => ("INT64", " (TIMESTAMP(MILLIS,true))"),
            Kind::WallClock => ("INT64", " (TIMESTAMP(MILLIS,false))"),
            Kind::Date => ("INT32", " (DATE)"),
            Kind::Int32 => ("INT32", ""),
            Kind::Int64 => ("INT64", ""),
            Kind::Double => ("DOUBLE", ""),
            Kind::Boolean => ("BOOLEAN", ""),
            Kind::Text => ("BYTE_ARRAY", " (STRING)"),
            Kind::Int32List => (
                "group",
                " (LIST) { REPEATED group list { REQUIRED INT32 element; } }",
            ),
        };
        let end = if column.kind == Kind::Int32List {
            ""
        } else {
            ";"
        };
        let _ = writeln!(text, "{often} {physical} {name}{logical}{end}");
    }
    text.push('}');
    text
}

/// The columns of a file, whoever wrote it; those of other kinds than ours are left out.
#[must_use]
pub fn columns_of(root: &Type) -> Vec<Column> {
    let fields = root.get_fields().iter();
    let column = |field: &TypePtr| {
        Some(Column {
            required: !field.is_optional(),
            ..Column::required(field.name(), kind_of(field)?)
        })
    };
    fields.filter_map(column).collect()
}

fn kind_of(field: &Type) -> Option<Kind> {
    let logical = field.get_basic_info().logical_type_ref().cloned();
    if field.is_group() {
        return is_list(field).then_some(Kind::Int32List);
    }
    Some(match (field.get_physical_type(), logical) {
        (Physical::INT64, Some(LogicalType::Timestamp(stamp))) => {
            if stamp.is_adjusted_to_u_t_c {
                Kind::Instant
            } else {
                Kind::WallClock
            }
        }
        (Physical::INT32, Some(LogicalType::Date)) => Kind::Date,
        (Physical::INT32, _) => Kind::Int32,
        (Physical::INT64, _) => Kind::Int64,
        (Physical::DOUBLE, _) => Kind::Double,
        (Physical::BOOLEAN, _) => Kind::Boolean,
        (Physical::BYTE_ARRAY, _) => Kind::Text,
        _ => return None,
    })
}

/// A list of 32-bit integers, by the format's `LogicalTypes.md`.
fn is_list(field: &Type) -> bool {
    let only = |group: &Type| match group.get_fields() {
        [one] => Some(Arc::clone(one)),
        _ => None,
    };
    let element = only(field)
        .filter(|list| list.is_group())
        .and_then(|list| only(&list));
    element.is_some_and(|element| {
        element.is_primitive() && element.get_physical_type() == Physical::INT32
    })
}

/// How many of a file's units of time make a millisecond: 1, 1,000 or 1,000,000.
pub(super) fn per_millisecond(logical: Option<&LogicalType>) -> i64 {
    match logical {
        Some(LogicalType::Timestamp(stamp)) => match stamp.unit {
            TimeUnit::MILLIS => 1,
            TimeUnit::MICROS => 1_000,
            TimeUnit::NANOS => 1_000_000,
        },
        _ => 1,
    }
}
