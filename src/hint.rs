//! What to do next, as a value. Who fails names a command or a setting by what it is for; the one place that prints says how
//! this run calls it: with its profile and its keys file, or by what a study has in its place.

use std::borrow::{Borrow, Cow};

type Text = Cow<'static, str>;

/// What to do next: words, commands to run, settings to change. Empty where nothing is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hint(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Words(Text),
    Command(Text),
    Setting(Setting),
}

/// What a person can name another place with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Where logins are kept.
    Logins,
    /// Where files go.
    Output,
    /// Where days are kept.
    Archive,
}

impl Hint {
    /// And these words.
    #[must_use]
    pub fn and(self, words: impl Into<Text>) -> Self {
        self.with(Part::Words(words.into()))
    }

    /// And the command that logs in.
    #[must_use]
    pub fn login(self) -> Self {
        self.command("login")
    }

    /// To add to the login what these extracts need.
    #[must_use]
    pub fn add_to_login(extracts: &[impl Borrow<str>]) -> Self {
        Self::from("add it to the login: ")
            .command(format!("login --extract {}", extracts.join(",")))
    }

    /// And a command, by the words after the program's name.
    #[must_use]
    pub fn command(self, words: impl Into<Text>) -> Self {
        self.with(Part::Command(words.into()))
    }

    /// And the name of a setting.
    #[must_use]
    pub fn setting(self, setting: Setting) -> Self {
        self.with(Part::Setting(setting))
    }

    fn with(mut self, part: Part) -> Self {
        self.0.push(part);
        self
    }

    /// In one line, in the words of a run.
    #[must_use]
    pub fn said(&self, run: &Invocation) -> String {
        let said = self.0.iter().map(|part| match part {
            Part::Words(words) => words.to_string(),
            Part::Command(words) => run.command(words),
            Part::Setting(setting) => run.setting(*setting).to_owned(),
        });
        said.collect()
    }
}

impl From<&'static str> for Hint {
    fn from(words: &'static str) -> Self {
        Self::default().and(words)
    }
}

impl From<String> for Hint {
    fn from(words: String) -> Self {
        Self::default().and(words)
    }
}

/// How this run was called, as far as a command that a person is told to run has to be called so, too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invocation {
    /// The options that choose a login, each with a blank before it: ` --profile alice`.
    pub options: String,
    /// Those that choose where files go, which no login needs.
    pub output: String,
    /// It was the stand-in's.
    pub demo: bool,
    /// It is about a study.
    pub study: bool,
}

impl Invocation {
    /// A command, by the words after the program's name. A login goes where no files go, a schedule is none of a demo's, and a
    /// study has commands of its own.
    #[must_use]
    pub fn command(&self, words: &str) -> String {
        let name = words.split(' ').next().unwrap_or_default();
        let words = match name {
            "login" if self.study => Cow::from("study enrol ID"),
            "sync" | "status" | "doctor" if self.study => format!("study {name}").into(),
            _ => words.into(),
        };
        let demo = if self.demo && name != "schedule" {
            " --demo"
        } else {
            ""
        };
        let output = if name == "login" { "" } else { &self.output };
        format!("fitbit-hr{demo} {words}{}{output}", self.options)
    }

    const fn setting(&self, setting: Setting) -> &'static str {
        match (self.study, setting) {
            (false, Setting::Logins) => "FITBIT_HR_STATE_DIR",
            (false, Setting::Output) => "-o or --output-dir",
            (false, Setting::Archive) => "'archive' in the keys file",
            (true, Setting::Logins) => "'tokens' in study.toml",
            (true, Setting::Output | Setting::Archive) => "'store' in study.toml",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_said_in_the_words_of_the_run() {
        let hint = Hint::from("run ")
            .command("login --extract sleep")
            .and(", then ")
            .command("sync")
            .and("; logins are where ")
            .setting(Setting::Logins)
            .and(" says, days where ")
            .setting(Setting::Archive);
        let alone = Invocation {
            options: " --profile alice".to_owned(),
            output: " --output-dir x".to_owned(),
            ..Invocation::default()
        };
        assert_eq!(
            hint.said(&alone),
            "run fitbit-hr login --extract sleep --profile alice, then fitbit-hr sync --profile alice --output-dir x; \
             logins are where FITBIT_HR_STATE_DIR says, days where 'archive' in the keys file"
        );
        let study = Invocation {
            options: " --study a.toml".to_owned(),
            study: true,
            ..Invocation::default()
        };
        assert_eq!(
            hint.said(&study),
            "run fitbit-hr study enrol ID --study a.toml, then fitbit-hr study sync --study a.toml; \
             logins are where 'tokens' in study.toml says, days where 'store' in study.toml"
        );
        let demo = Invocation {
            demo: true,
            ..Invocation::default()
        };
        for (words, command) in [
            ("sync", "fitbit-hr --demo sync"),
            ("schedule install", "fitbit-hr schedule install"),
        ] {
            assert_eq!(demo.command(words), command);
        }
    }
}
