//! What there is to read: all paths as one input, told by names and directories, before anything is inflated but archives that
//! lie in zip files. What lies in tar files is added when they are read.

use super::error::Error;
use super::exports::Identity;
use super::member::{Container, Location, Member, OpenZip, TarFile};
use super::report::Report;
use super::skip::Skip;
use crate::takeout::input::folder::{self, Found};
use crate::takeout::input::section::Section;
use crate::takeout::input::zip::{self, Zip};
use crate::takeout::input::{Form, Refusal, Remedy, form, form_of};
use crate::takeout::name::{Kind, Named, judge};
use crate::takeout::part;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// Archives in archives are read this deep.
const DEEPEST: u8 = 3;

/// All that is to be read.
#[derive(Debug, Default)]
pub struct Inventory {
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

impl Inventory {
    /// Looks at all paths, for an archive.
    ///
    /// # Errors
    /// Fails when one of them leads to nothing that can be read.
    pub fn of(paths: &[PathBuf], archive: &Path) -> Result<Self, Error> {
        let mut inventory = Self {
            archive: archive.to_owned(),
            ..Self::default()
        };
        for path in paths {
            let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            inventory.folder = if path.is_dir() {
                absolute
            } else {
                absolute.parent().unwrap_or(&absolute).to_owned()
            };
            let failed = |cause| Error::Unreadable {
                path: path.clone(),
                cause,
            };
            match form(path).map_err(failed)? {
                Form::Folder => inventory.folder(path).map_err(failed)?,
                form @ (Form::Zip | Form::Tar { .. } | Form::Plain) => {
                    std::fs::File::open(path).map_err(failed)?;
                    inventory.file(path, form);
                }
            }
        }
        // Files without a day never get here: the order of the days is the order of time.
        inventory
            .members
            .sort_by_key(|member| (member.kind.day(), member.kind));
        Ok(inventory)
    }

    fn file(&mut self, path: &Path, form: Form) {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if !self.seen.insert(absolute) {
            return;
        }
        self.name_part(path);
        if form == Form::Plain {
            let named = judge(path.as_os_str().as_encoded_bytes());
            let size = path.metadata().map_or(0, |metadata| metadata.len());
            if matches!(named, Named::Foreign | Named::Archive) {
                let why = "it is no archive, and not called like a heart-rate file";
                self.skipped
                    .push(Skip::file(path.display(), Refusal::new(why)));
            } else {
                self.on_disk(path.to_owned(), named, size);
            }
            return;
        }
        let container = Container {
            path: path.to_owned(),
            section: None,
            depth: 0,
        };
        self.container(container, form);
    }

    fn container(&mut self, container: Container, form: Form) {
        match form {
            Form::Zip => self.zip(&container),
            Form::Tar { gzip } => {
                let export = self.identity(&container.path);
                let size = match &container.section {
                    Some(section) => section.size(),
                    None => container
                        .path
                        .metadata()
                        .map_or(0, |metadata| metadata.len()),
                };
                self.tar_files.push(TarFile {
                    gzip,
                    bytes: size,
                    made: made(&container.path),
                    export,
                    container,
                });
            }
            Form::Plain | Form::Folder => {
                let why = "it is called like an archive, and is none that can be read";
                self.skipped
                    .push(Skip::file(container.path.display(), Refusal::new(why)));
            }
        }
    }

    /// An archive that lies in another.
    pub fn inner(&mut self, outer: &Container, name: &str, section: Section) {
        let path = PathBuf::from(format!("{}/{name}", outer.path.display()));
        self.name_part(&path);
        if outer.depth >= DEEPEST {
            let why = "it lies in too many archives: unpack the outer one, then import the folder";
            let refusal = Refusal::new(why).with(Remedy::Unpack);
            self.skipped.push(Skip::file(path.display(), refusal));
            return;
        }
        let form = form_of(&section.head(512), name.as_bytes());
        let container = Container {
            path,
            section: Some(section),
            depth: outer.depth + 1,
        };
        self.container(container, form);
    }

