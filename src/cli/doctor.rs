//! `fitbit-hr doctor`: looks at everything that can go wrong before it does; one line and one remedy each.

use super::context::Context;
use super::live::Door;
use super::login_flow::{WARN_BEFORE, left_in_words};
use crate::config::{Error as ConfigError, LEGACY_CUT_OFF, Provider, Redirect, service_name};
use crate::error::{Error, Unwell};
use crate::exit::{Exit, Explain};
use crate::http::{Answer, Kind};
use crate::live::Service;
use crate::oauth::{self, Store, Token, listener::Listener, scopes};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr doctor            one line a check, and a remedy where needed
  fitbit-hr doctor --json     the same for scripts
  fitbit-hr --demo doctor     against the stand-in";

/// A clock that is further off than this ends logins at the wrong time.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(60);

/// Options of `doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// What came of one check.
#[derive(Debug)]
enum Finding {
    Good,
    /// Works, but a person should know the remedy.
    Caution(String),
    Bad(Exit, String),
    /// Could not be looked at, because of an earlier finding.
    Skipped,
}

#[derive(Debug)]
struct Check {
    name: &'static str,
    detail: String,
    finding: Finding,
}

impl Check {
    fn good(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            detail: detail.into(),
            finding: Finding::Good,
        }
    }
    fn caution(name: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            name,
            detail: detail.into(),
            finding: Finding::Caution(remedy.into()),
        }
    }
    fn bad(
        name: &'static str,
        exit: Exit,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            name,
            detail: detail.into(),
            finding: Finding::Bad(exit, remedy.into()),
        }
    }
    fn skipped(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            detail: detail.into(),
            finding: Finding::Skipped,
        }
    }
    fn from_error(name: &'static str, error: &dyn Explain) -> Self {
        Self::bad(
            name,
            error.exit(),
            format!("{}: {}", error.what(), error.why()),
            error.hint(),
        )
    }
    fn exit(&self) -> Option<Exit> {
        match self.finding {
            Finding::Bad(exit, _) => Some(exit),
            Finding::Good | Finding::Caution(_) | Finding::Skipped => None,
        }
    }
    fn word(&self) -> &'static str {
        match self.finding {
            Finding::Good => "ok",
            Finding::Caution(_) => "warning",
            Finding::Bad(..) => "failed",
            Finding::Skipped => "skipped",
        }
    }
    fn remedy(&self) -> Option<&str> {
        match &self.finding {
            Finding::Caution(remedy) | Finding::Bad(_, remedy) => Some(remedy),
            Finding::Good | Finding::Skipped => None,
        }
    }
}

pub async fn run(_: &Args, context: &Context) -> Result<(), Error> {
    if context.demo.is_some() {
        context.session().await?;
    }
    let mut checks = settings(context);
    let token = token(context, &mut checks);
    service(context, token, &mut checks).await;
    report(context, &checks)
}

/// Checks that look at files and settings only.
fn settings(context: &Context) -> Vec<Check> {
    let settings = &context.settings;
    if let Some(error) = &context.settings_error {
        return vec![
            Check::from_error("keys", error),
            Check::skipped("provider", "the keys file comes first"),
        ];
    }
    let mut checks = Vec::new();
    checks.push(match (settings.client(), &settings.keys_file) {
        (Err(error), _) => Check::from_error("keys", &error),
        (Ok(_), Some(path)) => Check::good("keys", path.display().to_string()),
        (Ok(_), None) if context.demo.is_some() => Check::good("keys", "none needed for the demo"),
        (Ok(_), None) => Check::good("keys", "none; the client comes from the environment"),
    });
    checks.push(provider(context));
    let redirect = Redirect::parse(&settings.redirect_url, settings.keys_file.as_deref());
    checks.push(redirect_check(settings.provider, &redirect));
    checks.push(match &redirect {
        Err(_) => Check::skipped("port", "the redirect URL comes first"),
        Ok(redirect) => match Listener::bind(redirect) {
            Ok(_) if redirect.port == 0 => Check::good("port", "any free one can be had"),
            Ok(_) => Check::good("port", format!("{} is free", redirect.port)),
            Err(error) => Check::from_error("port", &error),
        },
    });
    checks.push(match (settings.timezone, context.environment.timezone) {
        (Some(zone), _) => Check::good("zone", format!("{zone} (keys file)")),
        (None, Some(zone)) => {
            Check::good("zone", format!("the account's, else this machine's {zone}"))
        }
        (None, None) => Check::caution(
            "zone",
            "this machine does not say which it is in",
            "set timezone = \"America/New_York\" or the like in the keys file",
        ),
    });
    checks
}

fn provider(context: &Context) -> Check {
    let settings = &context.settings;
    let client = settings.configured_client.as_ref();
    let by = match client.and_then(|client| crate::config::provider_of(&client.id)) {
        Some(_) if context.demo.is_none() => ", by the form of the client id",
        Some(_) | None => "",
    };
    match settings.provider {
        Provider::Fitbit => Check::caution(
            "provider",
            format!(
                "{}{by}; announced to be off since {LEGACY_CUT_OFF}",
                service_name(settings.provider)
            ),
            oauth::WAY_OUT,
        ),
        provider @ Provider::Google { .. } => {
            Check::good("provider", format!("{}{by}", service_name(provider)))
        }
    }
}

