//! Tokens on disk: private, whole or not at all, and never spent by two processes.

use super::claim::Claim;
use super::error::Error;
use super::lock::Lock;
use super::mounted::is_mounted_alone;
use super::state_problem::{StateProblem, Step, give_to_folders_owner};
use super::token::{Token, decoded, encoded, is_newer};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a renewal may take elsewhere before it is told of.
const PATIENCE: Duration = Duration::from_secs(61);

/// The place of one profile's login.
#[derive(Debug, Clone)]
pub struct Store {
    path: PathBuf,
}

impl Store {
    /// The store at this path; nothing is touched yet.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where the login is kept.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The stored login, if there is one: a newer one that could not be put in place, else the one in place.
    ///
    /// # Errors
    /// Fails when the file cannot be read or understood; it is left as it is.
    pub fn read(&self) -> Result<Option<Token>, Error> {
        match token_in(&self.kept()) {
            Some(token) => Ok(Some(token)),
            None => self.read_in_place(),
        }
    }

    fn read_in_place(&self) -> Result<Option<Token>, Error> {
        match fs::read(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StateProblem::new(Step::Read, &self.path, error).into()),
            // A container can only be given a file that is there already.
            Ok(bytes) if bytes.trim_ascii().is_empty() && is_mounted_alone(&self.path) => Ok(None),
            // serde_json's message could quote the content; the place is enough.
            Ok(bytes) if is_newer(&bytes) => Err(Error::Newer {
                path: self.path.clone(),
            }),
            Ok(bytes) => decoded(&bytes).map(Some).map_err(|error| Error::Damaged {
                path: self.path.clone(),
                problem: format!(
                    "line {}, column {}: it is not a token file",
                    error.line(),
                    error.column()
                ),
            }),
        }
    }

    /// Somebody made the file, or the folder around it, so that nothing is to be written there.
    #[must_use]
    pub fn is_for_reading_only(&self) -> bool {
        let is_so = |path: &Path| fs::metadata(path).is_ok_and(|it| it.permissions().readonly());
        // Windows marks folders so that hold something of its own.
        is_so(&self.path) || (cfg!(unix) && self.path.parent().is_some_and(is_so))
    }

    /// Waits until no other process renews this login, for a minute at most. What a killed run left behind is put in order.
    ///
    /// # Errors
    /// Fails when the folder cannot be made, written or locked, and with 75 when another process goes on for too long.
    pub fn lock(&self) -> Result<Lock, Error> {
        self.lock_within(PATIENCE)
    }

    /// The lock if nobody holds it.
    ///
    /// # Errors
    /// As [`Store::lock`].
    pub fn lock_now(&self) -> Result<Lock, Error> {
        self.lock_within(Duration::ZERO)
    }

    fn lock_within(&self, patience: Duration) -> Result<Lock, Error> {
        // All that share a mounted file share nothing else, so the file itself is locked.
        let lock = if is_mounted_alone(&self.path) {
            Lock::take(&self.path, false, patience)?
        } else {
            self.make_folder()?;
            Lock::take(&self.path.with_extension("lock"), true, patience)?
        };
        self.settle_leftovers();
        Ok(lock)
    }

    /// Claims room for the next token; the lock is held.
    ///
    /// # Errors
    /// Fails when the disk is full or the folder cannot be written.
    pub fn claim(&self) -> Result<Claim, Error> {
        if is_mounted_alone(&self.path) {
            return Claim::within(&self.path, self.kept());
        }
        self.make_folder()?;
        Claim::beside(&self.path, self.kept())
    }

    /// Puts a token into the claimed room, flushed to disk and in place.
    ///
    /// # Errors
    /// Fails when it cannot be put in place; the earlier login stays then, and the new one beside it.
    pub fn fill(&self, claim: Claim, token: &Token) -> Result<(), Error> {
        claim.fill(&encoded(token))?;
        let _ = fs::remove_file(self.kept());
        Ok(())
    }

    /// Writes a login; the lock is held.
    ///
    /// # Errors
    /// As [`Store::claim`] and [`Store::fill`].
    pub fn write(&self, token: &Token) -> Result<(), Error> {
        self.fill(self.claim()?, token)
    }

    /// Makes certain that a login can be kept: lock, space and folder.
    ///
    /// # Errors
    /// As [`Store::lock`] and [`Store::claim`].
    pub fn rehearse(&self) -> Result<(), Error> {
        let _lock = self.lock()?;
        self.claim().map(drop)
    }

    /// Forgets the login; the lock is held.
    ///
    /// # Errors
    /// Fails when the file is there and cannot be removed.
    pub fn delete(&self) -> Result<(), Error> {
        let _ = fs::remove_file(self.kept());
        let removed = if is_mounted_alone(&self.path) {
            fs::OpenOptions::new()
                .write(true)
                .truncate(true)
                .open(&self.path)
                .map(drop)
        } else {
            fs::remove_file(&self.path)
        };
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(StateProblem::new(Step::Write, &self.path, error).into())
            }
            _ => Ok(()),
        }
    }

    /// Where a token stands that could not be put in place. Being there makes it the newer one: whatever is put in place
    /// later removes it.
    fn kept(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".new");
        name.into()
    }

    /// Puts a newer token in place that an earlier run could not, and removes what a killed one left. Under the lock nobody
    /// else has a claim.
    fn settle_leftovers(&self) {
        let Some(newest) = self
            .leftovers()
            .filter_map(|path| Some((token_in(&path)?, path)))
            .max_by_key(|(token, _)| token.obtained_at)
        else {
            self.leftovers()
                .for_each(|path| drop(fs::remove_file(path)));
            return;
        };
        let claim = self.claim();
        if claim.is_ok_and(|claim| claim.fill(&encoded(&newest.0)).is_ok()) {
            self.leftovers()
                .for_each(|path| drop(fs::remove_file(path)));
        }
    }

    fn leftovers(&self) -> impl Iterator<Item = PathBuf> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let (prefix, kept) = (format!(".{name}."), self.kept());
        let entries = self.path.parent().map(fs::read_dir);
        entries
            .into_iter()
            .flatten()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(move |path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                *path == kept || (name.starts_with(&prefix) && name.ends_with(".tmp"))
            })
    }

    /// A folder of mode 0700. One that is there is tightened, unless it is a place shared by all, like `/tmp`.
    fn make_folder(&self) -> Result<(), Error> {
        let folder = self.path.parent();
        let Some(folder) = folder.filter(|folder| !folder.as_os_str().is_empty()) else {
            return Ok(());
        };
        let missing = folder.ancestors().take_while(|folder| !folder.exists());
        let missing: Vec<_> = missing.collect();
        private_folder(folder).map_err(|cause| StateProblem::new(Step::Create, folder, cause))?;
        missing.into_iter().rev().for_each(give_to_folders_owner);
        Ok(())
    }
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        builder.mode(0o700).create(folder)?;
        let mode = fs::metadata(folder)?.permissions().mode();
        let shared_by_all = mode & 0o1002 != 0;
        if mode & 0o077 != 0 && !shared_by_all {
            // Somebody else's folder stays theirs; the file itself is private all the same.
            let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
        }
        Ok(())
    }
    #[cfg(not(unix))]
    builder.create(folder)
}

