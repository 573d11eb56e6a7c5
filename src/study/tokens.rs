//! The folder of the logins: a file for each participant, `P001.json`, for its owner alone. It is never a part of the store.
//! Workers may be given it for reading only: Google's refresh tokens can be used again and again.

use super::error::Error;
use super::id::{self, Id};
use crate::config::Endpoints;
use crate::oauth;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder.
#[derive(Debug, Clone)]
pub struct Tokens {
    folder: PathBuf,
}

/// What the folder holds.
#[derive(Debug, Default)]
pub struct Listed {
    /// The participants, ascending.
    pub ids: Vec<Id>,
    /// Files that look like a login and are named like no participant.
    pub odd: Vec<String>,
}

impl Tokens {
    /// This folder, which need not exist.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a participant's login is kept.
    #[must_use]
    pub fn of(&self, id: &Id) -> oauth::Store {
        oauth::Store::new(self.folder.join(format!("{id}.json")))
    }

    /// Whose login is of another client, or goes to other addresses, than these; one that cannot be read is not.
    #[must_use]
    pub fn unfit<'a>(&self, ids: &'a [Id], client_id: &str, endpoints: &Endpoints) -> Vec<&'a Id> {
        let is_unfit = |id: &&Id| {
            let token = self.of(id).read().ok().flatten();
            token.is_some_and(|token| oauth::login_fits(client_id, endpoints, &token).is_err())
        };
        ids.iter().filter(is_unfit).collect()
    }

    /// Who has a login here.
    ///
    /// # Errors
    /// Fails with 78 when the folder cannot be read, and when two ids differ by case alone.
    pub fn list(&self) -> Result<Listed, Error> {
        let failed = |cause: io::Error| Error::Tokens {
            path: self.folder.clone(),
            cause,
        };
        let mut listed = Listed::default();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let name = name.to_string_lossy();
            let Some(stem) = name
                .strip_suffix(".json")
                .filter(|_| !name.starts_with('.'))
            else {
                continue;
            };
            match stem.parse() {
                Ok(id) => listed.ids.push(id),
                Err(_) => listed.odd.push(name.into_owned()),
            }
        }
        listed.ids.sort_unstable();
        match id::clash(&listed.ids) {
            Some((a, b)) => Err(Error::Clash(a, b)),
            None => Ok(listed),
        }
    }

    /// Takes a login away, with what stood beside it.
    ///
    /// # Errors
    /// Fails when it is there and cannot be removed.
    pub fn delete(&self, id: &Id) -> Result<(), oauth::Error> {
        let store = self.of(id);
        if store.path().exists() {
            let lock = store.lock()?;
            store.delete()?;
            drop(lock);
        }
        let _ = fs::remove_file(store.path().with_extension("lock"));
        Ok(())
    }

    /// The mode of a login that others than its owner may read; `None` for one that is as it should be.
    #[must_use]
    pub fn open_to_others(&self, id: &Id) -> Option<u32> {
        mode(self.of(id).path()).filter(|mode| mode & 0o077 != 0)
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(fs::metadata(path).ok()?.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_named_like_participants_are_the_logins() {
        let folder = tempfile::tempdir().expect("a folder");
        let names = [
            "P2.json",
            "P1.json",
            "1.json",
            "P3.lock",
            ".P4.json",
            "P5.json.new",
            "..data",
            "readme",
        ];
        for name in names {
            fs::write(folder.path().join(name), "{}").expect("written");
        }
        let tokens = Tokens::new(folder.path().to_owned());
        let listed = tokens.list().expect("readable");
        let ids: Vec<_> = listed.ids.iter().map(Id::as_str).collect();
        assert_eq!(
            (ids, listed.odd),
            (vec!["P1", "P2"], vec!["1.json".to_owned()])
        );
        fs::write(folder.path().join("p1.json"), "{}").expect("written");
        assert!(matches!(tokens.list(), Err(Error::Clash(..))));
        assert!(matches!(
            Tokens::new(folder.path().join("no")).list(),
            Err(Error::Tokens { .. })
        ));
    }

    #[cfg(unix)]
    #[test]
    fn only_what_others_can_read_is_too_open() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = Tokens::new(folder.path().to_owned());
        let id: Id = "P1".parse().expect("an id");
        fs::write(tokens.of(&id).path(), "{}").expect("written");
        for (mode, found) in [
            (0o600, None),
            (0o400, None),
            (0o440, Some(0o440)),
            (0o644, Some(0o644)),
        ] {
            fs::set_permissions(tokens.of(&id).path(), fs::Permissions::from_mode(mode))
                .expect("ours");
            assert_eq!(tokens.open_to_others(&id), found);
        }
        tokens.delete(&id).expect("deleted");
        tokens.delete(&id).expect("gone already is as good");
        assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 0);
    }
}
