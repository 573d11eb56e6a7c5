//! The one module that prints. Data and the `--json` object go to stdout, everything for people to stderr.

mod style;

pub use style::{Color, Style};

use crate::clock;
use crate::exit::{Exit, Explain};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::io::{self, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long a line of progress stands before the next one may follow, where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// Prints what clap has to say: help and version on stdout, a wrong command line on stderr.
///
/// # Errors
/// Fails when stdout takes no more; a closed pipe is nobody's fault.
pub fn command_line(error: &clap::Error) -> Result<(), StdoutError> {
    StdoutError::unless_closed(error.print())
}

/// The door to stdout and stderr.
#[derive(Debug, Default)]
pub struct Console {
    style: Style,
    /// The bar on the screen, if any: lines are printed above it.
    bar: Mutex<Option<ProgressBar>>,
    /// Nothing is said.
    silent: bool,
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
    fn hint(&self) -> String {
        "send the output to a place with free space".to_owned()
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
    /// A console in this style.
    #[must_use]
    pub fn new(style: Style) -> Self {
        Self {
            style,
            bar: Mutex::new(None),
            silent: false,
        }
    }

    /// How it prints.
    #[must_use]
    pub fn style(&self) -> Style {
        self.style
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

    /// One that says nothing but what `-v` asks for: for work whose outcome is told in another way.
    #[must_use]
    pub fn silent(style: Style) -> Self {
        Self {
            silent: style.verbose == 0,
            ..Self::new(Style {
                quiet: true,
                terminal: false,
                ..style
            })
        }
    }

    fn line(&self, text: &str) {
        if self.silent {
            return;
        }
        let bar = self
            .bar
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let print = || {
            // A stderr that is gone leaves nobody to tell.
            let _ = writeln!(io::stderr().lock(), "{text}");
        };
        match bar.as_ref() {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
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
        for (label, text) in [("why:", error.why()), ("next:", error.hint())] {
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

    /// Begins a progress display: a bar on a terminal, elsewhere a line every few seconds at most.
    ///
    /// `unit` is what is counted (`days`); `bytes` are shown as sizes.
    pub fn progress(&self, label: &str, unit: &str, total: u64) -> Progress<'_> {
        let shown = self.style.terminal && !self.style.quiet;
        let bar = shown.then(|| {
            let counted = if unit == "bytes" {
                "{decimal_bytes}/{decimal_total_bytes}".to_owned()
            } else {
                format!("{{pos}}/{{len}} {unit} {{rate}}")
            };
            let template =
                format!("{{prefix}} [{{bar:24.cyan/dim}}] {counted} eta {{eta}} {{wide_msg}}");
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            bar.set_style(ProgressStyle::with_template(&template).map_or_else(
                |_| ProgressStyle::default_bar(),
                |style| {
                    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                        let _ = write!(out, "{:.1}/s", state.per_sec());
                    };
                    style.progress_chars("=> ").with_key("rate", rate)
                },
            ));
            bar.set_prefix(label.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        *self
            .bar
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = bar;
        Progress {
            console: self,
            label: label.to_owned(),
            unit: unit.to_owned(),
            state: Mutex::new(State {
                message: String::new(),
                done: 0,
                total,
                started: clock::monotonic(),
                printed: clock::monotonic(),
            }),
        }
    }
}

#[derive(Debug)]
struct State {
    message: String,
    done: u64,
    total: u64,
    started: Instant,
    printed: Instant,
}

/// A running display; dropping it clears the bar.
#[derive(Debug)]
pub struct Progress<'a> {
    console: &'a Console,
    label: String,
    unit: String,
    state: Mutex<State>,
}

impl Progress<'_> {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn bar(&self) -> Option<ProgressBar> {
        self.console
            .bar
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    /// Counts `n` more units as done.
    pub fn advance(&self, n: u64) {
        if let Some(bar) = self.bar() {
            bar.inc(n);
        }
        let line = {
            let mut state = self.state();
            state.done += n;
            let now = clock::monotonic();
            if self.console.style.terminal || now.duration_since(state.printed) < BETWEEN_LINES {
                return;
            }
            state.printed = now;
            let line = progress_line(
                &self.label,
                &self.unit,
                state.done,
                state.total,
                now.duration_since(state.started),
            );
            if state.message.is_empty() {
                line
            } else {
                format!("{line}, {}", state.message)
            }
        };
        self.console.say(&line);
    }

    /// Says what is in hand, behind the bar or the next line.
    pub fn message(&self, text: &str) {
        match self.bar() {
            Some(bar) => bar.set_message(text.to_owned()),
            None => text.clone_into(&mut self.state().message),
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(bar) = self
            .console
            .bar
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take()
        {
            bar.finish_and_clear();
        }
    }
}

/// `sync: 120/365 days, 4.1 days/s, 60 s left`.
fn progress_line(label: &str, unit: &str, done: u64, total: u64, elapsed: Duration) -> String {
    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = done as f64 / elapsed.as_secs_f64().max(0.001);
    #[allow(clippy::cast_precision_loss, reason = "an estimate for people")]
    let left = total.saturating_sub(done) as f64 / rate.max(0.001);
    if unit == "bytes" {
        #[allow(clippy::cast_precision_loss, reason = "a size for people")]
        let mib = |bytes: u64| bytes as f64 / 1_048_576.0;
        return format!(
            "{label}: {:.0}/{:.0} MiB, {:.0} MiB/s, {left:.0} s left",
            mib(done),
            mib(total),
            rate / 1_048_576.0
        );
    }
    format!("{label}: {done}/{total} {unit}, {rate:.1} {unit}/s, {left:.0} s left")
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

    #[test]
    fn a_progress_line_names_rate_and_time_left() {
        let line = progress_line("sync", "days", 120, 365, Duration::from_secs(30));
        assert_eq!(line, "sync: 120/365 days, 4.0 days/s, 61 s left");
    }
}
