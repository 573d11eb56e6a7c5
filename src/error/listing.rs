//! One of every error, held against `docs/troubleshooting.md`: each kind stands there under its exit code with its remedy.

use crate::config::Provider;
use crate::exit::{Exit, Explain};
use crate::hint::{Hint, Invocation};
use crate::{
    archive, atomic_file, config, console, export, extract, import, live, oauth, plot, schedule,
    service, sync, takeout,
};

/// Samples of an enum; a kind without one does not compile. `of` are those that are another's and stand there.
macro_rules! every {
    ($type:ty; $($pattern:pat => $sample:expr),* $(,)?; of $of:pat) => {{
        #[allow(clippy::unnested_or_patterns, reason = "a line for each kind")]
        fn every_kind_is_named(error: &$type) {
            match error {
                $($pattern)|* | $of => {}
            }
        }
        let samples: Vec<$type> = vec![$($sample),*];
        samples.iter().for_each(every_kind_is_named);
        samples
            .into_iter()
            .map(|sample| Box::new(sample) as Box<dyn Explain>)
            .collect::<Vec<_>>()
    }};
    ($type:ty; $($pattern:pat => $sample:expr),* $(,)?) => {{
        #[allow(unreachable_patterns, reason = "two samples of one kind")]
        #[allow(clippy::unnested_or_patterns, reason = "a line for each kind")]
        fn every_kind_is_named(error: &$type) {
            match error {
                $($pattern)|* => {}
            }
        }
        let samples: Vec<$type> = vec![$($sample),*];
        samples.iter().for_each(every_kind_is_named);
        samples
            .into_iter()
            .map(|sample| Box::new(sample) as Box<dyn Explain>)
            .collect::<Vec<_>>()
    }};
}

mod samples;
mod study;

use samples::{denied, full, path, text};

fn of_config() -> Vec<Box<dyn Explain>> {
    use config::Error as E;
    every!(E;
        E::NoClient { .. } => E::NoClient { keys_file: None, looked_in: vec![path("keys.toml")] },
        E::Unreadable { .. } => E::Unreadable { path: path("keys.toml"), cause: denied() },
        E::Syntax { .. } => E::Syntax { path: path("keys.toml"), line: 3, problem: text("unknown field `client`") },
        E::Value { .. } => E::value(&path("keys.toml"), "timezone", "there is no such time zone", "write it like \"America/New_York\""),
        E::ClientFile { .. } => E::ClientFile { path: path("client_secret.json"), problem: text("it is a service account's key") },
        E::Download { .. } => E::Download { path: path("client_secret.json"), problem: text("it is a web client without a redirect URL on this machine") },
    )
}

fn of_login() -> Vec<Box<dyn Explain>> {
    use oauth::Error as E;
    let provider = Provider::GOOGLE;
    let redirect_url = || text("http://127.0.0.1:8080/");
    let after = std::time::Duration::from_mins(5);
    every!(E;
        E::NotLoggedIn { .. } => E::NotLoggedIn { command: "login", remark: String::new() },
        E::Ended { .. } => E::Ended { provider, said: text("invalid_grant") },
        E::Refused { .. } => E::Refused { provider, said: text("access_denied") },
        E::CodeRejected { .. } => E::CodeRejected { said: text("invalid_grant") },
        E::ScopeMissing { .. } => E::ScopeMissing { missing: vec![text("health_metrics_and_measurements.readonly")] },
        E::InputEnded => E::InputEnded,
        E::TimedOut { foreign: false, .. } => E::TimedOut { after, redirect_url: redirect_url(), provider, foreign: false },
        E::TimedOut { foreign: true, .. } => E::TimedOut { after, redirect_url: redirect_url(), provider, foreign: true },
        E::PortTaken { .. } => E::PortTaken { redirect_url: redirect_url(), cause: text("another program uses port 8080") },
        E::WrongClient { .. } => E::WrongClient { provider, said: text("invalid_client") },
        E::Protocol { .. } => E::Protocol { problem: text("the token endpoint redirected elsewhere (status 302)") },
        E::Undecodable { .. } => E::Undecodable { provider, problem: text("the answer of the token endpoint is not a token") },
        E::Unavailable { temporary: false, .. } => E::Unavailable { provider, cause: text("status 503"), temporary: false, come_back_in: None, remedy: None },
        E::Unavailable { temporary: true, .. } => E::Unavailable { provider, cause: text("status 429"), temporary: true, come_back_in: None, remedy: None },
        E::SwitchedOff { .. } => E::SwitchedOff { sign: text("status 410") },
        E::Damaged { .. } => E::Damaged { path: path("google-default.json"), problem: text("line 1, column 1: it is not a token file") },
        E::Newer { .. } => E::Newer { path: path("google-default.json") },
        E::Locked { .. } => E::Locked { path: path("google-default.lock"), holder: Some(4711) },
        E::NotInPlace { .. } => E::NotInPlace { path: path("google-default.json"), kept: Some(path("google-default.json.new")), cause: text("No space left on device") },
        E::OtherClient => E::OtherClient,
        E::OtherOrigin { .. } => E::OtherOrigin { endpoint: "api", made_at: Some(text("https://health.googleapis.com")), named: text("https://elsewhere.example") },
        E::Policy { .. } => E::Policy { said: text("admin_policy_enforced") },
        E::NotRevoked { .. } => E::NotRevoked { provider, cause: Box::new(E::WrongClient { provider, said: text("invalid_client") }) },
        E::State(_) => oauth::StateProblem::new(oauth::Step::Create, &path("/state"), denied()).into(),
        E::State(_) => oauth::StateProblem::new(oauth::Step::Write, &path("/state"), full()).into(),
    )
}

