//! A study whose file has been read, with its store and its tokens.

use crate::cli::blocking::blocking;
use crate::cli::context::Context;
use crate::error::Error;
use crate::objects::Objects;
use crate::study::tokens::Tokens;
use crate::study::{self, Settings};
use std::path::Path;
use std::sync::Arc;

/// The lock of a store that is a folder; beside the data, where no reader meets it.
pub(super) const LOCK: &str = "_fitbit_hr/lock";

/// What every command about participants needs.
pub(super) struct Study {
    pub(super) settings: Settings,
    pub(super) objects: Arc<dyn Objects>,
    pub(super) tokens: Tokens,
}

impl Study {
    pub(super) fn open(path: &Path, context: &Context) -> Result<Self, Error> {
        let settings = Settings::read(path, &context.settings.catalogue)?;
        let objects = settings.store.open(LOCK, &context.environment.aws);
        Ok(Self {
            objects: objects.map_err(study::Error::from)?,
            tokens: Tokens::new(settings.tokens.clone()),
            settings,
        })
    }

    /// Something with the store, which may wait for a disk or a bucket.
    pub(super) async fn with_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Objects) -> Result<T, study::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let objects = Arc::clone(&self.objects);
        let done = blocking(move |_| work(&*objects)).await;
        Ok(done?)
    }
}
