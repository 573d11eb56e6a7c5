//! Tokens on disk: private, whole or not at all, and never spent by two processes.

use super::error::Error;
use crate::atomic_file::{self, Access, Pending};
use crate::secret::Secret;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

/// One login, as it is kept on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Sent with every request.
    pub access_token: Secret,
    /// Makes new access tokens; Fitbit's works once.
    pub refresh_token: Option<Secret>,
    /// What was granted.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// When this token was given out, by this machine's clock.
    pub obtained_at: DateTime<Utc>,
    /// When the access token ends.
    pub access_expires_at: DateTime<Utc>,
    /// When the login as a whole ends; `None` if it has no such date.
    #[serde(default)]
    pub login_expires_at: Option<DateTime<Utc>>,
    /// The app that the login belongs to.
    #[serde(default)]
    pub client_id: Option<String>,
    /// The account's id at the service.
    #[serde(default)]
    pub account: Option<String>,
    /// The account's id in Fitbit's days.
    #[serde(default)]
    pub legacy_account: Option<String>,
    /// The account's time zone when it was last seen.
    #[serde(default)]
    pub timezone: Option<String>,
}

impl Token {
    /// The access token works for another minute at least.
    #[must_use]
    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now + chrono::TimeDelta::seconds(60) < self.access_expires_at
    }

    /// The scope was granted.
    #[must_use]
    pub fn grants(&self, scope: &str) -> bool {
        self.scopes.iter().any(|name| name == scope)
    }
}

/// The place of one profile's login.
#[derive(Debug, Clone)]
pub struct Store {
    path: PathBuf,
}

/// Held from re-reading a token to writing its successor.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "unlocks when it is dropped")] fs::File);

/// Room on the disk for the next token, claimed before the old one is spent.
#[derive(Debug)]
pub struct Claim(Pending);

/// More than any token file needs.
const CLAIMED_BYTES: usize = 16 * 1024;

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

    /// The stored login, if there is one.
    ///
    /// # Errors
    /// Fails when the file cannot be read or understood; it is left as it is.
    pub fn read(&self) -> Result<Option<Token>, Error> {
        let damaged = |problem: String| Error::Damaged {
            path: self.path.clone(),
            problem,
        };
        match fs::read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(damaged(error.to_string())),
            // serde_json's message could quote the content; the place is enough.
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
                damaged(format!(
                    "line {}, column {}: it is not a token file",
                    error.line(),
                    error.column()
                ))
            }),
        }
    }

    /// Waits until no other process renews this login.
    ///
    /// # Errors
    /// Fails when the folder cannot be made or written.
    pub fn lock(&self) -> Result<Lock, Error> {
        let path = self.path.with_extension("lock");
        let failed = |cause| {
            Error::from(atomic_file::Error::Create {
                path: path.clone(),
                cause,
            })
        };
        self.make_folder()?;
        let mut options = fs::OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(Lock(file))
    }

    /// Claims room for the next token.
    ///
    /// # Errors
    /// Fails when the disk is full or the folder cannot be written.
    pub fn claim(&self) -> Result<Claim, Error> {
        self.make_folder()?;
        Ok(Claim(atomic_file::with_bytes(
            &self.path,
            &[b' '; CLAIMED_BYTES],
            Access::Private,
        )?))
    }

    /// Writes a login, flushed to disk and renamed into place.
    ///
    /// # Errors
    /// Fails when it cannot be written; the earlier login stays.
    pub fn write(&self, token: &Token) -> Result<(), Error> {
        self.claim()?.fill(token)
    }

    /// Forgets the login.
    ///
    /// # Errors
    /// Fails when the file is there and cannot be removed.
    pub fn delete(&self) -> Result<(), Error> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::from(atomic_file::Error::Write {
                    path: self.path.clone(),
                    cause: error,
                }))
            }
            _ => Ok(()),
        }
    }

    /// A folder of mode 0700. One that is there is tightened, unless it is a place shared by all, like `/tmp`.
    fn make_folder(&self) -> Result<(), Error> {
        let Some(folder) = self
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        else {
            return Ok(());
        };
        let failed = |cause| {
            Error::from(atomic_file::Error::Create {
                path: folder.to_owned(),
                cause,
            })
        };
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
            builder.mode(0o700).create(folder).map_err(failed)?;
            let mode = fs::metadata(folder).map_err(failed)?.permissions().mode();
            let shared_by_all = mode & 0o1002 != 0;
            if mode & 0o077 != 0 && !shared_by_all {
                // Somebody else's folder stays theirs; the file itself is private all the same.
                let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
            }
        }
        #[cfg(not(unix))]
        builder.create(folder).map_err(failed)?;
        Ok(())
    }
}

impl Claim {
    /// Writes the token into the claimed room and puts it in place.
    ///
    /// # Errors
    /// Fails when it cannot be written; the earlier login stays.
    pub fn fill(mut self, token: &Token) -> Result<(), Error> {
        let mut bytes = serde_json::to_vec_pretty(token).expect("a token is plain data");
        bytes.push(b'\n');
        let path = self.0.target().to_owned();
        let file = self.0.file();
        let written = file
            .rewind()
            .and_then(|()| file.write_all(&bytes))
            .and_then(|()| file.set_len(bytes.len() as u64));
        written.map_err(|cause| Error::from(atomic_file::Error::Write { path, cause }))?;
        self.0.commit()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Explain;

    pub fn token() -> Token {
        let at = DateTime::from_timestamp(1_764_000_000, 0).expect("a date");
        Token {
            access_token: Secret::new("access-token-of-a-test"),
            refresh_token: Some(Secret::new("refresh-token-of-a-test")),
            scopes: vec!["heartrate".to_owned()],
            obtained_at: at,
            access_expires_at: at + chrono::TimeDelta::hours(1),
            login_expires_at: None,
            client_id: Some("23ABCD".to_owned()),
            account: None,
            legacy_account: None,
            timezone: None,
        }
    }

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
}
