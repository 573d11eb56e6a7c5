//! The command line: what can be typed, and which command it starts.

mod blocking;
mod completions;
mod context;
mod demo;
mod demo_files;
mod doctor;
mod export;
mod extract;
mod extracts;
mod failure;
mod global;
mod holdings;
mod hooks;
mod import;
mod live;
mod login;
mod login_flow;
mod logout;
mod man;
mod plot;
mod schedule;
mod setup;
mod signals;
mod status;
mod strip;
mod study;
mod sync;
mod typed;
mod when;

pub use context::Context;
pub use global::Global;

use crate::archive::parquet_file::guard::is_decoding;
use crate::atomic_file;
use crate::console::{self, Console, Style};
use crate::environment::Environment;
use crate::error::{Error, conflict};
use crate::exit::{Exit, Explain};
use clap::{CommandFactory, Parser, Subcommand};
use failure::{Bug, OutOfHandles, is_out_of_handles};
use std::ffi::OsString;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr --demo 2017-06-01 1min     try everything without an account
  fitbit-hr login                      log in once, in the browser
  fitbit-hr yesterday                  yesterday by the minute
  fitbit-hr 2017-06-01 1sec            a day as the device recorded it
  fitbit-hr --extract sleep,steps yesterday
                                       other series; extracts lists them
  fitbit-hr 2017-06-01 1sec --between 18:05 18:52
                                       a part of the day
  fitbit-hr 2017-06-01 1sec --during exercise
                                       a file for each workout
  fitbit-hr today --stdout csv         to standard output, and nowhere else
  fitbit-hr 2017-06-01 --json          what was done, for scripts

Exit codes: 0 done, 2 usage, 65 bad data, 66 no input, 69 service unavailable,
70 bug, 73/74 output, 75 try again later, 76 login protocol, 77 login needed,
78 keys or token file, 130 Ctrl-C.

The legacy Fitbit Web API was switched off on 2026-11-02; Google Health is its
successor.";

/// Takes your own heart rate out of Google Health, Fitbit and Takeout, into files you own.
///
/// Without a command: fetches one day and writes hr.json and hr.csv, or the files of other extracts.
#[derive(Debug, Parser)]
#[command(name = "fitbit-hr", bin_name = "fitbit-hr", version, after_help = EXAMPLES, subcommand_precedence_over_arg = true,
    override_usage = "fitbit-hr [OPTIONS] [DATE] [DETAIL]\n       fitbit-hr [OPTIONS] <COMMAND>", max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(flatten)]
    extract: extract::Args,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Log in once, in the browser
    Login(login::Args),
    /// End the login at the service, and delete it here
    Logout(logout::Args),
    /// Show the login, its expiry, and what is stored
    Status(status::Args),
    /// Bring the archive up to date: years of history, or last night's days
    Sync(sync::Args),
    /// Write days of the archive as a table, a database or a stream
    Export(export::Args),
    /// Draw a day, weeks or years
    Plot(plot::Args),
    /// A daily sync: systemd user timer, crontab line, launchd or Task Scheduler
    Schedule(schedule::Args),
    /// Import Takeout and account-export archives into the archive
    Import(import::Args),
    /// What can be extracted: columns, units, and what each needs
    Extracts(extracts::Args),
    /// From nothing to the first day, step by step
    Setup(setup::Args),
    /// Many participants, on many machines, in one data set
    Study(study::Args),
    /// Check keys, login, clock, port, time zone and service
    Doctor(doctor::Args),
    /// Print a script that completes commands, options and dates in a shell
    Completions(completions::Args),
    /// Print the manual page
    Man(man::Args),
}

/// The definition of the command line, for completions and the manual.
#[must_use]
pub fn definition() -> clap::Command {
    Cli::command()
}

/// Runs the program with these arguments, the first being its own name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let environment = Environment::read();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return print_usage(&error),
    };
    let console = Arc::new(console(&cli, &environment));
    explain_panics(&console);
    let run = AssertUnwindSafe(|| run(cli, environment, &console));
    let exit = match panic::catch_unwind(run) {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(error)) => {
            console.error(&error);
            if matches!(error, Error::Interrupted) {
                signals::exit()
            } else {
                error.exit()
            }
        }
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            if said.is_some_and(is_out_of_handles) {
                OutOfHandles.exit()
            } else {
                Exit::Bug
            }
        }
    };
    ExitCode::from(exit.code())
}

