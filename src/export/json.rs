//! `json`: an array of days, each a document on its own line: heart rate in the shape of `hr.json`, any other series with its
//! rows, and a session's segments inside it.

use super::series::{File, Table};
use super::text::Text;
use crate::archive::{DayFile, table::places};
use crate::extract::Rows;
use crate::sink::{json, table};
use chrono::NaiveDate;
use std::collections::BTreeMap;

const OPENING: &[u8] = b"[";
const BETWEEN: &[u8] = b",\n";
const ENDING: &[u8] = b"]\n";

/// The format of heart rate.
#[derive(Debug)]
pub struct Json;

impl Text<DayFile> for Json {
    fn opening(&self) -> Vec<u8> {
        OPENING.to_vec()
    }

    fn push(&self, out: &mut Vec<u8>, file: &DayFile) -> u64 {
        json::push_document(out, &file.day);
        0
    }

    fn between(&self) -> &'static [u8] {
        BETWEEN
    }

    fn ending(&self) -> &'static [u8] {
        ENDING
    }
}

/// The format of any other series.
#[derive(Debug)]
pub struct JsonOfTable<'a>(pub &'a Table);

impl Text<File> for JsonOfTable<'_> {
    fn opening(&self) -> Vec<u8> {
        OPENING.to_vec()
    }

    fn push(&self, out: &mut Vec<u8>, file: &File) -> u64 {
        let definition = &self.0.definition;
        let rows = places(&file.rows, |day| day);
        let segments = file
            .segments
            .as_ref()
            .map(|rows| (rows, places(rows, |day| day)));
        for (place, day) in file.days.iter().enumerate() {
            if place > 0 {
                out.extend_from_slice(BETWEEN);
            }
            let of_day = |rows: &Rows, days: &BTreeMap<NaiveDate, Vec<usize>>| {
                rows.take(days.get(&day).map_or(&[], Vec::as_slice))
            };
            let segments = segments.as_ref().map(|(rows, days)| of_day(rows, days));
            let rows = of_day(&file.rows, &rows);
            let shown = &self.0.shown;
            table::push_document(out, definition, day, shown, &rows, segments.as_ref());
        }
        0
    }

    fn between(&self) -> &'static [u8] {
        BETWEEN
    }

    fn ending(&self) -> &'static [u8] {
        ENDING
    }
}
