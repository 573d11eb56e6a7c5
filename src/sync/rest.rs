//! The rest that a service asks for, with a countdown.

use crate::clock;
use crate::exit::Explain;
use crate::progress::{Event, Progress};
use crate::service::Error;
use std::time::Duration;

/// A rest, and the refusal that asked for it.
#[derive(Debug)]
pub struct Rest {
    /// How long.
    pub length: Duration,
    /// Why.
    pub error: Error,
}

impl Rest {
    /// The longer of this one and one that is due already.
    #[must_use]
    pub fn or_longer(self, due: Option<&Self>) -> Self {
        let due = due.map_or(Duration::ZERO, |rest| rest.length);
        Self {
            length: self.length.max(due),
            ..self
        }
    }

    /// Waits as long as the service asked for; `false` if the run was told to stop meanwhile.
    pub async fn take(self, who: &str, progress: &Progress) -> bool {
        let started = clock::monotonic();
        progress.tell(Event::Rests(who, &self.error.why(), self.length));
        loop {
            let left = self.length.saturating_sub(clock::since(started));
            if left.is_zero() {
                return true;
            }
            progress.tell(Event::RestLeft(left));
            tokio::select! {
                () = tokio::time::sleep(left.min(Duration::from_secs(1))) => {}
                () = progress.over() => return false,
            }
        }
    }
}
