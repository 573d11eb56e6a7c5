//! The stand-in by itself: every type of data, with the habits of the real service that a client must bear.

use chrono::{DateTime, Utc};
use fitbit_hr::demo::{Service, browser};
use oauth2::PkceCodeChallenge;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use url::Url;

const SCOPES: [&str; 6] = [
    "health_metrics_and_measurements",
    "activity_and_fitness",
    "sleep",
    "ecg",
    "irn",
    "nutrition",
];
const SAMPLE: &str = "sample_time.physical_time";
const INTERVAL: &str = "interval.start_time";
const SESSION: &str = "interval.civil_start_time";
const SLEEP: &str = "interval.civil_end_time";

/// Each type that has points, by what it is filtered, and about how many there are in June 2026.
const TYPES: [(&str, &str, std::ops::Range<usize>); 36] = [
    ("heart-rate", SAMPLE, 700_000..830_000),
    ("heart-rate-variability", SAMPLE, 1_800..2_900),
    ("oxygen-saturation", SAMPLE, 10_000..15_000),
    ("respiratory-rate-sleep-summary", SAMPLE, 25..40),
    ("weight", SAMPLE, 2..16),
    ("body-fat", SAMPLE, 2..16),
    ("height", SAMPLE, 0..3),
    ("blood-glucose", SAMPLE, 0..24),
    ("core-body-temperature", SAMPLE, 0..24),
    ("vo2-max", SAMPLE, 1..12),
    ("run-vo2-max", SAMPLE, 3..16),
    ("steps", INTERVAL, 5_000..11_000),
    ("distance", INTERVAL, 5_000..11_000),
    ("floors", INTERVAL, 60..900),
    ("altitude", INTERVAL, 60..900),
    ("active-energy-burned", INTERVAL, 4_000..30_000),
    ("basal-energy-burned", INTERVAL, 2_880..2_881),
    ("active-minutes", INTERVAL, 5_000..12_000),
    ("active-zone-minutes", INTERVAL, 200..4_000),
    ("activity-level", INTERVAL, 3_000..20_000),
    ("sedentary-period", INTERVAL, 150..1_200),
    ("time-in-heart-rate-zone", INTERVAL, 100..6_000),
    ("swim-lengths-data", INTERVAL, 0..300),
    ("sleep", SLEEP, 29..42),
    ("exercise", SESSION, 10..70),
    ("electrocardiogram", INTERVAL, 0..6),
    ("irregular-rhythm-notification", SESSION, 0..4),
    ("hydration-log", SESSION, 15..100),
    ("nutrition-log", SESSION, 3..60),
    ("daily-resting-heart-rate", "date", 27..31),
    ("daily-heart-rate-variability", "date", 27..31),
    ("daily-oxygen-saturation", "date", 27..31),
    ("daily-respiratory-rate", "date", 27..31),
    ("daily-sleep-temperature-derivations", "date", 27..31),
    ("daily-vo2-max", "date", 27..31),
    ("daily-heart-rate-zones", "date", 27..31),
];

type Got = (u16, Value);

/// Somebody who is logged in to a stand-in that believes it is noon of 24 November 2026 in New York, unless told otherwise.
struct Visitor {
    service: Service,
    client: Client,
    token: String,
}

impl Visitor {
    async fn with(scopes: &[&str]) -> Self {
        let noon = DateTime::from_timestamp(1_795_539_600, 0).expect("a time");
        Self::at(noon, scopes).await
    }

    async fn at(now: DateTime<Utc>, scopes: &[&str]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let service = Service::start(now).expect("a service");
        let client = Client::builder().no_proxy().build().expect("a client");
        let mut visitor = Self {
            service,
            client,
            token: String::new(),
        };
        let (status, tokens) = visitor.log_in(scopes).await;
        assert_eq!(status, 200, "{tokens}");
        visitor.token = text(&tokens["access_token"]);
        visitor
    }

