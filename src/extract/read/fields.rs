//! The values of a row, and where each comes from.

use super::problem::Problem;
use super::words::{is_name, keys, no_path};
use crate::extract::columns::{Column, Kind};
use crate::extract::definition::{Field, Origin, Wire};
use crate::extract::raw::{RawDefinition, RawField, RawSegments};
use crate::extract::shape::Shape;
use std::collections::BTreeSet;
use toml::Spanned;

/// What the values of a table may rest on.
pub(super) struct Surroundings {
    /// A session's segments say what each is, and which are short ones.
    has_kinds: bool,
    has_short: bool,
    /// Columns that arrays say.
    said: BTreeSet<String>,
    /// What a label can be.
    labels: &'static [Kind],
    /// The table of a session's segments, which stands in its JSON beside its values.
    table: Option<String>,
}

impl Surroundings {
    pub(super) fn of(raw: &RawDefinition) -> Self {
        let segments = raw.segments.as_ref().map(Spanned::get_ref);
        let has = |name: &str, kind: Kind| {
            let mut values = segments.iter().flat_map(|segments| &segments.values);
            values.any(|value| value.get_ref().column == name && value.get_ref().kind == kind)
        };
        Self {
            has_kinds: has("kind", Kind::Text),
            has_short: has("short", Kind::Boolean),
            said: BTreeSet::new(),
            labels: &[Kind::Text],
            table: segments.map(|segments| segments.table.get_ref().clone()),
        }
    }

    pub(super) fn of_segments(raw: &RawSegments) -> Self {
        let arrays = raw
            .arrays
            .iter()
            .flat_map(|array| array.get_ref().says.keys());
        Self {
            has_kinds: false,
            has_short: false,
            said: arrays.cloned().collect(),
            labels: &[Kind::Text, Kind::Boolean],
            table: None,
        }
    }
}

/// Names that mean something in the table of one shape or another, in CSV and JSON, or in the archive's folders, which are
/// columns too for those who read it as one table.
pub(super) fn taken() -> BTreeSet<String> {
    let shapes = Shape::ALL.into_iter();
    let around = shapes.clone().flat_map(|shape| {
        let before = shape.columns_before().into_iter();
        before.chain(shape.columns_after())
    });
    let columns = around
        .chain(Shape::segment_columns())
        .map(|column| column.name);
    let when = shapes.flat_map(Shape::when_fields).copied();
    let more = ["utc", "offset", "seconds"];
    let folders = ["detail", "year", "month", "user", "participant"];
    let others = when.chain(more).chain(folders).map(str::to_owned);
    columns.chain(others).collect()
}

pub(super) fn fields(
    raw: &[Spanned<RawField>],
    around: &Surroundings,
) -> Result<Vec<Field>, Problem> {
    let mut taken = taken();
    taken.extend(around.table.clone());
    let mut all: Vec<Field> = Vec::with_capacity(raw.len());
    for written in raw {
        let field = field(written, around, &all)?;
        let is_shown_otherwise = field.shown != field.column.name;
        let is_new = taken.insert(field.column.name.clone());
        if !is_new || is_shown_otherwise && !taken.insert(field.shown.clone()) {
            let what = format!("the column '{}' is there already", field.column.name);
            return Err(Problem::at(written, what));
        }
        let member = field.origin.member();
        if member.is_some() && all.iter().any(|other| other.origin.member() == member) {
            let what = format!("'{}': another column has this member", field.column.name);
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
    if let Some(what) = mismatch(raw, &origin, around, before) {
        return Err(Problem::at(written, format!("'{}' {what}", raw.column)));
    }
    let range = match raw.range.as_deref() {
        None => None,
        Some([least, most]) if least <= most => Some((*least, *most)),
        Some(_) => {
            let what = "a range goes from the least to the greatest";
            return Err(Problem::at(written, what));
        }
    };
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
        range,
        sentinels: raw.none.clone(),
        is_label: raw.label,
    })
}

/// What of a line does not go with where its value comes from.
fn mismatch(
    raw: &RawField,
    origin: &Origin,
    around: &Surroundings,
    before: &[Field],
) -> Option<&'static str> {
    let is_whole = matches!(raw.kind, Kind::Int32 | Kind::Int64);
    let is_number = is_whole || raw.kind == Kind::Double;
    let of_this_kind = |name: &String| {
        let mut columns = before.iter().map(|field| &field.column);
        columns.any(|column| column.name == *name && column.kind == raw.kind)
    };
    let fits = match origin {
        Origin::Member(_, wire) => fits(*wire, raw.kind),
        Origin::Seconds(_) | Origin::Asleep | Origin::ShortSeconds | Origin::ShortCount => is_whole,
        Origin::Difference(of, less) => is_number && of_this_kind(of) && of_this_kind(less),
        Origin::Array | Origin::Elsewhere => true,
    };
    if !fits {
        return Some(match origin.member() {
            Some(_) => "cannot be of this kind on this wire",
            None => "cannot be of this kind: a count is int32, a difference what its columns are",
        });
    }
    let is_computed = origin.member().is_none() && *origin != Origin::Array;
    if is_computed && !raw.optional {
        return Some("is computed, and so needs optional = true");
    }
    if !is_number && (raw.range.is_some() || !raw.none.is_empty()) {
        return Some("is no number, and so has no range and no none");
    }
    (raw.label && !around.labels.contains(&raw.kind)).then_some("is no text, and so is no label")
}

/// A value has one origin.
fn origin(
    written: &Spanned<RawField>,
    around: &Surroundings,
    before: &[Field],
) -> Result<Origin, Problem> {
    let raw = written.get_ref();
    let wrong = |what: &str| Problem::at(written, format!("'{}': {what}", raw.column));
    let of_segments = |origin: Origin| {
        let is_of_short = matches!(origin, Origin::ShortSeconds | Origin::ShortCount);
        let can_count = around.has_kinds && (around.has_short || !is_of_short);
        let counted = can_count.then_some(origin);
        counted.ok_or_else(|| {
            wrong("there are no segments to count, by a text 'kind' and a boolean 'short'")
        })
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
        (None, None, None, None, Some(columns)) => {
            let is_there = |name: &String| before.iter().any(|field| field.column.name == *name);
            match columns.as_slice() {
                [of, less] if is_there(of) && is_there(less) => {
                    Ok(Origin::Difference(of.clone(), less.clone()))
                }
                _ => Err(wrong("a difference is of two columns before it")),
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
