//! Names and paths as they are written in a definition.

use super::problem::Problem;
use toml::Spanned;

/// Small letters, digits and `_`, beginning with a letter.
pub(super) fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.len() <= 64 && text.bytes().all(fits)
}

/// `a.b` as its keys; `None` if one is empty or no name of a member.
pub(super) fn keys(path: &str) -> Option<Vec<String>> {
    let is_key = |key: &&str| {
        key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let all = path.split('.');
    all.map(|key| Some(key).filter(is_key).map(str::to_owned))
        .collect()
}

pub(super) fn no_path<T>(at: &Spanned<T>) -> Problem {
    Problem::at(
        at,
        "a member is written like metricsSummary.steps: names joined by '.'",
    )
}
