//! Files that appear whole or not at all: written beside the target, flushed to disk, renamed into place.

pub mod leftovers;
pub mod together;

use crate::exit::{Exit, Explain};
use crate::hint::{Hint, Setting};
use leftovers::folder_of;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;
use tempfile::{NamedTempFile, PersistError};

/// Why an output is not there. The earlier file, if any, is as it was.
#[derive(Debug)]
pub enum Error {
    /// The folder or the temporary file could not be made.
    Create {
        /// The target.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The bytes could not be written, flushed or put in place.
    Write {
        /// The target.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

impl Explain for Error {
    fn what(&self) -> String {
        match self {
            Self::Create { path, .. } => format!("could not create {}", path.display()),
            Self::Write { path, .. } => format!("could not write {}", path.display()),
        }
    }
    fn why(&self) -> String {
        match self {
            Self::Create { cause, .. } | Self::Write { cause, .. } => cause.to_string(),
        }
    }
    fn hint(&self) -> Hint {
        match self {
            Self::Create { cause, .. } | Self::Write { cause, .. } if is_out_of_handles(cause) => {
                MORE_HANDLES.into()
            }
            Self::Write { cause, .. } if is_held(cause) => {
                "close the program that has it open, then run the same command again; the earlier files are as they were".into()
            }
            Self::Create { .. } => {
                Hint::from("choose another place with ").setting(Setting::Output).and(", or make that folder writable")
            }
            Self::Write { .. } => {
                "free some space or choose another disk; the earlier files are as they were".into()
            }
        }
    }
    fn exit(&self) -> Exit {
        match self {
            Self::Create { .. } => Exit::CannotCreate,
            Self::Write { .. } => Exit::Io,
        }
    }
}

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// What the user's umask says: data.
    Shared,
    /// The owner alone, mode 0600: tokens.
    Private,
}

/// A file that is written but not yet in place; dropping it removes it.
#[derive(Debug)]
pub struct Pending {
    target: PathBuf,
    file: NamedTempFile,
}

impl Pending {
    /// Opens a temporary file beside `target`, making its folder if need be.
    ///
    /// A target that is a symbolic link stays one: what it points to is replaced.
    ///
    /// # Errors
    /// Fails when the folder or the file cannot be made, or the target is a folder.
    pub fn create(target: &Path, access: Access) -> Result<Self, Error> {
        let target = match fs::symlink_metadata(target) {
            Ok(found) if found.is_symlink() => fs::canonicalize(target).ok(),
            _ => None,
        }
        .unwrap_or_else(|| target.to_owned());
        let failed = |cause| Error::Create {
            path: target.clone(),
            cause,
        };
        if target.is_dir() {
            return Err(failed(io::Error::new(
                io::ErrorKind::IsADirectory,
                "it is a folder",
            )));
        }
        // A device or a pipe would be replaced by a file.
        if fs::metadata(&target).is_ok_and(|found| !found.is_file()) {
            return Err(failed(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is not a regular file",
            )));
        }
        let folder = folder_of(&target);
        fs::create_dir_all(folder).map_err(failed)?;
        // A leading dot and a foreign ending: no glob for data takes in what a killed run left behind.
        let prefix = format!(
            ".{}.",
            target.file_name().unwrap_or_default().to_string_lossy()
        );
        let mut builder = tempfile::Builder::new();
        builder
            .prefix(&prefix)
            .suffix(leftovers::ENDING)
            .rand_bytes(leftovers::RANDOM);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = match access {
                Access::Shared => 0o666,
                Access::Private => 0o600,
            };
            builder.permissions(fs::Permissions::from_mode(mode));
        }
        if access == Access::Shared {
            leftovers::sweep_beside(&target);
        }
        loop {
            let file = builder.tempfile_in(folder).map_err(failed)?;
            if leftovers::claim(file.as_file()) {
                return Ok(Self { target, file });
            }
        }
    }

    /// Where the file will stand.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Where the bytes are until then; for writers that want a path.
    #[must_use]
    pub fn temporary(&self) -> &Path {
        self.file.path()
    }

    /// The open file.
    pub fn file(&mut self) -> &mut fs::File {
        self.file.as_file_mut()
    }

    /// Flushes to disk, so that [`Pending::rename`] has nothing to wait for.
    ///
    /// # Errors
    /// Fails when the disk is full.
    pub fn flush(&mut self) -> Result<(), Error> {
        let failed = |cause| Error::Write {
            path: self.target.clone(),
            cause,
        };
        self.file.flush().map_err(failed)?;
        sync(self.file.as_file()).map_err(failed)
    }

    /// Leaves the file at its temporary name, which is told: what must not be lost although it cannot be put in place.
    ///
    /// # Errors
    /// Fails where the system cannot make a temporary file last.
    pub fn stay(self) -> io::Result<PathBuf> {
        Ok(self.file.keep().map_err(|error| error.error)?.1)
    }

    /// As [`Pending::rename`]; where the rename is refused the file stays, as with [`Pending::stay`].
    ///
    /// # Errors
    /// Fails when the rename is refused, with the name that the file has now.
    pub fn rename_or_stay(self) -> Result<(), (PathBuf, io::Error)> {
        let Self { target, file } = self;
        let Err(refused) = put(file, &target) else {
            flush_folder(folder_of(&target));
            return Ok(());
        };
        let temporary = refused.file.path().to_owned();
        let _ = refused.file.keep();
        Err((temporary, refused.error))
    }

