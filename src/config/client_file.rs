//! The file that the Google console offers for download: `installed` for a desktop client, `web` for the other kind; and what
//! else people download there by mistake. Source: Google's page on OAuth client files, seen in November 2026.

use crate::secret::{self, Secret};
use serde::Deserialize;

/// A registered app as its file says it.
#[derive(Debug)]
pub struct ClientFile {
    /// The public half.
    pub id: String,
    /// The secret half.
    pub secret: Option<Secret>,
    /// What a web client has registered: it comes back to nothing else. One on this machine if there is one, else the first, else
    /// nothing at all; where it is another machine a login cannot be caught, and the address says so when it is used.
    pub redirect: Option<String>,
    /// The name of the project that it is of.
    pub project: Option<String>,
    comes_back: bool,
}

#[derive(Debug, Deserialize)]
struct RawFile {
    installed: Option<RawClient>,
    web: Option<RawClient>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct RawClient {
    client_id: String,
    client_secret: Option<Secret>,
    project_id: Option<String>,
    #[serde(default)]
    redirect_uris: Vec<String>,
}

const DESKTOP: &str = "create a client of type Desktop app";

impl ClientFile {
    /// Reads the file.
    ///
    /// # Errors
    /// Fails with a sentence for a person when it is another file; its content is never quoted.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let file: RawFile = serde_json::from_slice(bytes).map_err(|error| {
            format!(
                "line {}: it is not the JSON that the Google console offers",
                error.line()
            )
        })?;
        let (client, is_web) = match (file.installed, file.web, file.kind.as_deref()) {
            (Some(client), ..) => (client, false),
            (None, Some(client), _) => (client, true),
            (None, None, Some("service_account")) => {
                return Err(format!(
                    "it is a service account's key, which reads nobody's heart rate; {DESKTOP}"
                ));
            }
            (None, None, Some("authorized_user")) => {
                return Err(format!("it is a login of gcloud, and no client; {DESKTOP}"));
            }
            (None, None, _) => {
                return Err("it has neither \"installed\" nor \"web\" at the top".to_owned());
            }
        };
        let is_here = |url: &&String| {
            let rest = url.strip_prefix("http://");
            let host = rest.and_then(|rest| rest.split(['/', ':']).next());
            matches!(host, Some("localhost" | "127.0.0.1"))
        };
        let registered = &client.redirect_uris;
        let here = registered.iter().find(is_here);
        Ok(Self {
            comes_back: here.is_some() || !is_web,
            redirect: is_web.then(|| here.or(registered.first()).cloned().unwrap_or_default()),
            id: client.client_id,
            project: client.project_id.map(|name| secret::clean(&name)),
            secret: client.client_secret,
        })
    }

    /// Whether the browser can come back to this machine.
    ///
    /// # Errors
    /// Fails for a web client that has registered no address of it.
    pub fn comes_back(&self) -> Result<(), String> {
        if !self.comes_back {
            return Err(format!(
                "it is a web client without a redirect URL on this machine; {DESKTOP}, or register http://localhost:8080/ with it"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_downloaded_by_mistake_is_known() {
        for (text, says) in [
            (r#"{"installed":{"client_id":"a","client_secret":"b"}}"#, ""),
            (
                r#"{"web":{"client_id":"a","redirect_uris":["https://x.example/","http://localhost:8080/cb"]}}"#,
                "",
            ),
            (
                r#"{"web":{"client_id":"a","redirect_uris":["http://localhost.evil.example/"]}}"#,
                "web client",
            ),
            (r#"{"web":{"client_id":"a"}}"#, "web client"),
            (
                r#"{"type":"service_account","private_key":"very-secret"}"#,
                "service account",
            ),
            (
                r#"{"type":"authorized_user","refresh_token":"very-secret"}"#,
                "gcloud",
            ),
            ("{}", "neither"),
            ("<html>very-secret", "not the JSON"),
        ] {
            let read = ClientFile::read(text.as_bytes()).and_then(|file| file.comes_back());
            let said = read.err().unwrap_or_default();
            assert!(
                said.contains(says) && said.is_empty() == says.is_empty(),
                "{text}: {said}"
            );
            assert!(!said.contains("very-secret"));
        }
    }
}
