//! What a run did, for people, for cron and for scripts.

use super::error::Error;
use super::series::outcome::{self, Outcome, Trouble};
use super::settle::Open;
use super::stale::Stale;
use crate::archive::{self, Change, HEART_RATE};
use crate::day::Detail;
use crate::exit::{Exit, Explain};
use crate::hint::Invocation;
use crate::left_out::LeftOut;
use crate::numerals::counted;
use crate::service;
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Why a run ended before all days were done.
#[derive(Debug)]
pub enum End {
    /// Ctrl-C.
    Interrupted,
    /// The service.
    Service(service::Error),
    /// The archive.
    Archive(archive::Error),
}

/// What a run did.
#[derive(Debug)]
pub struct Report {
    /// At which detail.
    pub detail: Detail,
    /// The days that were looked after, first and last; `None` where the service has no heart rate at all.
    pub range: Option<(NaiveDate, NaiveDate)>,
    /// Days that were fetched and kept.
    pub days: u64,
    /// Their samples.
    pub samples: u64,
    /// Files that were not there before.
    pub created: u64,
    /// Files that hold something else now.
    pub changed: u64,
    /// API requests, retries included.
    pub requests: u64,
    /// Days that are not settled, and why.
    pub open: BTreeMap<NaiveDate, Open>,
    /// What days that could not be had or kept ran into, and how that ends a run.
    pub failed: BTreeMap<NaiveDate, (String, Exit)>,
    /// Days whose turn did not come.
    pub left: Vec<NaiveDate>,
    /// Readings that no day has.
    pub left_out: LeftOut,
    /// Series that have stopped; known only after a run that looked up to today.
    pub stale: Vec<Stale>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// The requests of heart rate, where it was asked for.
    pub heart_rate: Option<u64>,
    /// The other extracts, in their order; heart rate among them only if it was refused.
    pub extracts: Vec<Outcome>,
    /// Each extract was asked for by its name: one that is refused is an error.
    pub by_name: bool,
    /// Why the run ended early.
    pub end: Option<End>,
}

impl Report {
    /// A report of nothing.
    #[must_use]
    pub const fn new(detail: Detail, range: Option<(NaiveDate, NaiveDate)>) -> Self {
        Self {
            detail,
            range,
            days: 0,
            samples: 0,
            created: 0,
            changed: 0,
            requests: 0,
            open: BTreeMap::new(),
            failed: BTreeMap::new(),
            left: Vec::new(),
            left_out: LeftOut {
                of: 0,
                unreadable: 0,
                implausible: 0,
            },
            stale: Vec::new(),
            notes: Vec::new(),
            heart_rate: None,
            extracts: Vec::new(),
            by_name: false,
            end: None,
        }
    }

    /// Counts a day that is in the archive now.
    pub fn count(&mut self, kept: super::day_keeper::Kept) {
        self.days += 1;
        self.samples += kept.samples;
        match kept.change {
            Change::Created => self.created += 1,
            Change::Changed => self.changed += 1,
            Change::Unchanged => {}
        }
        if let Some(open) = kept.open {
            self.open.insert(kept.date, open);
        }
        self.notes.extend(kept.note);
    }

    /// The first day that the next run looks at.
    #[must_use]
    pub fn next_open_day(&self) -> Option<NaiveDate> {
        let open = self.open.keys().chain(self.failed.keys());
        open.chain(&self.left).min().copied()
    }

    /// `synced 3 days, 82 417 samples, 12 requests, next open day 2026-11-22`.
    #[must_use]
    pub fn line(&self) -> String {
        let next = self
            .next_open_day()
            .map(|day| format!(", next open day {day}"));
        let stale = self
            .stale
            .iter()
            .fold(String::new(), |line, stale| format!("{line}; {stale}"));
        let heart_rate = || {
            let (days, samples) = (self.days, self.samples);
            format!("{}, {}", counted(days, "day"), counted(samples, "sample"))
        };
        let mut parts = Vec::new();
        if self.heart_rate.is_some() || self.extracts.is_empty() {
            parts.push(heart_rate());
        }
        if !self.extracts.is_empty() {
            parts.push(outcome::line(&self.extracts, !parts.is_empty()));
        }
        format!(
            "synced {}, {}{}{stale}",
            parts.join("; "),
            counted(self.requests, "request"),
            next.unwrap_or_default(),
        )
    }

