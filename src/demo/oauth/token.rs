//! The token and revocation endpoints.

use super::grants::{Grants, Tokens};
use crate::demo::exchange::{Answer, Call, Fields};
use chrono::{DateTime, Utc};
use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use serde_json::json;

fn error(status: u16, code: &str, description: &str) -> Answer {
    Answer::json(
        status,
        &json!({"error": code, "error_description": description}),
    )
}

/// Answers `POST /token`.
pub fn exchange(call: &Call, grants: &Grants, now: DateTime<Utc>) -> Answer {
    let form = call.form();
    if let Some(refused) = refuse_client(&form, grants) {
        return refused;
    }
    match form.get("grant_type") {
        Some("authorization_code") => exchange_code(&form, grants, now),
        Some("refresh_token") => match form
            .get("refresh_token")
            .and_then(|token| grants.refresh(token, now))
        {
            Some(tokens) => issued(&tokens),
            None => error(400, "invalid_grant", "Token has been expired or revoked."),
        },
        Some(other) => error(
            400,
            "unsupported_grant_type",
            &format!("Invalid grant_type: {other}"),
        ),
        None => error(
            400,
            "invalid_request",
            "Missing required parameter: grant_type",
        ),
    }
}

fn refuse_client(form: &Fields, grants: &Grants) -> Option<Answer> {
    let Some(client_id) = form.get("client_id") else {
        return Some(error(
            400,
            "invalid_request",
            "Could not determine client ID from request.",
        ));
    };
    if client_id != grants.client_id {
        return Some(error(
            401,
            "invalid_client",
            "The OAuth client was not found.",
        ));
    }
    match form.get("client_secret") {
        None => Some(error(400, "invalid_request", "client_secret is missing.")),
        Some(secret) if secret != grants.client_secret => Some(error(
            401,
            "invalid_client",
            "The provided client secret is invalid.",
        )),
        Some(_) => None,
    }
}

fn exchange_code(form: &Fields, grants: &Grants, now: DateTime<Utc>) -> Answer {
    let Some(code) = form
        .get("code")
        .and_then(|code| grants.spend_code(code, now))
    else {
        return error(400, "invalid_grant", "Malformed auth code.");
    };
    if form.get("redirect_uri") != Some(&code.request.redirect_uri) {
        return error(400, "redirect_uri_mismatch", "Bad Request");
    }
    if let Some(challenge) = &code.request.challenge {
        match form.get("code_verifier") {
            None => return error(400, "invalid_grant", "Missing code verifier."),
            Some(verifier) if !verifies(verifier, challenge) => {
                return error(400, "invalid_grant", "Invalid code verifier.");
            }
            Some(_) => {}
        }
    }
    issued(&grants.issue_tokens(code, now))
}

/// RFC 7636, section 4.6; a verifier has 43 to 128 characters.
fn verifies(verifier: &str, challenge: &str) -> bool {
    (43..=128).contains(&verifier.len()) && {
        let verifier = PkceCodeVerifier::new(verifier.to_owned());
        PkceCodeChallenge::from_code_verifier_sha256(&verifier).as_str() == challenge
    }
}

fn issued(tokens: &Tokens) -> Answer {
    let mut body = json!({
        "access_token": tokens.access_token,
        "expires_in": tokens.expires_in,
        "scope": tokens.scopes.join(" "),
        "token_type": "Bearer"
    });
    if let Some(refresh_token) = &tokens.refresh_token {
        body["refresh_token"] = refresh_token.as_str().into();
    }
    if let Some(expires_in) = tokens.refresh_token_expires_in {
        body["refresh_token_expires_in"] = expires_in.into();
    }
    Answer::json(200, &body)
}

/// Answers `POST /revoke`; the token may stand in the form or in the query.
pub fn revoke(call: &Call, grants: &Grants) -> Answer {
    let (form, query) = (call.form(), call.query());
    match form.get("token").or_else(|| query.get("token")) {
        Some(token) if grants.revoke(token) => Answer::json(200, &json!({})),
        Some(_) => error(400, "invalid_token", "Token expired or revoked"),
        None => error(400, "invalid_request", "Missing required parameter: token"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_verifies() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(verifies(
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            challenge
        ));
        assert!(!verifies(
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl",
            challenge
        ));
        assert!(!verifies("short", challenge));
    }
}
