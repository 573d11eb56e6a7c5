//! What stands in a page, by the Parquet format's `Encodings.md`: levels, dictionary indices, and delta-packed numbers.
//!
//! Delta packing is done with a twist that the format allows. A writer may choose each bit width and the base of each
//! block; the usual ones are as narrow as can be, so that neighbouring values share bytes and zstd finds no pattern
//! in them. Here widths are whole bytes and the base stays the same as long as it costs nothing: a step of two seconds
//! is the same two bytes everywhere, and a day of steps shrinks to little more than its entropy.

/// Values of a block of `DELTA_BINARY_PACKED`.
pub const BLOCK: usize = 512;
/// Miniblocks in it, each with its own width.
pub const MINIBLOCKS: usize = 4;
/// Values of a miniblock.
pub const MINIBLOCK: usize = BLOCK / MINIBLOCKS;

/// Appends an unsigned LEB128 number.
pub fn push_varint(out: &mut Vec<u8>, mut n: u64) {
    loop {
        let [low, ..] = n.to_le_bytes();
        n >>= 7;
        if n == 0 {
            out.push(low & 0x7f);
            return;
        }
        out.push(low | 0x80);
    }
}

/// Appends a signed number in zigzag order.
fn push_zigzag(out: &mut Vec<u8>, n: i64) {
    push_varint(out, (n.cast_unsigned() << 1) ^ (n >> 63).cast_unsigned());
}

/// Appends numbers as `DELTA_BINARY_PACKED`. For `INT32` they must fit 32 bits, and so must their differences.
pub fn push_delta(out: &mut Vec<u8>, values: &[i64]) {
    push_varint(out, BLOCK as u64);
    push_varint(out, MINIBLOCKS as u64);
    push_varint(out, values.len() as u64);
    push_zigzag(out, values.first().copied().unwrap_or_default());
    let deltas: Vec<i64> = values
        .windows(2)
        .map(|pair| match pair {
            [a, b] => b.wrapping_sub(*a),
            _ => 0,
        })
        .collect();
    let least = deltas.iter().min().copied().unwrap_or_default();
    out.reserve(deltas.len() * 2 + 64);
    for block in deltas.chunks(BLOCK) {
        push_block(out, block, least);
    }
}

fn push_block(out: &mut Vec<u8>, deltas: &[i64], least_of_page: i64) {
    let bounds = |deltas: &[i64]| {
        let (first, rest) = deltas.split_first()?;
        let widen = |(low, high): (i64, i64), d: &i64| (low.min(*d), high.max(*d));
        Some(rest.iter().fold((*first, *first), widen))
    };
    let width = |high: i64, base: i64| width(high.wrapping_sub(base).cast_unsigned());
    let (low, high) = bounds(deltas).unwrap_or_default();
    let base = if width(high, least_of_page) == width(high, low) {
        least_of_page
    } else {
        low
    };
    push_zigzag(out, base);
    let mut widths = [0_usize; MINIBLOCKS];
    for (width_of, deltas) in widths.iter_mut().zip(deltas.chunks(MINIBLOCK)) {
        *width_of = bounds(deltas).map_or(0, |(_, high)| width(high, base));
    }
    // Widths are at most eight bytes.
    out.extend(widths.map(|width| u8::try_from(width * 8).unwrap_or_default()));
    for (width, deltas) in widths.into_iter().zip(deltas.chunks(MINIBLOCK)) {
        push_miniblock(out, deltas, base, width);
    }
}

/// The values over the base in `width` bytes each, filled up with zeros.
fn push_miniblock(out: &mut Vec<u8>, deltas: &[i64], base: i64, width: usize) {
    let over = |delta: &i64| delta.wrapping_sub(base).cast_unsigned().to_le_bytes();
    let start = out.len();
    match width {
        0 => {}
        1 => out.extend(deltas.iter().map(|delta| over(delta)[0])),
        2 => out.extend(deltas.iter().flat_map(|delta| {
            let [a, b, ..] = over(delta);
            [a, b]
        })),
        _ => {
            for delta in deltas {
                out.extend(over(delta).iter().take(width));
            }
        }
    }
    out.resize(start + MINIBLOCK * width, 0);
}

