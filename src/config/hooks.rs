//! `[hooks]`: commands that run when a sync that nobody watches has ended.

use super::error::Error;
use serde::Deserialize;
use std::path::Path;

/// A command for each way to end, without a shell: the program and its arguments; empty where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hooks {
    /// All was done.
    pub done: Vec<String>,
    /// Something was not.
    pub failed: Vec<String>,
    /// A series has stopped.
    pub stale: Vec<String>,
}

/// `[hooks]` as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHooks {
    pub(super) done: Option<Vec<String>>,
    pub(super) failed: Option<Vec<String>>,
    pub(super) stale: Option<Vec<String>>,
}

impl RawHooks {
    /// The commands.
    ///
    /// # Errors
    /// Fails when there is one and the file was met by chance in the current folder: whoever made that folder would have
    /// commands run.
    pub(super) fn meant(self, at: &Path, is_chance: bool) -> Result<Hooks, Error> {
        let hooks = Hooks {
            done: self.done.unwrap_or_default(),
            failed: self.failed.unwrap_or_default(),
            stale: self.stale.unwrap_or_default(),
        };
        if is_chance && hooks != Hooks::default() {
            return Err(Error::value(
                at,
                "hooks",
                "commands are taken only from a keys file that was named or stands in the configuration folder",
                "name it, fitbit-hr --keys keys.toml, or move it to the configuration folder",
            ));
        }
        Ok(hooks)
    }
}
