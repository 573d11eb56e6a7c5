//! What a run came to, and what a test may expect of it.

use serde_json::Value;
use std::time::Duration;

/// What a run came to. It has been searched for secrets.
#[derive(Debug)]
pub struct Output {
    /// The exit code; of a signal 128 and its number.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

impl Output {
    /// Panics unless it ended so; shows what it printed.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "{}\n--- stdout\n{}",
            self.stderr, self.stdout
        );
        self
    }

    /// Panics unless stderr has each of these.
    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(
                self.stderr.contains(part),
                "\"{part}\" is missing in:\n{}",
                self.stderr
            );
        }
        self
    }

    /// Panics if stderr has this.
    #[track_caller]
    pub fn never_says(self, part: &str) -> Self {
        assert!(
            !self.stderr.contains(part),
            "\"{part}\" is in:\n{}",
            self.stderr
        );
        self
    }

    /// Panics unless the error on stderr is a line that begins with `error:` and two more at most.
    #[track_caller]
    pub fn with_one_error(self) -> Self {
        let lines: Vec<_> = self
            .stderr
            .lines()
            .skip_while(|line| !line.starts_with("error: "))
            .collect();
        assert!(
            (1..=3).contains(&lines.len()),
            "not one error of three lines:\n{}",
            self.stderr
        );
        assert_eq!(self.stdout, "", "an error prints nothing on stdout");
        self
    }

    /// The one JSON object on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in:\n{}\n{}", self.stdout, self.stderr));
        assert!(value.is_object(), "{value}");
        value
    }
}
