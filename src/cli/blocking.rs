//! Work that blocks, such as reading the archive, on a thread of its own, so that Ctrl-C is heard meanwhile.

use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// How long a command that is given up waits for its work to clean up: a thread that writes to a pipe which nobody reads
/// would hold it for ever.
const PATIENCE: Duration = Duration::from_secs(3);

/// Runs `work` on a thread and waits for it.
///
/// When the command is given up, the flag that `work` was handed is set, and `work` has a moment to put things in order.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
) -> T {
    let cancelled = Arc::new(AtomicBool::new(false));
    let (ending, ended) = tokio::sync::oneshot::channel::<()>();
    let (cleaned, clean) = mpsc::channel::<()>();
    let thread = thread::spawn({
        let cancelled = Arc::clone(&cancelled);
        move || {
            // Dropped when the work is done, however it ends.
            let _signals = (ending, cleaned);
            work(&cancelled)
        }
    });
    let guard = Guard { cancelled, clean };
    let _ = ended.await;
    drop(guard);
    thread
        .join()
        .unwrap_or_else(|panic| panic::resume_unwind(panic))
}

struct Guard {
    cancelled: Arc<AtomicBool>,
    clean: Receiver<()>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
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
        let work = blocking(move |cancelled| {
            while !cancelled.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(1));
            }
            let _ = said.send("cleaned up");
        });
        let given_up = tokio::time::timeout(Duration::from_millis(20), work).await;
        assert!(given_up.is_err());
        assert_eq!(heard.try_recv(), Ok("cleaned up"));
    }
}
