//! How a sync fails.

use super::series::outcome::Trouble;
use crate::archive;
use crate::exit::{Exit, Explain, wraps};
use crate::file_version;
use crate::hint::Hint;
use crate::service;
use chrono::NaiveDate;
use std::fmt::Display;

/// A sync that did not do all that was asked for. What it finished is kept in every case.
#[derive(Debug)]
pub enum Error {
    /// The service did not answer as it should.
    Service(service::Error),
    /// The archive could not be read or written.
    Archive(archive::Error),
    /// Another sync holds the archive.
    Busy,
    /// What sync remembers was written by a newer version of the program.
    Newer,
    /// The service failed after some days were done.
    HalfWay {
        /// How it failed.
        cause: service::Error,
        /// Days that are done.
        done: u64,
        /// Days that are still to come.
        left: u64,
    },
    /// These days have less than the service's own means say.
    Short(Vec<NaiveDate>),
    /// These days could not be had or kept, the others are done.
    Days {
        /// Which.
        days: Vec<NaiveDate>,
        /// What the first of them ran into.
        why: String,
        /// How that ends a run.
        exit: Exit,
    },
    /// These extracts could not be had or kept, the others are done.
    Extracts {
        /// Which.
        names: Vec<String>,
        /// What the first of them ran into.
        trouble: Trouble,
    },
}

wraps!(Service(service::Error), Archive(archive::Error));

impl Explain for Error {
    fn what(&self) -> String {
        match self {
            Self::Service(error) => error.what(),
            Self::Archive(error) => error.what(),
            Self::Busy => "could not begin: another sync of this archive is running".to_owned(),
            Self::Newer => "could not begin with this archive".to_owned(),
            Self::HalfWay { cause, done, left } => {
                format!("{} after {done} days, with {left} to go", cause.what())
            }
            Self::Short(days) => format!("{} fell short and stayed open", some(days, "day")),
            Self::Days { days, .. } => format!("could not sync {}", some(days, "day")),
            Self::Extracts { names, .. } => format!("could not sync {}", some(names, "extract")),
        }
    }

    fn why(&self) -> String {
        match self {
            Self::Service(error) => error.why(),
            Self::Archive(error) => error.why(),
            Self::Busy => String::new(),
            Self::Newer => file_version::WHY.to_owned(),
            Self::HalfWay { cause, .. } => cause.why(),
            Self::Short(_) => "the service has means for minutes without samples".to_owned(),
            Self::Days { why, .. } => why.clone(),
            Self::Extracts { trouble, .. } => trouble.why.clone(),
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Extracts { names, trouble } if trouble.lacks_scope => Hint::add_to_login(names),
            Self::Extracts { trouble, .. } => trouble.hint.clone(),
            Self::Service(error) => error.hint(),
            Self::Archive(error) => error.hint(),
            Self::Busy => "run the same command again when it has finished".into(),
            Self::Newer => file_version::HINT.into(),
            Self::HalfWay { cause, .. } if cause.exit() == Exit::Temporary => cause.hint(),
            Self::HalfWay { .. } => {
                "run the same command again to go on; what is done is kept".into()
            }
            Self::Short(_) | Self::Days { .. } => {
                "run the same command again; the other days are done".into()
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Extracts { trouble, .. } => trouble.exit,
            Self::Service(error) => error.exit(),
            Self::Archive(error) => error.exit(),
            Self::Newer => Exit::Config,
            Self::Busy | Self::HalfWay { .. } | Self::Short(_) => Exit::Temporary,
            Self::Days { exit, .. } => *exit,
        }
    }
}

/// `2026-11-20`, `2026-11-19 and 2026-11-20`, `2026-11-19 and 4 more days`.
fn some<T: Display>(all: &[T], what: &str) -> String {
    match all {
        [] => format!("no {what}"),
        [one] => one.to_string(),
        [a, b] => format!("{a} and {b}"),
        [first, rest @ ..] => format!("{first} and {} more {what}s", rest.len()),
    }
}
