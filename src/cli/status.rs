//! `fitbit-hr status`: the login and its dates. Sends nothing.

use super::context::Context;
use super::session::left_in_words;
use crate::config::{LEGACY_CUT_OFF, service_name};
use crate::day::Provider;
use crate::error::Error;
use crate::oauth::{Store, Token, scopes};
use chrono::TimeDelta;
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  fitbit-hr status            the login, its expiry, and where it is kept
  fitbit-hr status --json     the same for scripts
  fitbit-hr --demo status     against the stand-in";

/// Options of `status`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

pub async fn run(_: &Args, context: &Context) -> Result<(), Error> {
    if context.demo.is_some() {
        context.session().await?;
    }
    let store = Store::new(context.settings.token_path());
    let token = store.read()?;
    if context.global.json {
        context
            .console
            .json(&report(context, &store, token.as_ref()))?;
        return Ok(());
    }
    for (label, text) in lines(context, &store, token.as_ref()) {
        context.console.ask(&format!(
            "{} {text}",
            context.console.paint("1", &format!("{label:<10}"))
        ));
    }
    if let Some(token) = &token {
        context.warn_of_end(token);
    }
    Ok(())
}

fn report(context: &Context, store: &Store, token: Option<&Token>) -> Value {
    let settings = &context.settings;
    let missing = token
        .map(|token| scopes::missing(settings.provider, &token.scopes))
        .unwrap_or_default();
    json!({
        "provider": settings.provider.name(),
        "profile": settings.profile_name(),
        "logged_in": token.is_some(),
        "account": token.and_then(|token| token.account.clone()),
        "legacy_account": token.and_then(|token| token.legacy_account.clone()),
        "scopes": token.map(|token| token.scopes.clone()).unwrap_or_default(),
        "missing_scopes": missing.iter().map(|scope| scope.name).collect::<Vec<_>>(),
        "token_obtained_at": token.map(|token| token.obtained_at),
        "access_expires_at": token.map(|token| token.access_expires_at),
        "login_expires_at": token.and_then(|token| token.login_expires_at),
        "timezone": token.and_then(|token| token.timezone.clone()),
        "token_path": store.path().display().to_string(),
        "keys_file": settings.keys_file.as_ref().map(|path| path.display().to_string()),
        "output_dir": settings.output_dir.display().to_string(),
    })
}

fn lines(context: &Context, store: &Store, token: Option<&Token>) -> Vec<(&'static str, String)> {
    let provider = context.settings.provider;
    let off = if provider == Provider::Fitbit {
        format!(" (announced to be off since {LEGACY_CUT_OFF})")
    } else {
        String::new()
    };
    let mut lines = vec![(
        "Service",
        format!(
            "{}{off}, profile {}",
            service_name(provider),
            context.settings.profile_name()
        ),
    )];
    match token {
        None => lines.push((
            "Login",
            format!(
                "none; log in with: fitbit-hr login{}",
                context.options_to_repeat()
            ),
        )),
        Some(token) => {
            let who = token
                .account
                .as_ref()
                .map(|account| format!(" as {account}"))
                .unwrap_or_default();
            let legacy = token
                .legacy_account
                .as_ref()
                .map(|id| format!(" (Fitbit id {id})"))
                .unwrap_or_default();
            lines.push(("Login", format!("yes{who}{legacy}")));
            lines.push((
                "Ends",
                match token.login_expires_at {
                    None => "no date is set".to_owned(),
                    Some(end) if end <= context.now => format!(
                        "ended on {}; log in again: fitbit-hr login",
                        context.moment(end)
                    ),
                    Some(end) => format!(
                        "{} ({}; the project is in \"Testing\")",
                        context.moment(end),
                        left_in_words(end - context.now)
                    ),
                },
            ));
            let left = token.access_expires_at - context.now;
            lines.push((
                "Access",
                if left > TimeDelta::zero() {
                    format!(
                        "until {}, then renewed by itself",
                        context.moment(token.access_expires_at)
                    )
                } else {
                    "is renewed by itself with the next request".to_owned()
                },
            ));
            let granted: Vec<_> = token
                .scopes
                .iter()
                .map(|scope| scopes::short(scope))
                .collect();
            lines.push(("Scopes", granted.join(", ")));
            for scope in scopes::missing(provider, &token.scopes) {
                lines.push((
                    "",
                    format!(
                        "not granted: {}, so {} is missing",
                        scopes::short(scope.name),
                        scope.feeds
                    ),
                ));
            }
            if let Some(zone) = &token.timezone {
                lines.push(("Time zone", zone.clone()));
            }
        }
    }
    lines.push(("Kept in", store.path().display().to_string()));
    lines
}
