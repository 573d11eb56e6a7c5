//! Files in the measured shapes, made up for tests.

use super::record::JsonRecord;
use crate::day::wall_clock;
use std::fmt::Write;

/// The JSON twin, byte for byte as the exports have it.
pub fn json_file(records: &[JsonRecord]) -> Vec<u8> {
    let records: Vec<_> = records
        .iter()
        .map(|record| {
            format!(
                "{{\n  \"dateTime\" : \"{}\",\n  \"value\" : {{\n    \"bpm\" : {},\n    \"confidence\" : {}\n  }}\n}}",
                wall_clock(record.instant).format("%m/%d/%y %H:%M:%S"),
                record.bpm,
                record.confidence.unwrap_or_default()
            )
        })
        .collect();
    format!("[{}]", records.join(",")).into_bytes()
}

/// The CSV twin: instant, bpm and, in the newer shape, a device for every row.
pub fn csv_file(rows: &[(i64, u16, Option<&str>)]) -> Vec<u8> {
    let with_device = rows.first().is_some_and(|row| row.2.is_some());
    let mut file = String::from("timestamp,beats per minute");
    file.push_str(if with_device { ",data source\n" } else { "\n" });
    for (instant, bpm, device) in rows {
        let stamp = wall_clock(*instant).format("%Y-%m-%dT%H:%M:%SZ");
        let device = device
            .map(|device| format!(",{device}"))
            .unwrap_or_default();
        let _ = writeln!(file, "{stamp},{bpm}.0{device}");
    }
    file.into_bytes()
}
