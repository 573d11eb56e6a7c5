//! What goes over the wire to Google, to the letter.

use crate::google_details::{home, run};
use crate::google_truth::{
    CALORIES, DEVICES, MINUTES, RECONCILE, RESTING, ROLL_UP, SETTINGS, Truth, ZONES, series,
};
use crate::secrets::ACCESS;
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn samples_are_asked_for_by_physical_time_slim_compact_and_compressed() {
    let service = Truth {
        page_cap: 40,
        uneven: true,
        ..Truth::of(
            series("2017-06-01T04:00:00Z", 97, 800, -14400),
            "America/New_York",
        )
    }
    .serve();
    let home = home(&service);
    home.logged_in_with("google", 3600, &json!({"timezone": "America/New_York"}));
    run(&home, "2017-06-01 1sec");
    let requests = service.server.requests_to(RECONCILE);
    assert!(requests.len() > 20, "{} pages", requests.len());
    let mut firsts = BTreeSet::new();
    for request in &requests {
        assert_eq!(request.query("pageSize"), Some("10000"));
        assert_eq!(
            request.query("fields"),
            Some(
                "dataPoints(heartRate(sampleTime(physicalTime,utcOffset),beatsPerMinute)),nextPageToken"
            )
        );
        assert_eq!(request.query("prettyPrint"), Some("false"));
        let filter = request.query("filter").expect("a filter");
        assert!(
            filter.starts_with("heart_rate.sample_time.physical_time >= \"2017-06-")
                && filter.contains("Z\" AND heart_rate.sample_time.physical_time < \"2017-06-"),
            "{filter}"
        );
        let names: BTreeSet<_> = request
            .query
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let token = BTreeSet::from(["pageToken"]);
        let usual = BTreeSet::from(["filter", "pageSize", "fields", "prettyPrint"]);
        assert!(names == usual || names == &usual | &token, "{names:?}");
        if !names.contains("pageToken") {
            firsts.insert(filter.to_owned());
        }
    }
    // Slices side by side, each asked for once.
    assert!(firsts.len() >= 6, "{firsts:?}");
    for request in service.api_requests() {
        assert_eq!(
            request.header("authorization"),
            Some(&*format!("Bearer {ACCESS}"))
        );
        let gzip = request.header("accept-encoding").expect("accept-encoding");
        assert!(gzip.contains("gzip"));
        let agent = request.header("user-agent").expect("user-agent");
        assert!(agent.starts_with("fitbit-hr/"), "{agent}");
        assert_eq!(request.header("accept-language"), None);
        assert!(
            !request
                .query
                .iter()
                .any(|(name, _)| name == "key" || name == "access_token")
        );
    }
}

#[test]
fn a_day_by_the_minute_is_one_roll_up_aligned_at_midnight() {
    let service = Truth::of(vec![], "Europe/Berlin").serve();
    let home = home(&service);
    home.logged_in_with("google", 3600, &json!({"timezone": "Europe/Berlin"}));
    for (detail, window, largest) in [
        ("1min", 60, 10_000),
        ("5min", 300, 4032),
        ("15min", 900, 1344),
    ] {
        let before = service.server.requests_to(ROLL_UP).len();
        run(&home, &format!("2026-10-25 {detail} --no-summary"));
        let requests = service.server.requests_to(ROLL_UP);
        assert_eq!(requests.len(), before + 1, "{detail}");
        let body = requests[before].json();
        assert_eq!(
            body["range"],
            json!({"startTime": "2026-10-24T22:00:00Z", "endTime": "2026-10-25T23:00:00Z"})
        );
        assert_eq!(body["windowSize"], json!(format!("{window}s")));
        let size = body["pageSize"].as_i64().expect("a number");
        assert!((25 * 3600 / window..=largest).contains(&size), "{size}");
        let kind = requests[before].header("content-type").expect("a type");
        assert!(kind.starts_with("application/json"));
    }
    assert!(service.server.requests_to(RECONCILE).is_empty());
}

#[test]
fn a_whole_day_by_the_minute_is_what_the_facts_count() {
    let service = Truth::of(vec![], "UTC").serve();
    let home = home(&service);
    run(&home, "2017-06-01 1min");
    let paths: BTreeSet<_> = service
        .api_requests()
        .iter()
        .map(|request| request.path.clone())
        .collect();
    let expected = [
        ROLL_UP, RESTING, ZONES, MINUTES, CALORIES, SETTINGS, DEVICES,
    ];
    assert_eq!(paths, expected.map(str::to_owned).into());
    assert_eq!(service.api_requests().len(), expected.len());
    for (path, member) in [
        (RESTING, "daily_resting_heart_rate"),
        (ZONES, "daily_heart_rate_zones"),
    ] {
        let requests = service.server.requests_to(path);
        assert_eq!(
            requests[0].query("filter"),
            Some(&*format!(
                "{member}.date >= \"2017-06-01\" AND {member}.date < \"2017-06-02\""
            ))
        );
    }
    let civil = |day| json!({"date": {"year": 2017, "month": 6, "day": day}});
    for path in [MINUTES, CALORIES] {
        let body = service.server.requests_to(path)[0].json();
        assert_eq!(body["range"], json!({"start": civil(1), "end": civil(2)}));
        assert_eq!(body["windowSizeDays"], json!(1));
    }
}

#[test]
fn without_a_summary_nothing_is_asked_for_it() {
    let service = Truth::of(vec![], "UTC").serve();
    let home = home(&service);
    for detail in ["1sec", "1min", "5min", "15min"] {
        run(&home, &format!("2017-06-01 {detail} --no-summary"));
    }
    for path in [RESTING, ZONES, MINUTES, CALORIES] {
        assert!(service.server.requests_to(path).is_empty(), "{path}");
    }
}

#[test]
fn devices_are_asked_for_page_by_page() {
    let devices = (0..230)
        .map(|i| crate::google_truth::tracker(&format!("2017-05-{:02}T00:00:00Z", 1 + i % 28)));
    let service = Truth {
        devices: devices.collect(),
        ..Truth::of(vec![], "UTC")
    }
    .serve();
    service
        .truth()
        .devices
        .push(crate::google_truth::tracker("2017-06-01T09:41:00Z"));
    let home = home(&service);
    run(&home, "2017-06-01 1sec --no-summary")
        .says(&["last sync 09:41: later samples are not there yet"]);
    assert_eq!(service.server.requests_to(DEVICES).len(), 3);
}

#[test]
fn a_service_without_tls_needs_no_certificates_of_the_machine() {
    let service = Truth::of(vec![], "UTC").serve();
    let home = home(&service);
    let nowhere = home.below("no-such-certificates").display().to_string();
    let home = home
        .with("SSL_CERT_FILE", &nowhere)
        .with("SSL_CERT_DIR", &nowhere);
    run(&home, "2017-06-01 1min --no-summary");
}
