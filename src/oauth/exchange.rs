//! Talking to the token endpoint: a code or a refresh token for a token, and revocation.
//!
//! Both forms of client authentication: the secret in the body (Google), in a Basic header (Fitbit), or no secret and the
//! client id in the body (a Fitbit app of type Personal). Sources: RFC 6749, 7009 and 7636; the services' documentation.

use super::error::Error;
use super::scopes;
use super::store::Token;
use crate::config::Provider;
use crate::config::{Client, Endpoints, Redirect};
use crate::http::{Answer, Fault, FaultKind, Http, Kind};
use crate::secret::{self, Secret};
use chrono::{DateTime, TimeDelta, Utc};
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken,
    StandardTokenResponse, TokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::sync::Arc;

/// What the services add to the standard answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct WireExtra {
    /// Google, in a project in "Testing": the life of the login in seconds.
    refresh_token_expires_in: Option<i64>,
    /// Fitbit: the account.
    user_id: Option<String>,
}

impl ExtraTokenFields for WireExtra {}

type WireToken = StandardTokenResponse<WireExtra, BasicTokenType>;
type OAuthClient = oauth2::Client<
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

/// One app at one service's token endpoint.
#[derive(Debug, Clone)]
pub struct Exchange {
    http: Arc<Http>,
    provider: Provider,
    client: Client,
    endpoints: Endpoints,
}

/// An authorization request that waits for its answer.
#[derive(Debug)]
pub struct Authorization {
    /// The page to open in a browser.
    pub url: String,
    /// Has to come back unchanged.
    pub state: Secret,
    verifier: Secret,
}

impl Exchange {
    /// An app at a service; nothing is sent yet.
    #[must_use]
    pub const fn new(
        http: Arc<Http>,
        provider: Provider,
        client: Client,
        endpoints: Endpoints,
    ) -> Self {
        Self {
            http,
            provider,
            client,
            endpoints,
        }
    }

    /// The service.
    #[must_use]
    pub const fn provider(&self) -> Provider {
        self.provider
    }

    fn client(&self) -> Result<OAuthClient, Error> {
        let wrong = |error: oauth2::url::ParseError| Error::Protocol {
            problem: format!("an endpoint is not a URL: {error}"),
        };
        let mut client = oauth2::Client::new(ClientId::new(self.client.id.clone()))
            .set_auth_uri(AuthUrl::new(self.endpoints.authorize.clone()).map_err(wrong)?)
            .set_token_uri(TokenUrl::new(self.endpoints.token.clone()).map_err(wrong)?)
            .set_auth_type(match self.provider {
                Provider::Fitbit => AuthType::BasicAuth,
                Provider::Google { .. } => AuthType::RequestBody,
            });
        if let Some(secret) = &self.client.secret {
            client = client.set_client_secret(ClientSecret::new(secret.reveal().to_owned()));
        }
        Ok(client)
    }

    fn client_at(&self, redirect: &Redirect) -> Result<OAuthClient, Error> {
        let url = RedirectUrl::new(redirect.url.clone()).map_err(|error| Error::Protocol {
            problem: format!("the redirect URL is not one: {error}"),
        })?;
        Ok(self.client()?.set_redirect_uri(url))
    }

