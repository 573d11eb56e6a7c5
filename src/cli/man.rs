//! `fitbit-hr man`: the manual page, one for all commands, made from the same definition as the command line.

use super::context::Context;
use crate::error::Error;
use crate::extract::Catalogue;
use clap_mangen::Man;
use std::fmt::Write;
use std::io;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr man | man -l -                           read it
  fitbit-hr man > ~/.local/share/man/man1/fitbit-hr.1";

/// Options of `man`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

pub fn run(_: &Args, definition: clap::Command, context: &Context) -> Result<(), Error> {
    Ok(context.console.data(page(definition).as_bytes())?)
}

/// The page in roff.
#[must_use]
pub fn page(command: clap::Command) -> String {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let mut page = section(&command, |man, out| {
        man.render_title(out)?;
        man.render_name_section(out)?;
        man.render_synopsis_section(out)?;
        man.render_description_section(out)?;
        man.render_options_section(out)
    });
    page.push_str(&more(&command, "SH"));
    page.push_str(".SH COMMANDS\n");
    for inner in command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set())
    {
        push_command(&mut page, inner, &command);
    }
    push_extracts(&mut page);
    let version = command.get_version().unwrap_or_default();
    let _ = write!(page, ".SH VERSION\n{}\n", escape(version));
    page
}

/// Every extract of the program with its sentence.
fn push_extracts(page: &mut String) {
    page.push_str(".SH EXTRACTS\n");
    for definition in Catalogue::default().all() {
        let (name, help) = (escape(&definition.name), escape(&definition.help));
        let _ = write!(page, ".TP\n\\fB{name}\\fR\n{help}\n");
    }
}

/// A command as a part of the page, nested ones after it. `above` is the one that it belongs to.
fn push_command(page: &mut String, command: &clap::Command, above: &clap::Command) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let _ = writeln!(page, ".SS \"{}\"", escape(name));
    // What every command understands stands once, at the top, and what a group of them does with the group.
    let is_above = |arg: &clap::Arg| {
        let mut there = above.get_arguments();
        arg.is_global_set() && there.any(|known| known.get_id() == arg.get_id())
    };
    let own = command
        .clone()
        .mut_args(|arg| if is_above(&arg) { arg.hide(true) } else { arg });
    let text = section(&own, |man, out| {
        man.render_synopsis_section(out)?;
        man.render_description_section(out)?;
        man.render_options_section(out)
    });
    for line in text.lines() {
        match line
            .strip_prefix(".SH ")
            .map(|title| title.trim_matches('"'))
        {
            Some("SYNOPSIS" | "DESCRIPTION") => page.push_str(".PP\n"),
            Some(title) => {
                let _ = writeln!(page, ".PP\n\\fI{}\\fR", sentence(title));
            }
            // The library's preamble stands at the top of the page already.
            None if line.starts_with(".ie ") || line.starts_with(".el ") => {}
            None => {
                page.push_str(line);
                page.push('\n');
            }
        }
    }
    page.push_str(&more(command, "PP"));
    for inner in command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set())
    {
        push_command(page, inner, command);
    }
}

fn section(
    command: &clap::Command,
    render: impl Fn(&Man, &mut Vec<u8>) -> io::Result<()>,
) -> String {
    let mut out = Vec::new();
    // Nothing can fail: memory takes it all.
    let _ = render(&Man::new(command.clone()), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// What follows the options in `--help`, line by line as it stands there: examples are aligned.
fn more(command: &clap::Command, heading: &str) -> String {
    let Some(help) = command.get_after_help() else {
        return String::new();
    };
    let help = help.to_string();
    let (title, body) = match help.split_once(":\n") {
        Some((title, body)) if !title.contains('\n') => (title, body),
        _ => ("More", help.as_str()),
    };
    let mut text = match heading {
        "SH" => format!(".SH {}\n", title.to_uppercase()),
        _ => format!(".PP\n\\fI{title}\\fR\n"),
    };
    text.push_str(".PP\n.nf\n");
    for line in body.lines() {
        text.push_str(&escape(line));
        text.push('\n');
    }
    text.push_str(".fi\n");
    text
}

/// Text that roff takes for text.
fn escape(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) {
        format!("\\&{text}")
    } else {
        text
    }
}

/// `GLOBAL OPTIONS` as `Global options`.
fn sentence(title: &str) -> String {
    let lower = title.to_lowercase();
    let mut letters = lower.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_covers(page: &str, command: &clap::Command) {
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            if let Some(long) = arg.get_long() {
                let option = escape(&format!("--{long}"));
                assert!(page.contains(&option), "{} {option}", command.get_name());
            }
        }
        for inner in command
            .get_subcommands()
            .filter(|inner| !inner.is_hide_set())
        {
            let heading = format!(
                ".SS \"{}\"",
                escape(&format!("fitbit-hr {}", inner.get_name()))
            );
            let known = page.contains(&heading) || command.get_name() != "fitbit-hr";
            assert!(known, "no {heading}");
            assert_covers(page, inner);
        }
    }

    #[test]
    fn the_page_has_every_command_and_every_option() {
        let page = page(super::super::definition());
        assert!(page.contains(".TH fitbit-hr 1"), "{page}");
        assert_covers(&page, &super::super::definition());
    }

    #[test]
    fn examples_keep_their_lines() {
        let page = page(super::super::definition());
        let line = escape("  fitbit-hr plot 2017-06-01 -o day.svg");
        assert!(page.lines().any(|own| own.starts_with(&line)));
        assert_eq!(page.matches(".nf\n").count(), page.matches(".fi\n").count());
    }

    #[test]
    fn examples_fit_into_eighty_columns() {
        let definition = super::super::definition();
        for command in definition.get_subcommands().chain([&definition]) {
            let help = command.get_after_help().map(ToString::to_string);
            for line in help.unwrap_or_default().lines() {
                assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
            }
        }
    }

    #[test]
    fn text_is_not_taken_for_commands() {
        assert_eq!(escape(".x \\n --y"), "\\&.x \\en \\-\\-y");
    }
}
