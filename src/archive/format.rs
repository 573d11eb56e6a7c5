//! The seam between the archive's way of changing files and what stands in them.

use super::{Fault, Key};
use bytes::Bytes;

/// How one kind of file becomes bytes and comes back.
pub trait Format {
    /// What such a file holds.
    type File;

    /// Reads a file, whoever wrote it, if it has what it must.
    ///
    /// # Errors
    /// Fails on bytes that are no such file, with what they are instead.
    fn decode(&self, bytes: &Bytes, key: &Key) -> Result<Self::File, Fault>;

    /// The bytes of a file. Equal files give equal bytes.
    ///
    /// # Errors
    /// Fails on what the format cannot say, with a sentence for a person.
    fn encode(&self, file: &Self::File, key: &Key) -> Result<Vec<u8>, String>;
}
