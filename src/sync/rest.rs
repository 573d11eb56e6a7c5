//! The rest that a service asks for, with a countdown.

use super::report::End;
use crate::clock;
use crate::config::{Provider, service_name};
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

    /// Waits as long as the service asked for, and counts it; gives the end of the run if it was told to stop meanwhile.
    pub async fn take(
        self,
        provider: Provider,
        progress: &Progress,
        fruitless: &mut u32,
    ) -> Option<End> {
        *fruitless += 1;
        let (started, who) = (clock::monotonic(), service_name(provider));
        progress.tell(Event::Rests(who, &self.error.why(), self.length));
        loop {
            let left = self.length.saturating_sub(clock::since(started));
            if left.is_zero() {
                return None;
            }
            progress.tell(Event::RestLeft(left));
            tokio::select! {
                () = tokio::time::sleep(left.min(Duration::from_secs(1))) => {}
                () = progress.over() => return Some(End::Interrupted),
            }
        }
    }
}