    /// For scripts.
    #[must_use]
    pub fn json(&self, run: &Invocation) -> Value {
        let open = self.open.iter();
        let short = open
            .clone()
            .filter(|(_, why)| matches!(why, Open::Short(_)));
        json!({
            "detail": self.detail.name(),
            "from": self.range.map(|(first, _)| first.to_string()),
            "to": self.range.map(|(_, last)| last.to_string()),
            "days": self.days,
            "samples": self.samples,
            "left_out": self.left_out.count(),
            "requests": self.requests,
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.days - self.created - self.changed,
            "next_open_day": self.next_open_day().map(|day| day.to_string()),
            "open_days": open.map(|(day, why)| json!({"day": day.to_string(), "why": why.to_string()})).collect::<Vec<_>>(),
            "short_days": short.map(|(day, _)| day.to_string()).collect::<Vec<_>>(),
            "failures": self.failed.iter().map(|(day, (why, _))| json!({"day": day.to_string(), "why": why})).collect::<Vec<_>>(),
            "stale": self.stale.iter().map(|stale| stale.to_json(run)).collect::<Vec<_>>(),
            "days_left": self.left.len(),
            "complete": self.is_complete() && self.extracts.iter().all(|one| one.refused.is_some() || one.is_complete()),
            "extracts": self.each(),
            "stopped": self.end.as_ref().map(|end| match end {
                End::Interrupted => "interrupted".to_owned(),
                End::Service(error) => error.why(),
                End::Archive(error) => error.why(),
            }),
        })
    }

    /// Each extract by its name, heart rate too.
    fn each(&self) -> Value {
        let others = self
            .extracts
            .iter()
            .map(|one| (one.name.clone(), one.json()));
        let heart_rate = self.heart_rate.map(|requests| {
            let value = json!({
                "from": self.range.map(|(first, _)| first.to_string()),
                "to": self.range.map(|(_, last)| last.to_string()),
                "days": self.days,
                "rows": self.samples,
                "requests": requests,
                "created": self.created,
                "changed": self.changed,
                "left_out": self.left_out.count(),
                "open_days": self.open.len(),
                "next_open_day": self.next_open_day().map(|day| day.to_string()),
                "days_left": self.left.len(),
                "refused": null,
                "error": self.failed.values().next().map(|(why, _)| why.clone()),
                "complete": self.is_complete(),
            });
            (HEART_RATE.to_owned(), value)
        });
        heart_rate.into_iter().chain(others).collect()
    }

    /// All days of heart rate are there that were asked for.
    fn is_complete(&self) -> bool {
        let is_whole = self.failed.is_empty() && self.left.is_empty() && !self.has_short();
        self.end.is_none() && is_whole
    }

    fn has_short(&self) -> bool {
        self.open.values().any(|why| matches!(why, Open::Short(_)))
    }

