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
        if table.starts_with(['.', '_']) || table.contains('=') {
            continue;
        }
        for object in objects.list(&slashed(&layout.table(&table)))? {
            objects.delete(&object.name)?;
            erased.files += 1;
            erased.bytes += object.bytes;
        }
        objects.sweep(&slashed(&layout.table(&table)));
    }
    objects.delete(&slashed(&layout.memory()))?;
    objects.sweep(BESIDE);
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
        if is_table && !objects.list(&slashed(&layout.table(&table)))?.is_empty() {
            return Ok(false);
        }
    }
    Ok(objects.read(&slashed(&layout.memory()))?.is_none() && !account::knows(objects, id)?)
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

fn slashed(path: &std::path::Path) -> String {
    let parts = path.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}
