//! Files to read, and the archives that hold them.

use super::skip::Source;
use crate::takeout::input::Refusal;
use crate::takeout::input::section::Section;
use crate::takeout::input::zip::{self, Zip};
use crate::takeout::name::Kind;
use std::path::PathBuf;

/// Where the bytes of a member are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In a zip file of [`super::inventory::Inventory::zips`].
    Zip(usize, zip::PackedMember),
    /// On disk.
    File(PathBuf),
    /// Read from a tar file already, and kept.
    Kept(usize),
}

/// A file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub place: Location,
    /// Its path in the archive that holds it; empty for a file on disk.
    pub name: Box<str>,
    /// When the export was made, if its name says so; milliseconds since 1970 UTC.
    pub made: Option<i64>,
    /// Which export it is of; see [`super::inventory::Inventory::identities`].
    pub export: usize,
    /// How many bytes are read for it.
    pub bytes: u64,
}

/// An archive.
#[derive(Debug, Clone)]
pub struct Container {
    /// Where it is; of an archive in an archive the outer's path with the name in it behind.
    pub path: PathBuf,
    /// Its bytes, if it lies in another.
    pub(super) section: Option<Section>,
    /// In how many archives it lies.
    pub(super) depth: u8,
}

impl Container {
    /// Opens it.
    ///
    /// # Errors
    /// Fails when the file is gone or may not be read.
    pub fn open(&self) -> Result<Section, Refusal> {
        match &self.section {
            Some(section) => Ok(section.clone()),
            None => Ok(Section::open(&self.path)?),
        }
    }
}

/// A tar file: what it holds shows only when it is read.
#[derive(Debug, Clone)]
pub struct TarFile {
    /// Where it is.
    pub container: Container,
    /// Whether it is compressed.
    pub gzip: bool,
    /// Its size on disk.
    pub bytes: u64,
    /// When the export was made.
    pub made: Option<i64>,
    /// Which export it is of; see [`super::inventory::Inventory::identities`].
    pub export: usize,
}

/// An open zip file with its path.
#[derive(Debug)]
pub struct OpenZip {
    /// Where it is.
    pub path: PathBuf,
    /// Its directory.
    pub zip: Zip,
}

impl Member {
    /// How it is named in a report.
    #[must_use]
    pub fn source<'a>(&'a self, zips: &'a [OpenZip]) -> Source<'a> {
        match &self.place {
            Location::Zip(at, _) => Source {
                archive: zips.get(*at).map(|zip| zip.path.as_path()),
                name: &self.name,
            },
            Location::File(path) => Source {
                archive: Some(path),
                name: "",
            },
            Location::Kept(_) => Source {
                archive: None,
                name: &self.name,
            },
        }
    }
}
