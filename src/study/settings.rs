//! `study.toml`: where the data go, whose logins there are, what is fetched, and how fast. Relative paths start where the file
//! lies; the client stands in the keys file.

use super::error::Error;
use crate::extract::{Catalogue, Problem, Selection, UnknownName};
use crate::objects::Location;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The file that is taken where none is named.
pub const USUAL: &str = "study.toml";

/// What `study init` writes.
pub const TEMPLATE: &str = "\
# A study: many participants, on one machine or on many. Every field.
# The app's client stands in keys.toml beside this file, or where the keys
# file always is; fitbit-hr setup makes one. Relative paths start here.

# Where the data go: a folder, or a part of a bucket. Spark, Trino, DuckDB and
# Polars read it as one table for each extract, with a column participant.
store = \"data\"
#store = \"s3://bucket/prefix\"    # AWS_ENDPOINT_URL for other servers

# A folder with the logins, a file for each participant, mode 0600. It is
# never a part of the store. Workers need it for reading only.
tokens = \"tokens\"

# What is fetched: names that fitbit-hr extracts lists, or [\"all\"].
extracts = [\"heart_rate\"]

# The project's quota. Each shard is paced at its even part of it.
requests_per_minute = 60000

# The names of devices, in the column source; they may tell who it is.
device_names = true
";

/// What is asked of the service where the file does not say.
const REQUESTS_PER_MINUTE: f64 = 60_000.0;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStudy {
    store: Option<Spanned<String>>,
    tokens: Option<Spanned<PathBuf>>,
    extracts: Option<Spanned<Vec<Spanned<String>>>>,
    requests_per_minute: Option<Spanned<f64>>,
    device_names: Option<bool>,
}

/// The study as it is meant.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the data go.
    pub store: Location,
    /// The folder of the logins.
    pub tokens: PathBuf,
    /// What is fetched.
    pub extracts: Selection,
    /// The project's limit.
    pub requests_per_minute: f64,
    /// The column `source` names devices.
    pub device_names: bool,
}

/// The folder where a study's file lies, which relative paths start from.
#[must_use]
pub fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().unwrap_or(Path::new(""));
    folder.to_owned()
}

impl Settings {
    /// Reads the file.
    ///
    /// # Errors
    /// Fails with 78 when it is not there or wrong, naming the line.
    pub fn read(path: &Path, catalogue: &Catalogue) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|cause| Error::NoStudy {
            path: path.to_owned(),
            cause,
        })?;
        Self::understood(path, text.trim_start_matches('\u{feff}'), catalogue)
    }

    fn understood(path: &Path, text: &str, catalogue: &Catalogue) -> Result<Self, Error> {
        let wrong = |at: usize, problem: String| Error::Study {
            path: path.to_owned(),
            line: text[..text.floor_char_boundary(at)].matches('\n').count() + 1,
            problem,
        };
        let raw: RawStudy = toml::from_str(text).map_err(|error| {
            let problem = Problem::of_parser(text, &error);
            wrong(problem.at, problem.what)
        })?;
        let folder = folder_of(path);
        let Some(store) = &raw.store else {
            return Err(wrong(
                text.len(),
                "it does not say where the data go: store = \"data\"".to_owned(),
            ));
        };
        let location = Location::parse(store.get_ref(), &folder).map_err(|bad| {
            wrong(
                store.span().start,
                format!("store: {}; {}", bad.problem, bad.hint),
            )
        })?;
        let (tokens, at) = match &raw.tokens {
            Some(tokens) => (folder.join(tokens.get_ref()), tokens.span().start),
            None => (folder.join("tokens"), 0),
        };
        if let Location::Folder(store) = &location
            && is_within(&tokens, store)
        {
            return Err(wrong(at, "the tokens must not lie in the store".to_owned()));
        }
        let extracts = extracts(raw.extracts.as_ref(), catalogue)
            .map_err(|(at, problem)| wrong(at, problem))?;
        let per_minute = raw.requests_per_minute.as_ref();
        let rate = per_minute.map_or(REQUESTS_PER_MINUTE, |rate| *rate.get_ref());
        if !(rate > 0.0 && rate.is_finite()) {
            let at = per_minute.map_or(0, |rate| rate.span().start);
            return Err(wrong(
                at,
                "requests_per_minute has to be more than 0".to_owned(),
            ));
        }
        Ok(Self {
            store: location,
            tokens,
            extracts,
            requests_per_minute: rate,
            device_names: raw.device_names.unwrap_or(true),
        })
    }
}

