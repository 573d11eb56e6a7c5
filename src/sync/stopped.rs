//! Which series are known to have stopped, and which of them have been told of: kept with what sync remembers.

use super::stale::Stale;
use super::sync_state::SyncState;
use crate::archive::{Archive, Error};

/// Keeps what was found about the series that were looked at, and whether it has been told already; one that flows again is
/// forgotten.
///
/// # Errors
/// Fails when the sync state cannot be written.
pub fn remember(
    archive: &Archive,
    looked: &[&str],
    found: impl IntoIterator<Item = Stale>,
) -> Result<Vec<Stale>, Error> {
    let mut state = SyncState::read(archive)?;
    let told = |stale: &Stale| {
        state
            .stale()
            .iter()
            .any(|known| known.told && known.series == stale.series)
    };
    let found: Vec<_> = found
        .into_iter()
        .map(|stale| Stale {
            told: told(&stale),
            ..stale
        })
        .collect();
    let others = state
        .stale()
        .iter()
        .filter(|stale| !looked.contains(&&*stale.series));
    let all = others.chain(&found).cloned().collect();
    state.set_stale(archive, all)?;
    Ok(found)
}

/// Series that had stopped at the last sync that looked up to its today.
///
/// # Errors
/// Fails when what is remembered cannot be read.
pub fn in_archive(archive: &Archive) -> Result<Vec<Stale>, Error> {
    Ok(SyncState::read(archive)?.stale().to_vec())
}

/// Keeps in mind that these have been told of.
///
/// # Errors
/// As [`remember`].
pub fn told(archive: &Archive, names: &[&str]) -> Result<(), Error> {
    let mut stale = in_archive(archive)?;
    for series in &mut stale {
        series.told |= names.contains(&&*series.series);
    }
    SyncState::read(archive)?.set_stale(archive, stale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::stale::Cause;

    #[test]
    fn a_series_is_told_of_once_until_it_flows_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(folder.path(), None);
        let stale = || {
            Some(Stale {
                series: "x".to_owned(),
                since: "2026-11-20".parse().expect("a date"),
                cause: Cause::Unknown,
                told: false,
            })
        };
        let told = |found| {
            remember(&archive, &["x"], found)
                .expect("writable")
                .iter()
                .map(|s| s.told)
                .collect::<Vec<_>>()
        };
        assert_eq!(told(stale()), [false]);
        assert_eq!(told(stale()), [false]);
        super::told(&archive, &["y"]).expect("writable");
        assert_eq!(told(stale()), [false]);
        super::told(&archive, &["x"]).expect("writable");
        assert_eq!(told(stale()), [true]);
        assert_eq!(told(None), [] as [bool; 0]);
        assert_eq!(told(stale()), [false]);
    }
}
