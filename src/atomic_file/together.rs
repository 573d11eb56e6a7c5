//! Several files that stand together or not at all.

use super::leftovers::folder_of;
use super::{Error, Pending, flush_folder};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Puts several files in place together: all are flushed before the first rename, and if a rename is refused
/// those already done are taken back.
///
/// # Errors
/// Fails when a disk is full or a rename is refused; all earlier files stay as they were.
pub fn commit(mut files: Vec<Pending>) -> Result<Vec<PathBuf>, Error> {
    for file in &mut files {
        file.flush()?;
    }
    let mut undo = Undo::default();
    let mut done = Vec::new();
    for file in files {
        if let Err(cause) = undo.remember(&file.target) {
            undo.take_back();
            return Err(Error::Write {
                path: file.target.clone(),
                cause,
            });
        }
        match file.rename() {
            Ok(path) => done.push(path),
            Err(error) => {
                undo.take_back();
                return Err(error);
            }
        }
    }
    undo.forget();
    for target in &done {
        flush_folder(folder_of(target));
    }
    Ok(done)
}

/// The earlier files, kept under a second name until all the new ones stand.
#[derive(Default)]
struct Undo(Vec<(PathBuf, Option<PathBuf>)>);

impl Undo {
    /// Keeps what is there now; an earlier file that cannot be kept is not put at risk.
    fn remember(&mut self, target: &Path) -> io::Result<()> {
        if !target.is_file() {
            self.0.push((target.to_owned(), None));
            return Ok(());
        }
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let backup = target.with_file_name(format!(".{name}.{}.old", std::process::id()));
        let _ = fs::remove_file(&backup);
        if fs::hard_link(target, &backup).is_err() {
            fs::copy(target, &backup)?;
        }
        self.0.push((target.to_owned(), Some(backup)));
        Ok(())
    }

    fn take_back(self) {
        for (target, backup) in self.0 {
            let _ = match backup {
                Some(backup) => fs::rename(backup, target),
                None => fs::remove_file(target),
            };
        }
    }

    fn forget(self) {
        for backup in self.0.into_iter().filter_map(|(_, backup)| backup) {
            let _ = fs::remove_file(backup);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atomic_file::tests::names;
    use crate::atomic_file::{Access, with_bytes, write};
    use crate::exit::{Exit, Explain};

    #[test]
    fn two_files_stand_together_or_the_earlier_ones_stay() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (json, csv) = (folder.path().join("hr.json"), folder.path().join("hr.csv"));
        write(&json, b"old", Access::Shared).expect("written");
        let pair = vec![
            with_bytes(&json, b"new", Access::Shared).expect("pending"),
            with_bytes(&csv, b"new", Access::Shared).expect("pending"),
        ];
        // Something comes into the second one's way after the check.
        fs::create_dir(&csv).expect("folder in the way");
        let error = commit(pair).expect_err("refused");
        assert_eq!(error.exit(), Exit::Io);
        assert_eq!(fs::read(&json).expect("readable"), b"old");
        assert_eq!(names(folder.path()), ["hr.csv", "hr.json"]);
    }
}
