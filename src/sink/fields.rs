//! The columns of a row: what `--fields` picks from.

use std::fmt;
use std::str::FromStr;

/// One column of `hr.csv`, or one key of an `ndjson` object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The civil day of the file, `YYYY-MM-DD`.
    Day,
    /// The wearer's wall clock, `HH:MM:SS`.
    Time,
    /// Beats per minute.
    Hr,
    /// The instant, RFC 3339 with `Z`; empty where the source gave wall clock only.
    Utc,
    /// How far the wall clock was ahead of UTC, `-04:00`; empty where the source did not say.
    Offset,
    /// Takeout's confidence, 0 to 3; empty where unknown.
    Confidence,
    /// Provider, with the device after `/` if known.
    Source,
}

/// The columns of `hr.csv` as the 2017 script wrote it.
pub const DEFAULT_FIELDS: [Field; 3] = [Field::Day, Field::Time, Field::Hr];

impl Field {
    /// Every field, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::Day,
        Self::Time,
        Self::Hr,
        Self::Utc,
        Self::Offset,
        Self::Confidence,
        Self::Source,
    ];

    /// The name in headers, keys and `--fields`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Time => "time",
            Self::Hr => "hr",
            Self::Utc => "utc",
            Self::Offset => "offset",
            Self::Confidence => "confidence",
            Self::Source => "source",
        }
    }

    /// Reads the value of `--fields`: names with commas between, each once, in the order of the output.
    ///
    /// # Errors
    /// Fails on an unknown, a repeated or no name, with a sentence for a person.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        let mut fields = Vec::new();
        for name in text.split(',') {
            let field = name.trim().parse()?;
            if fields.contains(&field) {
                return Err(format!("'{field}' is named twice"));
            }
            fields.push(field);
        }
        Ok(fields)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Field {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|field| field.name() == text)
            .ok_or_else(|| {
                format!("'{text}' is none of day, time, hr, utc, offset, confidence, source")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_its_order_and_names_each_field_once() {
        assert_eq!(
            Field::parse_list("hr, utc,day"),
            Ok(vec![Field::Hr, Field::Utc, Field::Day])
        );
        for wrong in ["", "hr,", "hr,bpm", "hr,hr", "HR"] {
            assert!(Field::parse_list(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            Field::parse_list("day,time,hr,utc,offset,confidence,source"),
            Ok(Field::ALL.to_vec())
        );
    }
}
