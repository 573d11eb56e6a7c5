//! What was typed, held against the definition of a series: a detail that it has, fields that it has, a window of the clock.

use crate::day::Detail;
use crate::error::{Error, Usage, conflict};
use crate::extract::between::{Between, ClockTime};
use crate::extract::selection::HEART_RATE;
use crate::extract::{Definition, Shape};

/// One extract, as it is wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What it is.
    pub definition: Definition,
    /// How fine; `None` for one that has no detail.
    pub detail: Option<Detail>,
}

impl Wanted {
    /// Each at the detail that was typed, else at its own; heart rate else at `usual`.
    pub fn all(
        definitions: &[&Definition],
        typed: Option<Detail>,
        usual: Option<Detail>,
    ) -> Result<Vec<Self>, Usage> {
        let wanted = |definition: &&Definition| {
            let detail = match typed {
                None if definition.name == HEART_RATE => usual,
                typed => detail(definition, typed, definitions.len() == 1)?,
            };
            Ok(Self {
                definition: (*definition).clone(),
                detail,
            })
        };
        definitions.iter().map(wanted).collect()
    }

    /// It is the one with a summary of its own.
    pub fn is_heart_rate(&self) -> bool {
        self.definition.name == HEART_RATE
    }

    /// What its files are called.
    pub fn file_stem(&self) -> &str {
        if self.is_heart_rate() {
            "hr"
        } else {
            &self.definition.name
        }
    }
}

/// The detail at which a series is had: the one that was typed if it has that, else its own. One that it does not have is a
/// mistake where it was asked for `alone`.
fn detail(
    definition: &Definition,
    typed: Option<Detail>,
    alone: bool,
) -> Result<Option<Detail>, Usage> {
    match typed {
        Some(detail) if definition.has_detail(detail) => Ok(Some(detail)),
        Some(detail) if alone => Err(no_such_detail(definition, detail)),
        None | Some(_) => Ok(definition.finest),
    }
}

fn no_such_detail(definition: &Definition, detail: Detail) -> Usage {
    let details: Vec<_> = definition.details().iter().map(|d| d.name()).collect();
    let hint = match details.as_slice() {
        [] => format!(
            "leave {detail} out: a row of {} is {}",
            definition.name,
            definition.shape.row()
        ),
        details => format!("it has {}", details.join(", ")),
    };
    Usage::new(
        format!("{} cannot be had by {detail}", definition.name),
        hint,
    )
}

/// The fields of a list, each once, in its order.
pub(super) fn fields(list: &str, all: &[String]) -> Result<Vec<String>, Usage> {
    let mut fields: Vec<String> = Vec::new();
    for name in list.split(',').map(str::trim) {
        let problem = if !all.iter().any(|known| known == name) {
            format!("--fields: '{}' is none of its fields", name.escape_debug())
        } else if fields.iter().any(|known| known == name) {
            format!("--fields: '{name}' is named twice")
        } else {
            fields.push(name.to_owned());
            continue;
        };
        return Err(Usage::new(
            problem,
            format!("choose from {}", all.join(",")),
        ));
    }
    Ok(fields)
}

/// The columns of heart rate that a list names.
pub(super) fn heart_rate_fields(list: &str) -> Result<Vec<crate::sink::Field>, Usage> {
    crate::sink::Field::parse_list(list).map_err(|problem| {
        Usage::new(
            format!("--fields: {problem}"),
            "choose from day,time,hr,utc,offset,confidence,source",
        )
    })
}

/// `--between`, for the commands that have it.
#[derive(Debug, clap::Args)]
pub(super) struct Window {
    /// Only what begins from one time of the wearer's clock up to a later one, HH:MM[:SS]; a span with a label cut at its
    /// edges; a session that touches it, whole
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"])]
    between: Option<Vec<ClockTime>>,
}

impl Window {
    /// The whole day.
    pub(super) const NONE: Self = Self { between: None };

    pub(super) const fn is_given(&self) -> bool {
        self.between.is_some()
    }

    /// The window of the two times, if they were given.
    pub(super) fn between(&self) -> Result<Option<Between>, Error> {
        let Some([from, to]) = self.between.as_deref() else {
            return Ok(None);
        };
        let between = Between::of(*from, *to).ok_or_else(|| {
            conflict(
                "--between wants an earlier time and a later one of the same day",
                "for a window over midnight, ask for each of the two days",
            )
        })?;
        Ok(Some(between))
    }
}

/// A window of the clock is a mistake for a series that was asked for alone and has no time of day.
pub(super) fn fits(between: Option<Between>, alone: &Definition) -> Result<(), Error> {
    if between.is_some() && alone.shape == Shape::Days {
        return Err(conflict(
            &format!("a row of {} has no time of day", alone.name),
            "leave --between out",
        ));
    }
    Ok(())
}
