//! `fitbit-hr setup`: from nothing to the first day on disk. What is done is recognised and passed over, so that it may be left
//! at any point and run again. The steps are data in [`steps`]; the downloaded file is [`client`]'s, the keys file [`keys`]'.

mod client;
mod keys;
mod steps;

use super::context::Context;
use super::login_flow::LoginOptions;
use super::{doctor, extract};
use crate::config::{self, Overrides, Settings};
use crate::error::Error;
use crate::oauth::{self, Store, Token, scopes};
use crate::service;
use crate::tasks::blocking;
use client::{ConfigFiles, Download};
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
        let all = steps::text(steps::left(Reached::default()), context.console.run());
        let text = format!("{all}\n\n{}\n", steps::dead_ends());
        return Ok(context.console.data(text.as_bytes())?);
    }
    if context.demo.is_some() {
        tour(context).await?;
        return finish(args, context).await;
    }
    let mut reached = reached(context)?;
    if args.client.is_some() || !reached.client {
        reached.client = find_client(args, context, reached.client).await?;
    }
    // The keys file may be new.
    let renewed = Context {
        renewals: context.renewals.clone(),
        ..Context::new(
            context.global.clone(),
            context.environment.clone(),
            std::sync::Arc::clone(&context.console),
            Path::new(""),
            !reached.client,
        )?
    };
    reached.login = reached.client && has_login(&renewed)?;
    if !reached.client || !(reached.login || context.is_interactive()) {
        return Err(not_here(context, reached));
    }
    finish(args, &renewed).await
}

/// How far somebody has come.
///
/// # Errors
/// Fails on a keys file that is wrong in another way than having no client.
fn reached(context: &Context) -> Result<Reached, Error> {
    let client = match Settings::load(&overrides(context), &context.environment) {
        Ok(settings) => settings.client().is_ok(),
        Err(config::Error::ClientFile { .. }) => false,
        Err(config::Error::Value { field, .. }) if field.starts_with("client") => false,
        Err(config::Error::Unreadable { cause, .. })
            if cause.kind() == std::io::ErrorKind::NotFound =>
        {
            false
        }
        Err(error) => return Err(error.into()),
    };
    let login = client && has_login(context)?;
    Ok(Reached { client, login })
}

fn overrides(context: &Context) -> Overrides {
    Overrides {
        keys: context.global.keys.clone(),
        profile: context.global.profile.clone(),
        output_dir: context.global.output_dir.clone(),
        folder: PathBuf::new(),
    }
}

/// A login is stored that can be used: this client's, not ended, with the box that nothing works without.
fn has_login(context: &Context) -> Result<bool, Error> {
    let provider = context.settings.provider;
    let is_whole = |token: &Token| {
        let missing = scopes::missing(provider, &token.scopes);
        let lasts = token.login_expires_at.is_none_or(|end| end > context.now);
        lasts && !missing.iter().any(|scope| scope.needed)
    };
    let token = Store::new(context.settings.token_path()).read()?;
    Ok(token.is_some_and(|token| context.takes(&token).is_ok() && is_whole(&token)))
}

/// Nobody sits here who could be asked.
fn not_here(context: &Context, reached: Reached) -> Error {
    let left = steps::text(steps::left(reached), context.console.run());
    context.console.ask(&format!("{left}\n"));
    oauth::Error::NotLoggedIn {
        command: "setup",
        remark: "the steps above are left, and nobody sits at a terminal".to_owned(),
    }
    .into()
}

/// Finds the client file, or leads to it; whether there is a client then.
async fn find_client(args: &Args, context: &Context, is_there: bool) -> Result<bool, Error> {
    let Some(folder) = context.environment.config_dir.clone() else {
        return Ok(is_there);
    };
    if let Some(path) = &args.client {
        put_in_place(path, &folder, context)?;
        return Ok(true);
    }
    if let Some(path) = client::newest(&context.environment.downloads) {
        match put_in_place(&path, &folder, context) {
            Ok(()) => return Ok(true),
            // Nobody named that file: what is wrong with it is said, and the steps lead to the right one.
            Err(error) => context.console.error(&error),
        }
    }
    if !context.is_interactive() {
        return Ok(false);
    }
    context.console.ask(&format!(
        "From nothing to your first day: nine steps, about ten minutes, once.\nCtrl-C leaves at any point, and {} goes on from there.",
        context.command("setup")
    ));
    let console_steps = steps::left(Reached::default()).filter(|(_, step)| step.is_console());
    for (number, step) in console_steps {
        walk(number, step, args, context).await?;
    }
    loop {
        let typed = ask(context, "\nEnter when it is downloaded, or its path: ").await?;
        let home = context.environment.home.as_deref();
        let typed = (!typed.is_empty()).then(|| client::typed_path(&typed, home));
        let Some(path) = typed.or_else(|| client::newest(&context.environment.downloads)) else {
            let folders = context.environment.downloads.iter();
            let folders: Vec<_> = folders.map(|folder| folder.display().to_string()).collect();
            let folders = folders.join(" or ");
            context.console.ask(&format!(
                "no client_secret*.json in {folders}; drag the file into this window for its path"
            ));
            continue;
        };
        match put_in_place(&path, &folder, context) {
            Ok(()) => return Ok(true),
            Err(error) => context.console.error(&error),
        }
    }
}

