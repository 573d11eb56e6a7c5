//! The service's errors: `google.rpc.Status` as JSON, and the HTML page for addresses that do not exist.

use crate::demo::exchange::{Answer, escape_html, html, json};
use hyper::header::{HeaderValue, WWW_AUTHENTICATE};
use serde_json::{Value, json};

const SCOPE: &str = "ACCESS_TOKEN_SCOPE_INSUFFICIENT";

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    status: u16,
    /// Empty where the service gives none.
    pub reason: &'static str,
    /// The field that is wrong, if one is.
    field: &'static str,
    /// What is wrong with it; or the scopes that are missing.
    text: String,
}

impl Fault {
    const fn bare(status: u16, reason: &'static str) -> Self {
        Self {
            status,
            reason,
            field: "",
            text: String::new(),
        }
    }

    /// No bearer token.
    pub const fn no_token() -> Self {
        Self::bare(401, "CREDENTIALS_MISSING")
    }

    /// A token that never was, has expired or was revoked.
    pub const fn dead_token() -> Self {
        Self::bare(401, "")
    }

    /// The login does not cover this kind of data; the scopes of which one is needed.
    pub fn scope(wanted: &[String]) -> Self {
        Self {
            text: wanted.join(" "),
            ..Self::bare(403, SCOPE)
        }
    }

    /// Another user's data.
    pub const fn forbidden() -> Self {
        Self::bare(403, "")
    }

    /// An argument that is wrong, for a documented reason or none.
    pub fn argument(
        reason: &'static str,
        field: &'static str,
        description: impl Into<String>,
    ) -> Self {
        Self {
            field,
            text: description.into(),
            ..Self::bare(400, reason)
        }
    }

    /// The answer.
    pub fn answer(&self) -> Answer {
        let (status, message) = match (self.status, self.reason) {
            (401, _) => (
                "UNAUTHENTICATED",
                "Request had invalid authentication credentials. Expected OAuth 2 access token, \
                 login cookie or other valid authentication credential. \
                 See https://developers.google.com/identity/sign-in/web/devconsole-project.",
            ),
            (403, SCOPE) => (
                "PERMISSION_DENIED",
                "Request had insufficient authentication scopes.",
            ),
            (403, _) => ("PERMISSION_DENIED", "The caller does not have permission"),
            _ => ("INVALID_ARGUMENT", "Invalid argument in request."),
        };
        let mut error = json!({"code": self.status, "message": message, "status": status});
        let details = self.details();
        if !details.is_empty() {
            error["details"] = Value::Array(details);
        }
        let mut answer = json(self.status, json!({ "error": error }).to_string());
        if let Some(Ok(challenge)) = self.challenge().map(|text| HeaderValue::from_str(&text)) {
            answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        answer
    }

    fn details(&self) -> Vec<Value> {
        let info = (!self.reason.is_empty()).then(|| {
            json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": self.reason,
                "domain": "health.googleapis.com"})
        });
        let violation = (!self.field.is_empty()).then(|| {
            json!({"@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{"field": self.field, "description": self.text}]})
        });
        info.into_iter().chain(violation).collect()
    }

    fn challenge(&self) -> Option<String> {
        let more = match (self.status, self.reason) {
            (401, "") => ", error=\"invalid_token\"".to_owned(),
            (401, _) => String::new(),
            (403, SCOPE) => format!(", error=\"insufficient_scope\", scope=\"{}\"", self.text),
            _ => return None,
        };
        Some(format!(
            "Bearer realm=\"https://accounts.google.com/\"{more}"
        ))
    }
}

/// The page, not JSON, that an unknown address gets.
pub fn not_found(path: &str) -> Answer {
    let path = escape_html(path);
    html(
        404,
        format!(
            "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error 404 (Not Found)!!1</title>\n  \
             <p><b>404.</b> <ins>That\u{2019}s an error.</ins>\n  \
             <p>The requested URL <code>{path}</code> was not found on this server.  <ins>That\u{2019}s all we know.</ins>\n"
        ),
    )
}
