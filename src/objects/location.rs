//! Where a study's objects are, as a person writes it: `s3://bucket/prefix`, or a folder.

use super::{Error, Folder, Objects};
use crate::environment::Aws;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A place for objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder.
    Folder(PathBuf),
    /// A bucket, or the part of one below a prefix.
    Bucket {
        /// Its name.
        bucket: String,
        /// Parts between single `/`; empty for the whole bucket.
        prefix: String,
    },
}

/// A text that names no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLocation {
    /// What is wrong, in one line.
    pub problem: String,
    /// What to write instead.
    pub hint: String,
}

const FORMS: &str = "write s3://bucket/prefix, or the path of a folder";

impl Location {
    /// Reads what a person wrote; a relative folder starts at `base`.
    ///
    /// # Errors
    /// Fails when it is empty, of another service, or no name that a bucket or a prefix can have.
    pub fn parse(text: &str, base: &Path) -> Result<Self, BadLocation> {
        let bad = |problem: String| {
            Err(BadLocation {
                problem,
                hint: FORMS.to_owned(),
            })
        };
        let text = text.trim();
        if text.is_empty() {
            return bad("it is empty".to_owned());
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Ok(Self::Folder(base.join(text)));
        };
        if !scheme.eq_ignore_ascii_case("s3") {
            return bad(format!("'{scheme}://' is no store that fitbit-hr knows"));
        }
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        if !is_bucket(bucket) {
            return bad(format!("'{bucket}' is no name of a bucket"));
        }
        if !prefix.is_empty() && !prefix.split('/').all(is_part) {
            return bad(format!(
                "'{prefix}' is no prefix: its parts are letters, digits and any of ! - _ . = + between single /"
            ));
        }
        Ok(Self::Bucket {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }

    /// Opens it. Nothing is asked of a server yet. `lock` names the file that guards a folder.
    ///
    /// # Errors
    /// Fails when the surroundings say nonsense about S3, or this program was built without it.
    pub fn open(&self, lock: &str, aws: &Aws) -> Result<Arc<dyn Objects>, Error> {
        match self {
            Self::Folder(root) => Ok(Arc::new(Folder::new(root.clone(), lock))),
            #[cfg(feature = "s3")]
            Self::Bucket { bucket, prefix } => {
                let bucket = super::Bucket::open(bucket, prefix, aws);
                bucket
                    .map(|bucket| Arc::new(bucket) as _)
                    .map_err(Error::Bucket)
            }
            #[cfg(not(feature = "s3"))]
            Self::Bucket { .. } => {
                let _ = aws;
                Err(Error::Bucket(super::BucketError {
                    what: format!("could not open {self}"),
                    trouble: super::Trouble::NotBuilt,
                }))
            }
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Bucket { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::Bucket { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

/// What Amazon and others take; old buckets in capitals are gone.
fn is_bucket(name: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let (first, last) = (name.bytes().next(), name.bytes().last());
    (3..=63).contains(&name.len())
        && first.is_some_and(alphanumeric)
        && last.is_some_and(alphanumeric)
        && name
            .bytes()
            .all(|byte| alphanumeric(byte) || matches!(byte, b'-' | b'.' | b'_'))
        && !name.contains("..")
}

/// A part of a name that no server, shell or reader of data sets takes for something else.
fn is_part(part: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!-_.=+".contains(&byte);
    !part.is_empty() && !matches!(part, "." | "..") && part.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_and_folders_are_told_apart() {
        let base = Path::new("studies");
        let bucket = |bucket: &str, prefix: &str| Location::Bucket {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        };
        for (text, expected, shown) in [
            ("s3://sleep", bucket("sleep", ""), "s3://sleep"),
            ("s3://sleep/", bucket("sleep", ""), "s3://sleep"),
            (
                "S3://sleep/a/b=1/",
                bucket("sleep", "a/b=1"),
                "s3://sleep/a/b=1",
            ),
            ("data", Location::Folder(base.join("data")), "studies/data"),
            (
                " ./data ",
                Location::Folder(base.join("./data")),
                "studies/./data",
            ),
            ("/data", Location::Folder(PathBuf::from("/data")), "/data"),
        ] {
            let location = Location::parse(text, base).expect(text);
            assert_eq!(location, expected);
            assert_eq!(location.to_string().replace('\\', "/"), shown);
        }
    }

    #[test]
    fn what_names_no_place_is_refused_with_what_to_write() {
        for (text, problem) in [
            ("", "empty"),
            ("gs://sleep", "gs://"),
            ("https://sleep.s3.amazonaws.com", "https://"),
            ("s3://", "''"),
            ("s3://a", "'a'"),
            ("s3://Sleep/x", "'Sleep'"),
            ("s3://sleep//x", "prefix"),
            ("s3://sleep/a/../b", "prefix"),
            ("s3://sleep/a b", "prefix"),
        ] {
            let bad = Location::parse(text, Path::new("")).expect_err(text);
            assert!(bad.problem.contains(problem), "{text}: {bad:?}");
            assert!(bad.hint.contains("s3://bucket/prefix"));
        }
    }

    #[cfg(not(feature = "s3"))]
    #[test]
    fn without_s3_it_says_how_to_get_it() {
        use crate::exit::{Exit, Explain};
        let location = Location::parse("s3://sleep", Path::new("")).expect("a place");
        let error = location.open("lock", &Aws::default()).expect_err("no S3");
        assert_eq!(error.exit(), Exit::Config);
        assert!(
            error
                .hint()
                .said(&crate::hint::Invocation::default())
                .contains("--features s3")
        );
    }
}
