//! The downloaded client file: found, looked at, and put where the keys file names it.

use super::keys;
use crate::atomic_file::{self, Access};
use crate::config::{self, ClientFile};
use crate::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the file is called in its place.
const NAME: &str = "client_secret";

/// The newest `client_secret*.json` of these folders.
pub(super) fn newest(folders: &[PathBuf]) -> Option<PathBuf> {
    let entries = folders
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok());
    let files = entries.flatten().flatten().filter_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_client = name.starts_with(NAME)
            && Path::new(&name)
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let changed = entry.metadata().and_then(|file| file.modified());
        let changed = changed.unwrap_or(SystemTime::UNIX_EPOCH);
        is_client.then(|| (changed, entry.path()))
    });
    files.max().map(|(_, path)| path)
}

/// A path as it is typed or dropped into a terminal: quoted, escaped, from the home folder.
pub(super) fn typed_path(typed: &str, home: Option<&Path>) -> PathBuf {
    let text = typed.trim().trim_matches(['"', '\'']);
    let text = text.strip_prefix("file://").unwrap_or(text);
    let text = if cfg!(windows) {
        text.to_owned()
    } else {
        text.replace("\\ ", " ")
    };
    match (text.strip_prefix("~/"), home) {
        (Some(below), Some(home)) => home.join(below),
        _ => PathBuf::from(text),
    }
}

/// A file that was looked at and can log in here.
#[derive(Debug)]
pub(super) struct Download {
    pub from: PathBuf,
    pub file: ClientFile,
    bytes: Vec<u8>,
}

impl Download {
    /// Looks at a file.
    ///
    /// # Errors
    /// Fails with 78 when it is not a client that can log in here, and when it cannot be read.
    pub fn look(from: &Path) -> Result<Self, Error> {
        let wrong = |problem: String| config::Error::Download {
            path: from.to_owned(),
            problem,
        };
        let bytes = fs::read(from).map_err(|cause| wrong(cause.to_string()))?;
        let file = ClientFile::read(&bytes).map_err(wrong)?;
        file.comes_back().map_err(wrong)?;
        if file.secret.is_none() || config::provider_of(&file.id) != Some(config::Provider::GOOGLE)
        {
            let problem = "it is no client of Google's with its secret".to_owned();
            return Err(wrong(problem).into());
        }
        Ok(Self {
            from: from.to_owned(),
            file,
            bytes,
        })
    }
}

/// Where the client and the settings go.
#[derive(Debug)]
pub(super) struct ConfigFiles {
    /// The folder of configuration.
    pub folder: PathBuf,
    /// The keys file, which need not be there.
    pub keys: PathBuf,
    /// Whose client it is, where the file has another for everybody else.
    pub profile: Option<String>,
}

/// Where things were put.
#[derive(Debug)]
pub(super) struct Placed {
    /// The client file.
    pub client: PathBuf,
    /// The keys file was there before, and names this client now.
    pub was_there: bool,
    /// Another client that was in that place, and where it is now.
    pub earlier: Option<PathBuf>,
}

impl ConfigFiles {
    /// Copies the client into the folder of configuration, and has the keys file name it.
    ///
    /// # Errors
    /// Fails with 78 for a keys file that cannot be changed with certainty, and when a file cannot be written.
    pub fn put(&self, download: &Download) -> Result<Placed, Error> {
        let profile = self.profile.as_deref();
        let name = profile.map_or(NAME.to_owned(), |profile| format!("{NAME}-{profile}"));
        let client = self.folder.join(format!("{name}.json"));
        let text = match fs::read_to_string(&self.keys) {
            Ok(text) => Some(text),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => None,
            Err(cause) => {
                let path = self.keys.clone();
                return Err(config::Error::Unreadable { path, cause }.into());
            }
        };
        let named = self.named(&client);
        let changed = match &text {
            None => keys::new(&named),
            Some(text) => keys::with_client(text, &named, profile),
        };
        let changed = changed.ok_or_else(|| self.by_hand(&named))?;
        let earlier = set_aside(&client, &download.bytes)?;
        if fs::read(&client).ok().as_ref() != Some(&download.bytes) {
            atomic_file::write(&client, &download.bytes, Access::Private)?;
        }
        atomic_file::write(&self.keys, changed.as_bytes(), Access::Private)?;
        Ok(Placed {
            client,
            was_there: text.is_some(),
            earlier,
        })
    }

    /// As the keys file says it: by its name where it lies beside.
    fn named(&self, client: &Path) -> String {
        let is_beside = self.keys.parent() == client.parent();
        let name = client.file_name().filter(|_| is_beside);
        let named = name.map_or_else(
            || std::path::absolute(client).unwrap_or(client.to_owned()),
            PathBuf::from,
        );
        named.display().to_string()
    }

