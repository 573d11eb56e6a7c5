//! From a definition as it is written to one as it is meant: what does not fit together is named, with its place in the text.

mod fields;
mod problem;
mod segments;
#[cfg(test)]
mod tests;
mod words;

pub use problem::Problem;

use crate::day::Detail;
use crate::extract::columns::Kind;
use crate::extract::definition::{
    Coarser, Definition, Field, Filter, Literal, Operation, Overlaps, Settles,
};
use crate::extract::raw::RawDefinition;
use crate::extract::shape::{DayOf, Shape};
use fields::Surroundings;
use std::num::NonZeroU32;
use toml::Spanned;
use words::{keys, no_path, table_name};

/// The scopes by which the service lets one read, by their short names: those of the catalogue, and of types that are not in it.
const SCOPES: [&str; 12] = [
    "activity_and_fitness",
    "ecg",
    "health_metrics_and_measurements",
    "irn",
    "location",
    "logged_symptoms",
    "mindfulness",
    "nutrition",
    "profile",
    "reproductive_health",
    "settings",
    "sleep",
];

/// The definition that a table means.
///
/// # Errors
/// Fails when its parts do not fit together; the problem says where.
pub(super) fn definition(
    name: &Spanned<String>,
    raw: &RawDefinition,
) -> Result<Definition, Problem> {
    let shape = *raw.shape.get_ref();
    let data_type = data_type(&raw.data_type)?;
    let values = fields::fields(&raw.values, &Surroundings::of(raw))?;
    if values.is_empty() && matches!(shape, Shape::Samples | Shape::Days) {
        let what = format!("{} need values: a row has no length to tell", shape.name());
        return Err(Problem::at(&raw.shape, what));
    }
    let coarser = coarser(raw, &values)?;
    Ok(Definition {
        name: table_name(name, "an extract")?,
        title: raw.title.clone(),
        help: raw.help.clone(),
        shape,
        member: match &raw.member {
            Some(member) => member.get_ref().clone(),
            None => camel(&data_type),
        },
        operation: operation(raw)?,
        filter: filter(raw, &data_type)?,
        page_size: page_size(&raw.page_size)?,
        days_per_request: raw.days_per_request.map(NonZeroU32::get),
        scope_name: scope(&raw.scope)?,
        unfold: unfold(raw)?,
        updated: updated(raw)?,
        segments: segments::segments(name.get_ref(), raw)?,
        beside_sessions: beside_sessions(raw)?,
        called_by: called_by(raw, &values)?,
        day: day(raw)?,
        overlaps: overlaps(raw)?,
        dense: dense(raw)?,
        rows_a_day: raw.rows_a_day.unwrap_or_else(|| usual_rows(raw)),
        finest: finest(raw)?,
        coarser,
        settles: settles(raw),
        traps: raw.traps.clone(),
        example: raw
            .example
            .clone()
            .unwrap_or_else(|| format!("fitbit-hr --extract {} yesterday", name.get_ref())),
        values,
        data_type,
    })
}

/// The keys of a path; none where it is not given.
fn path(written: Option<&Spanned<String>>) -> Result<Vec<String>, Problem> {
    let Some(path) = written else {
        return Ok(Vec::new());
    };
    keys(path.get_ref()).ok_or_else(|| no_path(path))
}

/// A session has one row, and its arrays are segments.
fn unfold(raw: &RawDefinition) -> Result<Vec<String>, Problem> {
    match &raw.unfold {
        Some(written) if *raw.shape.get_ref() == Shape::Sessions => {
            Err(Problem::at(written, "the arrays of sessions are segments"))
        }
        unfold => path(unfold.as_ref()),
    }
}

fn updated(raw: &RawDefinition) -> Result<Vec<String>, Problem> {
    match &raw.updated {
        Some(written) if *raw.shape.get_ref() != Shape::Sessions => {
            Err(Problem::at(written, "only sessions keep when they changed"))
        }
        updated => path(updated.as_ref()),
    }
}

