//! The options that every command understands.

use crate::console::Color;
use crate::hint::Invocation;
use clap::ArgAction;
use std::path::{Path, PathBuf};

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
    /// How a command has to be called that a person is told to run after this one.
    pub(super) fn invocation(&self) -> Invocation {
        let keys = self.keys.as_deref().map(|path| option("keys", path));
        let profile = self.profile.as_ref();
        let profile = profile.map(|name| format!(" --profile {name}"));
        let output = self.output_dir.as_deref();
        Invocation {
            options: [keys, profile].into_iter().flatten().collect(),
            output: output.map_or_else(String::new, |path| option("output-dir", path)),
            demo: self.demo || self.demo_browser,
            study: false,
        }
    }
}

/// An option with a path, as a shell takes it, and a blank before it.
pub(super) fn option(name: &str, path: &Path) -> String {
    let path = path.display().to_string();
    if path.contains(' ') {
        format!(" --{name} \"{path}\"")
    } else {
        format!(" --{name} {path}")
    }
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
