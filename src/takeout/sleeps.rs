//! `UserSleeps_*.csv`: what the wearer's clock was ahead of UTC when each night began and ended.
//!
//! `+00:00` means "not known" in most rows, so it proves nothing, not even to people in London.

use super::record::{self, Decoded, Fault};

/// An offset from UTC that the export states for an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stated {
    /// Milliseconds since 1970 UTC.
    pub instant: i64,
    /// Seconds, a multiple of 900, never 0.
    pub utc_offset: i32,
}

/// Reads the beginnings and ends of nights.
///
/// # Errors
/// Fails when the file is no CSV. A night that says nothing usable is passed over: it is evidence, not data.
pub fn decode(bytes: &[u8]) -> Result<Decoded<Stated>, Fault> {
    let text = bytes.strip_prefix(record::BOM).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let failed = |error: csv::Error| Fault::new(0, error.to_string());
    let header = reader.byte_headers().map_err(failed)?;
    let find = |names: [&str; 2]| {
        header.iter().position(|cell| {
            let cell = cell.trim_ascii();
            names.iter().any(|name| cell == name.as_bytes())
        })
    };
    let ends = [
        ("start_utc_offset", ["sleep_start", "sleep_start(UTC)"]),
        ("end_utc_offset", ["sleep_end", "sleep_end(UTC)"]),
    ]
    .map(|(offset, instant)| find([offset, offset]).zip(find(instant)));
    let mut decoded = Decoded::default();
    for row in reader.byte_records() {
        let row = row.map_err(failed)?;
        let cell = |at: usize| std::str::from_utf8(row.get(at).unwrap_or_default()).ok();
        for (offset, instant) in ends.into_iter().flatten() {
            let stated = cell(offset)
                .and_then(utc_offset)
                .zip(cell(instant).and_then(super::csv::instant));
            decoded
                .records
                .extend(stated.map(|(utc_offset, instant)| Stated {
                    instant,
                    utc_offset,
                }));
        }
    }
    Ok(decoded)
}

/// `+05:30` in seconds; `None` for `+00:00` and for what no clock on earth shows.
fn utc_offset(text: &str) -> Option<i32> {
    let text = text.trim();
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.get(..2)?.parse().ok()?);
    let seconds = sign * (hours * 3600 + minutes * 60);
    let real = (0..=14).contains(&hours) && (0..60).contains(&minutes) && seconds % 900 == 0;
    (real && seconds != 0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_other_than_zero_are_evidence_for_both_ends_of_a_night() {
        let file = b"sleep_id,start_utc_offset,sleep_start,end_utc_offset,sleep_end\n\
            1,+02:00,2026-10-04 20:30:00+0000,+02:00,2026-10-05T04:30:00Z\n\
            2,+00:00,2026-10-05 20:30:00+0000,-03:30,2026-10-06 04:30:00+0000\n\
            3,+25:00,2026-10-05 20:30:00+0000,+01:07,2026-10-06 04:30:00+0000\n\
            4,,,x,y\n";
        let stated = |instant, utc_offset| Stated {
            instant,
            utc_offset,
        };
        assert_eq!(
            decode(file).expect("CSV").records,
            [
                stated(1_791_145_800_000, 7200),
                stated(1_791_174_600_000, 7200),
                stated(1_791_261_000_000, -12_600),
            ]
        );
        let other = b"sleep_id,start_utc_offset,sleep_start(UTC)\n1,+05:30,2026-10-04T20:30:00Z\n";
        assert_eq!(decode(other).expect("CSV").records.len(), 1);
        assert_eq!(decode(b"a,b\n1,2\n").expect("CSV").records, []);
    }
}