/// Whether a folder is another one or lies in it, as far as their names say.
fn is_within(inner: &Path, outer: &Path) -> bool {
    let plain = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let resolved = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| plain(path));
    plain(inner).starts_with(plain(outer)) || resolved(inner).starts_with(resolved(outer))
}

fn extracts(
    listed: Option<&Spanned<Vec<Spanned<String>>>>,
    catalogue: &Catalogue,
) -> Result<Selection, (usize, String)> {
    let Some(listed) = listed else {
        return Ok(Selection::default());
    };
    for name in listed.get_ref() {
        let text = name.get_ref().trim();
        if !(text.is_empty() || text == "all" || catalogue.has(text)) {
            let unknown = UnknownName::of(catalogue, text);
            return Err((name.span().start, format!("{unknown}; {}", unknown.hint())));
        }
    }
    let names = listed.get_ref().iter().map(|name| name.get_ref().as_str());
    Selection::of(names).map_err(|problem| (listed.span().start, problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::{Exit, Explain};

    fn read(text: &str) -> Result<Settings, Error> {
        Settings::understood(
            Path::new("/studies/a/study.toml"),
            text,
            &Catalogue::default(),
        )
    }

    #[test]
    fn the_template_is_a_study_and_paths_start_where_it_lies() {
        let study = read(TEMPLATE).expect("good");
        assert_eq!(study.store, Location::Folder("/studies/a/data".into()));
        assert_eq!(study.tokens, PathBuf::from("/studies/a/tokens"));
        assert!((study.requests_per_minute - 60_000.0).abs() < 1e-9);
        assert!(TEMPLATE.lines().all(|line| line.len() <= 80));
        let study = read("store = \"s3://sleep/a\"\ntokens = \"/secret\"\nextracts = [\"sleep\", \"steps\"]\nrequests_per_minute = 600").expect("good");
        assert_eq!(study.store.to_string(), "s3://sleep/a");
        assert_eq!(study.tokens, PathBuf::from("/secret"));
        assert_eq!(
            study
                .extracts
                .resolve(&Catalogue::default())
                .expect("known")
                .len(),
            2
        );
    }

    #[test]
    fn a_mistake_is_told_of_by_its_line() {
        for (text, line, says) in [
            (
                "store = \"data\"\n\nstorage = 1\n",
                3,
                "unknown field `storage`",
            ),
            (
                "store = \"data\"\nextracts = [\"sleep\",\n \"stepps\"]\n",
                3,
                "stepps",
            ),
            (
                "store = \"data\"\nrequests_per_minute = 0\n",
                2,
                "more than 0",
            ),
            (
                "store = \"data\"\nrequests_per_minute = \"x\"\n",
                2,
                "expected",
            ),
            ("tokens = \"t\"\nstore = \"gs://x\"\n", 2, "gs://"),
            (
                "store = \"data\"\ntokens = \"data/tokens\"\n",
                2,
                "must not lie in the store",
            ),
            ("tokens = \"t\"\n", 2, "where the data go"),
            ("store = \n", 1, ""),
        ] {
            let error = read(text).expect_err("wrong");
            assert!(
                error.what().contains(&format!("line {line}")),
                "{text}: {}",
                error.what()
            );
            assert!(error.why().contains(says), "{text}: {}", error.why());
            assert_eq!(error.exit(), Exit::Config);
        }
    }
}
