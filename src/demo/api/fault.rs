//! The service's errors: `google.rpc.Status` as JSON, and the HTML page for addresses that do not exist.

use crate::demo::exchange::{Answer, escape_html};
use serde_json::{Value, json};

const ERROR_INFO: &str = "type.googleapis.com/google.rpc.ErrorInfo";
const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";
const REALM: &str = "Bearer realm=\"https://accounts.google.com/\"";

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No bearer token.
    CredentialsMissing,
    /// A token that never was, has expired or was revoked.
    CredentialsInvalid,
    /// The login does not cover this kind of data; the scopes of which one is needed.
    ScopeInsufficient(Vec<&'static str>),
    /// Another user's data.
    Forbidden,
    /// Too many requests within a minute.
    QuotaExceeded,
    /// A parameter that the method does not know.
    UnknownParameter(String),
    /// A parameter of the wrong type.
    InvalidValue {
        /// As the service names it, `page_size`.
        field: &'static str,
        /// `TYPE_INT32`.
        kind: &'static str,
        /// As it came.
        value: String,
    },
    /// A body that is not what the method takes.
    InvalidPayload(String),
    /// A mask that names what is not there.
    InvalidFieldMask(String),
    /// Everything else that is wrong with an argument.
    InvalidArgument {
        /// Empty where the service gives none.
        reason: &'static str,
        /// The field that is wrong.
        field: &'static str,
        /// What is wrong with it.
        description: String,
    },
}

impl Fault {
    /// An argument that is wrong for a documented reason.
    pub fn argument(
        reason: &'static str,
        field: &'static str,
        description: impl Into<String>,
    ) -> Self {
        Self::InvalidArgument {
            reason,
            field,
            description: description.into(),
        }
    }

    /// The answer; `method` is the full name of what was called.
    pub fn answer(&self, method: &str) -> Answer {
        let status = self.status();
        let answer = Answer::json(status.0, &self.body(status, method));
        match self {
            Self::CredentialsMissing => answer.with("WWW-Authenticate", REALM),
            Self::CredentialsInvalid => answer.with(
                "WWW-Authenticate",
                format!("{REALM}, error=\"invalid_token\""),
            ),
            Self::ScopeInsufficient(scopes) => answer.with(
                "WWW-Authenticate",
                format!(
                    "{REALM}, error=\"insufficient_scope\", scope=\"{}\"",
                    scopes.join(" ")
                ),
            ),
            Self::Forbidden
            | Self::QuotaExceeded
            | Self::UnknownParameter(_)
            | Self::InvalidValue { .. }
            | Self::InvalidPayload(_)
            | Self::InvalidFieldMask(_)
            | Self::InvalidArgument { .. } => answer,
        }
    }

    const fn status(&self) -> (u16, &'static str) {
        match self {
            Self::CredentialsMissing | Self::CredentialsInvalid => (401, "UNAUTHENTICATED"),
            Self::ScopeInsufficient(_) | Self::Forbidden => (403, "PERMISSION_DENIED"),
            Self::QuotaExceeded => (429, "RESOURCE_EXHAUSTED"),
            Self::UnknownParameter(_)
            | Self::InvalidValue { .. }
            | Self::InvalidPayload(_)
            | Self::InvalidFieldMask(_)
            | Self::InvalidArgument { .. } => (400, "INVALID_ARGUMENT"),
        }
    }

    fn body(&self, (code, status): (u16, &str), method: &str) -> Value {
        let mut error = json!({"code": code, "message": self.message(), "status": status});
        let details = self.details(method);
        if !details.is_empty() {
            error["details"] = Value::Array(details);
        }
        json!({"error": error})
    }

