//! The token and revocation endpoints.

use super::grants::{ACCESS_EXPIRES_IN, Grants, Tokens};
use crate::demo::exchange::{self, Answer, Fields};
use chrono::{DateTime, Utc};
use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use serde_json::json;

fn error(status: u16, code: &str, description: &str) -> Answer {
    let body = json!({"error": code, "error_description": description});
    exchange::json(status, body.to_string())
}

/// Answers `POST /token`.
pub fn exchange(form: &Fields, grants: &Grants, now: DateTime<Utc>) -> Answer {
    if form.get("client_id") != Some(&grants.client_id) {
        return error(401, "invalid_client", "The OAuth client was not found.");
    }
    if form.get("client_secret") != Some(&grants.client_secret) {
        return error(
            401,
            "invalid_client",
            "The provided client secret is invalid.",
        );
    }
    let tokens = match form.get("grant_type") {
        Some("authorization_code") => exchange_code(form, grants, now),
        Some("refresh_token") => form
            .get("refresh_token")
            .and_then(|token| grants.refresh(token, now))
            .ok_or(("invalid_grant", "Token has been expired or revoked.")),
        _ => Err(("unsupported_grant_type", "Invalid grant_type")),
    };
    match tokens {
        Ok(tokens) => issued(tokens),
        Err((code, description)) => error(400, code, description),
    }
}

fn exchange_code(
    form: &Fields,
    grants: &Grants,
    now: DateTime<Utc>,
) -> Result<Tokens, (&'static str, &'static str)> {
    let code = form
        .get("code")
        .and_then(|code| grants.spend_code(code, now));
    let code = code.ok_or(("invalid_grant", "Malformed auth code."))?;
    if form.get("redirect_uri") != Some(&code.request.redirect_uri) {
        return Err(("redirect_uri_mismatch", "Bad Request"));
    }
    let verifier = form.get("code_verifier").unwrap_or_default();
    if !verifies(verifier, &code.request.challenge) {
        return Err(("invalid_grant", "Invalid code verifier."));
    }
    Ok(grants.issue_tokens(code, now))
}

/// RFC 7636, section 4.6; a verifier has 43 to 128 characters.
fn verifies(verifier: &str, challenge: &str) -> bool {
    (43..=128).contains(&verifier.len()) && {
        let verifier = PkceCodeVerifier::new(verifier.to_owned());
        PkceCodeChallenge::from_code_verifier_sha256(&verifier).as_str() == challenge
    }
}

fn issued(tokens: Tokens) -> Answer {
    let mut body = json!({
        "access_token": tokens.access,
        "expires_in": ACCESS_EXPIRES_IN,
        "scope": tokens.scopes.join(" "),
        "token_type": "Bearer"
    });
    if let Some(refresh_token) = tokens.refresh {
        body["refresh_token"] = refresh_token.into();
    }
    exchange::json(200, body.to_string())
}

/// Answers `POST /revoke`.
pub fn revoke(form: &Fields, grants: &Grants) -> Answer {
    match form.get("token") {
        Some(token) if grants.revoke(token) => exchange::json(200, "{}"),
        _ => error(400, "invalid_token", "Token expired or revoked"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_verifies() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(verifies(verifier, challenge));
        assert!(!verifies(&verifier.replace('X', "Y"), challenge));
        assert!(!verifies("short", challenge));
    }
}
