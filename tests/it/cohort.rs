//! Many participants behind one service, each a world of its own with a login of its own: some who revoked it, some slow, some
//! without data, and quotas for each and for all.

pub use crate::files::below as files;
use crate::program::{GOOGLE_ID, Home, google_scopes};
use crate::server::{Reply, Request, Server};
use crate::world::{PLACES, World};
use chrono::{TimeDelta, Utc};
use fitbit_hr::zone::Tz;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// In every token, so that one is found wherever it should not be.
pub const MARK: &str = "cohort-secret-";

/// What is special about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Plain,
    /// The login was revoked.
    Revoked,
    /// Each answer takes its time.
    Slow,
    /// Never wore anything.
    Empty,
    /// Answers make no sense.
    Odd,
}

#[derive(Debug)]
struct Member {
    world: World,
    fate: Fate,
    calls: u64,
}

#[derive(Debug, Default)]
struct State {
    members: BTreeMap<String, Member>,
    calls: u64,
    /// One call in so many of somebody, and of all, is one too many.
    user_quota: Option<u64>,
    project_quota: Option<u64>,
    refreshed: u64,
    wrong_client: bool,
    revoked: Vec<String>,
}

/// The participants, shared with the threads that answer for them.
#[derive(Debug, Clone, Default)]
pub struct Cohort(Arc<Mutex<State>>);

/// `P007`.
pub fn name(number: usize) -> String {
    format!("P{number:03}")
}

