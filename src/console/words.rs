//! What happens in long work, in words for a person.

use super::Console;
use super::bar::Bar;
use crate::numerals::counted;
use crate::progress::{Event, Listen, Work};
use chrono::TimeDelta;
use std::time::Duration;

impl Listen for Console {
    fn hear(&self, event: Event<'_>) {
        match event {
            Event::Begins(work, total) => {
                let moves = self.style.terminal && !self.style.quiet;
                *self.bar() = Some(Bar::new(work, total, moves));
            }
            Event::Ends => {
                if let Some(bar) = self.bar().take() {
                    bar.clear();
                }
            }
            Event::Advances(n) => {
                let line = self.bar().as_mut().and_then(|bar| bar.advance(n));
                if let Some(line) = line {
                    self.say(&line);
                }
            }
            Event::At(what) => self.message(|_| what.to_string()),
            Event::RestLeft(left) => self.message(|_| format!("rest {}", countdown(left))),
            Event::Keeps(day) => self.message(|bar| {
                bar.kept += 1;
                format!("{}, {day}", counted(bar.kept, "day"))
            }),
            Event::Rests(who, why, length) => self.say(&format!(
                "{who} wants a rest ({why}): going on in {}",
                countdown(length)
            )),
            Event::WaitsFor(Work::Import) => {
                self.note("another import works on this archive; waiting until it is done");
            }
            Event::WaitsFor(_) => {
                self.note("another sync of this archive is running; waiting for it to finish");
            }
            Event::ClockLags(lag) => self.warn(&wrong_clock(lag)),
            Event::Answers {
                method,
                place,
                query,
                status,
                bytes,
                took,
            } => {
                let took = took.as_millis();
                let line = format!("{method} {place} -> {status}, {bytes} bytes, {took} ms");
                self.trace(1, &line);
                if let Some(query) = query {
                    self.trace(2, &format!("  ?{query}"));
                }
            }
            Event::Retries(after, pause) => {
                let pause = pause.as_secs_f64();
                self.trace(1, &format!("  {after}; again in {pause:.1} s"));
            }
        }
    }
}

impl Console {
    fn message(&self, text: impl FnOnce(&mut Bar) -> String) {
        if let Some(bar) = self.bar().as_mut() {
            let text = text(bar);
            bar.message(text);
        }
    }
}

fn wrong_clock(lag: TimeDelta) -> String {
    let hours = (lag.abs() + TimeDelta::minutes(30))
        .num_hours()
        .unsigned_abs();
    let length = match (hours + 12) / 24 {
        0 => counted(hours, "hour"),
        days => counted(days, "day"),
    };
    let side = if lag > TimeDelta::zero() {
        "behind"
    } else {
        "ahead of"
    };
    format!("this machine's clock is {length} {side} the service's, which is used; set the clock")
}

/// `12:05`, `1:00:00`.
fn countdown(left: Duration) -> String {
    let seconds = left.as_secs();
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_is_read_at_a_glance() {
        assert_eq!(
            [5, 65, 3600].map(|s| countdown(Duration::from_secs(s))),
            ["0:05", "1:05", "1:00:00"]
        );
    }
}
