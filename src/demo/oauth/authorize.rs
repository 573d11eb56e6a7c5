//! The authorization endpoint: checks a request as Google does, asks, and sends the browser back.

use super::consent;
use super::grants::{Grants, Request};
use super::scopes;
use crate::demo::exchange::{Answer, Fields, html, redirect};
use chrono::{DateTime, Utc};
use url::{Host, Url};

/// Why a request gets Google's error page and no redirect: its code, and what is wrong.
type Refusal = (&'static str, String);

/// Checks the parameters of an authorization request.
fn check(query: &Fields, client_id: &str) -> Result<Request, Refusal> {
    let invalid = |message: String| ("invalid_request", message);
    let required = |name: &str| {
        let missing = || invalid(format!("Missing required parameter: {name}"));
        query.get(name).ok_or_else(missing)
    };
    if required("client_id")? != client_id {
        return Err(("invalid_client", "The OAuth client was not found.".into()));
    }
    let redirect_uri = required("redirect_uri")?;
    if !is_loopback(redirect_uri) {
        let message = "The redirect URI of a Desktop app is http://127.0.0.1, http://[::1] or http://localhost, with any port.";
        return Err(("redirect_uri_mismatch", message.into()));
    }
    if required("response_type")? != "code" {
        return Err(("unsupported_response_type", "Only code is known.".into()));
    }
    let scopes: Vec<_> = required("scope")?.split(' ').map(str::to_owned).collect();
    if let Some(unknown) = scopes.iter().find(|scope| scopes::find(scope).is_none()) {
        let message = format!("Some requested scopes were invalid: {unknown}");
        return Err(("invalid_scope", message));
    }
    // The service would do without; this program must not.
    let challenge = required("code_challenge")?;
    if required("code_challenge_method")? != "S256" || challenge.len() != 43 {
        return Err(invalid("PKCE by S256 is required here.".to_owned()));
    }
    Ok(Request {
        redirect_uri: redirect_uri.to_owned(),
        state: required("state")?.to_owned(),
        challenge: challenge.to_owned(),
        scopes,
        offline: query.get("access_type") == Some("offline"),
        asks_again: query.get("prompt") == Some("consent"),
    })
}

fn is_loopback(redirect_uri: &str) -> bool {
    Url::parse(redirect_uri).is_ok_and(|url| {
        url.scheme() == "http"
            && match url.host() {
                Some(Host::Domain(name)) => name == "localhost",
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            }
    })
}

/// Shows the consent page, whose form goes to `action`, or the error page.
pub fn ask(query: &Fields, action: &str, grants: &Grants, now: DateTime<Utc>) -> Answer {
    match check(query, &grants.client_id) {
        Ok(request) => {
            let wanted = request.scopes.iter();
            let scopes: Vec<_> = wanted.filter_map(|scope| scopes::find(scope)).collect();
            let key = grants.open_page(request, now);
            html(200, consent::page(action, &key, &scopes))
        }
        Err((code, message)) => html(400, consent::error_page(400, code, &message)),
    }
}

/// Takes the page's form and sends the browser back to the app.
pub fn decide(form: &Fields, grants: &Grants, now: DateTime<Utc>) -> Answer {
    let opened = form.get("request").and_then(|key| grants.page(key, now));
    let Some((mut request, mut target)) =
        opened.and_then(|request| Some((request.clone(), Url::parse(&request.redirect_uri).ok()?)))
    else {
        let message =
            "This page was used already, or stood open for too long. Start the login again.";
        return html(400, consent::error_page(400, "invalid_request", message));
    };
    let ticked = form.all("scope");
    request
        .scopes
        .retain(|scope| ticked.contains(&scope.as_str()));
    target
        .query_pairs_mut()
        .append_pair("state", &request.state);
    if form.get("decision") == Some("allow") && !request.scopes.is_empty() {
        let scope = request.scopes.join(" ");
        target
            .query_pairs_mut()
            .append_pair("code", &grants.issue_code(request, now))
            .append_pair("scope", &scope);
    } else {
        target
            .query_pairs_mut()
            .append_pair("error", "access_denied");
    }
    redirect(target.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(change: (&str, &str)) -> Fields {
        let scope = scopes::url("sleep");
        let mut fields = vec![
            ("client_id", "id"),
            ("redirect_uri", "http://127.0.0.1:4567/"),
            ("response_type", "code"),
            ("scope", &scope),
            ("state", "s"),
            (
                "code_challenge",
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            ),
            ("code_challenge_method", "S256"),
        ];
        fields.retain(|(known, _)| *known != change.0);
        fields.push(change);
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Fields(fields.into_iter().map(owned).collect())
    }

    #[test]
    fn wrong_requests_get_the_page_that_google_shows() {
        let cases = [
            ("client_id", "", "invalid_request"),
            ("client_id", "other", "invalid_client"),
            ("redirect_uri", "", "invalid_request"),
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
            ("scope", "https://example.com/all", "invalid_scope"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("code_challenge", "", "invalid_request"),
        ];
        for (name, value, code) in cases {
            let refusal = check(&query((name, value)), "id").map_err(|(code, _)| code);
            assert_eq!(refusal, Err(code), "{name}={value}");
        }
        for uri in ["http://localhost:8080", "http://[::1]:9/x?y=1"] {
            assert!(check(&query(("redirect_uri", uri)), "id").is_ok(), "{uri}");
        }
    }

    #[test]
    fn what_is_not_ticked_is_not_granted() {
        let grants = Grants::new();
        let now = DateTime::UNIX_EPOCH;
        let both = format!("{} {}", scopes::url("sleep"), scopes::url("settings"));
        let decided = |ticked: &str, decision: &str| {
            let request = check(&query(("scope", &both)), "id").unwrap_or_else(|_| unreachable!());
            let key = grants.open_page(request, now);
            let form = [("request", key.as_str()), ("scope", ticked)];
            let form = form.into_iter().chain([("decision", decision)]);
            let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let answer = decide(&Fields(form.collect()), &grants, now);
            let location = answer.headers().get("location").map(|to| to.to_str());
            location.and_then(Result::ok).unwrap_or_default().to_owned()
        };
        let allowed = decided(&scopes::url("sleep"), "allow");
        assert!(
            allowed.starts_with("http://127.0.0.1:4567/?state=s&code=4%2F0A"),
            "{allowed}"
        );
        assert!(allowed.contains("sleep") && !allowed.contains("settings"));
        let refused = "http://127.0.0.1:4567/?state=s&error=access_denied";
        assert_eq!(decided(&scopes::url("sleep"), "deny"), refused);
        assert_eq!(decided("", "allow"), refused);
    }
}
