//! Which extracts a run is about: `--extract LIST`, and `extracts` of the keys file.

use super::catalogue::Catalogue;
use super::definition::Definition;
use std::fmt;
use std::str::FromStr;

/// What every command means without a word about extracts.
pub const HEART_RATE: &str = "heart_rate";

/// Some extracts by their names, or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// These, in this order; none twice.
    Named(Vec<String>),
    /// Every one of the catalogue.
    All,
}

impl Default for Selection {
    fn default() -> Self {
        Self::heart_rate()
    }
}

impl Selection {
    /// Heart rate alone.
    #[must_use]
    pub fn heart_rate() -> Self {
        Self::Named(vec![HEART_RATE.to_owned()])
    }

    /// From single names; `all` among them is all.
    ///
    /// # Errors
    /// Fails on an empty list and on an empty name.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut chosen: Vec<String> = Vec::new();
        let mut all = false;
        for name in names {
            match name.trim() {
                "" => return Err("a name is missing".to_owned()),
                "all" => all = true,
                name if chosen.iter().any(|known| known == name) => {}
                name => chosen.push(name.to_owned()),
            }
        }
        match (all, chosen.is_empty()) {
            (true, _) => Ok(Self::All),
            (false, true) => Err("name at least one extract, or all".to_owned()),
            (false, false) => Ok(Self::Named(chosen)),
        }
    }

    /// The definitions that are meant, in order: as named, or as in the catalogue.
    ///
    /// # Errors
    /// Fails on a name that the catalogue does not have.
    pub fn resolve<'a>(
        &self,
        catalogue: &'a Catalogue,
    ) -> Result<Vec<&'a Definition>, UnknownName> {
        match self {
            Self::All => Ok(catalogue.all().collect()),
            Self::Named(names) => names.iter().map(|name| find(catalogue, name)).collect(),
        }
    }

    /// Each is wanted for itself: one that is refused is an error, where with `all` it is set aside.
    #[must_use]
    pub const fn is_by_name(&self) -> bool {
        matches!(self, Self::Named(_))
    }
}

impl FromStr for Selection {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::of(text.split(','))
    }
}

/// The definition of a name.
///
/// # Errors
/// Fails when the catalogue does not have it; the error has near names.
pub fn find<'a>(catalogue: &'a Catalogue, name: &str) -> Result<&'a Definition, UnknownName> {
    catalogue
        .get(name)
        .ok_or_else(|| UnknownName::of(catalogue, name))
}

/// A name that no extract has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// As it was given.
    pub name: String,
    /// Names that it may have been meant for, the nearest first.
    pub near: Vec<String>,
    /// The extract that it is a table of.
    pub part_of: Option<String>,
}

impl UnknownName {
    /// The error for a name that the catalogue does not have.
    #[must_use]
    pub fn of(catalogue: &Catalogue, name: &str) -> Self {
        let mut holders = catalogue.all();
        let holder = holders.find(|definition| definition.tables().any(|table| table == name));
        let plain = match name.to_lowercase().replace('-', "_") {
            // As its files are called.
            short if short == "hr" => HEART_RATE.to_owned(),
            plain => plain,
        };
        let likeness = |known: &str| {
            let is_part = plain.len() > 2 && (known.contains(&plain) || plain.contains(known));
            if is_part {
                1.0
            } else {
                strsim::jaro_winkler(&plain, known)
            }
        };
        let mut near: Vec<_> = catalogue
            .names()
            .map(|known| (likeness(known), known))
            .collect();
        near.retain(|(likeness, _)| *likeness > 0.8);
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        Self {
            name: name.to_owned(),
            near: near
                .into_iter()
                .take(3)
                .map(|(_, name)| name.to_owned())
                .collect(),
            part_of: holder.map(|definition| definition.name.clone()),
        }
    }

    /// What to type instead.
    #[must_use]
    pub fn hint(&self) -> String {
        match (&self.part_of, &self.near[..]) {
            (Some(whole), _) => format!("it comes with {whole}: name that"),
            (None, []) => "fitbit-hr extracts lists them all".to_owned(),
            (None, near) => format!(
                "did you mean {}? fitbit-hr extracts lists them all",
                near.join(" or ")
            ),
        }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no extract '{}'", self.name.escape_debug())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_names_or_all() {
        let named = |names: &[&str]| {
            Ok(Selection::Named(
                names.iter().map(ToString::to_string).collect(),
            ))
        };
        for (text, expected) in [
            ("sleep,steps", named(&["sleep", "steps"])),
            (" steps , sleep,steps", named(&["steps", "sleep"])),
            ("all", Ok(Selection::All)),
            ("sleep,all", Ok(Selection::All)),
            ("", Err("a name is missing".to_owned())),
            ("sleep,", Err("a name is missing".to_owned())),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
    }

    #[test]
    fn an_unknown_name_is_met_with_near_ones() {
        let catalogue = Catalogue::default();
        for (name, hint) in [
            ("stepps", "did you mean steps?"),
            ("heart-rate", "did you mean heart_rate"),
            ("Sleep", "did you mean sleep?"),
            ("SPO2", "did you mean spo2"),
            ("sleep_stages", "it comes with sleep: name that"),
            ("qqqqqqq", "fitbit-hr extracts lists them all"),
        ] {
            let unknown = find(&catalogue, name).expect_err("unknown");
            assert!(
                unknown.hint().starts_with(hint),
                "{name}: {}",
                unknown.hint()
            );
        }
        let all = Selection::All.resolve(&catalogue).expect("all of them");
        assert_eq!(all.len(), catalogue.names().count());
        assert_eq!(all[0].name, "heart_rate");
    }
}
