//! Checks of the stored login and of the folder that keeps it; they ask nobody.

use super::check::{Check, of_disk};
use crate::cli::context::Context;
use crate::cli::login_flow::{WARN_BEFORE, left_in_words};
use crate::exit::Exit;
use crate::hint::Hint;
use crate::oauth::{Store, Token, scopes};
use std::fs::{File, TryLockError};
use std::path::Path;

/// Where a project is taken out of "Testing".
const PUBLISH: &str =
    "publish the project at https://console.cloud.google.com/auth/audience, then log in again";

/// `state`, `login`, `lock`, `scopes` and `expiry`; and the login, if there is one that a run would use.
pub(super) fn checks(context: &Context) -> (Option<Token>, Vec<Check>) {
    let store = Store::new(context.settings.token_path());
    let mut checks = vec![state(context), lock(&store)];
    if context.settings_error.is_some() {
        return (None, checks);
    }
    let token = match store.read() {
        Err(error) => {
            checks.push(Check::from_error("login", &error));
            return (None, checks);
        }
        Ok(None) => {
            let says = "nobody is logged in";
            checks.push(Check::bad(
                "login",
                Exit::Login,
                says,
                Hint::default().login(),
            ));
            return (None, checks);
        }
        Ok(Some(token)) => token,
    };
    if let Err(misfit) = context.takes(&token) {
        // Of another client, or made elsewhere: a run would not use it.
        checks.extend(["client", "login"].map(|id| Check::from_error(id, &misfit)));
        return (None, checks);
    }
    checks.extend([
        login(context, &store, &token),
        expiry(context, &token),
        scope_check(context, &token),
    ]);
    (Some(token), checks)
}

fn state(context: &Context) -> Check {
    let folder = &context.settings.state_dir;
    let there = folder.ancestors().find(|folder| folder.is_dir());
    let tried = tempfile::tempfile_in(there.unwrap_or(Path::new("/")));
    match tried {
        Ok(_) => Check::good("state", folder.display().to_string()),
        Err(error) => Check::bad(
            "state",
            of_disk(&error),
            format!("{} cannot be written: {error}", folder.display()),
            format!(
                "sudo chown -R \"$USER\" '{}'; or export FITBIT_HR_STATE_DIR=\"$HOME/.fitbit-hr\"",
                folder.display()
            ),
        ),
    }
}

fn lock(store: &Store) -> Check {
    let path = store.path().with_extension("lock");
    let Ok(file) = File::open(&path) else {
        return Check::good("lock", "nobody holds it");
    };
    match file.try_lock() {
        Ok(()) => Check::good("lock", "nobody holds it"),
        Err(TryLockError::WouldBlock) => Check::caution(
            "lock",
            format!(
                "another process is renewing the login and holds {}",
                path.display()
            ),
            format!(
                "if it stays so, find the process and end it: fuser -v {}",
                path.display()
            ),
        ),
        Err(TryLockError::Error(error)) => Check::bad(
            "lock",
            Exit::CannotCreate,
            format!("this disk knows no locks: {error}"),
            "export FITBIT_HR_STATE_DIR=/var/tmp/fitbit-hr, or another folder on a local disk",
        ),
    }
}

fn login(context: &Context, store: &Store, token: &Token) -> Check {
    let age = left_in_words(context.now - token.obtained_at).replacen("in ", "", 1);
    let path = store.path().display();
    match open_to_others(store.path()) {
        Some(mode) => Check::caution(
            "login",
            format!("{path}, token {age} old; others may read it (mode {mode:03o})"),
            format!("chmod 600 {path}"),
        ),
        None => Check::good("login", format!("{path}, token {age} old")),
    }
}

fn expiry(context: &Context, token: &Token) -> Check {
    let Some(end) = token.login_expires_at else {
        return Check::good("expiry", "the login has no date to end");
    };
    let moment = context.moment(end);
    if end <= context.now {
        return Check::bad(
            "expiry",
            Exit::Login,
            format!("ended on {moment}"),
            Hint::default().login(),
        );
    }
    let left = end - context.now;
    let says = format!("{moment} ({})", left_in_words(left));
    if left < WARN_BEFORE {
        Check::caution("expiry", says, PUBLISH)
    } else {
        Check::good("expiry", says)
    }
}

/// `expiry` for whoever has just come through the console: a date to end is the sign of a project that is not published.
pub(super) fn in_testing(context: &Context, token: &Token) -> Option<Check> {
    let end = token.login_expires_at.filter(|end| *end > context.now)?;
    let left = left_in_words(end - context.now);
    let moment = context.moment(end);
    let says = format!("the project is in \"Testing\": this login ends on {moment} ({left})");
    Some(Check::caution("expiry", says, PUBLISH))
}

fn scope_check(context: &Context, token: &Token) -> Check {
    let missing = scopes::missing(context.settings.provider, &token.scopes);
    let names: Vec<_> = missing
        .iter()
        .map(|scope| scopes::short(scope.name))
        .collect();
    let remedy = Hint::default().login().and(", and tick every box");
    let Some(first) = missing.first() else {
        return Check::good("scopes", "all granted");
    };
    let says = format!("not granted: {}", names.join(", "));
    if missing.iter().any(|scope| scope.needed) {
        Check::bad("scopes", Exit::Login, says, remedy)
    } else {
        Check::caution("scopes", format!("{says} ({})", first.feeds), remedy)
    }
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Option<u32> {
    None
}
