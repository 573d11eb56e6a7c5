//! Which version of its form a file of ours has. What a newer program wrote is left alone by an older one.
//!
//! The JSON files beside the logins and the archive say it in the member `version`; one without it is of the first.

use crate::atomic_file::{self, Access};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// What a person is told of such a file.
pub const WHY: &str = "it was written by a newer version of fitbit-hr; nothing was changed";
/// What helps.
pub const HINT: &str = "update fitbit-hr on this machine";

/// Whether a file's form is newer than the one that is known.
#[must_use]
pub fn is_newer(bytes: &[u8], known: u32) -> bool {
    let file: Option<Value> = serde_json::from_slice(bytes).ok();
    let version = file.and_then(|file| file["version"].as_u64());
    version.is_some_and(|version| version > u64::from(known))
}

/// What a file of ours says that is only a remark; nothing where it is missing, damaged or newer.
#[must_use]
pub fn read_remark<T: DeserializeOwned>(path: &Path, known: u32) -> Option<T> {
    let bytes = fs::read(path).ok()?;
    let is_ours = !is_newer(&bytes, known);
    serde_json::from_slice(&bytes).ok().filter(|_| is_ours)
}

/// Keeps a remark, if there is not a newer one. A disk that takes no more is told of elsewhere.
pub fn keep_remark(path: &Path, remark: &impl Serialize, known: u32) {
    let there = fs::read(path).unwrap_or_default();
    if let Ok(bytes) = serde_json::to_vec(remark)
        && !is_newer(&there, known)
    {
        let _ = atomic_file::write(path, &bytes, Access::Private);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_so_is_newer() {
        for (text, newer) in [
            (r#"{"version": 2, "whatever": []}"#, true),
            (r#"{"version": 1}"#, false),
            ("{}", false),
            ("", false),
            (r#"{"version": "2"}"#, false),
            ("[2]", false),
        ] {
            assert_eq!(is_newer(text.as_bytes(), 1), newer, "{text}");
        }
    }
}
