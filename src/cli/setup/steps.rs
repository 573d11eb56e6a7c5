//! The way from nothing to the first day, as data: what to do, where, and which steps are left. Pure.
//!
//! Source: Google's console as it was in November 2026.

use crate::hint::Invocation;

/// What one has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// What, in a few words.
    pub title: &'static str,
    /// How, in a sentence or two.
    pub how: &'static str,
    /// Where: a page, or a command by the words after the program's name.
    pub place: &'static str,
    /// When it is done.
    pub done: Done,
}

/// What shows that a step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// There is a client, which needs all of this.
    Client,
    /// There is a login.
    Login,
    /// There is a day.
    Day,
}

/// How far somebody has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reached {
    /// A client is configured.
    pub client: bool,
    /// A login is stored that a run would use.
    pub login: bool,
}

const PAGE: &str = "https://console.cloud.google.com";

pub(super) const STEPS: [Step; 9] = [
    Step {
        title: "Create a project",
        how: "Any name will do; it costs nothing and needs no billing.",
        place: "https://console.cloud.google.com/projectcreate",
        done: Done::Client,
    },
    Step {
        title: "Enable the Google Health API in it",
        how: "See that your project is chosen at the top, then press Enable.",
        place: "https://console.cloud.google.com/apis/library/health.googleapis.com",
        done: Done::Client,
    },
    Step {
        title: "Say who will use it",
        how: "Get started: any app name, your address, audience External.",
        place: "https://console.cloud.google.com/auth/overview",
        done: Done::Client,
    },
    Step {
        title: "Let yourself in, and publish",
        how: "Test users: add your own account. Then Publish app, so that a login lasts\nlonger than seven days; for yourself no verification is needed.",
        place: "https://console.cloud.google.com/auth/audience",
        done: Done::Client,
    },
    Step {
        title: "Name what may be read",
        how: "Add or remove scopes: filter by \"Google Health API\", tick every box that\nends in .readonly, press Update, then Save.",
        place: "https://console.cloud.google.com/auth/scopes",
        done: Done::Client,
    },
    Step {
        title: "Create a client and download it",
        how: "Create client, type Desktop app. Download JSON at once: the secret is shown\nonly now.",
        place: "https://console.cloud.google.com/auth/clients",
        done: Done::Client,
    },
    Step {
        title: "Let the device sync",
        how: "Open the Google Health app, signed in with the same account, until it synced.",
        place: "https://support.google.com/fitbit",
        done: Done::Login,
    },
    Step {
        title: "Log in",
        how: "At \"Google hasn't verified this app\": Advanced, Continue. Tick every box.",
        place: "login",
        done: Done::Login,
    },
    Step {
        title: "Fetch yesterday",
        how: "It writes hr.json and hr.csv.",
        place: "yesterday",
        done: Done::Day,
    },
];

/// Errors on pages of Google's that never lead back here, each with what mends it.
const DEAD_ENDS: [(&str, &str); 5] = [
    ("access_denied", "step 4: add yourself as a test user"),
    ("org_internal", "step 3: audience External"),
    (
        "admin_policy_enforced",
        "your organisation forbids it: use a private account",
    ),
    ("redirect_uri_mismatch", "step 6: type Desktop app"),
    (
        "invalid_scope",
        "step 2: enable the API in this very project",
    ),
];

/// The same as a text, for the log-in step.
pub(super) fn dead_ends() -> String {
    let lines = DEAD_ENDS.map(|(said, remedy)| format!("     {said:<23} {remedy}"));
    format!(
        "   If Google's page shows one of these, it does not come back: Ctrl-C, mend it.\n{}",
        lines.join("\n")
    )
}

impl Step {
    /// The place is a page for a browser.
    pub fn page(&self) -> Option<&'static str> {
        self.place.starts_with("https://").then_some(self.place)
    }

    /// The step has a page of the console.
    pub fn is_console(&self) -> bool {
        self.place.starts_with(PAGE)
    }

    /// `3. Title`, then how and where beneath it.
    pub fn text(&self, number: usize, run: &Invocation) -> String {
        let place = self
            .page()
            .map_or_else(|| run.command(self.place), str::to_owned);
        format!("{}\n   {place}", self.how_text(number))
    }

    /// Without the place, for the step that is being done.
    pub fn how_text(&self, number: usize) -> String {
        let how = self.how.replace('\n', "\n   ");
        format!("{number}. {}\n   {how}", self.title)
    }
}

/// The steps that are left, each with its number.
pub(super) fn left(reached: Reached) -> impl Iterator<Item = (usize, &'static Step)> {
    let is_left = move |step: &Step| match step.done {
        Done::Client => !reached.client,
        Done::Login => !reached.login,
        Done::Day => true,
    };
    (1..).zip(&STEPS).filter(move |(_, step)| is_left(step))
}

/// All of these as a text.
pub(super) fn text(
    steps: impl Iterator<Item = (usize, &'static Step)>,
    run: &Invocation,
) -> String {
    let texts: Vec<_> = steps.map(|(number, step)| step.text(number, run)).collect();
    texts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_is_passed_over() {
        for (client, login, numbers) in [
            (false, false, vec![1, 2, 3, 4, 5, 6, 7, 8, 9]),
            (true, false, vec![7, 8, 9]),
            (true, true, vec![9]),
        ] {
            let steps = left(Reached { client, login });
            assert_eq!(steps.map(|(number, _)| number).collect::<Vec<_>>(), numbers);
        }
    }

    #[test]
    fn a_step_fits_into_a_terminal() {
        let all = text(left(Reached::default()), &Invocation::default()) + "\n" + &dead_ends();
        assert!(all.lines().all(|line| line.chars().count() <= 80), "{all}");
        assert_eq!(STEPS.iter().filter(|step| step.is_console()).count(), 6);
    }
}
