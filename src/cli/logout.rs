//! `fitbit-hr logout`: revoke at the service, then delete here; `--local` deletes here alone. No keys file is needed.

use super::context::Context;
use crate::config::Settings;
use crate::error::Error;
use crate::exit::Explain;
use crate::oauth;
use crate::tasks::blocking;
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr logout                    revokes the login and deletes it
  fitbit-hr logout --local            deletes it here alone
  fitbit-hr logout --profile alice    the same for alice
  fitbit-hr --demo logout             against the stand-in";

/// Options of `logout`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only delete the login here, without asking the service
    #[arg(long)]
    local: bool,
}

/// How a login ended.
enum Ended {
    /// There was none.
    NoLogin,
    /// At the service, and here.
    Revoked,
    /// Here alone; whether the service may still think that it lasts.
    Deleted { lasts: bool },
}

pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    if context.demo.is_some() {
        context.session().await?;
    }
    let settings = context.settings_of_login();
    let store = oauth::Store::new(settings.token_path());
    let locked = store.clone();
    let _lock = blocking(move || locked.lock()).await?;
    let ended = end(args, context, &settings, &store).await?;
    store.delete()?;
    let page = oauth::connections_page(settings.provider);
    context.console.say(&match ended {
        Ended::NoLogin => "nobody was logged in".to_owned(),
        Ended::Revoked => "logged out: revoked at the service and deleted here".to_owned(),
        Ended::Deleted { lasts: false } => "logged out: deleted here".to_owned(),
        Ended::Deleted { lasts: true } => {
            format!("logged out: deleted here; end the access itself at {page}")
        }
    });
    if context.global.json {
        context.console.json(&json!({
            "provider": settings.provider.name(),
            "profile": settings.profile_name(),
            "was_logged_in": !matches!(ended, Ended::NoLogin),
            "revoked": matches!(ended, Ended::Revoked),
            "token_path": store.path().display().to_string(),
        }))?;
    }
    Ok(())
}

/// Ends the login at the service, unless it is to be deleted here alone.
async fn end(
    args: &Args,
    context: &Context,
    settings: &Settings,
    store: &oauth::Store,
) -> Result<Ended, Error> {
    let token = match store.read() {
        Ok(None) => return Ok(Ended::NoLogin),
        Ok(Some(token)) => token,
        Err(error @ oauth::Error::Damaged { .. }) => {
            context.console.warn(&format!(
                "the token file was damaged ({}), so nothing could be revoked",
                error.why()
            ));
            return Ok(Ended::Deleted { lasts: true });
        }
        Err(error) => return Err(error.into()),
    };
    if args.local {
        return Ok(Ended::Deleted { lasts: true });
    }
    match context
        .exchange_of_login(settings, &token)?
        .revoke(&token)
        .await
    {
        Ok(()) => Ok(Ended::Revoked),
        Err(error @ oauth::Error::SwitchedOff { .. }) => {
            context
                .console
                .note(&format!("nothing to revoke: {}", error.why()));
            Ok(Ended::Deleted { lasts: false })
        }
        Err(error) => Err(oauth::Error::NotRevoked {
            provider: settings.provider,
            cause: Box::new(error),
        }
        .into()),
    }
}
