//! `fitbit-hr setup`: from nothing to the first day on disk. What is done is recognised and passed over, so that it may be left
//! at any point and run again. The steps are data in [`steps`]; the downloaded file is [`client`]'s.

mod client;
mod steps;

use super::context::Context;
use super::login_flow::LoginOptions;
use super::{doctor, extract};
use crate::error::Error;
use crate::oauth::{self, Store};
use std::io::BufRead;
use std::path::{Path, PathBuf};
use steps::{Done, Reached, Step};

const EXAMPLES: &str = "\
Examples:
  fitbit-hr setup                            from nothing to the first day
  fitbit-hr setup --print                    every step, to read
  fitbit-hr setup --client FILE              with the file from the console
  fitbit-hr --demo setup                     all of it against the stand-in";

/// Options of `setup`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The client file of the Google console [default: the newest `client_secret*.json` among the downloads]
    #[arg(long, value_name = "FILE")]
    client: Option<PathBuf>,
    /// Print addresses instead of opening pages, and take the login's answer on standard input
    #[arg(long)]
    no_browser: bool,
    /// Print every step and do nothing
    #[arg(long)]
    print: bool,
}

pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    if args.print {
        let all = steps::text(steps::left(Reached::default()));
        return Ok(context.console.data(format!("{all}\n").as_bytes())?);
    }
    if context.demo.is_some() {
        tour(context).await?;
        return finish(args, context).await;
    }
    let mut reached = reached(context)?;
    if args.client.is_some() || !reached.client {
        reached.client |= find_client(args, context, reached.client).await?;
    }
    let can_go_on = reached.client && (reached.login || context.is_interactive());
    if !can_go_on {
        return Err(not_here(context, reached));
    }
    // The keys file may be new.
    let renewed = Context {
        renewals: context.renewals.clone(),
        ..Context::new(
            context.global.clone(),
            context.environment.clone(),
            std::sync::Arc::clone(&context.console),
            std::path::Path::new(""),
            false,
        )?
    };
    finish(args, &renewed).await
}

fn reached(context: &Context) -> Result<Reached, Error> {
    let client = context.settings.client().is_ok();
    let token = Store::new(context.settings.token_path()).read()?;
    let login = token.is_some_and(|token| client && context.takes(&token).is_ok());
    Ok(Reached { client, login })
}

/// Nobody sits here who could be asked.
fn not_here(context: &Context, reached: Reached) -> Error {
    let left = steps::text(steps::left(reached));
    context.console.ask(&format!("{left}\n"));
    oauth::Error::NotLoggedIn {
        command: format!("fitbit-hr setup{}", context.options_to_repeat()),
        remark: "the steps above are left, and nobody sits at a terminal".to_owned(),
    }
    .into()
}

/// Finds the client file, or leads to it; whether there is a client then.
async fn find_client(args: &Args, context: &Context, is_there: bool) -> Result<bool, Error> {
    let Some(folder) = context.environment.config_dir.clone() else {
        return Ok(is_there);
    };
    let found = args
        .client
        .clone()
        .or_else(|| client::newest(&context.environment.downloads));
    if let Some(path) = found {
        put_in_place(&path, &folder, context)?;
        return Ok(true);
    }
    if !context.is_interactive() {
        return Ok(false);
    }
    let console_steps = steps::left(Reached::default()).filter(|(_, step)| step.is_console());
    for (number, step) in console_steps {
        walk(number, step, args, context).await?;
    }
    loop {
        let typed = ask(context, "Enter when the file is downloaded, or its path: ").await?;
        let typed = Some(typed)
            .filter(|path| !path.is_empty())
            .map(PathBuf::from);
        let Some(path) = typed.or_else(|| client::newest(&context.environment.downloads)) else {
            let folders = context.environment.downloads.iter();
            let folders: Vec<_> = folders.map(|folder| folder.display().to_string()).collect();
            let folders = folders.join(" or ");
            context
                .console
                .say(&format!("no client_secret*.json in {folders}"));
            continue;
        };
        match put_in_place(&path, &folder, context) {
            Ok(()) => return Ok(true),
            Err(error) => context.console.error(&error),
        }
    }
}

fn put_in_place(path: &Path, folder: &Path, context: &Context) -> Result<(), Error> {
    let placed = client::place(path, folder)?;
    let console = &context.console;
    console.say(&format!("the client is in {}", placed.client.display()));
    if *path != placed.client {
        console.say(&format!("the download can go: rm '{}'", path.display()));
    }
    match placed.keys {
        Some(keys) => console.say(&format!("the settings are in {}", keys.display())),
        None => console.say("the keys file that is there stays as it is"),
    }
    Ok(())
}

/// Shows a step, and opens its page when Enter is pressed.
async fn walk(number: usize, step: &Step, args: &Args, context: &Context) -> Result<(), Error> {
    context.console.ask(&format!("\n{}", step.text(number)));
    let opens = !args.no_browser && context.demo.is_none();
    let prompt = if opens {
        "   Enter opens the page, s skips it: "
    } else {
        "   Enter goes on: "
    };
    let typed = ask(context, prompt).await?;
    if let Some(page) = step.page().filter(|_| opens && typed != "s") {
        // A text browser holds the caller until it is left; the address stands above.
        std::thread::spawn(move || webbrowser::open(page));
    }
    Ok(())
}

/// The steps in the console as they would be, for somebody who only looks.
async fn tour(context: &Context) -> Result<(), Error> {
    if !context.is_interactive() {
        return Ok(());
    }
    let args = Args {
        client: None,
        no_browser: true,
        print: false,
    };
    let console_steps = steps::left(Reached::default()).filter(|(_, step)| step.is_console());
    for (number, step) in console_steps {
        walk(number, step, &args, context).await?;
    }
    context
        .console
        .say("\nthe demo has its client already; nothing was written for it");
    Ok(())
}

/// Logs in, proves all that can go wrong, and fetches yesterday.
async fn finish(args: &Args, context: &Context) -> Result<(), Error> {
    let door = context.door()?;
    let stored = door.store.read()?;
    if stored.is_some_and(|token| context.takes(&token).is_ok()) {
        context.console.say("logged in already");
    } else {
        let reached = Reached {
            client: true,
            login: false,
        };
        for (number, step) in steps::left(reached).filter(|(_, step)| step.done == Done::Login) {
            context.console.ask(&format!("\n{}", step.text(number)));
        }
        let options = LoginOptions {
            no_browser: args.no_browser,
            ..LoginOptions::default()
        };
        context.log_in(&door, options).await?;
        context.console.say("logged in");
    }
    doctor::prove(context).await?;
    Box::pin(extract::run(&extract::Args::yesterday(), context)).await?;
    let demo = if context.demo.is_some() {
        " --demo"
    } else {
        ""
    };
    let again = context.options_to_repeat();
    context.console.say("\nWhat next:");
    for (command, what) in [
        (
            format!("fitbit-hr{demo} sync{again}"),
            "all the years there are",
        ),
        (format!("fitbit-hr{demo} plot yesterday{again}"), "see it"),
        (
            format!("fitbit-hr schedule install{again}"),
            "every day by itself",
        ),
    ] {
        context.console.say(&format!("  {command:<34} {what}"));
    }
    Ok(())
}

/// A line that is typed.
async fn ask(context: &Context, prompt: &str) -> Result<String, Error> {
    context.console.prompt(prompt);
    let typed = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        let count = std::io::stdin().lock().read_line(&mut line).unwrap_or(0);
        (count > 0).then(|| line.trim().to_owned())
    })
    .await
    .expect("reading a line does not panic");
    typed.ok_or_else(|| not_here(context, Reached::default()))
}
