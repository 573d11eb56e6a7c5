//! A wearer, a device that syncs when it can, and a Google Health that fails when it is told to: all of it known, so that an
//! archive can be held against the truth.

use crate::google_service::{
    DEVICES, POINTS, RESTING, ROLL_UP, SETTINGS, ZONES, physical_bounds, refusal,
};
use crate::secrets;
use crate::server::{Reply, Request, Server};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use fitbit_hr::civil;
use fitbit_hr::zone::Tz;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub const DAILY: &str = "/v4/users/me/dataTypes/heart-rate/dataPoints:dailyRollUp";

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Numbers that are the same for the same seed.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 up to, but not including, `sides`.
    pub fn roll(&mut self, sides: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((x ^ (x >> 31)) >> 1).expect("63 bits") % sides.max(1)
    }

    /// One time in `sides`.
    pub fn one_in(&mut self, sides: i64) -> bool {
        self.roll(sides) == 0
    }
}

/// A reading; times in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    pub instant: i64,
    pub utc_offset: i32,
    pub bpm: u16,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    None,
    /// One request in so many fails, in all ways that pass.
    Passing(i64),
    /// Every request for data gets 429 and this many seconds, after so many good answers.
    Limited {
        after: u64,
        seconds: u64,
    },
    /// The refresh is refused, and the access token is not taken any more, after so many good answers.
    LoggedOut {
        after: u64,
    },
    /// Pages stop early and do not say so.
    Truncated,
}

/// The account and its service.
#[derive(Debug, Clone)]
pub struct World {
    pub now: i64,
    pub zone: Tz,
    pub beats: Vec<Beat>,
    /// When the device synced, ascending.
    pub syncs: Vec<i64>,
    /// Resting heart rates, and when they were worked out; the day's zones are known from then on as well.
    pub resting: BTreeMap<NaiveDate, (u16, i64)>,
    pub page_cap: usize,
    pub trouble: Trouble,
    pub answered: u64,
    pub dice: Dice,
    /// The zone as the account spells it; empty for its own name.
    pub zone_text: &'static str,
    /// More devices: name, features, last sync.
    pub devices: Vec<(&'static str, Vec<&'static str>, i64)>,
    /// Readings that come in another form.
    pub odd: BTreeMap<i64, Value>,
}

/// The world, shared with the threads that answer for it.
#[derive(Debug, Clone)]
pub struct Shared(Arc<Mutex<World>>);

impl World {
    /// `days` days of one kind: a reading every `step_s` seconds, all synced, and two days more passed since.
    pub fn plain(first: &str, days: i64, step_s: i64, zone: Tz) -> Self {
        let first: NaiveDate = first.parse().expect("a date");
        let start = civil::window(first, zone).expect("a day").start;
        let end = start + days * DAY;
        let beats = (start..end).step_by(usize::try_from(step_s * 1000).expect("positive"));
        let beats = beats.enumerate().map(|(n, instant)| Beat {
            instant,
            utc_offset: civil::offset_at(instant, zone),
            bpm: 60 + u16::try_from(n % 40).expect("small"),
        });
        let resting = first.iter_days().take(usize::try_from(days).expect("some"));
        Self {
            now: end + 2 * DAY + HOUR,
            zone,
            beats: beats.collect(),
            syncs: vec![end + 2 * DAY],
            resting: resting.map(|date| (date, (57, end))).collect(),
            page_cap: 5000,
            trouble: Trouble::None,
            answered: 0,
            dice: Dice::new(1),
            odd: BTreeMap::new(),
            devices: Vec::new(),
            zone_text: "",
        }
    }

