//! Checks that ask the service.

use super::check::Check;
use super::time;
use crate::cli::context::Context;
use crate::cli::live::Door;
use crate::clock;
use crate::config::{Provider, service_name};
use crate::exit::{Exit, Explain};
use crate::hint::Hint;
use crate::http::{Answer, Kind};
use crate::live::Service;
use crate::oauth::{self, Store, Token};

/// `service`, `clock`, and with a login `identity` and `account`.
pub(super) async fn checks(context: &Context, token: Option<Token>) -> Vec<Check> {
    // A place that the stored login did not come from is not even knocked at.
    let stored = Store::new(context.settings.token_path()).read();
    if stored.is_ok_and(|stored| stored.is_some_and(|token| context.takes(&token).is_err())) {
        return Vec::new();
    }
    let door = match context.door() {
        Ok(door) if context.settings_error.is_none() => door,
        _ => return Vec::new(),
    };
    let api = &context.settings.endpoints.api;
    let probe = match context.settings.provider {
        Provider::Fitbit => format!("{api}/1/user/-/profile.json"),
        Provider::Google { .. } => format!("{api}/v4/users/me/identity"),
    };
    let request = door.http.client().get(probe);
    let answer = door.http.send(Kind::OAuth, request).await;
    let reached = match &answer {
        Ok(answer) => reachable(context.settings.provider, answer),
        Err(fault) => {
            let error = crate::service::Error::from_fault(context.settings.provider, fault);
            Check::from_error("service", &error)
        }
    };
    let is_reached = reached.exit().is_none();
    let mut checks = vec![reached, time::clock(answer.ok().as_ref(), clock::now())];
    match token {
        Some(token) if is_reached => checks.extend(identity(context, &door, token).await),
        Some(token) => checks.extend(of_archive(context, &token)),
        None => {}
    }
    checks
}

fn reachable(provider: Provider, answer: &Answer) -> Check {
    let status = format!("status {}", answer.status);
    match (provider, answer.status) {
        (Provider::Fitbit, 404 | 410) => Check::bad(
            "service",
            Exit::Unavailable,
            oauth::switched_off(&status),
            oauth::WAY_OUT,
        ),
        (_, 500..=599) => Check::bad("service", Exit::Unavailable, status, "try again later"),
        (_, 300..=399) => Check::bad(
            "service",
            Exit::Unavailable,
            format!("a redirect to elsewhere, {status}"),
            "check [endpoints] and the proxy; log in to the network first",
        ),
        _ => Check::good("service", format!("{} answers", service_name(provider))),
    }
}

async fn identity(context: &Context, door: &Door, mut token: Token) -> Vec<Check> {
    let again = || Hint::default().login().and(", and tick every box");
    let known = token.account.clone();
    let service = match context.service(door, token.clone()) {
        Ok(service) => service,
        Err(error) => return vec![Check::from_error("identity", &error)],
    };
    let result = match service {
        Service::Google(google) => google.identity().await.map(|identity| {
            token.account = identity.health_user_id;
            token.legacy_account = identity.legacy_user_id.or(token.legacy_account.take());
        }),
        Service::Fitbit(fitbit) => fitbit.timezone().await.map(drop),
    };
    match result {
        Ok(()) => {
            let google = context.settings.provider != Provider::Fitbit;
            let answers = token.account.as_ref().filter(|_| google);
            let says = answers.map(|account| format!("answers: {account}"));
            vec![
                Check::good("identity", says.unwrap_or_else(|| "answers".to_owned())),
                account(context, known.as_deref(), &token, again()),
            ]
        }
        Err(error) if error.is_scope_missing() && context.settings.provider == Provider::Fitbit => {
            vec![
                Check::caution("identity", "the profile may not be read", again()),
                account(context, known.as_deref(), &token, again()),
            ]
        }
        Err(error) => vec![Check::from_error("identity", &error)],
    }
}

/// Whether the service knows the login by the account that it was made with, and the archive is that account's.
fn account(context: &Context, known: Option<&str>, token: &Token, again: Hint) -> Check {
    let answers = token.account.as_deref();
    match (known, answers) {
        (Some(known), Some(answers)) if known != answers => Check::bad(
            "account",
            Exit::Login,
            format!("the login was made as {known}, and answers as {answers}"),
            again,
        ),
        (_, Some(_)) => match of_archive(context, token) {
            Some(refused) => refused,
            None if known.is_some() => Check::good("account", "the one that logged in"),
            None => Check::good("account", "the archive is not another one's"),
        },
        (_, None) => Check::skipped("account", "the service does not say whose login it is"),
    }
}

/// `account`, where the archive is another person's.
fn of_archive(context: &Context, token: &Token) -> Option<Check> {
    let refused = context.refused_by_archive(token)?;
    let root = context.archive().root().display().to_string();
    let says =
        format!("the archive {root} holds another person's days, and this login is not theirs");
    let exit = refused.exit();
    Some(Check::bad(
        "account",
        exit,
        says,
        "fitbit-hr login --profile NAME, and --profile NAME with every other command; or log in as the archive's owner",
    ))
}
