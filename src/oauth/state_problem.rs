//! Why the folder of logins cannot be used, with the remedy that fits: whose it is, what is full, what is read-only.

use crate::atomic_file::{self, MORE_HANDLES, is_out_of_handles};
use crate::exit::{Exit, Explain};
use crate::hint::{Hint, Setting};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What was being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Making the folder or a file in it.
    Create,
    /// Filling a file.
    Write,
    /// Reading the login.
    Read,
    /// Keeping other processes away.
    Lock,
}

/// A step that failed.
#[derive(Debug)]
pub struct StateProblem {
    step: Step,
    path: PathBuf,
    cause: io::Error,
    owners: Option<Owners>,
}

/// Who owns what stands in the way, and who owns the folder around it, as numbers of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Owners {
    found: u32,
    folder: u32,
}

impl StateProblem {
    /// The problem with `path`; looks at once who owns it.
    #[must_use]
    pub fn new(step: Step, path: &Path, cause: io::Error) -> Self {
        Self {
            step,
            path: path.to_owned(),
            owners: owners(path),
            cause,
        }
    }

    fn is_full(&self) -> bool {
        matches!(
            self.cause.kind(),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
        )
    }

    /// Permission was denied, and another user owns the file: what `sudo` leaves behind.
    fn foreign(&self) -> Option<Owners> {
        self.owners.filter(|owners| {
            self.cause.kind() == ErrorKind::PermissionDenied && owners.found != owners.folder
        })
    }
}

impl From<atomic_file::Error> for StateProblem {
    fn from(error: atomic_file::Error) -> Self {
        match error {
            atomic_file::Error::Create { path, cause } => Self::new(Step::Create, &path, cause),
            atomic_file::Error::Write { path, cause } => Self::new(Step::Write, &path, cause),
        }
    }
}

/// `root`, or the number that stands for the user.
fn user(id: u32) -> String {
    if id == 0 {
        "root".to_owned()
    } else {
        format!("user {id}")
    }
}

impl Explain for StateProblem {
    fn what(&self) -> String {
        let step = match self.step {
            Step::Create => "create",
            Step::Write => "write",
            Step::Read => "read",
            Step::Lock => "lock",
        };
        format!("could not {step} {}", self.path.display())
    }

    fn why(&self) -> String {
        match (self.foreign(), self.step) {
            (Some(owners), _) => format!(
                "it belongs to {}, as after a run with sudo; its folder belongs to {}",
                user(owners.found),
                user(owners.folder)
            ),
            (None, Step::Lock) => format!("this folder takes no locks ({})", self.cause),
            (None, _) => self.cause.to_string(),
        }
    }

    fn hint(&self) -> Hint {
        if let Some(owners) = self.foreign() {
            return format!(
                "give it back: sudo chown {} {}",
                owners.folder,
                self.path.display()
            )
            .into();
        }
        if is_out_of_handles(&self.cause) {
            return MORE_HANDLES.into();
        }
        if self.is_full() {
            return "free some space; the stored login is as it was".into();
        }
        match self.step {
            Step::Read => Hint::from(format!(
                "make it readable for you (chown, chmod 600), or move {} away and run ",
                self.path.display()
            ))
            .login(),
            Step::Create | Step::Write | Step::Lock => {
                Hint::from("logins are kept there: make that folder writable, or name one on a local disk with ")
                    .setting(Setting::Logins)
            }
        }
    }

    fn exit(&self) -> Exit {
        match self.step {
            Step::Read => Exit::Config,
            _ if self.is_full() => Exit::Io,
            Step::Create | Step::Lock => Exit::CannotCreate,
            Step::Write => Exit::Io,
        }
    }
}

#[cfg(unix)]
fn owners(path: &Path) -> Option<Owners> {
    use std::fs;
    use std::os::unix::fs::MetadataExt;
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    Some(Owners {
        found: fs::symlink_metadata(path).ok()?.uid(),
        folder: fs::metadata(folder.unwrap_or(Path::new("."))).ok()?.uid(),
    })
}

#[cfg(not(unix))]
fn owners(_: &Path) -> Option<Owners> {
    None
}

/// Gives a file that was just made to the owner of its folder: root's runs leave nothing that its user cannot use. Only root
/// can; for everybody else the two are the same already, or stay as they are.
pub(super) fn give_to_folders_owner(path: &Path) {
    #[cfg(unix)]
    if let Some(owners) = owners(path).filter(|owners| owners.found != owners.folder) {
        let _ = std::os::unix::fs::lchown(path, Some(owners.folder), None);
    }
    #[cfg(not(unix))]
    let _ = path;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hint::Invocation;

    #[test]
    fn each_cause_has_the_remedy_that_fits() {
        let denied = || io::Error::from(ErrorKind::PermissionDenied);
        let sudo = Some(Owners {
            found: 0,
            folder: 1000,
        });
        let own = Some(Owners {
            found: 1000,
            folder: 1000,
        });
        for (step, cause, owners, exit, remedy) in [
            (
                Step::Read,
                denied(),
                sudo,
                Exit::Config,
                "sudo chown 1000 /s/t",
            ),
            (
                Step::Create,
                denied(),
                sudo,
                Exit::CannotCreate,
                "sudo chown 1000 /s/t",
            ),
            (Step::Read, denied(), own, Exit::Config, "chmod 600"),
            (
                Step::Create,
                denied(),
                own,
                Exit::CannotCreate,
                "FITBIT_HR_STATE_DIR",
            ),
            (
                Step::Create,
                ErrorKind::ReadOnlyFilesystem.into(),
                None,
                Exit::CannotCreate,
                "FITBIT_HR_STATE_DIR",
            ),
            (
                Step::Lock,
                ErrorKind::Unsupported.into(),
                own,
                Exit::CannotCreate,
                "FITBIT_HR_STATE_DIR",
            ),
            (
                Step::Write,
                ErrorKind::StorageFull.into(),
                own,
                Exit::Io,
                "free some space",
            ),
            (
                Step::Create,
                ErrorKind::QuotaExceeded.into(),
                own,
                Exit::Io,
                "free some space",
            ),
            #[cfg(unix)]
            (
                Step::Lock,
                io::Error::from_raw_os_error(24),
                own,
                Exit::CannotCreate,
                "ulimit -n",
            ),
        ] {
            let problem = StateProblem {
                step,
                path: PathBuf::from("/s/t"),
                cause,
                owners,
            };
            assert_eq!(problem.exit(), exit, "{problem:?}");
            let hint = problem.hint().said(&Invocation::default());
            assert!(hint.contains(remedy), "{problem:?}: {hint}");
            assert!(!hint.contains("--output-dir"));
        }
    }
}
