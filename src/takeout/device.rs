//! The names in the column `data source`, each kept once.

use std::sync::{PoisonError, RwLock};

/// A place in [`Devices`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device(u16);

/// How many names are kept, and how long they may be: people own a handful of devices, a damaged file could claim a million.
const MOST: usize = 4096;
const LONGEST: usize = 128;

/// All device names of a run, shared by the threads that read.
#[derive(Debug, Default)]
pub struct Devices(RwLock<Vec<String>>);

impl Devices {
    /// The place of a name; `None` if it is too long or there are too many.
    #[must_use]
    pub fn intern(&self, name: &str) -> Option<Device> {
        let find = |names: &Vec<String>| names.iter().position(|known| known == name);
        if let Some(at) = find(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return u16::try_from(at).ok().map(Device);
        }
        if name.len() > LONGEST {
            return None;
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

    /// The name at a place.
    #[must_use]
    pub fn name(&self, device: Device) -> Option<String> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        names.get(usize::from(device.0)).cloned()
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
        assert_eq!(devices.intern(&"x".repeat(LONGEST + 1)), None);
        assert_eq!(devices.intern("Inspire 3"), inspire);
    }
}
