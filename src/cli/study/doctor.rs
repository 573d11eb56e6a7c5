//! `fitbit-hr study doctor`: looks at everything that can go wrong in a study before a thousand tasks do.

use super::opened::LOCK;
use crate::cli::context::Context;
use crate::cli::doctor::check::Check;
use crate::cli::doctor::{end, in_order, report};
use crate::error::Error;
use crate::exit::Exit;
use crate::hint::Hint;
use crate::numerals::counted;
use crate::objects::race::{self, Finding, Standing};
use crate::objects::{self, Objects};
use crate::study::tokens::Tokens;
use crate::study::{self, Id, Settings, erase, tombstone};
use std::path::Path;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr study doctor           one line a check, and a remedy
  fitbit-hr study doctor --json    id, state, says, remedy, for scripts";

/// Everything that is looked at, in the order of the report. Scripts go by these names: they stay.
const IDS: [&str; 9] = [
    "study",
    "client",
    "tokens",
    "modes",
    "store",
    "whole",
    "fresh",
    "conditions",
    "withdrawn",
];

/// Options of `study doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

pub async fn run(_: &Args, path: &Path, context: &Context) -> Result<(), Error> {
    let mut checks = vec![client(context)];
    match Settings::read(path, &context.settings.catalogue) {
        Err(error) => checks.push(Check::from_error("study", &error)),
        Ok(settings) => {
            let says = format!("{}; the data go to {}", path.display(), settings.store);
            checks.push(Check::good("study", says));
            let tokens = Tokens::new(settings.tokens.clone());
            checks.extend(logins(&tokens, context));
            match settings.store.open(LOCK, &context.environment.aws) {
                Err(error) => checks.push(Check::from_error("store", &error)),
                Ok(objects) => {
                    let looked = crate::cli::blocking::blocking(move |_| {
                        let mut checks = store(&*objects);
                        checks.push(withdrawn(&objects, &tokens));
                        checks
                    });
                    checks.extend(looked.await);
                }
            }
        }
    }
    let checks = in_order(checks, &IDS, "study");
    report(context, &checks)?;
    end(&checks, "study doctor")
}

/// The keys file and its client, as it is found from the study.
fn client(context: &Context) -> Check {
    let settings = &context.settings;
    if let Some(error) = &context.settings_error {
        return Check::from_error("client", error);
    }
    if let Err(error) = settings.client() {
        return Check::from_error("client", &error);
    }
    let keys = settings.keys_file.as_ref();
    let place = keys.map_or("the environment".to_owned(), |path| {
        path.display().to_string()
    });
    Check::good("client", format!("{}, from {place}", settings.provider))
}

/// The folder of the logins, and who may read them.
fn logins(tokens: &Tokens, context: &Context) -> Vec<Check> {
    let listed = match tokens.list() {
        Ok(listed) => listed,
        Err(error) => return vec![Check::from_error("tokens", &error)],
    };
    let folder = tokens.folder().display();
    let count = counted(listed.ids.len() as u64, "participant");
    let is_bad = |id: &&Id| !matches!(tokens.of(id).read(), Ok(Some(_)));
    let bad: Vec<_> = listed.ids.iter().filter(is_bad).map(Id::as_str).collect();
    let unfit = unfit(tokens, &listed.ids, context);
    let found = if !bad.is_empty() {
        let says = format!(
            "{} cannot be read: {}",
            counted(bad.len() as u64, "login"),
            some(&bad)
        );
        Check::bad(
            "tokens",
            Exit::Config,
            says,
            Hint::from("enrol them again: ").command("study enrol ID"),
        )
    } else if let Some(unfit) = unfit {
        unfit
    } else if !listed.odd.is_empty() {
        let odd: Vec<_> = listed.odd.iter().map(String::as_str).collect();
        let says = format!(
            "{count} in {folder}; named like no participant: {}",
            some(&odd)
        );
        Check::caution(
            "tokens",
            says,
            "move these files away, or enrol those people under an id",
        )
    } else if listed.ids.is_empty() {
        let says = format!("nobody has a login in {folder}");
        Check::caution(
            "tokens",
            says,
            Hint::from("enrol the first participant: ").command("study enrol ID"),
        )
    } else {
        Check::good("tokens", format!("{count} in {folder}"))
    };
    vec![found, modes(tokens, &listed.ids)]
}

