//! What a run did with one extract.

use super::keep::Kept;
use super::plan::Plan;
use crate::archive::DayRanges;
use crate::exit::{Exit, Explain};
use crate::extract::faults::Faults;
use crate::hint::Hint;
use crate::numerals::counted;
use crate::service;
use chrono::NaiveDate;
use serde_json::{Value, json};

/// Why an extract is not as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Why, in one line.
    pub why: String,
    /// What to do next.
    pub hint: Hint,
    /// How that ends a run.
    pub exit: Exit,
    /// A login that grants more would mend it.
    pub lacks_scope: bool,
}

impl Trouble {
    /// What an error says.
    #[must_use]
    pub fn of(error: &impl Explain) -> Self {
        Self {
            why: error.why(),
            hint: error.hint(),
            exit: error.exit(),
            lacks_scope: false,
        }
    }

    /// That the service refuses a type: whatever the reason is, it is for a login to mend.
    #[must_use]
    pub fn refused(error: &service::Error) -> Self {
        Self {
            exit: Exit::Login,
            lacks_scope: error.is_scope_missing(),
            ..Self::of(error)
        }
    }
}

/// What a run did with one extract.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Which.
    pub name: String,
    /// First and last day that were looked after.
    pub range: Option<(NaiveDate, NaiveDate)>,
    /// Days that were fetched and kept, with their rows, and the files that changed.
    pub kept: Kept,
    /// Answers of the service.
    pub requests: u64,
    /// Points that came, and those that could not be read.
    pub faults: Faults,
    /// Members of a definition of one's own that no point had.
    pub never_met: Option<Vec<String>>,
    /// Days whose turn did not come.
    pub left: DayRanges,
    /// The service refuses this type.
    pub refused: Option<Trouble>,
    /// Some of it could not be had or kept.
    pub failed: Option<Trouble>,
}

impl Outcome {
    /// Before anything was done.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        Self {
            name: plan.definition.name.clone(),
            range: Some((*plan.range.start(), *plan.range.end())),
            left: plan.days.clone(),
            ..Self::default()
        }
    }

    /// One that the service refuses.
    #[must_use]
    pub fn refused(name: &str, trouble: Trouble) -> Self {
        Self {
            name: name.to_owned(),
            refused: Some(trouble),
            ..Self::default()
        }
    }

    /// That no point had these members.
    #[must_use]
    pub fn without(&self, members: &[String]) -> String {
        let points = counted(self.faults.points, "point");
        format!(
            "none of {points} has {} as it is defined",
            members.join(" or ")
        )
    }

    /// Counts what is in the archive now.
    pub fn count(&mut self, kept: &Kept) {
        self.left.remove(&kept.days);
        self.kept.days.merge(&kept.days);
        self.kept.open.merge(&kept.open);
        self.kept.rows += kept.rows;
        self.kept.created += kept.created;
        self.kept.changed += kept.changed;
    }

    /// All that was asked for is there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.left.is_empty() && self.failed.is_none() && self.refused.is_none()
    }

    /// All that is to be had of it was looked at, which is nothing where it is refused.
    #[must_use]
    pub fn has_looked(&self) -> bool {
        self.refused.is_some() || self.is_complete()
    }

    /// The first day that the next run looks at.
    #[must_use]
    pub fn next_open_day(&self) -> Option<NaiveDate> {
        let firsts = [self.kept.open.first(), self.left.first()];
        firsts.into_iter().flatten().min()
    }

    /// `14 days of steps, 9 021 rows`.
    #[must_use]
    pub fn words(&self) -> String {
        let (days, rows) = (self.kept.days.days(), self.kept.rows);
        let name = self.name.replace('_', " ");
        match &self.refused {
            Some(_) => format!("{name} refused"),
            None => format!(
                "{} of {name}, {}",
                counted(days, "day"),
                counted(rows, "row")
            ),
        }
    }

    /// For scripts.
    #[must_use]
    pub fn json(&self) -> Value {
        let why = |trouble: &Option<Trouble>| trouble.as_ref().map(|trouble| trouble.why.clone());
        json!({
            "from": self.range.map(|(first, _)| first.to_string()),
            "to": self.range.map(|(_, last)| last.to_string()),
            "days": self.kept.days.days(),
            "rows": self.kept.rows,
            "requests": self.requests,
            "created": self.kept.created,
            "changed": self.kept.changed,
            "left_out": self.faults.unreadable,
            "open_days": self.kept.open.days(),
            "next_open_day": self.next_open_day().map(|day| day.to_string()),
            "days_left": self.left.days(),
            "refused": why(&self.refused),
            "error": why(&self.failed),
            "complete": self.is_complete(),
        })
    }
}

/// Several in one line: by name where they are few.
#[must_use]
pub fn line(all: &[Outcome], beside_heart_rate: bool) -> String {
    if all.len() <= 3 {
        let each: Vec<_> = all.iter().map(Outcome::words).collect();
        return each.join("; ");
    }
    let refused = all
        .iter()
        .filter(|outcome| outcome.refused.is_some())
        .count();
    let rows = all.iter().map(|outcome| outcome.kept.rows).sum();
    let refused = match refused {
        0 => String::new(),
        refused => format!(", {refused} refused"),
    };
    let what = if beside_heart_rate {
        "more extract"
    } else {
        "extract"
    };
    let all = counted(all.len() as u64, what);
    format!("{all}, {}{refused}", counted(rows, "row"))
}
