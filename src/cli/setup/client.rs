//! The downloaded client file: found, looked at, and put where the keys file names it.

use crate::atomic_file::{self, Access};
use crate::config::{self, ClientFile};
use crate::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The keys file that is written, made from the one that explains every field.
const EXAMPLE: &str = include_str!("../../../keys.example.toml");
/// What the file is called in its place.
const NAME: &str = "client_secret.json";

/// The newest `client_secret*.json` of these folders.
pub(super) fn newest(folders: &[PathBuf]) -> Option<PathBuf> {
    let entries = folders
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok());
    let files = entries.flatten().flatten().filter_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_client = name.starts_with("client_secret")
            && Path::new(&name)
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let changed = entry.metadata().and_then(|file| file.modified());
        let changed = changed.unwrap_or(SystemTime::UNIX_EPOCH);
        is_client.then(|| (changed, entry.path()))
    });
    files.max().map(|(_, path)| path)
}

/// Where things were put.
#[derive(Debug)]
pub(super) struct Placed {
    /// The client file.
    pub client: PathBuf,
    /// The keys file that was written; `None` where there was one, which is left as it is.
    pub keys: Option<PathBuf>,
}

/// Looks at a client file and copies it into the folder of configuration, with a keys file that names it.
///
/// # Errors
/// Fails with 78 when it is not a client that can log in here, and when it cannot be read or written.
pub(super) fn place(from: &Path, folder: &Path) -> Result<Placed, Error> {
    let wrong = |problem: String| config::Error::ClientFile {
        path: from.to_owned(),
        problem,
    };
    let bytes = fs::read(from).map_err(|cause| wrong(cause.to_string()))?;
    let file = ClientFile::read(&bytes).map_err(wrong)?;
    file.comes_back().map_err(wrong)?;
    if file.secret.is_none() || config::provider_of(&file.id) != Some(config::Provider::GOOGLE) {
        let problem = "it is no client of Google's with its secret".to_owned();
        return Err(wrong(problem).into());
    }
    let client = folder.join(NAME);
    if from.canonicalize().ok() != client.canonicalize().ok() || !client.exists() {
        atomic_file::write(&client, &bytes, Access::Private)?;
    }
    let keys = folder.join("keys.toml");
    if keys.exists() {
        return Ok(Placed { client, keys: None });
    }
    atomic_file::write(&keys, keys_file().as_bytes(), Access::Private)?;
    Ok(Placed {
        client,
        keys: Some(keys),
    })
}

/// A commented keys file that takes its client from the file beside it.
fn keys_file() -> String {
    let line = |line: &str| match line {
        line if line.starts_with("client_id = ") || line.starts_with("client_secret = ") => {
            format!("#{line}\n")
        }
        line if line.starts_with("#client_file = ") => format!("client_file = \"{NAME}\"\n"),
        line => format!("{line}\n"),
    };
    EXAMPLE.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::{Exit, Explain};

    const GOOD: &str = r#"{"installed":{"client_id":"1-a.apps.googleusercontent.com","client_secret":"GOCSPX-x"}}"#;

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

    #[test]
    fn a_client_is_put_in_its_place_with_a_keys_file_that_names_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (
            folder.path().join("download.json"),
            folder.path().join("config"),
        );
        fs::write(&from, GOOD).expect("written");
        let placed = place(&from, &to).expect("placed");
        assert_eq!(fs::read_to_string(&placed.client).expect("there"), GOOD);
        let keys = fs::read_to_string(placed.keys.expect("written")).expect("there");
        assert!(
            keys.contains("\nclient_file = \"client_secret.json\"\n")
                && !keys.contains("\nclient_id"),
            "{keys}"
        );
        #[cfg(unix)]
        for path in [placed.client, to.join("keys.toml")] {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(path).expect("there").permissions().mode() & 0o777;
            assert_eq!(mode, 0o600);
        }
        // What is there stays.
        fs::write(to.join("keys.toml"), "timezone = \"UTC\"").expect("written");
        assert!(place(&from, &to).expect("placed").keys.is_none());
        fs::write(&from, r#"{"type":"service_account"}"#).expect("written");
        assert_eq!(place(&from, &to).expect_err("wrong").exit(), Exit::Config);
    }
}
