//! A strict stand-in for Google Health, written from the discovery document (revision 20261030) and from what clients saw of
//! the real service: an own reading, so that a misreading of the program's shows.
//!
//! It refuses what the service refuses, and does what it does to the careless: pages newest first or in no order, short
//! and empty pages with a token, tokens that are bound to their request, windows without data left out or empty.

use crate::google_wire::{self as wire, Mask};
use crate::secrets;
use crate::server::{Reply, Request, Server};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub const RECONCILE: &str = "/v4/users/me/dataTypes/heart-rate/dataPoints:reconcile";
pub const ROLL_UP: &str = "/v4/users/me/dataTypes/heart-rate/dataPoints:rollUp";
pub const RESTING: &str = "/v4/users/me/dataTypes/daily-resting-heart-rate/dataPoints:reconcile";
pub const ZONES: &str = "/v4/users/me/dataTypes/daily-heart-rate-zones/dataPoints:reconcile";
pub const MINUTES: &str = "/v4/users/me/dataTypes/time-in-heart-rate-zone/dataPoints:dailyRollUp";
pub const CALORIES: &str =
    "/v4/users/me/dataTypes/calories-in-heart-rate-zone/dataPoints:dailyRollUp";
pub const SETTINGS: &str = "/v4/users/me/settings";
pub const DEVICES: &str = "/v4/users/me/pairedDevices";
pub const IDENTITY: &str = "/v4/users/me/identity";

const METRICS_SCOPE: &str = "health_metrics_and_measurements";
const SETTINGS_SCOPE: &str = "settings";
const ACTIVITY_SCOPE: &str = "activity_and_fitness";

/// A reading as the service holds it.
#[derive(Debug, Clone)]
pub struct Point {
    /// As it is sent: RFC 3339, with or without a fraction.
    pub at: String,
    /// As it is sent: `-14400s`.
    pub offset: Option<String>,
    /// As it is sent: a string by the documentation.
    pub bpm: Value,
}

impl Point {
    /// A tracker's reading.
    pub fn new(at: &str, offset: i32, bpm: u32) -> Self {
        Self {
            at: at.to_owned(),
            offset: Some(format!("{offset}s")),
            bpm: json!(bpm.to_string()),
        }
    }

    /// What came through another app: no offset.
    pub fn foreign(at: &str, bpm: u32) -> Self {
        Self {
            offset: None,
            ..Self::new(at, 0, bpm)
        }
    }

    /// With a bpm in another form.
    pub fn with_bpm(self, bpm: Value) -> Self {
        Self { bpm, ..self }
    }

    fn instant(&self) -> DateTime<Utc> {
        wire::instant(&self.at).expect("a test's own instant")
    }
}

/// Readings from `start` on, one every `step` seconds.
pub fn series(start: &str, step: i64, count: usize, offset: i32) -> Vec<Point> {
    let start = wire::instant(start).expect("an instant");
    (0..count)
        .map(|i| {
            let at = start + chrono::TimeDelta::seconds(step * i64::try_from(i).expect("few"));
            let bpm = 50 + u32::try_from(i * 7 % 101).expect("small");
            Point::new(&at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), offset, bpm)
        })
        .collect()
}

/// In which order things come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    NewestFirst,
    /// In no order at all.
    Shuffled,
}

/// How the last page says that it is the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    NoToken,
    EmptyToken,
}

type Intercept = Box<dyn FnMut(&Request, usize) -> Option<Reply> + Send>;

/// What the service knows, and how it behaves.
pub struct Truth {
    pub points: Vec<Point>,
    /// Values of `dailyRestingHeartRate.beatsPerMinute`.
    pub resting: BTreeMap<NaiveDate, Value>,
    /// Values of `dailyHeartRateZones.heartRateZones`.
    pub zones: BTreeMap<NaiveDate, Value>,
    /// Values of `timeInHeartRateZone.timeInHeartRateZones`.
    pub minutes: BTreeMap<NaiveDate, Value>,
    /// Values of `caloriesInHeartRateZone.caloriesInHeartRateZones`.
    pub calories: BTreeMap<NaiveDate, Value>,
    pub settings: Value,
    pub devices: Vec<Value>,
    /// No page of points has more, whatever was asked for.
    pub page_cap: usize,
    /// Short and empty pages with a token come between.
    pub uneven: bool,
    pub order: Order,
    pub end: End,
    pub gzip: bool,
    pub latency: Duration,
    /// Suffixes of the granted scopes, without `.readonly`.
    pub granted: Vec<&'static str>,
    /// The access token that is accepted.
    pub bearer: &'static str,
    /// What comes instead of an answer; see [`Truth::instead`].
    pub intercept: Option<Intercept>,
    /// How many requests came to each path.
    pub seen: HashMap<String, usize>,
    /// A token, the request that it continues, and how far that has come.
    pub tokens: HashMap<String, (String, usize, usize)>,
}