    /// How the run failed, if it did. Ctrl-C is left to the caller.
    #[must_use]
    pub fn into_error(self) -> Option<Error> {
        let of_extracts = |days: fn(&Outcome) -> u64| self.extracts.iter().map(days).sum::<u64>();
        let left = self.left.len() as u64 + of_extracts(|one| one.left.days());
        let done = self.days + of_extracts(|one| one.kept.days.days());
        match self.end {
            Some(End::Service(cause)) => {
                let passes = matches!(cause.exit(), Exit::Unavailable | Exit::Temporary);
                return Some(if passes && done > 0 {
                    Error::HalfWay { cause, done, left }
                } else {
                    Error::Service(cause)
                });
            }
            Some(End::Archive(error)) => return Some(Error::Archive(error)),
            Some(End::Interrupted) | None => {}
        }
        if let Some((why, exit)) = self.failed.values().next().cloned() {
            return Some(Error::Days {
                days: self.failed.into_keys().collect(),
                why,
                exit,
            });
        }
        let troubled = |of: fn(&Outcome) -> Option<&Trouble>| {
            let all = self
                .extracts
                .iter()
                .filter_map(|one| Some((one.name.clone(), of(one)?)));
            let (names, troubles): (Vec<_>, Vec<_>) = all.unzip();
            let trouble = (*troubles.first()?).clone();
            Some(Error::Extracts { names, trouble })
        };
        if let Some(error) = troubled(|one| one.failed.as_ref()) {
            return Some(error);
        }
        let all_refused =
            self.heart_rate.is_none() && self.extracts.iter().all(|one| one.refused.is_some());
        if (self.by_name || all_refused)
            && let Some(error) = troubled(|one| one.refused.as_ref())
        {
            return Some(error);
        }
        let short: Vec<_> = self
            .open
            .iter()
            .filter(|(_, why)| matches!(why, Open::Short(_)))
            .map(|(day, _)| *day)
            .collect();
        (!short.is_empty()).then_some(Error::Short(short))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::day;

    fn kept(
        date: &str,
        samples: u64,
        change: Change,
        open: Option<Open>,
    ) -> super::super::day_keeper::Kept {
        super::super::day_keeper::Kept {
            date: day(date),
            samples,
            change,
            open,
            note: None,
        }
    }

    #[test]
    fn one_line_is_all_that_cron_needs() {
        let mut report = Report::new(Detail::Sec1, Some((day("2026-11-20"), day("2026-11-22"))));
        report.requests = 12;
        report.count(kept(
            "2026-11-22",
            24_000,
            Change::Changed,
            Some(Open::NotOver),
        ));
        report.count(kept("2026-11-21", 30_000, Change::Unchanged, None));
        report.count(kept("2026-11-20", 28_417, Change::Created, None));
        assert_eq!(
            report.line(),
            "synced 3 days, 82 417 samples, 12 requests, next open day 2026-11-22"
        );
        let json = report.json(&Invocation::default());
        assert_eq!(json["open_days"][0]["why"], "the day is not over");
        assert_eq!(
            (&json["unchanged"], &json["complete"]),
            (&json!(1), &json!(true))
        );
        assert!(report.into_error().is_none());
    }

    #[test]
    fn what_ended_a_run_is_its_exit_code() {
        let limited = || {
            End::Service(service::Error::RateLimited {
                provider: crate::config::Provider::Fitbit,
                come_back_at: None,
                wait: None,
            })
        };
        let down = || {
            End::Service(service::Error::Unreachable {
                provider: crate::config::Provider::GOOGLE,
                cause: "no network".to_owned(),
                remedy: None,
            })
        };
        let full = || {
            End::Archive(archive::Error::Write(crate::atomic_file::Error::Write {
                path: "x".into(),
                cause: std::io::ErrorKind::StorageFull.into(),
            }))
        };
        for (days, end, failed, short, exit) in [
            (0, None, false, false, None),
            (3, None, false, false, None),
            (0, Some(limited()), false, false, Some(Exit::Temporary)),
            (3, Some(limited()), false, false, Some(Exit::Temporary)),
            (0, Some(down()), false, false, Some(Exit::Unavailable)),
            (3, Some(down()), false, false, Some(Exit::Temporary)),
            (3, Some(full()), true, true, Some(Exit::Io)),
            (3, None, true, true, Some(Exit::Data)),
            (3, None, false, true, Some(Exit::Temporary)),
        ] {
            let mut report = Report::new(Detail::Sec1, None);
            report.days = days;
            report.end = end;
            if failed {
                report
                    .failed
                    .insert(day("2026-11-20"), ("odd".to_owned(), Exit::Data));
            }
            if short {
                report
                    .open
                    .insert(day("2026-11-19"), Open::Short("less".to_owned()));
            }
            let error = report.into_error();
            assert_eq!(error.as_ref().map(Explain::exit), exit);
        }
    }
}