fn of_service() -> Vec<Box<dyn Explain>> {
    use service::Error as E;
    let provider = Provider::GOOGLE;
    let mut all = every!(E;
        E::Unreachable { .. } => E::Unreachable { provider, cause: text("no address for health.googleapis.com"), remedy: None },
        E::Down { .. } => E::Down { provider, said: text("status 503"), come_back_at: None },
        E::RateLimited { .. } => E::RateLimited { provider, come_back_at: None, wait: None };
        of E::SwitchedOff { .. } | E::Undecodable { .. } | E::Refused { .. } | E::Login(_)
    );
    all.push(Box::new(E::Undecodable {
        provider,
        problem: text("a web page instead of data"),
    }));
    all.extend(of_refusals());
    all.extend(of_series());
    all
}

fn of_refusals() -> Vec<Box<dyn Explain>> {
    use service::Refusal as R;
    let mut all: Vec<Box<dyn Explain>> = Vec::new();
    let refusals = [
        R::TokenRejected,
        R::ScopeMissing(None),
        R::AccountNotLinked(None),
        R::NoProfile,
        R::ServiceDisabled(None),
        R::ProjectDenied,
        R::ConsentStale,
        R::LegacyAccount,
        R::NotPersonal,
        R::Forbidden,
        R::Unsupported,
        R::BadRequest,
        R::Definition(text("my_altitude")),
    ];
    for reason in refusals {
        let said = match &reason {
            // A kind that is new has to be put among those above.
            R::TokenRejected => "status 401",
            R::ScopeMissing(_) => "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            R::NoProfile => "status 412",
            R::ProjectDenied => "USER_PROJECT_DENIED",
            R::LegacyAccount => "the account is a legacy one",
            R::AccountNotLinked(_)
            | R::ServiceDisabled(_)
            | R::ConsentStale
            | R::NotPersonal
            | R::Forbidden
            | R::Unsupported
            | R::BadRequest
            | R::Definition(_) => "status 4xx",
        };
        let said = text(said);
        all.push(Box::new(service::Error::Refused {
            provider: Provider::GOOGLE,
            reason,
            said,
        }));
    }
    all
}

fn of_series() -> Vec<Box<dyn Explain>> {
    use live::SeriesError as S;
    let refused = service::Error::Refused {
        provider: Provider::GOOGLE,
        reason: service::Refusal::ScopeMissing(Some(text("sleep.readonly"))),
        said: String::new(),
    };
    let faults = extract::faults::Faults {
        points: 1440,
        unreadable: 700,
    };
    every!(S;
        S::Refused(_) => S::Refused(vec![(text("sleep"), refused)]),
        S::Unreadable { .. } => S::Unreadable { name: text("steps"), faults, is_own: false },
        S::NeverMet { .. } => S::NeverMet { name: text("my_altitude"), members: vec![text("gain.mm")] },
    )
}

