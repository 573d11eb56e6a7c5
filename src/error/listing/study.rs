//! One of every error of a study and of its store.

use super::samples::{denied, path, text};
use crate::config::Provider;
use crate::exit::Explain;
use crate::{oauth, objects, study};
use std::io;

/// The store of a study, in a folder or in a bucket.
pub(super) fn of_objects() -> Vec<Box<dyn Explain>> {
    use objects::{BucketError, Error as E, Trouble as T};
    let lock = path("/data/study/_fitbit_hr/lock");
    let mut all = every!(E;
        E::Read { .. } => E::Read { path: path("/data/study"), cause: denied() },
        E::Lock { .. } => E::Lock { path: lock, cause: denied() },
        E::Withdrawn => E::Withdrawn;
        of E::Write(_) | E::Bucket(_)
    );
    let troubles = [
        T::NotBuilt,
        T::Settings(text("AWS_ALLOW_HTTP is neither true nor false")),
        T::NoCredentials(text("the machine has no role")),
        T::BadCredentials(text("InvalidAccessKeyId")),
        T::Denied(text("AccessDenied")),
        T::NoBucket,
        T::Region(Some(text("eu-central-1"))),
        T::Region(None),
        T::Unreachable(text("connection refused")),
        T::Refused(text("status 501")),
    ];
    for trouble in troubles {
        match trouble {
            // A kind that is new has to be put among those above.
            T::NotBuilt
            | T::Settings(_)
            | T::NoCredentials(_)
            | T::BadCredentials(_)
            | T::Denied(_)
            | T::NoBucket
            | T::Region(_)
            | T::Unreachable(_)
            | T::Refused(_) => {}
        }
        let what = text("could not read s3://bucket/study");
        all.push(Box::new(BucketError { what, trouble }));
    }
    all
}

pub(super) fn of_study() -> Vec<Box<dyn Explain>> {
    use study::Error as E;
    let id = |name: &str| name.parse::<study::Id>().expect("an id");
    let down = oauth::Error::Unavailable {
        provider: Provider::GOOGLE,
        cause: text("status 503"),
        temporary: false,
        come_back_in: None,
        remedy: None,
    };
    let absent = || io::Error::new(io::ErrorKind::NotFound, "No such file or directory");
    every!(E;
        E::NoStudy { .. } => E::NoStudy { path: path("study.toml"), cause: absent() },
        E::Study { .. } => E::Study { path: path("study.toml"), line: 3, problem: text("missing field `store`") },
        E::Exists(_) => E::Exists(path("study.toml")),
        E::Tokens { .. } => E::Tokens { path: path("tokens"), cause: absent() },
        E::Clash(..) => E::Clash(id("P001"), id("p001")),
        E::Stopped => E::Stopped,
        E::OtherClient => E::OtherClient,
        E::AccountTwice { .. } => E::AccountTwice { id: id("P002"), other: id("P001") },
        E::OtherAccount(_) => E::OtherAccount(id("P001")),
        E::NoAccount(_) => E::NoAccount(id("P001")),
        E::Withdrawn(_) => E::Withdrawn(id("P001")),
        E::Unknown(_) => E::Unknown(id("P009")),
        E::NotRevoked { .. } => E::NotRevoked { id: id("P001"), cause: down },
        E::TooMany { .. } => E::TooMany {
            failed: 12,
            all: 100,
            tolerance: study::tolerance::Tolerance::default(),
            why: text("P001: could not renew the login at Google Health"),
        };
        of E::Store(_) | E::Archive(_) | E::Config(_) | E::Login(_) | E::Service(_) | E::Sync(_)
    )
}
