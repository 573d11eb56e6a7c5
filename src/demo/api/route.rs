//! Which method an address means, who may call it, and its answer.

use super::context::Context;
use super::fault::{Fault, not_found};
use super::{account, parameters, points, roll_up};
use crate::demo::exchange::{Answer, Call, json};
use crate::demo::oauth::scopes;
use crate::demo::series::{self, Action, DataType};
use hyper::Method;
use hyper::header::AUTHORIZATION;

/// A method of the API.
enum Target<'a> {
    Account(&'a str, fn(&Call, &Context) -> Result<String, Fault>),
    Points(&'a str, Action),
}

impl<'a> Target<'a> {
    fn of(method: &Method, parts: &[&'a str]) -> Option<Self> {
        let of_account = |answer| Some(Self::Account(parts.first()?, answer));
        match (method, parts) {
            (&Method::GET, ["identity"]) => of_account(account::identity),
            (&Method::GET, ["profile"]) => of_account(account::profile),
            (&Method::GET, ["settings"]) => of_account(account::settings),
            (&Method::GET, ["pairedDevices"]) => of_account(account::paired_devices),
            (method, ["dataTypes", name, collection]) => {
                let action = match (method, *collection) {
                    (&Method::GET, "dataPoints") => Action::List,
                    (&Method::GET, "dataPoints:reconcile") => Action::Reconcile,
                    (&Method::POST, "dataPoints:rollUp") => Action::RollUp,
                    (&Method::POST, "dataPoints:dailyRollUp") => Action::DailyRollUp,
                    _ => return None,
                };
                Some(Self::Points(name, action))
            }
            _ => None,
        }
    }

    /// The scopes of which one suffices.
    fn scopes(&self) -> Result<Vec<String>, Fault> {
        Ok(match self {
            Self::Account("identity", _) => scopes::ALL.iter().map(scopes::Scope::url).collect(),
            Self::Account("profile", _) => vec![scopes::url("profile")],
            Self::Account(..) => vec![scopes::url("settings")],
            Self::Points(name, _) => vec![scopes::url(data_type(name)?.scope)],
        })
    }

    fn run(&self, call: &Call, context: &Context) -> Result<String, Fault> {
        let (name, action) = match self {
            Self::Account(_, answer) => return answer(call, context),
            Self::Points(name, action) => (name, *action),
        };
        let data_type = data_type(name)?;
        let supported = data_type.actions.contains(&action);
        match (action, data_type.roll_up) {
            (Action::List | Action::Reconcile, _) if supported => {
                points::answer(call, context, data_type, action)
            }
            (Action::RollUp, Some(roll_up)) if supported => {
                roll_up::answer(call, context, data_type, roll_up)
            }
            (Action::DailyRollUp, Some(roll_up)) if supported => {
                roll_up::answer_daily(call, context, data_type, roll_up)
            }
            _ => Err(Fault::argument(
                "UNSUPPORTED_DATA_TYPE_ACTION",
                "parent",
                format!("{action:?} is not supported for data type {name}."),
            )),
        }
    }
}

fn data_type(name: &str) -> Result<&'static DataType, Fault> {
    series::find(name).ok_or_else(|| {
        Fault::argument(
            "INVALID_PARENT_DATA_TYPE_COLLECTION",
            "parent",
            format!("There is no data type '{name}'."),
        )
    })
}

/// Answers a call of `/v4/...`; `granted` says which scopes a token has, if it is alive.
pub fn answer(
    call: &Call,
    context: &Context,
    granted: impl FnOnce(&str) -> Option<Vec<String>>,
) -> Answer {
    let path = call.uri().path().replace("%3A", ":").replace("%3a", ":");
    let parts: Vec<_> = path.split('/').skip(1).collect();
    let found = match parts.as_slice() {
        ["v4", "users", user, rest @ ..] => {
            Target::of(call.method(), rest).map(|target| (*user, target))
        }
        _ => None,
    };
    let Some((user, target)) = found else {
        return not_found(&path);
    };
    let answered = || {
        let header = call.headers().get(AUTHORIZATION);
        let token = header.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let token = token.ok_or_else(Fault::no_token)?;
        let granted = granted(token).ok_or_else(Fault::dead_token)?;
        let wanted = target.scopes()?;
        if !granted.iter().any(|scope| wanted.contains(scope)) {
            return Err(Fault::scope(&wanted));
        }
        if !parameters::is_user(user) {
            return Err(Fault::forbidden());
        }
        target.run(call, context)
    };
    match answered() {
        Ok(text) => json(200, text),
        Err(fault) => fault.answer(),
    }
}
