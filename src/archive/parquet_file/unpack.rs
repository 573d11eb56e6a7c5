//! What [`super::pages`] packed, unpacked. Every byte is checked: an archive may be damaged, and the parquet crate's
//! decoders panic on some damage.

use super::pages::{BLOCK, MINIBLOCK, MINIBLOCKS};

/// Why bytes cannot be unpacked, for a person.
pub type Problem = &'static str;

const SHORT: Problem = "a page ends too early";
const ODD: Problem = "a page is not packed as this program does it";

/// Bytes that are read from the front.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a>(pub &'a [u8]);

impl<'a> Cursor<'a> {
    /// The next `length` bytes.
    ///
    /// # Errors
    /// Fails when there are fewer.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], Problem> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(SHORT)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next byte.
    ///
    /// # Errors
    /// Fails at the end.
    pub fn byte(&mut self) -> Result<u8, Problem> {
        let (first, rest) = self.0.split_first().ok_or(SHORT)?;
        self.0 = rest;
        Ok(*first)
    }

    /// An unsigned LEB128 number.
    ///
    /// # Errors
    /// Fails at the end, and on more than 64 bits.
    pub fn varint(&mut self) -> Result<u64, Problem> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(ODD)
    }

    /// A signed number in zigzag order.
    ///
    /// # Errors
    /// As [`Cursor::varint`].
    pub fn zigzag(&mut self) -> Result<i64, Problem> {
        let n = self.varint()?;
        Ok((n >> 1).cast_signed() ^ -(n & 1).cast_signed())
    }

    /// A length that memory is taken for.
    ///
    /// # Errors
    /// As [`Cursor::varint`], and beyond `most`.
    pub fn length(&mut self, most: usize) -> Result<usize, Problem> {
        let length = usize::try_from(self.varint()?).map_err(|_| ODD)?;
        if length > most { Err(ODD) } else { Ok(length) }
    }
}

/// Appends `count` numbers from `DELTA_BINARY_PACKED` bytes.
///
/// # Errors
/// Fails on bytes that [`super::pages::push_delta`] does not make.
pub fn delta(cursor: &mut Cursor<'_>, count: usize, out: &mut Vec<i64>) -> Result<(), Problem> {
    let layout = [cursor.varint()?, cursor.varint()?, cursor.varint()?];
    if layout != [BLOCK as u64, MINIBLOCKS as u64, count as u64] || count == 0 {
        return Err(ODD);
    }
    let mut value = cursor.zigzag()?;
    out.push(value);
    let mut left = count - 1;
    while left > 0 {
        let base = cursor.zigzag()?;
        for bits in cursor.take(MINIBLOCKS)? {
            if left == 0 {
                break;
            }
            let width = usize::from(*bits) / 8;
            if bits % 8 != 0 || width > 8 {
                return Err(ODD);
            }
            let packed = cursor.take(MINIBLOCK * width)?;
            let in_block = left.min(MINIBLOCK);
            value = unpack(packed, width, in_block, base, value, out);
            left -= in_block;
        }
    }
    Ok(())
}

/// Adds up `count` steps of `width` bytes each; returns the last number.
fn unpack(
    packed: &[u8],
    width: usize,
    count: usize,
    base: i64,
    mut value: i64,
    out: &mut Vec<i64>,
) -> i64 {
    let mut step = |over: u64| {
        value = value.wrapping_add(base).wrapping_add(over.cast_signed());
        value
    };
    match width {
        0 => out.extend((0..count).map(|_| step(0))),
        1 => out.extend(packed.iter().take(count).map(|over| step(u64::from(*over)))),
        2 => {
            let (pairs, _) = packed.as_chunks::<2>();
            let steps = pairs.iter().take(count);
            out.extend(steps.map(|pair| step(u64::from(u16::from_le_bytes(*pair)))));
        }
        _ => out.extend(packed.chunks_exact(width).take(count).map(|bytes| {
            let mut wide = [0; 8];
            wide.iter_mut()
                .zip(bytes)
                .for_each(|(to, from)| *to = *from);
            step(u64::from_le_bytes(wide))
        })),
    }
    value
}

