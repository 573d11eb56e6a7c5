//! The footer of a day's file, from the last bytes alone.

use crate::archive::{Footer, meta};
use crate::day::Detail;
use chrono::NaiveDate;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};

/// How many bytes at the end of a file hold its footer, mostly.
pub const USUAL_FOOTER: u64 = 4096;

/// What follows the footer: its length and the format's mark.
const TRAILER: usize = 8;

/// What the end of a file holds.
#[derive(Debug)]
pub enum Tail {
    /// The footer.
    Footer(Box<Footer>),
    /// A part of the footer: this many bytes are needed.
    Longer(u64),
}

/// Reads the footer out of the last bytes of the file of a day.
///
/// # Errors
/// Fails when it is no footer, or that of another day.
pub fn decode_footer(
    tail: &[u8],
    asked: u64,
    detail: Detail,
    date: NaiveDate,
) -> Result<Tail, String> {
    let [.., a, b, c, d, b'P', b'A', b'R', b'1'] = tail else {
        return Err("it does not end as a Parquet file does".to_owned());
    };
    let length = u64::from(u32::from_le_bytes([*a, *b, *c, *d])) + TRAILER as u64;
    if length > asked {
        return Ok(Tail::Longer(length));
    }
    let end = tail.len() - TRAILER;
    let start = usize::try_from(length)
        .ok()
        .and_then(|length| tail.len().checked_sub(length))
        .ok_or("its footer is longer than the file")?;
    let metadata = ParquetMetaDataReader::decode_metadata(&tail[start..end])
        .map_err(|error| error.to_string())?;
    footer(&metadata, detail, date).map(|footer| Tail::Footer(Box::new(footer)))
}

/// What the footer says, if it is that of the day.
pub(super) fn footer(
    metadata: &ParquetMetaData,
    detail: Detail,
    date: NaiveDate,
) -> Result<Footer, String> {
    let pairs = metadata.file_metadata().key_value_metadata();
    let find = |key: &str| {
        let pair = pairs?.iter().find(|pair| pair.key == key)?;
        pair.value.as_deref()
    };
    let (its_date, its_detail, meta) = meta::decode(find)?;
    if (its_date, its_detail) != (date, detail) {
        return Err(format!("it holds {its_date} at {its_detail}"));
    }
    Ok(Footer {
        date,
        detail,
        samples: u64::try_from(metadata.file_metadata().num_rows()).unwrap_or_default(),
        meta,
    })
}
