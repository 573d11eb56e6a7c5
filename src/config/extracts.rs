//! What the keys file says of extracts: series of one's own, and which are meant without a word.

use super::raw::RawFields;
use crate::extract::{Catalogue, Problem, Selection, selection};
use toml::Spanned;

/// The series that there are, and those that are meant.
///
/// # Errors
/// Fails on a wrong definition, and on a name in `extracts` that no series has.
pub(super) fn of(fields: &RawFields) -> Result<(Catalogue, Selection), Problem> {
    let catalogue = Catalogue::with(&fields.extract)?;
    let Some(listed) = &fields.extracts else {
        return Ok((catalogue, Selection::default()));
    };
    for name in listed.get_ref() {
        known(&catalogue, name)?;
    }
    let names = listed.get_ref().iter().map(|name| name.get_ref().as_str());
    let selection = Selection::of(names).map_err(|what| problem(listed, what))?;
    Ok((catalogue, selection))
}

fn known(catalogue: &Catalogue, name: &Spanned<String>) -> Result<(), Problem> {
    let text = name.get_ref().trim();
    if text.is_empty() || text == "all" || catalogue.has(text) {
        return Ok(());
    }
    let unknown = selection::UnknownName::of(catalogue, text);
    Err(problem(name, format!("{unknown}; {}", unknown.hint())))
}

fn problem<T>(at: &Spanned<T>, what: String) -> Problem {
    Problem {
        at: at.span().start,
        what,
    }
}
