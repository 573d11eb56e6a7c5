//! Unpacked folders, searched to any depth; and the archives that lie in them.

use super::super::name::{Named, judge};
use super::{Refusal, Remedy, absent, no_file};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Something worth reading in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file of an export, and its size.
    File(PathBuf, Named, u64),
    /// An archive that was not unpacked.
    Archive(PathBuf),
}

/// Searches a folder; entries come in the order of their names. Links to folders are not followed, so there is no circle.
///
/// Answers how many files are none of ours.
///
/// # Errors
/// Fails when the folder itself cannot be listed; what is below it and could be read if something were mended
/// is given to `unreadable`.
pub fn visit(
    folder: &Path,
    found: &mut impl FnMut(Found),
    unreadable: &mut impl FnMut(&Path, Refusal),
) -> io::Result<u64> {
    let mut foreign = 0;
    let mut waiting = vec![list(folder)?];
    while let Some(level) = waiting.last_mut() {
        let Some(path) = level.pop() else {
            waiting.pop();
            continue;
        };
        let named = judge(path.as_os_str().as_encoded_bytes());
        let kind = match fs::symlink_metadata(&path) {
            Ok(kind) => kind,
            Err(error) => {
                // Of a folder that lets nobody in it is not known what its entries are.
                if named != Named::Foreign || error.kind() == io::ErrorKind::PermissionDenied {
                    unreadable(&path, error.into());
                }
                continue;
            }
        };
        if kind.is_dir() {
            match list(&path) {
                Ok(level) => waiting.push(level),
                Err(error) => unreadable(&path, error.into()),
            }
            continue;
        }
        if named == Named::Foreign {
            foreign += u64::from(kind.is_file());
            continue;
        }
        if let Named::Elsewhere(why) = named {
            unreadable(&path, Refusal::new(why).with(Remedy::Fetch));
            continue;
        }
        // A link to a file is read as the file.
        match fs::metadata(&path).map_err(|error| absent(&path, error)) {
            Ok(file) if file.is_file() && named == Named::Archive => found(Found::Archive(path)),
            Ok(file) if file.is_file() => found(Found::File(path, named, file.len())),
            Ok(file) if file.is_dir() => {}
            Ok(_) => unreadable(&path, no_file().into()),
            Err(error) => unreadable(&path, error.into()),
        }
    }
    Ok(foreign)
}

/// The entries in reverse order of their names, so that the first is popped first.
fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    entries.sort_unstable_by(|a, b| b.cmp(a));
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, write};

    #[test]
    fn a_folder_is_searched_to_any_depth() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let root = folder.path();
        let deep = root.join("Takeout/Fitbit/Global Export Data");
        create_dir_all(&deep).expect("created");
        create_dir_all(root.join("__MACOSX")).expect("created");
        for name in [
            "Takeout/Fitbit/Global Export Data/heart_rate-2024-01-01.json",
            "Takeout/Fitbit/Global Export Data/steps-2024-01-01.json",
            "heart_rate_2024-01-02.csv",
            "__MACOSX/heart_rate-2024-01-01.json",
            "takeout-20260909T182813Z-1-001.zip",
            "holiday.zip",
            ".DS_Store",
        ] {
            write(root.join(name), "12345").expect("written");
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(root, deep.join("round")).expect("linked");
        let mut names = Vec::new();
        let foreign = visit(
            root,
            &mut |found| {
                let path = match found {
                    Found::File(path, _, size) => {
                        assert_eq!(size, 5);
                        path
                    }
                    Found::Archive(path) => path,
                };
                names.push(
                    path.file_name()
                        .expect("a name")
                        .to_string_lossy()
                        .into_owned(),
                );
            },
            &mut |path, refusal| panic!("{}: {refusal:?}", path.display()),
        );
        assert_eq!(
            names,
            [
                "heart_rate-2024-01-01.json",
                "heart_rate_2024-01-02.csv",
                "holiday.zip",
                "takeout-20260909T182813Z-1-001.zip"
            ]
        );
        assert_eq!(foreign.expect("listed"), 3);
        assert!(visit(&root.join("none"), &mut |_| (), &mut |_, _| ()).is_err());
    }
}
