//! `fitbit-hr login`: the one command that waits for a browser wherever it runs.

use super::context::Context;
use super::live::Door;
use super::login_flow::{LoginOptions, left_in_words};
use crate::config::Provider;
use crate::error::Error;
use crate::extract::selection::HEART_RATE;
use crate::extract::{Definition, Selection};
use crate::oauth::{Token, scopes};
use serde_json::json;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr login                    opens the browser and waits for the answer
  fitbit-hr login --no-browser       on a server: paste the answer
  fitbit-hr login --profile alice    a login of its own for alice
  fitbit-hr login --extract sleep    asks for sleep as well
  fitbit-hr --demo login             against the stand-in";

/// Options of `login`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Print the address of the consent page; take the answer on standard input while still listening
    #[arg(long)]
    no_browser: bool,
    /// How long to wait for the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Ask for what these need, beside what was granted before: names with commas, or all [default: extracts of the keys file]
    #[arg(long, value_name = "LIST")]
    extract: Option<Selection>,
}

pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let extracts = context.extracts(args.extract.as_ref())?;
    let mut door = context.door()?;
    if context.settings.provider != Provider::Fitbit {
        // What was granted stays so: a new consent replaces the earlier one.
        let earlier = door.store.read().ok().flatten();
        let earlier = earlier.map(|token| token.scopes).unwrap_or_default();
        let needed = extracts.iter().map(|extract| extract.scope());
        let earlier = earlier
            .into_iter()
            .filter(|scope| scopes::short(scope) != scope);
        door.exchange = door.exchange.asking_for(needed.chain(earlier));
    }
    let options = LoginOptions {
        no_browser: args.no_browser,
        timeout: Duration::from_secs(args.timeout),
    };
    let service = context.log_in(&door, options).await?;
    let token = service.access().token().await;
    let missing = missing_scopes(context.settings.provider, &token, &extracts);
    for (scope, costs) in &missing {
        let scope = scopes::short(scope);
        if !costs.is_empty() {
            let costs = costs.join(", ");
            context.console.note(&format!(
                "the box {scope} was not ticked: there will be no {costs}"
            ));
        }
    }
    say(context, &door, &token);
    if context.global.json {
        let missing: Vec<_> = missing.iter().map(|(scope, _)| scope).collect();
        context.console.json(&json!({
            "provider": context.settings.provider.name(),
            "profile": context.settings.profile_name(),
            "logged_in": true,
            "account": token.account,
            "scopes": token.scopes,
            "missing_scopes": missing,
            "access_expires_at": token.access_expires_at,
            "login_expires_at": token.login_expires_at,
            "token_path": door.store.path().display().to_string(),
        }))?;
    }
    Ok(())
}

fn say(context: &Context, door: &Door, token: &Token) {
    let who = token
        .account
        .as_ref()
        .map(|account| format!(" as {account}"))
        .unwrap_or_default();
    context.console.say(&format!(
        "logged in{who}; stored in {}",
        door.store.path().display()
    ));
    context.warn_of_other_person(token);
    match token.login_expires_at {
        Some(end) => context.console.warn(&format!(
            "this login ends on {} ({}): the project is in \"Testing\". Publish it at https://console.cloud.google.com/auth/audience, then log in again",
            context.moment(end),
            left_in_words(end - context.now)
        )),
        None => context.console.say("it has no date to end"),
    }
}

/// The scopes that were not granted, and the extracts beside heart rate that each costs.
fn missing_scopes(
    provider: Provider,
    token: &Token,
    extracts: &[&Definition],
) -> Vec<(String, Vec<String>)> {
    let always = scopes::missing(provider, &token.scopes).into_iter();
    let mut missing: Vec<(String, Vec<String>)> = always
        .map(|scope| (scope.name.to_owned(), Vec::new()))
        .collect();
    if provider == Provider::Fitbit {
        return missing;
    }
    for extract in extracts {
        let scope = extract.scope();
        if token.grants(&scope) || extract.name == HEART_RATE {
            continue;
        }
        match missing.iter_mut().find(|(name, _)| *name == scope) {
            Some((_, costs)) => costs.push(extract.name.clone()),
            None => missing.push((scope, vec![extract.name.clone()])),
        }
    }
    missing
}
