//! `fitbit-hr study withdraw ID`: the tombstone first, so that no worker goes on; then the login, at the service and here; and with
//! `--erase` the data. It may be run again, and does what is left.

use super::opened::Study;
use crate::cli::context::Context;
use crate::error::Error;
use crate::exit::Explain;
use crate::numerals::{counted, size};
use crate::oauth;
use crate::objects::Location;
use crate::study::erase::{Erased, erase};
use crate::study::{self, Id, account, tombstone};
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr study withdraw P001            ends the login; the data stay
  fitbit-hr study withdraw P001 --erase    the data go, too
  fitbit-hr study withdraw P001 --json     a receipt for the file";

/// Options of `study withdraw`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The participant
    #[arg(value_name = "ID")]
    id: Id,
    /// Delete the data, what is remembered of them, and the id in reports
    #[arg(long)]
    erase: bool,
}

/// What became of the login.
enum Login {
    /// There was none here.
    None,
    /// Ended at the service, and deleted here.
    Ended,
    /// Deleted here; it could not be read, so nothing could be ended.
    Damaged,
    /// It is still here.
    Stays(oauth::Error),
}

pub async fn run(args: &Args, study: &Study, context: &Context) -> Result<(), Error> {
    let id = &args.id;
    let has_login = study.tokens.of(id).path().exists();
    let (who, now, wants_erasure) = (id.clone(), context.now, args.erase);
    let put = study.with_store(move |objects| {
        let is_known = has_login
            || account::knows(objects, &who)?
            || tombstone::of(objects, &who)?.is_some()
            || !study::erase::is_gone(objects, &who)?;
        if !is_known {
            return Err(study::Error::Unknown(who));
        }
        Ok(tombstone::put(objects, &who, now, wants_erasure)?)
    });
    let tombstone = put.await?;
    // Trouble with the login keeps nothing from being erased.
    let ended = end_login(id, study, context).await;
    let erased = if tombstone.erase {
        let who = id.clone();
        let erased = study.with_store(move |objects| Ok(erase(objects, &who)?));
        Some(erased.await?)
    } else {
        None
    };
    let login = ended?;
    receipt(id, &tombstone, &login, erased, study, context)?;
    match login {
        Login::Stays(cause) => Err(study::Error::NotRevoked {
            id: id.clone(),
            cause,
        }
        .into()),
        Login::None | Login::Ended | Login::Damaged => Ok(()),
    }
}

/// Ends the login at the service, then deletes it here. Where the service cannot be reached it stays for another try.
async fn end_login(id: &Id, study: &Study, context: &Context) -> Result<Login, Error> {
    let login = match study.tokens.of(id).read() {
        Ok(None) => Login::None,
        Ok(Some(token)) => {
            let exchange = context.exchange_of_login(&context.settings, &token)?;
            match exchange.revoke(&token).await {
                Ok(()) | Err(oauth::Error::SwitchedOff { .. }) => Login::Ended,
                Err(error) => return Ok(Login::Stays(error)),
            }
        }
        Err(oauth::Error::Damaged { .. }) => Login::Damaged,
        Err(error) => return Err(error.into()),
    };
    study.tokens.delete(id)?;
    Ok(login)
}

fn receipt(
    id: &Id,
    tombstone: &tombstone::Tombstone,
    login: &Login,
    erased: Option<Erased>,
    study: &Study,
    context: &Context,
) -> Result<(), Error> {
    let console = &context.console;
    let is_bucket = matches!(study.settings.store, Location::Bucket { .. });
    let withdrawn = tombstone.withdrawn.format("%Y-%m-%d %H:%M UTC");
    console.say(&format!("{id} has withdrawn on {withdrawn}"));
    console.say(&match login {
        Login::None => "login: there was none here".to_owned(),
        Login::Ended => "login: ended at the service and deleted here".to_owned(),
        Login::Damaged => "login: deleted here; its file was damaged, so that the participant has to end it in the account".to_owned(),
        Login::Stays(error) => format!("login: not ended yet ({})", error.why()),
    });
    match erased {
        None => console.say("data: they stay; --erase deletes them"),
        Some(erased) => {
            let files = counted(erased.files, "file");
            let reports = counted(erased.reports, "report");
            console.say(&format!(
                "data: deleted, {files} of {}, and the id in {reports}; the tombstone alone names it now",
                size(erased.bytes)
            ));
            if is_bucket {
                console.note("where the bucket keeps versions, old ones stay: delete them there, or by a lifecycle rule");
            }
        }
    }
    if context.global.json {
        let is_ended = matches!(login, Login::Ended);
        console.json(&json!({
            "participant": id,
            "withdrawn": tombstone.withdrawn,
            "revoked": is_ended,
            "token_deleted": matches!(login, Login::Ended | Login::Damaged),
            "login": match login {
                Login::None => "none",
                Login::Ended => "ended",
                Login::Damaged => "damaged",
                Login::Stays(_) => "stays",
            },
            "erased": erased.map(|erased| json!({
                "files": erased.files,
                "bytes": erased.bytes,
                "reports": erased.reports,
            })),
            "old_versions_may_stay": is_bucket && erased.is_some(),
            "store": study.settings.store.to_string(),
        }))?;
    }
    Ok(())
}
