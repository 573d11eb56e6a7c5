//! The one module that prints. Data and the `--json` object go to stdout, everything for people to stderr.

mod bar;
mod words;

use crate::exit::{Exit, Explain};
use crate::hint::{Hint, Invocation};
use bar::Bar;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// When colours are used.
#[allow(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Prints what clap has to say: help and version on stdout, a wrong command line on stderr.
///
/// # Errors
/// Fails when stdout takes no more; a closed pipe is nobody's fault.
pub fn command_line(error: &clap::Error) -> Result<(), StdoutError> {
    StdoutError::unless_closed(error.print())
}

/// What the command line and the terminals say about printing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// `-q`: errors and warnings only.
    pub quiet: bool,
    /// How many `-v`.
    pub verbose: u8,
    /// Standard error shows colours.
    pub color: bool,
    /// Standard error is a terminal, so progress may move.
    pub terminal: bool,
}

impl Style {
    /// Decides whether stderr is coloured.
    #[must_use]
    pub fn colored(color: Color, terminal: bool, no_color: bool, dumb: bool) -> bool {
        match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !no_color && !dumb,
        }
    }
}

/// The door to stdout and stderr.
#[derive(Debug, Default)]
pub struct Console {
    style: Style,
    /// The bar on the screen, if any: lines are printed above it.
    bar: Mutex<Option<Bar>>,
    /// How the run was called, for commands that a person is told to run.
    run: Invocation,
}

/// The output could not be written to stdout.
#[derive(Debug)]
pub struct StdoutError(io::Error);

impl Explain for StdoutError {
    fn what(&self) -> String {
        "could not write to standard output".to_owned()
    }
    fn why(&self) -> String {
        self.0.to_string()
    }
    fn hint(&self) -> Hint {
        "send the output to a place with free space".into()
    }
    fn exit(&self) -> Exit {
        Exit::Io
    }
}

impl StdoutError {
    /// A closed pipe is not an error: whoever read has seen enough.
    ///
    /// # Errors
    /// Gives back every other fault.
    pub fn unless_closed(result: io::Result<()>) -> Result<(), Self> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Self(error)),
            Ok(()) => Ok(()),
        }
    }
}

const RED: &str = "31;1";
const YELLOW: &str = "33;1";
const CYAN: &str = "36";
const DIM: &str = "2";

impl Console {
    /// A console in this style, of a run that was called so.
    #[must_use]
    pub fn new(style: Style, run: Invocation) -> Self {
        Self {
            style,
            bar: Mutex::new(None),
            run,
        }
    }

    /// How it prints.
    #[must_use]
    pub fn style(&self) -> Style {
        self.style
    }

    /// How the run was called.
    #[must_use]
    pub fn run(&self) -> &Invocation {
        &self.run
    }

    /// `text` in an SGR colour on a coloured terminal, else as it is.
    #[must_use]
    pub fn paint(&self, sgr: &str, text: &str) -> String {
        if self.style.color {
            format!("\u{1b}[{sgr}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn line(&self, text: &str) {
        let print = || {
            // A stderr that is gone leaves nobody to tell.
            let _ = writeln!(io::stderr().lock(), "{text}");
        };
        match self.bar().as_ref() {
            Some(bar) => bar.above(print),
            None => print(),
        }
    }

    fn bar(&self) -> MutexGuard<'_, Option<Bar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something a person wants to know; silent with `-q`.
    pub fn say(&self, text: &str) {
        if !self.style.quiet {
            self.line(text);
        }
    }

    /// A remark that changes nothing about the result; silent with `-q`.
    pub fn note(&self, text: &str) {
        self.say(&format!("{} {text}", self.paint(CYAN, "note:")));
    }

    /// Something a person should act on; printed with `-q` too.
    pub fn warn(&self, text: &str) {
        self.line(&format!("{} {text}", self.paint(YELLOW, "warning:")));
    }

    /// What a person has to read even with `-q`, such as an address to open.
    pub fn ask(&self, text: &str) {
        self.line(text);
    }

    /// Asks for a line, whose cursor stays behind the words.
    pub fn prompt(&self, text: &str) {
        let mut stderr = io::stderr().lock();
        // As with a line: a stderr that is gone leaves nobody to ask.
        let _ = write!(stderr, "{text}").and_then(|()| stderr.flush());
    }

    /// A detail for `-v` (level 1) and beyond.
    pub fn trace(&self, level: u8, text: &str) {
        if self.style.verbose >= level {
            self.line(&self.paint(DIM, text));
        }
    }

    /// An error in three lines at most.
    pub fn error(&self, error: &dyn Explain) {
        self.line(&format!("{} {}", self.paint(RED, "error:"), error.what()));
        for (label, text) in [
            ("why:", error.why()),
            ("next:", error.hint().said(&self.run)),
        ] {
            if !text.is_empty() {
                self.line(&format!("{:>6} {text}", self.paint(DIM, label)));
            }
        }
    }

    /// Writes data to stdout; a closed pipe ends it quietly.
    ///
    /// # Errors
    /// Fails when stdout takes no more, as on a full disk.
    pub fn data(&self, bytes: &[u8]) -> Result<(), StdoutError> {
        let mut out = self.stdout();
        StdoutError::unless_closed(out.write_all(bytes).and_then(|()| out.flush()))
    }

    /// Prints one JSON object on stdout.
    ///
    /// # Errors
    /// As [`Console::data`].
    pub fn json(&self, value: &serde_json::Value) -> Result<(), StdoutError> {
        self.data(format!("{value:#}\n").as_bytes())
    }

    /// Stdout itself, for formats that stream; see [`StdoutError::unless_closed`].
    #[must_use]
    pub fn stdout(&self) -> impl Write + Send + use<> {
        io::BufWriter::with_capacity(1 << 16, io::stdout())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_the_flag_then_the_surroundings() {
        for (color, terminal, no_color, dumb, expected) in [
            (Color::Auto, true, false, false, true),
            (Color::Auto, true, true, false, false),
            (Color::Auto, true, false, true, false),
            (Color::Auto, false, false, false, false),
            (Color::Always, false, true, true, true),
            (Color::Never, true, false, false, false),
        ] {
            assert_eq!(Style::colored(color, terminal, no_color, dumb), expected);
        }
    }

    #[test]
    fn a_closed_pipe_is_not_an_error_but_a_full_disk_is() {
        assert!(StdoutError::unless_closed(Err(io::ErrorKind::BrokenPipe.into())).is_ok());
        let error =
            StdoutError::unless_closed(Err(io::ErrorKind::StorageFull.into())).expect_err("full");
        assert_eq!(error.exit(), Exit::Io);
    }
}
