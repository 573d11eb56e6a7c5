//! Google's OAuth as the stand-in speaks it: consent page, code exchange with PKCE, refresh, revocation.
//!
//! After Google's pages on OAuth for desktop apps; the client is of type Desktop, so any loopback port will do.

mod authorize;
mod consent;
mod grants;
pub mod scopes;
mod token;

pub use grants::Grants;

use super::exchange::{Answer, Call, Fields, uncached};
use chrono::{DateTime, Utc};

/// Where the consent page is.
pub const AUTHORIZE: &str = "/o/oauth2/v2/auth";

/// Where its form goes.
const CONSENT: &str = "/o/oauth2/v2/consent";

/// Where codes and refresh tokens are exchanged.
pub const TOKEN: &str = "/token";

/// Where tokens are revoked.
pub const REVOKE: &str = "/revoke";

/// Answers a call of one of the four addresses; `None` for any other.
pub fn answer(call: &Call, grants: &Grants, now: DateTime<Utc>) -> Option<Answer> {
    let (query, form) = (|| Fields::of_query(call), || Fields::of_form(call));
    let answer = match (call.method().as_str(), call.uri().path()) {
        ("GET", AUTHORIZE) => authorize::ask(&query(), CONSENT, grants, now),
        ("POST", CONSENT) => authorize::decide(&form(), grants, now),
        ("POST", TOKEN) => token::exchange(&form(), grants, now),
        ("POST", REVOKE) => token::revoke(&form(), grants),
        _ => return None,
    };
    Some(uncached(answer))
}
