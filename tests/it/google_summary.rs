//! Zones, resting heart rate, minutes and calories in zone; and what each missing scope costs.

use crate::google_details::{date, home, run};
use crate::google_truth::{CALORIES, DEVICES, MINUTES, Point, SETTINGS, Service, Truth};
use crate::program::{Home, Output, google_scopes};
use serde_json::{Value, json};

const DAY: &str = "2017-06-01";

/// A day with all four parts of a summary, and neighbours that are not to be mixed up with it.
fn summarised() -> Truth {
    let mut truth = Truth::of(vec![Point::new("2017-06-01T12:00:00Z", 0, 60)], "UTC");
    for (day, k) in [("2017-05-31", 1), (DAY, 2), ("2017-06-02", 3)] {
        let day = date(day);
        truth.resting.insert(day, json!((50 + k).to_string()));
        truth.zones.insert(
            day,
            json!([{"heartRateZoneType": "LIGHT", "minBeatsPerMinute": "30", "maxBeatsPerMinute": (100 + k).to_string()},
                {"heartRateZoneType": "MODERATE", "minBeatsPerMinute": 103, "maxBeatsPerMinute": 130}]),
        );
        truth.minutes.insert(
            day,
            json!([{"heartRateZone": "MODERATE", "duration": format!("{}s", 600 * k)}, {"heartRateZone": "LIGHT", "duration": "89.5s"}]),
        );
        truth.calories.insert(
            day,
            json!([{"heartRateZone": "LIGHT", "kcal": 100.25 * f64::from(k)}]),
        );
    }
    truth
}

#[track_caller]
fn heart(home: &Home) -> Value {
    let json: Value = serde_json::from_str(&home.read("fitbit_data/hr.json")).expect("json");
    assert_eq!(json["activities-heart"][0]["dateTime"], json!(DAY));
    json["activities-heart"][0]["value"].clone()
}

#[test]
fn all_four_parts_of_the_summary_meet_in_their_zones() {
    let service = summarised().serve();
    let home = home(&service);
    run(&home, DAY);
    assert_eq!(
        heart(&home),
        json!({"customHeartRateZones": [], "restingHeartRate": 52, "heartRateZones": [
            {"name": "Out of Range", "min": 30, "max": 102, "minutes": 1, "caloriesOut": 200.5},
            {"name": "Fat Burn", "min": 103, "max": 130, "minutes": 20},
        ]})
    );
}

type Change<'a> = &'a dyn Fn(&mut Truth);

#[test]
fn what_is_not_there_is_left_out_and_never_zero() {
    let day = date(DAY);
    let cases: [(Change, Value); 5] = [
        (
            &|truth| {
                truth.resting.remove(&day);
            },
            json!({"customHeartRateZones": [], "heartRateZones": [
                {"name": "Out of Range", "min": 30, "max": 102, "minutes": 1, "caloriesOut": 200.5},
                {"name": "Fat Burn", "min": 103, "max": 130, "minutes": 20}]}),
        ),
        (
            &|truth| {
                truth.minutes.clear();
                truth.calories.clear();
            },
            json!({"customHeartRateZones": [], "restingHeartRate": 52, "heartRateZones": [
                {"name": "Out of Range", "min": 30, "max": 102}, {"name": "Fat Burn", "min": 103, "max": 130}]}),
        ),
        (
            &|truth| {
                truth.zones.remove(&day);
                truth.minutes.remove(&day);
                truth.calories.remove(&day);
            },
            json!({"customHeartRateZones": [], "restingHeartRate": 52, "heartRateZones": []}),
        ),
        (
            &|truth| {
                truth.zones.remove(&day);
                truth.calories.remove(&day);
                truth
                    .minutes
                    .insert(day, json!([{"heartRateZone": "PEAK"}, {"heartRateZone": "VIGOROUS", "duration": "60s"}]));
            },
            json!({"customHeartRateZones": [], "restingHeartRate": 52, "heartRateZones": [{"name": "Cardio", "minutes": 1}]}),
        ),
        // A zone that this program has not heard of keeps its own name and comes last.
        (
            &|truth| {
                truth.minutes.clear();
                truth.calories.clear();
                truth.zones.insert(
                    day,
                    json!([{"heartRateZoneType": "EXTREME", "minBeatsPerMinute": "200"}, {"heartRateZoneType": "PEAK", "maxBeatsPerMinute": "200"}]),
                );
            },
            json!({"customHeartRateZones": [], "restingHeartRate": 52, "heartRateZones": [
                {"name": "Peak", "max": 200}, {"name": "EXTREME", "min": 200}]}),
        ),
    ];
    for (change, expected) in cases {
        let service = summarised().serve();
        change(&mut service.truth());
        let home = home(&service);
        run(&home, DAY);
        assert_eq!(heart(&home), expected);
    }
}

