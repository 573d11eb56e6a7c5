//! What a place does when eight write at once, and what that means for a study. [`race`] tries it, [`judge`] decides.

use super::{Error, Objects};
use bytes::Bytes;
use std::sync::Barrier;
use std::thread;

/// How many write at once.
const WRITERS: u8 = 8;
/// How often each race is run: some servers lose seldom.
const ROUNDS: usize = 4;
/// As large as a day's file, so that a write takes time.
const SIZE: usize = 100_000;

/// An object that was seen in parts this often will not heal.
const TORN_ENOUGH: usize = 20;

/// What came of the races.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Race {
    /// The most that were told, of eight, that they made one and the same object.
    pub created: usize,
    /// The most that were told, of eight, that they replaced one and the same earlier object.
    pub replaced: usize,
    /// Changes that were lost, although each of eight went on until it was told that its own is in.
    pub lost: usize,
    /// How often a reader saw less than a whole object.
    pub torn: usize,
    /// How often a writer that was told "done" read, or found listed, what was there before.
    pub stale: usize,
}

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As it should be.
    Ok,
    /// It works, and a person should know the remedy.
    Warning,
    /// A study must not rest on it.
    Failed,
}

/// One thing that was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its name, which stays.
    pub id: &'static str,
    /// How it is.
    pub standing: Standing,
    /// What was found, in one line.
    pub says: String,
    /// What to do about it.
    pub remedy: Option<&'static str>,
}

/// What the races mean.
#[must_use]
pub fn judge(race: &Race) -> Vec<Finding> {
    let finding = |id, bad: Option<(Standing, String, &'static str)>, good: &str| match bad {
        None => Finding {
            id,
            standing: Standing::Ok,
            says: good.to_owned(),
            remedy: None,
        },
        Some((standing, says, remedy)) => Finding {
            id,
            standing,
            says,
            remedy: Some(remedy),
        },
    };
    let whole = (race.torn > 0).then(|| {
        let says = format!("readers saw parts of objects, {} times", race.torn);
        (
            Standing::Failed,
            says,
            "use another server: no data set is safe on this one",
        )
    });
    let fresh = (race.stale > 0).then(|| {
        let says = format!(
            "what was just written was not there for the next reader, {} times",
            race.stale
        );
        (
            Standing::Failed,
            says,
            "turn off whatever caches between here and the store, or use another server",
        )
    });
    let holds = race.created <= 1 && race.replaced <= 1 && race.lost == 0;
    let conditions = (!holds).then(|| {
        let says = format!(
            "conditional writes race: of {WRITERS} at once {} made one object, {} replaced one, {} changes were lost",
            race.created, race.replaced, race.lost
        );
        (
            Standing::Warning,
            says,
            "let no two runs of one shard overlap: what one of them loses comes again with the next run",
        )
    });
    vec![
        finding("whole", whole, "readers see whole objects only"),
        finding(
            "fresh",
            fresh,
            "what is written is there for the next reader",
        ),
        finding(
            "conditions",
            conditions,
            "of eight that write at once one gets through, and the others know it",
        ),
    ]
}

/// Runs the races below a folder, which is empty before and after.
///
/// # Errors
/// Fails when the place cannot be listed, read, written or cleared.
pub fn race(objects: &dyn Objects, folder: &str) -> Result<Race, Error> {
    let raced = all(objects, folder);
    let cleared = objects.list(folder).and_then(|left| {
        let mut left = left.iter();
        left.try_for_each(|object| objects.delete(&object.name))
    });
    raced.and_then(|race| cleared.map(|()| race))
}

fn all(objects: &dyn Objects, folder: &str) -> Result<Race, Error> {
    let mut race = Race::default();
    for round in 0..ROUNDS {
        let name = format!("{folder}/round-{round}");
        let created = at_once(|writer| objects.replace(&name, None, &marked(1 << writer)))?;
        race.created = race.created.max(won(&created));
        let there = objects.read(&name)?.unwrap_or_default();
        let replaced =
            at_once(|writer| objects.replace(&name, Some(&there), &marked(!(1 << writer))))?;
        race.replaced = race.replaced.max(won(&replaced));

        objects.put(&name, &marked(0))?;
        let torn = at_once(|writer| add(objects, &name, 1 << writer))?;
        race.torn += torn.into_iter().sum::<usize>();
        let bits = objects.read(&name)?.and_then(|bytes| marks(&bytes));
        race.lost += bits.unwrap_or_default().count_zeros() as usize;

        race.stale += stale(objects, folder, &name)?;
    }
    Ok(race)
}

