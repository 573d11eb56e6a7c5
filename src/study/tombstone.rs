//! Who has withdrawn: an object each below `_fitbit_hr/withdrawn/`, written before anything else is done and never taken
//! away. Whoever is about to write for a participant looks here, and looks again afterwards.

use super::id::Id;
use crate::objects::{Error, Objects};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The folder of all of them.
pub const WITHDRAWN: &str = "_fitbit_hr/withdrawn";

/// A withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// Whose.
    pub participant: Id,
    /// When.
    pub withdrawn: DateTime<Utc>,
    /// The data go, too.
    pub erase: bool,
}

/// The object of a participant's.
#[must_use]
pub fn name(id: &Id) -> String {
    format!("{WITHDRAWN}/{id}.json")
}

/// That of a participant; `None` for one who has not withdrawn. One that cannot be understood counts as one all the same.
///
/// # Errors
/// Fails when the store cannot be read.
pub fn of(objects: &dyn Objects, id: &Id) -> Result<Option<Tombstone>, Error> {
    let bytes = objects.read(&name(id))?;
    Ok(bytes.map(|bytes| understood(id, &bytes)))
}

fn understood(id: &Id, bytes: &[u8]) -> Tombstone {
    serde_json::from_slice(bytes).unwrap_or_else(|_| Tombstone {
        participant: id.clone(),
        withdrawn: DateTime::UNIX_EPOCH,
        erase: false,
    })
}

/// All of them, by id.
///
/// # Errors
/// As [`of`].
pub fn all(objects: &dyn Objects) -> Result<Vec<Tombstone>, Error> {
    let listed = objects.list(WITHDRAWN)?;
    let ids = listed.iter().filter_map(|object| {
        let name = object.name.rsplit('/').next()?;
        name.strip_suffix(".json")?.parse().ok()
    });
    let found = ids.map(|id| of(objects, &id));
    found.filter_map(Result::transpose).collect()
}

/// Puts one there, or makes one that is there ask for erasure as well.
///
/// # Errors
/// Fails when it cannot be written.
pub fn put(
    objects: &dyn Objects,
    id: &Id,
    now: DateTime<Utc>,
    erase: bool,
) -> Result<Tombstone, Error> {
    let earlier = of(objects, id)?;
    let tombstone = Tombstone {
        participant: id.clone(),
        withdrawn: earlier.as_ref().map_or(now, |earlier| earlier.withdrawn),
        erase: erase || earlier.as_ref().is_some_and(|earlier| earlier.erase),
    };
    if earlier.as_ref() != Some(&tombstone) {
        let bytes = serde_json::to_vec_pretty(&tombstone).unwrap_or_default();
        objects.put(&name(id), &bytes)?;
        objects.flush();
    }
    Ok(tombstone)
}
