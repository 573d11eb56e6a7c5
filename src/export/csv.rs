//! `csv`: one header, then the rows of all days.

use super::heart_rate::HeartRate;
use super::series::{File, Table};
use super::text::Text;
use crate::archive::DayFile;
use crate::sink::{csv, table};

/// The format of heart rate.
#[derive(Debug)]
pub struct Csv<'a>(pub &'a HeartRate);

impl Text<DayFile> for Csv<'_> {
    fn opening(&self) -> Vec<u8> {
        csv::header(&self.0.fields)
    }

    fn push(&self, out: &mut Vec<u8>, file: &DayFile) -> u64 {
        csv::push_rows(out, &file.day, &self.0.fields);
        0
    }
}

/// The format of any other table.
#[derive(Debug)]
pub struct CsvOfTable<'a>(pub &'a Table);

impl Text<File> for CsvOfTable<'_> {
    fn opening(&self) -> Vec<u8> {
        let mut header = Vec::new();
        table::push_header(&mut header, &self.0.shown);
        header
    }

    fn push(&self, out: &mut Vec<u8>, file: &File) -> u64 {
        if let Some(rows) = self.0.rows(file) {
            table::push_csv(out, &self.0.shown, rows);
        }
        0
    }
}
