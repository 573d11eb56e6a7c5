//! How far long work is, and whether it is to end: told by what happens, in values. Words and bars are the listener's.

use chrono::{NaiveDate, TimeDelta};
use std::fmt::{Debug, Display};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Work that takes a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Bytes of exports.
    Import,
    /// Files of the archive.
    Export,
    /// Days of the archive.
    Plot,
    /// Days of heart rate.
    Sync,
    /// Days of other series.
    Extracts,
    /// Participants.
    Study,
}

/// What happens meanwhile.
#[derive(Clone, Copy)]
pub enum Event<'a> {
    /// So much of it is to be done.
    Begins(Work, u64),
    /// So much more is done.
    Advances(u64),
    /// A day is written.
    Keeps(NaiveDate),
    /// This is in hand.
    At(&'a dyn Display),
    /// It is over.
    Ends,
    /// Another process does the like, and has to be done first.
    WaitsFor(Work),
    /// A service wants a rest of this length, for this reason.
    Rests(&'a str, &'a str, Duration),
    /// So much of the rest is left.
    RestLeft(Duration),
    /// This machine's clock lacks this to the service's.
    ClockLags(TimeDelta),
    /// A service answered.
    Answers {
        /// The method of the request.
        method: &'a str,
        /// Host and path.
        place: &'a str,
        /// What was asked, without what must not be seen.
        query: Option<&'a str>,
        /// The status of the answer.
        status: u16,
        /// The length of its body.
        bytes: usize,
        /// How long it took.
        took: Duration,
    },
    /// It did not answer as it should, and is asked again after this time.
    Retries(&'a str, Duration),
}

/// Hears of what happens.
pub trait Listen: Debug + Send + Sync {
    /// Something happens.
    fn hear(&self, event: Event<'_>);
}

/// Who is told how far work is, and whether somebody wants it to end.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    listener: Option<Arc<dyn Listen>>,
    stop: Stop,
}

impl Progress {
    /// That is told to `listener`, of work that ends on `stop`.
    #[must_use]
    pub fn new(listener: Arc<dyn Listen>, stop: Stop) -> Self {
        Self {
            listener: Some(listener),
            stop,
        }
    }

    /// The same work, of which nobody hears.
    #[must_use]
    pub fn unheard(self) -> Self {
        Self {
            listener: None,
            stop: self.stop,
        }
    }

    /// Tells what happens.
    pub fn tell(&self, event: Event<'_>) {
        if let Some(listener) = &self.listener {
            listener.hear(event);
        }
    }

    /// Begins work; it is over when what this gives is dropped.
    #[must_use]
    pub fn begin(&self, work: Work, total: u64) -> Begun<'_> {
        self.tell(Event::Begins(work, total));
        Begun(self)
    }

    /// Whether it is to end: what is begun is finished, nothing else is.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.stop.is_asked()
    }

    /// Returns once it is to end; never, if nobody can say so any more.
    pub async fn over(&self) {
        if self.stop.0.clone().wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Work that has begun.
#[derive(Debug)]
pub struct Begun<'a>(&'a Progress);

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.0.tell(Event::Ends);
    }
}

/// Whether work was told to stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Whether it was.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }
}

impl Default for Stop {
    /// It never is.
    fn default() -> Self {
        stop().1
    }
}

/// Tells work to stop.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

impl Stopper {
    /// Tells it.
    pub fn stop(&self) {
        // Nobody to be told: nobody to be stopped.
        let _ = self.0.send(true);
    }
}

/// Who tells, and whether it was told.
#[must_use]
pub fn stop() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}