fn console(cli: &Cli, environment: &Environment) -> Console {
    let global = &cli.global;
    let run = match &cli.command {
        Some(Command::Study(args)) => args.invocation(global.invocation()),
        _ => global.invocation(),
    };
    let terminal = environment.stderr_terminal;
    let (no_color, dumb) = (environment.no_color, environment.dumb_terminal);
    let style = Style {
        quiet: global.quiet,
        verbose: global.verbose,
        color: Style::colored(global.color, terminal, no_color, dumb),
        terminal: terminal && !dumb,
    };
    Console::new(style, run)
}

/// The default hook's message is for developers; ours says what a user can do.
fn explain_panics(console: &Arc<Console>) {
    let console = Arc::clone(console);
    panic::set_hook(Box::new(move |info| {
        if is_decoding() {
            return;
        }
        if info.payload_as_str().is_some_and(is_out_of_handles) {
            console.error(&OutOfHandles);
            return;
        }
        let place = info.location().map(ToString::to_string);
        console.error(&Bug(place.unwrap_or_default()));
    }));
}

fn print_usage(error: &clap::Error) -> ExitCode {
    let printed = console::command_line(error);
    ExitCode::from(match printed {
        _ if error.use_stderr() => Exit::Usage.code(),
        Ok(()) => 0,
        Err(error) => error.exit().code(),
    })
}

fn run(cli: Cli, environment: Environment, console: &Arc<Console>) -> Result<(), Error> {
    if cli.command.is_some() {
        cli.extract.refuse_with_command()?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8)))
        .enable_all()
        .build()
        .map_err(|cause| atomic_file::Error::Create {
            path: PathBuf::from("the program's own event loop"),
            cause,
        })?;
    // These work with a wrong keys file too.
    let examines = matches!(
        cli.command,
        Some(Command::Doctor(_) | Command::Setup(_) | Command::Completions(_) | Command::Man(_))
    ) || matches!(&cli.command, Some(Command::Study(args)) if args.examines());
    // A sync finishes the days that are being written, and says what is done.
    let ends_by_itself = match &cli.command {
        Some(Command::Sync(_)) => true,
        Some(Command::Study(args)) => args.ends_by_itself(),
        _ => false,
    };
    let folder = match &cli.command {
        Some(Command::Study(args)) => args.folder(),
        _ => PathBuf::new(),
    };
    let console = Arc::clone(console);
    let context = Context::new(cli.global, environment, console, &folder, examines)?;
    let result = runtime.block_on(async {
        tokio::select! {
            // Asked first, so that Ctrl-C is heard from the first thing that a person sees.
            biased;
            () = context.asked_to_end(), if !ends_by_itself => Err(Error::Interrupted),
            result = dispatch(cli.command, cli.extract, &context) => result,
        }
    });
    // Another Ctrl-C does not wait.
    let _none_begins = runtime.block_on(async {
        tokio::select! {
            finished = context.renewals.finished() => Some(finished),
            () = context.asked_to_end() => None,
        }
    });
    // A thread that waits for stdin or for a lock must not hold the process.
    runtime.shutdown_background();
    result
}

async fn dispatch(
    command: Option<Command>,
    extract: extract::Args,
    context: &Context,
) -> Result<(), Error> {
    match command {
        None => extract::run(&extract, context).await,
        Some(Command::Login(args)) => login::run(&args, context).await,
        Some(Command::Logout(args)) => logout::run(&args, context).await,
        Some(Command::Status(args)) => status::run(&args, context).await,
        Some(Command::Sync(args)) => sync::run(&args, context).await,
        Some(Command::Export(args)) => export::run(&args, context).await,
        Some(Command::Plot(args)) => plot::run(&args, context).await,
        Some(Command::Schedule(args)) => schedule::run(&args, context),
        Some(Command::Import(args)) => import::run(args, context).await,
        Some(Command::Extracts(args)) => extracts::run(&args, context),
        Some(Command::Setup(args)) => Box::pin(setup::run(&args, context)).await,
        Some(Command::Study(args)) => Box::pin(study::run(&args, context)).await,
        Some(Command::Doctor(args)) => doctor::run(&args, context).await,
        Some(Command::Completions(args)) => completions::run(&args, definition(), context),
        Some(Command::Man(args)) => man::run(&args, definition(), context),
    }
}
