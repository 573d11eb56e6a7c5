//! What the parsers make of one file: records, and a bounded account of what could not be read.

/// A record of the JSON twin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonRecord {
    /// Milliseconds since 1970 UTC.
    pub instant: i64,
    /// Beats per minute, 1 to 300.
    pub bpm: u16,
    /// 0 (none) to 3 (best).
    pub confidence: Option<u8>,
}

/// A record of the CSV twin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvRecord {
    /// Milliseconds since 1970 UTC.
    pub instant: i64,
    /// Beats per minute, 1 to 300.
    pub bpm: u16,
    /// The column `data source`, if the file has one.
    pub device: Option<super::device::Device>,
}

/// Something that could not be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Bytes from the start of the (inflated) file.
    pub offset: u64,
    /// What is wrong there, in one line.
    pub problem: String,
}

impl Fault {
    /// A fault at `offset`.
    pub fn new(offset: usize, problem: impl Into<String>) -> Self {
        Self {
            offset: offset as u64,
            problem: problem.into(),
        }
    }
}

/// How many faults of one file are kept with their place; the others are counted.
const FAULTS_KEPT: usize = 5;

/// The records of one file in the file's own order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<T> {
    /// In the file's order.
    pub records: Vec<T>,
    /// The first few records that could not be read.
    pub faults: Vec<Fault>,
    /// How many records could not be read.
    pub faulty: u64,
}

impl<T> Default for Decoded<T> {
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

impl<T> Decoded<T> {
    /// Records without a fault.
    #[must_use]
    pub const fn of(records: Vec<T>) -> Self {
        Self {
            records,
            faults: Vec::new(),
            faulty: 0,
        }
    }

    /// Counts a record that could not be read.
    pub fn fault(&mut self, fault: Fault) {
        self.faulty += 1;
        if self.faults.len() < FAULTS_KEPT {
            self.faults.push(fault);
        }
    }
}

/// The byte order mark that some editors put in front.
pub const BOM: &[u8] = b"\xEF\xBB\xBF";

/// A file that says in words that it has nothing: `no data`.
#[must_use]
pub fn says_no_data(bytes: &[u8]) -> bool {
    bytes.len() < 64 && bytes.trim_ascii().eq_ignore_ascii_case(b"no data")
}

/// Refuses a file without a byte of content: what it was to say is lost.
///
/// # Errors
/// Fails on nothing but whitespace.
pub fn not_empty(text: &[u8], before: usize) -> Result<(), Fault> {
    if text.trim_ascii().is_empty() {
        return Err(Fault::new(before, ENDS_EARLY));
    }
    Ok(())
}

/// What is wrong with a file that stops before its end.
pub const ENDS_EARLY: &str = "the file ends in the middle";

/// Whole beats per minute, rounded half up, if they are 1 to 300.
#[must_use]
pub fn whole_bpm(bpm: f64) -> Option<u16> {
    let rounded = (bpm + 0.5).floor();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked: 1 to 300"
    )]
    (1.0..=300.0).contains(&rounded).then_some(rounded as u16)
}

/// A piece of foreign text, short and without control characters, for messages.
#[must_use]
pub fn excerpt(text: &str) -> String {
    const LENGTH: usize = 40;
    let mut shown: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(LENGTH)
        .collect();
    if text.chars().count() > LENGTH {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beats_are_rounded_half_up_and_stay_within_1_to_300() {
        for (bpm, expected) in [
            (72.0, Some(72)),
            (72.49, Some(72)),
            (72.5, Some(73)),
            (0.4, None),
            (0.5, Some(1)),
            (300.4, Some(300)),
            (300.5, None),
            (-3.0, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
        ] {
            assert_eq!(whole_bpm(bpm), expected, "{bpm}");
        }
    }

    #[test]
    fn faults_are_counted_beyond_those_kept() {
        let mut decoded = Decoded::<JsonRecord>::default();
        for at in 0..1000 {
            decoded.fault(Fault::new(at, "bad"));
        }
        assert_eq!((decoded.faults.len(), decoded.faulty), (FAULTS_KEPT, 1000));
    }

    #[test]
    fn foreign_text_is_shown_short_and_without_control_characters() {
        assert_eq!(excerpt("a\u{1b}[31mb\n"), "a[31mb");
        assert_eq!(excerpt(&"x".repeat(99)).chars().count(), 41);
    }
}
