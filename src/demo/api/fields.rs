//! Partial responses: `fields=dataPoints(heartRate(sampleTime/physicalTime,beatsPerMinute)),nextPageToken`.

use super::fault::Fault;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A selection of members; the whole value where nothing beneath it is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mask {
    /// Empty: everything.
    members: BTreeMap<String, Self>,
}

const WILDCARD: &str = "*";

impl Mask {
    /// Reads a mask.
    ///
    /// Fails when brackets do not match or a name is missing.
    pub fn decode(text: &str) -> Result<Self, Fault> {
        let invalid = || Fault::InvalidFieldMask(text.to_owned());
        let mut rest = text;
        let mut mask = Self::default();
        mask.decode_list(&mut rest).ok_or_else(invalid)?;
        if rest.is_empty() {
            Ok(mask)
        } else {
            Err(invalid())
        }
    }

    fn decode_list(&mut self, rest: &mut &str) -> Option<()> {
        loop {
            self.decode_path(rest)?;
            match rest.strip_prefix(',') {
                Some(more) => *rest = more,
                None => return Some(()),
            }
        }
    }

    fn decode_path(&mut self, rest: &mut &str) -> Option<()> {
        let trimmed = rest.trim_start();
        let end = trimmed
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '*'))
            .unwrap_or(trimmed.len());
        let (name, after) = trimmed.split_at(end);
        if name.is_empty() {
            return None;
        }
        let known = self.members.contains_key(name);
        let member = self.members.entry(name.to_owned()).or_default();
        let was_whole = known && member.is_whole();
        *rest = after.trim_start();
        if let Some(inner) = rest.strip_prefix(['/', '.']) {
            *rest = inner;
            member.decode_path(rest)?;
        } else if let Some(inner) = rest.strip_prefix('(') {
            *rest = inner;
            member.decode_list(rest)?;
            *rest = rest.trim_start().strip_prefix(')')?.trim_start();
        } else {
            member.members.clear();
        }
        // `a,a/b` is all of a.
        if was_whole {
            member.members.clear();
        }
        Some(())
    }

    /// True if nothing is left out beneath this point.
    pub fn is_whole(&self) -> bool {
        self.members.is_empty() || self.members.contains_key(WILDCARD)
    }

    /// What is selected of a member; `None` if nothing is.
    pub fn member(&self, name: &str) -> Option<&Self> {
        if self.members.is_empty() {
            return Some(self);
        }
        self.members
            .get(name)
            .or_else(|| self.members.get(WILDCARD))
    }

    /// Fails when a name is not in the schema, which is written as a mask itself.
    pub fn check(&self, schema: &str) -> Result<(), Fault> {
        self.check_beneath(&Self::decode(schema)?, "")
    }

    fn check_beneath(&self, schema: &Self, path: &str) -> Result<(), Fault> {
        for (name, inner) in &self.members {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            if name == WILDCARD {
                continue;
            }
            match schema.members.get(name) {
                Some(known) => inner.check_beneath(known, &path)?,
                None => return Err(Fault::InvalidFieldMask(path)),
            }
        }
        Ok(())
    }

    /// What is selected of a value.
    pub fn apply(&self, value: Value) -> Value {
        if self.members.is_empty() {
            return value;
        }
        match value {
            Value::Object(object) => Value::Object(
                object
                    .into_iter()
                    .filter_map(|(name, value)| {
                        let inner = self.member(&name)?;
                        Some((name, inner.apply(value)))
                    })
                    .collect::<Map<_, _>>(),
            ),
            Value::Array(items) => {
                Value::Array(items.into_iter().map(|item| self.apply(item)).collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn applied(mask: &str) -> Value {
        let value = json!({
            "dataPoints": [
                {"dataSource": {"platform": "FITBIT"},
                 "heartRate": {"sampleTime": {"physicalTime": "t", "utcOffset": "0s"}, "beatsPerMinute": "61"}},
                {"heartRate": {"beatsPerMinute": "62"}}
            ],
            "nextPageToken": "x"
        });
        Mask::decode(mask).unwrap_or_default().apply(value)
    }

    #[test]
    fn brackets_slashes_and_wildcards_select() {
        let expected = json!({"dataPoints": [
            {"heartRate": {"sampleTime": {"physicalTime": "t"}, "beatsPerMinute": "61"}},
            {"heartRate": {"beatsPerMinute": "62"}}
        ]});
        for mask in [
            "dataPoints(heartRate(sampleTime(physicalTime),beatsPerMinute))",
            "dataPoints/heartRate(sampleTime/physicalTime,beatsPerMinute)",
            "dataPoints.heartRate.sampleTime.physicalTime,dataPoints/heartRate/beatsPerMinute",
            "dataPoints( heartRate( sampleTime( physicalTime ), beatsPerMinute ) )",
        ] {
            assert_eq!(applied(mask), expected, "{mask}");
        }
        assert_eq!(applied("nextPageToken"), json!({"nextPageToken": "x"}));
        assert_eq!(applied("*"), applied("dataPoints,nextPageToken"));
        assert_eq!(
            applied("dataPoints/*/beatsPerMinute"),
            json!({"dataPoints": [
                {"dataSource": {}, "heartRate": {"beatsPerMinute": "61"}},
                {"heartRate": {"beatsPerMinute": "62"}}
            ]})
        );
    }

    #[test]
    fn the_wider_of_two_selections_holds() {
        for mask in [
            "dataPoints,dataPoints/heartRate",
            "dataPoints/heartRate,dataPoints",
        ] {
            assert_eq!(applied(mask), applied("dataPoints"), "{mask}");
        }
    }

    #[test]
    fn broken_masks_are_faults() {
        for mask in ["", "a(", "a)", "a(b))", "a,,b", "/a", "a(b", "a b"] {
            assert!(Mask::decode(mask).is_err(), "{mask}");
        }
    }

    #[test]
    fn names_outside_the_schema_are_faults() {
        let schema = "dataPoints(heartRate(beatsPerMinute)),nextPageToken";
        let check = |mask| Mask::decode(mask).and_then(|mask| mask.check(schema));
        assert_eq!(
            check("dataPoints(heartRate/beatsPerMinute),nextPageToken"),
            Ok(())
        );
        assert_eq!(check("*"), Ok(()));
        assert_eq!(
            check("dataPoints/heartRate/bpm"),
            Err(Fault::InvalidFieldMask(
                "dataPoints.heartRate.bpm".to_owned()
            ))
        );
    }
}