fn operation(raw: &RawDefinition) -> Result<Operation, Problem> {
    let (shape, operation) = (*raw.shape.get_ref(), *raw.operation.get_ref());
    let has_windows = matches!(shape, Shape::Samples | Shape::Intervals);
    if operation == Operation::RollUp && !has_windows {
        let what = format!("{} are not rolled up", shape.name());
        return Err(Problem::at(&raw.operation, what));
    }
    Ok(operation)
}

/// A data type's name is words of small letters and digits, joined by `-`.
fn data_type(written: &Spanned<String>) -> Result<String, Problem> {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    let text = written.get_ref();
    if text.starts_with(|c: char| c.is_ascii_lowercase()) && text.split('-').all(is_word) {
        return Ok(text.clone());
    }
    Err(Problem::at(
        written,
        "a type is written like daily-oxygen-saturation: small letters, digits and '-'",
    ))
}

/// `daily-vo2-max` as `dailyVo2Max`.
fn camel(kebab: &str) -> String {
    let mut words = kebab.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut all, word| {
        let mut letters = word.chars();
        all.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        all.push_str(letters.as_str());
        all
    })
}

fn scope(written: &Spanned<String>) -> Result<String, Problem> {
    let text = written.get_ref();
    if SCOPES.contains(&text.as_str()) {
        return Ok(text.clone());
    }
    let likeness = |scope: &str| strsim::jaro_winkler(text, scope);
    let nearest = |a: &&&str, b: &&&str| likeness(a).total_cmp(&likeness(b));
    let near = SCOPES.iter().max_by(nearest);
    let near = near.filter(|scope| likeness(scope) > 0.85);
    let hint = match near {
        Some(near) => format!("did you mean {near}?"),
        None => format!("it is one of {}", SCOPES.join(", ")),
    };
    let what = format!("the service has no scope '{}': {hint}", text.escape_debug());
    Err(Problem::at(written, what))
}

fn page_size(written: &Spanned<u32>) -> Result<u32, Problem> {
    match *written.get_ref() {
        size @ 1..=10_000 => Ok(size),
        _ => Err(Problem::at(written, "a page holds 1 to 10000 points")),
    }
}

/// A filter's member fits the shape: another one answers 400, or worse, 200 and nothing.
fn filter(raw: &RawDefinition, data_type: &str) -> Result<Option<Filter>, Problem> {
    let shape = *raw.shape.get_ref();
    let rolls_up = *raw.operation.get_ref() == Operation::RollUp;
    let Some(written) = &raw.filter else {
        let missing = Problem::at(&raw.shape, "filter is missing");
        return if rolls_up { Ok(None) } else { Err(missing) };
    };
    if rolls_up {
        return Err(Problem::at(written, "a roll-up has no filter"));
    }
    let literal = match (shape, written.get_ref().as_str()) {
        (Shape::Samples, "sample_time.physical_time")
        | (Shape::Intervals | Shape::Sessions, "interval.start_time")
        | (Shape::Sessions, "interval.end_time") => Literal::Instant,
        (Shape::Sessions, "interval.civil_start_time" | "interval.civil_end_time") => {
            Literal::Civil
        }
        (Shape::Days, "date") => Literal::Date,
        _ => {
            let what = format!(
                "{} are not asked for by '{}'",
                shape.name(),
                written.get_ref().escape_debug()
            );
            return Err(Problem::at(written, what));
        }
    };
    Ok(Some(Filter {
        member: format!("{}.{}", data_type.replace('-', "_"), written.get_ref()),
        literal,
        has_upper: raw.upper_bound,
    }))
}

fn day(raw: &RawDefinition) -> Result<DayOf, Problem> {
    let shape = *raw.shape.get_ref();
    let usual = match shape {
        Shape::Days => DayOf::Given,
        Shape::Samples | Shape::Intervals | Shape::Sessions => DayOf::Start,
    };
    match &raw.day {
        None => Ok(usual),
        Some(day) if *day.get_ref() == usual => Ok(usual),
        Some(day) if shape == Shape::Sessions && *day.get_ref() == DayOf::End => Ok(DayOf::End),
        Some(day) => {
            let what = format!("the day of {} is not this one", shape.name());
            Err(Problem::at(day, what))
        }
    }
}

