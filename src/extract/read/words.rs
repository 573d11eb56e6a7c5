//! Names and paths as they are written in a definition.

use super::problem::Problem;
use toml::Spanned;

/// Small letters, digits and `_`, beginning with a letter.
pub(super) fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.len() <= 64 && text.bytes().all(fits)
}

/// Every extract, the name of heart rate's own files, and of its days in a database.
const RESERVED: [&str; 3] = ["all", "day", "hr"];

/// A table's name, which is that of files and of a database's tables and views as well; `of` says whose.
pub(super) fn table_name(written: &Spanned<String>, of: &str) -> Result<String, Problem> {
    let name = written.get_ref();
    if !is_name(name) {
        let what =
            format!("the name of {of} is small letters, digits and '_', beginning with a letter");
        return Err(Problem::at(written, what));
    }
    let is_of_a_database = name.starts_with("sqlite_") || name.ends_with("_joined");
    if is_of_a_database || RESERVED.contains(&name.as_str()) {
        let what = format!("'{name}' means something else: take another name");
        return Err(Problem::at(written, what));
    }
    Ok(name.clone())
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