fn put_in_place(path: &Path, folder: &Path, context: &Context) -> Result<(), Error> {
    let download = Download::look(path)?;
    let console = &context.console;
    let settings = Settings::load(&overrides(context), &context.environment).ok();
    let is_configured = |settings: &Settings| {
        let client = settings.configured_client.as_ref();
        client.is_some_and(|client| {
            client.id == download.file.id && client.secret == download.file.secret
        })
    };
    if settings.as_ref().is_some_and(is_configured) {
        console.say("this client is in its place already");
        return Ok(());
    }
    let keys = Settings::keys_file(&overrides(context), &context.environment);
    // A profile has a client of its own only beside another.
    let has_another = settings.is_some_and(|settings| settings.configured_client.is_some());
    let profile = context.settings.profile.clone().filter(|_| has_another);
    let place = ConfigFiles {
        folder: folder.to_owned(),
        keys: keys.unwrap_or_else(|| folder.join("keys.toml")),
        profile,
    };
    let placed = place.put(&download)?;
    let of = download.file.project.as_ref();
    let of = of.map_or_else(String::new, |name| format!(" of the project {name}"));
    console.say(&format!("the client{of} is in {}", placed.client.display()));
    if let Some(earlier) = &placed.earlier {
        console.say(&format!(
            "the one that was there is in {}",
            earlier.display()
        ));
    }
    let keys = place.keys.display();
    console.say(&if placed.was_there {
        format!("{keys} names it now; all else in it stays as it is")
    } else {
        format!("the settings are in {keys}")
    });
    if download.from.canonicalize().ok() != placed.client.canonicalize().ok() {
        let from = download.from.display();
        console.say(&format!("the download can go: rm '{from}'"));
    }
    Ok(())
}

/// Shows a step, and opens its page when Enter is pressed.
async fn walk(number: usize, step: &Step, args: &Args, context: &Context) -> Result<(), Error> {
    context
        .console
        .ask(&format!("\n{}", step.text(number, context.console.run())));
    let opens = !args.no_browser && context.demo.is_none();
    let prompt = if opens {
        "   Enter opens the page, s skips it: "
    } else {
        "   Enter goes on: "
    };
    let typed = ask(context, prompt).await?;
    if let Some(page) = step.page().filter(|_| opens && typed != "s") {
        let console = std::sync::Arc::clone(&context.console);
        // A text browser holds the caller until it is left; the address stands above.
        std::thread::spawn(move || {
            if webbrowser::open(page).is_err() {
                console.note(
                    "no browser could be opened; open the page above yourself, on any device",
                );
            }
        });
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
        .ask("\nthe demo has its client already; nothing was written for it");
    Ok(())
}

/// Logs in, proves all that can go wrong, and fetches yesterday.
async fn finish(args: &Args, context: &Context) -> Result<(), Error> {
    if has_login(context)? && still_stands(context).await? {
        context.console.say("logged in already");
    } else {
        log_in(args, context).await?;
    }
    doctor::prove(context).await?;
    let day = steps::STEPS.len();
    context
        .console
        .say(&format!("\n{}", steps::STEPS[day - 1].how_text(day)));
    Box::pin(extract::run(&extract::Args::yesterday(), context)).await?;
    what_next(context);
    Ok(())
}

/// The service still knows the stored login. Whatever else is wrong with it the proof finds.
async fn still_stands(context: &Context) -> Result<bool, Error> {
    if !context.is_interactive() {
        return Ok(true);
    }
    let service = match context.session().await {
        Ok(service) => service,
        Err(Error::Login(oauth::Error::Ended { .. })) => return Ok(false),
        Err(error) => return Err(error),
    };
    let ended =
        |error: &service::Error| matches!(error, service::Error::Login(oauth::Error::Ended { .. }));
    let known = match &service {
        crate::live::Service::Google(google) => google.identity().await.map(drop),
        crate::live::Service::Fitbit(fitbit) => fitbit.timezone().await.map(drop),
    };
    Ok(!known.is_err_and(|error| ended(&error)))
}

async fn log_in(args: &Args, context: &Context) -> Result<(), Error> {
    let reached = Reached {
        client: true,
        login: false,
    };
    for (number, step) in steps::left(reached).filter(|(_, step)| step.done == Done::Login) {
        let text = step.page().map_or_else(
            || step.how_text(number),
            |_| step.text(number, context.console.run()),
        );
        context.console.ask(&format!("\n{text}"));
    }
    if context.demo.is_none() {
        context.console.ask(&format!("{}\n", steps::dead_ends()));
    }
    if !context.is_interactive() && context.demo.is_none() {
        return Err(not_here(context, reached));
    }
    let options = LoginOptions {
        no_browser: args.no_browser,
        ..LoginOptions::default()
    };
    let extracts = context.extracts(None)?;
    let door = context.door_for(&extracts)?;
    context.log_in(&door, options).await?;
    context.console.say("logged in");
    Ok(())
}

fn what_next(context: &Context) {
    context.console.say("\nWhat next:");
    for (command, what) in [
        ("sync", "all the years there are"),
        ("plot yesterday", "see it"),
        ("schedule install", "every day by itself"),
    ] {
        let command = context.command(command);
        context.console.say(&format!("  {command:<34} {what}"));
    }
}

/// A line that is typed.
async fn ask(context: &Context, prompt: &str) -> Result<String, Error> {
    context.console.prompt(prompt);
    let typed = blocking(|| {
        let mut line = String::new();
        let count = std::io::stdin().lock().read_line(&mut line).unwrap_or(0);
        (count > 0).then(|| line.trim().to_owned())
    })
    .await;
    typed.ok_or_else(|| not_here(context, Reached::default()))
}
