//! `fitbit-hr study init`: a commented `study.toml`, where there is none.

use crate::cli::context::Context;
use crate::error::Error;
use crate::study;
use crate::study::settings::TEMPLATE;
use serde_json::json;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr study init            writes study.toml, if there is none
  fitbit-hr study init --print    to standard output, and nowhere else";

/// Options of `study init`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Print it instead
    #[arg(long)]
    print: bool,
}

pub fn run(args: &Args, path: &Path, context: &Context) -> Result<(), Error> {
    if args.print {
        return Ok(context.console.data(TEMPLATE.as_bytes())?);
    }
    let failed = |cause: std::io::Error| {
        let path = path.to_owned();
        if cause.kind() == ErrorKind::AlreadyExists {
            return Error::Study(study::Error::Exists(path));
        }
        Error::File(crate::atomic_file::Error::Create { path, cause })
    };
    let mut file = File::create_new(path).map_err(failed)?;
    file.write_all(TEMPLATE.as_bytes()).map_err(failed)?;
    let name = path.display();
    context.console.say(&format!(
        "wrote {name}; say there where the data go, then: {}",
        context.command("study enrol ID")
    ));
    if context.global.json {
        context.console.json(&json!({"study": name.to_string()}))?;
    }
    Ok(())
}
