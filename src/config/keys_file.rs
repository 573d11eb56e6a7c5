//! The keys file: where it is looked for, whether it was meant, and the line of a mistake in it.

use super::raw::RawFile;
use super::{Error, Overrides};
use crate::environment::Environment;
use crate::extract::Problem;
use std::fs;
use std::path::{Path, PathBuf};

/// The one that is taken from the current folder without being named.
const IN_THIS_FOLDER: &str = "keys.toml";

/// The order of the contract; the first that exists wins, and one that is named must exist.
pub(super) fn find_keys(
    overrides: &Overrides,
    environment: &Environment,
) -> (Option<PathBuf>, Vec<PathBuf>) {
    if let Some(path) = overrides.keys.clone().or_else(|| environment.keys.clone()) {
        return (Some(path.clone()), vec![path]);
    }
    let mut places = vec![overrides.folder.join(IN_THIS_FOLDER)];
    places.extend(
        environment
            .config_dir
            .as_ref()
            .map(|folder| folder.join("keys.toml")),
    );
    (places.iter().find(|path| path.exists()).cloned(), places)
}

/// Whether nobody named this keys file: it lies in the current folder, and that is not the one for configuration.
pub(super) fn is_chance(at: &Path, overrides: &Overrides, environment: &Environment) -> bool {
    let is_named = overrides.keys.is_some() || environment.keys.is_some();
    let folder = |path: Option<&Path>| path.and_then(|path| path.canonicalize().ok());
    let here = folder(environment.current_dir.as_deref());
    let is_configuration = here.is_some() && here == folder(environment.config_dir.as_deref());
    !is_named && !is_configuration && at == Path::new(IN_THIS_FOLDER)
}

/// The file, and its text for whoever finds a mistake later.
pub(super) fn read_keys(path: &Path) -> Result<(RawFile, String), Error> {
    let text = fs::read_to_string(path).map_err(|cause| Error::Unreadable {
        path: path.to_owned(),
        cause,
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let file = toml::from_str(text).map_err(|error| {
        let problem = Problem::of_parser(text, &error);
        syntax(path, text, problem.at, problem.what)
    })?;
    Ok((file, text.to_owned()))
}

/// A mistake at a place of the text.
pub(super) fn syntax(path: &Path, text: &str, at: usize, problem: String) -> Error {
    let line = text[..text.floor_char_boundary(at)].matches('\n').count() + 1;
    Error::Syntax {
        path: path.to_owned(),
        line,
        problem,
    }
}
