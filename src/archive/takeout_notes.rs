//! What Takeout said of a day beside the rows: the exports that the rows are from, records that did not become one, and
//! records that were left out. It stands in the footer, where it is needed, so that an import decides as if all imports were one.

use super::merge::record::Made;
use serde_json::{Value, json};
use std::collections::HashSet;

/// The keys in the footer; each is there only with a value.
pub const KEYS: [&str; 3] = ["takeout_exports", "takeout_others", "takeout_left_out"];

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakeoutNotes {
    /// Which exports the rows are from, as runs; none where no name says when an export was made.
    pub exports: Exports,
    /// Records that are not in the row of their instant, ascending.
    pub others: Vec<Other>,
    /// Records of the JSON below the confidence that was asked for, ascending.
    pub left_out: Vec<LeftOut>,
}

/// A record beside the row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Other {
    /// Milliseconds since 1970 UTC.
    pub instant: i64,
    /// Beats per minute.
    pub bpm: u16,
    /// The JSON's.
    pub confidence: Option<u8>,
    /// The CSV's.
    pub device: Option<String>,
    /// When its export was made.
    pub made: Made,
}

/// A record that was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Milliseconds since 1970 UTC.
    pub instant: i64,
    /// Beats per minute.
    pub bpm: u16,
    /// 0 to 3.
    pub confidence: u8,
}

/// When the exports were made that the JSON record and the CSV record of each row are from: runs of rows, by the first
/// instant of each. What a row does not have, no run depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exports(Vec<(i64, Made, Made)>);

impl Exports {
    /// Of the JSON record and the CSV record of the row at an instant.
    #[must_use]
    pub fn at(&self, instant: i64) -> (Made, Made) {
        let next = self.0.partition_point(|run| run.0 <= instant);
        let run = next.checked_sub(1).and_then(|at| self.0.get(at));
        run.map_or((0, 0), |run| (run.1, run.2))
    }

    /// Adds a row; rows come ascending. `None` for the record that it does not have.
    pub fn push(&mut self, instant: i64, json: Option<Made>, csv: Option<Made>) {
        let (known_json, known_csv) = self.0.last().map_or((0, 0), |run| (run.1, run.2));
        let run = (json.unwrap_or(known_json), csv.unwrap_or(known_csv));
        if run != (known_json, known_csv) {
            self.0.push((instant, run.0, run.1));
        }
    }

    /// Nothing is known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TakeoutNotes {
    /// The part at some instants, or all but that.
    #[must_use]
    pub fn part(&self, instants: &HashSet<i64>, within: bool) -> Self {
        let wanted = |instant: i64| instants.contains(&instant) == within;
        Self {
            exports: self.exports.clone(),
            others: self
                .others
                .iter()
                .filter(|other| wanted(other.instant))
                .cloned()
                .collect(),
            left_out: self
                .left_out
                .iter()
                .filter(|out| wanted(out.instant))
                .copied()
                .collect(),
        }
    }

    /// The keys and values of the footer.
    pub fn encode(&self) -> impl Iterator<Item = (String, String)> {
        let made = |made: &Made| {
            if *made == 0 {
                String::new()
            } else {
                made.to_string()
            }
        };
        let runs = self.exports.0.iter();
        let runs: Vec<_> = runs
            .map(|(at, json, csv)| format!("{at}:{}:{}", made(json), made(csv)))
            .collect();
        let others: Vec<Value> = self.others.iter().map(other_json).collect();
        let others = if others.is_empty() {
            String::new()
        } else {
            Value::from(others).to_string()
        };
        let mut before = 0;
        let left_out: Vec<_> = self
            .left_out
            .iter()
            .map(|out| {
                let apart = out.instant - std::mem::replace(&mut before, out.instant);
                format!("{apart}:{}:{}", out.bpm, out.confidence)
            })
            .collect();
        let values = [runs.join(","), others, left_out.join(",")];
        let pairs = KEYS.iter().map(|key| (*key).to_owned()).zip(values);
        pairs.filter(|(_, value)| !value.is_empty())
    }

