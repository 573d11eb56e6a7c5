//! What a file in an export is, told by its base name alone.
//!
//! The folders changed with every year and product name (`user-site-export`, `MyFitbitData`, `Takeout/Fitbit`,
//! `Takeout/Google Health`, one sub-folder a family); the base names did not, but for the marks that browsers and systems
//! put on copies. The neighbours `resting_heart_rate-*`, `time_in_heart_rate_zones-*` and `daily_heart_rate_zones.csv` are
//! no heart-rate files.

use chrono::NaiveDate;

/// What is read from an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `Profile.csv`: the account's time zone.
    Profile,
    /// `UserSleeps_*.csv`: offsets from UTC, night by night.
    Sleeps,
    /// `UserSleepStages_*.csv`: the same, stage by stage.
    SleepStages,
    /// `sleep-YYYY-MM-DD.json`: sleeps on the wearer's clock.
    SleepLog,
    /// `resting_heart_rate-YYYY-MM-DD.json`: a year of resting heart rates.
    RestingJson,
    /// `daily_resting_heart_rate.csv`, with a date or without: all resting heart rates.
    RestingCsv,
    /// `heart_rate-YYYY-MM-DD.json`: the UTC instants of one day of the wearer.
    Json(NaiveDate),
    /// `heart_rate_YYYY-MM-DD.csv`: the instants of one day of UTC.
    Csv(NaiveDate),
}

impl Kind {
    /// The day in the name of a heart-rate file.
    #[must_use]
    pub const fn day(self) -> Option<NaiveDate> {
        match self {
            Self::Json(day) | Self::Csv(day) => Some(day),
            Self::Profile
            | Self::Sleeps
            | Self::SleepStages
            | Self::SleepLog
            | Self::RestingJson
            | Self::RestingCsv => None,
        }
    }

    /// No honest file of this kind has more bytes: what claims or turns out to be larger is refused unread.
    ///
    /// A JSON day holds one record a second of the wall clock at most, which is 8.3 MB in the usual spacing.
    #[must_use]
    pub const fn max_bytes(self) -> u64 {
        const MIB: u64 = 1 << 20;
        match self {
            Self::Json(_) => 24 * MIB,
            // It may hold more days than the one in its name.
            Self::Csv(_) => 128 * MIB,
            Self::Sleeps
            | Self::SleepStages
            | Self::SleepLog
            | Self::RestingJson
            | Self::RestingCsv => 16 * MIB,
            Self::Profile => MIB,
        }
    }
}

/// What a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A file to read.
    Wanted(Kind),
    /// An archive, whatever is in it.
    Archive,
    /// It is called like a heart-rate file of a day that does not exist.
    NoDay,
    /// It stands for one of ours whose bytes cannot be read here, with the reason and the remedy.
    Elsewhere(&'static str),
    /// Not ours: never opened, never inflated.
    Foreign,
}

/// Endings of archives that are read.
pub const ARCHIVES: [&[u8]; 4] = [b".zip", b".tgz", b".tar.gz", b".tar"];

const NO_DAY: &str = "there is no such day as its name says";
const IN_ICLOUD: &str =
    "it is still in iCloud: open the folder in the Finder and choose Download Now";
const UNFINISHED: &str = "its download did not finish: download it again";
const PACKED: &str =
    "it is packed in a way that is not read here: unpack it, then import the folder";

/// What a system, a browser or a person puts behind the name of a file that is not there, or not as it was.
const STAND_INS: [(&[u8], &str); 12] = [
    (b".icloud", IN_ICLOUD),
    (b".crdownload", UNFINISHED),
    (b".part", UNFINISHED),
    (b".partial", UNFINISHED),
    (b".download", UNFINISHED),
    (b".opdownload", UNFINISHED),
    (b".bz2", PACKED),
    (b".xz", PACKED),
    (b".zst", PACKED),
    (b".7z", PACKED),
    (b".rar", PACKED),
    (
        b".gpg",
        "it is encrypted: decrypt it, then import the folder",
    ),
];

impl Named {
    /// Why nothing can be read where the name promises something.
    #[must_use]
    pub const fn refusal(self) -> Option<&'static str> {
        match self {
            Self::NoDay => Some(NO_DAY),
            Self::Elsewhere(why) => Some(why),
            Self::Wanted(_) | Self::Archive | Self::Foreign => None,
        }
    }
}

/// Judges a path inside an archive or a folder; only its last part counts, in capitals or not.
///
/// Both separators end a folder's name, whatever system packed the archive. What macOS packs beside the files
/// (`__MACOSX/._name`) is foreign.
#[must_use]
pub fn judge(path: &[u8]) -> Named {
    let base = base_name(path).to_ascii_lowercase();
    if base.starts_with(b"._") {
        return Named::Foreign;
    }
    let mut named = of_base(&base);
    if let Some((stem, why)) = STAND_INS
        .iter()
        .find_map(|(ending, why)| Some((base.strip_suffix(*ending)?, *why)))
    {
        named = stands_in(stem, why);
    }
    if named != Named::Foreign && in_macos_shadow(path) {
        return Named::Foreign;
    }
    named
}

