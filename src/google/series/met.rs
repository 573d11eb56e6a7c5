//! Which members of a definition of one's own ever came as it says.

use super::cell_value;
use super::record::Cell;
use crate::extract::Definition;
use crate::extract::definition::{Field, Origin};
use crate::extract::sleep;

/// How a member came, at best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Came {
    /// Not at all.
    Never,
    /// As something else than the definition says.
    Odd,
    /// As the definition says.
    Well,
}

impl Came {
    /// A cell of a field.
    pub(super) fn of(field: &Field, cell: &Cell) -> Self {
        match cell_value::read(field, cell) {
            _ if *cell == Cell::Absent => Self::Never,
            (_, true, _) => Self::Odd,
            _ => Self::Well,
        }
    }

    /// What is there or not, and cannot be odd.
    pub(super) const fn there(is_there: bool) -> Self {
        if is_there { Self::Well } else { Self::Never }
    }
}

/// What came so far; nothing is noted for a definition of the program.
pub(super) struct Met {
    values: Vec<Came>,
    arrays: Vec<Came>,
    parts: Vec<Came>,
    /// When a point was changed.
    updated: Came,
}

impl Met {
    pub(super) fn of(definition: &Definition) -> Option<Self> {
        let segments = definition.segments.as_ref();
        (!definition.is_built_in()).then(|| Self {
            values: vec![Came::Never; definition.values.len()],
            arrays: vec![Came::Never; segments.map_or(0, |all| all.arrays.len())],
            parts: vec![Came::Never; segments.map_or(0, |all| all.values.len())],
            updated: Came::Never,
        })
    }

    /// A cell of a row, or the seconds of its segments.
    pub(super) fn value(&mut self, number: usize, came: Came) {
        note(&mut self.values, number, came);
    }

    /// An element of an array of segments.
    pub(super) fn part(&mut self, array: usize, fields: &[Field], cells: &[Cell]) {
        note(&mut self.arrays, array, Came::Well);
        for (number, (field, cell)) in fields.iter().zip(cells).enumerate() {
            note(&mut self.parts, number, Came::of(field, cell));
        }
    }

    pub(super) fn updated(&mut self, came: Came) {
        self.updated = self.updated.max(came);
    }

    /// The members that never came as they are defined; one that is known to be right may be missing.
    pub(super) fn never(&self, definition: &Definition) -> Vec<String> {
        let mut never = Vec::new();
        let mut look = |came: Came, before: &[String], keys: &[String]| {
            let is_right = || {
                let path = before.iter().chain(keys).map(String::as_str);
                definition.knows(&path.collect::<Vec<_>>())
            };
            if came == Came::Odd || came == Came::Never && !is_right() {
                never.push(keys.join("."));
            }
        };
        for (field, came) in definition.values.iter().zip(&self.values) {
            if let Some((keys, _)) = field.origin.member() {
                look(*came, &definition.unfold, keys);
            }
        }
        if !definition.updated.is_empty() {
            look(self.updated, &[], &definition.updated);
        }
        let Some(segments) = &definition.segments else {
            return never;
        };
        for (array, came) in segments.arrays.iter().zip(&self.arrays) {
            look(*came, &[], &array.path);
        }
        let came = self.arrays.iter().position(|came| *came == Came::Well);
        let Some(array) = came.and_then(|number| segments.arrays.get(number)) else {
            return never;
        };
        for (field, came) in segments.values.iter().zip(&self.parts) {
            if let Some((keys, _)) = field.origin.member() {
                look(*came, &array.path, keys);
            }
        }
        let labels = definition.values.iter().zip(&self.values);
        never.extend(labels.filter_map(|(field, came)| {
            let Origin::Seconds(kind) = &field.origin else {
                return None;
            };
            let is_wrong = *came == Came::Never && !sleep::is_kind(kind);
            is_wrong.then(|| kind.clone())
        }));
        never
    }
}

