//! What was typed becomes what will be done: which series at which detail, in which form. No request is made for a mistake.

use super::args::{Args, Format};
use crate::cli::context::Context;
use crate::cli::typed::{self, Wanted};
use crate::config::Provider;
use crate::day::Detail;
use crate::error::{Error, Usage, conflict};
use crate::extract::between::Between;
use crate::extract::selection::{self, HEART_RATE};
use crate::extract::{Definition, Selection, Shape};
use crate::hint::Hint;
use crate::live::When;
use crate::sink::{DEFAULT_FIELDS, Field};

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
        // By the second only where that is asked for: it costs twenty times as much.
        let wanted = Wanted::all(&definitions, args.detail, Some(Detail::Min1))?;
        let mut plan = Self {
            when: args.date.unwrap_or(When::Today),
            wanted,
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

    /// The detail at which a series is asked for: spans with a label are cut to sessions before they are gathered.
    #[must_use]
    pub fn asked_detail(&self, wanted: &Wanted) -> Option<Detail> {
        let is_cut = self.during.is_some() && wanted.definition.is_label_span();
        wanted.detail.filter(|_| !is_cut)
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
        if args.during.is_some() {
            return Err(conflict(
                "--stdout takes one table, and --during writes a file for each session",
                "leave one of the two out",
            ));
        }
        if self.single().is_none() {
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
            self.fields = Some(typed::fields(list, &all)?);
            return Ok(());
        }
        if args.stdout == Some(Format::Json) {
            return Err(conflict(
                "--fields picks columns of the CSV, and --stdout json has none",
                "leave one of the two out",
            ));
        }
        self.columns = typed::heart_rate_fields(list)?;
        Ok(())
    }

    fn take_window(&mut self, args: &Args, context: &Context) -> Result<(), Error> {
        self.between = args.window.between()?;
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
                Hint::from("set provider = \"google\" in the keys file, then run: ").login(),
            ));
        }
        if let Some(alone) = self.single() {
            typed::fits(self.between, &alone.definition)?;
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
