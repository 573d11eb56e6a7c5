//! The names in the column `data source`, each kept once.

use crate::archive::merge::record::{self, is_tracker};
use std::sync::{PoisonError, RwLock};

/// A place in [`Devices`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device(u16);

/// How many names are kept, and how many bytes of one: people own a handful of devices, a damaged file could claim a million.
const MOST: usize = 4096;
const LONGEST: usize = 128;

/// All device names of a run, shared by the threads that read.
#[derive(Debug, Default)]
pub struct Devices(RwLock<Vec<String>>);

impl Devices {
    /// The place of a name, cut if it is too long; `None` if there are too many.
    #[must_use]
    pub fn intern(&self, name: &str) -> Option<Device> {
        let name = name
            .get(..name.floor_char_boundary(LONGEST))
            .unwrap_or(name);
        let find = |names: &Vec<String>| names.iter().position(|known| known == name);
        if let Some(at) = find(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return u16::try_from(at).ok().map(Device);
        }
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let at = find(&names).or_else(|| {
            (names.len() < MOST).then(|| {
                names.push(name.to_owned());
                names.len() - 1
            })
        })?;
        u16::try_from(at).ok().map(Device)
    }

    /// All names so far in the order in which they win.
    #[must_use]
    pub fn ranked(&self) -> Ranked {
        let names = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by_key(|&at| names.get(at).map(|name| (is_tracker(name), name)));
        let mut places = vec![0; names.len()];
        for (place, &at) in order.iter().enumerate() {
            if let (Some(known), Ok(place)) = (places.get_mut(at), u16::try_from(place)) {
                *known = place;
            }
        }
        let names: Vec<String> = order
            .iter()
            .filter_map(|&at| names.get(at).cloned())
            .collect();
        let trackers = names.iter().map(|name| is_tracker(name)).collect();
        Ranked {
            places,
            names,
            trackers,
        }
    }

    /// The name at a place.
    #[must_use]
    pub fn name(&self, device: Device) -> Option<String> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        names.get(usize::from(device.0)).cloned()
    }
}

/// Names in the order in which they win.
#[derive(Debug)]
pub struct Ranked {
    places: Vec<u16>,
    names: Vec<String>,
    /// By place, as the names are.
    trackers: Vec<bool>,
}

impl Ranked {
    /// A device among the others; `None` if it was not known yet.
    #[must_use]
    pub fn device(&self, device: Device) -> Option<record::Device> {
        let place = *self.places.get(usize::from(device.0))?;
        let tracker = *self.trackers.get(usize::from(place))?;
        Some(record::Device { tracker, place })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self, device: record::Device) -> Option<String> {
        self.names.get(usize::from(device.place)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once_and_a_flood_of_names_is_bounded() {
        let devices = Devices::default();
        let inspire = devices.intern("Inspire 3");
        assert_eq!(devices.intern("Inspire 3"), inspire);
        assert_ne!(devices.intern("Charge 5"), inspire);
        assert_eq!(
            inspire.and_then(|device| devices.name(device)).as_deref(),
            Some("Inspire 3")
        );
        for at in 0..MOST * 2 {
            let _ = devices.intern(&at.to_string());
        }
        assert_eq!(devices.intern("one more"), None);
        assert_eq!(devices.intern("Inspire 3"), inspire);
    }
}
