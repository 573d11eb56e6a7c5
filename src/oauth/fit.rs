//! A login goes only where it came from: it is bound to its client and to the origins of the endpoints that it was made with. A
//! keys file that names others gets neither a token nor a client's secret.

use super::error::Error;
use super::origins::Origins;
use super::token::Token;
use crate::config::Endpoints;

/// Whether a run with this client and these endpoints may use a stored login. A login that was stored without its origins
/// is the service's own: it fits the built-in endpoints, and those of a keys file that the user named or that stands in the
/// configuration folder.
///
/// # Errors
/// Fails with 77 when the client or an origin is another one.
pub fn login_fits(client_id: &str, endpoints: &Endpoints, token: &Token) -> Result<(), Error> {
    if token.client_id.as_deref().is_some_and(|id| id != client_id) {
        return Err(Error::OtherClient);
    }
    let now = Origins::of(endpoints);
    match &token.origins {
        None if endpoints.vouched => Ok(()),
        None => Err(Error::OtherOrigin {
            endpoint: "api",
            made_at: None,
            named: now.api,
        }),
        Some(made) => made.differs(&now).map_or(Ok(()), |(endpoint, was, is)| {
            Err(Error::OtherOrigin {
                endpoint,
                made_at: Some(was.to_owned()),
                named: is.to_owned(),
            })
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::{Exit, Explain};
    use crate::oauth::token::tests::token;

    fn endpoints(token: &str, revoke: &str, api: &str, vouched: bool) -> Endpoints {
        Endpoints {
            authorize: "https://anywhere.example/".to_owned(),
            token: token.to_owned(),
            revoke: revoke.to_owned(),
            api: api.to_owned(),
            vouched,
        }
    }

    #[test]
    fn a_login_fits_its_own_client_and_origins_alone() {
        let made = endpoints(
            "https://a.example/token",
            "https://a.example/r",
            "https://b.example",
            false,
        );
        let bound = Token {
            origins: Some(Origins::of(&made)),
            ..token()
        };
        let same = |token: &str, revoke: &str, api: &str| {
            login_fits("23ABCD", &endpoints(token, revoke, api, true), &bound)
                .map_err(|error| (error.exit(), error.why()))
        };
        // Another path, the port said, another letter case: the same place.
        assert_eq!(
            same(
                "https://a.example/t2",
                "https://a.example:443/r",
                "https://B.example/x"
            ),
            Ok(())
        );
        for (token, revoke, api, named) in [
            (
                "https://evil.example/token",
                "https://a.example/r",
                "https://b.example",
                "https://evil.example",
            ),
            (
                "https://a.example/token",
                "https://evil.example/r",
                "https://b.example",
                "https://evil.example",
            ),
            (
                "https://a.example/token",
                "https://a.example/r",
                "https://a.example",
                "https://a.example",
            ),
            (
                "http://a.example/token",
                "https://a.example/r",
                "https://b.example",
                "http://a.example",
            ),
            (
                "https://a.example/token",
                "https://a.example/r",
                "https://b.example:8443",
                "https://b.example:8443",
            ),
        ] {
            let (exit, why) = same(token, revoke, api).expect_err("elsewhere");
            assert!(exit == Exit::Login && why.contains(named), "{why}");
        }
        let other = login_fits("23ABCE", &made, &bound).expect_err("another client");
        assert!(other.exit() == Exit::Login && other.why().contains("client id"));
    }

    #[test]
    fn a_login_without_origins_fits_what_is_vouched_for() {
        for vouched in [true, false] {
            let named = endpoints(
                "https://a.example/",
                "https://a.example/",
                "https://a.example",
                vouched,
            );
            let fits = login_fits("23ABCD", &named, &token());
            assert_eq!(fits.is_ok(), vouched);
        }
    }
}
