//! From an error body of the legacy service, in either of its shapes, to a sentence with a remedy. Pure.

use crate::config::Provider;
use crate::http::Answer;
use crate::oauth::refusal::error_code;
use crate::service::{Error, Refusal};
use chrono::{DateTime, Utc};

/// Explains an answer other than 200.
#[must_use]
pub fn classify(provider: Provider, answer: &Answer, now: DateTime<Utc>) -> Error {
    let (code, message) = error_code(&answer.body);
    let said = match (code.as_str(), message.as_str()) {
        ("", "") => format!("status {}", answer.status),
        (code, message) => format!("status {}: {code}: {message}", answer.status),
    };
    if matches!(answer.status, 404 | 410) {
        return Error::SwitchedOff {
            sign: format!("status {}", answer.status),
        };
    }
    if let Some(error) = Error::from_status(provider, answer, &message, now) {
        return error;
    }
    let reason = match (answer.status, code.as_str()) {
        (_, "insufficient_scope") => Refusal::ScopeMissing(None),
        (401, _) => Refusal::TokenRejected,
        (403, _) if message.contains("not authorized by Fitbit") => Refusal::NotPersonal,
        (403, _) => Refusal::Forbidden,
        (400, _) if !message.is_empty() => Refusal::BadRequest,
        _ => {
            return Error::Down {
                provider,
                said,
                come_back_at: None,
            };
        }
    };
    Error::Refused {
        provider,
        reason,
        said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::{Exit, Explain};
    use reqwest::header::HeaderMap;

    #[test]
    fn both_shapes_html_and_nothing_are_explained() {
        for (status, body, exit, part) in [
            (
                401,
                r#"{"errors":[{"errorType":"expired_token","message":"Access token expired: eyJhbGciOiJIUzI1NiJ9.abc"}],"success":false}"#,
                Exit::Login,
                "(redacted)",
            ),
            (
                403,
                r#"{"errors":[{"errorType":"insufficient_scope","message":"x"}],"success":false}"#,
                Exit::Login,
                "insufficient_scope",
            ),
            (
                403,
                r#"{"error":{"code":403,"message":"The caller does not have permission","status":"PERMISSION_DENIED"}}"#,
                Exit::Login,
                "does not have permission",
            ),
            (
                403,
                r#"{"errors":[{"errorType":"x","message":"API client is not authorized by Fitbit to access the resource requested."}]}"#,
                Exit::Login,
                "Personal",
            ),
            (410, "", Exit::Unavailable, "2026-11-02"),
            (410, "<html>Gone</html>", Exit::Unavailable, "2026-11-02"),
            (404, "<html></html>", Exit::Unavailable, "2026-11-02"),
            (
                429,
                r#"{"error":{"code":429,"message":"Resource has been exhausted","status":"RESOURCE_EXHAUSTED"}}"#,
                Exit::Temporary,
                "429",
            ),
            (504, "<!DOCTYPE html>", Exit::Unavailable, "504"),
            (500, "", Exit::Unavailable, "500"),
            (
                400,
                r#"{"errors":[{"errorType":"request","fieldName":"n/a","message":"Invalid time series resource path: /heart"}]}"#,
                Exit::Bug,
                "resource path",
            ),
        ] {
            let answer = Answer {
                status,
                headers: HeaderMap::new(),
                body: body.as_bytes().to_vec(),
                come_back_in: None,
            };
            let error = classify(Provider::Fitbit, &answer, DateTime::UNIX_EPOCH);
            assert_eq!(error.exit(), exit, "{body}");
            assert!(error.why().contains(part), "{}", error.why());
        }
    }
}
