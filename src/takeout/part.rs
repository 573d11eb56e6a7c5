//! Split exports: which parts of a Takeout are missing, and when it was made, told by the names Google gives.
//!
//! `takeout-20260909T182813Z-1-001.zip` and the older `takeout-20250206T053943Z-016.zip`: a stamp, and the number of
//! the part behind the last hyphen. Each part is a whole archive; one day's twins may lie in different ones.

use super::name::ARCHIVES;
use chrono::{DateTime, NaiveDateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One part of a split export.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// What all parts of one export begin with: `takeout-20260909T182813Z-1`.
    pub export: String,
    /// Counted from 1.
    pub number: u16,
    /// `.zip` or `.tgz`, or nothing for an unpacked folder.
    pub ending: String,
    /// When the export was made.
    pub made: DateTime<Utc>,
}

/// Reads the name of a part, be it a file or the folder it was unpacked into.
///
/// A second download's ` (1)` counts for the same part, as every mark of a copy does.
#[must_use]
pub fn parse(name: &str) -> Option<Part> {
    let lower = name.to_ascii_lowercase();
    let ending = ARCHIVES
        .into_iter()
        .filter_map(|ending| std::str::from_utf8(ending).ok())
        .find(|ending| lower.ends_with(ending))
        .unwrap_or_default();
    let stem = name.get(..name.len() - ending.len())?;
    let stem = stem.get(stem.find("takeout-")?..)?;
    let (stamp, rest) = stem.strip_prefix("takeout-")?.split_once('-')?;
    let made = NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%SZ").ok()?;
    let (first, rest) = digits(rest);
    let (second, after) = rest.strip_prefix('-').map(digits).unwrap_or_default();
    let (number, export, rest) = if second.len() >= 3 {
        (second, format!("takeout-{stamp}-{first}"), after)
    } else {
        (first, format!("takeout-{stamp}"), rest)
    };
    if number.len() < 3 || rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    Some(Part {
        export,
        number: number.parse().ok().filter(|&number| number > 0)?,
        ending: ending.to_owned(),
        made: made.and_utc(),
    })
}

/// The digits that a text begins with, and the rest.
fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

/// When the export that this path leads to was made: told by the path's innermost part that is called like one.
#[must_use]
pub fn made(path: &Path) -> Option<DateTime<Utc>> {
    path.components()
        .rev()
        .find_map(|part| parse(part.as_os_str().to_str()?))
        .map(|part| part.made)
}

/// The names of the parts that are missing before or between those given, ascending.
///
/// A part alone names none: people also import one part after the other. How many parts there are is written nowhere,
/// so what is missing at the end cannot be known.
#[must_use]
pub fn missing<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut exports: BTreeMap<(String, String), BTreeSet<u16>> = BTreeMap::new();
    for part in names.into_iter().filter_map(parse) {
        exports
            .entry((part.export, part.ending))
            .or_default()
            .insert(part.number);
    }
    let mut missing = Vec::new();
    for ((export, ending), parts) in exports.iter().filter(|(_, parts)| parts.len() > 1) {
        let last = parts.last().copied().unwrap_or_default();
        missing.extend(
            (1..last)
                .filter(|number| !parts.contains(number))
                .map(|number| format!("{export}-{number:03}{ending}")),
        );
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_between_others_are_missed_in_both_styles() {
        let given = [
            "takeout-20260909T182813Z-1-001.zip",
            "takeout-20260909T182813Z-1-003.zip",
            "takeout-20250206T053943Z-002.tgz",
            "takeout-20250206T053943Z-004 (1).tgz",
            "takeout-20240101T000000Z-1-005.zip",
            "archive-7.zip",
        ];
        assert_eq!(
            missing(given),
            [
                "takeout-20250206T053943Z-001.tgz",
                "takeout-20250206T053943Z-003.tgz",
                "takeout-20260909T182813Z-1-002.zip",
            ]
        );
    }

    #[test]
    fn whole_exports_miss_nothing() {
        assert!(
            missing([
                "takeout-20260909T182813Z-1-001.zip",
                "takeout-20260909T182813Z-1-002.zip"
            ])
            .is_empty()
        );
    }

    #[test]
    fn the_time_of_the_export_stands_in_the_name_of_file_or_folder() {
        let expected = "2026-03-10T17:21:33Z".parse::<DateTime<Utc>>().ok();
        for path in [
            "/home/jane/takeout-20260310T172133Z-3-001.zip",
            "takeout-20260310T172133Z-3-001/Takeout/Fitbit",
            "takeout-20260310T172133Z-001 - Copy.ZIP",
            "Copy of takeout-20260310T172133Z-3-001 2.tgz",
            "drive-download.zip/x/takeout-20260310T172133Z-3-001(1).tar",
        ] {
            assert_eq!(made(Path::new(path)), expected, "{path}");
        }
        for path in [
            "takeout-2026-001.zip",
            "MyFitbitData.zip",
            "takeout-20261399T172133Z-001.zip",
        ] {
            assert_eq!(made(Path::new(path)), None, "{path}");
        }
    }
}
