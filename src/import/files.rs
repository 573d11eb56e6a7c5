//! The bytes of a heart-rate file become a block, and its faults a part of the report.

use super::run::{OtherDay, Run};
use super::skip::{Skip, Source};
use crate::takeout::block::{CsvBlock, JsonBlock, StoredBlock};
use crate::takeout::input::Refusal;
use crate::takeout::name::Kind;
use crate::takeout::packed::Packed;
use crate::takeout::record::{CsvRecord, Decoded, Fault};
use crate::takeout::wearer_clock::{DAY_MS, DayBounds, date, midnight};
use crate::takeout::{csv, json_fast, json_slow};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

/// No clock is further behind or ahead of UTC, in milliseconds.
const BEHIND_MS: i64 = 12 * 3_600_000;
const AHEAD_MS: i64 = 14 * 3_600_000;

/// How far a wearer's day and a device's clock can be ahead of now, in milliseconds.
const STILL_TO_COME_MS: i64 = DAY_MS;

/// No tracker measured heart rate before, in days since 1970: 2009-01-01.
const FIRST_TRACKER: i64 = 14_245;

/// What was read.
pub(super) enum Read {
    Json(Arc<Packed>, DayBounds),
    Csv(Arc<Packed>),
    Stored(Arc<StoredBlock>, bool),
    Nothing,
}

/// Decodes a heart-rate file.
///
/// Fails when the file as a whole makes no sense; single records that make none are counted.
pub(super) fn decode(
    run: &Run<'_>,
    kind: Kind,
    (made, export): (Option<i64>, usize),
    bytes: &[u8],
    source: &Source<'_>,
) -> Result<Read, Refusal> {
    let refuse = |fault: Fault| Refusal::at(fault.offset, fault.problem);
    let end = run.request.now.timestamp_millis() + STILL_TO_COME_MS;
    if kind.day().is_some_and(|day| midnight(day) > end) {
        return Err(Refusal::new("it is of a day that is still to come"));
    }
    match kind {
        Kind::Json(day) => {
            let mut decoded = match json_fast::decode(bytes) {
                Some(records) => Decoded::of(records),
                None => json_slow::decode(bytes).map_err(refuse)?,
            };
            // Any clock on earth could have shown that day.
            let first = midnight(day) - AHEAD_MS;
            let last = end.min(midnight(day) + DAY_MS + BEHIND_MS);
            let stray = keep_within(&mut decoded, |record| record.instant, first, last);
            let empty = decoded.records.is_empty();
            count(run, source, &decoded, stray, bytes.len(), true);
            if empty && decoded.faulty + stray > 0 {
                // That the day is empty is not what this file says.
                return Ok(Read::Nothing);
            }
            let (block, day_bounds) = JsonBlock::new(day, made, decoded.records);
            Ok(Read::Json(Arc::new(Packed::json(&block)), day_bounds))
        }
        Kind::Csv(day) => {
            let mut decoded = csv::decode(bytes, &run.devices).map_err(refuse)?;
            let first = FIRST_TRACKER * DAY_MS;
            let stray = keep_within(&mut decoded, |record| record.instant, first, end);
            count(run, source, &decoded, stray, bytes.len(), false);
            let own = midnight(day)..midnight(day) + DAY_MS;
            let is_own = |record: &CsvRecord| own.contains(&record.instant);
            if !decoded.records.iter().all(is_own) {
                let others = decoded.records.extract_if(.., |record| !is_own(record));
                keep_other_days(run, made, export, others);
            }
            let block = CsvBlock::new(day, made, decoded.records);
            Ok(Read::Csv(Arc::new(Packed::csv(&block))))
        }
        Kind::Profile
        | Kind::Sleeps
        | Kind::SleepStages
        | Kind::SleepLog
        | Kind::RestingJson
        | Kind::RestingCsv => Ok(Read::Nothing),
    }
}

/// Puts records of other days aside, until the days that the names tell of are done.
fn keep_other_days(
    run: &Run<'_>,
    made: Option<i64>,
    export: usize,
    records: impl Iterator<Item = CsvRecord>,
) {
    let mut days: BTreeMap<NaiveDate, Vec<CsvRecord>> = BTreeMap::new();
    for record in records {
        days.entry(date(record.instant)).or_default().push(record);
    }
    let blocks = days.into_iter().map(|(day, records)| OtherDay {
        block: Packed::csv(&CsvBlock::new(day, made, records)),
        export,
    });
    run.other_days
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .extend(blocks);
}

/// Takes out records that cannot belong to the file's day, and tells how many.
fn keep_within<T>(
    decoded: &mut Decoded<T>,
    instant: impl Fn(&T) -> i64,
    first: i64,
    last: i64,
) -> u64 {
    let before = decoded.records.len();
    decoded
        .records
        .retain(|record| (first..last).contains(&instant(record)));
    (before - decoded.records.len()) as u64
}

fn count<T>(
    run: &Run<'_>,
    source: &Source<'_>,
    decoded: &Decoded<T>,
    stray: u64,
    bytes: usize,
    json: bool,
) {
    let mut report = run.report();
    report.bytes += bytes as u64;
    if json {
        report.json_files += 1;
    } else {
        report.csv_files += 1;
    }
    if decoded.records.is_empty() && decoded.faulty + stray == 0 {
        report.empty_files += 1;
    }
    report.skip_records(source, &decoded.faults, decoded.faulty);
    if stray > 0 {
        report.skip(Skip::stray(source));
        report.skipped_records += stray - 1;
    }
}