#[test]
fn without_a_summary_there_is_none_in_the_file() {
    let service = summarised().serve();
    let home = home(&service);
    run(&home, &format!("{DAY} --no-summary"));
    assert_eq!(
        heart(&home),
        json!({"customHeartRateZones": [], "heartRateZones": []})
    );
}

/// A login that was given only these of the three scopes, and says so.
fn with_scopes(service: &Service, names: &[&'static str]) -> Home {
    service.truth().granted = names.to_vec();
    let home = home(service);
    let scopes: Vec<_> = google_scopes()
        .into_iter()
        .filter(|scope| {
            names
                .iter()
                .any(|name| scope.ends_with(&format!("{name}.readonly")))
        })
        .collect();
    home.logged_in_with("google", 3600, &json!({ "scopes": scopes }));
    home
}

const METRICS: &str = "health_metrics_and_measurements";

#[test]
fn a_missing_scope_costs_what_it_feeds_and_is_named() {
    let settings_note: &[&str] = &["note:", "settings.readonly", "time zone", "last sync"];
    let activity_note: &[&str] = &[
        "note:",
        "activity_and_fitness.readonly",
        "minutes and calories",
    ];
    for (granted, notes) in [
        (vec![METRICS], vec![settings_note, activity_note]),
        (vec![METRICS, "settings"], vec![activity_note]),
        (vec![METRICS, "activity_and_fitness"], vec![settings_note]),
    ] {
        let service = summarised().serve();
        let home = with_scopes(&service, &granted);
        let mut output: Output = run(&home, DAY);
        for note in notes {
            output = output.says(note);
        }
        let zone = &heart(&home)["heartRateZones"][0];
        let has_activity = granted.contains(&"activity_and_fitness");
        assert_eq!(zone.get("minutes").is_some(), has_activity);
        assert_eq!(zone.get("caloriesOut").is_some(), has_activity);
        assert_eq!(
            (
                zone["min"].clone(),
                heart(&home)["restingHeartRate"].clone()
            ),
            (json!(30), json!(52))
        );
        // What was not granted is not even asked for.
        for (path, scope) in [
            (SETTINGS, "settings"),
            (DEVICES, "settings"),
            (MINUTES, "activity_and_fitness"),
            (CALORIES, "activity_and_fitness"),
        ] {
            assert_eq!(
                service.server.requests_to(path).is_empty(),
                !granted.contains(&scope),
                "{path}"
            );
        }
    }
}

#[test]
fn a_scope_that_the_service_denies_although_it_was_granted_costs_the_same() {
    for granted in [
        vec![METRICS, "activity_and_fitness"],
        vec![METRICS, "settings"],
    ] {
        let service = summarised().serve();
        let home = home(&service);
        service.truth().granted.clone_from(&granted);
        // The token may have been meant: it is renewed once before that is believed.
        service.server.any("POST", "/token", |_| {
            crate::server::Reply::json(&json!({"access_token": crate::secrets::ACCESS, "expires_in": 3599, "token_type": "Bearer"}))
        });
        let output = run(&home, DAY);
        if granted.contains(&"settings") {
            output
                .says(&["activity_and_fitness.readonly"])
                .never_says("settings.readonly");
            assert!(heart(&home)["heartRateZones"][0].get("minutes").is_none());
        } else {
            output
                .says(&["settings.readonly"])
                .never_says("activity_and_fitness.readonly");
            assert_eq!(heart(&home)["heartRateZones"][0]["minutes"], json!(1));
        }
    }
}

#[test]
fn without_the_indispensable_scope_the_run_says_which_and_ends_with_77() {
    let service = summarised().serve();
    let home = home(&service);
    service.truth().granted = vec!["settings", "activity_and_fitness"];
    service.server.any("POST", "/token", |_| {
        crate::server::Reply::json(&json!({"access_token": crate::secrets::ACCESS, "expires_in": 3599, "token_type": "Bearer"}))
    });
    for detail in ["1sec", "1min"] {
        home.run([DAY, detail, "--no-summary"])
            .expect(77)
            .with_one_error()
            .says(&[
                "health_metrics_and_measurements.readonly",
                "tick",
                "fitbit-hr login",
            ]);
    }
    assert!(!home.work("fitbit_data").exists());
    // A login that says itself that it lacks it is not tried.
    let home = with_scopes(&service, &["settings"]);
    let before = service.api_requests().len();
    home.run([DAY])
        .expect(77)
        .with_one_error()
        .says(&["health_metrics_and_measurements.readonly"]);
    assert_eq!(service.api_requests().len(), before);
}
