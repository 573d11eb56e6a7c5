//! The way of each request: sent until there is an answer that stands, by the rule of all requests of this program, and
//! received whole, so that a connection that breaks in the middle of an answer is tried again, too.
//!
//! The library below signs, lists and finds credentials; it knows a refusal by its text alone. Here it becomes a [`Trouble`],
//! which [`super::trouble`] finds again in the library's error.

use crate::clock;
use crate::http::retry::{self, Next, Outcome, TimeLimits};
use crate::objects::Trouble;
use crate::secret;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
    ReqwestConnector,
};
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// Two that write at once, which passes: the server wants the loser to ask again.
const CONFLICT: u16 = 409;
/// The server does not know the conditions of a request.
pub const NOT_IMPLEMENTED: u16 = 501;
/// Whether there is anybody to ask for credentials shows at once.
const CREDENTIAL_TRIES: u32 = 2;

/// Makes clients that keep trying.
#[derive(Debug, Default)]
pub struct Patient(ReqwestConnector);

impl HttpConnector for Patient {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        self.0.connect(options).map(Wire).map(HttpClient::new)
    }
}

/// A refusal, on its way through the library's errors.
#[derive(Debug)]
pub struct Refusal {
    /// The status, where there was an answer.
    pub status: Option<u16>,
    /// What it means.
    pub trouble: Trouble,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.trouble)
    }
}

impl Error for Refusal {}

#[derive(Debug)]
struct Wire(HttpClient);

type Called<'a> = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'a>>;

impl HttpService for Wire {
    fn call<'a, 'b>(&'a self, request: HttpRequest) -> Called<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.patiently(request))
    }
}

impl Wire {
    async fn patiently(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let started = clock::monotonic();
        let asks = Asks::of(&request);
        let host = request
            .uri()
            .authority()
            .map_or_else(String::new, ToString::to_string);
        for attempt in 1.. {
            let answer = self.once(request.clone()).await;
            let outcome = match &answer {
                Ok(answer) => match answer.status().as_u16() {
                    CONFLICT => Outcome::Status(503, None),
                    status => Outcome::Status(
                        status,
                        retry::floor(status, answer.headers(), clock::now()),
                    ),
                },
                Err(error) if error.kind() == HttpErrorKind::Connect => Outcome::NoConnection,
                Err(_) => Outcome::Broken,
            };
            let (elapsed, tries) = (clock::since(started), TimeLimits::default().tries);
            let next = retry::next(outcome, attempt, elapsed, tries, retry::jitter());
            match next {
                Next::Wait(pause) if asks == Asks::Objects || attempt < CREDENTIAL_TRIES => {
                    tokio::time::sleep(pause).await;
                }
                Next::Accept | Next::Wait(_) | Next::GiveUp(_) => {
                    return judged(answer, asks, &host).await;
                }
            }
        }
        unreachable!("the retry rule gives up after a fixed number of tries")
    }

    /// One try; the body is here when it returns.
    async fn once(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = self.0.execute(request).await?.into_parts();
        let body = body.bytes().await?;
        Ok(HttpResponse::from_parts(parts, body.into()))
    }
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// Objects: it is signed.
    Objects,
    /// The credentials to sign with.
    Credentials,
}

impl Asks {
    fn of(request: &HttpRequest) -> Self {
        let signature = request.headers().get("authorization");
        match signature.and_then(|value| value.to_str().ok()) {
            Some(value) if value.starts_with("AWS4") => Self::Objects,
            _ => Self::Credentials,
        }
    }
}

