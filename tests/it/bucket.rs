//! A bucket of S3 in memory: what a server does with objects, as well or as badly as a test wants it to.

use crate::server::{Reply, Request, Server};
use fitbit_hr::environment::Aws;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// What the server makes of `If-Match` and `If-None-Match`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conditions {
    /// It holds them.
    Kept,
    /// It passes over them, as servers do that do not know them.
    Ignored,
    /// It answers 501, as others do.
    Unknown,
    /// It refuses whatever has one.
    AlwaysRefused,
}

/// What befalls one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The server does what it was asked for.
    Done,
    /// It answers with this status and code, and does nothing.
    Refused(u16, &'static str),
    /// It does it, and the answer is lost.
    AnswerLost,
    /// The request is lost.
    Lost,
    /// The answer breaks off within its body.
    CutOff,
}

/// The objects, by key.
type Stored = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A server with one bucket, `sleep`.
pub struct Bucket {
    server: Server,
    stored: Stored,
}

impl Bucket {
    /// A server that decides by `fate`, from the request and its number (from 0 on), what befalls it.
    pub fn start(
        conditions: Conditions,
        mut fate: impl FnMut(&Request, usize) -> Fate + Send + 'static,
    ) -> Self {
        let (server, stored) = (Server::start(), Stored::default());
        let objects = Arc::clone(&stored);
        let mut number = 0;
        server.any("*", "*", move |request| {
            let fate = fate(request, number);
            number += 1;
            match fate {
                Fate::Lost => return Reply::lost(),
                Fate::Refused(status, code) => return refusal(status, code),
                Fate::Done | Fate::AnswerLost | Fate::CutOff => {}
            }
            let mut objects = objects.lock().unwrap_or_else(PoisonError::into_inner);
            let reply = answer(&mut objects, conditions, request);
            match fate {
                Fate::AnswerLost => Reply::lost(),
                Fate::CutOff => reply.cut_after(1),
                Fate::Done | Fate::Lost | Fate::Refused(..) => reply,
            }
        });
        Self { server, stored }
    }

    /// One that keeps its promises.
    pub fn well_behaved() -> Self {
        Self::start(Conditions::Kept, |_, _| Fate::Done)
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.server.url("")
    }

    /// What the environment says of it.
    pub fn aws(&self) -> Aws {
        aws(&self.url())
    }

    /// The requests with this method so far.
    pub fn requests(&self, method: &str) -> usize {
        let all = self.server.requests();
        all.iter()
            .filter(|request| request.method == method)
            .count()
    }

