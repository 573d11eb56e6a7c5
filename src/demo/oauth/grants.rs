//! What has been asked for, granted and issued; kept in memory for as long as the service runs.

use chrono::{DateTime, TimeDelta, Utc};
use oauth2::CsrfToken;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a consent page may stay open, and a code unspent.
const PENDING: TimeDelta = TimeDelta::minutes(10);

/// How long an access token lives, in seconds.
pub const ACCESS_EXPIRES_IN: i64 = 3599;

/// An authorization request that passed every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Exactly as it came.
    pub redirect_uri: String,
    /// Of the app's own choice.
    pub state: String,
    /// The S256 challenge.
    pub challenge: String,
    /// In the order asked for; once consent is given, those that were granted.
    pub scopes: Vec<String>,
    /// `access_type=offline`.
    pub offline: bool,
    /// `prompt=consent`.
    pub asks_again: bool,
}

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// What was granted.
    pub request: Request,
    with_refresh_token: bool,
    expires: DateTime<Utc>,
}

#[derive(Debug)]
struct Access {
    scopes: Vec<String>,
    expires: DateTime<Utc>,
    refresh_token: String,
}

#[derive(Debug, Default)]
struct Issued {
    pages: HashMap<String, (Request, DateTime<Utc>)>,
    codes: HashMap<String, Code>,
    access: HashMap<String, Access>,
    /// Scopes by refresh token.
    logins: HashMap<String, Vec<String>>,
    consented: bool,
}

/// Tokens as they are handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The bearer token.
    pub access: String,
    /// Only from a code.
    pub refresh: Option<String>,
    /// In the order granted.
    pub scopes: Vec<String>,
}

/// Everything that was granted, and to whom.
#[derive(Debug)]
pub struct Grants {
    /// The one client that is registered.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    issued: Mutex<Issued>,
}

fn random(prefix: &str) -> String {
    format!("{prefix}{}", CsrfToken::new_random_len(32).secret())
}

impl Grants {
    /// Nothing granted yet.
    pub fn new() -> Self {
        Self {
            client_id: "424242424242-demo.apps.googleusercontent.com".to_owned(),
            client_secret: random("GOCSPX-"),
            issued: Mutex::default(),
        }
    }

    fn issued(&self) -> MutexGuard<'_, Issued> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a request while its page is open; the page's form brings the key back.
    pub fn open_page(&self, request: Request, now: DateTime<Utc>) -> String {
        let key = random("");
        let page = (request, now + PENDING);
        self.issued().pages.insert(key.clone(), page);
        key
    }

    /// The request of a page, once.
    pub fn page(&self, key: &str, now: DateTime<Utc>) -> Option<Request> {
        let (request, expires) = self.issued().pages.remove(key)?;
        (now < expires).then_some(request)
    }

    /// A code for what was granted. Google's contain a slash, and so does this.
    pub fn issue_code(&self, request: Request, now: DateTime<Utc>) -> String {
        let code = random("4/0A");
        let mut issued = self.issued();
        // Who consented before gets a second refresh token only after being asked again.
        let with_refresh_token = request.offline && (request.asks_again || !issued.consented);
        issued.consented = true;
        let entry = Code {
            request,
            with_refresh_token,
            expires: now + PENDING,
        };
        issued.codes.insert(code.clone(), entry);
        code
    }

    /// What a code stands for, once.
    pub fn spend_code(&self, code: &str, now: DateTime<Utc>) -> Option<Code> {
        let code = self.issued().codes.remove(code)?;
        (now < code.expires).then_some(code)
    }

    /// Tokens for a spent code.
    pub fn issue_tokens(&self, code: Code, now: DateTime<Utc>) -> Tokens {
        let refresh_token = random("1//0");
        let scopes = code.request.scopes;
        let tokens = self.issue_access(&refresh_token, scopes.clone(), now);
        if !code.with_refresh_token {
            return tokens;
        }
        let logins = &mut self.issued().logins;
        logins.insert(refresh_token.clone(), scopes);
        Tokens {
            refresh: Some(refresh_token),
            ..tokens
        }
    }