    /// Consent by the played browser; the redirect is caught by a listener of our own.
    async fn log_in(&self, scopes: &[&str]) -> Got {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let redirect_uri = format!("http://{}/", listener.local_addr().expect("bound"));
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let url =
            |scope: &&str| format!("https://www.googleapis.com/auth/googlehealth.{scope}.readonly");
        let scopes: Vec<_> = scopes.iter().map(url).collect();
        let query = [
            ("client_id", self.service.client_id()),
            ("redirect_uri", &redirect_uri),
            ("response_type", "code"),
            ("scope", &scopes.join(" ")),
            ("state", "a state/of+mine"),
            ("access_type", "offline"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let url = Url::parse_with_params(&self.service.authorize_url(), query).expect("a URL");
        browser::consent_in_background(&url).expect("a browser");
        let (stream, _) = listener.accept().expect("a redirect");
        let mut line = String::new();
        BufReader::new(&stream)
            .read_line(&mut line)
            .expect("a line");
        let _ = (&stream).write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        let target = line.split(' ').nth(1).unwrap_or_default();
        let redirected = url.join(target).expect("a URL");
        let code = redirected.query_pairs().find(|(name, _)| name == "code");
        let (_, code) = code.expect("a code");
        let form = [
            ("client_id", self.service.client_id()),
            ("client_secret", self.service.client_secret()),
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", verifier.secret()),
        ];
        got(self.client.post(self.service.token_url()).form(&form)).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v4/users/me/dataTypes/{path}", self.service.base_url())
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Got {
        let request = self.client.get(self.url(path)).query(query);
        got(request.bearer_auth(&self.token)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Got {
        let request = self.client.post(self.url(path)).json(body);
        got(request.bearer_auth(&self.token)).await
    }

    /// The points of some pages, page by page.
    async fn pages(&self, path: &str, filter: &str, size: &str) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut token = String::new();
        loop {
            let query = [
                ("filter", filter),
                ("pageSize", size),
                ("pageToken", &token),
            ];
            let (status, page) = self.get(path, &query).await;
            assert_eq!(status, 200, "{filter}: {page}");
            pages.push(page["dataPoints"].as_array().cloned().unwrap_or_default());
            token = text(&page["nextPageToken"]);
            if token.is_empty() {
                return pages;
            }
        }
    }
}

async fn got(request: RequestBuilder) -> Got {
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn reason(got: &Got) -> (u16, &str) {
    let reason = &got.1["error"]["details"][0]["reason"];
    (got.0, reason.as_str().unwrap_or_default())
}

/// The filter for a type's days, the last of which is not included.
fn filter(name: &str, member: &str, from: &str, to: &str) -> String {
    let member = format!("{}.{member}", name.replace('-', "_"));
    let physical = [SAMPLE, INTERVAL]
        .iter()
        .any(|known| member.ends_with(known));
    let time = if physical { "T04:00:00Z" } else { "" };
    let [from, to] = [from, to].map(|date| format!("{date}{time}"));
    match name {
        "electrocardiogram" => format!("{member} >= \"{from}\""),
        _ => format!("{member} >= \"{from}\" AND {member} < \"{to}\""),
    }
}

fn action(name: &str) -> &str {
    match name {
        "electrocardiogram" | "irregular-rhythm-notification" => "dataPoints",
        _ => "dataPoints:reconcile",
    }
}

#[tokio::test]
async fn every_type_has_points_by_its_own_filter_and_refuses_every_other() {
    let visitor = Visitor::with(&SCOPES).await;
    for (name, member, expected) in TYPES {
        let path = format!("{name}/{}", action(name));
        let to = match name {
            "heart-rate" => "2026-06-02",
            _ => "2026-07-01",
        };
        let june = filter(name, member, "2026-06-01", to);
        let points = visitor.pages(&path, &june, "10000").await.concat();
        let count = match name {
            "heart-rate" => points.len() * 30,
            "electrocardiogram" => points.len() / 6,
            _ => points.len(),
        };
        assert!(expected.contains(&count), "{name}: {count}");
        for other in [SAMPLE, INTERVAL, SESSION, SLEEP, "date"] {
            let civil = matches!((member, other), (INTERVAL, SESSION));
            if other != member && !(civil && name != "electrocardiogram") {
                let wrong = filter(name, other, "2026-06-01", "2026-07-01");
                let refused = visitor.get(&path, &[("filter", &wrong)]).await;
                let expected = (400, "INVALID_DATA_POINT_FILTER_DATA_TYPE_MEMBER");
                assert_eq!(reason(&refused), expected, "{wrong}");
            }
        }
    }
}

#[tokio::test]
async fn nights_come_in_small_pages_newest_first_and_some_twice() {
    let visitor = Visitor::with(&["sleep"]).await;
    let year = filter("sleep", SLEEP, "2026-01-01", "2026-11-01");
    let pages = visitor
        .pages("sleep/dataPoints:reconcile", &year, "10000")
        .await;
    assert!(pages.iter().all(|page| page.len() <= 25) && pages.len() < 18);
    let (_, before_last) = pages.split_last().expect("pages");
    assert!(
        before_last.iter().any(|page| page.len() < 25),
        "short or empty"
    );
    let sleeps = pages.concat();
    let ends: Vec<_> = sleeps
        .iter()
        .map(|point| text(&point["sleep"]["interval"]["endTime"]))
        .collect();
    assert!(ends.is_sorted_by(|a, b| a >= b), "newest first");
    let twins = ends.windows(2).filter(|two| two[0] == two[1]).count();
    assert!((10..40).contains(&twins), "{twins} twins");
    let listed = visitor.get("steps/dataPoints", &[]).await;
    assert_eq!(reason(&listed), (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"));
}

#[tokio::test]
async fn the_newest_night_is_without_stages_until_it_is_processed() {
    let mut seen = BTreeSet::new();
    for day in 16..21 {
        let date = format!("2026-11-{day}");
        let mut before = false;
        for minute in (0..150).step_by(30) {
            let now = format!("{date}T{:02}:{:02}:00Z", 12 + minute / 60, minute % 60);
            let visitor = Visitor::at(now.parse().expect("a time"), &["sleep"]).await;
            let today = filter("sleep", SLEEP, &date, "2026-11-25");
            let nights = visitor.pages("sleep/dataPoints", &today, "25").await;
            let Some(night) = nights.concat().into_iter().next() else {
                continue;
            };
            let processed = night["sleep"]["metadata"]["processed"] == true;
            let kind = text(&night["sleep"]["type"]);
            assert_eq!(kind, if processed { "STAGES" } else { "CLASSIC" });
            assert!(processed || !before, "{now}: it goes back");
            before = processed;
            seen.insert(kind);
        }
    }
    assert_eq!(seen.len(), 2, "{seen:?}");
}

#[tokio::test]
async fn sources_stand_side_by_side_in_a_list_and_are_merged_by_reconcile() {
    let visitor = Visitor::with(&SCOPES).await;
    for (name, member) in [("steps", INTERVAL), ("daily-resting-heart-rate", "date")] {
        let days = filter(name, member, "2026-06-02", "2026-06-05");
        let list = visitor
            .pages(&format!("{name}/dataPoints"), &days, "10000")
            .await
            .concat();
        let merged = visitor
            .pages(&format!("{name}/{}", action(name)), &days, "10000")
            .await
            .concat();
        assert!(
            merged.len() < list.len() && list.len() <= 2 * merged.len(),
            "{name}"
        );
        assert!(
            list.iter()
                .all(|point| !point["dataSource"]["platform"].is_null())
        );
        assert!(merged.iter().all(|point| point["dataSource"].is_null()));
    }
    let floors = visitor.get("floors/dataPoints", &[]).await;
    assert_eq!(reason(&floors), (400, "UNSUPPORTED_DATA_TYPE_ACTION"));
}

#[tokio::test]
async fn roll_ups_are_sums_of_the_points_and_have_their_limits() {
    let visitor = Visitor::with(&SCOPES).await;
    let body = |from: &str, to: &str, window: &str, size: u32| {
        json!({"range": {"startTime": format!("{from}T04:00:00Z"), "endTime": format!("{to}T04:00:00Z")},
            "windowSize": window, "pageSize": size})
    };
    let sum = |page: &Value, member: &str| -> f64 {
        let windows = page["rollupDataPoints"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        windows
            .iter()
            .filter_map(|window| window["totalCalories"][member].as_f64())
            .sum()
    };
    let day = body("2026-06-02", "2026-06-03", "86400s", 14);
    let (status, whole) = visitor.post("total-calories/dataPoints:rollUp", &day).await;
    assert_eq!(status, 200, "{whole}");
    let steps = filter("steps", INTERVAL, "2026-06-02", "2026-06-03");
    let steps = visitor
        .pages("steps/dataPoints:reconcile", &steps, "5000")
        .await
        .concat();
    let count = |point: &Value| text(&point["steps"]["count"]).parse::<u32>().unwrap_or(0);
    let walked: u32 = steps.iter().map(count).sum();
    let daily = |day: u32| json!({"date": {"year": 2026, "month": 6, "day": day}});
    let daily = json!({"range": {"start": daily(2), "end": daily(3)}});
    let (_, rolled) = visitor.post("steps/dataPoints:dailyRollUp", &daily).await;
    let sums = &rolled["rollupDataPoints"][0]["steps"]["countSum"];
    assert_eq!(text(sums), walked.to_string());
    assert!(
        (1_600.0..4_500.0).contains(&sum(&whole, "kcalSum")),
        "{whole}"
    );
    for (name, to, window, size, allowed) in [
        ("total-calories", "2026-06-16", "60s", 10_000, true),
        ("total-calories", "2026-06-17", "60s", 1_000, false),
        (
            "calories-in-heart-rate-zone",
            "2026-06-03",
            "900s",
            1_440,
            false,
        ),
        ("steps", "2026-08-31", "900s", 1_440, true),
        ("steps", "2026-09-02", "900s", 1_440, false),
    ] {
        let asked = body("2026-06-02", to, window, size);
        let got = visitor
            .post(&format!("{name}/dataPoints:rollUp"), &asked)
            .await;
        let expected = if allowed {
            (200, "")
        } else {
            (400, "INVALID_ROLLUP_QUERY_DURATION")
        };
        assert_eq!(reason(&got), expected, "{asked}");
    }
}

#[tokio::test]
async fn what_is_selected_must_be_there() {
    let visitor = Visitor::with(&["activity_and_fitness"]).await;
    let day = filter("steps", INTERVAL, "2026-06-02", "2026-06-03");
    let slim = "dataPoints(steps(interval(startTime,startUtcOffset),count)),nextPageToken";
    let (_, page) = visitor
        .get(
            "steps/dataPoints:reconcile",
            &[("filter", &day), ("fields", slim)],
        )
        .await;
    let page = page["dataPoints"].as_array().cloned().unwrap_or_default();
    let whole = |point: &Value| {
        point["steps"]["interval"]["endTime"].is_null() && !point["steps"]["count"].is_null()
    };
    assert!(page.iter().all(whole));
    let wrong = "dataPoints(steps(steps))";
    let (status, _) = visitor
        .get("steps/dataPoints:reconcile", &[("fields", wrong)])
        .await;
    assert_eq!(status, 400);
}
