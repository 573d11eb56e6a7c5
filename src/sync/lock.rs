//! One sync at a time in an archive. The system lets go of the lock when a process ends, however it ends.

use super::error::Error;
use super::pace::Patience;
use crate::archive;
use crate::atomic_file;
use crate::clock;
use crate::progress::{Event, Progress, Work};
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::Duration;

const NAME: &str = ".fitbit-hr.sync.lock";
/// How often the lock is tried.
const BETWEEN_TRIES: Duration = Duration::from_millis(200);
/// How long a run waits that nobody watches.
const UNWATCHED: Duration = Duration::from_mins(10);

/// Held for as long as a sync runs.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the archive below `root`, after the sync that holds it.
    ///
    /// # Errors
    /// Fails when the folder is not writable, and when the other sync takes longer than it may.
    pub async fn take(root: &Path, patience: Patience, progress: &Progress) -> Result<Self, Error> {
        let path = root.join(NAME);
        let failed = |cause| {
            archive::Error::Write(atomic_file::Error::Create {
                path: path.clone(),
                cause,
            })
        };
        fs::create_dir_all(root).map_err(failed)?;
        let mut options = File::options();
        let file = options
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        let longest = patience
            .max_wait
            .or((!patience.terminal).then_some(UNWATCHED));
        let started = clock::monotonic();
        let mut said = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(cause)) => return Err(failed(cause).into()),
                Err(TryLockError::WouldBlock) => {}
            }
            if longest.is_some_and(|longest| clock::since(started) >= longest) {
                return Err(Error::Busy);
            }
            if !said {
                said = true;
                progress.tell(Event::WaitsFor(Work::Sync));
            }
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
    }
}
