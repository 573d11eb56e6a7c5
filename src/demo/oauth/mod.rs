//! Google's OAuth as the stand-in speaks it: consent page, code exchange with PKCE, refresh, revocation.
//!
//! After Google's pages on OAuth for desktop apps; the client is of type Desktop, so any loopback port will do.

mod authorize;
mod consent;
mod grants;
pub mod scopes;
mod token;

pub use grants::Grants;

use super::exchange::{Answer, Call};
use chrono::{DateTime, Utc};

/// Where the consent page is.
pub const AUTHORIZE: &str = "/o/oauth2/v2/auth";

/// Where its form goes.
pub const CONSENT: &str = "/o/oauth2/v2/consent";

/// Where codes and refresh tokens are exchanged.
pub const TOKEN: &str = "/token";

/// Where tokens are revoked.
pub const REVOKE: &str = "/revoke";

/// Answers a call of one of the four addresses; `None` for any other.
pub fn answer(call: &Call, grants: &Grants, now: DateTime<Utc>) -> Option<Answer> {
    let answer = match (call.method.as_str(), call.path.as_str()) {
        ("GET", AUTHORIZE) => authorize::ask(&call.query(), grants, now),
        ("POST", CONSENT) => authorize::decide(&call.form(), grants, now),
        ("POST", TOKEN) => token::exchange(call, grants, now),
        ("POST", REVOKE) => token::revoke(call, grants),
        _ => return None,
    };
    Some(answer.uncached())
}