fn note(all: &mut [Came], number: usize, came: Came) {
    if let Some(noted) = all.get_mut(number) {
        *noted = came.max(*noted);
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::Catalogue;
    use crate::extract::catalogue::as_own;
    use crate::google::series::build::Builder;
    use crate::google::series::page;
    use crate::google::series::record::Words;
    use crate::google::series::template::Template;
    use crate::zone::Tz;

    /// What never came of a definition of the catalogue that is one's own, with some of it replaced, when a page has this point.
    fn never(name: &str, changes: &[(&str, &str)], point: &str) -> Vec<String> {
        let text = as_own(name, changes);
        let catalogue = Catalogue::with_text(&text).expect("good");
        let definition = catalogue.get("mine").expect("mine");
        let day = "2026-06-01".parse().expect("a date");
        let mut builder = Builder::new(definition, &(day..=day), Tz::of("UTC"), "google");
        let array = if text.contains("rollUp") {
            "rollupDataPoints"
        } else {
            "dataPoints"
        };
        let text = format!("{{\"{array}\":[{point}]}}");
        let (template, mut words) = (Template::of(definition), Words::default());
        page(&text, &template, &mut words, &mut builder).expect("a page");
        builder.never_met()
    }

    const STEPS: &str = r#"{"steps":{"interval":{"startTime":"2026-06-01T12:00:00Z","endTime":"2026-06-01T12:01:00Z"},"count":"7"}}"#;
    const EVE: &str = r#"{"steps":{"interval":{"startTime":"2026-05-31T12:00:00Z","endTime":"2026-05-31T12:01:00Z"},"count":"7"}}"#;
    const GLUCOSE: &str = r#"{"bloodGlucose":{"sampleTime":{"physicalTime":"2026-06-01T12:00:00Z"},"bloodGlucoseMilligramsPerDeciliter":95}}"#;
    const BARE: &str = r#"{"startTime":"2026-06-01T12:00:00Z","endTime":"2026-06-01T12:01:00Z"}"#;
    const SUMMED: &str = r#"{"startTime":"2026-06-01T12:00:00Z","endTime":"2026-06-01T12:01:00Z","steps":{"countSum":"7"}}"#;
    const NIGHT: &str = r#"{"sleep":{"interval":{"startTime":"2026-06-01T01:00:00Z","endTime":"2026-06-01T02:00:00Z"},"type":"STAGES","updateTime":"2026-06-01T03:00:00Z",
        "stages":[{"startTime":"2026-06-01T01:00:00Z","endTime":"2026-06-01T02:00:00Z","type":"LIGHT"}]}}"#;
    const ROLL_UP: [(&str, &str); 2] = [
        ("\"reconcile\"", "\"rollUp\""),
        ("filter = \"interval.start_time\"\n", ""),
    ];

    #[test]
    fn a_member_that_is_wrong_is_told_from_one_that_may_be_missing() {
        let other = "values = [\n{ column = \"more\", member = \"more\", wire = \"number\", kind = \"double\", optional = true },";
        for (name, changes, point, expected) in [
            ("steps", &[][..], STEPS, &[][..]),
            ("steps", &[("\"count\"", "\"counts\"")], STEPS, &["counts"]),
            (
                "steps",
                &[("operation", "member = \"paces\"\noperation")],
                STEPS,
                &["count"],
            ),
            (
                "steps",
                &[("\"string-integer\"", "\"duration\"")],
                STEPS,
                &["count"],
            ),
            ("steps", &[("1000000]", "6]")], STEPS, &["count"]),
            ("steps", &[("values = [", other)], STEPS, &["more"]),
            ("steps", &[("\"count\"", "\"counts\"")], EVE, &[]),
            ("blood_glucose", &[], GLUCOSE, &[]),
            ("steps", &ROLL_UP, BARE, &[]),
            ("steps", &ROLL_UP, SUMMED, &["count"]),
            ("sleep", &[], NIGHT, &[]),
            ("sleep", &[("\"stages\"", "\"stage\"")], NIGHT, &["stage"]),
            (
                "sleep",
                &[(
                    "member = \"type\", wire = \"text\", kind = \"text\", label",
                    "member = \"typ\", wire = \"text\", kind = \"text\", label",
                )],
                NIGHT,
                &["typ"],
            ),
            (
                "sleep",
                &[("\"updateTime\"", "\"changed\"")],
                NIGHT,
                &["changed"],
            ),
            (
                "sleep",
                &[("seconds = \"DEEP\"", "seconds = \"DEPP\"")],
                NIGHT,
                &["DEPP"],
            ),
        ] {
            assert_eq!(never(name, changes, point), expected, "{name} {changes:?}");
        }
    }
}
