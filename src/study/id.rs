//! What a participant is called: a name that a study gives, never a person's own. It stands in file names, in a column of the
//! data set and in reports.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Longer names do not fit everywhere where they stand.
const LONGEST: usize = 64;

/// An ASCII letter, then letters, digits, `-` and `_`: 64 characters at most.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(Arc<str>);

impl Id {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Another name that some file systems and readers of data sets take for the same.
    #[must_use]
    pub fn differs_by_case_alone(&self, other: &Self) -> bool {
        self != other && self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl FromStr for Id {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let begins = text.starts_with(|first: char| first.is_ascii_alphabetic());
        if begins && text.len() <= LONGEST && text.bytes().all(is_inner) {
            Ok(Self(Arc::from(text)))
        } else {
            Err(format!(
                "an id begins with a letter from A to Z, goes on with letters, digits, '-' and '_', and has {LONGEST} characters at most"
            ))
        }
    }
}

impl TryFrom<String> for Id {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Two of them that differ by case alone, if there are any.
#[must_use]
pub fn clash(ids: &[Id]) -> Option<(Id, Id)> {
    let mut known = std::collections::BTreeMap::new();
    ids.iter().find_map(|id| {
        let earlier = known.insert(id.as_str().to_ascii_lowercase(), id)?;
        earlier
            .differs_by_case_alone(id)
            .then(|| (earlier.clone(), id.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_letter_and_then_letters_digits_and_two_signs() {
        let longest = format!("P{}", "0".repeat(63));
        for good in ["P", "p001", "P-1_x", "Zz9", &longest] {
            assert_eq!(
                good.parse::<Id>().map(|id| id.to_string()),
                Ok(good.to_owned())
            );
        }
        let too_long = format!("{longest}0");
        for bad in [
            "",
            "1",
            "-P",
            "_P",
            "P 1",
            "P/1",
            "../P",
            "P.json",
            "Pä",
            "ÄP",
            "P\n",
            "participant=P",
            &too_long,
        ] {
            assert!(bad.parse::<Id>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn ids_that_differ_by_case_alone_clash() {
        let ids = |names: &[&str]| -> Vec<Id> {
            let parsed = names.iter().map(|name| name.parse().expect("an id"));
            parsed.collect()
        };
        assert_eq!(clash(&ids(&["P001", "P002", "Q001", "P001"])), None);
        let [a, b] = ["P001", "p001"].map(|name| name.parse::<Id>().expect("an id"));
        assert_eq!(clash(&ids(&["P001", "P002", "p001"])), Some((a, b)));
    }
}
