//! `fitbit-hr study enrol ID`: a participant's login, in the same room or on the phone with them.
//!
//! Nothing of it is kept before it is certain that the account takes part once only. A login that is refused for that is not
//! revoked either: the service would end the account's other login, which is the participant's own.

use super::opened::Study;
use crate::cli::context::Context;
use crate::config::Redirect;
use crate::console::Console;
use crate::error::{Error, Usage};
use crate::live::Service;
use crate::oauth::{self, Messenger, Token, Typed, login::Options, scopes};
use crate::study::{self, Id, account, tombstone};
use serde_json::json;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr study enrol P001                    prints the consent address,
                                                takes the answer here
  fitbit-hr study enrol P001 --timeout 3600     waits an hour for it";

/// Options of `study enrol`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The participant: a letter, then letters, digits, '-' and '_'; never a name
    #[arg(value_name = "ID")]
    id: Id,
    /// How long to wait for the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
}

pub async fn run(args: &Args, study: &Study, context: &Context) -> Result<(), Error> {
    let id = &args.id;
    may_enrol(id, study).await?;
    let settings = &context.settings;
    let catalogue = &settings.catalogue;
    let extracts = study
        .settings
        .extracts
        .resolve(catalogue)
        .map_err(Usage::from)?;
    let mut door = context.door()?;
    door.store = study.tokens.of(id);
    door.exchange = door
        .exchange
        .asking_for(extracts.iter().map(|extract| extract.scope()));
    let redirect = Redirect::parse(&settings.redirect_url, settings.keys_file.as_deref())?;
    // No consent is taken that could not be kept.
    let store = door.store.clone();
    blocking(move || store.rehearse()).await?;
    let waiting = Options {
        typed: Typed::OnlyAnswer,
        timeout: Duration::from_secs(args.timeout),
    };
    let messenger = Coordinator {
        console: &context.console,
        id,
    };
    let mut token = oauth::login(&door.exchange, &redirect, waiting, &messenger).await?;
    if let Service::Google(google) = context.service(&door, token.clone())? {
        google.introduction().await?.keep_with(&mut token);
    }
    ended_meanwhile(id, &token, &door, study).await?;
    claim(id, &token, study).await?;
    let (store, to_keep) = (door.store.clone(), token.clone());
    blocking(move || {
        let _lock = store.lock()?;
        store.write(&to_keep)
    })
    .await?;
    ended_meanwhile(id, &token, &door, study).await?;
    tell(id, &token, &extracts, &door, context)
}

/// After a withdrawal meanwhile nothing is to stay: not the login, here or at the service, nor whose account it is.
async fn ended_meanwhile(
    id: &Id,
    token: &Token,
    door: &crate::cli::live::Door,
    study: &Study,
) -> Result<(), Error> {
    let who = id.clone();
    let withdrawn = study.with_store(move |objects| {
        let tombstone = tombstone::of(objects, &who)?;
        if tombstone.as_ref().is_some_and(|tombstone| tombstone.erase) {
            account::forget(objects, &who)?;
        }
        Ok(tombstone.is_some())
    });
    if !withdrawn.await? {
        return Ok(());
    }
    // It is refused all the same where the service cannot be reached: nobody keeps the login.
    let _ = door.exchange.revoke(token).await;
    study.tokens.delete(id)?;
    Err(study::Error::Withdrawn(id.clone()).into())
}

fn tell(
    id: &Id,
    token: &Token,
    extracts: &[&crate::extract::Definition],
    door: &crate::cli::live::Door,
    context: &Context,
) -> Result<(), Error> {
    let needed = extracts
        .iter()
        .map(|extract| (extract.scope(), &extract.name));
    let missing: Vec<_> = needed.filter(|(scope, _)| !token.grants(scope)).collect();
    for (scope, name) in &missing {
        let scope = scopes::short(scope);
        context.console.note(&format!(
            "the box {scope} was not ticked: there will be no {name}"
        ));
    }
    context.console.say(&format!(
        "enrolled {id}; the login is stored in {}",
        door.store.path().display()
    ));
    if let Some(end) = token.login_expires_at {
        context.console.warn(&format!(
            "this login ends on {}: the project is in \"Testing\". Publish it at https://console.cloud.google.com/auth/audience",
            end.format("%Y-%m-%d %H:%M UTC")
        ));
    }
    if context.global.json {
        let missing: Vec<_> = missing.iter().map(|(scope, _)| scope).collect();
        context.console.json(&json!({
            "participant": id,
            "scopes": token.scopes,
            "missing_scopes": missing,
            "login_expires_at": token.login_expires_at,
            "token_path": door.store.path().display().to_string(),
        }))?;
    }
    Ok(())
}

/// Neither withdrawn, nor another's id in other letters.
async fn may_enrol(id: &Id, study: &Study) -> Result<(), Error> {
    let wanted = id.clone();
    let known = study.with_store(move |objects| {
        if tombstone::of(objects, &wanted)?.is_some() {
            return Err(study::Error::Withdrawn(wanted));
        }
        let mut known = account::participants(objects)?;
        known.extend(
            tombstone::all(objects)?
                .into_iter()
                .map(|one| one.participant),
        );
        Ok(known)
    });
    let mut known = known.await?;
    // A folder that is not there yet is made by the first login.
    known.extend(
        study
            .tokens
            .list()
            .map(|listed| listed.ids)
            .unwrap_or_default(),
    );
    match known.iter().find(|other| other.differs_by_case_alone(id)) {
        Some(other) => Err(Usage::new(
            format!("{id} differs from {other} by case alone"),
            format!("to log {other} in again, write it so; else choose another id"),
        )
        .into()),
        None => Ok(()),
    }
}

/// Makes the account this participant's.
async fn claim(id: &Id, token: &Token, study: &Study) -> Result<(), Error> {
    let Some(account) = token.account.clone() else {
        return Err(study::Error::NoAccount(id.clone()).into());
    };
    let id = id.clone();
    let claimed = study.with_store(move |objects| account::claim(objects, &id, &account));
    claimed.await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, oauth::Error> + Send + 'static,
) -> Result<T, Error> {
    Ok(crate::cli::blocking::blocking(move |_| work()).await?)
}

/// Somebody who sits here, with the participant beside them or on the phone.
struct Coordinator<'a> {
    console: &'a Console,
    id: &'a Id,
}

impl Messenger for Coordinator<'_> {
    fn open(&self, url: &str) {
        self.console.ask(&format!(
            "Have {} open this page on any device, and consent there:\n\n  {url}\n",
            self.id
        ));
        self.console.ask(
            "The browser ends on a page that it may not be able to show. Take the whole\naddress of that page (or only the code in it), paste it here and press Enter:",
        );
    }

    fn tell(&self, text: &str) {
        self.console.note(text);
    }
}
