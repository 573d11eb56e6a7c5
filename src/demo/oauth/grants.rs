//! What has been asked for, granted and issued; kept in memory for as long as the service runs.

use chrono::{DateTime, TimeDelta, Utc};
use oauth2::CsrfToken;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a consent page may stay open, and a code unspent.
const PENDING: TimeDelta = TimeDelta::minutes(10);

/// An authorization request that passed every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Exactly as it came.
    pub redirect_uri: String,
    /// Empty if there was none.
    pub state: String,
    /// The S256 challenge, if PKCE is used.
    pub challenge: Option<String>,
    /// In the order asked for.
    pub scopes: Vec<String>,
    /// `access_type=offline`.
    pub offline: bool,
    /// `prompt=consent`.
    pub consent: bool,
}

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// What was asked for; its scopes are those that were granted.
    pub request: Request,
    /// The code comes with a refresh token.
    pub with_refresh_token: bool,
    expires: DateTime<Utc>,
}

#[derive(Debug)]
struct Access {
    scopes: Vec<String>,
    expires: DateTime<Utc>,
    login: String,
}

#[derive(Debug, Clone)]
struct Login {
    scopes: Vec<String>,
    expires: Option<DateTime<Utc>>,
}

#[derive(Debug, Default)]
struct Issued {
    pages: HashMap<String, (Request, DateTime<Utc>)>,
    codes: HashMap<String, Code>,
    access: HashMap<String, Access>,
    /// By refresh token.
    logins: HashMap<String, Login>,
    consented: bool,
}

/// Tokens as they are handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The bearer token.
    pub access_token: String,
    /// Only from a code.
    pub refresh_token: Option<String>,
    /// In the order granted.
    pub scopes: Vec<String>,
    /// Seconds.
    pub expires_in: u64,
    /// Seconds; `None` without end.
    pub refresh_token_expires_in: Option<u64>,
}

/// Everything that was granted, and to whom.
#[derive(Debug)]
pub struct Grants {
    /// The one client that is registered.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    access_token_expires_in: u64,
    refresh_token_expires_in: Option<u64>,
    issued: Mutex<Issued>,
}

fn random(prefix: &str) -> String {
    format!("{prefix}{}", CsrfToken::new_random_len(32).secret())
}

fn seconds(count: u64) -> TimeDelta {
    i64::try_from(count)
        .ok()
        .and_then(TimeDelta::try_seconds)
        .unwrap_or(TimeDelta::MAX)
}

