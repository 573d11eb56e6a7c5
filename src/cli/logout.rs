//! `fitbit-hr logout`: revoke at the service, then delete here.

use super::context::Context;
use crate::error::Error;
use crate::oauth;
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr logout                    revokes the login and deletes it
  fitbit-hr logout --profile alice    the same for alice
  fitbit-hr --demo logout             against the stand-in";

/// Options of `logout`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

pub async fn run(_: &Args, context: &Context) -> Result<(), Error> {
    if context.demo.is_some() {
        context.session().await?;
    }
    let store = oauth::Store::new(context.settings.token_path());
    let locked = store.clone();
    let _lock = tokio::task::spawn_blocking(move || locked.lock())
        .await
        .expect("locking does not panic")?;
    let (was, revoked) = match store.read() {
        Ok(None) => (false, false),
        Ok(Some(token)) => match context.door()?.exchange.revoke(&token).await {
            Ok(()) => (true, true),
            Err(error @ oauth::Error::SwitchedOff { .. }) => {
                context.console.note(&format!(
                    "nothing to revoke: {}",
                    crate::exit::Explain::why(&error)
                ));
                (true, false)
            }
            Err(error) => return Err(error.into()),
        },
        Err(error @ oauth::Error::Damaged { .. }) => {
            context.console.warn(&format!(
                "the token file was damaged ({}), so nothing could be revoked; end the access at https://myaccount.google.com/connections",
                crate::exit::Explain::why(&error)
            ));
            (true, false)
        }
        Err(error) => return Err(error.into()),
    };
    store.delete()?;
    context.console.say(match (was, revoked) {
        (false, _) => "nobody was logged in",
        (true, true) => "logged out: revoked at the service and deleted here",
        (true, false) => "logged out: deleted here",
    });
    if context.global.json {
        context.console.json(&json!({
            "provider": context.settings.provider.name(),
            "profile": context.settings.profile_name(),
            "was_logged_in": was,
            "revoked": revoked,
            "token_path": store.path().display().to_string(),
        }))?;
    }
    Ok(())
}
