//! What will be read: all paths as one input, told by names and directories, before anything is inflated.

use super::Error;
use super::account::{Account, Skip, Source};
use super::exports::Identity;
use crate::takeout::input::folder::{self, Found};
use crate::takeout::input::zip::{self, Zip};
use crate::takeout::input::{Form, Refusal, form};
use crate::takeout::name::{Kind, Named, judge};
use crate::takeout::part;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// Where the bytes of a member are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a zip file of [`Plan::zips`].
    Zip(usize, zip::Place),
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
    pub place: Place,
    /// Its path in the archive that holds it; empty for a file on disk.
    pub name: Box<str>,
    /// When the export was made, if its name says so; milliseconds since 1970 UTC.
    pub made: Option<i64>,
    /// Which export it is of; see [`Plan::identities`].
    pub export: usize,
    /// How many bytes are read for it.
    pub bytes: u64,
}

/// A tar file: what it holds shows only when it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TarFile {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it is compressed.
    pub gzip: bool,
    /// Its size on disk.
    pub bytes: u64,
    /// When the export was made.
    pub made: Option<i64>,
    /// Which export it is of; see [`Plan::identities`].
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

/// All that is to be read.
#[derive(Debug, Default)]
pub struct Plan {
    /// The zip files.
    pub zips: Vec<OpenZip>,
    /// Heart-rate files, in the order of time.
    pub members: Vec<Member>,
    /// Zones, nights, resting heart rates.
    pub evidence: Vec<Member>,
    /// The tar files.
    pub tar_files: Vec<TarFile>,
    /// What can be seen to be unreadable.
    skipped: Vec<Skip>,
    /// How many files are none of ours.
    foreign: u64,
    names: Vec<String>,
    /// The exports that the files are of.
    pub identities: Vec<Identity>,
    /// Where the archive is, and the folder that is being looked at.
    archive: PathBuf,
    folder: PathBuf,
    seen: BTreeSet<PathBuf>,
}

impl Plan {
    /// Looks at all paths, for an archive.
    ///
    /// # Errors
    /// Fails when one of them leads to nothing that can be read.
    pub fn make(paths: &[PathBuf], archive: &Path) -> Result<Self, Error> {
        let mut plan = Self {
            archive: archive.to_owned(),
            ..Self::default()
        };
        for path in paths {
            let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            plan.folder = if path.is_dir() {
                absolute
            } else {
                absolute.parent().unwrap_or(&absolute).to_owned()
            };
            let failed = |cause| Error::Unreadable {
                path: path.clone(),
                cause,
            };
            match form(path).map_err(failed)? {
                Form::Folder => plan.folder(path).map_err(failed)?,
                form @ (Form::Zip | Form::Tar { .. } | Form::Plain) => {
                    std::fs::File::open(path).map_err(failed)?;
                    plan.file(path, form);
                }
            }
        }
        // Files without a day never get here: the order of the days is the order of time.
        plan.members
            .sort_by_key(|member| (member.kind.day(), member.kind));
        Ok(plan)
    }

    fn file(&mut self, path: &Path, form: Form) {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if !self.seen.insert(absolute) {
            return;
        }
        self.name_part(path);
        match form {
            Form::Zip => self.zip(path),
            Form::Tar { gzip } => {
                let export = self.identity(path);
                self.tar_files.push(TarFile {
                    path: path.to_owned(),
                    gzip,
                    bytes: path.metadata().map_or(0, |metadata| metadata.len()),
                    made: made(path),
                    export,
                });
            }
            Form::Plain | Form::Folder => {
                let named = judge(path.as_os_str().as_encoded_bytes());
                let size = path.metadata().map_or(0, |metadata| metadata.len());
                if named == Named::Foreign {
                    let refusal =
                        Refusal::new("it is no archive, and not called like a heart-rate file");
                    self.skipped.push(Skip::file(path.display(), refusal));
                } else {
                    self.on_disk(path.to_owned(), named, size);
                }
            }
        }
    }

    fn folder(&mut self, path: &Path) -> io::Result<()> {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if !self.seen.insert(absolute) {
            return Ok(());
        }
        self.name_part(path);
        let mut found = Vec::new();
        let mut unreadable = Vec::new();
        self.foreign += folder::visit(path, &mut |file| found.push(file), &mut |path, error| {
            let refusal = Refusal::new(error.to_string());
            unreadable.push(Skip::file(path.display(), refusal));
        })?;
        self.skipped.append(&mut unreadable);
        for file in found {
            match file {
                Found::File(path, named, size) => self.on_disk(path, named, size),
                Found::Archive(path) => match form(&path) {
                    Ok(form) => self.file(&path, form),
                    Err(error) => self.skipped.push(Skip::file(path.display(), error.into())),
                },
            }
        }
        Ok(())
    }

