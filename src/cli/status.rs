//! `fitbit-hr status`: the login and its dates, and what the archive holds. Sends nothing.

use super::context::Context;
use super::holdings;
use super::login_flow::left_in_words;
use crate::config::Provider;
use crate::config::{LEGACY_CUT_OFF, service_name};
use crate::error::Error;
use crate::exit::Explain;
use crate::extract::Selection;
use crate::oauth::{Store, Token, scopes};
use crate::sync::stopped;
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  fitbit-hr status            the login, its expiry, and what the archive holds
  fitbit-hr status --json     the same for scripts
  fitbit-hr status --extract sleep,steps
  fitbit-hr --demo status     against the stand-in";

/// Options of `status`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What of the archive to show: names with commas between, or all [default: all that it holds]
    #[arg(long, value_name = "LIST")]
    extract: Option<Selection>,
}

pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let named = args.extract.as_ref().filter(|named| named.is_by_name());
    let named = named
        .map(|named| context.extracts(Some(named)))
        .transpose()?;
    if context.demo.is_some() {
        context.session().await?;
    }
    let store = Store::new(context.settings.token_path());
    let token = store.read()?;
    let misfit = token.as_ref().and_then(|token| misfit(context, token));
    if let Some(token) = token.as_ref().filter(|_| misfit.is_none()) {
        context.warn_of_end(token);
    }
    let held = holdings::read(context, named.as_deref())?;
    let stopped = stopped::in_archive(&context.archive()).unwrap_or_default();
    if context.global.json {
        let mut report = report(context, &store, token.as_ref(), misfit.as_ref());
        report["archive"] = holdings::report(context, &held);
        report["stale"] = stopped
            .iter()
            .map(|stale| stale.to_json(context.console.run()))
            .collect();
        context.console.json(&report)?;
        return Ok(());
    }
    let mut lines = lines(context, &store, token.as_ref(), misfit.as_ref());
    lines.extend(holdings::lines(context, &held));
    for (index, series) in stopped.iter().enumerate() {
        lines.push((if index == 0 { "Stopped" } else { "" }, series.to_string()));
        lines.push(("", context.said(&series.remedy())));
    }
    for (label, text) in lines {
        let padding = " ".repeat(11_usize.saturating_sub(label.len()));
        let line = match label {
            "" => format!("{padding}{text}"),
            label => format!("{}{padding}{text}", context.console.paint("1", label)),
        };
        context.console.ask(line.trim_end());
    }
    Ok(())
}

/// Why a run would not take the stored login. Without a client there is nothing to hold it against.
fn misfit(context: &Context, token: &Token) -> Option<Error> {
    context.settings.configured_client.as_ref()?;
    context.takes(token).err()
}

fn report(
    context: &Context,
    store: &Store,
    token: Option<&Token>,
    misfit: Option<&Error>,
) -> Value {
    let settings = &context.settings;
    let missing = token
        .map(|token| scopes::missing(settings.provider, &token.scopes))
        .unwrap_or_default();
    json!({
        "provider": settings.provider.name(),
        "profile": settings.profile_name(),
        "logged_in": token.is_some() && misfit.is_none(),
        "problem": misfit.map(Explain::why),
        "account": token.and_then(|token| token.account.clone()),
        "legacy_account": token.and_then(|token| token.legacy_account.clone()),
        "scopes": token.map(|token| token.scopes.clone()).unwrap_or_default(),
        "missing_scopes": missing.iter().map(|scope| scope.name).collect::<Vec<_>>(),
        "token_obtained_at": token.map(|token| token.obtained_at),
        "access_expires_at": token.map(|token| token.access_expires_at),
        "login_expires_at": token.and_then(|token| token.login_expires_at),
        "timezone": token.and_then(|token| token.timezone.clone()),
        "quota": context.quota(),
        "token_path": store.path().display().to_string(),
        "keys_file": settings.keys_file.as_ref().map(|path| path.display().to_string()),
        "output_dir": settings.output_dir.display().to_string(),
    })
}

fn lines(
    context: &Context,
    store: &Store,
    token: Option<&Token>,
    misfit: Option<&Error>,
) -> Vec<(&'static str, String)> {
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
    match (token, misfit) {
        (Some(_), Some(misfit)) => {
            lines.push(("Login", format!("not usable: {}", misfit.why())));
            lines.push(("", context.said(&misfit.hint())));
        }
        (None, _) => lines.push((
            "Login",
            format!("none; log in with: {}", context.command("login")),
        )),
        (Some(token), None) => lines.extend(login_lines(context, token)),
    }
    lines.push(("Quota", quota(context)));
    lines.push(("Kept in", store.path().display().to_string()));
    lines
}

fn login_lines(context: &Context, token: &Token) -> Vec<(&'static str, String)> {
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
    let ends = match token.login_expires_at {
        None => "no date is set".to_owned(),
        Some(end) if end <= context.now => {
            format!(
                "ended on {}; log in again: {}",
                context.moment(end),
                context.command("login")
            )
        }
        Some(end) => format!(
            "{} ({}; the project is in \"Testing\")",
            context.moment(end),
            left_in_words(end - context.now)
        ),
    };
    let access = if token.access_expires_at > context.now {
        format!(
            "until {}, then renewed by itself",
            context.moment(token.access_expires_at)
        )
    } else {
        "is renewed by itself with the next request".to_owned()
    };
    let mut lines = vec![
        ("Login", format!("yes{who}{legacy}")),
        ("Ends", ends),
        ("Access", access),
    ];
    for (index, scope) in token.scopes.iter().enumerate() {
        lines.push((
            if index == 0 { "Scopes" } else { "" },
            scopes::short(scope).to_owned(),
        ));
    }
    for scope in scopes::missing(context.settings.provider, &token.scopes) {
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
    lines
}

fn quota(context: &Context) -> String {
    match (context.settings.provider, context.quota()) {
        (Provider::Fitbit, Some(quota)) => format!(
            "{} of {} requests left until {}",
            quota.remaining,
            quota.limit,
            context.moment(quota.resets_at)
        ),
        (Provider::Fitbit, None) => "150 requests an hour".to_owned(),
        (Provider::Google { .. }, _) => {
            format!(
                "300 requests a minute; at most {} a second are sent",
                context.settings.requests_per_second
            )
        }
    }
}
