//! How far a long run is: a bar on a terminal, elsewhere a line now and then.

use super::Console;
use crate::clock;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long a line of progress stands before the next one may follow, where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

impl Console {
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
    fn a_progress_line_names_rate_and_time_left() {
        let line = progress_line("sync", "days", 120, 365, Duration::from_secs(30));
        assert_eq!(line, "sync: 120/365 days, 4.0 days/s, 61 s left");
    }
}
