//! The bridge from callers that block to the asynchronous client: a small runtime of its own.

use std::future::Future;
use std::io;
use std::sync::mpsc;
use tokio::runtime::{Builder, Runtime};

/// A runtime with one thread, which is enough for hundreds of requests under way.
///
/// It may be used on any thread, one of another runtime included: that one waits, and this one works.
#[derive(Debug)]
pub struct Driver(Option<Runtime>);

impl Driver {
    /// Starts its thread.
    pub fn new() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("bucket")
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Waits for what `work` gives.
    pub fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        let (done, result) = mpsc::sync_channel(1);
        let runtime = self.0.as_ref().expect("it runs until it is dropped");
        runtime.spawn(async move {
            let _ = done.send(work.await);
        });
        result.recv().expect("a request ends with its result")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // To wait for it is not allowed on a thread of another runtime; nothing of ours is under way.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