fn beside_sessions(raw: &RawDefinition) -> Result<bool, Problem> {
    match &raw.beside_sessions {
        Some(written) if *raw.shape.get_ref() != Shape::Samples => Err(Problem::at(
            written,
            "only samples have a mean beside sessions",
        )),
        Some(written) => Ok(*written.get_ref()),
        None => Ok(false),
    }
}

fn called_by(raw: &RawDefinition, values: &[Field]) -> Result<Option<String>, Problem> {
    let Some(written) = &raw.called_by else {
        return Ok(None);
    };
    let names = |field: &Field| {
        field.column.name == *written.get_ref()
            && matches!(field.column.kind, Kind::Text | Kind::Boolean)
    };
    if *raw.shape.get_ref() == Shape::Sessions && values.iter().any(names) {
        return Ok(Some(written.get_ref().clone()));
    }
    Err(Problem::at(
        written,
        "a session is called by one of its columns that is text or boolean",
    ))
}

fn overlaps(raw: &RawDefinition) -> Result<Overlaps, Problem> {
    match &raw.overlaps {
        Some(written) if *raw.shape.get_ref() != Shape::Sessions => Err(Problem::at(
            written,
            "only sessions have a rule for overlaps",
        )),
        Some(written) => Ok(*written.get_ref()),
        None => Ok(Overlaps::Kept),
    }
}

fn dense(raw: &RawDefinition) -> Result<bool, Problem> {
    match (raw.dense, raw.shape.get_ref()) {
        (true, Shape::Sessions | Shape::Days) => Err(Problem::at(
            &raw.shape,
            "only samples and intervals are dense",
        )),
        (dense, _) => Ok(dense),
    }
}

/// What a day has about, of a series that does not say.
fn usual_rows(raw: &RawDefinition) -> u32 {
    match raw.shape.get_ref() {
        Shape::Days | Shape::Sessions => 1,
        Shape::Samples | Shape::Intervals if raw.dense => 400,
        Shape::Samples | Shape::Intervals => 2,
    }
}

fn finest(raw: &RawDefinition) -> Result<Option<Detail>, Problem> {
    let has_details = matches!(raw.shape.get_ref(), Shape::Samples | Shape::Intervals);
    match &raw.finest {
        Some(written) if has_details => {
            let parsed = written.get_ref().parse().map(Some);
            parsed.map_err(|what: String| Problem::at(written, what))
        }
        Some(written) => Err(Problem::at(
            written,
            "only samples and intervals have a detail",
        )),
        None => Ok(has_details.then_some(Detail::Min1)),
    }
}

fn coarser(raw: &RawDefinition, values: &[Field]) -> Result<Coarser, Problem> {
    let amounts = values.iter().any(|field| !field.is_label);
    let usual = match raw.shape.get_ref() {
        Shape::Samples => Coarser::Mean,
        Shape::Intervals if amounts => Coarser::Sum,
        Shape::Intervals => Coarser::Seconds,
        Shape::Sessions | Shape::Days => Coarser::None,
    };
    match &raw.coarser {
        Some(written) if ![usual, Coarser::None].contains(written.get_ref()) => Err(Problem::at(
            written,
            "samples have a mean, amounts of intervals a sum, labels of intervals seconds; or \"none\"",
        )),
        Some(written) => Ok(*written.get_ref()),
        None => Ok(usual),
    }
}

/// A daily value settles 14 days, a session 30 days after its day.
fn settles(raw: &RawDefinition) -> Settles {
    match (raw.settles_after_days, raw.shape.get_ref()) {
        (Some(days), _) => Settles::AfterDays(days),
        (None, Shape::Samples | Shape::Intervals) => Settles::WithDevices,
        (None, Shape::Days) => Settles::AfterDays(14),
        (None, Shape::Sessions) => Settles::AfterDays(30),
    }
}
