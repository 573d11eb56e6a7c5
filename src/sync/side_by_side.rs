//! The loop of a run: a few queries are fetched side by side and kept as they come; it rests when the service asks for it, and
//! stops where there is no going on.

use super::pace::Patience;
use super::report::End;
use super::rest::Rest;
use crate::archive;
use crate::config::Provider;
use crate::progress::Progress;
use crate::service;
use crate::tasks::finished;
use std::time::Duration;
use tokio::task::JoinSet;

/// What came of the work.
pub enum Done<F, S> {
    /// Something was fetched.
    Fetched(F),
    /// Something was kept.
    Saved(S),
    /// A rest is over, or something was called off: there may be more to start.
    Nothing,
}

/// What is under way.
pub struct Hands<F, S> {
    /// Tasks that fetch.
    pub fetching: JoinSet<F>,
    /// Tasks that keep.
    pub saving: JoinSet<S>,
    /// Why the run ends early.
    pub end: Option<End>,
    provider: Provider,
    patience: Patience,
    rest: Option<Rest>,
    fruitless: u32,
}

impl<F: Send + 'static, S: Send + 'static> Hands<F, S> {
    /// Nothing so far.
    #[must_use]
    pub fn new(provider: Provider, patience: Patience) -> Self {
        Self {
            fetching: JoinSet::new(),
            saving: JoinSet::new(),
            end: None,
            provider,
            patience,
            rest: None,
            fruitless: 0,
        }
    }

    /// Whether more may be asked for. Where the run ends, what is asked for is called off.
    pub fn may_fetch(&mut self) -> bool {
        if self.end.is_some() {
            self.fetching.abort_all();
        }
        self.end.is_none() && self.rest.is_none()
    }

    /// An answer came: rests so far were not for nothing.
    pub const fn answered(&mut self) {
        self.fruitless = 0;
    }

    /// The service wants a rest. Answers whether it is taken; else that is the end.
    pub fn rests(&mut self, wait: Option<Duration>, error: service::Error) -> bool {
        let length = self.patience.rest(wait, self.provider, self.fruitless);
        match length {
            Some(length) => {
                let rest = Rest { length, error };
                self.rest = Some(rest.or_longer(self.rest.as_ref()));
            }
            None => self.end = Some(End::Service(error)),
        }
        length.is_some()
    }

    /// The archive takes no more; its first error is the one that is told.
    pub fn stops(&mut self, error: archive::Error) {
        if !matches!(self.end, Some(End::Archive(_))) {
            self.end = Some(End::Archive(error));
        }
    }

    /// Waits for what is done next, once all has been started that can be; `None` when nothing is under way any more.
    pub async fn next(&mut self, progress: &Progress) -> Option<Done<F, S>> {
        if self.fetching.is_empty() && self.saving.is_empty() {
            let rest = self.rest.take().filter(|_| self.end.is_none())?;
            self.end = rest
                .take(self.provider, progress, &mut self.fruitless)
                .await;
            return Some(Done::Nothing);
        }
        let done = tokio::select! {
            Some(joined) = self.fetching.join_next() => finished(joined).map(Done::Fetched),
            Some(joined) = self.saving.join_next() => finished(joined).map(Done::Saved),
            () = progress.over(), if self.end.is_none() => {
                self.end = Some(End::Interrupted);
                None
            }
        };
        Some(done.unwrap_or(Done::Nothing))
    }
}