    /// Its objects.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.stored
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The variables that lead to a server on this machine.
pub fn variables(url: &str) -> [(&'static str, String); 5] {
    [
        ("AWS_ACCESS_KEY_ID", "AKIATEST".to_owned()),
        (
            "AWS_SECRET_ACCESS_KEY",
            crate::secrets::CLIENT_SECRET.to_owned(),
        ),
        ("AWS_ENDPOINT_URL", url.to_owned()),
        ("AWS_ALLOW_HTTP", "true".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
    ]
}

/// The same, as the program reads them.
pub fn aws(url: &str) -> Aws {
    let variables = variables(url).map(|(name, value)| (name.to_owned(), value));
    Aws::new(variables.into())
}

fn answer(
    objects: &mut BTreeMap<String, Vec<u8>>,
    conditions: Conditions,
    request: &Request,
) -> Reply {
    let path = decoded(&request.path);
    let Some(key) = path.strip_prefix("/sleep") else {
        return refusal(404, "NoSuchBucket");
    };
    let key = key.trim_start_matches('/').to_owned();
    match request.method.as_str() {
        "GET" if request.query("list-type").is_some() => list(objects, request),
        "GET" => match objects.get(&key) {
            Some(bytes) => ranged(bytes, request.header("range")),
            None => refusal(404, "NoSuchKey"),
        },
        "PUT" => {
            let refused = match conditions {
                Conditions::Ignored => None,
                Conditions::Kept => refused(objects.get(&key), request),
                Conditions::Unknown => is_conditional(request).then_some((501, "NotImplemented")),
                Conditions::AlwaysRefused => {
                    is_conditional(request).then_some((412, "PreconditionFailed"))
                }
            };
            if let Some((status, code)) = refused {
                return refusal(status, code);
            }
            let reply = Reply::status(200).with("ETag", &etag(&request.body));
            objects.insert(key, request.body.clone());
            reply
        }
        "DELETE" => {
            objects.remove(&key);
            Reply::status(204)
        }
        _ => refusal(405, "MethodNotAllowed"),
    }
}

fn is_conditional(request: &Request) -> bool {
    request.header("if-match").is_some() || request.header("if-none-match").is_some()
}

fn refused(there: Option<&Vec<u8>>, request: &Request) -> Option<(u16, &'static str)> {
    if request.header("if-none-match").is_some() && there.is_some() {
        return Some((412, "PreconditionFailed"));
    }
    let wanted = request.header("if-match")?;
    match there {
        None => Some((404, "NoSuchKey")),
        Some(bytes) => (etag(bytes) != wanted).then_some((412, "PreconditionFailed")),
    }
}

fn list(objects: &BTreeMap<String, Vec<u8>>, request: &Request) -> Reply {
    let prefix = request.query("prefix").unwrap_or_default();
    let after = request.query("continuation-token").unwrap_or_default();
    let delimiter = request.query("delimiter").filter(|text| !text.is_empty());
    let mut items = BTreeMap::new();
    for (key, bytes) in objects.iter().filter(|(key, _)| key.starts_with(prefix)) {
        let rest = &key[prefix.len()..];
        let (name, item) = match delimiter.and_then(|delimiter| rest.split_once(delimiter)) {
            Some((folder, _)) => {
                let name = format!("{prefix}{folder}/");
                let item = format!("<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>");
                (name, item)
            }
            None => (
                key.clone(),
                format!(
                    "<Contents><Key>{key}</Key><LastModified>2026-06-01T00:00:00.000Z</LastModified><ETag>x</ETag><Size>{}</Size></Contents>",
                    bytes.len()
                ),
            ),
        };
        items.insert(name, item);
    }
    // Pages of three, so that every test of more meets the next page.
    let left: Vec<_> = items
        .into_iter()
        .filter(|(name, _)| name.as_str() > after)
        .collect();
    let mut body = String::from("<ListBucketResult>");
    for (_, item) in left.iter().take(3) {
        body.push_str(item);
    }
    let more = left.get(2).filter(|_| left.len() > 3);
    let _ = write!(body, "<IsTruncated>{}</IsTruncated>", more.is_some());
    if let Some((name, _)) = more {
        let _ = write!(
            body,
            "<NextContinuationToken>{name}</NextContinuationToken>"
        );
    }
    body.push_str("</ListBucketResult>");
    Reply::status(200)
        .with("Content-Type", "application/xml")
        .body(body)
}

fn ranged(bytes: &[u8], range: Option<&str>) -> Reply {
    let whole = Reply::status(200).with("ETag", &etag(bytes));
    let suffix = range.and_then(|range| range.strip_prefix("bytes=-")?.parse().ok());
    match suffix {
        None => whole.body(bytes),
        Some(suffix) => {
            let first = bytes.len().saturating_sub(suffix);
            let range = format!("bytes {first}-{}/{}", bytes.len() - 1, bytes.len());
            Reply::status(206)
                .with("ETag", &etag(bytes))
                .with("Content-Range", &range)
                .body(&bytes[first..])
        }
    }
}

fn refusal(status: u16, code: &str) -> Reply {
    let body = format!("<Error><Code>{code}</Code><Message>as scripted</Message></Error>");
    Reply::status(status)
        .with("Content-Type", "application/xml")
        .body(body)
}

fn etag(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let hex = hash.iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    format!("\"{hex}\"")
}

/// Without the percent signs.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