    /// A random life of `days` days: journeys, days off, a device that syncs now and then.
    pub fn random(dice: &mut Dice, days: i64) -> Self {
        // Both sides of the end of summer time, in a year that this machine's clock does not show.
        let year = if dice.one_in(2) { 2024 } else { 2031 };
        let first =
            NaiveDate::from_ymd_opt(year, 10, 20).expect("a date") + TimeDelta::days(dice.roll(14));
        let zone: Tz = "America/New_York".parse().expect("a zone");
        let start = civil::window(first, zone).expect("a day").start;
        let end = start + days * DAY;
        let (mut at, mut beats) = (start, Vec::new());
        let mut clock = None;
        let mut leg_ends = start;
        while at < end {
            if at >= leg_ends {
                leg_ends = at + (12 + dice.roll(80)) * HOUR;
                clock = [None, None, Some(7_200), Some(32_400), Some(-36_000)]
                    [usize::try_from(dice.roll(5)).expect("small")];
            }
            at += match dice.roll(300) {
                0 => (6 + dice.roll(80)) * HOUR,
                _ => (400 + dice.roll(500)) * 1000,
            };
            beats.push(Beat {
                instant: at,
                utc_offset: clock.unwrap_or_else(|| civil::offset_at(at, zone)),
                bpm: u16::try_from(50 + dice.roll(100)).expect("small"),
            });
        }
        let (mut syncs, mut at) = (Vec::new(), start);
        let all_recorded = beats.last().map_or(end, |beat| beat.instant);
        // The last one brings all that there is.
        while at <= all_recorded {
            at += (1 + if dice.one_in(6) {
                dice.roll(120)
            } else {
                dice.roll(12)
            }) * HOUR;
            syncs.push(at);
        }
        let mut world = Self {
            now: start,
            zone,
            beats,
            syncs,
            resting: BTreeMap::new(),
            page_cap: usize::try_from(20 + dice.roll(60)).expect("small"),
            trouble: Trouble::None,
            answered: 0,
            dice: dice.clone(),
            odd: BTreeMap::new(),
            devices: Vec::new(),
            zone_text: "",
        };
        for date in world.dates() {
            // Worked out of what the device has brought.
            let known = civil::window(date, zone).map_or(0, |day| day.end);
            let known = world.syncs.iter().find(|sync| **sync >= known).copied();
            if let Some(known) = known.filter(|_| !world.truth(date).is_empty())
                && !dice.one_in(4)
            {
                let bpm = u16::try_from(50 + dice.roll(20)).expect("small");
                world
                    .resting
                    .insert(date, (bpm, known + dice.roll(60) * HOUR));
            }
        }
        world
    }

    pub fn share(self) -> Shared {
        Shared(Arc::new(Mutex::new(self)))
    }

    /// Every date that some reading shows, and those between.
    pub fn dates(&self) -> Vec<NaiveDate> {
        self.dates_by(|beat| beat.utc_offset)
    }

    /// Every date on which there is some reading by the account's clock, and those between.
    pub fn dates_at_home(&self) -> Vec<NaiveDate> {
        self.dates_by(|beat| civil::offset_at(beat.instant, self.zone))
    }

    fn dates_by(&self, utc_offset: impl Fn(&Beat) -> i32) -> Vec<NaiveDate> {
        let date = |beat: &Beat| civil::local_date(beat.instant, utc_offset(beat));
        let dates: Vec<_> = self.beats.iter().map(date).collect();
        match (dates.iter().min(), dates.iter().max()) {
            (Some(first), Some(last)) => first.iter_days().take_while(|d| d <= last).collect(),
            _ => Vec::new(),
        }
    }

    /// The day as it is when everything has arrived.
    pub fn truth(&self, date: NaiveDate) -> Vec<Beat> {
        let of_date = |beat: &&Beat| civil::local_date(beat.instant, beat.utc_offset) == date;
        self.beats.iter().filter(of_date).copied().collect()
    }

    /// The means of the account's own day, as instant and bpm.
    pub fn true_minutes(&self, date: NaiveDate) -> Vec<(i64, u16)> {
        let window = civil::window(date, self.zone).unwrap_or(0..0);
        means(
            self.beats.iter().filter(|b| window.contains(&b.instant)),
            window.start,
            60_000,
        )
        .into_iter()
        .map(|(start, mean)| {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a heart rate"
            )]
            let bpm = (mean + 0.5).floor() as u16;
            (start, bpm)
        })
        .collect()
    }

    pub fn last_sync(&self) -> Option<i64> {
        self.syncs.iter().rev().find(|at| **at <= self.now).copied()
    }

    fn arrived(&self, from: i64, to: i64) -> impl DoubleEndedIterator<Item = &Beat> {
        let until = self.last_sync().unwrap_or(i64::MIN);
        self.beats
            .iter()
            .filter(move |beat| (from..to).contains(&beat.instant) && beat.instant < until)
    }
}

/// Means of windows that have readings, ascending.
fn means<'a>(
    beats: impl Iterator<Item = &'a Beat>,
    start: i64,
    window_ms: i64,
) -> BTreeMap<i64, f64> {
    let mut sums: BTreeMap<i64, (u32, u32)> = BTreeMap::new();
    for beat in beats {
        let window = start + (beat.instant - start).div_euclid(window_ms) * window_ms;
        let sum = sums.entry(window).or_default();
        sum.0 += u32::from(beat.bpm);
        sum.1 += 1;
    }
    sums.into_iter()
        .map(|(window, (sum, count))| (window, f64::from(sum) / f64::from(count)))
        .collect()
}

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// [`World::dates`].
    pub fn dates(&self) -> Vec<NaiveDate> {
        self.lock().dates()
    }

    /// Serves the world on any number of calls.
    pub fn serve(&self, server: &Server) {
        for (method, path) in PLACES {
            let world = self.clone();
            server.any(method, path, move |request| world.lock().answer(request));
        }
        let world = self.clone();
        server.any("POST", "/token", move |_| {
            if matches!(world.lock().trouble, Trouble::LoggedOut { .. }) {
                let ended = "Token has been expired or revoked.";
                return Reply::error(
                    400,
                    &json!({"error": "invalid_grant", "error_description": ended}),
                );
            }
            Reply::json(
                &json!({"access_token": secrets::ACCESS_2, "expires_in": 3599, "token_type": "Bearer"}),
            )
        });
    }
}