fn after(now: DateTime<Utc>, count: u64) -> DateTime<Utc> {
    now.checked_add_signed(seconds(count))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl Grants {
    /// Nothing granted yet.
    pub fn new(access_token_expires_in: u64, refresh_token_expires_in: Option<u64>) -> Self {
        Self {
            client_id: "424242424242-demo.apps.googleusercontent.com".to_owned(),
            client_secret: random("GOCSPX-"),
            access_token_expires_in,
            refresh_token_expires_in,
            issued: Mutex::default(),
        }
    }

    fn issued(&self) -> MutexGuard<'_, Issued> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a request while its page is open; the page's form brings the key back.
    pub fn open_page(&self, request: Request, now: DateTime<Utc>) -> String {
        let key = random("");
        self.issued()
            .pages
            .insert(key.clone(), (request, now + PENDING));
        key
    }

    /// The request of a page, once.
    pub fn close_page(&self, key: &str, now: DateTime<Utc>) -> Option<Request> {
        let (request, expires) = self.issued().pages.remove(key)?;
        (now < expires).then_some(request)
    }

    /// A code for what was granted. Google's contain a slash, and so does this.
    pub fn issue_code(&self, request: Request, now: DateTime<Utc>) -> String {
        let code = random("4/0A");
        let mut issued = self.issued();
        // Who consented before gets a second refresh token only after being asked again.
        let with_refresh_token = request.offline && (request.consent || !issued.consented);
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
        let login = Login {
            scopes: scopes.clone(),
            expires: self.refresh_token_expires_in.map(|s| after(now, s)),
        };
        let tokens = self.issue_access(&refresh_token, &login, now);
        if code.with_refresh_token {
            self.issued().logins.insert(refresh_token.clone(), login);
        }
        Tokens {
            refresh_token: code.with_refresh_token.then_some(refresh_token),
            scopes,
            ..tokens
        }
    }

    /// A new access token for a refresh token that is alive.
    pub fn refresh(&self, refresh_token: &str, now: DateTime<Utc>) -> Option<Tokens> {
        let login = self.issued().logins.get(refresh_token).cloned()?;
        let alive = login.expires.is_none_or(|expires| now < expires);
        alive.then(|| self.issue_access(refresh_token, &login, now))
    }

    fn issue_access(&self, refresh_token: &str, login: &Login, now: DateTime<Utc>) -> Tokens {
        let access_token = random("ya29.a0");
        let access = Access {
            scopes: login.scopes.clone(),
            expires: after(now, self.access_token_expires_in),
            login: refresh_token.to_owned(),
        };
        self.issued().access.insert(access_token.clone(), access);
        let left = |expires: DateTime<Utc>| (expires - now).num_seconds().max(0).unsigned_abs();
        Tokens {
            access_token,
            refresh_token: None,
            scopes: login.scopes.clone(),
            expires_in: self.access_token_expires_in,
            refresh_token_expires_in: login.expires.map(left),
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
        let login = issued
            .access
            .get(token)
            .map_or_else(|| token.to_owned(), |access| access.login.clone());
        let known = issued.access.len() + issued.logins.len();
        issued.access.retain(|_, access| access.login != login);
        issued.logins.remove(&login);
        let revoked = issued.access.len() + issued.logins.len() < known;
        if revoked {
            issued.consented = !issued.logins.is_empty();
        }
        revoked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn request(consent: bool) -> Request {
        Request {
            redirect_uri: "http://127.0.0.1:1/".to_owned(),
            state: String::new(),
            challenge: None,
            scopes: vec!["a".to_owned()],
            offline: true,
            consent,
        }
    }

    fn login(grants: &Grants, consent: bool) -> Option<Tokens> {
        let code = grants.issue_code(request(consent), START);
        let code = grants.spend_code(&code, START)?;
        Some(grants.issue_tokens(code, START))
    }

    #[test]
    fn codes_and_pages_work_once_and_not_for_ever() {
        let grants = Grants::new(3599, None);
        let code = grants.issue_code(request(true), START);
        assert!(code.contains('/'));
        assert!(grants.spend_code(&code, START).is_some());
        assert!(grants.spend_code(&code, START).is_none());
        let late = grants.issue_code(request(true), START);
        assert!(grants.spend_code(&late, START + PENDING).is_none());
        let page = grants.open_page(request(true), START);
        assert!(grants.close_page(&page, START).is_some());
        assert!(grants.close_page(&page, START).is_none());
    }

    #[test]
    fn only_the_first_consent_or_a_forced_one_gives_a_refresh_token() {
        let grants = Grants::new(3599, None);
        let refresh_token = |consent| login(&grants, consent).and_then(|t| t.refresh_token);
        assert!(refresh_token(false).is_some());
        assert!(refresh_token(false).is_none());
        assert!(refresh_token(true).is_some());
    }

    #[test]
    fn tokens_end_when_they_said_they_would() {
        let grants = Grants::new(3599, Some(604_799));
        let tokens = login(&grants, true).unwrap_or_else(|| unreachable!());
        let refresh_token = tokens.refresh_token.unwrap_or_default();
        let at = |s| START + TimeDelta::seconds(s);
        assert!(grants.scopes_of(&tokens.access_token, at(3598)).is_some());
        assert!(grants.scopes_of(&tokens.access_token, at(3599)).is_none());
        let later = grants.refresh(&refresh_token, at(600_000));
        assert_eq!(
            later.map(|t| (t.refresh_token, t.refresh_token_expires_in)),
            Some((None, Some(4799)))
        );
        assert!(grants.refresh(&refresh_token, at(604_799)).is_none());
    }

    #[test]
    fn revoking_either_token_ends_the_login() {
        let grants = Grants::new(3599, None);
        for by_access in [true, false] {
            let tokens = login(&grants, true).unwrap_or_else(|| unreachable!());
            let refresh_token = tokens.refresh_token.unwrap_or_default();
            let other = login(&grants, true).unwrap_or_else(|| unreachable!());
            assert!(grants.revoke(if by_access {
                &tokens.access_token
            } else {
                &refresh_token
            }));
            assert!(grants.scopes_of(&tokens.access_token, START).is_none());
            assert!(grants.refresh(&refresh_token, START).is_none());
            assert!(!grants.revoke(&refresh_token));
            assert!(grants.scopes_of(&other.access_token, START).is_some());
        }
    }
}