/// Logins that the keys' client cannot use.
fn unfit(tokens: &Tokens, ids: &[Id], context: &Context) -> Option<Check> {
    let settings = &context.settings;
    let client = settings.configured_client.as_ref()?;
    let unfit = tokens.unfit(ids, &client.id, &settings.endpoints);
    let names: Vec<_> = unfit.iter().map(|id| id.as_str()).collect();
    let says = match names.len() {
        0 => return None,
        count if count == ids.len() => {
            "all logins belong to another client, or to other addresses, than the keys name"
                .to_owned()
        }
        count => format!(
            "{} of another client, or of other addresses, than the keys name: {}",
            counted(count as u64, "login"),
            some(&names)
        ),
    };
    Some(Check::bad(
        "tokens",
        Exit::Login,
        says,
        study::error::other_client(),
    ))
}

fn modes(tokens: &Tokens, ids: &[Id]) -> Check {
    let open = ids.iter().filter(|id| tokens.open_to_others(id).is_some());
    let open: Vec<_> = open.map(Id::as_str).collect();
    if open.is_empty() {
        return Check::good("modes", "each login is for its owner alone");
    }
    let says = format!(
        "others can read {}: {}",
        counted(open.len() as u64, "login"),
        some(&open)
    );
    let remedy = format!("chmod 600 {}/*.json", tokens.folder().display());
    Check::bad("modes", Exit::Config, says, remedy)
}

/// The first few of them.
fn some(names: &[&str]) -> String {
    let first = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    if names.len() > 3 {
        format!("{first} and more")
    } else {
        first
    }
}

/// Whether the store can be used at all, then what it does when eight write at once.
fn store(objects: &dyn Objects) -> Vec<Check> {
    let used = usable(objects);
    if used.exit().is_some() {
        return vec![used];
    }
    let folder = format!("_fitbit_hr/doctor/{}", std::process::id());
    let raced: Vec<_> = match race::race(objects, &folder) {
        Ok(race) => race::judge(&race).into_iter().map(raced).collect(),
        Err(error) => vec![Check::from_error("whole", &error)],
    };
    std::iter::once(used).chain(raced).collect()
}

fn raced(finding: Finding) -> Check {
    let Finding { id, says, .. } = finding;
    let remedy = finding.remedy.unwrap_or_default();
    match finding.standing {
        Standing::Ok => Check::good(id, says),
        Standing::Warning => Check::caution(id, says, remedy),
        Standing::Failed => Check::bad(id, Exit::Io, says, remedy),
    }
}

fn usable(objects: &dyn Objects) -> Check {
    let name = format!("_fitbit_hr/doctor/{}.json", std::process::id());
    match objects::is_usable(objects, &name) {
        Ok(true) => Check::good("store", "takes, gives and forgets what it is given"),
        Ok(false) => Check::bad(
            "store",
            Exit::Io,
            "it does not give back what it was given",
            "choose a store that reads what was just written (S3 does since 2020)",
        ),
        Err(error) => Check::from_error("store", &error),
    }
}

/// Each withdrawal has to be whole: no login, and no data where they were to go.
fn withdrawn(objects: &Arc<dyn Objects>, tokens: &Tokens) -> Check {
    let objects = &**objects;
    let looked = || -> Result<(usize, Vec<String>), study::Error> {
        let all = tombstone::all(objects)?;
        let mut left = Vec::new();
        for one in &all {
            let id = &one.participant;
            let has_login = tokens.of(id).path().exists();
            if has_login || (one.erase && !erase::is_gone(objects, id)?) {
                left.push(id.to_string());
            }
        }
        Ok((all.len(), left))
    };
    match looked() {
        Err(error) => Check::from_error("withdrawn", &error),
        Ok((all, left)) if left.is_empty() => Check::good(
            "withdrawn",
            format!(
                "{}, and nothing left of them that should be gone",
                counted(all as u64, "participant")
            ),
        ),
        Ok((_, left)) => {
            let names: Vec<_> = left.iter().map(String::as_str).collect();
            let says = format!("a login or data are left of {}", some(&names));
            let again = format!("study withdraw {}", left[0]);
            let remedy = Hint::from("run it again: ").command(again);
            Check::bad("withdrawn", Exit::Temporary, says, remedy)
        }
    }
}
