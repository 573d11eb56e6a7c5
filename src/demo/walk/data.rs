//! Heart rate and what goes with it, page by page.

use super::*;
use crate::demo::heart;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_day_comes_newest_first_in_pages_and_is_whole() -> Outcome {
    let visitor = Visitor::new(settings(), &EVERYTHING).await?;
    let path = format!("{HEART_RATE}:reconcile");
    let (mut empty, mut short) = (0, 0);
    for day in date(2017, 5, 30).iter_days().take(6) {
        let pages = visitor.pages(&path, &new_york_day(day), SLIM).await?;
        let (_, before_last) = pages.split_last().ok_or("no page")?;
        empty += before_last.iter().filter(|page| page.is_empty()).count();
        short += before_last
            .iter()
            .filter(|page| (1..5000).contains(&page.len()))
            .count();
        let mut points = pages.concat();
        let times: Vec<_> = points
            .iter()
            .map(|point| instant(&point["heartRate"]["sampleTime"]["physicalTime"]))
            .collect();
        assert!(times.is_sorted_by(|a, b| a > b), "newest first");
        points.reverse();
        let expected: Vec<_> = heart::samples(day, Tz::of("America/New_York"))
            .iter()
            .map(|beat| {
                let at = DateTime::from_timestamp_millis(beat.instant).unwrap_or_default();
                json!({"heartRate": {
                    "sampleTime": {
                        "physicalTime": at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
                        "utcOffset": format!("{}s", beat.utc_offset)},
                    "beatsPerMinute": beat.bpm.to_string()}})
            })
            .collect();
        assert_eq!(points.len(), expected.len());
        assert!(points == expected, "{day}: other points");
    }
    assert!(empty > 0 && short > 0, "{empty} empty, {short} short");
    Ok(())
}