/// What a world answers for.
pub const PLACES: [(&str, &str); 7] = [
    ("GET", POINTS),
    ("POST", ROLL_UP),
    ("POST", DAILY),
    ("GET", RESTING),
    ("GET", ZONES),
    ("GET", SETTINGS),
    ("GET", DEVICES),
];

impl World {
    /// What the service says to a call of [`PLACES`].
    pub fn answer(&mut self, request: &Request) -> Reply {
        let reply = self.trouble().unwrap_or_else(|| match &*request.path {
            POINTS => self.points(request),
            ROLL_UP => self.roll_up(request),
            DAILY => self.daily(request),
            RESTING => self.resting(request),
            ZONES => self.zones(request),
            SETTINGS => self.settings(),
            _ => self.devices(),
        });
        let now = DateTime::<Utc>::from_timestamp_millis(self.now).expect("an instant");
        reply.with("Date", &now.to_rfc2822())
    }

    fn settings(&self) -> Reply {
        let text = self.zone_text;
        let name = if text.is_empty() {
            self.zone.name()
        } else {
            text
        };
        Reply::json(&json!({ "timeZone": name }))
    }

    fn devices(&self) -> Reply {
        let at = self.last_sync().map(civil::rfc3339);
        let mut devices =
            vec![json!({"deviceType": "TRACKER", "features": ["HEART_RATE"], "lastSyncTime": at})];
        devices.extend(self.devices.iter().map(|(name, features, at)| {
            json!({"name": format!("users/me/pairedDevices/{name}"), "features": features, "lastSyncTime": civil::rfc3339(*at)})
        }));
        Reply::json(&json!({ "pairedDevices": devices }))
    }

    /// The failure that is due now.
    fn trouble(&mut self) -> Option<Reply> {
        self.answered += 1;
        match self.trouble {
            Trouble::None | Trouble::Truncated => None,
            Trouble::Passing(one_in) => {
                if !self.dice.one_in(one_in) {
                    return None;
                }
                Some(match self.dice.roll(6) {
                    0 => Reply::status(429).with("Retry-After", "3600"),
                    1 => Reply::html(404),
                    2 => Reply::html(200),
                    3 => Reply::status(401),
                    4 => Reply::json(&json!({"dataPoints": [1], "rollupDataPoints": [1]})),
                    _ => Reply::lost(),
                })
            }
            Trouble::Limited { after, seconds } => (self.answered > after)
                .then(|| Reply::status(429).with("Retry-After", &seconds.to_string())),
            Trouble::LoggedOut { after } => (self.answered > after).then(|| Reply::status(401)),
        }
    }

    fn points(&mut self, request: &Request) -> Reply {
        let Some((from, to)) = request.query("filter").and_then(physical_bounds) else {
            return refusal(400, "x", "INVALID_DATA_POINT_FILTER", &json!({}));
        };
        let size: usize = request
            .query("pageSize")
            .and_then(|size| size.parse().ok())
            .unwrap_or(1440);
        // A token says where the next page begins, and how many came before it.
        let (mut to, mut pages) = (to.timestamp_millis(), 0_u32);
        if let Some((below, before)) = request.query("pageToken").and_then(|t| t.split_once('.')) {
            to = below.parse().expect("our own token");
            pages = before.parse().expect("our own token");
        }
        let from = from.timestamp_millis();
        // Empty and short pages come with a token all the same.
        let cap = match self.dice.roll(8) {
            0 => 0,
            1 => self.page_cap / 2 + 1,
            _ => self.page_cap,
        };
        let page: Vec<Beat> = self
            .arrived(from, to)
            .rev()
            .take(size.min(cap))
            .copied()
            .collect();
        let below = page.last().map_or(to, |beat| beat.instant);
        let more = self.arrived(from, below).next().is_some() && self.trouble != Trouble::Truncated;
        let points: Vec<Value> = page
            .iter()
            .map(|beat| {
                if let Some(odd) = self.odd.get(&beat.instant) {
                    return odd.clone();
                }
                json!({"heartRate": {"beatsPerMinute": beat.bpm.to_string(), "sampleTime": {
                    "physicalTime": civil::rfc3339(beat.instant), "utcOffset": format!("{}s", beat.utc_offset)}}})
            })
            .collect();
        let next = if more {
            format!("{below}.{}", pages + 1)
        } else {
            String::new()
        };
        Reply::json(&json!({"dataPoints": points, "nextPageToken": next}))
    }

