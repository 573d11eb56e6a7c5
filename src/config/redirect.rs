//! The redirect URL, taken apart.

use super::Error;
use std::path::Path;
use url::Url;

/// The redirect URL taken apart; the text itself stays what is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// As it is registered, letter for letter.
    pub url: String,
    /// `localhost`, `127.0.0.1` or `[::1]`.
    pub host: String,
    /// 0 means any free one.
    pub port: u16,
    /// The path, at least `/`.
    pub path: String,
}

impl Redirect {
    /// Takes a redirect URL apart.
    ///
    /// # Errors
    /// Fails when it is not plain `http` on this machine's own loopback address.
    pub fn parse(url: &str, keys_file: Option<&Path>) -> Result<Self, Error> {
        let wrong = |problem: &str| {
            Error::value(
                keys_file.unwrap_or(Path::new("")),
                "redirect_url",
                problem,
                "use http://127.0.0.1:0/ (a Desktop client of Google), else one on this machine that is registered exactly so, such as http://localhost:1410/",
            )
        };
        let parsed =
            Url::parse(url).map_err(|error| wrong(&format!("it is not a URL: {error}")))?;
        let host = parsed.host_str().unwrap_or_default().to_owned();
        if parsed.scheme() != "http" {
            return Err(wrong(
                "it does not begin with http://, and the listener on this machine speaks nothing else",
            ));
        }
        if !matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]") {
            return Err(wrong(
                "its host is not this machine (localhost, 127.0.0.1 or [::1])",
            ));
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(wrong("it has a query or a fragment"));
        }
        Ok(Self {
            url: url.to_owned(),
            host,
            port: parsed.port().unwrap_or(80),
            path: parsed.path().to_owned(),
        })
    }

    /// The same with the port that the listener got, where any was allowed.
    #[must_use]
    pub fn on_port(&self, port: u16) -> Self {
        if self.port != 0 {
            return self.clone();
        }
        Self {
            url: self.url.replacen(":0", &format!(":{port}"), 1),
            port,
            ..self.clone()
        }
    }
}
