//! A definition as it is written: the table `[extract.NAME]` of the catalogue's files and of the keys file.

use super::columns::Kind;
use super::definition::{Coarser, Constant, Operation, Overlaps, Wire};
use super::shape::{DayOf, Shape};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use toml::Spanned;

/// Tables `[extract.NAME]` by their names.
pub type RawDefinitions = BTreeMap<Spanned<String>, RawDefinition>;

/// A file of the catalogue, which holds one table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    pub(super) extract: RawDefinitions,
}

/// `[extract.NAME]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawDefinition {
    pub(super) title: String,
    pub(super) help: String,
    pub(super) shape: Spanned<Shape>,
    #[serde(rename = "type")]
    pub(super) data_type: Spanned<String>,
    pub(super) member: Option<Spanned<String>>,
    pub(super) operation: Spanned<Operation>,
    pub(super) filter: Option<Spanned<String>>,
    #[serde(default = "yes")]
    pub(super) upper_bound: bool,
    pub(super) page_size: Spanned<u32>,
    pub(super) days_per_request: Option<NonZeroU32>,
    pub(super) scope: Spanned<String>,
    pub(super) values: Vec<Spanned<RawField>>,
    pub(super) unfold: Option<Spanned<String>>,
    pub(super) updated: Option<Spanned<String>>,
    pub(super) segments: Option<Spanned<RawSegments>>,
    pub(super) beside_sessions: Option<Spanned<bool>>,
    pub(super) called_by: Option<Spanned<String>>,
    pub(super) day: Option<Spanned<DayOf>>,
    pub(super) overlaps: Option<Spanned<Overlaps>>,
    #[serde(default)]
    pub(super) dense: bool,
    pub(super) rows_a_day: Option<u32>,
    pub(super) coarser: Option<Spanned<Coarser>>,
    pub(super) finest: Option<Spanned<String>>,
    pub(super) settles_after_days: Option<u32>,
    #[serde(default)]
    pub(super) traps: Vec<String>,
    pub(super) example: Option<String>,
}

/// A line of `values`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawField {
    pub(super) column: String,
    pub(super) kind: Kind,
    pub(super) member: Option<String>,
    pub(super) wire: Option<Wire>,
    pub(super) seconds: Option<String>,
    pub(super) count: Option<String>,
    pub(super) difference: Option<Vec<String>>,
    #[serde(default)]
    pub(super) optional: bool,
    #[serde(default)]
    pub(super) label: bool,
    pub(super) unit: Option<String>,
    pub(super) range: Option<Vec<f64>>,
    #[serde(default)]
    pub(super) none: Vec<f64>,
    /// Heart rate's names in CSV are older than its columns.
    pub(super) shown: Option<String>,
    #[serde(default)]
    pub(super) hidden: bool,
}

/// `[extract.NAME.segments]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSegments {
    pub(super) table: Spanned<String>,
    pub(super) arrays: Vec<Spanned<RawSegmentArray>>,
    pub(super) values: Vec<Spanned<RawField>>,
}

/// A line of `arrays`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSegmentArray {
    pub(super) member: String,
    #[serde(default)]
    pub(super) says: BTreeMap<String, Constant>,
}

const fn yes() -> bool {
    true
}