impl Default for Truth {
    fn default() -> Self {
        Self {
            points: Vec::new(),
            resting: BTreeMap::new(),
            zones: BTreeMap::new(),
            minutes: BTreeMap::new(),
            calories: BTreeMap::new(),
            settings: json!({"name": "users/me/settings", "timeZone": "UTC", "utcOffset": "0s", "distanceUnit": "DISTANCE_UNIT_MILES"}),
            devices: vec![tracker("2026-11-20T00:00:00Z")],
            page_cap: 5000,
            uneven: false,
            order: Order::NewestFirst,
            end: End::NoToken,
            gzip: false,
            latency: Duration::ZERO,
            granted: vec![METRICS_SCOPE, SETTINGS_SCOPE, ACTIVITY_SCOPE],
            bearer: secrets::ACCESS,
            intercept: None,
            seen: HashMap::new(),
            tokens: HashMap::new(),
        }
    }
}

/// A device that measures the heart rate.
pub fn tracker(last_sync: &str) -> Value {
    json!({"name": "users/me/pairedDevices/123", "macAddress": "00:11:22:33:44:55", "deviceType": "TRACKER",
        "features": ["STEPS", "HEART_RATE"], "lastSyncTime": last_sync, "batteryStatus": "High", "batteryLevel": 85,
        "deviceVersion": "Fitbit Charge 6"})
}

impl Truth {
    /// These readings of an account in this zone.
    pub fn of(points: Vec<Point>, zone: &str) -> Self {
        let mut truth = Self {
            points,
            ..Self::default()
        };
        truth.settings["timeZone"] = json!(zone);
        truth
    }

    /// What comes instead of the `n`th answer of a path, counted from 1.
    pub fn instead(
        mut self,
        intercept: impl FnMut(&Request, usize) -> Option<Reply> + Send + 'static,
    ) -> Self {
        self.intercept = Some(Box::new(intercept));
        self
    }

    /// Serves all this from now on.
    pub fn serve(self) -> Service {
        let server = Server::start();
        let truth = Arc::new(Mutex::new(self));
        for (method, path) in [
            ("GET", RECONCILE),
            ("POST", ROLL_UP),
            ("GET", RESTING),
            ("GET", ZONES),
            ("POST", MINUTES),
            ("POST", CALORIES),
            ("GET", SETTINGS),
            ("GET", DEVICES),
            ("GET", IDENTITY),
        ] {
            let truth = Arc::clone(&truth);
            server.any(method, path, move |request| {
                truth
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .answer(request)
            });
        }
        Service { server, truth }
    }

    fn answer(&mut self, request: &Request) -> Reply {
        let nth = self.seen.entry(request.path.clone()).or_default();
        *nth += 1;
        let nth = *nth;
        let instead = self
            .intercept
            .as_mut()
            .and_then(|intercept| intercept(request, nth));
        let reply = instead.unwrap_or_else(|| match self.checked(request) {
            Ok(value) => self.render(request, &value),
            Err(refusal) => refusal,
        });
        reply.after(self.latency)
    }

    /// Compact or not, slim or not, compressed or not: as the request wants it.
    fn render(&self, request: &Request, value: &Value) -> Reply {
        let value = match request.query("fields") {
            Some(fields) => match Mask::parse(fields) {
                Some(mask) => mask.apply(value),
                None => return wire::invalid("INVALID_ARGUMENT", "fields cannot be parsed"),
            },
            None => value.clone(),
        };
        let text = if request.query("prettyPrint") == Some("false") {
            value.to_string()
        } else {
            format!("{value:#}\n")
        };
        let reply = Reply::status(200)
            .with("Content-Type", "application/json; charset=UTF-8")
            .body(text);
        let wants_gzip = request
            .header("accept-encoding")
            .is_some_and(|names| names.contains("gzip"));
        if self.gzip && wants_gzip {
            reply.gzip()
        } else {
            reply
        }
    }

