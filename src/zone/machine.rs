//! The machine's own zone: `TZ` in every form that `date` obeys, and `/etc/localtime`.

use super::posix::Rule;
use super::table::Table;
use super::tz::Tz;
use super::{database, tzif};
use std::path::Path;

/// What `TZ` means: a name or a file, either after a colon too, or a POSIX rule. Empty, or nothing that can be read: UTC.
#[must_use]
pub fn of_variable(text: &str) -> Tz {
    let named = text.strip_prefix(':').unwrap_or(text);
    let found = if named.starts_with('/') {
        file(Path::new(named))
    } else {
        database::named(named)
    };
    let rule = || Tz::of_rule(&Rule::parse(text)?, text);
    found.or_else(rule).unwrap_or(Tz::UTC)
}

/// What the system is set to, by its name or its file; `None` where it does not say.
#[must_use]
pub fn local() -> Option<Tz> {
    let name = iana_time_zone::get_timezone().ok();
    let named = name.and_then(|name| database::named(&name));
    named.or_else(|| file(Path::new("/etc/localtime")))
}

/// A file of a database; by its name where it has one, so that the newer laws hold.
fn file(path: &Path) -> Option<Tz> {
    let named = database::name_of(path).and_then(|name| database::named(&name));
    named.or_else(|| Tz::known(path.to_str()?, || tzif::decode(&std::fs::read(path).ok()?)))
}

impl Tz {
    /// A rule without summer time is a fixed offset.
    pub(super) fn of_rule(rule: &Rule, text: &str) -> Option<Self> {
        if rule.changes() {
            Self::known(text, || Some(Table::of_rule(rule.clone())))
        } else {
            Self::fixed(rule.standard().utc_offset)
        }
    }
}