    fn by_hand(&self, named: &str) -> Error {
        let line = format!("client_file = \"{named}\"");
        let hint =
            format!("write it there by hand, instead of client_id and client_secret: {line}");
        config::Error::value(
            &self.keys,
            "client_file",
            "the file is written in a way that setup does not dare to change",
            &hint,
        )
        .into()
    }
}

/// Another client is not written over: the console shows its secret only once.
fn set_aside(client: &Path, bytes: &[u8]) -> Result<Option<PathBuf>, Error> {
    let Ok(there) = fs::read(client) else {
        return Ok(None);
    };
    let id = |bytes: &[u8]| ClientFile::read(bytes).ok().map(|file| file.id);
    if there == bytes || id(&there).is_none() || id(&there) == id(bytes) {
        return Ok(None);
    }
    let aside = client.with_extension("earlier.json");
    atomic_file::write(&aside, &there, Access::Private)?;
    Ok(Some(aside))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::{Exit, Explain};

    const GOOD: &str = r#"{"installed":{"client_id":"1-a.apps.googleusercontent.com","client_secret":"GOCSPX-x"}}"#;
    const OTHER: &str = r#"{"installed":{"client_id":"2-b.apps.googleusercontent.com","client_secret":"GOCSPX-y"}}"#;

    #[test]
    fn the_newest_download_is_taken_whatever_a_browser_called_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let folders = [folder.path().join("none"), folder.path().to_owned()];
        assert_eq!(newest(&folders), None);
        for (age, name) in [
            (90, "client_secret_1.json"),
            (5, "client_secret_2 (1).json"),
            (1, "other.json"),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, GOOD).expect("written");
            let time = fs::metadata(&path)
                .and_then(|file| file.modified())
                .expect("a time");
            let file = fs::File::options().write(true).open(&path).expect("ours");
            file.set_modified(time - std::time::Duration::from_secs(age))
                .expect("set");
        }
        let found = newest(&folders).expect("found");
        assert!(
            found.ends_with("client_secret_2 (1).json"),
            "{}",
            found.display()
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_path_is_understood_as_a_terminal_gives_it() {
        let home = Path::new("/home/jane");
        for (typed, path) in [
            ("/a b.json", "/a b.json"),
            ("'/a b.json' ", "/a b.json"),
            ("\"/a b.json\"", "/a b.json"),
            ("/a\\ b.json", "/a b.json"),
            ("file:///a.json", "/a.json"),
            ("~/a.json", "/home/jane/a.json"),
        ] {
            assert_eq!(typed_path(typed, Some(home)), Path::new(path), "{typed}");
        }
    }

    fn put(from: &Path, to: &Path) -> Result<Placed, Error> {
        let place = ConfigFiles {
            folder: to.to_owned(),
            keys: to.join("keys.toml"),
            profile: None,
        };
        place.put(&Download::look(from)?)
    }

    #[test]
    fn a_client_is_put_in_its_place_with_a_keys_file_that_names_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (
            folder.path().join("download.json"),
            folder.path().join("config"),
        );
        fs::write(&from, GOOD).expect("written");
        let placed = put(&from, &to).expect("placed");
        assert!(!placed.was_there);
        assert_eq!(fs::read_to_string(&placed.client).expect("there"), GOOD);
        let keys = fs::read_to_string(to.join("keys.toml")).expect("written");
        assert!(
            keys.contains("\nclient_file = \"client_secret.json\"\n")
                && !keys.contains("\nclient_id"),
            "{keys}"
        );
        #[cfg(unix)]
        for path in [&placed.client, &to.join("keys.toml")] {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(path).expect("there").permissions().mode() & 0o777;
            assert_eq!(mode, 0o600);
        }
        // Again, and with another one: what is there stays.
        let again = put(&from, &to).expect("placed");
        assert!(again.was_there && again.earlier.is_none());
        fs::write(to.join("keys.toml"), "timezone = \"UTC\"").expect("written");
        fs::write(&from, OTHER).expect("written");
        let earlier = put(&from, &to).expect("placed").earlier.expect("set aside");
        assert_eq!(fs::read_to_string(earlier).expect("there"), GOOD);
        let keys = fs::read_to_string(to.join("keys.toml")).expect("written");
        assert_eq!(
            keys,
            "client_file = \"client_secret.json\"\ntimezone = \"UTC\"\n"
        );
        fs::write(&from, r#"{"type":"service_account"}"#).expect("written");
        assert_eq!(put(&from, &to).expect_err("wrong").exit(), Exit::Config);
    }
}
