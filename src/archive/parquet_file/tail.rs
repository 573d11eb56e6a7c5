//! The footer of a file, from its last bytes alone.

use super::guard::{guarded, said};
use crate::archive::Fault;
use parquet::file::metadata::{FileMetaData, ParquetMetaData, ParquetMetaDataReader};

/// How many bytes at the end of a file hold its footer, mostly.
pub const USUAL_FOOTER: u64 = 4096;

/// What follows the footer: its length and the format's mark.
const TRAILER: usize = 8;

/// What a file's footer says.
#[derive(Debug)]
pub struct Tail(ParquetMetaData);

/// The footer is longer: this many bytes of the file's end are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Longer(pub u64);

impl Tail {
    /// The footer out of the last bytes of a file, of which `asked` were asked for.
    ///
    /// # Errors
    /// Fails when it is no footer.
    pub fn read(bytes: &[u8], asked: u64) -> Result<Result<Self, Longer>, Fault> {
        let damaged = |problem: &str| Fault::Damaged(problem.to_owned());
        let [.., a, b, c, d, b'P', b'A', b'R', b'1'] = bytes else {
            return Err(damaged("it does not end as a Parquet file does"));
        };
        let length = u64::from(u32::from_le_bytes([*a, *b, *c, *d])) + TRAILER as u64;
        if length > asked {
            return Ok(Err(Longer(length)));
        }
        let end = bytes.len() - TRAILER;
        let start = usize::try_from(length)
            .ok()
            .and_then(|length| bytes.len().checked_sub(length))
            .ok_or_else(|| damaged("its footer is longer than the file"))?;
        let metadata = guarded(|| ParquetMetaDataReader::decode_metadata(&bytes[start..end]));
        metadata
            .map(|metadata| Ok(Self(metadata)))
            .map_err(|error| damaged(&said(&error)))
    }

    /// What the footer says of the file as a whole.
    #[must_use]
    pub fn file(&self) -> &FileMetaData {
        self.0.file_metadata()
    }
}

/// The value of a key of a footer; `None` where there is no such key.
#[must_use]
pub fn value<'a>(file: &'a FileMetaData, key: &str) -> Option<&'a str> {
    let pair = file
        .key_value_metadata()?
        .iter()
        .find(|pair| pair.key == key)?;
    Some(pair.value.as_deref().unwrap_or_default())
}

/// How many rows a file has.
#[must_use]
pub fn rows(file: &FileMetaData) -> u64 {
    u64::try_from(file.num_rows()).unwrap_or_default()
}
