//! Which part of a study's participants a worker takes: by a hash of the id, so that nobody has to share out anything, and
//! which worker this is, as a person or the site's engine says it. Pure.

use super::id::Id;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// One part of several; the first is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 0 to `of` - 1.
    pub index: u32,
    /// How many there are; 1 at least.
    pub of: u32,
}

impl Shard {
    /// Whether the participant belongs to it: the first eight bytes of SHA-256 of the id, big-endian, modulo the number of
    /// shards.
    #[must_use]
    pub fn has(&self, id: &Id) -> bool {
        let digest = Sha256::digest(id.as_str());
        let number = digest
            .iter()
            .take(8)
            .fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        number % u64::from(self.of) == u64::from(self.index)
    }

    fn new(index: u32, of: u32) -> Result<Self, String> {
        if index < of {
            Ok(Self { index, of })
        } else {
            Err(format!(
                "there is no shard {index} of {of}: they run from 0 to N-1"
            ))
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// What `--shard` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// `I/N`.
    Named(Shard),
    /// `auto`: the engine says which, and of how many.
    Auto,
    /// `auto/N`: the engine says which.
    AutoOf(u32),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || "give I/N, like 0/8, or auto, or auto/N".to_owned();
        let number = |text: &str| -> Result<u32, String> {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            let number = text.parse().ok().filter(|_| digits);
            number.ok_or_else(form)
        };
        let Some((which, of)) = text.split_once('/') else {
            return match text {
                "auto" => Ok(Self::Auto),
                _ => Err(form()),
            };
        };
        let of = number(of)?;
        if of == 0 {
            return Err("there is no shard of 0".to_owned());
        }
        match which {
            "auto" => Ok(Self::AutoOf(of)),
            _ => Shard::new(number(which)?, of).map(Self::Named),
        }
    }
}

const SLURM_ID: &str = "SLURM_ARRAY_TASK_ID";
const SLURM_MIN: &str = "SLURM_ARRAY_TASK_MIN";
const SLURM_MAX: &str = "SLURM_ARRAY_TASK_MAX";
const SLURM_COUNT: &str = "SLURM_ARRAY_TASK_COUNT";
const BATCH_INDEX: &str = "AWS_BATCH_JOB_ARRAY_INDEX";
const BATCH_SIZE: &str = "AWS_BATCH_JOB_ARRAY_SIZE";
const COMPLETION_INDEX: &str = "JOB_COMPLETION_INDEX";

/// What the engine says, by variable.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a>(pub &'a [(&'static str, String)]);

impl Task<'_> {
    fn number(&self, name: &str) -> Result<Option<u32>, String> {
        let Some((_, text)) = self.0.iter().find(|(known, _)| *known == name) else {
            return Ok(None);
        };
        let number = text.parse();
        number
            .map(Some)
            .map_err(|_| format!("{name} is '{}', which is no number", text.escape_debug()))
    }

    fn needed(&self, name: &str) -> Result<u32, String> {
        self.number(name)?
            .ok_or_else(|| format!("{name} is not set"))
    }
}

impl Choice {
    /// The shard that is meant.
    ///
    /// # Errors
    /// Fails with what is wrong when the engine does not say it, or says what may leave participants out.
    pub fn shard(self, task: Task<'_>) -> Result<Shard, String> {
        match self {
            Self::Named(shard) => Ok(shard),
            Self::Auto => automatic(task),
            Self::AutoOf(of) => {
                for name in [SLURM_ID, BATCH_INDEX, COMPLETION_INDEX] {
                    if let Some(index) = task.number(name)? {
                        let shard = Shard::new(index, of);
                        return shard.map_err(|error| format!("{name} is {index}, and {error}"));
                    }
                }
                Err("no scheduler says which task this is".to_owned())
            }
        }
    }
}

fn automatic(task: Task<'_>) -> Result<Shard, String> {
    if let Some(id) = task.number(SLURM_ID)? {
        return of_slurm(id, task);
    }
    if let Some(index) = task.number(BATCH_INDEX)? {
        return Shard::new(index, task.needed(BATCH_SIZE)?);
    }
    if task.number(COMPLETION_INDEX)?.is_some() {
        return Err(format!(
            "Kubernetes sets {COMPLETION_INDEX} and not how many there are: give auto/N, N being the job's completions"
        ));
    }
    Err("no scheduler says which task this is".to_owned())
}

