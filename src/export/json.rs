//! `json`: an array of days, each a document in the shape of `hr.json` on its own line.

use super::text::Text;
use crate::day::Day;
use crate::sink::json;

/// The format.
#[derive(Debug)]
pub struct Json;

impl Text for Json {
    fn opening(&self) -> Vec<u8> {
        b"[".to_vec()
    }

    fn push_day(&self, out: &mut Vec<u8>, day: &Day) -> u64 {
        json::push_document(out, day);
        0
    }

    fn between(&self) -> &'static [u8] {
        b",\n"
    }

    fn ending(&self) -> &'static [u8] {
        b"]\n"
    }
}