    /// The page to open, with a fresh `state` and a fresh PKCE challenge.
    ///
    /// # Errors
    /// Fails when an endpoint of the keys file is not a URL.
    pub fn authorization(&self, redirect: &Redirect) -> Result<Authorization, Error> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client_at(redirect)?;
        let mut request = client
            .authorize_url(CsrfToken::new_random)
            .set_pkce_challenge(challenge);
        for scope in scopes::wanted(self.provider) {
            request = request.add_scope(Scope::new(scope.name.to_owned()));
        }
        if self.provider != Provider::Fitbit {
            // Without prompt=consent a second login brings no refresh token.
            request = request
                .add_extra_param("access_type", "offline")
                .add_extra_param("prompt", "consent");
        }
        let (url, state) = request.url();
        Ok(Authorization {
            url: url.into(),
            state: Secret::new(state.into_secret()),
            verifier: Secret::new(verifier.into_secret()),
        })
    }

    /// Exchanges the code for a token.
    ///
    /// `granted` is what the redirect said about scopes, in case the answer does not.
    ///
    /// # Errors
    /// Fails as the service says, see [`Error`].
    pub async fn redeem(
        &self,
        authorization: &Authorization,
        redirect: &Redirect,
        code: &Secret,
        granted: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Token, Error> {
        let client = self.client_at(redirect)?;
        let request = client
            .exchange_code(AuthorizationCode::new(code.reveal().to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(
                authorization.verifier.reveal().to_owned(),
            ));
        let wire = request
            .request_async(&Carrier(self))
            .await
            .map_err(|error| about_code(self.failed(error)))?;
        let scopes = scopes_of(&wire).unwrap_or_else(|| match granted {
            Some(granted) => split_scopes(granted),
            // RFC 6749, 5.1: left out where it is what was asked for.
            None => scopes::wanted(self.provider)
                .iter()
                .map(|scope| scope.name.to_owned())
                .collect(),
        });
        Ok(self.token(&wire, scopes, None, now))
    }

    /// Makes a new access token. The same request is repeated if its answer is lost.
    ///
    /// # Errors
    /// Fails with [`Error::Ended`] where the service no longer knows the login; any other failure leaves it valid.
    pub async fn refresh(&self, old: &Token, now: DateTime<Utc>) -> Result<Token, Error> {
        let Some(refresh_token) = &old.refresh_token else {
            return Err(Error::Ended {
                provider: self.provider,
                said: "the service gave no refresh token".to_owned(),
            });
        };
        let client = self.client()?;
        let refresh_token = RefreshToken::new(refresh_token.reveal().to_owned());
        let request = client.exchange_refresh_token(&refresh_token);
        let wire = request
            .request_async(&Carrier(self))
            .await
            .map_err(|error| self.failed(error))?;
        let scopes = scopes_of(&wire).unwrap_or_else(|| old.scopes.clone());
        Ok(self.token(&wire, scopes, Some(old), now))
    }

    /// Ends the login at the service. One that is dead already counts as ended.
    ///
    /// # Errors
    /// Fails when the service cannot be asked.
    pub async fn revoke(&self, token: &Token) -> Result<(), Error> {
        let secret = token
            .refresh_token
            .as_ref()
            .unwrap_or(&token.access_token)
            .reveal()
            .to_owned();
        let post =
            |form: &[(&str, &str)]| self.http.client().post(&self.endpoints.revoke).form(form);
        let request = match (self.provider, &self.client.secret) {
            (Provider::Fitbit, Some(own)) => {
                post(&[("token", &secret)]).basic_auth(&self.client.id, Some(own.reveal()))
            }
            (Provider::Fitbit, None) => post(&[("token", &secret), ("client_id", &self.client.id)]),
            (Provider::Google { .. }, _) => post(&[("token", &secret)]),
        };
        let answer = self
            .http
            .send(Kind::OAuth, request)
            .await
            .map_err(|fault| self.unreachable(&fault))?;
        let code = error_code(&answer.body).0;
        match answer.status {
            200..=299 | 404 => Ok(()),
            400 | 401
                if matches!(
                    code.as_str(),
                    "invalid_token" | "invalid_grant" | "expired_token"
                ) =>
            {
                Ok(())
            }
            _ => Err(self.refusal(&answer)),
        }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Carried> {
        let (parts, body) = request.into_parts();
        let request = self
            .http
            .client()
            .request(parts.method, parts.uri.to_string())
            .headers(parts.headers)
            .body(body);
        let answer = self
            .http
            .send(Kind::OAuth, request)
            .await
            .map_err(|fault| Carried(self.unreachable(&fault)))?;
        if answer.status != 200 {
            return Err(Carried(self.refusal(&answer)));
        }
        let mut response = HttpResponse::new(answer.body);
        *response.headers_mut() = answer.headers;
        Ok(response)
    }

    fn failed(&self, error: RequestTokenError<Carried, BasicErrorResponse>) -> Error {
        match error {
            RequestTokenError::Request(Carried(error)) => error,
            RequestTokenError::ServerResponse(_)
            | RequestTokenError::Parse(..)
            | RequestTokenError::Other(_) => Error::Undecodable {
                provider: self.provider,
                problem: "the answer of the token endpoint is not a token".to_owned(),
            },
        }
    }

    fn unreachable(&self, fault: &Fault) -> Error {
        if self.provider == Provider::Fitbit && fault.kind == FaultKind::NoConnection {
            return Error::SwitchedOff {
                sign: fault.cause.clone(),
            };
        }
        Error::Unavailable {
            provider: self.provider,
            cause: fault.cause.clone(),
            temporary: false,
            come_back_in: None,
        }
    }

    /// What an answer other than 200 means for the login.
    fn refusal(&self, answer: &Answer) -> Error {
        let provider = self.provider;
        let (code, message) = error_code(&answer.body);
        let said = match (code.as_str(), message.as_str()) {
            ("", "") => format!("the token endpoint answered with status {}", answer.status),
            (code, "") => format!("{code}, status {}", answer.status),
            ("", message) => format!("{message}, status {}", answer.status),
            (code, message) => format!("{code}: {message}"),
        };
        match (answer.status, code.as_str()) {
            (300..=399, _) => Error::Protocol {
                problem: format!(
                    "the token endpoint redirected elsewhere (status {})",
                    answer.status
                ),
            },
            (410, _) if provider == Provider::Fitbit => Error::SwitchedOff {
                sign: "status 410".to_owned(),
            },
            (400..=499, "invalid_grant" | "unauthorized_client") => Error::Ended { provider, said },
            (400..=499, "invalid_client" | "redirect_uri_mismatch") => {
                Error::WrongClient { provider, said }
            }
            (400..=499, _)
                if message
                    .to_ascii_lowercase()
                    .starts_with("redirect_uri mismatch") =>
            {
                Error::WrongClient { provider, said }
            }
            (status, _) => Error::Unavailable {
                provider,
                cause: said,
                temporary: matches!(status, 409 | 429),
                come_back_in: answer.come_back_in,
            },
        }
    }

    fn token(
        &self,
        wire: &WireToken,
        scopes: Vec<String>,
        old: Option<&Token>,
        now: DateTime<Utc>,
    ) -> Token {
        let life = wire
            .expires_in()
            .and_then(|life| TimeDelta::from_std(life).ok())
            .unwrap_or(match self.provider {
                Provider::Fitbit => TimeDelta::hours(8),
                Provider::Google { .. } => TimeDelta::hours(1),
            });
        let renewed = wire
            .refresh_token()
            .map(|token| Secret::new(token.secret().clone()));
        let extra = wire.extra_fields();
        let ends = extra
            .refresh_token_expires_in
            .and_then(TimeDelta::try_seconds)
            .and_then(|life| now.checked_add_signed(life));
        Token {
            access_token: Secret::new(wire.access_token().secret().clone()),
            refresh_token: renewed.or_else(|| old.and_then(|old| old.refresh_token.clone())),
            scopes,
            obtained_at: now,
            access_expires_at: now.checked_add_signed(life).unwrap_or(now),
            login_expires_at: ends.or_else(|| old.and_then(|old| old.login_expires_at)),
            client_id: Some(self.client.id.clone()),
            account: extra
                .user_id
                .clone()
                .or_else(|| old.and_then(|old| old.account.clone())),
            legacy_account: old.and_then(|old| old.legacy_account.clone()),
            timezone: old.and_then(|old| old.timezone.clone()),
        }
    }
}

/// Carries the OAuth library's requests over our own client.
struct Carrier<'e>(&'e Exchange);

impl<'c> oauth2::AsyncHttpClient<'c> for Carrier<'_> {
    type Error = Carried;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Carried>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.0.send(request))
    }
}