#[tokio::test]
async fn list_has_every_copy_and_its_source() -> Outcome {
    let visitor = Visitor::new(settings(), &EVERYTHING).await?;
    let day = new_york_day(date(2017, 6, 1));
    let points = visitor.pages(HEART_RATE, &day, "*").await?.concat();
    let platform = |point: &Value| text(&point["dataSource"]["platform"]);
    let strap: Vec<_> = points
        .iter()
        .filter(|point| platform(point) == "HEALTH_CONNECT")
        .collect();
    assert!(strap.len() > 200, "{}", strap.len());
    assert!(strap.iter().all(|point| {
        let time = &point["heartRate"]["sampleTime"];
        time["utcOffset"].is_null() && time["civilTime"].is_null()
    }));
    let tracker = points.len() - strap.len();
    assert_eq!(
        tracker,
        heart::samples(date(2017, 6, 1), Tz::of("America/New_York")).len()
    );
    let first = points.last().ok_or("no points")?;
    let civil = &first["heartRate"]["sampleTime"]["civilTime"];
    assert_eq!(civil["date"], json!({"year": 2017, "month": 6, "day": 1}));
    assert_eq!(civil["time"]["hours"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn roll_ups_are_means_of_the_samples_and_have_their_limits() -> Outcome {
    let visitor = Visitor::new(settings(), &EVERYTHING).await?;
    let path = format!("{HEART_RATE}:rollUp");
    let day = new_york_day(date(2017, 6, 1));
    let body = |window: &str, size: u32, token: &str| {
        json!({"range": {"startTime": civil::rfc3339(day.start), "endTime": civil::rfc3339(day.end)},
            "windowSize": window, "pageSize": size, "pageToken": token})
    };
    let mut windows = Vec::new();
    let mut token = String::new();
    loop {
        let (status, page) = visitor.post(&path, &body("60s", 500, &token)).await?;
        assert_eq!(status, 200, "{page}");
        windows.extend(
            page["rollupDataPoints"]
                .as_array()
                .cloned()
                .unwrap_or_default(),
        );
        token = text(&page["nextPageToken"]);
        if token.is_empty() {
            break;
        }
    }
    let mut minutes = BTreeMap::<i64, Vec<f64>>::new();
    for beat in heart::samples(date(2017, 6, 1), Tz::of("America/New_York")) {
        let minute = beat.instant.div_euclid(60_000) * 60_000;
        minutes.entry(minute).or_default().push(beat.bpm.into());
    }
    let filled: Vec<_> = windows
        .iter()
        .filter(|window| !window["heartRate"]["beatsPerMinuteAvg"].is_null())
        .collect();
    assert_eq!(filled.len(), minutes.len());
    assert!(filled.len() < windows.len(), "an empty window or two");
    for window in filled {
        let rates = &minutes[&instant(&window["startTime"])];
        let count = f64::from(u32::try_from(rates.len())?);
        let mean = rates.iter().sum::<f64>() / count;
        let given = window["heartRate"]["beatsPerMinuteAvg"]
            .as_f64()
            .unwrap_or(0.0);
        assert!((mean - given).abs() < 1e-9);
    }
    for (window, size) in [
        ("900s", 1440),
        ("900s", 1345),
        ("300s", 5000),
        ("86400s", 15),
    ] {
        let refused = visitor.post(&path, &body(window, size, "")).await?;
        let expected = (400, "INVALID_ROLLUP_QUERY_DURATION".to_owned());
        assert_eq!(reason(&refused), expected, "{window} x {size}");
    }
    assert_eq!(visitor.post(&path, &body("900s", 1344, "")).await?.0, 200);
    let wrong = visitor.post(&path, &json!({"from": 1})).await?;
    assert_eq!(wrong.0, 400);
    Ok(())
}

#[tokio::test]
async fn daily_roll_ups_agree_with_one_another() -> Outcome {
    let visitor = Visitor::new(settings(), &EVERYTHING).await?;
    let roll_up = async |data_type: &str, days: u32| {
        let date = |day: u32| json!({"date": {"year": 2017, "month": 6, "day": day}});
        visitor
            .post(
                &format!("/v4/users/me/dataTypes/{data_type}/dataPoints:dailyRollUp"),
                &json!({"range": {"start": date(1), "end": date(1 + days)}, "windowSizeDays": 1}),
            )
            .await
    };
    let (_, heart) = roll_up("heart-rate", 1).await?;
    let point = &heart["rollupDataPoints"][0];
    assert_eq!(point["civilStartTime"]["date"]["day"], 1);
    assert!(point["heartRate"]["beatsPerMinuteMax"].as_f64() > Some(130.0));
    let (_, time) = roll_up("time-in-heart-rate-zone", 1).await?;
    let zones = &time["rollupDataPoints"][0]["timeInHeartRateZone"]["timeInHeartRateZones"];
    let seconds: i64 = zones
        .as_array()
        .ok_or("no zones")?
        .iter()
        .filter_map(|zone| {
            text(&zone["duration"])
                .strip_suffix('s')?
                .parse::<i64>()
                .ok()
        })
        .sum();
    assert!((79_000..=86_400).contains(&seconds), "{seconds}");
    let (_, kcal) = roll_up("calories-in-heart-rate-zone", 1).await?;
    let zones = &kcal["rollupDataPoints"][0]["caloriesInHeartRateZone"]["caloriesInHeartRateZones"];
    assert_eq!(zones[0]["heartRateZone"], "LIGHT");
    assert!(zones[0]["kcal"].as_f64() > Some(1000.0));
    let too_long = roll_up("heart-rate", 15).await?;
    assert_eq!(reason(&too_long).1, "INVALID_ROLLUP_QUERY_DURATION");
    assert_eq!(roll_up("time-in-heart-rate-zone", 15).await?.0, 200);
    let unsupported = roll_up("daily-heart-rate-zones", 1).await?;
    assert_eq!(reason(&unsupported).1, "UNSUPPORTED_DATA_TYPE_ACTION");
    Ok(())
}

#[tokio::test]
async fn daily_types_have_one_point_a_day_and_lag() -> Outcome {
    let visitor = Visitor::new(settings(), &EVERYTHING).await?;
    let list = async |name: &str, filter: &str| {
        let mut points = Vec::new();
        let mut token = String::new();
        loop {
            let path = format!("/v4/users/me/dataTypes/{name}/dataPoints:reconcile");
            let query = [
                ("filter", filter),
                ("pageSize", "10000"),
                ("pageToken", &token),
            ];
            let (status, page) = visitor.get(&path, &query).await?;
            assert_eq!(status, 200, "{page}");
            points.extend(page["dataPoints"].as_array().cloned().unwrap_or_default());
            token = text(&page["nextPageToken"]);
            if token.is_empty() {
                return Ok::<_, Box<dyn Error>>(points);
            }
        }
    };
    let everything = list("daily-resting-heart-rate", "").await?;
    assert!(
        (4000..4290).contains(&everything.len()),
        "{}",
        everything.len()
    );
    let newest = &everything[0]["dailyRestingHeartRate"]["date"];
    assert!(
        newest["day"].as_i64() < Some(24),
        "today has none yet: {newest}"
    );
    let one = list(
        "daily-heart-rate-zones",
        "daily_heart_rate_zones.date >= \"2017-06-01\" AND daily_heart_rate_zones.date < \"2017-06-02\"",
    )
    .await?;
    let zones = &one[0]["dailyHeartRateZones"]["heartRateZones"];
    assert_eq!(one.len(), 1);
    assert_eq!(zones[0]["minBeatsPerMinute"], "30");
    assert_eq!(zones[0]["maxBeatsPerMinute"], zones[1]["minBeatsPerMinute"]);
    Ok(())
}

#[tokio::test]
async fn today_ends_with_the_last_sync_that_the_tracker_tells() -> Outcome {
    let visitor = Visitor::new(settings(), &EVERYTHING).await?;
    let (_, devices) = visitor.get("/v4/users/me/pairedDevices", &[]).await?;
    let tracker = devices["pairedDevices"]
        .as_array()
        .and_then(|devices| {
            devices
                .iter()
                .find(|device| device["deviceType"] == "TRACKER")
        })
        .ok_or("no tracker")?;
    let synced = instant(&tracker["lastSyncTime"]);
    let now = settings().now.timestamp_millis();
    assert!(synced < now && synced > now - 5 * 3_600_000);
    let path = format!("{HEART_RATE}:reconcile");
    let today = new_york_day(date(2026, 11, 24));
    let points = visitor.pages(&path, &today, SLIM).await?.concat();
    let newest = points.first().ok_or("no points today")?;
    let newest = instant(&newest["heartRate"]["sampleTime"]["physicalTime"]);
    assert!(newest < synced && newest > synced - 3_600_000);
    let (_, settings) = visitor
        .get("/v4/users/me/settings", &[("fields", "timeZone")])
        .await?;
    assert_eq!(settings, json!({"timeZone": "America/New_York"}));
    Ok(())
}

#[tokio::test]
async fn many_requests_at_once_take_as_long_as_one() -> Outcome {
    let slow = Settings {
        latency: Duration::from_millis(150),
        ..settings()
    };
    let visitor = Visitor::new(slow, &EVERYTHING).await?;
    let began = crate::clock::monotonic();
    for _ in 0..2 {
        let calls = (0..16).map(|_| {
            let call = visitor.request(Method::GET, "/v4/users/me/identity");
            tokio::spawn(call.send())
        });
        for call in calls.collect::<Vec<_>>() {
            assert_eq!(call.await??.status(), 200);
        }
    }
    // One after the other it would be 32 x 150 ms.
    let elapsed = crate::clock::since(began);
    assert!(elapsed < Duration::from_millis(2400), "{elapsed:?}");
    Ok(())
}

#[tokio::test]
async fn a_day_of_25_hours_has_both_offsets() -> Outcome {
    let visitor = Visitor::new(settings(), &EVERYTHING).await?;
    let day = new_york_day(date(2017, 11, 5));
    assert_eq!(day.end - day.start, 25 * 3_600_000);
    let path = format!("{HEART_RATE}:reconcile");
    let points = visitor.pages(&path, &day, SLIM).await?.concat();
    for offset in ["-14400s", "-18000s"] {
        let count = points
            .iter()
            .filter(|point| point["heartRate"]["sampleTime"]["utcOffset"] == offset)
            .count();
        assert!(count > 2000, "{offset}: {count}");
    }
    Ok(())
}
