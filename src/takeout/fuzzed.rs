//! The parsers against bytes that no export has: random, mutated, cut. Runs a little in every test; `fuzz/` runs the same
//! checks for as long as one likes.

use super::device::Devices;
use super::record::{Decoded, JsonRecord};
use super::{csv, json_fast, json_slow, profile, resting, sleeps};
use chrono::NaiveDate;

/// Checks the parsers of the JSON twin: what the fast one takes, the slow one reads alike; every record makes sense;
/// every fault lies in the file.
///
/// # Panics
/// If not.
pub fn check_json(bytes: &[u8]) {
    let slow = json_slow::decode(bytes);
    if let Some(records) = json_fast::decode(bytes) {
        assert_eq!(slow.as_ref(), Ok(&Decoded::of(records)));
    }
    match slow {
        Ok(decoded) => {
            assert!(decoded.records.iter().all(makes_sense));
            assert!(decoded.faulty >= decoded.faults.len() as u64);
            for fault in &decoded.faults {
                assert!(fault.offset < bytes.len() as u64, "{fault:?}");
            }
        }
        Err(fault) => assert!(fault.offset <= bytes.len() as u64, "{fault:?}"),
    }
}

fn makes_sense(record: &JsonRecord) -> bool {
    (1..=300).contains(&record.bpm) && record.confidence.is_none_or(|known| known <= 3)
}

/// Checks the parsers of the CSV twin, likewise.
///
/// # Panics
/// If what the fast one takes is not what the slow one reads.
pub fn check_csv(bytes: &[u8]) {
    let devices = Devices::default();
    let slow = csv::slow(bytes, &devices);
    if let Some(records) = csv::fast(bytes, &devices) {
        assert_eq!(slow.as_ref(), Ok(&Decoded::of(records)));
    }
    if let Ok(decoded) = slow {
        assert!(
            decoded
                .records
                .iter()
                .all(|record| (1..=300).contains(&record.bpm))
        );
        for fault in &decoded.faults {
            assert!(fault.offset < bytes.len() as u64, "{fault:?}");
        }
    }
}

/// Checks that the other parsers take anything without a panic.
///
/// # Panics
/// If a resting heart rate makes no sense.
pub fn check_others(bytes: &[u8]) {
    let _ = profile::decode(bytes);
    let _ = sleeps::decode(bytes);
    for decoded in [
        resting::decode_json(bytes, NaiveDate::MAX),
        resting::decode_csv(bytes, NaiveDate::MAX),
    ]
    .into_iter()
    .flatten()
    {
        assert!(
            decoded
                .records
                .iter()
                .all(|resting| resting.bpm > 0.0 && resting.bpm <= 300.0)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::takeout::sample_files::{csv_file, json_file};
    use proptest::prelude::*;

    fn seeds() -> Vec<Vec<u8>> {
        let records: Vec<_> = (0..4)
            .map(|n| JsonRecord {
                instant: 1_468_245_600_000 + n * 5000,
                bpm: 68 + u16::try_from(n * 20).expect("small"),
                confidence: u8::try_from(n).ok(),
            })
            .collect();
        let two = [
            (1_681_603_207_000, 82, None),
            (1_681_603_209_000, 101, None),
        ];
        let three = [
            (1_775_520_000_000, 85, Some("Inspire 3")),
            (1_775_520_001_000, 6, Some("x")),
        ];
        vec![
            json_file(&records),
            csv_file(&two),
            csv_file(&three),
            b"[{\"value\":{\"date\":\"05/16/18\",\"value\":69.8}}]".to_vec(),
            b"id,timezone,start_utc_offset,sleep_start\nA,Asia/Tokyo,+09:00,2024-01-01T00:00:00Z\n"
                .to_vec(),
        ]
    }

    fn check(bytes: &[u8]) {
        check_json(bytes);
        check_csv(bytes);
        check_others(bytes);
    }

    #[test]
    fn odd_cases_that_were_found_stay_read() {
        for bytes in [
            &b"[{\"dateTime\":\"01/01/24 00:00:00\",\"dateTime\":\"01/01/24 00:00:01\",\"value\":{\"bpm\":70}}]"[..],
            b"\xEF\xBB\xBF\xEF\xBB\xBF[]",
            b"[\xFF]",
            b"timestamp,beats per minute\n+024-01-01T00:00:00Z,82.0\n",
            b"timestamp,beats per minute\n2024-01-01T00:00:00Z,082.0\n",
            b"timestamp,beats per minute,data source\n2024-01-01T00:00:00Z,82.0,\n",
            b"timestamp,beats per minute,data source\n2024-01-01T00:00:00Z,82.0, x \n",
            b"timestamp,beats per minute\n\n\n2024-01-01T00:00:00Z,82.0\n",
            b"\"timestamp,beats per minute\n",
        ] {
            check(bytes);
        }
    }

    proptest! {
        #[test]
        fn random_bytes_are_read_alike_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            check(&bytes);
        }

        #[test]
        fn changed_files_are_read_alike_or_refused(
            seed in 0_usize..5,
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 0..6),
        ) {
            let mut bytes = seeds().remove(seed);
            for (at, byte, kind) in changes {
                let at = at.index(bytes.len() + 1);
                match kind {
                    0 if at < bytes.len() => bytes[at] = byte,
                    1 => bytes.insert(at, byte),
                    2 if at < bytes.len() => { bytes.remove(at); }
                    // A digit for a digit is what the fast path must look at twice.
                    _ => if let Some(old) = bytes.get_mut(at).filter(|old| old.is_ascii_digit()) {
                        *old = b'0' + byte % 10;
                    },
                }
            }
            check(&bytes);
        }
    }
}
