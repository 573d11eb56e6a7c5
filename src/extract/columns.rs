//! The columns of a table: what stands in them, and under which name.

use serde::Deserialize;

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Instant,
    /// Milliseconds since 1970-01-01T00:00:00 of the wearer's own wall clock.
    WallClock,
    /// Days since 1970-01-01: a civil date of the wearer.
    Date,
    /// A 32-bit integer.
    Int32,
    /// A 64-bit integer.
    Int64,
    /// A double.
    Double,
    /// True or false.
    Boolean,
    /// Text; few different ones.
    Text,
    /// A list of 32-bit integers, such as a waveform.
    #[serde(rename = "list")]
    Int32List,
}

impl Kind {
    /// The name for people: that in definitions, and of the kinds that they cannot have.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instant => "instant",
            Self::WallClock => "wall clock",
            Self::Date => "date",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::Text => "text",
            Self::Int32List => "list of int32",
        }
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Column {
    /// Its name, with the unit in it: `distance_mm`.
    pub name: String,
    /// What its cells are.
    pub kind: Kind,
    /// No cell is empty.
    pub required: bool,
}

impl Column {
    /// A column without empty cells.
    #[must_use]
    pub fn required(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            required: true,
        }
    }

    /// A column that may have empty cells.
    #[must_use]
    pub fn optional(name: &str, kind: Kind) -> Self {
        Self {
            required: false,
            ..Self::required(name, kind)
        }
    }
}