impl Cohort {
    /// So many of them, with two days of a reading every ten minutes each; `fate` says what is special about whom.
    pub fn of(count: usize, fate: impl Fn(usize) -> Fate) -> Self {
        let member = |number: usize| {
            let mut world = World::plain("2026-06-01", 2, 600, Tz::of("America/New_York"));
            for beat in &mut world.beats {
                beat.bpm += u16::try_from(number % 60).expect("small");
            }
            let fate = fate(number);
            if fate == Fate::Empty {
                world.beats.clear();
                world.resting.clear();
            }
            let member = Member {
                world,
                fate,
                calls: 0,
            };
            (name(number), member)
        };
        let members = (1..=count).map(member).collect();
        let state = State {
            members,
            ..State::default()
        };
        Self(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call in so many is answered with 429.
    pub fn limited(self, user: u64, project: u64) -> Self {
        self.state().user_quota = Some(user);
        self.state().project_quota = Some(project);
        self
    }

    /// The service does not know the client.
    pub fn of_nobody(self) -> Self {
        self.state().wrong_client = true;
        self
    }

    /// How many logins were renewed.
    pub fn refreshed(&self) -> u64 {
        self.state().refreshed
    }

    /// Whose logins were revoked, in that order.
    pub fn revoked(&self) -> Vec<String> {
        self.state().revoked.clone()
    }

    /// How many calls came for somebody's data.
    pub fn calls(&self, id: &str) -> u64 {
        self.state().members[id].calls
    }

    /// Serves them on any number of calls.
    pub fn serve(&self, server: &Server) {
        for (method, path) in PLACES {
            let cohort = self.clone();
            server.any(method, path, move |request| cohort.answer(request));
        }
        server.any("GET", "/v4/users/me/identity", |request| {
            let who = Self::who(request);
            Reply::json(&json!({"healthUserId": who.map(|id| format!("account-{id}"))}))
        });
        let cohort = self.clone();
        server.any("POST", "/token", move |request| cohort.renewed(request));
        let cohort = self.clone();
        server.any("POST", "/revoke", move |request| {
            let token = request.field("token").unwrap_or_default();
            let id = token.rsplit('-').next().unwrap_or_default().to_owned();
            let mut state = cohort.state();
            if let Some(member) = state.members.get_mut(&id) {
                member.fate = Fate::Revoked;
            }
            state.revoked.push(id);
            Reply::json(&json!({}))
        });
    }

    fn who(request: &Request) -> Option<String> {
        let token = request.header("authorization")?;
        Some(token.rsplit('-').next()?.to_owned())
    }

    fn answer(&self, request: &Request) -> Reply {
        let id = Self::who(request).unwrap_or_default();
        let mut state = self.state();
        state.calls += 1;
        let (all, user_quota, project_quota) = (state.calls, state.user_quota, state.project_quota);
        let Some(member) = state.members.get_mut(&id) else {
            return Reply::status(401);
        };
        member.calls += 1;
        let is_over =
            |calls: u64, quota: Option<u64>| quota.is_some_and(|quota| calls.is_multiple_of(quota));
        if is_over(member.calls, user_quota) || is_over(all, project_quota) {
            return Reply::status(429).with("Retry-After", "0");
        }
        match member.fate {
            Fate::Revoked => Reply::status(401),
            Fate::Odd => Reply::html(200),
            Fate::Slow => member
                .world
                .answer(request)
                .after(Duration::from_millis(150)),
            Fate::Plain | Fate::Empty => member.world.answer(request),
        }
    }

    fn renewed(&self, request: &Request) -> Reply {
        let token = request.field("refresh_token").unwrap_or_default();
        let id = token.rsplit('-').next().unwrap_or_default();
        let mut state = self.state();
        if state.wrong_client {
            return Reply::error(401, &json!({"error": "invalid_client"}));
        }
        let is_alive = state
            .members
            .get(id)
            .is_some_and(|member| member.fate != Fate::Revoked);
        if !is_alive {
            let said = json!({"error": "invalid_grant", "error_description": "Token has been expired or revoked."});
            return Reply::error(400, &said);
        }
        state.refreshed += 1;
        Reply::json(
            &json!({"access_token": format!("ya29.{MARK}new-{id}"), "expires_in": 3599, "token_type": "Bearer"}),
        )
    }

    /// A coordinator's machine with a study of all of them, whose access tokens end in `seconds`.
    pub fn machine(&self, server: &Server, seconds: i64) -> Home {
        let home = Home::google(server, "");
        home.file("study.toml", STUDY);
        let ids: Vec<_> = self.state().members.keys().cloned().collect();
        for id in ids {
            let login = login(&home, &id, seconds);
            put_token(&home, &id, &login);
        }
        home
    }
}

/// A study in the working folder, as fast as it can.
pub const STUDY: &str = "store = \"data\"\ntokens = \"tokens\"\nrequests_per_minute = 1e9\n";

/// The login of somebody, as `enrol` stores it.
pub fn login(home: &Home, id: &str, seconds: i64) -> Value {
    let now = Utc::now();
    home.logged_in("google", 60);
    let origins = home.stored("google")["origins"].clone();
    std::fs::remove_file(home.token_path("google")).expect("ours");
    json!({
        "access_token": format!("ya29.{MARK}{id}"),
        "refresh_token": format!("1//{MARK}{id}"),
        "scopes": google_scopes(),
        "obtained_at": now - TimeDelta::minutes(10),
        "access_expires_at": now + TimeDelta::seconds(seconds),
        "login_expires_at": null,
        "client_id": GOOGLE_ID,
        "origins": origins,
        "account": format!("account-{id}"),
        "legacy_account": null,
        "timezone": "America/New_York",
    })
}

/// Puts a login among the tokens, for its owner alone.
pub fn put_token(home: &Home, id: &str, login: &Value) -> PathBuf {
    let path = home.file(&format!("tokens/{id}.json"), login.to_string());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("ours");
    }
    path
}

/// What is the same after every way to run a study: the data, and what sync remembers.
pub fn kept(home: &Home) -> BTreeMap<String, Vec<u8>> {
    kept_of(files(&home.work("data")))
}

/// The same, of any objects.
pub fn kept_of(objects: impl IntoIterator<Item = (String, Vec<u8>)>) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<_, _> = objects.into_iter().collect();
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        assert!(
            !text.contains(MARK) && !name.contains(MARK),
            "{name} has a token"
        );
        assert!(!text.contains("account-P"), "{name} has an account's id");
    }
    let is_kept = |name: &String| {
        !["runs/", "lock"]
            .iter()
            .any(|of| name.starts_with(&format!("_fitbit_hr/{of}")))
    };
    files.retain(|name, _| is_kept(name));
    files
}

/// The report of a shard of the last run.
pub fn report(home: &Home, shard: &str) -> Value {
    let all = files(&home.work("data/_fitbit_hr/runs"));
    let found = all
        .iter()
        .rfind(|(name, _)| name.ends_with(&format!("/{shard}.json")));
    let (_, bytes) = found.unwrap_or_else(|| panic!("{shard} has no report: {:?}", all.keys()));
    serde_json::from_slice(bytes).expect("a report")
}
