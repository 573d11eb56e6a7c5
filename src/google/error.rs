//! From an error body of the service (`google.rpc.Status`) to a sentence with a remedy. Pure.

use crate::config::Provider;
use crate::http::Answer;
use crate::secret::clean;
use crate::service::{Error, Refusal};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// The documented parts of an error body.
#[derive(Debug, Default)]
struct Status {
    message: String,
    reason: String,
    violations: Vec<String>,
    redirect_uri: Option<String>,
    link: Option<String>,
}

impl Status {
    fn read(body: &[u8]) -> Self {
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            return Self::default();
        };
        let error = &value["error"];
        let text = |value: &Value| value.as_str().map(clean).unwrap_or_default();
        let mut status = Self {
            message: text(&error["message"]),
            ..Self::default()
        };
        for detail in error["details"].as_array().into_iter().flatten() {
            if let Some(reason) = detail["reason"].as_str() {
                status.reason = clean(reason);
            }
            status.redirect_uri =
                address(&detail["metadata"]["redirect_uri"]).or(status.redirect_uri);
            status.link = address(&detail["links"][0]["url"]).or(status.link);
            let closer = text(&detail["metadata"]["detailedReasons"]);
            status
                .violations
                .extend(Some(closer).filter(|closer| !closer.is_empty()));
            let violations = detail["fieldViolations"].as_array().into_iter().flatten();
            status
                .violations
                .extend(violations.map(|violation| text(&violation["description"])));
        }
        status
    }

    /// Reason, message and details in one line.
    fn said(&self, http_status: u16) -> String {
        let parts = [
            self.reason.clone(),
            self.message.clone(),
            self.violations.join("; "),
        ];
        let said: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if said.is_empty() {
            format!("status {http_status}")
        } else {
            format!("status {http_status}: {}", said.join(": "))
        }
    }
}

/// A web address that is fit to be shown; a server's text never becomes another kind of link, nor shows a secret.
fn address(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let fit = text.starts_with("https://")
        && text.len() < 200
        && clean(text) == text
        && text.bytes().all(|b| b.is_ascii_graphic());
    fit.then(|| text.to_owned())
}

/// The names under which a scope is said to be missing.
pub const SCOPE_REASONS: [&str; 2] = ["ACCESS_TOKEN_SCOPE_INSUFFICIENT", "MISSING_OAUTH_SCOPE"];

