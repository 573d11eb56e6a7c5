//! Work that blocks, such as reading the archive, on a thread of its own, so that Ctrl-C is heard meanwhile.

use crate::progress::{Stop, Stopper, stop};
use std::panic;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// How long a command that is given up waits for its work to clean up: a thread that writes to a pipe which nobody reads
/// would hold it for ever.
const PATIENCE: Duration = Duration::from_secs(3);

/// Runs `work` on a thread and waits for it.
///
/// When the command is given up, `work` is told to stop, and has a moment to put things in order.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce(Stop) -> T + Send + 'static) -> T {
    let (stopper, stop) = stop();
    let (ending, ended) = tokio::sync::oneshot::channel::<()>();
    let (cleaned, clean) = mpsc::channel::<()>();
    let thread = thread::spawn(move || {
        // Dropped when the work is done, however it ends.
        let _signals = (ending, cleaned);
        work(stop)
    });
    let guard = Guard { stopper, clean };
    let _ = ended.await;
    drop(guard);
    thread
        .join()
        .unwrap_or_else(|panic| panic::resume_unwind(panic))
}

struct Guard {
    stopper: Stopper,
    clean: Receiver<()>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.stopper.stop();
        let _ = self.clean.recv_timeout(PATIENCE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_result_is_handed_over() {
        assert_eq!(blocking(|_| 7).await, 7);
    }

    #[tokio::test]
    async fn work_that_is_given_up_is_told_and_waited_for() {
        let (said, heard) = mpsc::channel();
        let work = blocking(move |stop| {
            while !stop.is_asked() {
                thread::sleep(Duration::from_millis(1));
            }
            let _ = said.send("cleaned up");
        });
        let given_up = tokio::time::timeout(Duration::from_millis(20), work).await;
        assert!(given_up.is_err());
        assert_eq!(heard.try_recv(), Ok("cleaned up"));
    }
}
