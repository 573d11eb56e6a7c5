//! What was typed becomes what will be done: which series at which detail, in which form. No request is made for a mistake.

use super::args::{Args, Format};
use crate::cli::conflict;
use crate::cli::context::Context;
use crate::config::Provider;
use crate::day::Detail;
use crate::error::{Error, Usage};
use crate::extract::between::Between;
use crate::extract::selection::{self, HEART_RATE};
use crate::extract::{Definition, Selection, Shape};
use crate::live::When;
use crate::sink::{DEFAULT_FIELDS, Field};

/// One series, as it is wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What it is.
    pub definition: Definition,
    /// How fine; `None` for a series that has no detail.
    pub detail: Option<Detail>,
}

impl Wanted {
    fn of(definition: &Definition, typed: Option<Detail>, alone: bool) -> Result<Self, Usage> {
        let detail = match typed {
            // By the second only where that is asked for: it costs twenty times as much.
            None if definition.name == HEART_RATE => Some(Detail::Min1),
            Some(detail) if definition.has_detail(detail) => Some(detail),
            Some(detail) if alone => return Err(no_such_detail(definition, detail)),
            None | Some(_) => definition.finest,
        };
        Ok(Self {
            definition: definition.clone(),
            detail,
        })
    }

    /// It is the one with a summary of its own.
    #[must_use]
    pub fn is_heart_rate(&self) -> bool {
        self.definition.name == HEART_RATE
    }

    /// What its files are called.
    #[must_use]
    pub fn file_stem(&self) -> &str {
        if self.is_heart_rate() {
            "hr"
        } else {
            &self.definition.name
        }
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

/// What will be done.
#[derive(Debug)]
pub struct Plan {
    /// The day.
    pub when: When,
    /// The series, in the order of the output.
    pub wanted: Vec<Wanted>,
    /// Each is wanted for itself; else what is refused is left out.
    pub by_name: bool,
    /// The sessions whose time alone is wanted.
    pub during: Option<Definition>,
    /// The window of the wearer's clock that alone is wanted.
    pub between: Option<Between>,
    /// Instead of files.
    pub stdout: Option<Format>,
    /// Columns of `hr.csv`.
    pub columns: Vec<Field>,
    /// Fields of the one series, where some were named.
    pub fields: Option<Vec<String>>,
    /// With resting heart rate and zones.
    pub summary: bool,
}

impl Plan {
    /// # Errors
    /// Fails on values that do not fit each other, or the series.
    pub fn of(args: &Args, context: &Context) -> Result<Self, Error> {
        let heart_rate = Selection::heart_rate();
        let selection = args.extract.as_ref().unwrap_or(&heart_rate);
        let definitions = context.extracts(Some(selection))?;
        let alone = definitions.len() == 1;
        let wanted = definitions
            .iter()
            .map(|definition| Wanted::of(definition, args.detail, alone));
        let mut plan = Self {
            when: args.date.unwrap_or(When::Today),
            wanted: wanted.collect::<Result<_, _>>()?,
            by_name: selection.is_by_name(),
            during: None,
            between: None,
            stdout: args.stdout,
            columns: DEFAULT_FIELDS.to_vec(),
            fields: None,
            summary: !args.no_summary,
        };
        plan.take_output(args, context.global.json)?;
        plan.take_fields(args)?;
        plan.take_window(args, context)?;
        plan.fits(context.settings.provider)?;
        Ok(plan)
    }

    /// The one series; `None` if there are several.
    #[must_use]
    pub fn single(&self) -> Option<&Wanted> {
        match self.wanted.as_slice() {
            [wanted] => Some(wanted),
            _ => None,
        }
    }

    /// All series that are asked for.
    #[must_use]
    pub fn definitions(&self) -> Vec<&Definition> {
        let wanted = self.wanted.iter().map(|wanted| &wanted.definition);
        wanted.chain(&self.during).collect()
    }

    fn take_output(&self, args: &Args, json: bool) -> Result<(), Error> {
        if args.stdout.is_none() {
            return Ok(());
        }
        if json {
            return Err(conflict(
                "--stdout and --json both want standard output",
                "leave one of the two out",
            ));
        }
        if self.single().is_none() || args.during.is_some() {
            return Err(conflict(
                "--stdout takes one table, and these are several",
                "name one extract, or leave --stdout out",
            ));
        }
        Ok(())
    }

    fn take_fields(&mut self, args: &Args) -> Result<(), Error> {
        let Some(list) = &args.fields else {
            return Ok(());
        };
        let Some(wanted) = self.single() else {
            return Err(conflict(
                "--fields picks from one extract, and these are several",
                "name one extract, or leave --fields out",
            ));
        };
        if !wanted.is_heart_rate() {
            let all = wanted.definition.all_fields_at(wanted.detail);
            self.fields = Some(picked(list, &all)?);
            return Ok(());
        }
        if args.stdout == Some(Format::Json) {
            return Err(conflict(
                "--fields picks columns of the CSV, and --stdout json has none",
                "leave one of the two out",
            ));
        }
        self.columns = Field::parse_list(list).map_err(|problem| {
            Usage::new(
                format!("--fields: {problem}"),
                "choose from day,time,hr,utc,offset,confidence,source",
            )
        })?;
        Ok(())
    }

    fn take_window(&mut self, args: &Args, context: &Context) -> Result<(), Error> {
        if let Some([from, to]) = args.between.as_deref() {
            let between = Between::of(*from, *to).ok_or_else(|| {
                conflict(
                    "--between wants an earlier time and a later one of the same day",
                    "for a window over midnight, ask for each of the two days",
                )
            })?;
            self.between = Some(between);
        }
        if let Some(name) = &args.during {
            let sessions =
                selection::find(&context.settings.catalogue, name).map_err(Usage::from)?;
            self.during = Some(sessions.clone());
        }
        Ok(())
    }

    /// What the series themselves do not have.
    fn fits(&self, provider: Provider) -> Result<(), Error> {
        let others = self
            .definitions()
            .into_iter()
            .find(|d| d.name != HEART_RATE);
        if let (Provider::Fitbit, Some(other)) = (provider, others) {
            return Err(conflict(
                &format!(
                    "the legacy Fitbit service is read for heart rate only, not for {}",
                    other.name
                ),
                "set provider = \"google\" in the keys file, then run: fitbit-hr login",
            ));
        }
        if let (Some(_), Some(alone)) = (self.between, self.single())
            && alone.definition.shape == Shape::Days
        {
            return Err(conflict(
                &format!("a row of {} has no time of day", alone.definition.name),
                "leave --between out",
            ));
        }
        self.fits_sessions()
    }

    fn fits_sessions(&self) -> Result<(), Error> {
        let Some(sessions) = &self.during else {
            return Ok(());
        };
        if sessions.shape != Shape::Sessions {
            return Err(conflict(
                &format!(
                    "--during takes an extract of sessions, and {} is none",
                    sessions.name
                ),
                "take exercise or sleep",
            ));
        }
        let has_clock = |shape| matches!(shape, Shape::Samples | Shape::Intervals);
        let mut wanted = self.wanted.iter();
        if let Some(other) = wanted.find(|wanted| !has_clock(wanted.definition.shape)) {
            return Err(conflict(
                &format!(
                    "--during cuts samples and intervals, and {} has neither",
                    other.definition.name
                ),
                "name others with --extract, or leave it out for heart rate",
            ));
        }
        Ok(())
    }
}

/// The fields of a list, each once, in its order.
fn picked(list: &str, all: &[String]) -> Result<Vec<String>, Usage> {
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
