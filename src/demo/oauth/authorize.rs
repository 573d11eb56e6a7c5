//! The authorization endpoint: checks a request as Google does, asks, and sends the browser back.

use super::consent;
use super::grants::{Grants, Request};
use super::scopes::{self, Scope};
use crate::demo::exchange::{Answer, Fields};
use chrono::{DateTime, Utc};
use std::net::IpAddr;
use url::{Host, Url};

/// Why a request gets Google's error page and no redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the page.
    pub status: u16,
    /// `redirect_uri_mismatch` and the like.
    pub code: &'static str,
    /// In words.
    pub message: String,
}

impl Refusal {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }
}

/// Checks the parameters of an authorization request.
fn check(query: &Fields, client_id: &str) -> Result<Request, Refusal> {
    let invalid = |message: String| Refusal::new(400, "invalid_request", message);
    let required = |name: &str| {
        query
            .get(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| invalid(format!("Missing required parameter: {name}")))
    };
    if required("client_id")? != client_id {
        return Err(Refusal::new(
            401,
            "invalid_client",
            "The OAuth client was not found.",
        ));
    }
    let redirect_uri = required("redirect_uri")?;
    if !is_loopback(redirect_uri) {
        return Err(Refusal::new(
            400,
            "redirect_uri_mismatch",
            "The redirect URI of a Desktop app is http://127.0.0.1, http://[::1] or http://localhost, with any port.",
        ));
    }
    let response_type = required("response_type")?;
    if response_type != "code" {
        return Err(Refusal::new(
            400,
            "unsupported_response_type",
            format!("Invalid response_type: {response_type}"),
        ));
    }
    let scopes: Vec<_> = required("scope")?.split(' ').map(str::to_owned).collect();
    if let Some(unknown) = scopes.iter().find(|scope| scopes::find(scope).is_none()) {
        return Err(Refusal::new(
            400,
            "invalid_scope",
            format!("Some requested scopes were invalid: {unknown}"),
        ));
    }
    Ok(Request {
        redirect_uri: redirect_uri.to_owned(),
        state: query.get("state").unwrap_or_default().to_owned(),
        challenge: challenge(query).map_err(invalid)?,
        scopes,
        offline: query.get("access_type") == Some("offline"),
        consent: query
            .get("prompt")
            .is_some_and(|prompt| prompt.split(' ').any(|word| word == "consent")),
    })
}

/// The PKCE challenge (RFC 7636), if there is one.
fn challenge(query: &Fields) -> Result<Option<String>, String> {
    let method = query.get("code_challenge_method");
    let Some(challenge) = query.get("code_challenge") else {
        return match method {
            None => Ok(None),
            Some(_) => Err("Missing required parameter: code_challenge".to_owned()),
        };
    };
    if method != Some("S256") {
        return Err("Only the code_challenge_method S256 is supported here.".to_owned());
    }
    let is_digest = challenge.len() == 43
        && challenge
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if is_digest {
        Ok(Some(challenge.to_owned()))
    } else {
        Err("The code_challenge is not a SHA-256 digest in base64url.".to_owned())
    }
}

fn is_loopback(redirect_uri: &str) -> bool {
    let Ok(url) = Url::parse(redirect_uri) else {
        return false;
    };
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    };
    url.scheme() == "http" && loopback && url.fragment().is_none()
}

/// Shows the consent page, or the error page.
pub fn ask(query: &Fields, grants: &Grants, now: DateTime<Utc>) -> Answer {
    match check(query, &grants.client_id) {
        Ok(request) => {
            let scopes: Vec<&Scope> = request
                .scopes
                .iter()
                .filter_map(|scope| scopes::find(scope))
                .collect();
            let key = grants.open_page(request, now);
            Answer::html(200, consent::page(&key, &scopes))
        }
        Err(refusal) => Answer::html(refusal.status, consent::error_page(&refusal)),
    }
}

