//! The rest that a service asks for, with a countdown.

use super::pace::countdown;
use super::stop::Stop;
use crate::clock;
use crate::console::{Console, Progress};
use crate::exit::Explain;
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
    pub async fn take(
        self,
        who: &str,
        console: &Console,
        progress: Option<&Progress<'_>>,
        stop: &Stop,
    ) -> bool {
        let started = clock::monotonic();
        console.say(&format!(
            "{who} wants a rest ({}): going on in {}",
            self.error.why(),
            countdown(self.length)
        ));
        loop {
            let left = self.length.saturating_sub(clock::since(started));
            if left.is_zero() {
                return true;
            }
            if let Some(progress) = progress {
                progress.message(&format!("rest {}", countdown(left)));
            }
            tokio::select! {
                () = tokio::time::sleep(left.min(Duration::from_secs(1))) => {}
                () = stop.asked() => return false,
            }
        }
    }
}
