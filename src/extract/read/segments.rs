//! The parts of a session, and the arrays that hold them.

use super::fields::{Surroundings, fields};
use super::problem::Problem;
use super::words::{is_name, keys, no_path};
use crate::extract::definition::{Field, SegmentArray, Segments};
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
    if !is_name(raw.table.get_ref()) || raw.table.get_ref() == name {
        let what =
            "the name of a table is small letters, digits and '_', and not the extract's own";
        return Err(Problem::at(&raw.table, what));
    }
    let values = fields(&raw.values, &Surroundings::of_segments(raw))?;
    let array = |written: &Spanned<_>| array(written, &values);
    Ok(Some(Segments {
        table: raw.table.get_ref().clone(),
        arrays: raw.arrays.iter().map(array).collect::<Result<_, _>>()?,
        values,
    }))
}

/// The columns of other series that `means` lists; the catalogue knows whether they are there.
pub(super) fn means(raw: &RawDefinition) -> Result<Vec<(String, String)>, Problem> {
    let mean = |written: &Spanned<String>| {
        if *raw.shape.get_ref() != Shape::Sessions {
            return Err(Problem::at(written, "only sessions have means of others"));
        }
        let parts = written.get_ref().split_once('.');
        let parts = parts.filter(|(series, column)| is_name(series) && is_name(column));
        let (series, column) = parts.ok_or_else(|| {
            Problem::at(
                written,
                "a mean is written like spo2.percent: a series and its column",
            )
        })?;
        Ok((series.to_owned(), column.to_owned()))
    };
    raw.means.iter().map(mean).collect()
}

fn array(written: &Spanned<RawSegmentArray>, values: &[Field]) -> Result<SegmentArray, Problem> {
    let raw = written.get_ref();
    let unknown = raw
        .says
        .keys()
        .find(|name| values.iter().all(|field| field.column.name != **name));
    if let Some(name) = unknown {
        let what = format!("the segments have no column '{}'", name.escape_debug());
        return Err(Problem::at(written, what));
    }
    Ok(SegmentArray {
        path: keys(&raw.member).ok_or_else(|| no_path(written))?,
        says: raw.says.clone().into_iter().collect(),
    })
}