fn redirect_check(provider: Provider, redirect: &Result<Redirect, ConfigError>) -> Check {
    let name = "redirect";
    match redirect {
        Err(error) => Check::from_error(name, error),
        Ok(redirect) if provider == Provider::Fitbit && redirect.port == 0 => Check::bad(
            name,
            Exit::Config,
            format!(
                "{} names no port, and this service wants the registered one",
                redirect.url
            ),
            "set redirect_url = \"http://localhost:1410/\" and register exactly that",
        ),
        Ok(redirect)
            if redirect.port != 0 && !redirect.url.ends_with('/') && redirect.path == "/" =>
        {
            Check::caution(
                name,
                format!("{} has no slash at the end", redirect.url),
                "make sure that it is registered without one too: the slash counts",
            )
        }
        Ok(redirect) => Check::good(name, redirect.url.clone()),
    }
}

/// Checks on the stored login; gives it back if there is one.
fn token(context: &Context, checks: &mut Vec<Check>) -> Option<Token> {
    let store = Store::new(context.settings.token_path());
    let login = format!("log in: fitbit-hr login{}", context.options_to_repeat());
    match store.read() {
        Err(error) => {
            checks.push(Check::from_error("login", &error));
            None
        }
        Ok(None) => {
            checks.push(Check::bad(
                "login",
                Exit::Login,
                "nobody is logged in",
                login,
            ));
            None
        }
        Ok(Some(token)) => {
            if let Err(misfit) = context.takes(&token) {
                checks.push(Check::from_error("login", &misfit));
                return None;
            }
            let age = left_in_words(context.now - token.obtained_at).replacen("in ", "", 1);
            let kept = format!("{}, token {age} old", store.path().display());
            checks.push(match open_to_others(&store) {
                Some(mode) => Check::caution(
                    "login",
                    format!("{kept}; others may read it (mode {mode:03o})"),
                    format!("chmod 600 {}", store.path().display()),
                ),
                None => Check::good("login", kept),
            });
            checks.push(match token.login_expires_at {
                None => Check::good("expiry", "no date is set"),
                Some(end) if end <= context.now => {
                    Check::bad("expiry", Exit::Login, format!("ended on {}", context.moment(end)), login)
                }
                Some(end) => {
                    let detail = format!("{} ({})", context.moment(end), left_in_words(end - context.now));
                    let remedy = "publish the project at https://console.cloud.google.com/auth/audience, then log in again";
                    if end - context.now < WARN_BEFORE { Check::caution("expiry", detail, remedy) } else { Check::good("expiry", detail) }
                }
            });
            checks.push(scope_check(context.settings.provider, &token));
            Some(token)
        }
    }
}

#[cfg(unix)]
fn open_to_others(store: &Store) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(store.path()).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_: &Store) -> Option<u32> {
    None
}

fn scope_check(provider: Provider, token: &Token) -> Check {
    let missing = scopes::missing(provider, &token.scopes);
    let names: Vec<_> = missing
        .iter()
        .map(|scope| scopes::short(scope.name))
        .collect();
    let remedy = "run fitbit-hr login again and tick every box";
    if missing.iter().any(|scope| scope.needed) {
        return Check::bad(
            "scopes",
            Exit::Login,
            format!("not granted: {}", names.join(", ")),
            remedy,
        );
    }
    match missing.first() {
        None => Check::good("scopes", "all granted"),
        Some(first) => Check::caution(
            "scopes",
            format!("not granted: {} ({})", names.join(", "), first.feeds),
            remedy,
        ),
    }
}

/// Checks that ask the service.
async fn service(context: &Context, token: Option<Token>, checks: &mut Vec<Check>) {
    let door = match context.door() {
        Ok(door) if context.settings_error.is_none() => door,
        _ => {
            checks.push(Check::skipped("service", "the keys file comes first"));
            return;
        }
    };
    let probe = match context.settings.provider {
        Provider::Fitbit => format!("{}/1/user/-/profile.json", context.settings.endpoints.api),
        Provider::Google { .. } => {
            format!("{}/v4/users/me/identity", context.settings.endpoints.api)
        }
    };
    let answer = door
        .http
        .send(Kind::OAuth, door.http.client().get(probe))
        .await;
    let reached = match &answer {
        Ok(answer) => reachable(context.settings.provider, answer),
        Err(fault) => Check::from_error(
            "service",
            &crate::service::Error::from_fault(context.settings.provider, fault),
        ),
    };
    let is_reached = reached.exit().is_none();
    checks.push(reached);
    checks.push(match answer.ok().and_then(|answer| server_time(&answer)) {
        Some(theirs) => clock(theirs, crate::clock::now()),
        None => Check::skipped("clock", "the service did not say what time it is"),
    });
    checks.push(match token {
        Some(token) if is_reached => identity(context, &door, token).await,
        Some(_) => Check::skipped("identity", "the service comes first"),
        None => Check::skipped("identity", "the login comes first"),
    });
}

