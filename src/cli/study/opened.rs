//! A study whose file has been read, for every command that works on one.

use crate::cli::context::Context;
use crate::error::Error;
use crate::objects::Objects;
use crate::study::tokens::Tokens;
use crate::study::{self, Settings};
use std::path::Path;
use std::sync::Arc;

/// The lock of a store that is a folder; beside the data, where no reader meets it.
pub(super) const LOCK: &str = "_fitbit_hr/lock";

/// A study whose file has been read.
pub(super) struct Study {
    /// What the file says.
    pub settings: Settings,
    /// The store.
    pub objects: Arc<dyn Objects>,
    /// The logins.
    pub tokens: Tokens,
}

impl Study {
    /// Reads the file and opens the store; nothing is asked of a server yet.
    pub fn open(path: &Path, context: &Context) -> Result<Self, Error> {
        let settings = Settings::read(path, &context.settings.catalogue)?;
        let objects = settings.store.open(LOCK, &context.environment.aws);
        Ok(Self {
            objects: objects.map_err(study::Error::from)?,
            tokens: Tokens::new(settings.tokens.clone()),
            settings,
        })
    }

    /// Something with the store, which may wait for a disk or a bucket.
    pub async fn with_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Objects) -> Result<T, study::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let objects = Arc::clone(&self.objects);
        let done = crate::cli::blocking::blocking(move |_| work(&*objects)).await;
        Ok(done?)
    }
}
