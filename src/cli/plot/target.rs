//! Where a picture goes, and as what: decided from what was typed, before anything is read.

use super::super::conflict;
use super::super::context::Context;
use super::args::Args;
use crate::atomic_file::{self, Access};
use crate::error::{Error, Usage};
use crate::plot::Format;
use chrono::NaiveDate;
use std::path::{Path, PathBuf};

const FORMATS: &str = "name it .svg, .png, .html or .txt, or say --format";

/// Where a picture goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As what.
    pub format: Format,
    /// Into which file; `None` is standard output, unless a name is made up.
    pub file: Option<PathBuf>,
    /// It goes into a file of the output folder, named after its days.
    unnamed: bool,
    open: bool,
}

impl Target {
    /// Decides from what was typed.
    ///
    /// # Errors
    /// Fails on formats that nobody knows, and on output that cannot go where it was sent.
    pub fn choose(args: &Args, context: &Context) -> Result<Self, Error> {
        let stdout = args.output.as_deref() == Some(Path::new("-"));
        let file = args.output.clone().filter(|_| !stdout);
        let unnamed = args.open && args.output.is_none();
        let format = match (args.format, &file) {
            (Some(format), _) => format,
            (None, Some(path)) => of_name(path)?,
            (None, None) if unnamed => Format::Html,
            (None, None) => Format::Term,
        };
        if args.open && (stdout || format == Format::Term) {
            return Err(conflict(
                "--open needs a picture in a file",
                "leave -o - out, and choose svg, png or html",
            ));
        }
        let printed = file.is_none() && !unnamed;
        if printed && context.global.json {
            return Err(conflict(
                "--json and the picture both want standard output",
                "leave --json out, or name a file with -o",
            ));
        }
        if printed && format == Format::Png && !stdout && context.environment.stdout_terminal {
            return Err(conflict(
                "a PNG on a terminal cannot be read",
                "name a file with -o, or leave --format out",
            ));
        }
        Ok(Self {
            format,
            file,
            unnamed,
            open: args.open,
        })
    }

    /// Writes the picture, and opens it if that was asked for; returns its file.
    ///
    /// # Errors
    /// Fails when the file cannot be created or written, and when standard output takes no more.
    pub fn deliver(
        &self,
        context: &Context,
        picture: &[u8],
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<Option<PathBuf>, Error> {
        let named = || {
            let ending = self.format.name();
            let name = if from == to {
                format!("plot-{from}.{ending}")
            } else {
                format!("plot-{from}-to-{to}.{ending}")
            };
            context.settings.output_dir.join(name)
        };
        let Some(path) = self.file.clone().or_else(|| self.unnamed.then(named)) else {
            context.console.data(picture)?;
            return Ok(None);
        };
        atomic_file::write(&path, picture, Access::Shared)?;
        context.console.say(&format!("wrote {}", path.display()));
        if self.open
            && let Err(error) = open::that_detached(&path)
        {
            context.console.warn(&format!(
                "could not open {}: {error}; open it yourself",
                path.display()
            ));
        }
        Ok(Some(path))
    }
}

fn of_name(path: &Path) -> Result<Format, Usage> {
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy());
    let known = extension.as_deref().and_then(Format::of_extension);
    known.ok_or_else(|| {
        let problem = match extension {
            Some(extension) => format!("no picture is written as .{extension}"),
            None => format!("'{}' does not say what to draw", path.display()),
        };
        Usage::new(problem, FORMATS)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_name_ends_in() {
        for (name, format) in [
            ("a.svg", Some(Format::Svg)),
            ("b/c.d.PNG", Some(Format::Png)),
            ("x.html", Some(Format::Html)),
            ("x.htm", Some(Format::Html)),
            ("x.txt", Some(Format::Term)),
            ("x.jpg", None),
            ("svg", None),
        ] {
            assert_eq!(of_name(Path::new(name)).ok(), format, "{name}");
        }
    }
}