    fn on_disk(&mut self, path: PathBuf, named: Named, bytes: u64) {
        let Named::Wanted(kind) = named else {
            self.skipped.push(Skip::file(path.display(), no_day()));
            return;
        };
        let export = self.identity(path.parent().unwrap_or(&path));
        self.take(Member {
            kind,
            made: made(&path),
            export,
            place: Place::File(path),
            name: Box::default(),
            bytes,
        });
    }

    fn zip(&mut self, path: &Path) {
        let zip = match Zip::open(path) {
            Ok(zip) => zip,
            Err(refusal) => {
                self.skipped.push(Skip::file(path.display(), refusal));
                return;
            }
        };
        let at = self.zips.len();
        let made = made(path);
        let export = self.identity(path);
        let mut members = Vec::new();
        let (mut ours, mut nameless) = (0, Vec::new());
        let visited = zip.visit(|name, place| {
            let shown = || String::from_utf8_lossy(name).into_owned();
            match judge(name) {
                Named::Foreign => {}
                Named::NoDay => nameless.push(shown()),
                Named::Wanted(kind) => {
                    ours += 1;
                    members.push(Member {
                        kind,
                        place: Place::Zip(at, place),
                        name: shown().into_boxed_str(),
                        made,
                        export,
                        bytes: place.packed_bytes(),
                    });
                }
            }
        });
        ours += nameless.len() as u64;
        self.skipped.extend(
            nameless
                .into_iter()
                .map(|name| Skip::member(path, &name, no_day())),
        );
        match visited {
            Ok(count) => self.foreign += count - ours,
            Err(refusal) => self.skipped.push(Skip::file(path.display(), refusal)),
        }
        for member in members {
            self.take(member);
        }
        self.zips.push(OpenZip {
            path: path.to_owned(),
            zip,
        });
    }

    /// The export that a container is of, a file or a folder.
    fn identity(&mut self, container: &Path) -> usize {
        let identity = Identity::of(container, &self.folder, &self.archive, made(container));
        let known = self.identities.iter().position(|known| *known == identity);
        known.unwrap_or_else(|| {
            self.identities.push(identity);
            self.identities.len() - 1
        })
    }

    fn take(&mut self, member: Member) {
        match member.kind {
            Kind::Json(_) | Kind::Csv(_) => self.members.push(member),
            Kind::Profile
            | Kind::Sleeps
            | Kind::SleepStages
            | Kind::SleepLog
            | Kind::RestingJson
            | Kind::RestingCsv => {
                self.evidence.push(member);
            }
        }
    }

    fn name_part(&mut self, path: &Path) {
        if let Some(name) = path.file_name() {
            self.names.push(name.to_string_lossy().into_owned());
        }
    }

    /// Nothing to read, and nothing that was refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
            && self.evidence.is_empty()
            && self.tar_files.is_empty()
            && self.skipped.is_empty()
    }

    /// The error of an input without a heart-rate file.
    #[must_use]
    pub fn nothing_found(&self, paths: &[PathBuf]) -> Error {
        Error::NothingFound {
            path: paths.first().cloned().unwrap_or_default(),
            paths: paths.len(),
            foreign: self.foreign,
        }
    }

    /// How many bytes will be read.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let members = self.members.iter().chain(&self.evidence);
        let members: u64 = members.map(|member| member.bytes).sum();
        members
            + self
                .tar_files
                .iter()
                .map(|tar_file| tar_file.bytes)
                .sum::<u64>()
    }

    /// An account that begins with what the plan knows.
    #[must_use]
    pub fn account(&self, paths: &[PathBuf]) -> Account {
        let mut account = Account {
            inputs: paths
                .iter()
                .map(|path| path.display().to_string())
                .collect(),
            foreign: self.foreign,
            missing_parts: part::missing(self.names.iter().map(String::as_str)),
            ..Account::default()
        };
        for skip in &self.skipped {
            account.skip(skip.clone());
        }
        account
    }
}

impl Member {
    /// How it is named in an account.
    #[must_use]
    pub fn source<'a>(&'a self, zips: &'a [OpenZip]) -> Source<'a> {
        match &self.place {
            Place::Zip(at, _) => Source {
                archive: zips.get(*at).map(|zip| zip.path.as_path()),
                name: &self.name,
            },
            Place::File(path) => Source {
                archive: Some(path),
                name: "",
            },
            Place::Kept(_) => Source {
                archive: None,
                name: &self.name,
            },
        }
    }
}

fn no_day() -> Refusal {
    Refusal::new("there is no such day as its name says")
}

fn made(path: &Path) -> Option<i64> {
    let absolute = std::path::absolute(path).ok()?;
    part::made(&absolute).map(|made| made.timestamp_millis())
}
