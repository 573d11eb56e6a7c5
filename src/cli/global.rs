//! The options that every command understands.

use crate::console::Color;
use clap::ArgAction;
use std::path::PathBuf;

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
    pub(super) fn options_to_repeat(&self) -> String {
        let keys = self.keys.as_ref();
        let keys = keys.map(|path| format!(" --keys {}", path.display()));
        let profile = self.profile.as_ref();
        let profile = profile.map(|name| format!(" --profile {name}"));
        [keys, profile].into_iter().flatten().collect()
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
