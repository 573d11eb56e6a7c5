//! `fitbit-hr completions`: a script by which a shell completes commands, options, dates, profiles and extracts.

use super::context::Context;
use crate::error::Error;
use crate::extract::Shape;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap_complete::Generator;
use std::fs;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr completions bash >> ~/.bash_completion
  fitbit-hr completions zsh > ~/.zfunc/_fitbit-hr
  fitbit-hr completions fish > ~/.config/fish/completions/fitbit-hr.fish
  fitbit-hr completions powershell >> $PROFILE
  fitbit-hr completions elvish > ~/.config/elvish/lib/fitbit-hr.elv
  fitbit-hr completions nushell > fitbit-hr.nu

For zsh ~/.zfunc must be in fpath. The profiles are those that the keys file has
when the script is made.";

/// Options of `completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Which shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

/// The shells that can be taught.
#[allow(clippy::enum_variant_names, reason = "it is PowerShell's own name")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// GNU Bash.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
    /// `PowerShell`.
    #[value(name = "powershell")]
    PowerShell,
    /// Elvish.
    Elvish,
    /// Nushell.
    Nushell,
}

pub fn run(args: &Args, definition: clap::Command, context: &Context) -> Result<(), Error> {
    let script = script(args.shell, definition, &Known::of(context));
    Ok(context.console.data(&script)?)
}

/// What only the keys file knows.
#[derive(Debug, Default)]
pub struct Known {
    /// Its profiles.
    pub profiles: Vec<String>,
    /// Every extract, its own among them.
    pub extracts: Vec<String>,
    /// Those of sessions.
    pub sessions: Vec<String>,
}

impl Known {
    fn of(context: &Context) -> Self {
        let catalogue = &context.settings.catalogue;
        let sessions = catalogue.all().filter(|one| one.shape == Shape::Sessions);
        Self {
            profiles: profiles(context),
            extracts: catalogue.names().map(str::to_owned).collect(),
            sessions: sessions.map(|one| one.name.clone()).collect(),
        }
    }

    /// One name, or all.
    fn lists(&self) -> Vec<String> {
        self.extracts
            .iter()
            .cloned()
            .chain(["all".to_owned()])
            .collect()
    }

    fn values(values: &[String]) -> Option<Vec<PossibleValue>> {
        let values = values.iter().cloned().map(PossibleValue::new);
        Some(values.collect()).filter(|values: &Vec<_>| !values.is_empty())
    }
}

/// The profiles of the keys file; none where it cannot be read, which is for other commands to say.
fn profiles(context: &Context) -> Vec<String> {
    let text = context.settings.keys_file.as_ref().map(fs::read_to_string);
    text.and_then(Result::ok)
        .map_or_else(Vec::new, |text| profiles_of(&text))
}

fn profiles_of(keys: &str) -> Vec<String> {
    let table: toml::Table = keys.parse().unwrap_or_default();
    let profiles = table.get("profile").and_then(toml::Value::as_table);
    profiles.map_or_else(Vec::new, |profiles| profiles.keys().cloned().collect())
}

/// The script of a shell for a command line.
#[must_use]
pub fn script(shell: Shell, command: clap::Command, known: &Known) -> Vec<u8> {
    let mut command = with_values(command, known);
    let mut script = Vec::new();
    match shell {
        Shell::Bash => {
            generate(clap_complete::Shell::Bash, &mut command, &mut script);
            script = with_one_name(&script, command.get_name());
        }
        Shell::Zsh => generate(clap_complete::Shell::Zsh, &mut command, &mut script),
        Shell::Fish => generate(clap_complete::Shell::Fish, &mut command, &mut script),
        Shell::PowerShell => generate(clap_complete::Shell::PowerShell, &mut command, &mut script),
        Shell::Elvish => generate(clap_complete::Shell::Elvish, &mut command, &mut script),
        Shell::Nushell => generate(clap_complete_nushell::Nushell, &mut command, &mut script),
    }
    script
}

fn generate(shell: impl Generator, command: &mut clap::Command, script: &mut Vec<u8>) {
    let name = command.get_name().to_owned();
    clap_complete::generate(shell, command, name, script);
}