/// An array of a single task, or one with holes, may be a part of another one that is run again: whoever knows of how many it
/// is a part says so.
fn of_slurm(id: u32, task: Task<'_>) -> Result<Shard, String> {
    let (min, max) = (task.needed(SLURM_MIN)?, task.needed(SLURM_MAX)?);
    let count = task.needed(SLURM_COUNT)?;
    if count == 1 {
        return Err(
            "this array has a single task: give auto/N, and the task's number is the shard"
                .to_owned(),
        );
    }
    if max.checked_sub(min).and_then(|span| span.checked_add(1)) != Some(count) {
        return Err(
            "this array has holes: give auto/N, and a task's number is its shard".to_owned(),
        );
    }
    let index = id.checked_sub(min);
    let index = index.ok_or_else(|| format!("{SLURM_ID} is less than {SLURM_MIN}"))?;
    Shard::new(index, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_participant_belongs_to_one_shard_by_the_hash_of_its_id() {
        // sha256 of "P001" begins with these eight bytes.
        let id: Id = "P001".parse().expect("an id");
        let digest = Sha256::digest("P001");
        let first: [u8; 8] = digest[..8].try_into().expect("eight bytes");
        let number = u64::from_be_bytes(first);
        for of in [1, 2, 3, 8, 1000] {
            let of_it: Vec<u32> = (0..of)
                .filter(|index| Shard { index: *index, of }.has(&id))
                .collect();
            assert_eq!(
                of_it,
                [u32::try_from(number % u64::from(of)).expect("small")]
            );
        }
    }

    #[test]
    fn what_is_typed_names_a_shard_or_leaves_it_to_the_engine() {
        let named = |index, of| Ok(Choice::Named(Shard { index, of }));
        for (text, expected) in [
            ("0/1", named(0, 1)),
            ("7/8", named(7, 8)),
            ("auto", Ok(Choice::Auto)),
            ("auto/12", Ok(Choice::AutoOf(12))),
        ] {
            assert_eq!(text.parse::<Choice>(), expected, "{text}");
        }
        for bad in [
            "", "8", "8/8", "9/8", "0/0", "auto/0", "-1/8", "+1/8", "1/8/2", "auto/", "/8", "1/",
            "a/8", "Auto",
        ] {
            assert!(bad.parse::<Choice>().is_err(), "{bad}");
        }
    }

    fn chosen(choice: &str, set: &[(&'static str, &str)]) -> Result<(u32, u32), String> {
        let set: Vec<_> = set
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        let choice: Choice = choice.parse().expect("a choice");
        choice
            .shard(Task(&set))
            .map(|shard| (shard.index, shard.of))
    }

    fn slurm(
        id: &'static str,
        min: &'static str,
        max: &'static str,
        count: &'static str,
    ) -> [(&'static str, &'static str); 4] {
        [
            (SLURM_ID, id),
            (SLURM_MIN, min),
            (SLURM_MAX, max),
            (SLURM_COUNT, count),
        ]
    }

    #[test]
    fn each_engine_is_understood() {
        for (choice, set, expected) in [
            ("2/3", &slurm("9", "1", "8", "8")[..], (2, 3)),
            ("auto", &slurm("1", "1", "8", "8"), (0, 8)),
            ("auto", &slurm("8", "1", "8", "8"), (7, 8)),
            ("auto", &slurm("3", "0", "3", "4"), (3, 4)),
            ("auto/8", &slurm("5", "5", "5", "1"), (5, 8)),
            ("auto/8", &slurm("6", "2", "6", "3"), (6, 8)),
            ("auto", &[(BATCH_INDEX, "3"), (BATCH_SIZE, "10")], (3, 10)),
            (
                "auto/16",
                &[(BATCH_INDEX, "3"), (BATCH_SIZE, "10")],
                (3, 16),
            ),
            ("auto/16", &[(COMPLETION_INDEX, "15")], (15, 16)),
        ] {
            assert_eq!(chosen(choice, set), Ok(expected), "{choice} {set:?}");
        }
        for (choice, set, says) in [
            ("auto", &[][..], "no scheduler"),
            ("auto/8", &[], "no scheduler"),
            ("auto", &slurm("5", "5", "5", "1"), "single"),
            ("auto", &slurm("4", "2", "6", "3"), "holes"),
            ("auto", &slurm("0", "0", "14", "8"), "holes"),
            ("auto", &slurm("x", "0", "3", "4"), "no number"),
            ("auto", &[(SLURM_ID, "0")], SLURM_MIN),
            ("auto", &[(COMPLETION_INDEX, "0")], "auto/N"),
            ("auto", &[(BATCH_INDEX, "0")], BATCH_SIZE),
            (
                "auto",
                &[(BATCH_INDEX, "10"), (BATCH_SIZE, "10")],
                "no shard 10",
            ),
            ("auto/8", &slurm("8", "1", "8", "8"), "no shard 8"),
        ] {
            let error = chosen(choice, set).expect_err("refused");
            assert!(error.contains(says), "{choice} {set:?}: {error}");
        }
    }
}
