//! The parts of a session, and the arrays that hold them.

use super::fields::{Surroundings, fields, taken};
use super::problem::Problem;
use super::words::{keys, no_path, table_name};
use crate::extract::definition::{Field, Origin, SegmentArray, Segments};
use crate::extract::raw::{RawDefinition, RawSegmentArray};
use crate::extract::shape::Shape;
use toml::Spanned;

pub(super) fn segments(name: &str, raw: &RawDefinition) -> Result<Option<Segments>, Problem> {
    let Some(written) = &raw.segments else {
        return Ok(None);
    };
    if *raw.shape.get_ref() != Shape::Sessions {
        return Err(Problem::at(written, "only sessions have segments"));
    }
    let raw = written.get_ref();
    let table = table_name(&raw.table, "a table")?;
    if table == name {
        return Err(Problem::at(&raw.table, "that is the extract's own name"));
    }
    if taken().contains(&table) {
        let what = format!("'{table}' is a column of sessions already");
        return Err(Problem::at(&raw.table, what));
    }
    if raw.arrays.is_empty() {
        return Err(Problem::at(
            written,
            "segments need an array that holds them",
        ));
    }
    let values = fields(&raw.values, &Surroundings::of_segments(raw))?;
    let mut arrays: Vec<SegmentArray> = Vec::new();
    for written in &raw.arrays {
        let array = array(written, &values)?;
        if arrays.iter().any(|other| other.path == array.path) {
            return Err(Problem::at(written, "this array is there already"));
        }
        arrays.push(array);
    }
    Ok(Some(Segments {
        table,
        arrays,
        values,
    }))
}

fn array(written: &Spanned<RawSegmentArray>, values: &[Field]) -> Result<SegmentArray, Problem> {
    let raw = written.get_ref();
    for (name, constant) in &raw.says {
        let mut columns = values.iter().map(|field| &field.column);
        let Some(column) = columns.find(|column| column.name == *name) else {
            let what = format!("the segments have no column '{}'", name.escape_debug());
            return Err(Problem::at(written, what));
        };
        if constant.kind() != column.kind {
            let what = format!(
                "'{name}' is {} and not what is said here",
                column.kind.name()
            );
            return Err(Problem::at(written, what));
        }
    }
    let is_unsaid = |field: &&Field| {
        let column = &field.column;
        field.origin == Origin::Array && column.required && !raw.says.contains_key(&column.name)
    };
    if let Some(field) = values.iter().find(is_unsaid) {
        let what = format!(
            "this array does not say '{}', as others do",
            field.column.name
        );
        return Err(Problem::at(written, what));
    }
    Ok(SegmentArray {
        path: keys(&raw.member).ok_or_else(|| no_path(written))?,
        says: raw.says.clone().into_iter().collect(),
    })
}