/// Appends `count` numbers from the hybrid of runs and bit packing.
///
/// # Errors
/// Fails on bytes that [`super::pages::push_hybrid`] does not make.
pub fn hybrid(
    cursor: &mut Cursor<'_>,
    bits: u32,
    count: usize,
    out: &mut Vec<u16>,
) -> Result<(), Problem> {
    if !(1..=16).contains(&bits) {
        return Err(ODD);
    }
    let end = out.len() + count;
    while out.len() < end {
        let left = end - out.len();
        let header = cursor.varint()?;
        let length = usize::try_from(header >> 1).map_err(|_| ODD)?;
        if header & 1 == 0 {
            if length == 0 || length > left {
                return Err(ODD);
            }
            let low = cursor.byte()?;
            let high = if bits > 8 { cursor.byte()? } else { 0 };
            out.extend(std::iter::repeat_n(u16::from_le_bytes([low, high]), length));
        } else {
            if length != left.div_ceil(8) {
                return Err(ODD);
            }
            let packed = cursor.take(length * bits as usize)?;
            packed_indices(packed, bits, left, out);
        }
    }
    Ok(())
}

fn packed_indices(packed: &[u8], bits: u32, count: usize, out: &mut Vec<u16>) {
    let mask = u16::MAX >> (16 - bits);
    let (mut pending, mut held) = (0_u32, 0);
    let mut bytes = packed.iter();
    out.extend((0..count).map(|_| {
        while held < bits {
            pending |= u32::from(*bytes.next().unwrap_or(&0)) << held;
            held += 8;
        }
        let [low, high, ..] = pending.to_le_bytes();
        pending >>= bits;
        held -= bits;
        u16::from_le_bytes([low, high]) & mask
    }));
}

/// Definition levels of an optional column: 1 where there is a value. `None` where there is one in every row.
///
/// # Errors
/// Fails on bytes that [`super::pages::push_levels`] does not make.
pub fn levels(cursor: &mut Cursor<'_>, rows: usize) -> Result<Option<Vec<u16>>, Problem> {
    let [a, b, c, d] = *cursor.take(4)? else {
        return Err(SHORT);
    };
    let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).map_err(|_| ODD)?;
    let mut packed = Cursor(cursor.take(length)?);
    let mut levels = Vec::with_capacity(rows);
    hybrid(&mut packed, 1, rows, &mut levels)?;
    if levels.iter().any(|level| *level > 1) {
        return Err(ODD);
    }
    let everywhere = levels.iter().all(|level| *level == 1);
    Ok(Some(levels).filter(|_| !everywhere))
}

#[cfg(test)]
mod tests {
    use super::super::pages;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(
            values in prop_oneof![
                proptest::collection::vec(any::<i64>(), 1..600),
                proptest::collection::vec(0_i64..3000, 1..2000),
            ]
        ) {
            let mut packed = Vec::new();
            pages::push_delta(&mut packed, &values);
            let mut unpacked = Vec::new();
            let mut cursor = Cursor(&packed);
            prop_assert_eq!(delta(&mut cursor, values.len(), &mut unpacked), Ok(()));
            prop_assert_eq!(unpacked, values);
            prop_assert!(cursor.0.is_empty());
        }

        #[test]
        fn indices_and_levels_come_back(
            values in proptest::collection::vec((0_u16..700, 1_usize..20), 1..100),
            limit in 1_u16..700,
        ) {
            let values: Vec<u16> = values
                .iter()
                .flat_map(|(value, run)| std::iter::repeat_n(value % limit, *run))
                .collect();
            let bits = pages::bits(usize::from(limit));
            let mut packed = Vec::new();
            pages::push_hybrid(&mut packed, &values, bits);
            let mut unpacked = Vec::new();
            let result = hybrid(&mut Cursor(&packed), bits, values.len(), &mut unpacked);
            prop_assert_eq!(result, Ok(()));
            prop_assert_eq!(&unpacked, &values);
            let there: Vec<u16> = values.iter().map(|value| value % 2).collect();
            packed.clear();
            pages::push_levels(&mut packed, &there);
            let expected = Some(there.clone()).filter(|there| there.contains(&0));
            prop_assert_eq!(levels(&mut Cursor(&packed), there.len()), Ok(expected));
        }

        #[test]
        fn any_bytes_are_an_error_or_numbers(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut numbers = Vec::new();
            let _ = delta(&mut Cursor(&bytes), 40, &mut numbers);
            let _ = hybrid(&mut Cursor(&bytes), 3, 40, &mut Vec::new());
            let _ = levels(&mut Cursor(&bytes), 40);
            prop_assert!(numbers.len() <= 40);
        }
    }
}
