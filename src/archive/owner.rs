//! Whose an archive is: a person's, told by a hash of the account's id, or the demo's. One archive, one person.
//!
//! The mark stands beside `heart_rate/` as a hidden file, so that no reader of the data set meets it. A folder without days is
//! nobody's, whatever a mark says; an archive from before there were marks becomes that of the next who writes.

use super::meta::Pairs;
use super::parquet_file::{Tail, value};
use super::{Archive, Error, Fault, Key, Refused, Store};
use crate::atomic_file::{self, Access};
use crate::day::Provider;
use crate::file_version;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const NAME: &str = ".fitbit-hr.owner";
/// What this version writes.
const VERSION: u32 = 1;

/// What is known of a person: the ids of one account, hashed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The id at Google Health.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    google: Option<String>,
    /// The id in Fitbit's days: of its API, of exports, and Google's `legacyUserId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fitbit: Option<String>,
}

impl Person {
    /// A person by the ids that are known; empty ones are none.
    #[must_use]
    pub fn of(google: Option<&str>, fitbit: Option<&str>) -> Self {
        Self {
            google: google.and_then(|id| hash("google", id)),
            fitbit: fitbit.and_then(|id| hash("fitbit", &id.to_ascii_uppercase())),
        }
    }

    /// Nothing is known.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.google.is_none() && self.fitbit.is_none()
    }

    /// What both together know; `None` if they are two people. The id at Google decides where both have it.
    #[must_use]
    pub fn with(&self, other: &Self) -> Option<Self> {
        let agree = |a: &Option<String>, b: &Option<String>| Some(a.as_ref()? == b.as_ref()?);
        let google = agree(&self.google, &other.google);
        let is_same = google.or_else(|| agree(&self.fitbit, &other.fitbit));
        is_same.unwrap_or(true).then(|| Self {
            google: self.google.clone().or_else(|| other.google.clone()),
            fitbit: self.fitbit.clone().or_else(|| other.fitbit.clone()),
        })
    }
}

/// An id that cannot be read off the mark, and is the same on every machine.
fn hash(kind: &str, id: &str) -> Option<String> {
    let id = id.trim();
    let bytes = Sha256::digest(format!("fitbit-hr archive owner {kind} {id}"));
    (!id.is_empty()).then(|| format!("{bytes:x}"))
}

/// The file's content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct RawMark {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    demo: bool,
    #[serde(flatten)]
    person: Person,
}

impl Archive {
    /// Whether days of this kind, made up or real, may be put here: all profiles of an archive are of one kind.
    ///
    /// # Errors
    /// Fails with [`Refused`] when there are days of the other kind, and when the archive cannot be read.
    pub fn admits_kind(&self, demo: bool) -> Result<(), Error> {
        for part in self.parts() {
            if part.holds(!demo, true)? {
                let root = part.root().to_owned();
                return Err(Error::Refused(if demo {
                    Refused::Real(root)
                } else {
                    Refused::MadeUp(root)
                }));
            }
        }
        Ok(())
    }

    /// Whether what is here was made up, for readers; looks at one day where there is no mark.
    ///
    /// # Errors
    /// Fails when the archive cannot be read.
    pub fn is_made_up(&self) -> Result<bool, Error> {
        self.holds(true, false)
    }

    /// Whether this person's days may be put here.
    ///
    /// # Errors
    /// Fails with [`Refused`] when it is another's.
    pub fn admits(&self, person: &Person) -> Result<(), Error> {
        self.mark_for(person).map(drop)
    }

    /// Makes the archive this person's, or the demo's, with what is newly known.
    ///
    /// # Errors
    /// As [`Archive::admits`], and when the mark cannot be written.
    pub fn bind(&self, demo: bool, person: &Person) -> Result<(), Error> {
        if self.next_mark(demo, person)?.is_none() {
            return Ok(());
        }
        fs::create_dir_all(self.root()).map_err(|cause| {
            let path = self.root().to_owned();
            Error::Write(atomic_file::Error::Create { path, cause })
        })?;
        let _lock = Store::folder(self.root()).lock()?;
        let Some(mark) = self.next_mark(demo, person)? else {
            return Ok(());
        };
        let bytes = serde_json::to_vec(&mark).map_err(|error| Error::Encode(error.to_string()))?;
        let path = self.root().join(NAME);
        atomic_file::write(&path, &bytes, Access::Shared)
            .map(drop)
            .map_err(Error::Write)
    }