    /// A new access token for a refresh token that is alive.
    pub fn refresh(&self, refresh_token: &str, now: DateTime<Utc>) -> Option<Tokens> {
        let scopes = self.issued().logins.get(refresh_token).cloned()?;
        Some(self.issue_access(refresh_token, scopes, now))
    }

    fn issue_access(&self, refresh_token: &str, scopes: Vec<String>, now: DateTime<Utc>) -> Tokens {
        let token = random("ya29.a0");
        let access = Access {
            scopes: scopes.clone(),
            expires: now + TimeDelta::seconds(ACCESS_EXPIRES_IN),
            refresh_token: refresh_token.to_owned(),
        };
        self.issued().access.insert(token.clone(), access);
        Tokens {
            access: token,
            refresh: None,
            scopes,
        }
    }

    /// The scopes of an access token that is alive.
    pub fn scopes_of(&self, access_token: &str, now: DateTime<Utc>) -> Option<Vec<String>> {
        let issued = self.issued();
        let access = issued.access.get(access_token)?;
        (now < access.expires).then(|| access.scopes.clone())
    }

    /// Ends the login that a token belongs to, whichever of the two it is; false for a token that is not known.
    pub fn revoke(&self, token: &str) -> bool {
        let mut issued = self.issued();
        let of_access = issued.access.get(token);
        let login = of_access.map_or_else(|| token.to_owned(), |it| it.refresh_token.clone());
        let known = issued.access.len() + issued.logins.len();
        issued
            .access
            .retain(|_, access| access.refresh_token != login);
        issued.logins.remove(&login);
        issued.consented = !issued.logins.is_empty();
        issued.access.len() + issued.logins.len() < known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn request(asks_again: bool) -> Request {
        Request {
            redirect_uri: String::new(),
            state: String::new(),
            challenge: String::new(),
            scopes: vec!["a".to_owned()],
            offline: true,
            asks_again,
        }
    }

    fn login(grants: &Grants, asks_again: bool) -> Option<Tokens> {
        let code = grants.issue_code(request(asks_again), START);
        let code = grants.spend_code(&code, START)?;
        Some(grants.issue_tokens(code, START))
    }

    #[test]
    fn codes_and_pages_work_once_and_not_for_ever() {
        let grants = Grants::new();
        let code = grants.issue_code(request(true), START);
        assert!(grants.spend_code(&code, START).is_some());
        assert!(grants.spend_code(&code, START).is_none());
        let late = grants.issue_code(request(true), START);
        assert!(grants.spend_code(&late, START + PENDING).is_none());
        let page = grants.open_page(request(true), START);
        assert!(grants.page(&page, START).is_some());
        assert!(grants.page(&page, START).is_none());
    }

    #[test]
    fn only_the_first_consent_or_a_forced_one_gives_a_refresh_token() {
        let grants = Grants::new();
        let given = |asks_again| login(&grants, asks_again).and_then(|tokens| tokens.refresh);
        assert!(given(false).is_some() && given(false).is_none() && given(true).is_some());
    }

    #[test]
    fn a_token_ends_by_its_time_and_by_revoking_either() {
        let grants = Grants::new();
        let late = START + TimeDelta::seconds(ACCESS_EXPIRES_IN);
        for by_access in [true, false] {
            let tokens = login(&grants, true).unwrap_or_else(|| unreachable!());
            let refresh = tokens.refresh.unwrap_or_default();
            assert!(grants.scopes_of(&tokens.access, START).is_some());
            assert!(grants.scopes_of(&tokens.access, late).is_none());
            assert!(grants.refresh(&refresh, late).is_some());
            assert!(grants.revoke(if by_access { &tokens.access } else { &refresh }));
            assert!(grants.scopes_of(&tokens.access, START).is_none());
            assert!(grants.refresh(&refresh, START).is_none());
            assert!(!grants.revoke(&refresh));
        }
    }
}
