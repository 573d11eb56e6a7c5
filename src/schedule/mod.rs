//! A daily run without a person: a systemd user timer, a crontab line, a launchd agent or a task of Task Scheduler.
//!
//! [`Job`] says what is to run, [`Plan`] what that comes to on one system; both are pure. [`prove`] tries the job where nothing
//! but its own variables is set, [`install`] and [`remove`] carry a plan out, [`look`] asks how it goes.

mod act;
mod crontab;
mod error;
mod job;
mod look;
mod manager;
mod plan;
mod prove;
mod quote;
mod record;
mod text;

pub use act::{install, remove};
pub use error::Error;
pub use job::{At, Job};
pub use look::{Standing, is_lingering, look};
pub use manager::Manager;
pub use plan::{File, Folders, Plan, Step};
pub use prove::prove;
pub use quote::utf8;
pub use record::LastRun;

#[cfg(test)]
mod tests;