fn reachable(provider: Provider, answer: &Answer) -> Check {
    match (provider, answer.status) {
        (Provider::Fitbit, 404 | 410) => Check::bad(
            "service",
            Exit::Unavailable,
            oauth::switched_off(&format!("status {}", answer.status)),
            oauth::WAY_OUT,
        ),
        (_, 500..=599) => Check::bad(
            "service",
            Exit::Unavailable,
            format!("status {}", answer.status),
            "try again later",
        ),
        (_, 300..=399) => Check::bad(
            "service",
            Exit::Unavailable,
            format!("a redirect to elsewhere, status {}", answer.status),
            "check [endpoints] and the proxy; log in to the network first",
        ),
        _ => Check::good("service", format!("{} answers", service_name(provider))),
    }
}

fn server_time(answer: &Answer) -> Option<DateTime<Utc>> {
    let date = answer.headers.get("date")?.to_str().ok()?;
    DateTime::parse_from_rfc2822(date)
        .ok()
        .map(|at| at.to_utc())
}

fn clock(theirs: DateTime<Utc>, ours: DateTime<Utc>) -> Check {
    let ahead = ours - theirs;
    if ahead.abs() <= CLOCK_TOLERANCE {
        return Check::good("clock", "agrees with the service's");
    }
    let direction = if ahead > TimeDelta::zero() {
        "ahead of"
    } else {
        "behind"
    };
    Check::bad(
        "clock",
        Exit::Config,
        format!(
            "this machine's is {} s {direction} the service's",
            ahead.abs().num_seconds()
        ),
        "set the clock (timedatectl set-ntp true): tokens end and days begin by it",
    )
}

async fn identity(context: &Context, door: &Door, token: Token) -> Check {
    let service = match context.service(door, token) {
        Ok(service) => service,
        Err(error) => return Check::from_error("identity", &error),
    };
    let result = match &service {
        Service::Google(google) => google
            .identity()
            .await
            .map(|identity| identity.health_user_id),
        Service::Fitbit(fitbit) => fitbit.timezone().await.map(|_| None),
    };
    match result {
        Ok(account) => Check::good(
            "identity",
            account.map_or("answers".to_owned(), |account| {
                format!("answers: {account}")
            }),
        ),
        Err(error) if error.is_scope_missing() && context.settings.provider == Provider::Fitbit => {
            Check::caution(
                "identity",
                "the profile may not be read",
                "run fitbit-hr login again and tick every box",
            )
        }
        Err(error) => Check::from_error("identity", &error),
    }
}

/// The worse of two exits.
fn worse(a: Option<Exit>, b: Option<Exit>) -> Option<Exit> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.code() > a.code() { b } else { a }),
        (a, b) => a.or(b),
    }
}

fn report(context: &Context, checks: &[Check]) -> Result<(), Error> {
    let worst = checks.iter().map(Check::exit).fold(None, worse);
    if context.global.json {
        let list = checks.iter().map(|check| {
            json!({"id": check.name, "state": check.word(), "says": check.detail, "remedy": check.remedy()})
        });
        context.console.json(&list.collect())?;
    } else {
        for check in checks {
            let sgr = match check.finding {
                Finding::Good => "32",
                Finding::Caution(_) => "33;1",
                Finding::Bad(..) => "31;1",
                Finding::Skipped => "2",
            };
            let word = context.console.paint(sgr, &format!("{:<7}", check.word()));
            context
                .console
                .ask(&format!("{word} {:<12} {}", check.name, check.detail));
            if let Some(remedy) = check.remedy() {
                context.console.ask(&format!("{:>20} {remedy}", "->"));
            }
        }
    }
    match worst {
        None => Ok(()),
        Some(exit) => Err(Error::Unwell(Unwell {
            exit,
            failed: checks.iter().filter(|check| check.exit().is_some()).count(),
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_held_against_the_services() {
        let theirs: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().expect("an instant");
        assert_eq!(clock(theirs, theirs + TimeDelta::seconds(59)).exit(), None);
        let late = clock(theirs, theirs - TimeDelta::seconds(90));
        assert_eq!(late.exit(), Some(Exit::Config));
        assert!(late.detail.contains("90 s behind"), "{}", late.detail);
    }

    #[test]
    fn the_slash_at_the_end_counts() {
        let check = |provider, url: &str| redirect_check(provider, &Redirect::parse(url, None));
        assert_eq!(
            check(Provider::Fitbit, "http://localhost:1410/").word(),
            "ok"
        );
        assert_eq!(
            check(Provider::Fitbit, "http://localhost:1410").word(),
            "warning"
        );
        assert_eq!(
            check(Provider::Fitbit, "http://127.0.0.1:0/").word(),
            "failed"
        );
        assert_eq!(check(Provider::GOOGLE, "http://127.0.0.1:0/").word(), "ok");
        assert_eq!(
            check(Provider::GOOGLE, "http://example.com/").word(),
            "failed"
        );
    }
}
