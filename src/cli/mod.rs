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
mod sync;
mod when;

pub use context::Context;

use crate::archive::parquet_file::guard::is_decoding;
use crate::atomic_file;
use crate::console::{self, Color, Console, Style};
use crate::environment::Environment;
use crate::error::{Error, Usage};
use crate::exit::{Exit, Explain};
use clap::{ArgAction, CommandFactory, Parser, Subcommand};
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
#[command(name = "fitbit-hr", version, after_help = EXAMPLES, subcommand_precedence_over_arg = true,
    override_usage = "fitbit-hr [OPTIONS] [DATE] [DETAIL]\n       fitbit-hr [OPTIONS] <COMMAND>", max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(flatten)]
    extract: extract::Args,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command understands.
#[allow(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Global {
    /// Keys file [default: $FITBIT_HR_KEYS, ./keys.toml, then the configuration folder]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub keys: Option<PathBuf>,
    /// Whose login, settings and archive to use
    #[arg(long, global = true, value_name = "NAME", value_parser = profile_name, help_heading = "Global options")]
    pub profile: Option<String>,
    /// Where files go [default: fitbit_data, with --demo demo_data]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        help_heading = "Global options"
    )]
    pub output_dir: Option<PathBuf>,
    /// Run against an embedded stand-in service: no account, made-up heart rate
    #[arg(long, global = true, help_heading = "Global options")]
    pub demo: bool,
    /// Like --demo, with a real browser on the stand-in's consent page
    #[arg(long, global = true, help_heading = "Global options")]
    pub demo_browser: bool,
    /// Print one JSON object about the run on standard output
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
    /// Print errors and warnings only
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub quiet: bool,
    /// Print more; repeat for still more
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Global options")]
    pub verbose: u8,
    /// Use colours
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        help_heading = "Global options"
    )]
    pub color: Color,
}

impl Global {
    /// The options to repeat in a command that a person is told to run.
    fn options_to_repeat(&self) -> String {
        let keys = self.keys.as_ref();
        let keys = keys.map(|path| format!(" --keys {}", path.display()));
        let profile = self.profile.as_ref();
        let profile = profile.map(|name| format!(" --profile {name}"));
        [keys, profile].into_iter().flatten().collect()
    }
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
    /// Check keys, login, clock, port, time zone and service
    Doctor(doctor::Args),
    /// Print a script that completes commands, options and dates in a shell
    Completions(completions::Args),
    /// Print the manual page
    Man(man::Args),
}

/// A profile's name becomes part of file names.
fn profile_name(text: &str) -> Result<String, String> {
    let fits = !text.is_empty()
        && text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if fits {
        Ok(text.to_owned())
    } else {
        Err("use letters, digits, '-', '_' and '.', beginning with a letter or digit".to_owned())
    }
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
    let color = Style::colored(
        cli.global.color,
        environment.stderr_terminal,
        environment.no_color,
        environment.dumb_terminal,
    );
    let console = Arc::new(Console::new(Style {
        quiet: cli.global.quiet,
        verbose: cli.global.verbose,
        color,
        terminal: environment.stderr_terminal && !environment.dumb_terminal,
    }));
    // The default hook's message is for developers; ours says what a user can do.
    panic::set_hook(Box::new({
        let console = Arc::clone(&console);
        move |info| {
            if is_decoding() {
                return;
            }
            if info.payload_as_str().is_some_and(is_out_of_handles) {
                console.error(&OutOfHandles);
                return;
            }
            console.error(&Bug(info
                .location()
                .map(ToString::to_string)
                .unwrap_or_default()));
        }
    }));
    let options = cli.global.options_to_repeat();
    let run = AssertUnwindSafe(|| run(cli, environment, &console));
    let exit = match panic::catch_unwind(run) {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(error)) => {
            console.error(&OfThisRun {
                error: &error,
                options: &options,
            });
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
        Some(
            Command::Doctor(_) | Command::Setup(_) | Command::Completions(_) | Command::Man(_)
        )
    );
    // A sync finishes the days that are being written, and says what is done.
    let ends_by_itself = matches!(cli.command, Some(Command::Sync(_)));
    let context = Context::new(cli.global, environment, Arc::clone(console), examines)?;
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
        Some(Command::Doctor(args)) => doctor::run(&args, context).await,
        Some(Command::Completions(args)) => completions::run(&args, context),
        Some(Command::Man(args)) => man::run(&args, context),
    }
}

/// An error whose hint names the login of this run, not that of another profile or keys file.
struct OfThisRun<'a> {
    error: &'a Error,
    options: &'a str,
}

impl Explain for OfThisRun<'_> {
    fn what(&self) -> String {
        self.error.what()
    }
    fn why(&self) -> String {
        self.error.why()
    }
    fn hint(&self) -> String {
        let (hint, login) = (self.error.hint(), "fitbit-hr login");
        if self.options.is_empty() || hint.contains(self.options) {
            return hint;
        }
        hint.replace(login, &format!("{login}{}", self.options))
    }
    fn exit(&self) -> Exit {
        self.error.exit()
    }
}

/// The event loop panics where it gets no file handle; that is no bug of anybody's.
fn is_out_of_handles(panic: &str) -> bool {
    panic.contains("Too many open files")
}

/// Too few file handles to begin with.
struct OutOfHandles;

impl Explain for OutOfHandles {
    fn what(&self) -> String {
        "could not start".to_owned()
    }
    fn why(&self) -> String {
        "too many open files".to_owned()
    }
    fn hint(&self) -> String {
        atomic_file::MORE_HANDLES.to_owned()
    }
    fn exit(&self) -> Exit {
        Exit::CannotCreate
    }
}

/// A panic, as a user sees it.
struct Bug(String);

impl Explain for Bug {
    fn what(&self) -> String {
        "could not go on because of a bug in fitbit-hr".to_owned()
    }
    fn why(&self) -> String {
        format!("an impossible state at {}", self.0)
    }
    fn hint(&self) -> String {
        "run it again with -v and report what it printed; files already finished are kept"
            .to_owned()
    }
    fn exit(&self) -> Exit {
        Exit::Bug
    }
}

/// Two options that exclude each other.
fn conflict(problem: &str, hint: &str) -> Error {
    Error::Usage(Usage::new(problem, hint))
}
