//! One process at a time spends a refresh token. The system lets go of the lock when a process ends, however it ends.

use super::error::Error;
use super::state_problem::{StateProblem, Step, give_to_folders_owner};
use crate::clock;
use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

const BETWEEN_TRIES: Duration = Duration::from_millis(50);
/// More than any process number needs.
const HOLDER_BYTES: u64 = 20;

/// Held from re-reading a token to writing its successor.
#[derive(Debug)]
pub struct Lock {
    file: File,
    /// The file is there for the lock alone, and names its holder.
    named: bool,
}

impl Lock {
    /// Waits for the lock on `path`, for `patience` at most. With `named` the file is made if need be, and says who holds it;
    /// without, it is a file with a content of its own that is locked as it is.
    ///
    /// # Errors
    /// Fails with 75 when another process holds it for longer, and when the file cannot be made or locked.
    pub fn take(path: &Path, named: bool, patience: Duration) -> Result<Self, Error> {
        let file =
            open(path, named).map_err(|cause| StateProblem::new(Step::Create, path, cause))?;
        let started = clock::monotonic();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self::held(file, named)),
                Err(TryLockError::Error(cause)) => {
                    return Err(StateProblem::new(Step::Lock, path, cause).into());
                }
                Err(TryLockError::WouldBlock) if clock::since(started) >= patience => {
                    return Err(Error::Locked {
                        path: path.to_owned(),
                        holder: named.then(|| holder(file)).flatten(),
                    });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(BETWEEN_TRIES.min(patience)),
            }
        }
    }

    fn held(mut file: File, named: bool) -> Self {
        if named {
            // Only a remark for those who wait: a disk that takes no more is told of by the claim.
            let _ = file
                .set_len(0)
                .and_then(|()| write!(file, "{}", std::process::id()));
        }
        Self { file, named }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.named {
            let _ = self.file.set_len(0);
        }
    }
}

fn open(path: &Path, make: bool) -> std::io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.create(make).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    give_to_folders_owner(path);
    Ok(file)
}

/// Who says to hold the lock. On Windows nobody can read what another process has locked: it is "another process" there.
fn holder(mut file: File) -> Option<u32> {
    let mut said = String::new();
    file.rewind().ok()?;
    file.take(HOLDER_BYTES).read_to_string(&mut said).ok()?;
    said.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::{Exit, Explain};

    #[test]
    fn a_lock_that_is_held_for_too_long_is_temporary_and_names_its_holder() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("google-default.lock");
        let take = || Lock::take(&path, true, Duration::ZERO);
        let held = take().expect("free");
        let error = take().expect_err("held");
        assert_eq!(error.exit(), Exit::Temporary);
        let named = format!("process {}", std::process::id());
        assert!(
            error.why().contains(&named) || cfg!(windows),
            "{}",
            error.why()
        );
        drop(held);
        // A holder that does not say who it is.
        let other = File::open(&path).expect("there");
        other.lock().expect("free");
        let error = take().expect_err("held");
        assert!(error.why().contains("another process"), "{}", error.why());
        assert!(
            error.why().contains("google-default.lock"),
            "{}",
            error.why()
        );
        drop(other);
        drop(take().expect("free again"));
    }
}