    fn checked(&mut self, request: &Request) -> Result<Value, Reply> {
        if request.header("authorization") != Some(&format!("Bearer {}", self.bearer)) {
            return Err(wire::unauthenticated());
        }
        let needed = match request.path.as_str() {
            IDENTITY => &[METRICS_SCOPE, SETTINGS_SCOPE, ACTIVITY_SCOPE][..],
            SETTINGS | DEVICES => &[SETTINGS_SCOPE],
            MINUTES | CALORIES => &[ACTIVITY_SCOPE],
            _ => &[METRICS_SCOPE],
        };
        if !needed.iter().any(|scope| self.granted.contains(scope)) {
            return Err(wire::scope_insufficient());
        }
        match request.path.as_str() {
            RECONCILE => self.reconcile(request),
            ROLL_UP => self.roll_up(request),
            RESTING => self.daily(request, "daily_resting_heart_rate", "dailyRestingHeartRate"),
            ZONES => self.daily(request, "daily_heart_rate_zones", "dailyHeartRateZones"),
            MINUTES => self.daily_roll_up(request, 90, "timeInHeartRateZone"),
            CALORIES => self.daily_roll_up(request, 14, "caloriesInHeartRateZone"),
            SETTINGS => Ok(self.settings.clone()),
            DEVICES => self.paired_devices(request),
            _ => Ok(
                json!({"name": "users/me/identity", "healthUserId": "111111256096816351", "legacyUserId": "A1B2C3"}),
            ),
        }
    }

    fn reconcile(&mut self, request: &Request) -> Result<Value, Reply> {
        let filter = request
            .query("filter")
            .ok_or_else(|| wire::invalid("UNFILTERED", "the whole history would be walked"))?;
        let within = wire::sample_filter(filter)?;
        let mut points: Vec<(DateTime<Utc>, Value)> = self
            .points
            .iter()
            .map(|point| (point.instant(), point))
            .filter(|(at, _)| within.holds(*at))
            .enumerate()
            .map(|(i, (at, point))| (at, wire::reconciled(point, i)))
            .collect();
        points.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let points = self.arrange(points.into_iter().map(|(_, point)| point).collect());
        let asked = match request.query("pageSize") {
            None => 1440,
            Some(text) => text
                .parse::<usize>()
                .map_err(|_| wire::invalid("INVALID_ARGUMENT", "page_size"))?,
        };
        let mut bound = request.query.clone();
        bound.retain(|(name, _)| name != "pageToken");
        let bound = format!("{bound:?}");
        self.page(
            "dataPoints",
            &points,
            asked.min(10_000).min(self.page_cap),
            bound,
            request.query("pageToken"),
        )
    }

    fn roll_up(&mut self, request: &Request) -> Result<Value, Reply> {
        let mut body = request.json();
        let token = body
            .as_object_mut()
            .and_then(|members| members.remove("pageToken"));
        let ask = wire::RollUp::read(&body)?;
        let mut samples: BTreeMap<DateTime<Utc>, f64> = BTreeMap::new();
        for point in &self.points {
            // The merged stream has one reading an instant.
            samples
                .entry(point.instant())
                .or_insert_with(|| wire::number(&point.bpm));
        }
        let windows = ask.windows(&samples, self.uneven);
        let windows = self.arrange(windows);
        let size = ask.page_size.min(self.page_cap);
        let token = token
            .as_ref()
            .map(|token| token.as_str().unwrap_or("no string"));
        self.page("rollupDataPoints", &windows, size, body.to_string(), token)
    }

    fn daily(
        &mut self,
        request: &Request,
        filter_name: &str,
        member: &str,
    ) -> Result<Value, Reply> {
        let filter = request.query("filter").unwrap_or_default();
        let (from, to) = wire::daily_filter(filter, filter_name)?;
        let (held, value_name) = match member {
            "dailyRestingHeartRate" => (&self.resting, "beatsPerMinute"),
            _ => (&self.zones, "heartRateZones"),
        };
        let points = held.range(from..to).rev().map(|(date, value)| {
            json!({"dataSource": {"recordingMethod": "DERIVED", "platform": "FITBIT"},
                member: {"date": wire::civil_date(*date), value_name: value, "somethingNew": {"x": [1]}}})
        });
        let points: Vec<_> = points.collect();
        let bound = format!("{filter} {:?}", request.query("pageSize"));
        self.page(
            "dataPoints",
            &points,
            1000,
            bound,
            request.query("pageToken"),
        )
    }

