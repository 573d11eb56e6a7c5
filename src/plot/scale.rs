//! An axis whose marks are given with their names: plotters' own choose round numbers, which hours and months are not.

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use std::ops::Range;

/// A linear scale with named marks.
#[derive(Clone)]
pub struct Scale {
    linear: RangedCoordf64,
    marks: Vec<(f64, String)>,
}

impl Scale {
    /// From one end to the other, which may be the lower, with marks and what stands beside them.
    #[must_use]
    pub fn new((from, to): (f64, f64), marks: Vec<(f64, String)>) -> Self {
        Self {
            linear: (from..to).into(),
            marks,
        }
    }

    /// With whole numbers beside the marks.
    #[must_use]
    pub fn numbered(ends: (f64, f64), marks: Vec<f64>) -> Self {
        let named = |mark: f64| (mark, format!("{mark:.0}"));
        Self::new(ends, marks.into_iter().map(named).collect())
    }

    /// With nothing beside the marks.
    #[must_use]
    pub fn unnamed(ends: (f64, f64), marks: Vec<f64>) -> Self {
        let named = |mark| (mark, String::new());
        Self::new(ends, marks.into_iter().map(named).collect())
    }
}

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.linear.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // All marks are equal: none is left for the lighter lines.
        if hint.weight().allow_light_points() {
            Vec::new()
        } else {
            self.marks.iter().map(|(mark, _)| *mark).collect()
        }
    }

    fn range(&self) -> Range<f64> {
        self.linear.range()
    }
}

impl ValueFormatter<f64> for Scale {
    fn format_ext(&self, value: &f64) -> String {
        let mark = self.marks.iter().find(|(mark, _)| mark.eq(value));
        mark.map_or_else(String::new, |(_, name)| name.clone())
    }
}
