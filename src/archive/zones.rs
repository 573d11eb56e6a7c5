//! The limits of a day's heart-rate zones as one line of its footer: `Out of Range:30-97,Fat Burn:97-138,Peak:170-`.
//!
//! A limit that is not known is left out. A comma or per cent sign in a name is written as `%2C` or `%25`.

use crate::day::Zone;

/// The names and limits alone, of the zones that have a limit: what the archive keeps.
#[must_use]
pub fn limits(zones: &[Zone]) -> Vec<Zone> {
    zones
        .iter()
        .filter(|zone| zone.min.is_some() || zone.max.is_some())
        .map(|zone| Zone {
            minutes: None,
            calories: None,
            ..zone.clone()
        })
        .collect()
}

/// The line; empty without zones. What is no limit is left out.
#[must_use]
pub fn encode(zones: &[Zone]) -> String {
    let zones: Vec<_> = zones.iter().map(encode_zone).collect();
    zones.join(",")
}

fn encode_zone(zone: &Zone) -> String {
    let name = zone.name.replace('%', "%25").replace(',', "%2C");
    let limit = |bpm: Option<u16>| bpm.map(|bpm| bpm.to_string()).unwrap_or_default();
    format!("{name}:{}-{}", limit(zone.min), limit(zone.max))
}

/// Reads the line; `None` if it is none.
#[must_use]
pub fn decode(line: &str) -> Option<Vec<Zone>> {
    let zones = line.split(',').filter(|zone| !zone.is_empty());
    zones.map(decode_zone).collect()
}

fn decode_zone(text: &str) -> Option<Zone> {
    let (name, limits) = text.rsplit_once(':')?;
    let (min, max) = limits.split_once('-')?;
    let limit = |text: &str| match text {
        "" => Some(None),
        bpm => bpm.parse().ok().map(Some),
    };
    Some(Zone {
        name: name.replace("%2C", ",").replace("%25", "%"),
        min: limit(min)?,
        max: limit(max)?,
        minutes: None,
        calories: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn zone(name: &str, min: Option<u16>, max: Option<u16>) -> Zone {
        Zone {
            name: name.to_owned(),
            min,
            max,
            minutes: None,
            calories: None,
        }
    }

    #[test]
    fn zones_are_one_readable_line() {
        let zones = [
            zone("Out of Range", Some(30), Some(97)),
            zone("A, 50%: odd", Some(97), None),
        ];
        let line = "Out of Range:30-97,A%2C 50%25: odd:97-";
        assert_eq!(encode(&zones), line);
        assert_eq!(decode(line), Some(zones.to_vec()));
        assert_eq!(encode(&[]), "");
        assert_eq!(decode(""), Some(Vec::new()));
    }

    #[test]
    fn another_line_is_none() {
        for line in [
            "Peak",
            "Peak:170",
            "Peak:170-x",
            "Peak:-1-2",
            "Peak:1-70000",
        ] {
            assert_eq!(decode(line), None, "{line}");
        }
    }

    #[test]
    fn the_archive_keeps_limits_alone() {
        let full = Zone {
            minutes: Some(30),
            calories: Some(100.5),
            ..zone("Peak", Some(170), Some(220))
        };
        let without = zone("NEW", None, None);
        assert_eq!(
            limits(&[full, without]),
            [zone("Peak", Some(170), Some(220))]
        );
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_read_back(
            zones in proptest::collection::vec(
                ("[ -~é]{0,6}", any::<Option<u16>>(), any::<Option<u16>>()), 0..5)
        ) {
            let zones: Vec<_> = zones.iter().map(|(name, min, max)| zone(name, *min, *max)).collect();
            prop_assert_eq!(decode(&encode(&zones)), Some(zones));
        }
    }
}
