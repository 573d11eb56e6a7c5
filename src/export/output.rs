//! Where an export goes: the one place here that owns files and stdout.

use super::{Error, Format};
use crate::atomic_file::{Access, Pending, together};
use crate::console::{Console, StdoutError};
use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What `-o` names.
#[derive(Debug, Clone)]
pub enum Target {
    /// Standard output.
    Stdout(Arc<Console>),
    /// A file, which is replaced in one step.
    File(PathBuf),
}

impl Target {
    /// The file, for formats that need one.
    ///
    /// # Errors
    /// Fails for stdout.
    pub fn file(&self, format: &'static str) -> Result<&Path, Error> {
        match self {
            Self::File(path) => Ok(path),
            Self::Stdout(_) => Err(Error::NeedsFile(format)),
        }
    }
}

/// Where the tables of an export go.
#[derive(Debug, Clone)]
pub enum Destination {
    /// All of them there.
    One(Target),
    /// A file each in this folder.
    Folder(PathBuf),
}

impl Destination {
    /// Where a table goes.
    #[must_use]
    pub fn of(&self, table: &str, format: Format) -> Target {
        match self {
            Self::One(target) => target.clone(),
            Self::Folder(folder) => Target::File(folder.join(format!("{table}.{}", format.name()))),
        }
    }
}

/// An open target that bytes are streamed to.
pub enum Output {
    /// Standard output.
    Stdout(Box<dyn Write + Send>),
    /// A file that is not yet in place.
    Pending(Pending),
    /// A pipe or a device, which cannot be replaced.
    Open(PathBuf, File),
}

impl Output {
    /// Opens a target. A file gets its bytes beside its place until all of them are finished.
    ///
    /// # Errors
    /// Fails when the file cannot be made or opened.
    pub fn open(target: &Target) -> Result<Self, Error> {
        let path = match target {
            Target::Stdout(console) => return Ok(Self::Stdout(Box::new(console.stdout()))),
            Target::File(path) => path,
        };
        let special = fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
        if special {
            let file = File::options().write(true).open(path);
            let file = file.map_err(|cause| Error::Open {
                path: path.clone(),
                cause,
            })?;
            return Ok(Self::Open(path.clone(), file));
        }
        Ok(Self::Pending(Pending::create(path, Access::Shared)?))
    }

    /// Writes some bytes. Says [`ControlFlow::Break`] when the reader of a pipe has seen enough.
    ///
    /// # Errors
    /// Fails when the disk is full.
    pub fn write(&mut self, bytes: &[u8]) -> Result<ControlFlow<()>, Error> {
        let written = match self {
            Self::Stdout(out) => out.write_all(bytes),
            Self::Pending(pending) => pending.file().write_all(bytes),
            Self::Open(_, file) => file.write_all(bytes),
        };
        self.judge(written)
    }

    fn judge(&self, written: io::Result<()>) -> Result<ControlFlow<()>, Error> {
        let cause = match written {
            Ok(()) => return Ok(ControlFlow::Continue(())),
            Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => {
                return Ok(ControlFlow::Break(()));
            }
            Err(cause) => cause,
        };
        let path = match self {
            Self::Stdout(_) => {
                let failed = StdoutError::unless_closed(Err(cause));
                return failed.map(ControlFlow::Continue).map_err(Error::Stdout);
            }
            Self::Pending(pending) => pending.target(),
            Self::Open(path, _) => path,
        };
        Err(Error::Write {
            path: path.to_owned(),
            cause: cause.to_string(),
        })
    }

    /// The file, for formats that need one that can be replaced.
    ///
    /// # Errors
    /// Fails for stdout, pipes and devices.
    pub fn file(&mut self, format: &'static str) -> Result<&mut File, Error> {
        match self {
            Self::Pending(pending) => Ok(pending.file()),
            Self::Stdout(_) => Err(Error::NeedsFile(format)),
            Self::Open(path, _) => Err(Error::Open {
                path: path.clone(),
                cause: io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"),
            }),
        }
    }

    /// Where it goes, for messages.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        match self {
            Self::Stdout(_) => PathBuf::from("-"),
            Self::Pending(pending) => pending.target().to_owned(),
            Self::Open(path, _) => path.clone(),
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let flushed = match self {
            Self::Stdout(out) => out.flush(),
            Self::Pending(_) => Ok(()),
            Self::Open(_, file) => file.flush(),
        };
        self.judge(flushed).map(|_| ())
    }
}

/// Flushes all of them, and puts the files in their places: all together, or none.
///
/// # Errors
/// As [`Output::write`]; also when a file cannot be put in place.
pub fn finish(outputs: Vec<Output>) -> Result<(), Error> {
    let mut files = Vec::new();
    for mut output in outputs {
        output.flush()?;
        if let Output::Pending(pending) = output {
            files.push(pending);
        }
    }
    together::commit(files)?;
    Ok(())
}
