//! The registered app, from the keys file, a downloaded file and the environment, and whose it is.

use super::raw::RawFields;
use super::{ClientFile, Error, Provider, service_name};
use crate::environment::Environment;
use crate::secret::Secret;
use std::fs;
use std::path::Path;

/// An app registered at the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The public half.
    pub id: String,
    /// The secret half; a Fitbit app of type Personal needs none.
    pub secret: Option<Secret>,
}

/// A downloaded file counts like the two fields; the environment overrides both.
pub(super) fn client(
    fields: &RawFields,
    at: &Path,
    environment: &Environment,
) -> Result<(Option<Client>, Option<String>), Error> {
    let (mut id, mut secret, mut redirect) =
        (fields.client_id.clone(), fields.client_secret.clone(), None);
    if let Some(name) = &fields.client_file {
        // Relative to the keys file, so that cron's working folder does not matter.
        let path = at
            .parent()
            .map_or_else(|| name.clone(), |folder| folder.join(name));
        let failed = |problem: String| Error::ClientFile {
            path: path.clone(),
            problem,
        };
        let bytes = fs::read(&path).map_err(|cause| failed(cause.to_string()))?;
        let file = ClientFile::read(&bytes).map_err(failed)?;
        id = id.or(Some(file.id));
        secret = secret.or(file.secret);
        redirect = file.redirect;
    }
    id = environment.client_id.clone().or(id);
    secret = environment.client_secret.clone().or(secret);
    let Some(id) = id else {
        return Ok((None, redirect));
    };
    let id = id.trim().to_owned();
    let is_placeholder =
        |text: &str| text.is_empty() || text.chars().all(|c| c == '.') || text.starts_with("YOUR");
    if is_placeholder(&id)
        || secret.as_ref().is_some_and(|secret| {
            secret.reveal().chars().all(|c| c == '.') && !secret.reveal().is_empty()
        })
    {
        return Err(Error::value(
            at,
            "client_id",
            "it is still the example's placeholder",
            "put in the client's own id and secret; README.md says where to get them",
        ));
    }
    Ok((
        Some(Client {
            id,
            secret: secret.filter(|secret| !secret.reveal().is_empty()),
        }),
        redirect,
    ))
}

/// What the form of a client id says about its home.
#[must_use]
pub fn provider_of(client_id: &str) -> Option<Provider> {
    if client_id.ends_with(".apps.googleusercontent.com") {
        Some(Provider::GOOGLE)
    } else if client_id.len() == 6 && client_id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Some(Provider::Fitbit)
    } else {
        None
    }
}

/// The service that is said, else the one whose form the client's id has.
pub(super) fn provider(
    fields: &RawFields,
    client: Option<&Client>,
    at: &Path,
) -> Result<Provider, Error> {
    let said = match fields.provider.as_deref() {
        None => None,
        Some("google") => Some(Provider::GOOGLE),
        Some("fitbit") => Some(Provider::Fitbit),
        Some(other) => {
            let problem = format!("'{}' is not a provider", other.escape_debug());
            return Err(Error::value(
                at,
                "provider",
                &problem,
                "use \"google\" or \"fitbit\"",
            ));
        }
    };
    let guessed = client.and_then(|client| provider_of(&client.id));
    match (said, guessed) {
        (Some(said), Some(guessed)) if said != guessed => Err(Error::value(
            at,
            "provider",
            &format!(
                "it says {said}, but the client id has the form of one of {}",
                service_name(guessed)
            ),
            &format!(
                "set provider = \"{guessed}\", or put in a client id of {}",
                service_name(said)
            ),
        )),
        (Some(provider), _) | (None, Some(provider)) => Ok(provider),
        (None, None) => Ok(Provider::GOOGLE),
    }
}