    fn folder(&mut self, path: &Path) -> io::Result<()> {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if !self.seen.insert(absolute) {
            return Ok(());
        }
        self.name_part(path);
        let mut found = Vec::new();
        let mut unreadable = Vec::new();
        self.foreign += folder::visit(path, &mut |file| found.push(file), &mut |path, refusal| {
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
            let skip = refusal(named).map(|refusal| Skip::file(path.display(), refusal));
            self.skipped.extend(skip);
            return;
        };
        let export = self.identity(path.parent().unwrap_or(&path));
        self.take(Member {
            kind,
            made: made(&path),
            export,
            place: Location::File(path),
            name: Box::default(),
            bytes,
        });
    }

    /// A zip file, or several that are joined.
    fn zip(&mut self, container: &Container) {
        let opened = container.open().and_then(|section| Zip::open(&section));
        let (zips, lost) = match opened {
            Ok(opened) => opened,
            Err(refusal) => return self.skip(container, refusal),
        };
        if let Some(refusal) = lost {
            self.skip(container, refusal);
        }
        for zip in zips {
            let at = self.zips.len();
            self.zips.push(OpenZip {
                path: container.path.clone(),
                zip,
            });
            self.directory(container, at);
        }
    }

    /// What the directory of an open zip file says.
    fn directory(&mut self, container: &Container, at: usize) {
        let Some(open) = self.zips.get(at) else {
            return;
        };
        let mut found = Vec::new();
        let visited = open.zip.visit(|name, place| {
            let named = judge(name);
            if named != Named::Foreign {
                let shown = String::from_utf8_lossy(name).into_owned();
                found.push((named, shown.into_boxed_str(), place));
            }
        });
        match visited {
            Ok(count) => self.foreign += count - found.len() as u64,
            Err(refusal) => self.skip(container, refusal),
        }
        let made = made(&container.path);
        let export = self.identity(&container.path);
        for (named, name, place) in found {
            match named {
                Named::Wanted(kind) => self.take(Member {
                    kind,
                    place: Location::Zip(at, place),
                    name,
                    made,
                    export,
                    bytes: place.packed_bytes(),
                }),
                Named::Archive => self.within(container, at, &name, place),
                Named::NoDay | Named::Elsewhere(_) | Named::Foreign => {
                    let skip = |refusal| Skip::member(&container.path, &name, refusal);
                    self.skipped.extend(refusal(named).map(skip));
                }
            }
        }
    }

    fn within(&mut self, container: &Container, at: usize, name: &str, place: zip::PackedMember) {
        match self.zips.get(at).map(|open| open.zip.inner(place)) {
            Some(Ok(section)) => self.inner(container, name, section),
            Some(Err(refusal)) => {
                let skip = Skip::member(&container.path, name, refusal);
                self.skipped.push(skip);
            }
            None => {}
        }
    }

    fn skip(&mut self, container: &Container, refusal: Refusal) {
        self.skipped
            .push(Skip::file(container.path.display(), refusal));
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

    /// Tells a report what the inventory has come to know since it last did.
    pub fn tell(&mut self, report: &mut Report) {
        report.foreign += std::mem::take(&mut self.foreign);
        report.missing_parts = part::missing(self.names.iter().map(String::as_str));
        for skip in self.skipped.drain(..) {
            report.skip(skip);
        }
    }
}

/// Why nothing can be read where the name promises something.
pub(super) fn refusal(named: Named) -> Option<Refusal> {
    let refusal = Refusal::new(named.refusal()?);
    Some(match named {
        Named::Elsewhere(_) => refusal.with(Remedy::Fetch),
        Named::Wanted(_) | Named::Archive | Named::NoDay | Named::Foreign => refusal,
    })
}

fn made(path: &Path) -> Option<i64> {
    let absolute = std::path::absolute(path).ok()?;
    part::made(&absolute).map(|made| made.timestamp_millis())
}
