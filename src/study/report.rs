//! What a shard's run came to, participant by participant: a file below `_fitbit_hr/runs/`, for `study status` and for scripts.

use super::id::Id;
use super::shard::Shard;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The folder of all reports.
pub const RUNS: &str = "_fitbit_hr/runs";

/// How it ended for a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// All that was asked for is there.
    Ok,
    /// It is not; `why` says why.
    Failed,
    /// The participant has withdrawn: nothing was asked for, and nothing of the run was kept.
    Withdrawn,
}

/// Why it failed, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The login is over, was refused, lacks a scope, or its file is not as it should be.
    Login,
    /// An answer that makes no sense.
    Answer,
    /// Too many requests.
    Quota,
    /// No answer.
    Service,
    /// The data set could not be read or written.
    Store,
    /// The run was stopped before its turn was over.
    Stopped,
}

impl Kind {
    /// As it is counted for a person.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Answer => "answer",
            Self::Quota => "quota",
            Self::Service => "service",
            Self::Store => "store",
            Self::Stopped => "stopped",
        }
    }
}

/// One participant's part of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// How it ended.
    pub state: State,
    /// Days that were fetched and kept.
    pub days: u64,
    /// Requests to the service, retries included.
    pub requests: u64,
    /// The last day that has data, as far as the data set goes.
    pub last_data: Option<NaiveDate>,
    /// Why it failed.
    pub why: Option<String>,
    /// What kind of failure that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
}

impl Outcome {
    /// Nothing was done for somebody who has withdrawn.
    #[must_use]
    pub const fn withdrawn() -> Self {
        Self {
            state: State::Withdrawn,
            days: 0,
            requests: 0,
            last_data: None,
            why: None,
            kind: None,
        }
    }

    /// A failure before anything was done.
    #[must_use]
    pub fn failed(kind: Kind, why: impl Into<String>) -> Self {
        Self {
            state: State::Failed,
            why: Some(why.into()),
            kind: Some(kind),
            ..Self::withdrawn()
        }
    }
}

/// A shard's run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Which shard, from 0.
    pub shard: u32,
    /// Of how many.
    pub of: u32,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it was over.
    pub ended: DateTime<Utc>,
    /// The shard's participants.
    pub participants: BTreeMap<Id, Outcome>,
}

impl Report {
    /// The object that holds it, by the day in UTC on which the run began.
    #[must_use]
    pub fn name(&self) -> String {
        let date = self.started.date_naive();
        format!("{RUNS}/{date}/shard-{}-of-{}.json", self.shard, self.of)
    }

    /// As it stands in the store.
    #[must_use]
    pub fn encoded(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// How many failed, and of how many who have not withdrawn.
    #[must_use]
    pub fn failed(&self) -> (usize, usize) {
        let count = |state| {
            let all = self.participants.values();
            all.filter(|outcome| outcome.state == state).count()
        };
        let withdrawn = count(State::Withdrawn);
        (count(State::Failed), self.participants.len() - withdrawn)
    }
}

/// The shard that a report's file name stands for.
#[must_use]
pub fn shard_of(file_name: &str) -> Option<Shard> {
    let (index, of) = file_name
        .strip_prefix("shard-")?
        .strip_suffix(".json")?
        .split_once("-of-")?;
    let (index, of) = (index.parse().ok()?, of.parse().ok()?);
    (index < of).then_some(Shard { index, of })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_back_and_says_who_failed() {
        let at: DateTime<Utc> = "2026-11-27T23:59:00Z".parse().expect("an instant");
        let ok = Outcome {
            state: State::Ok,
            days: 3,
            requests: 9,
            last_data: Some(at.date_naive()),
            ..Outcome::withdrawn()
        };
        let all = [
            ("P001", ok),
            ("P002", Outcome::failed(Kind::Login, "over")),
            ("P003", Outcome::withdrawn()),
        ];
        let report = Report {
            shard: 0,
            of: 8,
            started: at,
            ended: at,
            participants: all
                .into_iter()
                .map(|(id, outcome)| (id.parse().expect("an id"), outcome))
                .collect(),
        };
        let json = serde_json::to_value(&report).expect("plain data");
        let expected = serde_json::json!({"state": "ok", "days": 3, "requests": 9, "last_data": "2026-11-27", "why": null});
        assert_eq!(json["participants"]["P001"], expected);
        assert_eq!(json["participants"]["P002"]["kind"], "login");
        assert_eq!(
            serde_json::from_value::<Report>(json).expect("reads back"),
            report
        );
        assert_eq!(report.failed(), (1, 2));
        assert_eq!(
            report.name(),
            "_fitbit_hr/runs/2026-11-27/shard-0-of-8.json"
        );
        assert_eq!(
            shard_of("shard-0-of-8.json"),
            Some(Shard { index: 0, of: 8 })
        );
        for foreign in [
            "shard-8-of-8.json",
            "shard-0-of-8.json.tmp",
            "x",
            "shard-a-of-b.json",
        ] {
            assert_eq!(shard_of(foreign), None, "{foreign}");
        }
    }
}