    fn daily_roll_up(
        &mut self,
        request: &Request,
        longest: i64,
        member: &str,
    ) -> Result<Value, Reply> {
        let body = request.json();
        let (from, to) = wire::daily_range(&body, longest)?;
        let (held, value_name) = match member {
            "timeInHeartRateZone" => (&self.minutes, "timeInHeartRateZones"),
            _ => (&self.calories, "caloriesInHeartRateZones"),
        };
        // More than was asked for: whether the end is included is told in two ways.
        let points: Vec<_> = held.range(from..=to).rev().map(|(date, value)| {
            let civil = |date| json!({"date": wire::civil_date(date)});
            json!({"civilStartTime": civil(*date), "civilEndTime": civil(date.succ_opt().expect("a day")),
                member: {value_name: value}})
        }).collect();
        let mut answer = Map::new();
        if !points.is_empty() {
            answer.insert("rollupDataPoints".to_owned(), points.into());
        }
        Ok(answer.into())
    }

    fn paired_devices(&mut self, request: &Request) -> Result<Value, Reply> {
        let size = request
            .query("pageSize")
            .map_or(Ok(5), str::parse::<usize>)
            .map_err(|_| wire::invalid("INVALID_ARGUMENT", "page_size"))?;
        let devices = self.devices.clone();
        let bound = size.to_string();
        self.page(
            "pairedDevices",
            &devices,
            size.min(100),
            bound,
            request.query("pageToken"),
        )
    }

    fn arrange(&self, mut newest_first: Vec<Value>) -> Vec<Value> {
        if self.order == Order::Shuffled {
            // A fixed permutation: deterministic, and near nothing that is sorted.
            let count = newest_first.len();
            for i in (1..count).rev() {
                newest_first.swap(i, (i * 7919 + 104_729) % (i + 1));
            }
        }
        newest_first
    }

    /// One page of `items`, and a token for the next that is good for exactly this request.
    fn page(
        &mut self,
        member: &str,
        items: &[Value],
        size: usize,
        bound: String,
        token: Option<&str>,
    ) -> Result<Value, Reply> {
        let (start, number) = match token {
            None => (0, 0),
            Some(token) => match self.tokens.get(token) {
                Some((same, start, number)) if *same == bound => (*start, *number),
                _ => return Err(wire::invalid("INVALID_ARGUMENT", "Invalid page token.")),
            },
        };
        let size = match (self.uneven, number % 4) {
            (true, 0 | 2) => 0,
            (true, 1) => (size / 3).max(1),
            _ => size.max(1),
        };
        let end = (start + size).min(items.len());
        let mut answer = Map::new();
        let page = items[start..end].to_vec();
        // An empty list is sent or left out.
        if !page.is_empty() || number % 4 == 2 {
            answer.insert(member.to_owned(), page.into());
        }
        if end < items.len() {
            let token = format!("CiQ/{}+=={}&", self.tokens.len(), bound.len());
            self.tokens.insert(token.clone(), (bound, end, number + 1));
            answer.insert("nextPageToken".to_owned(), json!(token));
        } else if self.end == End::EmptyToken {
            answer.insert("nextPageToken".to_owned(), json!(""));
        }
        Ok(answer.into())
    }
}

/// The running stand-in.
pub struct Service {
    pub server: Server,
    truth: Arc<Mutex<Truth>>,
}

impl Service {
    /// What it knows, to be changed between two runs.
    pub fn truth(&self) -> MutexGuard<'_, Truth> {
        self.truth.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came so far for data, in order; nothing to the token endpoint.
    pub fn api_requests(&self) -> Vec<Request> {
        let mut requests = self.server.requests();
        requests.retain(|request| request.path.starts_with("/v4/"));
        requests
    }

    /// The windows of time that samples were asked for in first pages, ascending.
    pub fn windows_asked(&self) -> Vec<(String, String)> {
        let firsts = self.server.requests_to(RECONCILE).into_iter();
        let mut windows: Vec<_> = firsts
            .filter(|request| request.query("pageToken").is_none())
            .map(|request| wire::bounds(request.query("filter").expect("a filter")))
            .collect();
        windows.sort();
        windows
    }
}
