//! What the archive and the exports hold, byte for byte: a rebuilt house must not move a comma of them.

use crate::export::{archive, day};
use crate::program::{Home, run};
use fitbit_hr::archive::DayFile;
use fitbit_hr::day::{Detail, Sample, Zone};
use std::fs;

/// 2024-11-02T22:00:00-04:00, four hours before the clocks of New York go back.
const EVENING: i64 = 1_730_599_200_000;

/// A day with everything that a file can say: two sources, a repeated hour, a confidence, rows without an instant, a
/// placeholder, a resting heart rate and zones.
fn full_day() -> DayFile {
    let mut samples: Vec<Sample> = (0..4000)
        .map(|n| {
            let instant = EVENING + 7_200_000 + n * 6_000 + (n % 3) * 1_000;
            let utc_offset = if n < 1200 { -14_400 } else { -18_000 };
            let bpm = u16::try_from(60 + (n * n / 17) % 50).expect("beats");
            Sample {
                confidence: u8::try_from(n % 5).ok().filter(|grade| *grade < 4),
                source: u16::from(n % 7 == 0),
                ..Sample::at(instant, utc_offset, bpm)
            }
        })
        .collect();
    samples.push(Sample {
        instant: None,
        utc_offset: None,
        ..Sample::at(EVENING + 32_000_000, -18_000, 51)
    });
    let mut file = day("2024-11-03", Detail::Sec1, "takeout/Inspire 3", samples);
    file.day.sources.push("google".parse().expect("a source"));
    file.day.summary.resting_bpm = Some(58.64);
    file.meta.placeholders = vec![EVENING + 7_200_500];
    file.day.summary.zones = vec![Zone {
        name: "Fat Burn".to_owned(),
        min: Some(97),
        max: None,
        minutes: None,
        calories: None,
    }];
    file
}

/// FNV-1a: enough to notice that something moved.
fn fingerprint(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{} bytes {hash:016x}", bytes.len())
}

fn filled() -> Home {
    let home = Home::new();
    let empty = day("2024-11-04", Detail::Sec1, "google", Vec::new());
    for file in [full_day(), empty] {
        archive(&home).update(&file).expect("stored");
    }
    home
}

#[test]
fn the_archive_writes_the_bytes_that_it_always_wrote() {
    let home = filled();
    for (name, expected) in [
        ("2024-11-03", "2212 bytes f1d4c057c9d308b5"),
        ("2024-11-04", "414 bytes 373e647b123bb173"),
    ] {
        let folder = "fitbit_data/archive/heart_rate/detail=1sec/year=2024/month=11";
        let bytes = fs::read(home.work(&format!("{folder}/{name}.parquet"))).expect("a file");
        assert_eq!(fingerprint(&bytes), expected, "{name}");
    }
}

#[test]
fn an_export_writes_the_bytes_that_it_always_wrote() {
    let home = filled();
    for (arguments, expected) in [
        ("export -o all.csv", "92816 bytes bb3b5ee0dfc3fd9d"),
        ("export -o all.json", "125246 bytes 7b40ad08f8415c2d"),
        (
            "export -o all.ndjson --fields utc,offset,hr,confidence,source",
            "400971 bytes 1682c75106e8024a",
        ),
        ("export -o all.parquet", "2117 bytes 487282a7612f6d6f"),
        ("export -o all.sqlite", "528284 bytes 71f71b77b308cf7f"),
        (
            "export -o means.sqlite --detail 5min",
            "28572 bytes d9284f3da62ffe7b",
        ),
        (
            "export -o means.csv --detail 1min",
            "9235 bytes d953193851b95cbe",
        ),
    ] {
        run(home.command(arguments.split(' '))).expect(0);
        let name = arguments.split(' ').nth(2).expect("a name");
        let mut bytes = fs::read(home.work(name)).expect("a file");
        if name.ends_with("sqlite") {
            // Its header names the version of SQLite.
            bytes.drain(..100);
        }
        assert_eq!(fingerprint(&bytes), expected, "{arguments}");
    }
}
