//! A [`DayFile`](super::DayFile) as Parquet bytes and back.
//!
//! The file's frame and footer are the parquet crate's; the pages are encoded here, because their sizes are promised
//! and its encoder leaves them half as large again: see [`pages`]. They are decoded here because its decoders panic on some
//! damage: see [`column_reader`]. That both agree is what the tests hold.

pub mod chunk;
pub mod column_reader;
pub mod columns;
pub mod decode;
pub mod encode;
pub mod footer;
pub mod page_header;
pub mod pages;
pub mod unpack;

pub use decode::decode;
pub use encode::{Encoder, encode};
pub use footer::{Tail, USUAL_FOOTER, decode_footer};

use parquet::errors::ParquetError;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{SchemaDescriptor, TypePtr};
use std::sync::Arc;

/// The columns, in Parquet's own notation.
pub const SCHEMA: &str = "message heart_rate {
    OPTIONAL INT64 time (TIMESTAMP(MILLIS,true));
    REQUIRED INT64 local_time (TIMESTAMP(MILLIS,false));
    OPTIONAL INT32 utc_offset;
    REQUIRED INT32 bpm;
    OPTIONAL INT32 confidence;
    REQUIRED BYTE_ARRAY source (STRING);
}";

/// The places of the columns.
pub(crate) mod place {
    pub const TIME: usize = 0;
    pub const LOCAL_TIME: usize = 1;
    pub const UTC_OFFSET: usize = 2;
    pub const BPM: usize = 3;
    pub const CONFIDENCE: usize = 4;
    pub const SOURCE: usize = 5;
}

fn schema() -> Result<(TypePtr, Arc<SchemaDescriptor>), ParquetError> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let descriptor = Arc::new(SchemaDescriptor::new(Arc::clone(&schema)));
    Ok((schema, descriptor))
}

#[cfg(test)]
mod tests;
