//! Files of the time zone database: `TZif`, RFC 9636. Version 1 has 32-bit times; from 2 on a 64-bit block follows, and a rule.

use super::clock::Clock;
use super::posix::Rule;
use super::table::Table;

const HEADER: usize = 44;

/// The counts of a block, in the header's order.
struct Counts {
    is_ut: usize,
    is_standard: usize,
    leaps: usize,
    changes: usize,
    clocks: usize,
    letters: usize,
}

impl Counts {
    fn read(bytes: &[u8]) -> Option<(u8, Self)> {
        let header = bytes.get(..HEADER)?.strip_prefix(b"TZif")?;
        let count = |at: usize| {
            let four = header.get(16 + at * 4..20 + at * 4)?;
            usize::try_from(u32::from_be_bytes(four.try_into().ok()?)).ok()
        };
        let counts = Self {
            is_ut: count(0)?,
            is_standard: count(1)?,
            leaps: count(2)?,
            changes: count(3)?,
            clocks: count(4)?,
            letters: count(5)?,
        };
        Some((*header.first()?, counts))
    }

    /// The length of a block whose times have so many bytes.
    fn length(&self, time: usize) -> Option<usize> {
        let parts = [
            self.changes.checked_mul(time + 1)?,
            self.clocks.checked_mul(6)?,
            self.letters,
            self.leaps.checked_mul(time + 4)?,
            self.is_standard,
            self.is_ut,
        ];
        parts.into_iter().try_fold(0, usize::checked_add)
    }
}

/// Reads a file; `None` for another kind of file or a broken one. Leap seconds are not looked at.
pub(super) fn decode(bytes: &[u8]) -> Option<Table> {
    let (version, counts) = Counts::read(bytes)?;
    if version == 0 {
        return block(&counts, bytes.get(HEADER..)?, 4, None);
    }
    let second = bytes.get(HEADER + counts.length(4)?..)?;
    let (_, counts) = Counts::read(second)?;
    let body = second.get(HEADER..)?;
    let footer = std::str::from_utf8(body.get(counts.length(8)?..)?).ok()?;
    let (text, _) = footer.strip_prefix('\n')?.split_once('\n')?;
    let rule = match text {
        "" => None,
        rule => Some(Rule::parse(rule)?),
    };
    block(&counts, body, 8, rule)
}

fn block(counts: &Counts, bytes: &[u8], time: usize, rule: Option<Rule>) -> Option<Table> {
    let (times, rest) = bytes.split_at_checked(counts.changes.checked_mul(time)?)?;
    let (kinds, rest) = rest.split_at_checked(counts.changes)?;
    let (clocks, rest) = rest.split_at_checked(counts.clocks.checked_mul(6)?)?;
    let letters = rest.get(..counts.letters)?;
    let clocks: Vec<Clock> = clocks
        .chunks_exact(6)
        .map(|bytes| clock(bytes, letters))
        .collect::<Option<_>>()?;
    let mut changes = Vec::with_capacity(counts.changes);
    for (at, kind) in times.chunks_exact(time).zip(kinds) {
        changes.push((seconds(at)?, clocks.get(usize::from(*kind))?.clone()));
    }
    let ascends = changes.is_sorted_by(|a, b| a.0 < b.0);
    let before = clocks.into_iter().next()?;
    ascends.then(|| Table::new(before, changes, rule))
}

fn clock(bytes: &[u8], letters: &[u8]) -> Option<Clock> {
    let utc_offset = i32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
    let name = letters.get(usize::from(*bytes.get(5)?)..)?;
    let name = name.split(|byte| *byte == 0).next()?;
    Clock::new(utc_offset, String::from_utf8_lossy(name).into_owned())
}

fn seconds(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        4 => Some(i64::from(i32::from_be_bytes(bytes.try_into().ok()?))),
        _ => Some(i64::from_be_bytes(bytes.try_into().ok()?)),
    }
}
