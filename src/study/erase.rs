//! What of a participant goes when their data are to go: data, memory, account, and the id in reports. The tombstone stays.

use super::account;
use super::id::Id;
use super::report::{self, RUNS, Report};
use crate::archive::Layout;
use crate::archive::layout::BESIDE;
use crate::objects::{Error, Objects};

/// What was taken away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Files of data.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Reports that named the participant.
    pub reports: u64,
}

/// Takes away all that there is of a participant but the tombstone, which stands already.
///
/// # Errors
/// Fails when the store cannot be read or written; another try takes away the rest.
pub fn erase(objects: &dyn Objects, id: &Id) -> Result<Erased, Error> {
    let mut erased = data(objects, id)?;
    account::forget(objects, id)?;
    erased.reports = reports(objects, id)?;
    objects.flush();
    Ok(erased)
}

/// The data and what sync remembers.
///
/// # Errors
/// As [`erase`].
pub fn data(objects: &dyn Objects, id: &Id) -> Result<Erased, Error> {
    let layout = Layout::of_participant(id.as_str());
    let mut erased = Erased::default();
    for table in objects.folders("")? {
        if !Layout::is_table(&table) {
            continue;
        }
        for object in objects.list(&layout.table(&table))? {
            objects.delete(&object.name)?;
            erased.files += 1;
            erased.bytes += object.bytes;
        }
        objects.sweep(&layout.table(&table), &|_| true);
    }
    objects.delete(&layout.memory())?;
    objects.sweep(BESIDE, &|_| true);
    Ok(erased)
}

/// Whether there is anything left of the data.
///
/// # Errors
/// Fails when the store cannot be listed.
pub fn is_gone(objects: &dyn Objects, id: &Id) -> Result<bool, Error> {
    let layout = Layout::of_participant(id.as_str());
    for table in objects.folders("")? {
        let is_table = !table.starts_with(['.', '_']) && !table.contains('=');
        if is_table && !objects.list(&layout.table(&table))?.is_empty() {
            return Ok(false);
        }
    }
    Ok(objects.read(&layout.memory())?.is_none() && !account::knows(objects, id)?)
}

/// Only reports of the participant's own shards are looked at.
fn reports(objects: &dyn Objects, id: &Id) -> Result<u64, Error> {
    let mut changed = 0;
    for object in objects.list(RUNS)? {
        let file = object.name.rsplit('/').next().unwrap_or_default();
        if report::shard_of(file).is_some_and(|shard| shard.has(id)) {
            changed += u64::from(strike(objects, &object.name, id)?);
        }
    }
    Ok(changed)
}

/// Takes a participant out of a report; whether it was in there.
fn strike(objects: &dyn Objects, name: &str, id: &Id) -> Result<bool, Error> {
    loop {
        let Some(before) = objects.read(name)? else {
            return Ok(false);
        };
        let Ok(mut report) = serde_json::from_slice::<Report>(&before) else {
            return Ok(false);
        };
        if report.participants.remove(id).is_none() {
            return Ok(false);
        }
        if objects.replace(name, Some(&before), &report.encoded())? {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::Folder;
    use crate::study::report::Outcome;
    use crate::study::shard::Shard;
    use chrono::DateTime;

    #[test]
    fn nothing_is_left_of_one_and_everything_of_the_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let objects = Folder::new(folder.path().to_owned(), "_fitbit_hr/lock");
        let [a, b] = ["P001", "P0010"].map(|id| id.parse::<Id>().expect("an id"));
        let mut names = Vec::new();
        for id in [&a, &b] {
            for table in ["heart_rate", "sleep", "sleep_stages"] {
                names.push(format!("{table}/participant={id}/year=2026/2026.parquet"));
            }
            names.push(format!("_fitbit_hr/memory/{id}.json"));
        }
        for name in &names {
            objects.put(name, b"x").expect("written");
        }
        account::claim(&objects, &a, "111").expect("written");
        let mut reports = Vec::new();
        for of in [1, 8] {
            let index = (0..of).find(|index| Shard { index: *index, of }.has(&a));
            let report = Report {
                shard: index.expect("one of them"),
                of,
                started: DateTime::UNIX_EPOCH,
                ended: DateTime::UNIX_EPOCH,
                participants: [&a, &b].map(|id| (id.clone(), Outcome::withdrawn())).into(),
            };
            objects
                .put(&report.name(), &report.encoded())
                .expect("written");
            reports.push(report.name());
        }
        // What a killed run left half written.
        let left = folder
            .path()
            .join("sleep/participant=P001/year=2026/.2026.parquet.AbC123.tmp");
        std::fs::write(&left, "x").expect("written");
        assert!(!is_gone(&objects, &a).expect("read"));
        let erased = erase(&objects, &a).expect("erased");
        assert_eq!((erased.files, erased.bytes, erased.reports), (3, 3, 2));
        assert!(is_gone(&objects, &a).expect("read"));
        assert!(!folder.path().join("sleep/participant=P001").exists());
        let stays = objects
            .list("")
            .expect("listed")
            .into_iter()
            .map(|object| object.name);
        let mut expected: Vec<_> = names
            .into_iter()
            .filter(|name| name.contains("P0010"))
            .collect();
        expected.extend(reports);
        expected.sort_unstable();
        assert_eq!(stays.collect::<Vec<_>>(), expected);
        assert_eq!(erase(&objects, &a).expect("again"), Erased::default());
    }
}