    /// Renames into place what [`Pending::flush`] has flushed. The rename lasts when its folder is flushed, too.
    ///
    /// # Errors
    /// Fails when the rename is refused; the earlier file stays.
    pub fn rename(self) -> Result<PathBuf, Error> {
        let Self { target, file } = self;
        put(file, &target).map_err(|error| Error::Write {
            path: target.clone(),
            cause: error.error,
        })?;
        Ok(target)
    }

    /// Flushes to disk and renames into place.
    ///
    /// # Errors
    /// Fails when the disk is full or the rename is refused; the earlier file stays.
    pub fn commit(mut self) -> Result<PathBuf, Error> {
        self.flush()?;
        let target = self.rename()?;
        flush_folder(folder_of(&target));
        Ok(target)
    }
}

/// How often and how long a file is waited for that another program keeps for itself: as a search for viruses does.
const TRIES: u32 = 50;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// Gives a file its name. On Windows the first way refuses a name whose file another process of ours has open, the second
/// only one that a foreign program keeps for itself.
fn put(mut file: NamedTempFile, target: &Path) -> Result<(), PersistError> {
    let mut tries = TRIES;
    loop {
        match file.persist(target) {
            Err(refused) if cfg!(windows) && fs::rename(refused.file.path(), target).is_ok() => {
                return Ok(());
            }
            Err(refused) if is_held(&refused.error) && tries > 0 => {
                file = refused.file;
                tries -= 1;
                thread::sleep(BETWEEN_TRIES);
            }
            done => return done.map(drop),
        }
    }
}

/// Flushes a file to disk. A file system that has no such thing is no fault of the file.
///
/// # Errors
/// Fails when the disk is full or broken.
pub fn sync(file: &fs::File) -> io::Result<()> {
    match file.sync_all() {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        done => done,
    }
}

/// Too few file handles: a limit of the shell or the service manager, not of the disk.
#[must_use]
pub fn is_out_of_handles(cause: &io::Error) -> bool {
    // What names the path of a temporary file has the system's own error behind it.
    let behind = cause.get_ref().and_then(|error| error.source());
    let behind = behind.and_then(|error| error.downcast_ref::<io::Error>());
    let code = cause
        .raw_os_error()
        .or(behind.and_then(io::Error::raw_os_error));
    // EMFILE and ENFILE.
    cfg!(unix) && matches!(code, Some(23 | 24))
}

/// Another program keeps the file for itself, as Windows lets it: a table that is open in a spreadsheet.
fn is_held(cause: &io::Error) -> bool {
    // ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION.
    cfg!(windows) && matches!(cause.raw_os_error(), Some(5 | 32 | 33))
}

/// What to do where there are too few file handles.
pub const MORE_HANDLES: &str =
    "allow more open files, then run the same command again: ulimit -n 1024";

/// Makes the renames in a folder survive a power cut, where the system can.
pub fn flush_folder(folder: &Path) {
    #[cfg(unix)]
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    #[cfg(not(unix))]
    let _ = folder;
}

/// Writes `bytes` to `target` in one step.
///
/// # Errors
/// As [`Pending::create`] and [`Pending::commit`].
pub fn write(target: &Path, bytes: &[u8], access: Access) -> Result<PathBuf, Error> {
    with_bytes(target, bytes, access)?.commit()
}

/// A pending file that holds `bytes`.
///
/// # Errors
/// As [`Pending::create`]; also when the disk is full.
pub fn with_bytes(target: &Path, bytes: &[u8], access: Access) -> Result<Pending, Error> {
    let mut pending = Pending::create(target, access)?;
    let written = pending.file().write_all(bytes);
    written.map_err(|cause| Error::Write {
        path: pending.target.clone(),
        cause,
    })?;
    Ok(pending)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .expect("the folder exists")
            .map(|entry| {
                entry
                    .expect("readable")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let target = folder.path().join("deep/hr.csv");
        write(&target, b"old", Access::Shared).expect("written");
        let pending = with_bytes(&target, b"new", Access::Shared).expect("pending");
        assert_eq!(fs::read(&target).expect("readable"), b"old");
        drop(pending);
        assert_eq!(fs::read(&target).expect("readable"), b"old");
        write(&target, b"new", Access::Shared).expect("written");
        assert_eq!(fs::read(&target).expect("readable"), b"new");
        assert_eq!(names(&folder.path().join("deep")), ["hr.csv"]);
    }

    #[test]
    fn a_file_that_is_there_is_called_as_it_was_named() {
        let folder = tempfile::tempdir().expect("temporary folder");
        fs::create_dir(folder.path().join("deep")).expect("made");
        // Windows' own word for a path that was looked up is none that a person would type.
        let target = folder.path().join("deep/../hr.csv");
        for _ in 0..2 {
            let written = write(&target, b"x", Access::Shared).expect("written");
            assert_eq!(written, target);
        }
    }

    #[test]
    fn a_folder_in_the_way_cannot_be_created_over() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let error = write(folder.path(), b"x", Access::Shared).expect_err("refused");
        assert_eq!(error.exit(), Exit::CannotCreate);
    }

    #[cfg(unix)]
    #[test]
    fn private_files_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("temporary folder");
        let target = folder.path().join("token.json");
        write(&target, b"x", Access::Private).expect("written");
        assert_eq!(
            fs::metadata(&target).expect("there").permissions().mode() & 0o777,
            0o600
        );
    }
}
