//! `csv`: one header, then the rows of all days.

use super::text::Text;
use crate::day::Day;
use crate::sink::{Field, csv};

/// The format with its columns.
#[derive(Debug)]
pub struct Csv<'a> {
    /// The columns, in their order.
    pub fields: &'a [Field],
}

impl Text for Csv<'_> {
    fn opening(&self) -> Vec<u8> {
        csv::header(self.fields)
    }

    fn push_day(&self, out: &mut Vec<u8>, day: &Day) -> u64 {
        csv::push_rows(out, day, self.fields);
        0
    }
}