    fn roll_up(&mut self, request: &Request) -> Reply {
        let body = request.json();
        let instant = |name: &str| {
            let text = body["range"][name].as_str()?;
            text.parse::<DateTime<Utc>>()
                .ok()
                .map(|at| at.timestamp_millis())
        };
        let seconds = body["windowSize"]
            .as_str()
            .and_then(|text| text.strip_suffix('s')?.parse::<i64>().ok());
        let (Some(from), Some(to), Some(seconds)) =
            (instant("startTime"), instant("endTime"), seconds)
        else {
            return refusal(400, "x", "INVALID_TIME_RANGE", &json!({}));
        };
        let size = body["pageSize"].as_i64().unwrap_or(1440);
        if to - from > 14 * DAY || seconds * size > 14 * 86_400 || size > 10_000 {
            return refusal(400, "x", "INVALID_ROLLUP_QUERY_DURATION", &json!({}));
        }
        let windows: Vec<Value> = means(self.arrived(from, to), from, seconds * 1000)
            .into_iter()
            .rev()
            .map(|(start, mean)| json!({"startTime": civil::rfc3339(start), "heartRate": {"beatsPerMinuteAvg": mean}}))
            .collect();
        let start = body["pageToken"]
            .as_str()
            .and_then(|token| token.parse().ok())
            .unwrap_or(0_usize);
        let end = (start + usize::try_from(size).unwrap_or(1)).min(windows.len());
        let next = if end < windows.len() {
            end.to_string()
        } else {
            String::new()
        };
        Reply::json(&json!({"rollupDataPoints": windows[start..end], "nextPageToken": next}))
    }

    fn daily(&mut self, request: &Request) -> Reply {
        let body = request.json();
        let date = |end: &str| {
            let date = &body["range"][end]["date"];
            let part = |name: &str| u32::try_from(date[name].as_u64()?).ok();
            NaiveDate::from_ymd_opt(
                i32::try_from(part("year")?).ok()?,
                part("month")?,
                part("day")?,
            )
        };
        let (Some(first), Some(end)) = (date("start"), date("end")) else {
            return refusal(400, "x", "INVALID_TIME_RANGE", &json!({}));
        };
        if (end - first).num_days() > 14 {
            return refusal(400, "x", "INVALID_ROLLUP_QUERY_DURATION", &json!({}));
        }
        let days = first.iter_days().take_while(|date| *date < end).filter_map(|date| {
            let window = civil::window(date, self.zone)?;
            self.arrived(window.start, window.end).next()?;
            Some(json!({"civilStartTime": {"date": wire(date)}, "heartRate": {"beatsPerMinuteAvg": 61.5}}))
        });
        Reply::json(&json!({"rollupDataPoints": days.collect::<Vec<_>>()}))
    }

    fn resting(&mut self, request: &Request) -> Reply {
        self.daily_points(request, "daily_resting_heart_rate", |date, bpm| {
            json!({"dailyRestingHeartRate": {"date": date, "beatsPerMinute": bpm.to_string()}})
        })
    }

    fn zones(&mut self, request: &Request) -> Reply {
        self.daily_points(request, "daily_heart_rate_zones", |date, bpm| {
            json!({"dailyHeartRateZones": {"date": date, "heartRateZones": [
                {"heartRateZoneType": "PEAK", "minBeatsPerMinute": "165", "maxBeatsPerMinute": "220"},
                {"heartRateZoneType": "LIGHT", "minBeatsPerMinute": "30", "maxBeatsPerMinute": (bpm + 50).to_string()}]}})
        })
    }

    /// What is known by now of the dates of a filter.
    fn daily_points(
        &self,
        request: &Request,
        member: &str,
        point: fn(Value, u16) -> Value,
    ) -> Reply {
        let filter = request.query("filter").unwrap_or_default();
        let mut dates = filter
            .split('"')
            .filter_map(|part| part.parse::<NaiveDate>().ok());
        let (Some(first), Some(end), true) =
            (dates.next(), dates.next(), filter.starts_with(member))
        else {
            return refusal(400, "x", "INVALID_DATA_POINT_FILTER", &json!({}));
        };
        let known = self.resting.range(first..end);
        let points: Vec<Value> = known
            .filter(|(_, (_, known))| *known <= self.now)
            .map(|(date, (bpm, _))| point(wire(*date), *bpm))
            .collect();
        Reply::json(&json!({"dataPoints": points}))
    }
}

fn wire(date: NaiveDate) -> Value {
    use chrono::Datelike;
    json!({"year": date.year(), "month": date.month(), "day": date.day()})
}
