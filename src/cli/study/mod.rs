//! `fitbit-hr study`: many participants, run by the engine that a site already has; a command a file.

mod doctor;
mod enrol;
mod init;
mod opened;
mod status;
mod sync;
mod withdraw;

use super::context::Context;
use super::global::option;
use crate::error::{Error, Usage};
use crate::hint::Invocation;
use crate::study::settings::{USUAL, folder_of};
use opened::Study;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr study init                      a commented study.toml
  fitbit-hr study enrol P001                a participant's login
  fitbit-hr study sync                      everybody, on this machine
  fitbit-hr study sync --shard 0/8          the first of eight parts
  fitbit-hr study sync --shard auto         as a task of a Slurm array
  fitbit-hr study status                    what failed, who fell silent
  fitbit-hr study withdraw P001 --erase     a participant, and all the data
  fitbit-hr study doctor                    looks at everything beforehand";

/// Options of `study`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Study file [default: ./study.toml]
    #[arg(long, global = true, value_name = "FILE")]
    study: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Write a commented study.toml
    Init(init::Args),
    /// Log a participant in, perhaps on the phone with them
    Enrol(enrol::Args),
    /// Bring the participants of a shard up to date
    Sync(sync::Args),
    /// Show what the last run came to, and who fell silent
    Status(status::Args),
    /// End a participation: the login, and with --erase the data
    Withdraw(withdraw::Args),
    /// Check the study file, the client, the tokens and the store
    Doctor(doctor::Args),
}

impl Args {
    fn path(&self) -> PathBuf {
        self.study.clone().unwrap_or_else(|| PathBuf::from(USUAL))
    }

    /// The same of a command about this study.
    pub(super) fn invocation(&self, run: Invocation) -> Invocation {
        let study = self.study.as_deref();
        let study = study.map_or_else(String::new, |path| option("study", path));
        Invocation {
            options: run.options + &study,
            study: true,
            ..Invocation::default()
        }
    }

    /// Where the keys file is looked for first: where the study file lies.
    pub(super) fn folder(&self) -> PathBuf {
        folder_of(&self.path())
    }

    /// It works with a wrong keys file too.
    pub(super) const fn examines(&self) -> bool {
        matches!(self.command, Command::Init(_) | Command::Doctor(_))
    }

    /// It finishes what is being written, and says what is done.
    pub(super) const fn ends_by_itself(&self) -> bool {
        matches!(self.command, Command::Sync(_))
    }
}

pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    if context.demo.is_some() {
        return Err(Usage::new(
            "a study has no demo: the stand-in is one person",
            "leave out --demo; fitbit-hr study init begins one",
        )
        .into());
    }
    let path = args.path();
    match &args.command {
        Command::Init(args) => init::run(args, &path, context),
        Command::Enrol(args) => enrol::run(args, &Study::open(&path, context)?, context).await,
        Command::Sync(args) => sync::run(args, &Study::open(&path, context)?, context).await,
        Command::Status(args) => status::run(args, &Study::open(&path, context)?, context).await,
        Command::Withdraw(args) => {
            withdraw::run(args, &Study::open(&path, context)?, context).await
        }
        Command::Doctor(args) => doctor::run(args, &path, context).await,
    }
}