/// Adds a mark until told that it is in; answers how often the object was torn meanwhile.
fn add(objects: &dyn Objects, name: &str, mark: u8) -> Result<usize, Error> {
    let mut torn = 0;
    loop {
        let before = objects.read(name)?;
        let has = before.as_ref().map(marks);
        if has == Some(None) {
            torn += 1;
            if torn == TORN_ENOUGH {
                return Ok(torn);
            }
            continue;
        }
        let bytes = marked(has.flatten().unwrap_or_default() | mark);
        if objects.replace(name, before.as_deref(), &bytes)? {
            return Ok(torn);
        }
    }
}

/// How often what was written, listed or removed last was not so for the next reader.
fn stale(objects: &dyn Objects, folder: &str, name: &str) -> Result<usize, Error> {
    let mut stale = 0;
    for mark in [3, 5] {
        let bytes = marked(mark);
        objects.put(name, &bytes)?;
        stale += usize::from(objects.read(name)?.as_deref() != Some(&bytes));
        let listed = objects.list(folder)?;
        stale += usize::from(!listed.iter().any(|object| object.name == name));
        objects.delete(name)?;
        stale += usize::from(objects.read(name)?.is_some());
    }
    Ok(stale)
}

/// An object that bears these marks.
fn marked(marks: u8) -> Vec<u8> {
    vec![marks; SIZE]
}

/// The marks of an object; `None` if it is not whole.
fn marks(bytes: &Bytes) -> Option<u8> {
    let first = *bytes.first()?;
    let is_whole = bytes.len() == SIZE && bytes.iter().all(|byte| *byte == first);
    is_whole.then_some(first)
}

fn won(told: &[bool]) -> usize {
    told.iter().filter(|won| **won).count()
}

/// What each of the writers, who begin together, was told.
fn at_once<T: Send>(write: impl Fn(u8) -> Result<T, Error> + Sync) -> Result<Vec<T>, Error> {
    let (start, write) = (Barrier::new(WRITERS.into()), &write);
    thread::scope(|scope| {
        let start = &start;
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                scope.spawn(move || {
                    start.wait();
                    write(writer)
                })
            })
            .collect();
        let told = writers.into_iter().map(|writer| {
            let told = writer.join();
            told.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        told.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::Folder;

    #[test]
    fn a_folder_keeps_all_promises() {
        let folder = tempfile::tempdir().expect("a folder");
        let objects = Folder::new(folder.path().to_owned(), ".lock");
        let race = race(&objects, "_fitbit_hr/doctor").expect("raced");
        let expected = Race {
            created: 1,
            replaced: 1,
            ..Race::default()
        };
        assert_eq!(race, expected);
        assert!(
            judge(&race)
                .iter()
                .all(|finding| finding.standing == Standing::Ok)
        );
        assert_eq!(objects.list("").expect("listed"), []);
    }

    #[test]
    fn each_broken_promise_has_its_own_finding() {
        let good = Race {
            created: 1,
            replaced: 1,
            ..Race::default()
        };
        for (race, id, standing) in [
            (
                Race {
                    created: 8,
                    ..good.clone()
                },
                "conditions",
                Standing::Warning,
            ),
            (
                Race {
                    replaced: 2,
                    ..good.clone()
                },
                "conditions",
                Standing::Warning,
            ),
            (
                Race {
                    lost: 1,
                    ..good.clone()
                },
                "conditions",
                Standing::Warning,
            ),
            (
                Race {
                    torn: 1,
                    ..good.clone()
                },
                "whole",
                Standing::Failed,
            ),
            (
                Race {
                    stale: 1,
                    ..good.clone()
                },
                "fresh",
                Standing::Failed,
            ),
        ] {
            let found = judge(&race);
            let bad: Vec<_> = found
                .iter()
                .filter(|finding| finding.standing != Standing::Ok)
                .collect();
            assert_eq!((bad.len(), bad[0].id, bad[0].standing), (1, id, standing));
            assert!(bad[0].remedy.is_some());
        }
        // On some servers nobody wins a race; the loser asks again, so nothing is lost.
        assert!(
            judge(&Race::default())
                .iter()
                .all(|finding| finding.standing == Standing::Ok)
        );
    }
}
