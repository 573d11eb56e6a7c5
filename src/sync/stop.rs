//! A request to stop that many can wait for.

use tokio::sync::watch;

/// Whether the run was told to stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// Tells a run to stop.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// A pair.
#[must_use]
pub fn pair() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Tells it.
    pub fn stop(&self) {
        // Nobody to be told: nobody to be stopped.
        let _ = self.0.send(true);
    }
}

impl Stop {
    /// Returns once the run was told to stop; never, if nobody can tell it any more.
    pub async fn asked(&self) {
        if self.0.clone().wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