/// Explains an answer other than 200.
#[must_use]
pub fn classify(provider: Provider, answer: &Answer, now: DateTime<Utc>) -> Error {
    let status = Status::read(&answer.body);
    if is_unsupported(answer, &status) {
        return Error::Refused {
            provider,
            reason: Refusal::Unsupported,
            said: status.said(answer.status),
        };
    }
    if let Some(error) = Error::from_status(provider, answer, &status.message, now) {
        return error;
    }
    let said = status.said(answer.status);
    let reason = match (answer.status, status.reason.as_str()) {
        (_, "ACCOUNT_NOT_LINKED") => Refusal::AccountNotLinked(status.redirect_uri),
        (_, "SERVICE_DISABLED") => Refusal::ServiceDisabled(status.link),
        (_, "RESOURCE_PERMISSION_DENIED") => Refusal::ConsentStale,
        (_, "USER_PROJECT_DENIED") => Refusal::ProjectDenied,
        (_, reason) if SCOPE_REASONS.contains(&reason) => Refusal::ScopeMissing(None),
        (401, _) => Refusal::TokenRejected,
        (403, _)
            if status
                .message
                .contains("not authorized to access health data") =>
        {
            Refusal::ProjectDenied
        }
        (403, _) if status.message.contains("does not have permission") => Refusal::LegacyAccount,
        (403, _) => Refusal::Forbidden,
        (412, _) => Refusal::NoProfile,
        (400, reason) if !reason.is_empty() || !status.message.is_empty() => Refusal::BadRequest,
        _ => {
            let page = if looks_like_a_page(&answer.body) {
                "a web page instead of data, "
            } else {
                ""
            };
            return Error::Down {
                provider,
                said: format!("{page}{said}"),
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

/// No such type, or none that is asked for so. A web page in its place comes from elsewhere, or from a wrong address.
fn is_unsupported(answer: &Answer, status: &Status) -> bool {
    match answer.status {
        400 => status.reason == "UNSUPPORTED_DATA_TYPE_ACTION",
        404 | 501 => !looks_like_a_page(&answer.body),
        _ => false,
    }
}

/// HTML instead of JSON.
#[must_use]
pub fn looks_like_a_page(body: &[u8]) -> bool {
    body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::{Exit, Explain};
    use crate::hint::Invocation;
    use reqwest::header::HeaderMap;

    fn explain(status: u16, body: &str) -> Error {
        let answer = Answer {
            status,
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
            come_back_in: None,
        };
        classify(Provider::GOOGLE, &answer, DateTime::UNIX_EPOCH)
    }

    fn body(code: u16, message: &str, reason: &str, more: &str) -> String {
        format!(
            r#"{{"error":{{"code":{code},"message":"{message}","status":"X","details":[{{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"{reason}","domain":"googleapis.com"{more}}}]}}}}"#
        )
    }

    #[test]
    #[allow(clippy::too_many_lines, reason = "a table of cases")]
    fn every_documented_reason_has_its_sentence_and_its_remedy() {
        for (status, body, exit, why, hint) in [
            (
                400,
                body(
                    400,
                    "The account is not linked to Google Health.",
                    "ACCOUNT_NOT_LINKED",
                    r#","metadata":{"redirect_uri":"https://fitbit.google.com/auth/signup"}"#,
                ),
                Exit::Login,
                "ACCOUNT_NOT_LINKED",
                "https://fitbit.google.com/auth/signup",
            ),
            (
                403,
                body(
                    403,
                    "x",
                    "SERVICE_DISABLED",
                    r#","links":[{"url":"https://console.developers.google.com/apis/api/health"}]"#,
                ),
                Exit::Config,
                "not enabled",
                "console.developers.google.com",
            ),
            (
                403,
                body(403, "x", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", ""),
                Exit::Login,
                "scope",
                "tick every box",
            ),
            (
                403,
                body(403, "x", "MISSING_OAUTH_SCOPE", ""),
                Exit::Login,
                "scope",
                "tick every box",
            ),
            (
                403,
                body(403, "x", "RESOURCE_PERMISSION_DENIED", ""),
                Exit::Login,
                "anew",
                "myaccount.google.com/connections",
            ),
            (
                403,
                body(403, "x", "USER_PROJECT_DENIED", ""),
                Exit::Login,
                "onboarding",
                "developers.google.com/health",
            ),
            (
                403,
                body(403, "User is not authorized to access health data.", "", ""),
                Exit::Login,
                "not allowed",
                "Takeout",
            ),
            (
                403,
                body(403, "The caller does not have permission", "", ""),
                Exit::Login,
                "never moved",
                "Google Health app",
            ),
            (
                412,
                body(412, "Precondition check failed.", "", ""),
                Exit::Login,
                "no Google Health profile",
                "app once",
            ),
            (
                401,
                String::new(),
                Exit::Login,
                "does not accept",
                "fitbit-hr login",
            ),
            (
                404,
                "<!DOCTYPE html><html>404</html>".to_owned(),
                Exit::Unavailable,
                "web page",
                "again",
            ),
            (
                404,
                body(404, "Requested entity was not found.", "", ""),
                Exit::Bug,
                "does not give this type",
                "newer version",
            ),
            (
                501,
                body(501, "Not implemented.", "", ""),
                Exit::Bug,
                "does not give this type",
                "leave it out",
            ),
            (
                400,
                body(400, "x", "UNSUPPORTED_DATA_TYPE_ACTION", ""),
                Exit::Bug,
                "UNSUPPORTED_DATA_TYPE_ACTION",
                "leave it out",
            ),
            (302, String::new(), Exit::Unavailable, "redirect", "again"),
            (503, String::new(), Exit::Unavailable, "status 503", "again"),
            (
                429,
                body(429, "Quota exceeded", "RATE_LIMIT_EXCEEDED", ""),
                Exit::Temporary,
                "429",
                "again",
            ),
            (
                400,
                body(
                    400,
                    "Invalid argument in request.",
                    "INVALID_DATA_POINT_FILTER",
                    "",
                ),
                Exit::Bug,
                "INVALID_DATA_POINT_FILTER",
                "bug",
            ),
        ] {
            let error = explain(status, &body);
            assert_eq!(error.exit(), exit, "{body}");
            assert!(error.why().contains(why), "{}", error.why());
            let said = error.hint().said(&Invocation::default());
            assert!(said.contains(hint), "{said}");
        }
    }

    #[test]
    fn a_token_in_a_message_is_not_repeated() {
        let error = explain(
            403,
            &body(403, "token ya29.a0ATi6K2uasci7Fyy is bad", "", ""),
        );
        assert!(!error.why().contains("ya29"), "{}", error.why());
    }
}
