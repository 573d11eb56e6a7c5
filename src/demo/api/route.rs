//! Which method an address means, who may call it, and its answer.

use super::data_type::{Action, DataType};
use super::fault::{Fault, not_found};
use super::filter::Bounds;
use super::query::is_user;
use super::text::pretty;
use super::{account, daily, daily_roll_up, points, roll_up, zone_minutes};
use crate::demo::exchange::{Answer, Call};
use crate::demo::oauth::scopes;
use crate::demo::wearer::Wearer;
use chrono::{DateTime, NaiveDateTime, Utc};
use std::ops::Range;

/// What an answer is made from.
pub struct Context<'a> {
    /// Whose data.
    pub wearer: &'a Wearer,
    /// The service's time.
    pub now: DateTime<Utc>,
    /// Short pages, empty pages and the like.
    pub traps: bool,
    /// The largest page of `list` and `reconcile`.
    pub page_cap: usize,
}

impl Context<'_> {
    /// Wall-clock bounds as instants (milliseconds) of the account's zone.
    pub fn civil_range(&self, bounds: Bounds<NaiveDateTime>) -> Range<i64> {
        let instant = |at| self.wearer.instant_of(at);
        bounds.from.map_or(i64::MIN, instant)..bounds.to.map_or(i64::MAX, instant)
    }
}

/// A method of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Method {
    Identity,
    Profile,
    Settings,
    PairedDevices,
    Points(String, Action),
}

impl Method {
    fn of(verb: &str, parts: &[&str]) -> Option<Self> {
        match (verb, parts) {
            ("GET", ["identity"]) => Some(Self::Identity),
            ("GET", ["profile"]) => Some(Self::Profile),
            ("GET", ["settings"]) => Some(Self::Settings),
            ("GET", ["pairedDevices"]) => Some(Self::PairedDevices),
            (_, ["dataTypes", name, collection]) => {
                Action::of(verb, collection).map(|action| Self::Points((*name).to_owned(), action))
            }
            _ => None,
        }
    }

    fn name(&self) -> String {
        let method = match self {
            Self::Identity => "HealthProfileService.GetIdentity",
            Self::Profile => "HealthProfileService.GetProfile",
            Self::Settings => "HealthProfileService.GetSettings",
            Self::PairedDevices => "DevicesService.ListPairedDevices",
            Self::Points(_, action) => {
                return format!(
                    "google.devicesandservices.health.v4.DataPointsService.{}",
                    action.method_name()
                );
            }
        };
        format!("google.devicesandservices.health.v4.{method}")
    }

    /// The scopes of which one suffices.
    fn scopes(&self) -> Result<Vec<&'static str>, Fault> {
        Ok(match self {
            Self::Identity => scopes::ALL.iter().map(|scope| scope.name).collect(),
            Self::Profile => vec![scopes::PROFILE],
            Self::Settings | Self::PairedDevices => vec![scopes::SETTINGS],
            Self::Points(name, _) => vec![DataType::decode(name)?.scope()],
        })
    }

    fn run(&self, call: &Call, context: &Context) -> Result<String, Fault> {
        match self {
            Self::Identity => account::identity(call),
            Self::Profile => account::profile(call, context),
            Self::Settings => account::settings(call, context),
            Self::PairedDevices => account::paired_devices(call, context),
            Self::Points(name, action) => {
                let data_type = DataType::decode(name)?;
                data_type.check(*action)?;
                run_on_points(call, context, data_type, *action)
            }
        }
    }
}

fn run_on_points(
    call: &Call,
    context: &Context,
    data_type: DataType,
    action: Action,
) -> Result<String, Fault> {
    match (action, data_type) {
        (Action::RollUp, _) => roll_up::answer(call, context, data_type),
        (Action::DailyRollUp, _) => daily_roll_up::answer(call, context, data_type),
        (_, DataType::HeartRate) => points::answer(call, context, action),
        (_, DataType::TimeInZone | DataType::CaloriesInZone) => {
            zone_minutes::answer(call, context, action)
        }
        (_, DataType::RestingHeartRate | DataType::HeartRateZones) => {
            daily::answer(call, context, data_type, action)
        }
    }
}

/// Answers a call of `/v4/...`; `admit` says what the caller's token was granted.
pub fn answer(
    call: &Call,
    context: &Context,
    admit: impl FnOnce(Option<&str>) -> Result<Vec<String>, Fault>,
) -> Answer {
    let parts: Vec<_> = call.path.split('/').skip(1).collect();
    let (user, method) = match parts.as_slice() {
        ["v4", "users", user, rest @ ..] => (*user, Method::of(&call.method, rest)),
        _ => ("", None),
    };
    let Some(method) = method else {
        return not_found(&call.path);
    };
    let answered = admit(call.header("authorization")).and_then(|granted| {
        let wanted = method.scopes()?;
        if !granted.iter().any(|scope| wanted.contains(&scope.as_str())) {
            return Err(Fault::ScopeInsufficient(wanted));
        }
        if !is_user(user) {
            return Err(Fault::Forbidden);
        }
        method.run(call, context)
    });
    match answered {
        Ok(text) if call.query().get("prettyPrint") == Some("false") => {
            Answer::json_text(200, text)
        }
        Ok(text) => Answer::json_text(200, pretty(&text)),
        Err(fault) => fault.answer(&method.name()),
    }
}