/// How many whole bytes hold the number.
fn width(n: u64) -> usize {
    (u64::BITS - n.leading_zeros()).div_ceil(8) as usize
}

/// How many bits hold an index below `length`; at least one, which every reader takes.
#[must_use]
pub fn bits(length: usize) -> u32 {
    (usize::BITS - length.saturating_sub(1).leading_zeros()).max(1)
}

/// Appends numbers below `2^bits` in the hybrid of runs and bit packing: all runs, or all packed, whichever is shorter.
pub fn push_hybrid(out: &mut Vec<u8>, values: &[u16], bits: u32) {
    let runs = values.chunk_by(|a, b| a == b);
    let run_bytes = 2 + bits.div_ceil(8) as usize;
    let packed_bytes = values.len().div_ceil(8) * bits as usize;
    if runs.clone().take(packed_bytes).count() * run_bytes <= packed_bytes + run_bytes {
        for run in runs {
            push_varint(out, (run.len() as u64) << 1);
            let [low, high] = run.first().copied().unwrap_or_default().to_le_bytes();
            out.push(low);
            if bits > 8 {
                out.push(high);
            }
        }
    } else {
        push_packed(out, values, bits);
    }
}

fn push_packed(out: &mut Vec<u8>, values: &[u16], bits: u32) {
    let groups = values.len().div_ceil(8);
    push_varint(out, ((groups as u64) << 1) | 1);
    let end = out.len() + groups * bits as usize;
    let (mut pending, mut held) = (0_u64, 0);
    for value in values {
        pending |= u64::from(*value) << held;
        held += bits;
        while held >= 8 {
            let [low, ..] = pending.to_le_bytes();
            out.push(low);
            pending >>= 8;
            held -= 8;
        }
    }
    let [low, ..] = pending.to_le_bytes();
    if held > 0 {
        out.push(low);
    }
    out.resize(end, 0);
}

/// Appends the levels of `rows` cells as a version 1 page has them, with their length in front; `None`: all are 1.
pub fn push_levels(out: &mut Vec<u8>, levels: Option<&[i16]>, rows: usize, bits: u32) {
    let start = out.len();
    out.extend([0; 4]);
    if let Some(levels) = levels {
        let levels: Vec<u16> = levels.iter().map(|level| level.unsigned_abs()).collect();
        push_hybrid(out, &levels, bits);
    } else {
        push_varint(out, (rows as u64) << 1);
        out.push(1);
    }
    let length = u32::try_from(out.len() - start - 4).unwrap_or_default();
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_wide_as_they_need() {
        for (n, expected) in [
            (0, 0),
            (1, 1),
            (255, 1),
            (256, 2),
            (65_536, 3),
            (u64::MAX, 8),
        ] {
            assert_eq!(width(n), expected);
        }
        for (length, expected) in [(0, 1), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (257, 9)] {
            assert_eq!(bits(length), expected);
        }
    }

    #[test]
    fn a_repeated_hour_does_not_widen_the_rest_of_the_day() {
        let mut values: Vec<i64> = (0..4096).map(|n| n * 2000).collect();
        for value in &mut values[2048..] {
            *value -= 3_600_000;
        }
        let mut out = Vec::new();
        push_delta(&mut out, &values);
        // One block has the step back; the others are constant and take nothing.
        assert!(out.len() < 3 * BLOCK + 100, "{}", out.len());
    }

    #[test]
    fn the_shorter_form_is_taken() {
        let mut out = Vec::new();
        push_hybrid(&mut out, &[3; 1000], 2);
        assert_eq!(out, [0xd0, 0x0f, 3]);
        out.clear();
        push_hybrid(&mut out, &[0, 1, 2, 3, 0, 1, 2, 3, 1], 2);
        assert_eq!(out, [5, 0b1110_0100, 0b1110_0100, 1, 0]);
    }
}