    /// The mark that is to be written, if it says anything new.
    fn next_mark(&self, demo: bool, person: &Person) -> Result<Option<RawMark>, Error> {
        let person = self.mark_for(person)?;
        let mark = RawMark { demo, person };
        Ok((self.mark()?.unwrap_or_default() != mark).then_some(mark))
    }

    /// What the mark will say of the person.
    fn mark_for(&self, person: &Person) -> Result<Person, Error> {
        let known = self
            .mark()?
            .filter(|_| self.has_data())
            .unwrap_or_default()
            .person;
        known
            .with(person)
            .ok_or_else(|| Error::Refused(Refused::OtherPerson(self.root().to_owned())))
    }

    fn mark(&self) -> Result<Option<RawMark>, Error> {
        let path = self.root().join(NAME);
        let bytes = fs::read(&path).unwrap_or_default();
        if file_version::is_newer(&bytes, VERSION) {
            let fault = Fault::Newer;
            return Err(Error::Unreadable { path, fault });
        }
        Ok(serde_json::from_slice(&bytes).ok())
    }

    /// By its mark, else by its days: by all of them, or by one.
    fn holds(&self, demo: bool, all: bool) -> Result<bool, Error> {
        if !self.has_data() {
            return Ok(false);
        }
        match self.mark()? {
            Some(mark) => Ok(mark.demo == demo),
            None => self.has_days_of(demo, all),
        }
    }

    /// A series is a folder; the parts of profiles are not this one's.
    fn has_data(&self) -> bool {
        folders(self.root()).any(|name| !name.starts_with('.') && !name.starts_with("user="))
    }

    fn has_days_of(&self, demo: bool, all: bool) -> Result<bool, Error> {
        for series in self.series()? {
            for entry in self.entries(&series)? {
                // A damaged file is reported when its turn comes.
                let Ok(providers) = self.providers(&entry.key) else {
                    continue;
                };
                let is_kind = |provider: &Provider| (*provider == Provider::Demo) == demo;
                if providers.iter().any(is_kind) {
                    return Ok(true);
                }
                if !all && !providers.is_empty() {
                    return Ok(false);
                }
            }
        }
        Ok(false)
    }

    /// Who contributed to a file; all series say it in the same words.
    fn providers(&self, key: &Key) -> Result<BTreeSet<Provider>, Error> {
        let said =
            |_: &Key, tail: &Tail| Pairs(|name: &str| value(tail.file(), name)).list("provider");
        self.footer_as(key, said).map(Option::unwrap_or_default)
    }

    /// The whole archive: this part of it, and those of all profiles.
    fn parts(&self) -> Vec<Self> {
        let is_part = |path: &Path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("user="))
        };
        let base = self
            .root()
            .parent()
            .filter(|_| is_part(self.root()))
            .unwrap_or(self.root());
        let profiles = folders(base).filter(|name| name.starts_with("user="));
        let mut roots = vec![base.to_owned()];
        roots.extend(profiles.map(|name| base.join(name)));
        roots
            .into_iter()
            .map(|root| Self::on(Store::of_folder(&root)))
            .collect()
    }
}

