//! The header of a page, by Parquet's `parquet.thrift` in Thrift's compact protocol.

use super::unpack::{Cursor, Problem};

const ODD: Problem = "the header of a page is not one";

/// The most bytes that a page may claim to have: 40 a row of a day with a sample every tenth of a second.
const MOST_BYTES: usize = 40_000_000;

/// What a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Levels and values, version 1.
    Data,
    /// The values that the others point to.
    Dictionary,
}

/// How the values are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// One after the other.
    Plain,
    /// Steps.
    DeltaBinaryPacked,
    /// Places in the dictionary.
    RleDictionary,
}

/// A page's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageHeader {
    /// What follows.
    pub kind: Kind,
    /// How long that is in the file.
    pub compressed: usize,
    /// How long it is after decompression.
    pub uncompressed: usize,
    /// How many values there are, nulls included.
    pub values: usize,
    /// How they are packed.
    pub encoding: Encoding,
}

/// Reads a header.
///
/// # Errors
/// Fails on bytes that are none, and on kinds of pages that this program does not write.
pub fn read(cursor: &mut Cursor<'_>) -> Result<PageHeader, Problem> {
    let mut sizes = [None; 4];
    let mut inner = None;
    fields(cursor, |cursor, id, wire| {
        match (id, wire) {
            (1..=3, I32) => {
                if let Some(size) = sizes.get_mut(usize::from(id.unsigned_abs())) {
                    *size = Some(integer(cursor)?);
                }
            }
            (5 | 7, STRUCT) => inner = Some((id, values_and_encoding(cursor)?)),
            _ => skip(cursor, wire, 0)?,
        }
        Ok(())
    })?;
    let [_, Some(kind), Some(uncompressed), Some(compressed)] = sizes else {
        return Err(ODD);
    };
    let (kind, (values, encoding)) = match (kind, inner) {
        (0, Some((5, inner))) => (Kind::Data, inner),
        (2, Some((7, inner))) => (Kind::Dictionary, inner),
        _ => return Err(ODD),
    };
    if compressed.max(uncompressed).max(values) > MOST_BYTES {
        return Err(ODD);
    }
    let encoding = match encoding {
        0 => Encoding::Plain,
        5 => Encoding::DeltaBinaryPacked,
        8 => Encoding::RleDictionary,
        _ => return Err(ODD),
    };
    Ok(PageHeader {
        kind,
        compressed,
        uncompressed,
        values,
        encoding,
    })
}

/// The first two fields of both inner headers.
fn values_and_encoding(cursor: &mut Cursor<'_>) -> Result<(usize, usize), Problem> {
    let (mut values, mut encoding) = (None, None);
    fields(cursor, |cursor, id, wire| {
        match (id, wire) {
            (1, I32) => values = Some(integer(cursor)?),
            (2, I32) => encoding = Some(integer(cursor)?),
            _ => skip(cursor, wire, 0)?,
        }
        Ok(())
    })?;
    values.zip(encoding).ok_or(ODD)
}

/// Types of the compact protocol.
const I32: u8 = 5;
const STRUCT: u8 = 12;

/// How deep structures may lie in each other.
const DEEPEST: u32 = 8;

/// Goes through the fields of a structure.
fn fields(
    cursor: &mut Cursor<'_>,
    mut field: impl FnMut(&mut Cursor<'_>, i16, u8) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut id = 0_i16;
    loop {
        let head = cursor.byte()?;
        if head == 0 {
            return Ok(());
        }
        id = match head >> 4 {
            0 => i16::try_from(cursor.zigzag()?).map_err(|_| ODD)?,
            step => id.checked_add(i16::from(step)).ok_or(ODD)?,
        };
        field(cursor, id, head & 0x0f)?;
    }
}

/// A number that is no less than zero.
fn integer(cursor: &mut Cursor<'_>) -> Result<usize, Problem> {
    usize::try_from(cursor.zigzag()?).map_err(|_| ODD)
}

/// Skips a value.
fn skip(cursor: &mut Cursor<'_>, wire: u8, depth: u32) -> Result<(), Problem> {
    if depth > DEEPEST {
        return Err(ODD);
    }
    match wire {
        // A boolean field has its value in its type.
        1 | 2 => {}
        3 => {
            cursor.byte()?;
        }
        4..=6 => {
            cursor.varint()?;
        }
        7 => {
            cursor.take(8)?;
        }
        8 => {
            let length = cursor.length(MOST_BYTES)?;
            cursor.take(length)?;
        }
        12 => fields(cursor, |cursor, _, wire| skip(cursor, wire, depth + 1))?,
        // Lists, sets and maps are in no page header.
        _ => return Err(ODD),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_and_what_it_does_not_need_is_skipped() {
        let data = [
            0x15, 0, 0x15, 200, 1, 0x15, 100, // type, uncompressed 100, compressed 50
            0x2c, 0x15, 20, 0x15, 10, 0x15, 6, 0x15, 6, // 10 values, delta, levels twice
            0x1c, 0x18, 2, b'x', b'y', 0x12, 0, // statistics
            0, 0, 99,
        ];
        let mut cursor = Cursor(&data);
        assert_eq!(
            read(&mut cursor),
            Ok(PageHeader {
                kind: Kind::Data,
                compressed: 50,
                uncompressed: 100,
                values: 10,
                encoding: Encoding::DeltaBinaryPacked,
            })
        );
        assert_eq!(cursor.0, [99]);
        for end in 0..data.len() - 1 {
            assert!(read(&mut Cursor(&data[..end])).is_err(), "{end}");
        }
    }

    #[test]
    fn structures_in_structures_come_to_an_end() {
        assert!(read(&mut Cursor(&vec![0x1c; 100_000])).is_err());
    }
}
