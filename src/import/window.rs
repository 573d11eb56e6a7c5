//! The weeks around the day that is being made: what has been read and is still needed.

use super::exports::Zones;
use crate::settled;
use crate::takeout::block::StoredBlock;
use crate::takeout::packed::Packed;
use crate::takeout::pages::Pages;
use crate::takeout::wearer_clock::timeline::LOOK_AHEAD_DAYS;
use crate::takeout::wearer_clock::{Clock, DAY_MS, DayBounds, Evidence, Span, Timeline, midnight};
use crate::zone::Tz;
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How far from the UTC date of an instant its civil date can be, in both directions together.
const SPREAD: u64 = 2;

/// How many days before and after an imported one may change by what it proves.
pub(super) const CHANGES_WITHIN_DAYS: u64 = 19;

/// How many days before and after an imported one may say something about those.
pub(super) const SPEAKS_WITHIN_DAYS: u64 = 2 * CHANGES_WITHIN_DAYS;

/// A day that can be made.
#[derive(Debug)]
pub(super) struct Due {
    /// All that may hold samples of it.
    pub pages: Pages,
    /// The last instant of what is known from this day on, as far as evidence reaches.
    last_known: Option<i64>,
    /// When the newest export with something of the day was made; `None` if no file of the input is near.
    as_of: Option<i64>,
}

impl Due {
    /// Nothing more is to come: the device synced after the day's end, or by the time of the export a day without
    /// samples had ended more than two days ago. The last day that an export has data of stays open: nobody knows
    /// whether its evening was in it.
    pub(super) fn settles(&self, has_samples: bool, utc_offset: i32, now: DateTime<Utc>) -> bool {
        let end = midnight(self.pages.day) + DAY_MS - i64::from(utc_offset) * 1000;
        let now_ms = now.timestamp_millis();
        let synced = self.last_known.is_some_and(|last| last >= end) && end <= now_ms;
        if synced || has_samples {
            return synced;
        }
        let as_of = self.as_of.map_or(now_ms, |made| made.min(now_ms));
        let as_of = DateTime::from_timestamp_millis(as_of).unwrap_or(now);
        self.as_of.is_some() && settled::is_settled(end, as_of, &settled::Syncs::default())
    }
}

#[derive(Debug, Default)]
pub(super) struct Window {
    given: Option<Tz>,
    zones: Zones,
    json: BTreeMap<NaiveDate, Vec<Arc<Packed>>>,
    csv: BTreeMap<NaiveDate, Vec<Arc<Packed>>>,
    stored: BTreeMap<NaiveDate, Arc<StoredBlock>>,
    timeline: Timeline,
    pending: BTreeSet<NaiveDate>,
    /// The last instant of the files of each day.
    ends: BTreeMap<NaiveDate, i64>,
    now: i64,
}

impl Window {
    pub(super) fn new(
        given: Option<Tz>,
        zones: &Zones,
        spans: &BTreeSet<Span>,
        now: DateTime<Utc>,
    ) -> Self {
        let mut window = Self {
            given,
            zones: zones.clone(),
            now: now.timestamp_millis(),
            ..Self::default()
        };
        for span in spans {
            window.timeline.state(*span);
        }
        window
    }

    /// A day to be made even if no file speaks of it.
    pub(super) fn expect(&mut self, day: NaiveDate) {
        self.pending.insert(day);
    }

    fn expect_around(&mut self, day: NaiveDate, spread: u64) {
        let first = day - Days::new(spread);
        self.pending.extend(
            first
                .iter_days()
                .take_while(|each| *each <= day + Days::new(spread)),
        );
    }

    pub(super) fn add_json(&mut self, block: Arc<Packed>, day_bounds: DayBounds) {
        let spread = if self.given.is_some() { SPREAD } else { 1 };
        self.expect_around(block.day(), spread);
        self.knows(block.day(), block.ends().map(|(_, last)| last));
        self.timeline.add(day_bounds);
        self.json.entry(block.day()).or_default().push(block);
    }

    pub(super) fn add_csv(&mut self, block: Arc<Packed>) {
        self.expect_around(block.day(), 1);
        self.knows(block.day(), block.ends().map(|(_, last)| last));
        self.csv.entry(block.day()).or_default().push(block);
    }

