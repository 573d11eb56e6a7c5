//! Names of ten years of exports, of their copies, and of what only looks like them.

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

#[test]
fn every_layout_of_ten_years_is_known_by_its_base_names() {
    for (path, kind) in [
        (
            "JaneDoe/user-site-export/heart_rate-2018-03-04.json",
            Kind::Json(day("2018-03-04")),
        ),
        (
            "MyFitbitData/JaneDoe/Physical Activity/heart_rate-2020-02-29.json",
            Kind::Json(day("2020-02-29")),
        ),
        (
            "Takeout/Fitbit/Global Export Data/heart_rate-2024-01-01.json",
            Kind::Json(day("2024-01-01")),
        ),
        (
            "Takeout/Fitbit/Physical Activity_GoogleData/heart_rate_2024-01-01.csv",
            Kind::Csv(day("2024-01-01")),
        ),
        (
            "Takeout/Google Health/Physical Activity_GoogleData/Heart Rate/heart_rate_2026-09-12.csv",
            Kind::Csv(day("2026-09-12")),
        ),
        (
            "../../../etc/heart_rate-2024-01-01.json",
            Kind::Json(day("2024-01-01")),
        ),
        (
            "C:\\temp\\heart_rate_2024-01-01.csv",
            Kind::Csv(day("2024-01-01")),
        ),
        ("heart_rate-2024-01-01.json", Kind::Json(day("2024-01-01"))),
        (
            "Takeout/Fitbit/Global Export Data/resting_heart_rate-2018-05-16.json",
            Kind::RestingJson,
        ),
        ("x/daily_resting_heart_rate.csv", Kind::RestingCsv),
        ("daily_resting_heart_rate_2026-09-01.csv", Kind::RestingCsv),
        ("Takeout/Fitbit/Your Profile/Profile.csv", Kind::Profile),
        (
            "Takeout/Fitbit/Health Fitness Data_GoogleData/UserSleeps_2023-04-10.csv",
            Kind::Sleeps,
        ),
        ("UserSleepStages_2023-04-10.csv", Kind::SleepStages),
        ("sleep-2023-04-10.json", Kind::SleepLog),
    ] {
        assert_eq!(judge(path.as_bytes()), Named::Wanted(kind), "{path}");
    }
}

#[test]
fn copies_are_what_they_are_copies_of() {
    let ours = day("2024-07-01");
    for mark in [
        "",
        " (1)",
        "(1)",
        " 2",
        " - Copy",
        " - Copy (2)",
        " copy",
        " copy 2",
        " (copy)",
        " - Kopie",
        "_1",
        "-2",
        " (3rd copy)",
        " \u{2013} Copie",
    ] {
        for tail in ["", ".gz", " (1)", ".1", "~", ".txt", " (2).gz"] {
            for (name, kind) in [
                (
                    format!("heart_rate-2024-07-01{mark}.json{tail}"),
                    Kind::Json(ours),
                ),
                (
                    format!("HEART_RATE_2024-07-01{mark}.CSV{tail}"),
                    Kind::Csv(ours),
                ),
                (
                    format!("resting_heart_rate-2024-07-01{mark}.Json{tail}"),
                    Kind::RestingJson,
                ),
                (
                    format!("Copy of heart_rate_2024-07-01{mark}.csv{tail}"),
                    Kind::Csv(ours),
                ),
                (
                    format!("UserSleeps_2024-07-01{mark}.csv{tail}"),
                    Kind::Sleeps,
                ),
            ] {
                assert_eq!(judge(name.as_bytes()), Named::Wanted(kind), "{name}");
            }
        }
    }
    for name in ["Profile (1).csv", "profile - Copy.CSV", "PROFILE 2.csv.gz"] {
        assert_eq!(
            judge(name.as_bytes()),
            Named::Wanted(Kind::Profile),
            "{name}"
        );
    }
}

#[test]
fn archives_and_what_stands_in_for_them_or_for_files() {
    for name in [
        "x.ZIP",
        "holiday.tgz",
        "a/b.tar.gz",
        "c.TAR",
        "heart_rate-2024-01-01.json.zip",
    ] {
        assert_eq!(judge(name.as_bytes()), Named::Archive, "{name}");
    }
    for (name, why) in [
        (".heart_rate-2024-01-01.json.icloud", IN_ICLOUD),
        (".takeout-20260909T182813Z-1-001.zip.icloud", IN_ICLOUD),
        (".heart_rate_2024-01-01 2.csv.icloud", IN_ICLOUD),
        ("takeout-20260909T182813Z-1-001.zip.crdownload", UNFINISHED),
        ("heart_rate-2024-01-01.json.bz2", PACKED),
        ("takeout-20260909T182813Z-1-001.7z", PACKED),
    ] {
        assert_eq!(judge(name.as_bytes()), Named::Elsewhere(why), "{name}");
    }
}

#[test]
fn neighbours_with_similar_names_are_foreign() {
    for path in [
        "time_in_heart_rate_zones-2024-01-01.json",
        "time_in_heart_rate_zone_2024-01-01.csv",
        "heart_rate_variability_2024-01-01.csv",
        "daily_heart_rate_zones.csv",
        "heart_rate_readme.txt",
        "Heart Rate Notifications Alerts.csv",
        "heart_rate_2024-01-01.json",
        "heart_rate-2024-01-01.csv",
        "heart_rate-2024-01-01.jsonl",
        "heart_rate-2024-01-01.json.sha256",
        "heart_rate-2024-01-012.json",
        "._heart_rate-2024-01-01.json",
        "._takeout-20260909T182813Z-1-001.zip",
        ".holiday.jpg.icloud",
        "song.mp3.part",
        "heart_rate-2024-1-1.json",
        "__MACOSX/Takeout/heart_rate-2024-01-01.json",
        "__MACOSX/Takeout/._heart_rate-2024-01-01.json",
        "heart_rate-2024-01-01.json/",
        "",
    ] {
        assert_eq!(judge(path.as_bytes()), Named::Foreign, "{path}");
    }
    assert_eq!(judge(b"heart_rate-2023-02-29.json"), Named::NoDay);
    assert_eq!(judge(b"heart_rate_2023-13-01.csv"), Named::NoDay);
}
