//! What a killed run leaves beside its outputs, and the next run that writes there sweeps up.
//!
//! A file in the making is named `.NAME.XXXXXX.tmp`, and its writer holds a lock on it. A lock ends with its process, however
//! that ends, so whoever gets the lock of such a file knows that nobody writes it any more. On Windows, where a lock would keep
//! `SQLite` from writing its own file, whoever can have the file for itself knows the same. Files for their owner alone are not
//! touched: one of them may be the only copy of a token.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// The ending of files in the making.
pub const ENDING: &str = ".tmp";

/// How many letters and digits make the name of a file in the making its own.
pub const RANDOM: usize = 6;

/// The name that a file in the making will have; `None` for other files.
#[must_use]
pub fn target_of(name: &str) -> Option<&str> {
    let stem = name.strip_prefix('.')?.strip_suffix(ENDING)?;
    let (target, random) = stem.rsplit_once('.')?;
    let is_ours = random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_ours && !target.is_empty()).then_some(target)
}

/// Makes a new file known as being written. Answers `false` if somebody swept it up already.
#[cfg(unix)]
#[must_use]
pub fn claim(file: &File) -> bool {
    use std::fs::TryLockError;
    use std::os::unix::fs::MetadataExt;
    match file.try_lock() {
        Ok(()) => file.metadata().is_ok_and(|metadata| metadata.nlink() > 0),
        Err(TryLockError::WouldBlock) => false,
        // Where there are no locks, nobody sweeps.
        Err(TryLockError::Error(_)) => true,
    }
}

/// It is known by being open.
#[cfg(not(unix))]
#[must_use]
pub const fn claim(_: &File) -> bool {
    true
}

/// Sweeps up what earlier writers of a file left beside it.
pub fn sweep_beside(target: &Path) {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    sweep(folder_of(target), |of| of == name);
}

/// Sweeps up what is left in a folder of files whose names `is_ours` knows. What cannot be removed stays.
pub fn sweep(folder: &Path, is_ours: impl Fn(&str) -> bool) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if target_of(&name.to_string_lossy()).is_some_and(&is_ours) {
            let _ = remove_if_left(&entry.path());
        }
    }
}

#[cfg(unix)]
fn remove_if_left(path: &Path) -> io::Result<()> {
    let file = File::options().write(true).open(path)?;
    match file.try_lock() {
        // Removed before the lock goes: a writer that comes in between sees that its file is gone.
        Ok(()) => fs::remove_file(path),
        Err(_) => Ok(()),
    }
}

/// A file that another has open cannot be opened for oneself alone.
#[cfg(windows)]
fn remove_if_left(path: &Path) -> io::Result<()> {
    use std::os::windows::fs::OpenOptionsExt;
    let alone = File::options().write(true).share_mode(0).open(path)?;
    drop(alone);
    fs::remove_file(path)
}

/// The folder of a file.
pub(super) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atomic_file::{Access, with_bytes, write};

    #[test]
    fn only_our_own_names_are_files_in_the_making() {
        for (name, expected) in [
            (".hr.csv.AbC123.tmp", Some("hr.csv")),
            (".2026-06-01.parquet.zzzzzz.tmp", Some("2026-06-01.parquet")),
            (".hr.csv.AbC12.tmp", None),
            ("hr.csv.AbC123.tmp", None),
            (".hr.csv.AbC-23.tmp", None),
            (".AbC123.tmp", None),
            ("..AbC123.tmp", None),
            (".hr.csv.AbC123.tmp.bak", None),
        ] {
            assert_eq!(target_of(name), expected, "{name}");
        }
    }

    #[test]
    fn a_writer_sweeps_up_what_the_dead_left_of_its_file_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("hr.csv");
        let alive = with_bytes(&target, b"alive", Access::Shared).expect("pending");
        let place = |name: &str| folder.path().join(name);
        for name in [".hr.csv.dead00.tmp", ".hr.json.dead00.tmp", ".hr.csv.tmp"] {
            fs::write(place(name), b"left").expect("written");
        }
        write(&target, b"new", Access::Shared).expect("written");
        assert!(!place(".hr.csv.dead00.tmp").exists());
        assert!(place(".hr.json.dead00.tmp").exists() && place(".hr.csv.tmp").exists());
        alive.commit().expect("its file is still there");
        assert_eq!(fs::read(&target).expect("readable"), b"alive");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_was_swept_up_before_its_claim_is_not_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(".hr.csv.AbC123.tmp");
        let file = File::create(&path).expect("created");
        sweep(folder.path(), |name| name == "hr.csv");
        assert!(!path.exists() && !claim(&file));
    }
}