    fn message(&self) -> String {
        match self {
            Self::CredentialsMissing => "Request is missing required authentication credential. \
                Expected OAuth 2 access token, login cookie or other valid authentication credential. \
                See https://developers.google.com/identity/sign-in/web/devconsole-project."
                .to_owned(),
            Self::CredentialsInvalid => "Request had invalid authentication credentials. \
                Expected OAuth 2 access token, login cookie or other valid authentication credential. \
                See https://developers.google.com/identity/sign-in/web/devconsole-project."
                .to_owned(),
            Self::ScopeInsufficient(_) => {
                "Request had insufficient authentication scopes.".to_owned()
            }
            Self::Forbidden => "The caller does not have permission".to_owned(),
            Self::QuotaExceeded => "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' \
                of service 'health.googleapis.com' for consumer 'project_number:123456789'."
                .to_owned(),
            Self::UnknownParameter(name) => format!(
                "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter. \
                 Field '{name}' could not be found in request message."
            ),
            Self::InvalidValue { field, kind, value } => {
                format!("Invalid value at '{field}' ({kind}), \"{value}\"")
            }
            Self::InvalidPayload(problem) => {
                format!("Invalid JSON payload received. {problem}")
            }
            Self::InvalidFieldMask(_) => "Request contains an invalid argument.".to_owned(),
            Self::InvalidArgument { .. } => "Invalid argument in request.".to_owned(),
        }
    }

    fn details(&self, method: &str) -> Vec<Value> {
        let called = json!({"method": method, "service": "health.googleapis.com"});
        let info = |reason: &str| json!({"@type": ERROR_INFO, "reason": reason, "domain": "googleapis.com", "metadata": called});
        let violation = |field: &str, description: &str| json!({"@type": BAD_REQUEST, "fieldViolations": [{"field": field, "description": description}]});
        match self {
            Self::CredentialsMissing => vec![info("CREDENTIALS_MISSING")],
            Self::CredentialsInvalid | Self::Forbidden => Vec::new(),
            Self::ScopeInsufficient(_) => vec![info("ACCESS_TOKEN_SCOPE_INSUFFICIENT")],
            Self::QuotaExceeded => vec![
                json!({"@type": ERROR_INFO, "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com"}),
                json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [
                    {"subject": "project:123456789", "description": "Quota exceeded"}]}),
            ],
            Self::UnknownParameter(_) | Self::InvalidPayload(_) => {
                vec![violation("", &self.message())]
            }
            Self::InvalidValue { field, .. } => vec![violation(field, &self.message())],
            Self::InvalidFieldMask(path) => vec![violation(
                path,
                &format!(
                    "Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
                ),
            )],
            Self::InvalidArgument {
                reason,
                field,
                description,
            } => {
                let mut details = Vec::with_capacity(2);
                if !reason.is_empty() {
                    details.push(json!({"@type": ERROR_INFO, "reason": reason, "domain": "health.googleapis.com",
                        "metadata": {"detailedReasons": reason}}));
                }
                details.push(violation(field, description));
                details
            }
        }
    }
}

/// The page, not JSON, that an unknown address gets.
pub fn not_found(path: &str) -> Answer {
    let path = escape_html(path);
    Answer::html(
        404,
        format!(
            "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error 404 (Not Found)!!1</title>\n  \
             <p><b>404.</b> <ins>That\u{2019}s an error.</ins>\n  \
             <p>The requested URL <code>{path}</code> was not found on this server.  <ins>That\u{2019}s all we know.</ins>\n"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(fault: &Fault) -> Value {
        serde_json::from_slice(&fault.answer("x").body).unwrap_or_default()
    }

    #[test]
    fn reasons_stand_where_clients_look_for_them() {
        let roll_up = Fault::argument("INVALID_ROLLUP_QUERY_DURATION", "range", "too long");
        let body_of = body(&roll_up);
        assert_eq!(body_of["error"]["code"], 400);
        assert_eq!(
            body_of["error"]["details"][0]["reason"],
            "INVALID_ROLLUP_QUERY_DURATION"
        );
        assert_eq!(
            body_of["error"]["details"][1]["fieldViolations"][0]["description"],
            "too long"
        );
        assert_eq!(
            body(&Fault::QuotaExceeded)["error"]["details"][0]["reason"],
            "RATE_LIMIT_EXCEEDED"
        );
    }

    #[test]
    fn an_expired_token_is_told_in_the_header_alone() {
        let answer = Fault::CredentialsInvalid.answer("x");
        assert_eq!(answer.status, 401);
        assert!(
            answer
                .headers
                .iter()
                .any(|(name, value)| *name == "WWW-Authenticate"
                    && value.contains("error=\"invalid_token\""))
        );
        assert_eq!(
            body(&Fault::CredentialsInvalid)["error"]["details"],
            Value::Null
        );
    }

    #[test]
    fn the_page_reflects_no_markup() {
        let page = String::from_utf8(not_found("/<script>").body).unwrap_or_default();
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
    }
}
