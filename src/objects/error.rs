//! Why an object could not be had or kept, and what to do about it.

use crate::atomic_file;
use crate::exit::{Exit, Explain};
use crate::hint::Hint;
use std::io;
use std::path::PathBuf;

/// Why an object could not be had or kept.
#[derive(Debug)]
pub enum Error {
    /// A folder or file could not be read.
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The lock that guards a folder could not be had.
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file could not be written, put in place or removed.
    Write(atomic_file::Error),
    /// A bucket did not do it.
    Bucket(BucketError),
    /// The one whose objects they are has withdrawn from the study.
    Withdrawn,
}

/// What a bucket did not do, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketError {
    /// What could not be done: `could not read s3://bucket/x`.
    pub what: String,
    /// Why.
    pub trouble: Trouble,
}

/// What stands between us and a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// This program was built without what it takes.
    NotBuilt,
    /// A variable of the environment makes no sense.
    Settings(String),
    /// Nobody said who we are, or who was asked for it did not answer.
    NoCredentials(String),
    /// We are not known by the credentials that we have, in the server's words.
    BadCredentials(String),
    /// We may not, in the server's words.
    Denied(String),
    /// There is no such bucket.
    NoBucket,
    /// The bucket is in another region, which the server may have named.
    Region(Option<String>),
    /// No answer, or none that stood, after all tries.
    Unreachable(String),
    /// The server refused, in its words.
    Refused(String),
}

impl Explain for Error {
    fn what(&self) -> String {
        match self {
            Self::Read { path, .. } => format!("could not read {}", path.display()),
            Self::Lock { path, .. } => format!("could not lock the store with {}", path.display()),
            Self::Write(error) => error.what(),
            Self::Bucket(error) => error.what(),
            Self::Withdrawn => "could not add to the data set".to_owned(),
        }
    }
    fn why(&self) -> String {
        match self {
            Self::Read { cause, .. } | Self::Lock { cause, .. } => cause.to_string(),
            Self::Write(error) => error.why(),
            Self::Bucket(error) => error.why(),
            Self::Withdrawn => {
                "the participant has withdrawn; nothing of this run was kept".to_owned()
            }
        }
    }
    fn hint(&self) -> Hint {
        match self {
            Self::Read { cause, .. } | Self::Lock { cause, .. }
                if atomic_file::is_out_of_handles(cause) =>
            {
                atomic_file::MORE_HANDLES.into()
            }
            Self::Read { .. } => "check the permissions of the store's folder".into(),
            Self::Lock { .. } => {
                "make the store's folder writable, or name another one with 'store' in study.toml"
                    .into()
            }

            Self::Write(error) => error.hint(),
            Self::Bucket(error) => error.hint(),
            Self::Withdrawn => "there is nothing to be done".into(),
        }
    }
    fn exit(&self) -> Exit {
        match self {
            Self::Read { .. } => Exit::NoInput,
            Self::Lock { .. } => Exit::CannotCreate,
            Self::Write(error) => error.exit(),
            Self::Bucket(error) => error.exit(),
            Self::Withdrawn => Exit::Temporary,
        }
    }
}

impl Explain for BucketError {
    fn what(&self) -> String {
        self.what.clone()
    }
    fn why(&self) -> String {
        match &self.trouble {
            Trouble::NotBuilt => "this fitbit-hr was built without S3".to_owned(),
            Trouble::NoCredentials(cause) => format!("no credentials for S3 were found: {cause}"),
            Trouble::NoBucket => "there is no such bucket".to_owned(),
            Trouble::Region(Some(region)) => format!("the bucket is in the region {region}"),
            Trouble::Region(None) => "the bucket is in another region".to_owned(),
            Trouble::Settings(cause)
            | Trouble::BadCredentials(cause)
            | Trouble::Denied(cause)
            | Trouble::Unreachable(cause)
            | Trouble::Refused(cause) => cause.clone(),
        }
    }
    fn hint(&self) -> Hint {
        let hint = match &self.trouble {
            Trouble::NotBuilt => {
                "take a released package, or build it with S3: cargo install fitbit-hr --features s3"
            }
            Trouble::Settings(_) => "correct that variable of the environment",
            Trouble::NoCredentials(_) => {
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine or the job a \
                 role that may use the bucket"
            }
            Trouble::BadCredentials(_) => {
                "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where they are temporary, \
                 AWS_SESSION_TOKEN anew"
            }
            Trouble::Denied(_) => {
                "allow s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject and \
                 s3:DeleteObject below the store's prefix"
            }
            Trouble::NoBucket => {
                "make the bucket, or correct 'store' in study.toml; AWS_ENDPOINT_URL names another \
                 server than Amazon's"
            }
            Trouble::Region(Some(region)) => return format!("set AWS_REGION={region}").into(),
            Trouble::Region(None) => "set AWS_REGION to the bucket's region",
            Trouble::Unreachable(_) => {
                "check the network and AWS_ENDPOINT_URL, then run the same command again"
            }
            Trouble::Refused(_) => {
                return Hint::from("run ")
                    .command("study doctor")
                    .and("; it tries what the store needs");
            }
        };
        hint.into()
    }
    fn exit(&self) -> Exit {
        match self.trouble {
            Trouble::NotBuilt | Trouble::Settings(_) | Trouble::NoBucket | Trouble::Region(_) => {
                Exit::Config
            }
            Trouble::NoCredentials(_) | Trouble::BadCredentials(_) | Trouble::Denied(_) => {
                Exit::Login
            }
            Trouble::Unreachable(_) => Exit::Unavailable,
            Trouble::Refused(_) => Exit::Io,
        }
    }
}
