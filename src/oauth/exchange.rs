//! Talking to the token endpoint: a code or a refresh token for a token, and revocation.
//!
//! Both forms of client authentication: the secret in the body (Google), in a Basic header (Fitbit), or no secret and the
//! client id in the body (a Fitbit app of type Personal). Sources: RFC 6749, 7009 and 7636; the services' documentation.

use super::error::Error;
use super::fit::login_fits;
use super::origins::{Origins, origin};
use super::refusal;
use super::scopes;
use super::token::Token;
use super::wire::{OAuthClient, WireToken, scopes_of, split_scopes, tidied};
use crate::config::{Client, Endpoints, GOOGLE_REVOKE, Provider, Redirect};
use crate::http::{Fault, FaultKind, Http, Kind};
use crate::secret::Secret;
use chrono::{DateTime, TimeDelta, Utc};
use oauth2::basic::BasicErrorResponse;
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, TokenResponse, TokenUrl,
};
use std::pin::Pin;
use std::sync::Arc;

/// How Google calls itself.
const GOOGLE_ISSUER: &str = "https://accounts.google.com";

/// One app at one service's token endpoint.
#[derive(Debug, Clone)]
pub struct Exchange {
    http: Arc<Http>,
    provider: Provider,
    client: Client,
    endpoints: Endpoints,
    /// Asked for beside what is always asked for.
    more_scopes: Vec<String>,
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
            more_scopes: Vec::new(),
        }
    }

    /// The same, asking a login for these scopes as well.
    #[must_use]
    pub fn asking_for(mut self, scopes: impl IntoIterator<Item = String>) -> Self {
        self.more_scopes.extend(scopes);
        self
    }

    /// What a login asks for, each once.
    fn asked_scopes(&self) -> Vec<String> {
        let always = scopes::wanted(self.provider).iter();
        let mut asked: Vec<String> = always.map(|scope| scope.name.to_owned()).collect();
        for scope in &self.more_scopes {
            if !asked.contains(scope) {
                asked.push(scope.clone());
            }
        }
        asked
    }

    /// The service.
    #[must_use]
    pub const fn provider(&self) -> Provider {
        self.provider
    }

    /// A token of this client and these endpoints may be used; see [`login_fits`].
    ///
    /// # Errors
    /// Fails with 77 when it is of another client, or of another place.
    pub fn fits(&self, token: &Token) -> Result<(), Error> {
        login_fits(&self.client.id, &self.endpoints, token)
    }

    /// The origins that a login made here is bound to.
    #[must_use]
    pub fn origins(&self) -> Origins {
        Origins::of(&self.endpoints)
    }

    /// Who may say that an answer is theirs (RFC 9207): the place of the consent page, or the service itself behind it.
    #[must_use]
    pub fn issuers(&self) -> Vec<String> {
        let own = origin(&self.endpoints.authorize);
        match self.provider {
            Provider::Fitbit => vec![own],
            Provider::Google { .. } => vec![own, GOOGLE_ISSUER.to_owned()],
        }
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
        for scope in self.asked_scopes() {
            request = request.add_scope(Scope::new(scope));
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
            None => self.asked_scopes(),
        });
        Ok(self.token(&wire, scopes, None, now))
    }

    /// Makes a new access token. The same request is repeated if its answer is lost.
    ///
    /// # Errors
    /// Fails with [`Error::Ended`] where the service no longer knows the login; any other failure leaves it valid.
    pub async fn refresh(&self, old: &Token, now: DateTime<Utc>) -> Result<Token, Error> {
        self.fits(old)?;
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
        self.fits(token)?;
        let secret = token.refresh_token.as_ref().unwrap_or(&token.access_token);
        let mut form = vec![("token", secret.reveal())];
        let mut basic = None;
        match (self.provider, &self.client.secret) {
            (Provider::Fitbit, Some(own)) => basic = Some(own.reveal()),
            (Provider::Fitbit, None) => form.push(("client_id", &self.client.id)),
            // Google documents the token alone; any other server may want to know who asks (RFC 7009, 2.1).
            (Provider::Google { .. }, own) => {
                if self.endpoints.revoke != GOOGLE_REVOKE {
                    form.push(("client_id", &self.client.id));
                    form.extend(own.iter().map(|own| ("client_secret", own.reveal())));
                }
            }
        }
        let mut request = self.http.client().post(&self.endpoints.revoke).form(&form);
        if let Some(own) = basic {
            request = request.basic_auth(&self.client.id, Some(own));
        }
        let answer = self
            .http
            .send(Kind::OAuth, request)
            .await
            .map_err(|fault| self.unreachable(&fault))?;
        let code = refusal::error_code(&answer.body).0;
        match (answer.status, code.as_str()) {
            (200..=299 | 404, _)
            | (400 | 401, "invalid_token" | "invalid_grant" | "expired_token") => Ok(()),
            _ => Err(refusal::of_answer(self.provider, &answer)),
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
            return Err(Carried(refusal::of_answer(self.provider, &answer)));
        }
        let mut response = HttpResponse::new(tidied(answer.body));
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
        if fault.remedy.is_none()
            && self.provider == Provider::Fitbit
            && fault.kind == FaultKind::NoConnection
        {
            return Error::SwitchedOff {
                sign: fault.cause.clone(),
            };
        }
        Error::Unavailable {
            provider: self.provider,
            cause: fault.cause.clone(),
            temporary: false,
            come_back_in: None,
            remedy: fault.remedy.clone(),
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
            origins: Some(self.origins()),
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
