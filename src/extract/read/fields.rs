//! The values of a row, and where each comes from.

use super::problem::Problem;
use super::words::{is_name, keys, no_path};
use crate::extract::columns::{Column, Kind};
use crate::extract::definition::{Field, Origin, Wire};
use crate::extract::raw::{RawDefinition, RawField, RawSegments};
use crate::extract::shape::Shape;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use toml::Spanned;

/// What the values of a table may rest on.
pub(super) struct Surroundings {
    /// A session's segments can be counted.
    has_segments: bool,
    /// Columns that arrays say.
    said: BTreeSet<String>,
    /// Columns that stand in the table anyway.
    taken: BTreeSet<String>,
}

impl Surroundings {
    pub(super) fn of(raw: &RawDefinition) -> Self {
        let shape = *raw.shape.get_ref();
        let around = shape
            .columns_before()
            .into_iter()
            .chain(shape.columns_after());
        let when = shape.when_fields().iter().map(ToString::to_string);
        let more = ["end", "utc", "offset"].map(str::to_owned).into_iter();
        // A session's segments stand in its JSON under the name of their table.
        let segments = raw.segments.iter();
        let table = segments.map(|segments| segments.get_ref().table.get_ref().clone());
        Self {
            has_segments: raw.segments.is_some(),
            said: BTreeSet::new(),
            taken: around
                .map(|column| column.name)
                .chain(when)
                .chain(more.chain(table).chain(partitions()))
                .collect(),
        }
    }

    pub(super) fn of_segments(raw: &RawSegments) -> Self {
        let around = Shape::segment_columns()
            .into_iter()
            .map(|column| column.name);
        let more = ["start", "end"].map(str::to_owned);
        let arrays = raw
            .arrays
            .iter()
            .flat_map(|array| array.get_ref().says.keys());
        Self {
            has_segments: false,
            said: arrays.cloned().collect(),
            taken: around.chain(more).chain(partitions()).collect(),
        }
    }
}

/// The archive's folders are columns too, for those who read it as one table.
fn partitions() -> impl Iterator<Item = String> {
    let folders = ["detail", "year", "month", "user", "participant"];
    folders.into_iter().map(str::to_owned)
}

pub(super) fn fields(
    raw: &[Spanned<RawField>],
    around: &Surroundings,
) -> Result<Vec<Field>, Problem> {
    let mut taken = around.taken.clone();
    let mut all: Vec<Field> = Vec::with_capacity(raw.len());
    for written in raw {
        let field = field(written, around, &all)?;
        let is_shown_otherwise = field.shown != field.column.name;
        let is_new = taken.insert(field.column.name.clone());
        if !is_new || is_shown_otherwise && !taken.insert(field.shown.clone()) {
            let what = format!("the column '{}' is there already", field.column.name);
            return Err(Problem::at(written, what));
        }
        all.push(field);
    }
    Ok(all)
}

fn field(
    written: &Spanned<RawField>,
    around: &Surroundings,
    before: &[Field],
) -> Result<Field, Problem> {
    let raw = written.get_ref();
    if !is_name(&raw.column) {
        let what = "the name of a column is small letters, digits and '_', beginning with a letter";
        return Err(Problem::at(written, what));
    }
    let origin = origin(written, around, before)?;
    if let Origin::Member(_, wire) = &origin
        && !fits(*wire, raw.kind)
    {
        return Err(Problem::at(
            written,
            format!("'{}' cannot be of this kind on this wire", raw.column),
        ));
    }
    if raw
        .range
        .is_some_and(|[least, most]| least.partial_cmp(&most).is_none_or(Ordering::is_gt))
    {
        return Err(Problem::at(
            written,
            "a range goes from the least to the greatest",
        ));
    }
    Ok(Field {
        column: Column {
            name: raw.column.clone(),
            kind: raw.kind,
            required: !raw.optional,
        },
        shown: raw.shown.clone().unwrap_or_else(|| raw.column.clone()),
        is_default: !raw.hidden,
        origin,
        unit: raw.unit.clone(),
        range: raw.range.map(|[least, most]| (least, most)),
        sentinels: raw.none.clone(),
        is_label: raw.label,
    })
}

/// A value has one origin.
fn origin(
    written: &Spanned<RawField>,
    around: &Surroundings,
    before: &[Field],
) -> Result<Origin, Problem> {
    let raw = written.get_ref();
    let wrong = |what: &str| Problem::at(written, format!("'{}': {what}", raw.column));
    let of_segments = |origin| {
        let counted = around.has_segments.then_some(origin);
        counted.ok_or_else(|| wrong("there are no segments to count"))
    };
    match (
        &raw.member,
        raw.wire,
        &raw.seconds,
        &raw.count,
        &raw.difference,
    ) {
        (Some(path), Some(wire), None, None, None) => {
            let keys = keys(path).ok_or_else(|| no_path(written))?;
            Ok(Origin::Member(keys, wire))
        }
        (None, None, Some(label), None, None) => of_segments(match label.as_str() {
            "asleep" => Origin::Asleep,
            "short" => Origin::ShortSeconds,
            _ => Origin::Seconds(label.clone()),
        }),
        (None, None, None, Some(what), None) if what == "short" => of_segments(Origin::ShortCount),
        (None, None, None, None, Some([of, less])) => {
            let is_there = |name: &String| before.iter().any(|field| field.column.name == *name);
            if is_there(of) && is_there(less) {
                Ok(Origin::Difference(of.clone(), less.clone()))
            } else {
                Err(wrong("a difference is of columns before it"))
            }
        }
        (None, None, None, None, None) if around.said.contains(&raw.column) => Ok(Origin::Array),
        (None, None, None, None, None) if raw.optional => Ok(Origin::Elsewhere),
        _ => Err(wrong(
            "it needs a member with its wire, or seconds, count or difference, one of them",
        )),
    }
}

/// What stands on this wire can be kept as this kind.
const fn fits(wire: Wire, kind: Kind) -> bool {
    match wire {
        Wire::StringInteger | Wire::Integer | Wire::Duration => {
            matches!(kind, Kind::Int32 | Kind::Int64)
        }
        Wire::Number => matches!(kind, Kind::Double | Kind::Int32 | Kind::Int64),
        Wire::Text => matches!(kind, Kind::Text),
        Wire::Boolean => matches!(kind, Kind::Boolean),
        Wire::List => matches!(kind, Kind::Int32List),
    }
}
