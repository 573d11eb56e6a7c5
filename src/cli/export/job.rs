//! What was typed becomes what will be done: which tables at which detail, in which format, to where.

use super::args::Args;
use crate::civil;
use crate::cli::context::Context;
use crate::cli::typed::{self, Wanted};
use crate::cli::when;
use crate::console::Console;
use crate::error::{Error, Usage, conflict};
use crate::export::{Destination, Format, Target};
use crate::extract::Selection;
use crate::extract::between::Between;
use crate::sink::{DEFAULT_FIELDS, Field};
use chrono::NaiveDate;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file or a folder.
#[derive(Debug, Clone)]
pub enum Output {
    /// One file.
    File(PathBuf),
    /// A file for each table.
    Folder(PathBuf),
}

impl Output {
    /// As it was named.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Folder(path) => path,
        }
    }
}

/// What will be done.
pub struct Job {
    /// The extracts, in the order of the output.
    pub wanted: Vec<Wanted>,
    /// All that there are are meant, and what is not there is left out.
    pub all: bool,
    /// The days, both included.
    pub range: RangeInclusive<NaiveDate>,
    /// The window of the wearer's clock that alone is wanted.
    pub between: Option<Between>,
    /// As what.
    pub format: Format,
    /// Columns of heart rate.
    pub columns: Vec<Field>,
    /// Fields of the one other extract, where some were named.
    pub fields: Option<Vec<String>>,
    /// `None` is standard output.
    pub output: Option<Output>,
}

impl Job {
    /// # Errors
    /// Fails on values that do not fit each other, or the extracts.
    pub fn of(args: &Args, context: &Context) -> Result<Self, Error> {
        let output = output(args.output.as_deref());
        let format = format(args.format, output.as_ref())?;
        let definitions = context.extracts(args.extract.as_ref())?;
        let selection = args.extract.as_ref().unwrap_or(&context.settings.extracts);
        let mut job = Self {
            // Heart rate is as fine as there is.
            wanted: Wanted::all(&definitions, args.detail, None)?,
            all: *selection == Selection::All,
            range: range(args, context)?,
            between: args.window.between()?,
            format,
            columns: DEFAULT_FIELDS.to_vec(),
            fields: None,
            output,
        };
        job.fits_its_place(context.global.json)?;
        job.take_fields(args.fields.as_deref())?;
        if let Some(alone) = job.single() {
            typed::fits(job.between, &alone.definition)?;
        }
        Ok(job)
    }

    /// The one extract; `None` if there are several.
    pub fn single(&self) -> Option<&Wanted> {
        match self.wanted.as_slice() {
            [wanted] => Some(wanted),
            _ => None,
        }
    }

    /// The segments of sessions have a table of their own; in JSON they are inside their session.
    pub fn has_room_for_segments(&self) -> bool {
        match &self.output {
            Some(Output::Folder(_)) => self.format != Format::Json,
            _ => self.format == Format::Sqlite,
        }
    }

    /// Where the tables go.
    pub fn place(&self, console: &Arc<Console>) -> Destination {
        match &self.output {
            Some(Output::File(path)) => Destination::One(Target::File(path.clone())),
            Some(Output::Folder(path)) => Destination::Folder(path.clone()),
            None => Destination::One(Target::Stdout(Arc::clone(console))),
        }
    }

    fn fits_its_place(&self, json: bool) -> Result<(), Error> {
        let format = self.format;
        match &self.output {
            None if !format.streams() => {
                let format = format.name();
                let name = self
                    .single()
                    .map_or("health", |alone| &alone.definition.name);
                return Err(conflict(
                    &format!("could not write {format} to standard output: it needs a file"),
                    format!("name one: -o {name}.{format}"),
                ));
            }
            None if json => {
                return Err(conflict(
                    "--json and the export both want standard output",
                    "leave --json out, or name a file with -o",
                ));
            }
            Some(Output::Folder(_)) if format == Format::Sqlite => {
                return Err(conflict(
                    "a database takes all extracts at once: it is a file, not a folder",
                    "name it, as in -o health.sqlite",
                ));
            }
            Some(Output::File(path))
                if format == Format::Sqlite && self.between.is_some() && path.is_file() =>
            {
                return Err(conflict(
                    "--between has parts of days, which would replace the whole days of the database that is there",
                    "name a new file, or leave --between out",
                ));
            }
            Some(Output::Folder(_)) => return Ok(()),
            None | Some(Output::File(_)) => {}
        }
        if self.single().is_none() && format != Format::Sqlite {
            let ending = format.name();
            return Err(conflict(
                &format!(
                    "one {ending} takes one extract, and these are {}",
                    self.wanted.len()
                ),
                "name one with --extract, or take a folder (-o FOLDER/) or a database (-o health.sqlite)",
            ));
        }
        Ok(())
    }

    fn take_fields(&mut self, list: Option<&str>) -> Result<(), Error> {
        let Some(list) = list else {
            return Ok(());
        };
        let Some(alone) = self.single() else {
            return Err(conflict(
                "--fields picks from one extract, and these are several",
                "name one extract, or leave --fields out",
            ));
        };
        let in_json = self.format == Format::Json && !alone.is_heart_rate();
        if !self.format.has_fields() && !in_json {
            return Err(conflict(
                &format!(
                    "--fields picks columns, and those of {} are fixed",
                    self.format.name()
                ),
                "leave it out, or choose --format csv or ndjson",
            ));
        }
        if alone.is_heart_rate() {
            self.columns = typed::heart_rate_fields(list)?;
        } else {
            let all = alone.definition.all_fields_at(alone.detail);
            self.fields = Some(typed::fields(list, &all)?);
        }
        Ok(())
    }
}

/// A folder is named with a slash at its end, or is there already and not called like a file of ours.
fn output(named: Option<&Path>) -> Option<Output> {
    let path = named.filter(|path| *path != Path::new("-"))?;
    let ends_in_slash = path
        .as_os_str()
        .to_string_lossy()
        .ends_with(std::path::is_separator);
    let is_folder = ends_in_slash || Format::of_name(path).is_none() && path.is_dir();
    let path = path.to_owned();
    Some(if is_folder {
        Output::Folder(path)
    } else {
        Output::File(path)
    })
}

fn format(typed: Option<Format>, output: Option<&Output>) -> Result<Format, Error> {
    let Some(Output::File(path)) = output else {
        return Ok(typed.unwrap_or(Format::Csv));
    };
    let format = typed.or(Format::of_name(path));
    match (format, path.extension()) {
        (None, Some(ending)) => Err(Usage::new(
            format!("no export is written as .{}", ending.display()),
            "end the name in .csv, .json, .ndjson, .parquet, .sqlite or .influx, or choose with --format",
        )
        .into()),
        (format, _) => Ok(format.unwrap_or(Format::Csv)),
    }
}

fn range(args: &Args, context: &Context) -> Result<RangeInclusive<NaiveDate>, Error> {
    let (from, to) = when::range(args.from, args.to, context.now, context.read_zone())?;
    Ok(from.unwrap_or(civil::EARLIEST)..=to.unwrap_or(NaiveDate::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_makes_a_folder() {
        for (named, is_folder) in [
            ("out/", Some(true)),
            ("out", Some(false)),
            ("out.csv/", Some(true)),
            ("out.csv", Some(false)),
            ("src", Some(true)),
            ("-", None),
        ] {
            let output = output(Some(Path::new(named)));
            let found = output.map(|output| matches!(output, Output::Folder(_)));
            assert_eq!(found, is_folder, "{named}");
        }
    }
}