    /// `may_change`: near enough to the input to be made again.
    pub(super) fn add_stored(&mut self, block: Arc<StoredBlock>, may_change: bool) {
        if may_change {
            self.expect_around(block.day, 1);
        }
        let last = block.records.last().map(|record| record.instant);
        self.knows(block.day, last);
        // What `--timezone` decided proves nothing.
        if let Some(day_bounds) = block.day_bounds().filter(|_| !block.given) {
            self.timeline.remember(day_bounds);
        }
        for span in live_spans(&block) {
            self.timeline.state(span);
        }
        self.stored.insert(block.day, block);
    }

    /// What is later than now is no proof of a sync.
    fn knows(&mut self, day: NaiveDate, last: Option<i64>) {
        if let Some(last) = last.filter(|last| *last <= self.now) {
            let known = self.ends.entry(day).or_insert(last);
            *known = last.max(*known);
        }
    }

    /// The days that can be made: all files before `frontier` have been read, or all files if it is `None`.
    pub(super) fn due(&mut self, frontier: Option<NaiveDate>) -> Vec<Due> {
        let mut due = Vec::new();
        let look_ahead = Days::new(LOOK_AHEAD_DAYS.unsigned_abs());
        while let Some(&day) = self.pending.first() {
            if frontier.is_some_and(|frontier| day + look_ahead >= frontier) {
                break;
            }
            self.pending.pop_first();
            due.push(self.make(day));
            self.forget_before(day);
        }
        due
    }

    fn make(&mut self, day: NaiveDate) -> Due {
        let near = day - Days::new(SPREAD)..=day + Days::new(SPREAD);
        let json: Vec<_> = self
            .json
            .range(near.clone())
            .flat_map(|(_, blocks)| blocks.clone())
            .collect();
        let csv: Vec<_> = self
            .csv
            .range(near.clone())
            .flat_map(|(_, blocks)| blocks.clone())
            .collect();
        let stored: Vec<_> = self
            .stored
            .range(near)
            .map(|(_, block)| Arc::clone(block))
            .collect();
        let clock = match self.given {
            Some(zone) => Clock::given(zone),
            None => self.timeline.clock(day, &|day| self.zones.at(day)),
        };
        let made = |made: Option<i64>| made.unwrap_or(i64::MAX);
        let as_of = json
            .iter()
            .map(|block| made(block.made()))
            .chain(csv.iter().map(|block| made(block.made())))
            .max();
        // A day that earlier imports knew as parts of its neighbours.
        let is_new = !self.stored.contains_key(&day) && stored.iter().any(|block| block.settled);
        let as_of = as_of.or(is_new.then_some(i64::MAX));
        Due {
            pages: Pages {
                day,
                clock,
                json,
                csv,
                stored,
                given: self.given.is_some(),
                earlier: false,
            },
            last_known: self.last_known(day),
            as_of,
        }
    }

    /// What is read already beyond the reach of evidence does not count: it is not there when parts come one by one.
    fn last_known(&self, day: NaiveDate) -> Option<i64> {
        let reach = day - Days::new(SPREAD)..day + Days::new(LOOK_AHEAD_DAYS.unsigned_abs());
        self.ends.range(reach).map(|(_, last)| *last).max()
    }

    fn forget_before(&mut self, day: NaiveDate) {
        let first = day - Days::new(SPREAD);
        self.ends.retain(|known, _| *known >= first);
        self.json.retain(|known, _| *known >= first);
        self.csv.retain(|known, _| *known >= first);
        self.stored.retain(|known, _| *known >= first);
        self.timeline.forget_before(day);
    }
}

/// The offsets that a live service stated, as runs of samples.
fn live_spans(block: &StoredBlock) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for record in block.records.iter().filter(|record| record.live) {
        match spans.last_mut() {
            Some(span) if span.utc_offset == record.utc_offset => span.last = record.instant,
            _ => spans.push(Span {
                first: record.instant,
                last: record.instant,
                utc_offset: record.utc_offset,
                evidence: Evidence::Live,
            }),
        }
    }
    spans
}
