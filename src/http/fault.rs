//! Why no answer came, with the remedy where waiting is no use: a certificate, a clock, a proxy, too few file handles.

use crate::atomic_file::{MORE_HANDLES, is_out_of_handles};
use crate::environment::Network;
use crate::secret;
use rustls::CertificateError as E;
use std::error::Error;
use std::io;
use std::path::Path;
use std::time::Duration;

/// A host that takes no connection by then takes none.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How a request failed without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// No connection: no name, refused, no route, TLS.
    NoConnection,
    /// Something on the way does not let it through, and will not the next time.
    NotLetThrough,
    /// Nothing came in time.
    TimedOut,
    /// The connection broke while the answer came.
    Broken,
}

/// No answer, after all tries.
#[derive(Debug, Clone)]
pub struct Fault {
    /// How it failed.
    pub kind: FaultKind,
    /// The cause, fit for a person.
    pub cause: String,
    /// What to do about it, where it is not the network.
    pub remedy: Option<String>,
}

/// The fault behind an error of the HTTP library, for a request to `host` (`host:port`) that might take `longest`.
pub(super) fn of(
    error: &reqwest::Error,
    host: &str,
    scheme: &str,
    longest: Duration,
    network: &Network,
) -> Fault {
    let told = |(kind, cause, remedy)| Fault {
        kind,
        cause,
        remedy,
    };
    if let Some((cause, remedy)) = chain(error).find_map(certificate) {
        let (cause, remedy) = no_trust(host, &cause, remedy, network);
        return told((FaultKind::NotLetThrough, cause, Some(remedy)));
    }
    if is_short_of_handles(error) {
        let (cause, remedy) = too_many_open_files();
        return told((FaultKind::NotLetThrough, cause, Some(remedy)));
    }
    // The innermost cause is the one that says something: "Connection refused", "dns error: ...".
    let innermost = chain(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string);
    let innermost = secret::clean(&innermost);
    let proxy = network.proxy_for(scheme, host);
    told(match (proxy, error.is_connect(), error.is_timeout()) {
        (Some(proxy), true, timed_out) => {
            let (kind, what) = by_proxy(&innermost, timed_out);
            let cause = format!("no connection to {host} through the proxy {proxy}: {what}");
            (kind, cause, Some(PROXY.to_owned()))
        }
        (None, true, timed_out) => {
            let cause = if timed_out {
                let seconds = CONNECT_TIMEOUT.as_secs();
                format!("{host} took no connection within {seconds} s")
            } else {
                format!("no connection to {host}: {innermost}")
            };
            (FaultKind::NoConnection, cause, None)
        }
        (_, false, true) => {
            let seconds = (longest.as_secs_f64() * 10.0).round() / 10.0;
            let cause = format!("{host} did not answer within {seconds} s");
            (FaultKind::TimedOut, cause, None)
        }
        (_, false, false) => {
            let cause = format!("the answer of {host} broke off: {innermost}");
            (FaultKind::Broken, cause, None)
        }
    })
}

/// What is wrong with a certificate, and the remedy: another file of certificates where one is named.
fn no_trust(host: &str, cause: &str, remedy: &str, network: &Network) -> (String, String) {
    let cause = format!("the certificate of {host} {cause}");
    match &network.certificates {
        Some(file) if !file.is_file() => no_certificates(file),
        Some(file) => (cause, format!("{remedy} (now: {})", file.display())),
        None => (cause, remedy.to_owned()),
    }
}

/// How a proxy failed, in its own words or in plainer ones.
fn by_proxy(innermost: &str, timed_out: bool) -> (FaultKind, &str) {
    match innermost {
        _ if timed_out => (FaultKind::NoConnection, "it did not answer"),
        text if text.contains("authorization required") => (
            FaultKind::NotLetThrough,
            "it wants a name and a password (status 407)",
        ),
        text if text.contains("unsuccessful") => {
            (FaultKind::NotLetThrough, "it refuses to connect there")
        }
        text => (FaultKind::NoConnection, text),
    }
}

fn is_short_of_handles(error: &reqwest::Error) -> bool {
    chain(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(is_out_of_handles)
}

fn too_many_open_files() -> (String, String) {
    ("too many open files".to_owned(), MORE_HANDLES.to_owned())
}

const PROXY: &str = "check HTTPS_PROXY (as in http://name:password@host:port), ask whoever runs the proxy, or name the host in NO_PROXY";

/// Why the client itself could not be made, and the remedy: there is no TLS without trusted certificates.
pub(super) fn of_setup(error: &reqwest::Error, network: &Network) -> (String, String) {
    let said = chain(error).any(|cause| cause.to_string().contains("Too many open files"));
    if said || is_short_of_handles(error) {
        return too_many_open_files();
    }
    if let Some(file) = &network.certificates {
        return no_certificates(file);
    }
    (
        "this machine has no trusted certificates".to_owned(),
        "install them (on Linux the package ca-certificates), or name a file with SSL_CERT_FILE"
            .to_owned(),
    )
}

fn no_certificates(file: &Path) -> (String, String) {
    (
        format!(
            "SSL_CERT_FILE names {}, which has no certificates that can be read",
            file.display()
        ),
        "correct SSL_CERT_FILE, or unset it to trust what this machine trusts".to_owned(),
    )
}

/// An error and what lies behind it; the library hides some causes inside I/O errors.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| behind(*error))
}

fn behind<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    let hidden = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match hidden {
        Some(hidden) => Some(hidden),
        None => error.source(),
    }
}

const TRUST: &str = "behind a proxy or a virus scanner that reads TLS, set SSL_CERT_FILE to a file with its CA certificate";
const CLOCK: &str = "set this machine's clock (date; timedatectl set-ntp true); if it is right, the certificate has to be renewed there";

/// What is wrong with a certificate, and the remedy.
fn certificate(error: &(dyn Error + 'static)) -> Option<(String, &'static str)> {
    let rustls::Error::InvalidCertificate(problem) = error.downcast_ref::<rustls::Error>()? else {
        return None;
    };
    let (expired, early) = (
        matches!(problem, E::Expired | E::ExpiredContext { .. }),
        matches!(problem, E::NotValidYet | E::NotValidYetContext { .. }),
    );
    let (what, remedy) = if expired {
        ("has expired, by this machine's clock", CLOCK)
    } else if early {
        ("is not valid yet, by this machine's clock", CLOCK)
    } else if *problem == E::UnknownIssuer {
        ("comes from an issuer that is not trusted here", TRUST)
    } else {
        let said = secret::clean(&problem.to_string());
        return Some((format!("is not accepted ({said})"), TRUST));
    };
    Some((what.to_owned(), remedy))
}