/// The generator for bash spells a program's dash in two ways, `__` where it finds the command and `__subcmd__` where it
/// looks its options up, so that it would never find them (`clap_complete` 4.6.11).
fn with_one_name(script: &[u8], name: &str) -> Vec<u8> {
    let (sought, found) = (name.replace('-', "__subcmd__"), name.replace('-', "__"));
    String::from_utf8_lossy(script)
        .replace(&sought, &found)
        .into_bytes()
}

/// Tells the generators what values there are where the parser alone knows: names of days, details, profiles, extracts.
fn with_values(command: clap::Command, known: &Known) -> clap::Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|inner| inner.get_name().to_owned())
        .collect();
    let command = command.mut_args(|arg| {
        let Some(values) = values(&arg, known) else {
            return arg;
        };
        arg.value_parser(PossibleValuesParser::new(values))
    });
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |inner| with_values(inner, known))
    })
}

fn values(arg: &clap::Arg, known: &Known) -> Option<Vec<PossibleValue>> {
    if !arg.get_possible_values().is_empty() {
        return None;
    }
    let name = arg.get_value_names()?.first()?;
    let owned = |values: &[&'static str]| values.iter().copied().map(PossibleValue::new).collect();
    match name.as_str() {
        "DATE" => Some(owned(&["today", "yesterday"])),
        "DETAIL" => Some(owned(
            &crate::day::Detail::ALL.map(crate::day::Detail::name),
        )),
        "NAME" if arg.get_long() == Some("profile") => Known::values(&known.profiles),
        "NAME" if arg.get_id() == "extract_name" => Known::values(&known.extracts),
        "LIST" if arg.get_long() == Some("extract") => Known::values(&known.lists()),
        "EXTRACT" => Known::values(&known.sessions),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELLS: [Shell; 6] = [
        Shell::Bash,
        Shell::Zsh,
        Shell::Fish,
        Shell::PowerShell,
        Shell::Elvish,
        Shell::Nushell,
    ];

    fn all(shell: Shell) -> String {
        let known = Known {
            profiles: vec!["alice".to_owned(), "bob".to_owned()],
            extracts: vec!["sleep".to_owned(), "my_altitude".to_owned()],
            sessions: vec!["sleep".to_owned(), "my_outings".to_owned()],
        };
        let script = script(shell, super::super::definition(), &known);
        String::from_utf8(script).expect("UTF-8")
    }

    /// Every command and every long option below it.
    fn words(command: &clap::Command) -> Vec<String> {
        let options = command.get_arguments().filter(|arg| !arg.is_hide_set());
        let mut words: Vec<String> = options
            .filter_map(|arg| arg.get_long().map(str::to_owned))
            .collect();
        for inner in command
            .get_subcommands()
            .filter(|inner| !inner.is_hide_set())
        {
            words.push(inner.get_name().to_owned());
            words.extend(self::words(inner));
        }
        words
    }

    #[test]
    fn every_shell_learns_every_command_and_option() {
        let words = words(&super::super::definition());
        assert!(words.iter().any(|word| word == "plot"));
        for shell in SHELLS {
            let script = all(shell);
            for word in &words {
                assert!(script.contains(word.as_str()), "{shell:?} misses {word}");
            }
        }
    }

    #[test]
    fn dates_details_and_profiles_are_completed() {
        for shell in SHELLS {
            let script = all(shell);
            for value in ["today", "yesterday", "15min", "alice", "bob"] {
                // The generator for Elvish completes commands and options only.
                let can = !matches!(shell, Shell::Elvish | Shell::PowerShell);
                assert!(!can || script.contains(value), "{shell:?} misses {value}");
            }
        }
    }

    #[test]
    fn names_of_extracts_are_completed() {
        // The other generators offer nothing for what stands without an option's name.
        for shell in [Shell::Bash, Shell::Zsh] {
            for name in ["my_altitude", "my_outings"] {
                assert!(all(shell).contains(name), "{shell:?} misses {name}");
            }
        }
    }

    #[test]
    fn profiles_come_from_the_keys_file() {
        let keys = "client_id = \"x\"\n[profile.alice]\n[profile.bob]\ntimezone = \"UTC\"\n";
        assert_eq!(profiles_of(keys), ["alice", "bob"]);
        assert!(profiles_of("not toml [").is_empty());
    }
}