fn of_archive() -> Vec<Box<dyn Explain>> {
    use archive::Refused as R;
    use archive::{Error as E, Fault as F};
    let file = || path("fitbit_data/archive/heart_rate/.../2026-06-01.parquet");
    let mut all = every!(E;
        E::Read { .. } => E::Read { path: path("fitbit_data/archive"), cause: denied() },
        E::Lock { .. } => E::Lock { path: path("fitbit_data/archive/.fitbit-hr.lock"), cause: denied() },
        E::Unreadable { fault: F::Newer, .. } => E::Unreadable { path: file(), fault: F::Newer },
        E::Unreadable { fault: F::Foreign(_), .. } => E::Unreadable { path: file(), fault: F::Foreign(text("it lacks the column bpm")) },
        E::Unreadable { fault: F::Damaged(_), .. } => E::Unreadable { path: file(), fault: F::Damaged(text("its end is missing")) },
        E::Encode(_) => E::Encode(text("a column of another length"));
        of E::Write(_) | E::Refused(_) | E::Objects(_)
    );
    all.extend(every!(R;
        R::OtherPerson(_) => R::OtherPerson(path("fitbit_data/archive")),
        R::SeveralPeople => R::SeveralPeople,
        R::Real(_) => R::Real(path("fitbit_data")),
        R::MadeUp(_) => R::MadeUp(path("demo_data")),
        R::Hidden(_) => R::Hidden(path("demo_data/archive")),
    ));
    all
}

fn of_sync() -> Vec<Box<dyn Explain>> {
    use sync::Error as E;
    let day = || chrono::NaiveDate::from_ymd_opt(2026, 6, 1).unwrap_or_default();
    let down = service::Error::Down {
        provider: Provider::GOOGLE,
        said: text("status 503"),
        come_back_at: None,
    };
    every!(E;
        E::Busy => E::Busy,
        E::Newer => E::Newer,
        E::HalfWay { .. } => E::HalfWay { cause: down, done: 12, left: 30 },
        E::Short(_) => E::Short(vec![day()]),
        E::Days { .. } => E::Days { days: vec![day()], why: text("a point without a time"), exit: Exit::Data };
        of E::Service(_) | E::Archive(_) | E::Extracts { .. }
    )
}

fn of_files() -> Vec<Box<dyn Explain>> {
    use atomic_file::Error as A;
    use export::Error as X;
    let mut all = every!(A;
        A::Create { .. } => A::Create { path: path("fitbit_data/hr.csv"), cause: denied() },
        A::Write { .. } => A::Write { path: path("fitbit_data/hr.csv"), cause: full() },
    );
    all.extend(every!(X;
        X::NeedsFile(_) => X::NeedsFile("parquet"),
        X::Open { .. } => X::Open { path: path("all.csv"), cause: denied() },
        X::Write { .. } => X::Write { path: path("all.csv"), cause: text("No space left on device") },
        X::NotOurs { .. } => X::NotOurs { path: path("heart.sqlite"), cause: text("file is not a database") },
        X::Busy { .. } => X::Busy { path: path("heart.sqlite"), cause: text("database is locked") },
        X::Interrupted => X::Interrupted;
        of X::Archive(_) | X::File(_) | X::Stdout(_)
    ));
    if let Err(error) = console::StdoutError::unless_closed(Err(full())) {
        all.push(Box::new(error));
    }
    all.push(Box::new(plot::Error(text("a picture of no size"))));
    all
}

fn of_import() -> Vec<Box<dyn Explain>> {
    use import::Error as E;
    let refusal = takeout::input::Refusal {
        offset: None,
        problem: text("its checksum is wrong"),
        remedy: takeout::input::Remedy::Download,
    };
    let first = || Box::new(import::Skip::file("takeout-1.zip", refusal.clone()));
    every!(E;
        E::Unreadable { .. } => E::Unreadable { path: path("takeout-1.zip"), cause: denied() },
        E::NothingFound { .. } => E::NothingFound { path: path("takeout-1.zip"), paths: 1, foreign: 12 },
        E::Skipped { .. } => E::Skipped { files: 1, records: 0, others: true, absent: false, first: first() };
        of E::Archive(_)
    )
}