fn token_in(path: &Path) -> Option<Token> {
    decoded(&fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Explain;
    use crate::oauth::token::tests::token;
    use crate::secret::Secret;
    use chrono::TimeDelta;

    #[test]
    fn a_login_reads_back_and_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let store = Store::new(folder.path().join("state/google-default.json"));
        assert_eq!(store.read().expect("nothing there"), None);
        store.write(&token()).expect("written");
        assert_eq!(store.read().expect("readable"), Some(token()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode =
                |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
            assert_eq!(
                (mode(store.path()), mode(&folder.path().join("state"))),
                (0o600, 0o700)
            );
        }
        store.delete().expect("deleted");
        store.delete().expect("gone already is as good");
    }

    #[test]
    fn a_damaged_file_is_left_alone_and_its_content_not_shown() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let store = Store::new(folder.path().join("google-default.json"));
        for content in ["", "{", "[]", r#"{"access_token":"very-secret-thing"}"#] {
            fs::write(store.path(), content).expect("written");
            let error = store.read().expect_err("damaged");
            assert_eq!(error.exit(), crate::exit::Exit::Config);
            assert!(!error.why().contains("very-secret-thing"));
            assert_eq!(fs::read_to_string(store.path()).expect("readable"), content);
        }
    }

    #[test]
    fn a_claim_that_is_dropped_changes_nothing() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let store = Store::new(folder.path().join("google-default.json"));
        store.write(&token()).expect("written");
        drop(store.claim().expect("claimed"));
        assert_eq!(store.read().expect("readable"), Some(token()));
        assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 1);
    }

    fn newer() -> Token {
        Token {
            access_token: Secret::new("newer-access-token-of-a-test"),
            obtained_at: token().obtained_at + TimeDelta::hours(1),
            ..token()
        }
    }

    #[test]
    fn a_newer_token_that_an_earlier_run_could_not_put_in_place_is_taken_up() {
        // By its own name, and as a kill between writing and renaming leaves it.
        for name in ["google-default.json.new", ".google-default.json.x1.tmp"] {
            let folder = tempfile::tempdir().expect("temporary folder");
            let store = Store::new(folder.path().join("google-default.json"));
            store.write(&token()).expect("written");
            fs::write(folder.path().join(name), encoded(&newer())).expect("written");
            fs::write(folder.path().join(".google-default.json.x2.tmp"), " ").expect("written");
            drop(store.lock().expect("free"));
            assert_eq!(store.read().expect("readable"), Some(newer()), "{name}");
            let names = fs::read_dir(folder.path()).expect("there").flatten();
            let mut names: Vec<_> = names.map(|entry| entry.file_name()).collect();
            names.sort();
            assert_eq!(names, ["google-default.json", "google-default.lock"]);
        }
    }

    #[test]
    fn a_kept_token_is_read_before_anybody_locks_and_gone_after_a_logout() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let store = Store::new(folder.path().join("google-default.json"));
        fs::write(store.kept(), encoded(&newer())).expect("written");
        assert_eq!(store.read().expect("readable"), Some(newer()));
        store.delete().expect("deleted");
        assert_eq!(store.read().expect("nothing there"), None);
    }
}
