//! Seconds of a sleep, computed from its segments: the service's own minutes are rounded each by itself.
//!
//! Type STAGES has AWAKE, LIGHT, DEEP and REM, and all but AWAKE is sleep; short wakes lie inside the other stages and count
//! as sleep. Type CLASSIC has AWAKE, RESTLESS and ASLEEP, and ASLEEP alone is sleep (discovery revision 20261030).

use super::definition::Origin;

/// A segment of a session; instants in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Its first instant.
    pub start: i64,
    /// The instant after its last.
    pub end: i64,
    /// `LIGHT`.
    pub kind: &'a str,
    /// It lies over the others and is not one of them.
    pub short: bool,
}

impl Segment<'_> {
    fn length(&self) -> i64 {
        (self.end - self.start).max(0)
    }
}

/// The words that a sleep is described in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Vocabulary {
    Stages,
    Classic,
}

impl Vocabulary {
    /// That of the type, else that of the segments; `None` if neither says.
    fn of(sleep_type: Option<&str>, segments: &[Segment<'_>]) -> Option<Self> {
        let any = |kinds: &[&str]| segments.iter().any(|segment| kinds.contains(&segment.kind));
        match sleep_type {
            Some("STAGES") => Some(Self::Stages),
            Some("CLASSIC") => Some(Self::Classic),
            _ if any(&["LIGHT", "DEEP", "REM"]) => Some(Self::Stages),
            _ if any(&["ASLEEP", "RESTLESS"]) => Some(Self::Classic),
            _ => None,
        }
    }

    const fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Stages => &["AWAKE", "LIGHT", "DEEP", "REM"],
            Self::Classic => &["AWAKE", "RESTLESS", "ASLEEP"],
        }
    }

    fn is_sleep(self, kind: &str) -> bool {
        match self {
            Self::Stages => kind != "AWAKE",
            Self::Classic => kind == "ASLEEP",
        }
    }
}

/// A sleep of one type or the other has this stage, whether or not it came.
#[must_use]
pub fn is_kind(kind: &str) -> bool {
    let all = [Vocabulary::Stages, Vocabulary::Classic];
    all.iter()
        .any(|vocabulary| vocabulary.kinds().contains(&kind))
}

/// A value that is computed from segments: seconds, or a count.
///
/// `None` without segments, where the type does not have the stage, and for an origin of another kind.
#[must_use]
pub fn computed(
    origin: &Origin,
    sleep_type: Option<&str>,
    segments: &[Segment<'_>],
) -> Option<i64> {
    if segments.is_empty() {
        return None;
    }
    let vocabulary = Vocabulary::of(sleep_type, segments);
    let seconds = |counts: &dyn Fn(&Segment<'_>) -> bool| {
        let counted = segments.iter().filter(|segment| counts(segment));
        counted.map(Segment::length).sum::<i64>() / 1000
    };
    let is_long = |segment: &Segment<'_>, kind: &str| !segment.short && segment.kind == kind;
    match origin {
        Origin::Asleep => {
            let vocabulary = vocabulary?;
            Some(seconds(&|s| !s.short && vocabulary.is_sleep(s.kind)))
        }
        Origin::Seconds(kind) => {
            let is_there = segments.iter().any(|segment| is_long(segment, kind));
            let is_of_type = vocabulary.is_some_and(|all| all.kinds().contains(&kind.as_str()));
            (is_there || is_of_type).then(|| seconds(&|s| is_long(s, kind)))
        }
        Origin::ShortSeconds => Some(seconds(&|s| s.short)),
        Origin::ShortCount => {
            let count = segments.iter().filter(|segment| segment.short).count();
            i64::try_from(count).ok()
        }
        Origin::Member(..) | Origin::Array | Origin::Difference(..) | Origin::Elsewhere => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(start: i64, end: i64, kind: &str, short: bool) -> Segment<'_> {
        let (start, end) = (start * 1000, end * 1000);
        Segment {
            start,
            end,
            kind,
            short,
        }
    }

    /// asleep, AWAKE, LIGHT, DEEP, REM, RESTLESS, short seconds, short count.
    fn all(sleep_type: Option<&str>, segments: &[Segment<'_>]) -> [Option<i64>; 8] {
        let of = |kind: &str| Origin::Seconds(kind.to_owned());
        [
            Origin::Asleep,
            of("AWAKE"),
            of("LIGHT"),
            of("DEEP"),
            of("REM"),
            of("RESTLESS"),
            Origin::ShortSeconds,
            Origin::ShortCount,
        ]
        .map(|origin| computed(&origin, sleep_type, segments))
    }

    #[test]
    fn seconds_follow_the_type() {
        let stages = [
            segment(0, 270, "AWAKE", false),
            segment(270, 1000, "LIGHT", false),
            segment(1000, 1500, "REM", false),
            segment(400, 430, "AWAKE", true),
            segment(500, 560, "AWAKE", true),
        ];
        let expected = [1230, 270, 730, 0, 500].map(Some);
        let expected = [&expected[..], &[None, Some(90), Some(2)]].concat();
        assert_eq!(all(Some("STAGES"), &stages)[..], expected);
        assert_eq!(all(None, &stages)[..], expected, "the stages say the type");
        let classic = [
            segment(0, 60, "RESTLESS", false),
            segment(60, 600, "ASLEEP", false),
        ];
        let expected = [
            Some(540),
            Some(0),
            None,
            None,
            None,
            Some(60),
            Some(0),
            Some(0),
        ];
        assert_eq!(all(Some("CLASSIC"), &classic), expected);
        assert_eq!(all(Some("STAGES"), &[]), [None; 8], "nothing is known");
        let new = [segment(0, 60, "DREAMING", false)];
        assert_eq!(all(Some("STAGES"), &new)[0], Some(60), "all but AWAKE");
        assert_eq!(all(Some("CLASSIC"), &new)[0], Some(0), "ASLEEP alone");
        assert_eq!(all(None, &new)[0], None);
    }

    proptest! {
        #[test]
        fn a_night_of_stages_is_wholly_accounted_for(lengths in proptest::collection::vec((0usize..4, 30i64..5000), 1..40)) {
            let mut at = 0;
            let mut night: Vec<_> = lengths.iter().map(|(kind, length)| {
                at += length;
                segment(at - length, at, ["AWAKE", "LIGHT", "DEEP", "REM"][*kind], false)
            }).collect();
            let forwards = all(Some("STAGES"), &night);
            let [Some(asleep), Some(awake), Some(light), Some(deep), Some(rem), None, ..] = forwards else {
                return Err(TestCaseError::fail("all of the stages"));
            };
            prop_assert_eq!(asleep + awake, at);
            prop_assert_eq!(light + deep + rem, asleep);
            night.reverse();
            prop_assert_eq!(all(Some("STAGES"), &night), forwards);
        }
    }
}