/// Takes the page's form and sends the browser back to the app.
pub fn decide(form: &Fields, grants: &Grants, now: DateTime<Utc>) -> Answer {
    let Some(mut request) = form
        .get("request")
        .and_then(|key| grants.close_page(key, now))
    else {
        let refusal = Refusal::new(
            400,
            "invalid_request",
            "This page was used already, or stood open for too long. Start the login again.",
        );
        return Answer::html(refusal.status, consent::error_page(&refusal));
    };
    let ticked: Vec<_> = form.all("scope").collect();
    request
        .scopes
        .retain(|scope| ticked.contains(&scope.as_str()));
    let Ok(mut target) = Url::parse(&request.redirect_uri) else {
        return Answer::html(400, String::new());
    };
    {
        let mut query = target.query_pairs_mut();
        if !request.state.is_empty() {
            query.append_pair("state", &request.state);
        }
        if form.get("decision") == Some("allow") && !request.scopes.is_empty() {
            let scope = request.scopes.join(" ");
            query.append_pair("code", &grants.issue_code(request, now));
            query.append_pair("scope", &scope);
        } else {
            query.append_pair("error", "access_denied");
        }
    }
    Answer::redirect(target.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn query(changes: &[(&str, &str)]) -> Fields {
        let mut fields = vec![
            ("client_id", "id"),
            ("redirect_uri", "http://127.0.0.1:4567/"),
            ("response_type", "code"),
            ("scope", scopes::METRICS),
            ("state", "s"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            fields.retain(|(known, _)| known != name);
            if *value != "-" {
                fields.push((name, value));
            }
        }
        Fields(
            fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    #[test]
    fn wrong_requests_get_the_page_that_google_shows() {
        let cases = [
            ("client_id", "-", "invalid_request"),
            ("client_id", "other", "invalid_client"),
            ("redirect_uri", "-", "invalid_request"),
            (
                "redirect_uri",
                "https://example.com/",
                "redirect_uri_mismatch",
            ),
            (
                "redirect_uri",
                "http://127.0.0.1.example.com/",
                "redirect_uri_mismatch",
            ),
            (
                "redirect_uri",
                "urn:ietf:wg:oauth:2.0:oob",
                "redirect_uri_mismatch",
            ),
            ("response_type", "token", "unsupported_response_type"),
            ("scope", "-", "invalid_request"),
            ("scope", "https://example.com/all", "invalid_scope"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("code_challenge_method", "-", "invalid_request"),
            ("code_challenge", "short", "invalid_request"),
            ("code_challenge", "-", "invalid_request"),
        ];
        for (name, value, code) in cases {
            let refusal = check(&query(&[(name, value)]), "id").map_err(|refusal| refusal.code);
            assert_eq!(refusal, Err(code), "{name}={value}");
        }
    }

    #[test]
    fn every_loopback_address_will_do_for_a_desktop_app() {
        for uri in [
            "http://127.0.0.1:1/",
            "http://127.0.0.1:65535/callback?x=1",
            "http://localhost:8080",
            "http://[::1]:9/",
        ] {
            assert!(
                check(&query(&[("redirect_uri", uri)]), "id").is_ok(),
                "{uri}"
            );
        }
    }

    #[test]
    fn what_is_not_ticked_is_not_granted() {
        let grants = Grants::new(3599, None);
        let now = DateTime::UNIX_EPOCH;
        let both = format!("{} {}", scopes::METRICS, scopes::SETTINGS);
        let decide_with = |fields: &[(&str, &str)]| {
            let request =
                check(&query(&[("scope", &both)]), "id").unwrap_or_else(|_| unreachable!());
            let key = grants.open_page(request, now);
            let mut form = vec![("request".to_owned(), key)];
            form.extend(
                fields
                    .iter()
                    .map(|(n, v)| ((*n).to_owned(), (*v).to_owned())),
            );
            let answer = decide(&Fields(form), &grants, now);
            let location = answer
                .headers
                .into_iter()
                .find(|(name, _)| *name == "Location");
            location.map(|(_, to)| to).unwrap_or_default()
        };
        let allowed = decide_with(&[("scope", scopes::METRICS), ("decision", "allow")]);
        assert!(
            allowed.starts_with("http://127.0.0.1:4567/?state=s&code=4%2F0A"),
            "{allowed}"
        );
        assert!(allowed.contains("health_metrics") && !allowed.contains("settings"));
        let refused = "http://127.0.0.1:4567/?state=s&error=access_denied";
        assert_eq!(
            decide_with(&[("scope", scopes::METRICS), ("decision", "deny")]),
            refused
        );
        assert_eq!(decide_with(&[("decision", "allow")]), refused);
    }
}