/// Carries our own error through the OAuth library.
#[derive(Debug)]
struct Carried(Error);

impl std::fmt::Display for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::exit::Explain::what(&self.0))
    }
}

impl std::error::Error for Carried {}

/// There is no login yet that could have ended.
fn about_code(error: Error) -> Error {
    if let Error::Ended { said, .. } = error {
        return Error::CodeRejected { said };
    }
    error
}

fn scopes_of(wire: &WireToken) -> Option<Vec<String>> {
    wire.scopes().map(|scopes| {
        scopes
            .iter()
            .flat_map(|scope| split_scopes(scope))
            .collect()
    })
}

fn split_scopes(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The code and the message of an error body, in any of the three shapes that were seen:
/// `{"error":"invalid_grant","error_description":".."}`, `{"errors":[{"errorType":"..","message":".."}]}` and
/// `{"error":{"status":"..","message":".."}}`. Empty where there is none; cleaned for a person.
#[must_use]
pub fn error_code(body: &[u8]) -> (String, String) {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(body) else {
        return Default::default();
    };
    let text = |value: &serde_json::Value| secret::clean(value.as_str().unwrap_or_default());
    let error = &value["error"];
    if error.is_string() {
        return (text(error), text(&value["error_description"]));
    }
    if error.is_object() {
        return (text(&error["status"]), text(&error["message"]));
    }
    let first = &value["errors"][0];
    (text(&first["errorType"]), text(&first["message"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_bodies_of_all_shapes_are_understood() {
        for (body, code, message) in [
            (
                r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#,
                "invalid_grant",
                "Token has been expired or revoked.",
            ),
            (
                r#"{"errors":[{"errorType":"invalid_grant","message":"Refresh token invalid: c643a63c072f0f05478e9d18b991db80ef. Visit"}],"success":false}"#,
                "invalid_grant",
                "Refresh token invalid: (redacted). Visit",
            ),
            (
                r#"{"error":{"code":403,"message":"The caller does not have permission","status":"PERMISSION_DENIED"}}"#,
                "PERMISSION_DENIED",
                "The caller does not have permission",
            ),
            ("<html>", "", ""),
            ("", "", ""),
            ("[]", "", ""),
        ] {
            assert_eq!(
                error_code(body.as_bytes()),
                (code.to_owned(), message.to_owned())
            );
        }
    }
}