/// What stands in for a file is told if the file would be read, or is an export in another packing.
fn stands_in(stem: &[u8], why: &'static str) -> Named {
    let stem = stem.strip_prefix(b".").unwrap_or(stem);
    let export = stem.starts_with(b"takeout-") || stem.starts_with(b"myfitbitdata");
    if of_base(stem) == Named::Foreign && !export {
        return Named::Foreign;
    }
    Named::Elsewhere(why)
}

/// The part of a path behind its last separator.
#[must_use]
pub fn base_name(path: &[u8]) -> &[u8] {
    let start = path.iter().rposition(|&byte| matches!(byte, b'/' | b'\\'));
    path.get(start.map_or(0, |at| at + 1)..).unwrap_or_default()
}

fn in_macos_shadow(path: &[u8]) -> bool {
    path.split(|&byte| matches!(byte, b'/' | b'\\'))
        .any(|part| part == b"__MACOSX")
}

/// How names begin and end, and whether a date stands between.
type Family = (&'static [u8], &'static [u8], fn(NaiveDate) -> Kind);

const DATED: [Family; 5] = [
    (b"heart_rate-", b".json", Kind::Json),
    (b"heart_rate_", b".csv", Kind::Csv),
    (b"resting_heart_rate-", b".json", |_| Kind::RestingJson),
    (b"sleep-", b".json", |_| Kind::SleepLog),
    (b"daily_resting_heart_rate_", b".csv", |_| Kind::RestingCsv),
];

const UNDATED: [(&[u8], Kind); 2] = [
    (b"profile", Kind::Profile),
    (b"daily_resting_heart_rate", Kind::RestingCsv),
];

const NIGHTS: [(&[u8], Kind); 2] = [
    (b"usersleeps_", Kind::Sleeps),
    (b"usersleepstages_", Kind::SleepStages),
];

/// Judges a base name in small letters.
fn of_base(base: &[u8]) -> Named {
    if ARCHIVES.iter().any(|ending| base.ends_with(ending)) {
        return Named::Archive;
    }
    let dated = DATED.iter().find_map(|(before, after, kind)| {
        let (date, rest) = behind(base, before)?.split_at_checked(10)?;
        if !is_date_shaped(date) || !is_mark(ended(rest, after)?) {
            return None;
        }
        Some(date_of(date).map_or(Named::NoDay, |date| Named::Wanted(kind(date))))
    });
    let named = |(before, kind): &(&[u8], Kind), strict: bool| {
        let mark = ended(behind(base, before)?, b".csv")?;
        let fits = !strict || (is_mark(mark) && mark.first() != Some(&b'_'));
        fits.then_some(Named::Wanted(*kind))
    };
    dated
        .or_else(|| UNDATED.iter().find_map(|family| named(family, true)))
        .or_else(|| NIGHTS.iter().find_map(|family| named(family, false)))
        .unwrap_or(Named::Foreign)
}

/// What stands behind a name's beginning; a copy may have words before it: `Copy of heart_rate-...`.
fn behind<'a>(base: &'a [u8], before: &[u8]) -> Option<&'a [u8]> {
    let words = base.iter().enumerate().filter(|(_, byte)| **byte == b' ');
    let starts = std::iter::once(0).chain(words.map(|(at, _)| at + 1));
    starts
        .filter_map(|start| base.get(start..))
        .find_map(|word| word.strip_prefix(before))
}

/// The mark of a copy before the ending: ` (1)`, ` 2`, ` - copy`; what may stand behind it is checked.
fn ended<'a>(rest: &'a [u8], ending: &[u8]) -> Option<&'a [u8]> {
    let at = rest
        .windows(ending.len())
        .rposition(|part| part == ending)?;
    let (mark, after) = rest.split_at_checked(at)?;
    is_tail(after.get(ending.len()..)?).then_some(mark)
}

/// Systems in all languages mark copies by something that is no letter or digit, and then anything.
fn is_mark(mark: &[u8]) -> bool {
    mark.first()
        .is_none_or(|byte| !byte.is_ascii_alphanumeric())
}

/// What may stand behind an ending: gzip's own, a number, a word for an older copy, or a copy's mark.
fn is_tail(tail: &[u8]) -> bool {
    const OLDER: [&[u8]; 6] = [b"", b".txt", b".bak", b".old", b".orig", b".copy"];
    let tail = tail.strip_suffix(b".gz").unwrap_or(tail);
    let number = tail.strip_prefix(b".").unwrap_or_default();
    OLDER.contains(&tail)
        || matches!(tail.first(), Some(b' ' | b'(' | b'~'))
        || (!number.is_empty() && number.iter().all(u8::is_ascii_digit))
}

fn is_date_shaped(text: &[u8]) -> bool {
    text.len() == 10
        && text.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

fn date_of(text: &[u8]) -> Option<NaiveDate> {
    let text = std::str::from_utf8(text).ok()?;
    text.parse().ok()
}

#[cfg(test)]
mod tests;