/// Lets through what the library deals with: success, and the answers that are part of the game.
async fn judged(
    answer: Result<HttpResponse, HttpError>,
    asks: Asks,
    host: &str,
) -> Result<HttpResponse, HttpError> {
    let refused = |status, trouble| {
        let refusal = Refusal { status, trouble };
        Err(HttpError::new(HttpErrorKind::Unknown, refusal))
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let cause = innermost(&error);
            let trouble = match asks {
                Asks::Objects => Trouble::Unreachable(format!("no answer from {host}: {cause}")),
                Asks::Credentials => Trouble::NoCredentials(format!("{host}: {cause}")),
            };
            return refused(None, trouble);
        }
    };
    let status = answer.status().as_u16();
    if status < 300 || matches!(status, 304 | 412 | 416) {
        return Ok(answer);
    }
    let (parts, body) = answer.into_parts();
    let body = body.bytes().await?;
    let says = Says::read(status, &String::from_utf8_lossy(&body));
    if status == 404 && says.code != "NoSuchBucket" {
        return Ok(HttpResponse::from_parts(parts, body.into()));
    }
    let named = parts.headers.get("x-amz-bucket-region");
    let region = named.and_then(|region| region.to_str().ok());
    refused(Some(status), says.trouble(asks, host, region))
}

/// The code and the message of a refusal, as S3 and its companions write them.
#[derive(Debug, PartialEq, Eq)]
struct Says {
    status: u16,
    code: String,
    message: String,
}

impl Says {
    fn read(status: u16, body: &str) -> Self {
        let within = |name: &str| {
            let (_, rest) = body.split_once(&format!("<{name}>"))?;
            let (text, _) = rest.split_once("</")?;
            Some(secret::clean(text.trim()).chars().take(200).collect())
        };
        Self {
            status,
            code: within("Code").unwrap_or_default(),
            message: within("Message").unwrap_or_default(),
        }
    }

    fn trouble(&self, asks: Asks, host: &str, region: Option<&str>) -> Trouble {
        let said = match (self.code.as_str(), self.message.as_str()) {
            ("", _) => format!("{host} answered with status {}", self.status),
            (code, "") => format!("{host} answered {code} (status {})", self.status),
            (code, message) => format!("{host} answered {code}: {message}"),
        };
        match (asks, self.status, self.code.as_str()) {
            (Asks::Credentials, ..) => Trouble::NoCredentials(said),
            (_, _, "NoSuchBucket") => Trouble::NoBucket,
            (_, 301 | 307, _)
            | (
                _,
                _,
                "PermanentRedirect"
                | "AuthorizationHeaderMalformed"
                | "IllegalLocationConstraintException",
            ) => Trouble::Region(region.map(str::to_owned)),
            (
                _,
                _,
                "InvalidAccessKeyId"
                | "SignatureDoesNotMatch"
                | "ExpiredToken"
                | "InvalidToken"
                | "TokenRefreshRequired"
                | "RequestTimeTooSkewed",
            )
            | (_, 401, _) => Trouble::BadCredentials(said),
            (_, 403, _) => Trouble::Denied(said),
            (_, CONFLICT | 429 | 500 | 502 | 503 | 504, _) => Trouble::Unreachable(said),
            _ => Trouble::Refused(said),
        }
    }
}

/// The innermost cause is the one that says something: "Connection refused", "dns error: ...".
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    secret::clean(&innermost.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_known_by_their_code() {
        let trouble = |status, body: &str| {
            Says::read(status, body).trouble(Asks::Objects, "s3.example", Some("eu-west-1"))
        };
        let xml = |code: &str| {
            format!("<?xml?><Error><Code>{code}</Code><Message>Why.</Message></Error>")
        };
        assert_eq!(trouble(404, &xml("NoSuchBucket")), Trouble::NoBucket);
        assert_eq!(
            trouble(403, &xml("AccessDenied")),
            Trouble::Denied("s3.example answered AccessDenied: Why.".to_owned())
        );
        assert_eq!(
            trouble(403, &xml("InvalidAccessKeyId")),
            Trouble::BadCredentials("s3.example answered InvalidAccessKeyId: Why.".to_owned())
        );
        assert_eq!(
            trouble(301, &xml("PermanentRedirect")),
            Trouble::Region(Some("eu-west-1".to_owned()))
        );
        assert_eq!(
            trouble(503, ""),
            Trouble::Unreachable("s3.example answered with status 503".to_owned())
        );
        assert_eq!(
            trouble(507, "<html>"),
            Trouble::Refused("s3.example answered with status 507".to_owned())
        );
    }
}