/// The names of the folders in a folder; none where there is none.
fn folders(path: &Path) -> impl Iterator<Item = String> + use<> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{DayFile, Series, Table};
    use crate::day::{Day, Detail};
    use crate::extract::Columns;
    use chrono::NaiveDate;

    #[test]
    fn ids_are_compared_where_both_are_known() {
        let person = |google: &str, fitbit: &str| Person::of(Some(google), Some(fitbit));
        for (a, b, expected) in [
            (("1", ""), ("1", ""), Some(("1", ""))),
            (("1", ""), ("2", ""), None),
            (("1", ""), ("", "abc"), Some(("1", "abc"))),
            (("1", "ABC"), ("", "abc "), Some(("1", "ABC"))),
            (("1", "ABC"), ("", "ABD"), None),
            (("1", "ABC"), ("1", "ABD"), Some(("1", "ABC"))),
            (("1", "ABC"), ("2", "ABC"), None),
            (("", ""), ("2", "ABC"), Some(("2", "ABC"))),
            (("1", ""), ("", ""), Some(("1", ""))),
        ] {
            let expected = expected.map(|(google, fitbit)| person(google, fitbit));
            assert_eq!(
                person(a.0, a.1).with(&person(b.0, b.1)),
                expected,
                "{a:?} {b:?}"
            );
        }
        assert!(!format!("{:?}", person("112233", "ABC123")).contains("112233"));
    }

    fn add(archive: &Archive, date: &str, provider: Provider) {
        let date: NaiveDate = date.parse().expect("a date");
        let file = DayFile::new(Day::empty(date, Detail::Min1, provider));
        archive.update(&file).expect("a day");
    }

    #[test]
    fn an_archive_stays_with_its_person_and_a_folder_without_days_is_nobodys() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(folder.path(), None);
        let alice = Archive::open(folder.path(), Some("alice"));
        let [a, b] = ["1", "2"].map(|id| Person::of(Some(id), None));
        archive.bind(false, &a).expect("bound");
        archive.bind(false, &b).expect("bound again, it was empty");
        add(&archive, "2026-06-01", Provider::Google);
        assert!(matches!(
            archive.bind(false, &a),
            Err(Error::Refused(Refused::OtherPerson(_)))
        ));
        archive
            .bind(false, &Person::of(Some("2"), Some("XYZ")))
            .expect("more is known");
        assert!(archive.admits(&Person::of(None, Some("ABC"))).is_err());
        archive
            .admits(&Person::default())
            .expect("nothing contradicts");
        alice
            .bind(false, &a)
            .expect("a profile is a person of its own");
    }

    #[test]
    fn real_and_made_up_days_never_meet_marked_or_not() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, provider) in [("real", Provider::Takeout), ("demo", Provider::Demo)] {
            let demo = provider == Provider::Demo;
            let root = folder.path().join(name);
            let archive = Archive::open(&root, None);
            let alice = Archive::open(&root, Some("alice"));
            assert!(archive.admits_kind(demo).is_ok() && archive.admits_kind(!demo).is_ok());
            add(&alice, "2026-06-01", provider);
            for _ in ["by its days", "by its mark"] {
                for part in [&archive, &alice] {
                    assert!(part.admits_kind(demo).is_ok());
                    assert!(matches!(part.admits_kind(!demo), Err(Error::Refused(_))));
                }
                assert_eq!(alice.is_made_up().expect("readable"), demo);
                alice
                    .bind(demo, &Person::of(Some("1"), None))
                    .expect("bound");
            }
        }
    }

    /// A year of a series in which nothing but its provider is known.
    fn add_sleep(archive: &Archive, provider: Provider) {
        let columns: Columns = Columns::from([]);
        let mut table = Table::none(&columns);
        table.meta.providers = [provider].into();
        let year = Series::new("sleep", None).year(2026);
        let made = archive.edit(&year, &columns, |_| Some(table.clone()));
        made.expect("a year");
    }

    #[test]
    fn any_series_tells_whose_kind_the_days_are() {
        for provider in [Provider::Google, Provider::Demo] {
            let folder = tempfile::tempdir().expect("a folder");
            let archive = Archive::open(folder.path(), None);
            add_sleep(&archive, provider);
            let demo = provider == Provider::Demo;
            assert_eq!(archive.is_made_up().expect("readable"), demo);
            assert!(archive.admits_kind(demo).is_ok());
            assert!(matches!(archive.admits_kind(!demo), Err(Error::Refused(_))));
        }
    }
}
