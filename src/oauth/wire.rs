//! The token endpoint's answer as it comes, and made fit for the OAuth library: an empty string is no value, and a number may
//! come as a string.

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    EndpointNotSet, EndpointSet, ExtraTokenFields, StandardRevocableToken, StandardTokenResponse,
    TokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// What the services add to the standard answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct WireExtra {
    /// Google, in a project in "Testing": the life of the login in seconds.
    pub(super) refresh_token_expires_in: Option<i64>,
    /// Fitbit: the account.
    pub(super) user_id: Option<String>,
}

impl ExtraTokenFields for WireExtra {}

pub(super) type WireToken = StandardTokenResponse<WireExtra, BasicTokenType>;
pub(super) type OAuthClient = oauth2::Client<
    BasicErrorResponse,
    WireToken,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// The granted scopes, if the answer names any.
pub(super) fn scopes_of(wire: &WireToken) -> Option<Vec<String>> {
    wire.scopes().map(|scopes| {
        scopes
            .iter()
            .flat_map(|scope| split_scopes(scope))
            .collect()
    })
}

/// Scopes in one text.
pub(super) fn split_scopes(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The answer without its empty members, lives as whole seconds; what is no object stays as it is.
pub(super) fn tidied(body: Vec<u8>) -> Vec<u8> {
    let Ok(Value::Object(mut members)) = serde_json::from_slice(&body) else {
        return body;
    };
    for name in ["expires_in", "refresh_token_expires_in"] {
        if let Some(value) = members.get_mut(name) {
            *value = seconds(value).map_or(Value::Null, |whole| Value::Number(Number::from(whole)));
        }
    }
    members.retain(|_, value| match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => true,
    });
    serde_json::to_vec(&members).unwrap_or(body)
}

/// `3599`, `"3599"` or `3599.0`; `None` for anything else, so that the usual life counts.
fn seconds(value: &Value) -> Option<u64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and a fraction of a second is of no use"
    )]
    number
        .filter(|seconds: &f64| (0.0..1e12).contains(seconds))
        .map(|seconds| seconds as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_is_absent_and_a_number_may_be_a_string() {
        for (body, expected) in [
            (
                r#"{"refresh_token":"","scope":" ","user_id":null,"token_type":"Bearer"}"#,
                r#"{"token_type":"Bearer"}"#,
            ),
            (r#"{"expires_in":"3599"}"#, r#"{"expires_in":3599}"#),
            (r#"{"expires_in":28800.0}"#, r#"{"expires_in":28800}"#),
            (
                r#"{"refresh_token_expires_in":" 604799 "}"#,
                r#"{"refresh_token_expires_in":604799}"#,
            ),
            (r#"{"expires_in":"soon"}"#, "{}"),
            (r#"{"expires_in":-5,"refresh_token_expires_in":""}"#, "{}"),
            ("<html>", "<html>"),
            ("[]", "[]"),
        ] {
            let tidy = tidied(body.as_bytes().to_vec());
            assert_eq!(String::from_utf8_lossy(&tidy), expected, "{body}");
        }
    }
}
