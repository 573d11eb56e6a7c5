//! The members that a definition reads, and what it says of a definition of one's own that no point had one.

use super::catalogue;
use super::definition::{Definition, Field, Operation};

impl Definition {
    /// The program's own definitions read this member of the type by the same operation: it is right, though no point has it.
    /// The keys are those below the member of the series.
    #[must_use]
    pub fn knows(&self, keys: &[&str]) -> bool {
        let rolls_up = |definition: &Self| definition.operation == Operation::RollUp;
        let knows = |known: &Self| {
            known.member == self.member
                && rolls_up(known) == rolls_up(self)
                && known.paths().iter().any(|path| path == keys)
        };
        self.is_built_in() || catalogue::of_type(&self.data_type).is_some_and(knows)
    }

    /// The keys of every member that it reads, times aside.
    fn paths(&self) -> Vec<Vec<&str>> {
        let values = members(&self.values).map(|(path, _)| joined(&self.unfold, path));
        let mut paths: Vec<_> = values.chain([joined(&[], &self.updated)]).collect();
        if let Some(segments) = &self.segments {
            for array in &segments.arrays {
                paths.push(joined(&[], &array.path));
                let values = members(&segments.values);
                paths.extend(values.map(|(path, _)| joined(&array.path, path)));
            }
        }
        paths
    }

    /// Of members that no point had those that must be wrong: what a row, or a part of a session, cannot be without, or all that
    /// a row has. One that may be missing is no mistake for that.
    #[must_use]
    pub fn wrong_members(&self, never_met: &[String]) -> Vec<String> {
        let is_missing = |path: &[String]| never_met.contains(&path.join("."));
        let of_all = members(&self.values).all(|(path, _)| is_missing(path));
        let parts = self
            .segments
            .iter()
            .flat_map(|segments| members(&segments.values));
        let values = members(&self.values).map(|(path, required)| (path, required || of_all));
        values
            .chain(parts)
            .filter(|(path, is_needed)| *is_needed && is_missing(path))
            .map(|(path, _)| path.join("."))
            .collect()
    }
}

fn joined<'a>(outer: &'a [String], inner: &'a [String]) -> Vec<&'a str> {
    let keys = outer.iter().chain(inner);
    keys.map(String::as_str).collect()
}

/// What to do about a definition of one's own that is wrong.
#[must_use]
pub fn mend(name: &str) -> String {
    format!("mend [extract.{name}] in the keys file; fitbit-hr -vv shows what the service is asked")
}

/// The members of these fields, and whether a row needs each.
fn members(fields: &[Field]) -> impl Iterator<Item = (&[String], bool)> {
    fields.iter().filter_map(|field| {
        let (path, _) = field.origin.member()?;
        Some((path, field.column.required))
    })
}

#[cfg(test)]
mod tests {
    use crate::extract::Catalogue;
    use crate::extract::catalogue::as_own;

    fn own(name: &str, changes: &[(&str, &str)]) -> Catalogue {
        Catalogue::with_text(&as_own(name, changes)).expect("good")
    }

    #[test]
    fn what_the_catalogue_reads_of_a_type_is_right_in_a_definition_of_ones_own() {
        let roll_up = [
            ("\"reconcile\"", "\"rollUp\""),
            ("filter = \"interval.start_time\"\n", ""),
        ];
        for (name, changes, keys, expected) in [
            ("steps", &[][..], &["count"][..], true),
            ("steps", &[], &["counts"], false),
            (
                "steps",
                &[("operation", "member = \"paces\"\noperation")],
                &["count"],
                false,
            ),
            ("steps", &roll_up, &["count"], false),
            ("blood_glucose", &[], &["mealType"], true),
            (
                "active_minutes",
                &[],
                &["activeMinutesByActivityLevel", "activeMinutes"],
                true,
            ),
            ("active_minutes", &[], &["activeMinutes"], false),
            ("sleep", &[], &["shortAwakenings"], true),
            ("sleep", &[], &["stages", "type"], true),
            ("sleep", &[], &["updateTime"], true),
            ("sleep", &[], &["metadata"], false),
        ] {
            let catalogue = own(name, changes);
            let mine = catalogue.get("mine").expect("mine");
            assert_eq!(mine.knows(keys), expected, "{name} {keys:?}");
        }
    }

    #[test]
    fn members_that_are_needed_are_wrong_and_others_if_there_is_no_more() {
        for (name, never_met, expected) in [
            ("steps", &["count"][..], &["count"][..]),
            ("hrv_daily", &["entropy"], &[]),
            (
                "irregular_rhythm",
                &[
                    "medicalDeviceInfo.algorithmVersion",
                    "medicalDeviceInfo.deviceModel",
                ],
                &[
                    "medicalDeviceInfo.algorithmVersion",
                    "medicalDeviceInfo.deviceModel",
                ],
            ),
            ("sleep", &["shortAwakenings", "updateTime"], &[]),
            ("sedentary", &[], &[]),
        ] {
            let catalogue = own(name, &[]);
            let mine = catalogue.get("mine").expect("mine");
            let never_met: Vec<String> = never_met.iter().map(ToString::to_string).collect();
            assert_eq!(mine.wrong_members(&never_met), expected, "{name}");
        }
    }
}
