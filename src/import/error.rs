//! How an import fails, or tells what it left out.

use super::skip::Skip;
use crate::archive;
use crate::exit::{Exit, Explain, wraps};
use crate::hint::Hint;
use crate::numerals::counted;
use std::io;
use std::path::PathBuf;

/// Why an import did not do all that was asked for.
#[derive(Debug)]
pub enum Error {
    /// A path leads to nothing that can be read. Nothing was imported.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// There is no heart-rate file in any of the paths.
    NothingFound {
        /// The first of them.
        path: PathBuf,
        /// How many there are.
        paths: usize,
        /// How many other files they hold.
        foreign: u64,
    },
    /// Something could not be read; everything else was imported.
    Skipped {
        /// Whole files.
        files: u64,
        /// Records in other files.
        records: u64,
        /// Something could be read.
        others: bool,
        /// Nothing is wrong with the bytes: they are not here, or may not be read.
        absent: bool,
        /// The first of it.
        first: Box<Skip>,
    },
    /// The archive could not be read or written.
    Archive(archive::Error),
}

wraps!(Archive(archive::Error));

impl Explain for Error {
    fn what(&self) -> String {
        match self {
            Self::Unreadable { path, .. } => format!("could not read {}", printable(path)),
            Self::NothingFound { path, paths, .. } if *paths == 1 => {
                format!("found no heart-rate file in {}", printable(path))
            }
            Self::NothingFound { path, paths, .. } => format!(
                "found no heart-rate file in {} and {} more",
                printable(path),
                paths - 1
            ),
            Self::Skipped {
                files,
                records,
                others,
                ..
            } => {
                let counts = [(*files, "file"), (*records, "record")];
                let counts = counts.iter().filter(|(count, _)| *count > 0);
                let counts: Vec<_> = counts.map(|(count, what)| counted(*count, what)).collect();
                let others = if *others {
                    "all others were imported"
                } else {
                    "there is nothing else"
                };
                format!("could not read {}; {others}", counts.join(" and "))
            }
            Self::Archive(error) => error.what(),
        }
    }
    fn why(&self) -> String {
        match self {
            Self::Unreadable { cause, .. } => cause.to_string(),
            Self::NothingFound { foreign, .. } => format!(
                "none of its {} is called heart_rate-YYYY-MM-DD.json or heart_rate_YYYY-MM-DD.csv",
                counted(*foreign, "file")
            ),
            Self::Skipped { first, .. } => first.to_string(),
            Self::Archive(error) => error.why(),
        }
    }
    fn hint(&self) -> Hint {
        match self {
            Self::Unreadable { cause, .. } => if cause.kind() == io::ErrorKind::PermissionDenied {
                "check the permissions"
            } else if cause.raw_os_error().is_none() {
                "do that, then import again"
            } else {
                "check the path and its permissions"
            }
            .into(),
            Self::NothingFound { .. } => {
                "give all parts of the export; ask for it at https://takeout.google.com with the product \
                 Google Health (or Fitbit)".into()
            }
            Self::Skipped { first, .. } => format!(
                "{}--json lists all that was left out",
                first.remedy.hint()
            )
            .into(),
            Self::Archive(error) => error.hint(),
        }
    }
    fn exit(&self) -> Exit {
        match self {
            Self::Unreadable { .. }
            | Self::NothingFound { .. }
            | Self::Skipped { absent: true, .. } => Exit::NoInput,
            Self::Skipped { .. } => Exit::Data,
            Self::Archive(error) => error.exit(),
        }
    }
}

fn printable(path: &std::path::Path) -> String {
    crate::secret::printable(&path.display().to_string())
}
