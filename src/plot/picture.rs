//! What is drawn: the days of a span, digested, with their title and figures. How it is drawn is [`super::chart`]'s.

use super::digest::Digest;
use super::figures::{self, Figures};
use super::timeline::Timeline;
use super::words;
use crate::day::Detail;
use crate::extract::between::Between;
use chrono::NaiveDate;
use std::ops::Range;

const HOUR: i64 = 3_600_000;

/// What a span of days is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One curve, large.
    Day,
    /// A curve a day, one above the other.
    Weeks,
    /// A heat map with the resting heart rate under it.
    Months,
}

impl Kind {
    /// The name in `--json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Weeks => "weeks",
            Self::Months => "months",
        }
    }
}

/// A span of days, digested.
#[derive(Debug, Clone)]
pub struct Picture {
    /// What it is shown as.
    pub kind: Kind,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// The window of the wearer's clock that alone is shown.
    pub between: Option<Between>,
    /// The days that are known, ascending, one a date.
    pub digests: Vec<Digest>,
    /// Their figures.
    pub figures: Figures,
}

impl Picture {
    /// `Thursday, 1 June 2017`, `1–14 June 2017`, `1–14 June 2017, 17:45–19:00`.
    #[must_use]
    pub fn title(&self) -> String {
        let days = words::span(self.from, self.to);
        match self.between {
            Some(between) => format!("{days}, {}", between.ends().join("–")),
            None => days,
        }
    }

    /// Every day of the span, with what is known of it.
    pub fn days(&self) -> impl Iterator<Item = (NaiveDate, Option<&Digest>)> {
        let dates = self.from.iter_days().take_while(|date| *date <= self.to);
        dates.map(|date| (date, self.digests.iter().find(|digest| digest.date == date)))
    }

    /// The wall clock that days which stand one above the other share.
    #[must_use]
    pub fn clock(&self) -> Timeline {
        let day = Timeline::plain(self.from);
        match self.between {
            Some(between) => day.window(between),
            None => day,
        }
    }

    /// The hours of the wall clock that are shown: the first, and the end of the last.
    #[must_use]
    pub fn hours(&self) -> Range<u8> {
        let (from, to) = self.between.map_or((0, 24 * HOUR), Between::bounds);
        let hour = |hours: i64| u8::try_from(hours).unwrap_or(24);
        hour(from / HOUR)..hour((to + HOUR - 1) / HOUR)
    }

    /// `Heart rate · 1sec · takeout/Inspire 3`; for a span also how many of its days have data.
    #[must_use]
    pub fn subtitle(&self) -> String {
        let mut parts = vec!["Heart rate".to_owned()];
        if self.kind != Kind::Day {
            let days = (self.to - self.from).num_days() + 1;
            parts.push(format!("{} of {days} days", self.figures.days));
        }
        let with_data = || self.digests.iter().filter(|d| d.figures.days > 0);
        let mut details: Vec<Detail> = with_data().map(|digest| digest.detail).collect();
        details.sort_unstable();
        details.dedup();
        let mut sources: Vec<&str> = with_data()
            .flat_map(|digest| digest.sources.split(", "))
            .filter(|source| !source.is_empty())
            .collect();
        sources.sort_unstable();
        sources.dedup();
        if !details.is_empty() {
            let details: Vec<_> = details.iter().map(|detail| detail.name()).collect();
            parts.push(details.join(", "));
        }
        match sources.as_slice() {
            [] => {}
            [first, second, third, _, ..] => {
                parts.push(format!("{first}, {second}, {third} and others"));
            }
            few => parts.push(few.join(", ")),
        }
        parts.join(" · ")
    }

    /// The picture in words, for those who cannot see it.
    #[must_use]
    pub fn description(&self) -> String {
        let figures: Vec<_> = figures::lines(&self.figures)
            .into_iter()
            .map(|(label, value)| format!("{label}: {value}"))
            .collect();
        format!("{}. {}.", self.subtitle(), figures.join(", "))
    }
}