fn of_schedule() -> Vec<Box<dyn Explain>> {
    use schedule::Error as E;
    every!(E;
        E::Remove { .. } => E::Remove { path: path("fitbit-hr.timer"), cause: denied() },
        E::Command { .. } => E::Command { command: text("systemctl --user daemon-reload"), cause: text("Failed to connect to bus") },
        E::Unwritable { .. } => E::Unwritable { word: text("/home/me/50%"), why: text("cron takes a % for the end of the line") },
        E::ClientNotInKeys => E::ClientNotInKeys,
        E::Unproven { .. } => E::Unproven { says: text("nobody is logged in"), remedy: Hint::default().login(), exit: Exit::Login };
        of E::File(_)
    )
}

fn all() -> Vec<Box<dyn Explain>> {
    let mut all = of_config();
    all.extend(of_login());
    all.extend(of_service());
    all.extend(of_archive());
    all.extend(of_sync());
    all.extend(of_files());
    all.extend(of_import());
    all.extend(of_schedule());
    all.extend(study::of_study());
    all.extend(study::of_objects());
    all.push(Box::new(super::Unwell {
        exit: Exit::Config,
        failed: 2,
        command: "doctor",
    }));
    all.push(Box::new(super::Usage::new(
        "2017-02-30: there is no such date",
        "give a day like 2017-06-01, today or yesterday",
    )));
    all.push(Box::new(super::Interrupted));
    all
}

/// As it stands in the page.
fn entry(error: &dyn Explain) -> String {
    let why = error.why();
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(": {why}")
    };
    let hint = error.hint().said(&Invocation::default());
    let hint = if hint.is_empty() {
        text("nothing is to be done")
    } else {
        hint
    };
    format!("- **{}**{why}  \n  {hint}", error.what().replace('\n', " "))
}

const HEADINGS: [(Exit, &str); 12] = [
    (Exit::Usage, "2: the command line"),
    (Exit::Data, "65: something could not be decoded"),
    (Exit::NoInput, "66: an input is missing or unreadable"),
    (
        Exit::Unavailable,
        "69: the service is down, switched off or out of reach",
    ),
    (Exit::Bug, "70: a bug in this program"),
    (Exit::CannotCreate, "73: an output cannot be created"),
    (Exit::Io, "74: an output could not be written"),
    (Exit::Temporary, "75: temporary"),
    (Exit::Protocol, "76: the login protocol was violated"),
    (
        Exit::Login,
        "77: a login is needed, was refused or revoked, or lacks a scope",
    ),
    (
        Exit::Config,
        "78: the keys file or the login's file is missing or wrong",
    ),
    (Exit::Interrupted, "130: Ctrl-C"),
];

/// The list under a heading.
fn list(errors: &[Box<dyn Explain>], exit: Exit) -> String {
    let of_code = errors.iter().filter(|error| error.exit() == exit);
    let entries: Vec<_> = of_code.map(|error| entry(&**error)).collect();
    entries.join("\n")
}

#[test]
fn the_page_has_every_error_under_its_code_with_its_remedy() {
    let errors = all();
    let page = include_str!("../../docs/troubleshooting.md");
    let meant = HEADINGS.map(|(exit, heading)| (heading, list(&errors, exit)));
    let shown = |heading: &str| {
        let part = page.split("\n## ").find(|part| part.starts_with(heading))?;
        let begins = part.find("\n- **").map_or(part.len(), |at| at + 1);
        Some(part[begins..].trim_end().to_owned())
    };
    let is_there = |(heading, list): &(&str, String)| shown(heading).as_ref() == Some(list);
    let all_lists: Vec<_> = meant
        .iter()
        .map(|(heading, list)| format!("## {heading}\n\n{list}\n"))
        .collect();
    assert!(
        meant.iter().all(is_there),
        "the lists of docs/troubleshooting.md are to be:\n{}",
        all_lists.join("\n")
    );
    #[expect(clippy::borrowed_box, reason = "what a filter over boxes gives")]
    let headed = |error: &&Box<dyn Explain>| HEADINGS.iter().any(|(exit, _)| *exit == error.exit());
    assert_eq!(errors.iter().filter(headed).count(), errors.len());
}

#[test]
fn every_error_says_what_and_what_to_do_in_one_line_each() {
    for error in all() {
        let (what, hint) = (error.what(), error.hint().said(&Invocation::default()));
        assert!(
            !what.contains('\n') && !hint.contains('\n'),
            "{what}: {hint}"
        );
        assert!(
            !hint.is_empty() || error.exit() == Exit::Interrupted,
            "{what} has no remedy"
        );
    }
}