    /// Reads the values that `value` finds for the keys; the key whose value makes no sense, if there is one.
    ///
    /// # Errors
    /// Fails with that key.
    pub fn decode<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Result<Self, &'static str> {
        let [exports, others, left_out] = KEYS;
        let get = |key| value(key).unwrap_or_default();
        Ok(Self {
            exports: Exports(read_runs(get(exports)).ok_or(exports)?),
            others: read_others(get(others)).ok_or(others)?,
            left_out: read_left_out(get(left_out)).ok_or(left_out)?,
        })
    }
}

fn other_json(other: &Other) -> Value {
    json!([
        other.instant,
        other.bpm,
        other.confidence,
        other.device,
        other.made
    ])
}

fn read_others(text: &str) -> Option<Vec<Other>> {
    type Wire = (i64, u16, Option<u8>, Option<String>, Made);
    if text.is_empty() {
        return Some(Vec::new());
    }
    let all: Vec<Wire> = serde_json::from_str(text).ok()?;
    let read = |(instant, bpm, confidence, device, made)| Other {
        instant,
        bpm,
        confidence,
        device,
        made,
    };
    Some(all.into_iter().map(read).collect())
}

/// The three numbers of each part of a list; an empty one is 0.
fn triples(text: &str) -> impl Iterator<Item = Option<[i64; 3]>> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    parts.map(|part| {
        let mut numbers = part.split(':').map(|number| {
            if number.is_empty() {
                Some(0)
            } else {
                number.parse().ok()
            }
        });
        let three = [numbers.next()??, numbers.next()??, numbers.next()??];
        numbers.next().is_none().then_some(three)
    })
}

fn read_runs(text: &str) -> Option<Vec<(i64, Made, Made)>> {
    let run = |[at, json, csv]: [i64; 3]| {
        Some((at, Made::try_from(json).ok()?, Made::try_from(csv).ok()?))
    };
    triples(text).map(|run_| run_.and_then(run)).collect()
}

fn read_left_out(text: &str) -> Option<Vec<LeftOut>> {
    let mut instant = 0_i64;
    triples(text)
        .map(|three| {
            let [apart, bpm, confidence] = three?;
            instant = instant.checked_add(apart)?;
            Some(LeftOut {
                instant,
                bpm: u16::try_from(bpm).ok()?,
                confidence: u8::try_from(confidence).ok()?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(pairs: &[(String, String)]) -> Result<TakeoutNotes, &'static str> {
        TakeoutNotes::decode(|key| {
            let pair = pairs.iter().find(|pair| pair.0 == key);
            pair.map(|pair| pair.1.as_str())
        })
    }

    #[test]
    fn notes_read_back_as_they_were_and_nothing_takes_no_place() {
        assert_eq!(TakeoutNotes::default().encode().count(), 0);
        assert_eq!(read_back(&[]), Ok(TakeoutNotes::default()));
        let mut exports = Exports::default();
        for (instant, json, csv) in [
            (5, Some(0), None),
            (6, Some(7), Some(0)),
            (7, Some(7), None),
            (8, None, Some(0)),
            (9, Some(7), Some(8)),
        ] {
            exports.push(instant, json, csv);
        }
        assert_eq!(
            (exports.at(5), exports.at(8), exports.at(99)),
            ((0, 0), (7, 0), (7, 8))
        );
        let other = |device: Option<&str>| Other {
            instant: 1_496_289_600_000,
            bpm: 131,
            confidence: device.is_none().then_some(2),
            device: device.map(str::to_owned),
            made: 7,
        };
        let out = |instant| LeftOut {
            instant,
            bpm: 80,
            confidence: 1,
        };
        let notes = TakeoutNotes {
            exports,
            others: vec![other(None), other(Some("a,b:\"ä\""))],
            left_out: vec![out(1_496_289_600_000), out(1_496_289_605_000)],
        };
        let pairs: Vec<_> = notes.encode().collect();
        assert_eq!(pairs[0].1, "6:7:,9:7:8");
        assert_eq!(pairs[2].1, "1496289600000:80:1,5000:80:1");
        assert_eq!(read_back(&pairs), Ok(notes));
    }

    #[test]
    fn a_value_without_sense_is_named() {
        for (key, value) in [
            (KEYS[0], "1:2"),
            (KEYS[0], "1:-2:3"),
            (KEYS[1], "[[1]]"),
            (KEYS[2], "1:2:x"),
        ] {
            assert_eq!(
                read_back(&[(key.to_owned(), value.to_owned())]),
                Err(key),
                "{value}"
            );
        }
    }
}
