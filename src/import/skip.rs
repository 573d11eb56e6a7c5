//! Something in an export that could not be read, named as a person knows it.

use crate::secret::printable;
use crate::takeout::input::{Refusal, Remedy};
use crate::takeout::record::Fault;
use std::fmt;
use std::path::Path;

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The file, with the archive that holds it in front.
    pub file: String,
    /// Bytes from its start, where that helps.
    pub offset: Option<u64>,
    /// What is wrong, in one line.
    pub problem: String,
    /// One record of the file, not all of it.
    pub record: bool,
    /// What helps.
    pub remedy: Remedy,
}

impl Skip {
    /// A whole file on disk.
    #[must_use]
    pub fn file(path: impl fmt::Display, refusal: Refusal) -> Self {
        let Refusal {
            offset,
            problem,
            remedy,
        } = refusal;
        Self {
            file: printable(&path.to_string()),
            offset,
            problem: printable(&problem),
            record: false,
            remedy,
        }
    }

    /// A whole member of an archive.
    #[must_use]
    pub fn member(archive: &Path, name: &str, refusal: Refusal) -> Self {
        let source = Source {
            archive: Some(archive),
            name,
        };
        Self::file(source, refusal)
    }

    /// Records that cannot belong to the day in their file's name, or are still to come; it counts for the first.
    #[must_use]
    pub fn stray(source: &Source<'_>) -> Self {
        Self {
            file: printable(&source.to_string()),
            offset: None,
            problem: "records are of another day than the file's name says, or still to come"
                .to_owned(),
            record: true,
            remedy: Remedy::Download,
        }
    }

    /// A record.
    #[must_use]
    pub fn record(source: &Source<'_>, fault: &Fault) -> Self {
        Self {
            file: printable(&source.to_string()),
            offset: Some(fault.offset),
            problem: printable(&fault.problem),
            record: true,
            remedy: Remedy::Download,
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(offset) = self.offset {
            write!(f, ", byte {offset}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// A file as a person knows it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The archive, or the file itself.
    pub archive: Option<&'a Path>,
    /// The path in the archive.
    pub name: &'a str,
}

impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.archive, self.name) {
            (Some(path), "") => write!(f, "{}", path.display()),
            (Some(path), name) => write!(f, "{}: {name}", path.display()),
            (None, name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_archives_steer_no_terminal() {
        let skip = Skip::member(Path::new("a.zip"), "\u{1b}[2Jheart\n", Refusal::new("x"));
        assert_eq!(skip.file, "a.zip: \u{fffd}[2Jheart\u{fffd}");
    }
}
