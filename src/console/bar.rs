//! How far long work is: a bar on a terminal, elsewhere a line now and then.

use crate::clock;
use crate::progress::Work;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::time::{Duration, Instant};

/// How long a line of progress stands before the next one may follow, where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// A running display.
#[derive(Debug)]
pub(super) struct Bar {
    /// What moves on a terminal.
    shown: Option<ProgressBar>,
    work: Work,
    message: String,
    done: u64,
    total: u64,
    /// Days that were written.
    pub(super) kept: u64,
    started: Instant,
    printed: Instant,
}

/// Its name, and what is counted; `bytes` are shown as sizes.
const fn names(work: Work) -> (&'static str, &'static str) {
    match work {
        Work::Import => ("import", "bytes"),
        Work::Export => ("export", "files"),
        Work::Plot => ("plot", "days"),
        Work::Sync => ("sync", "days"),
        Work::Extracts => ("extracts", "days"),
        Work::Study => ("study", "participants"),
    }
}

impl Bar {
    pub(super) fn new(work: Work, total: u64, moves: bool) -> Self {
        let now = clock::monotonic();
        Self {
            shown: moves.then(|| shown(work, total)),
            work,
            message: String::new(),
            done: 0,
            total,
            kept: 0,
            started: now,
            printed: now,
        }
    }

    /// Prints something above it.
    pub(super) fn above(&self, print: impl FnOnce()) {
        match &self.shown {
            Some(shown) => shown.suspend(print),
            None => print(),
        }
    }

    /// Says what is in hand, behind the bar or the next line.
    pub(super) fn message(&mut self, text: String) {
        match &self.shown {
            Some(shown) => shown.set_message(text),
            None => self.message = text,
        }
    }

    /// Takes it off the screen.
    pub(super) fn clear(self) {
        if let Some(shown) = self.shown {
            shown.finish_and_clear();
        }
    }

    /// Counts `n` more as done; gives the line that is due, where no bar moves.
    pub(super) fn advance(&mut self, n: u64) -> Option<String> {
        self.done += n;
        if let Some(shown) = &self.shown {
            shown.inc(n);
            return None;
        }
        let now = clock::monotonic();
        // Nobody is there to read the lines of what runs by night.
        let by_night = matches!(self.work, Work::Sync | Work::Extracts | Work::Study);
        if by_night || now.duration_since(self.printed) < BETWEEN_LINES {
            return None;
        }
        self.printed = now;
        let elapsed = now.duration_since(self.started);
        let line = progress_line(self.work, self.done, self.total, elapsed);
        Some(match &*self.message {
            "" => line,
            message => format!("{line}, {message}"),
        })
    }
}

fn shown(work: Work, total: u64) -> ProgressBar {
    let (label, unit) = names(work);
    let counted = match unit {
        "bytes" => "{decimal_bytes}/{decimal_total_bytes}".to_owned(),
        unit => format!("{{pos}}/{{len}} {unit} {{rate}}"),
    };
    let template = format!("{{prefix}} [{{bar:24.cyan/dim}}] {counted} eta {{eta}} {{wide_msg}}");
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
    bar.set_prefix(label);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// `sync: 120/365 days, 4.1 days/s, 60 s left`.
fn progress_line(work: Work, done: u64, total: u64, elapsed: Duration) -> String {
    let (label, unit) = names(work);
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
        let line = progress_line(Work::Sync, 120, 365, Duration::from_secs(30));
        assert_eq!(line, "sync: 120/365 days, 4.0 days/s, 61 s left");
    }
}
