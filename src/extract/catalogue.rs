//! All series that can be extracted: those of the program, each a file of definition that is read when it is asked for,
//! and those of the keys file.

use super::definition::Definition;
use super::raw::{RawDefinition, RawDefinitions, RawFile};
use super::read::{self, Problem};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// A file of the catalogue.
struct BuiltIn {
    name: &'static str,
    text: &'static str,
    read: OnceLock<Definition>,
}

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        [$(BuiltIn {
            name: $name,
            text: include_str!(concat!("catalogue/", $name, ".toml")),
            read: OnceLock::new(),
        }),*]
    };
}

/// A new series is a file and a line here.
static BUILT_IN: [BuiltIn; 38] = built_in![
    "heart_rate",
    "hrv",
    "spo2",
    "breathing_rate",
    "weight",
    "body_fat",
    "height",
    "blood_glucose",
    "core_temperature",
    "vo2max",
    "run_vo2max",
    "steps",
    "distance",
    "floors",
    "altitude",
    "calories",
    "active_calories",
    "basal_calories",
    "zone_calories",
    "active_minutes",
    "zone_minutes",
    "activity_level",
    "sedentary",
    "time_in_zone",
    "swim_lengths",
    "sleep",
    "exercise",
    "ecg",
    "irregular_rhythm",
    "hydration",
    "nutrition",
    "resting_heart_rate",
    "hrv_daily",
    "spo2_daily",
    "breathing_daily",
    "skin_temperature",
    "vo2max_daily",
    "heart_rate_zones",
];

impl BuiltIn {
    fn definition(&self) -> &Definition {
        self.read.get_or_init(|| {
            let raw: RawFile = toml::from_str(self.text).expect("a test has read it");
            let (name, raw) = raw.extract.iter().next().expect("a test has read it");
            read::definition(name, raw).expect("a test has read it")
        })
    }
}

/// The series of the program and of a keys file.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    own: Arc<BTreeMap<String, Definition>>,
}

impl Catalogue {
    /// The program's series, and these of a keys file.
    ///
    /// # Errors
    /// Fails when one of them is wrong or has a name that is taken; the problem says where.
    pub fn with(own: &RawDefinitions) -> Result<Self, Problem> {
        let mut all = BTreeMap::new();
        for (name, raw) in own {
            shape_fits(raw)?;
            let definition = read::definition(name, raw)?;
            scope_fits(raw)?;
            if let Some(table) = definition.tables().find(|table| is_taken(table, &all)) {
                return Err(Problem::at(
                    name,
                    format!("there is an extract '{table}' already"),
                ));
            }
            all.insert(definition.name.clone(), definition);
        }
        Ok(Self { own: Arc::new(all) })
    }

    /// The series of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Definition> {
        let built_in = BUILT_IN.iter().find(|file| file.name == name);
        built_in
            .map(BuiltIn::definition)
            .or_else(|| self.own.get(name))
    }

    /// The program's series, and those of a text that has nothing but tables `[extract.NAME]`.
    ///
    /// # Errors
    /// Fails as [`Catalogue::with`] does, and when the text is no TOML of this form.
    pub fn with_text(text: &str) -> Result<Self, Problem> {
        let raw: RawFile =
            toml::from_str(text).map_err(|error| Problem::of_parser(text, &error))?;
        Self::with(&raw.extract)
    }

    /// There is a series of this name; nothing is read for it.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// Every name: heart rate first, the keys file's own last.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let built_in = BUILT_IN.iter().map(|file| file.name);
        built_in.chain(self.own.keys().map(String::as_str))
    }

    /// Every series, in the order of [`Catalogue::names`].
    pub fn all(&self) -> impl Iterator<Item = &Definition> {
        let built_in = BUILT_IN.iter().map(BuiltIn::definition);
        built_in.chain(self.own.values())
    }

    /// The text of a series of the program, header included; `None` for another.
    #[must_use]
    pub fn text(name: &str) -> Option<&'static str> {
        let file = BUILT_IN.iter().find(|file| file.name == name)?;
        Some(file.text)
    }
}

/// The names of the program's own series; nothing is read for them.
pub fn built_in_names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|file| file.name)
}

fn is_taken(table: &str, own: &BTreeMap<String, Definition>) -> bool {
    let built_in = BUILT_IN.iter().map(BuiltIn::definition);
    let mut tables = built_in.chain(own.values()).flat_map(Definition::tables);
    tables.any(|taken| taken == table)
}

/// A definition of the program of this type.
pub(super) fn of_type(data_type: &str) -> Option<&'static Definition> {
    let mut known = BUILT_IN.iter().map(BuiltIn::definition);
    known.find(|known| known.data_type == data_type)
}

/// A type that the catalogue knows has the shape that it has there.
fn shape_fits(raw: &RawDefinition) -> Result<(), Problem> {
    match of_type(raw.data_type.get_ref()) {
        Some(known) if known.shape != *raw.shape.get_ref() => {
            let (data_type, shape) = (&known.data_type, known.shape.name());
            let what = format!("the type {data_type} has the shape \"{shape}\"");
            Err(Problem::at(&raw.shape, what))
        }
        _ => Ok(()),
    }
}

/// And the scope.
fn scope_fits(raw: &RawDefinition) -> Result<(), Problem> {
    match of_type(raw.data_type.get_ref()) {
        Some(known) if known.scope_name != *raw.scope.get_ref() => {
            let (data_type, scope) = (&known.data_type, &known.scope_name);
            let what = format!("the type {data_type} has the scope \"{scope}\"");
            Err(Problem::at(&raw.scope, what))
        }
        _ => Ok(()),
    }
}

impl Definition {
    /// It is one of the program's own, whose members are known to be right.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        built_in_names().any(|name| name == self.name)
    }
}

/// The text of a definition as one's own, called `mine`, with some of it replaced.
#[cfg(test)]
pub(crate) fn as_own(name: &str, changes: &[(&str, &str)]) -> String {
    let text = Catalogue::text(name).expect("a file");
    let mut text = text.replace(&format!("[extract.{name}"), "[extract.mine");
    text = text.replace("table = \"", "table = \"my_");
    for (from, to) in changes {
        assert!(text.contains(from), "{name}: {from}");
        text = text.replace(from, to);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn with(own: &str) -> Result<Catalogue, String> {
        Catalogue::with_text(own).map_err(|problem| {
            let line = own[..problem.at].matches('\n').count() + 1;
            format!("{line}: {}", problem.what)
        })
    }

    #[test]
    fn every_file_is_read_and_has_the_name_of_its_table() {
        let catalogue = Catalogue::default();
        let mut tables = BTreeSet::new();
        for (name, definition) in catalogue.names().zip(catalogue.all()) {
            assert_eq!(name, definition.name);
            for table in definition.tables() {
                assert!(tables.insert(table), "{table} twice");
            }
            let text = Catalogue::text(name).expect("a file");
            assert!(text.starts_with(&format!("[extract.{name}]\n")), "{name}");
        }
    }

    #[test]
    fn an_extract_of_ones_own_stands_beside_them() {
        let own = Catalogue::text("steps").expect("a file");
        let own = own.replace("extract.steps", "extract.my_steps");
        let own = own.replace("column = \"steps\"", "column = \"paces\"");
        let catalogue = with(&own).expect("good");
        let mine = catalogue.get("my_steps").expect("mine");
        assert_eq!(mine.default_fields(), ["day", "time", "paces"]);
        assert_eq!(catalogue.names().last(), Some("my_steps"));
        assert!(Catalogue::default().get("my_steps").is_none());
    }

    /// What is replaced in the definition of steps, by what, and how the error begins.
    const MISTAKES: [(&str, &str, &str); 21] = [
        (
            "extract.mine",
            "extract.sleep_stages",
            "1: there is an extract 'sleep_stages' already",
        ),
        (
            "extract.mine",
            "extract.Mine",
            "1: the name of an extract is small letters",
        ),
        (
            "\"intervals\"",
            "\"days\"",
            "4: the type steps has the shape",
        ),
        (
            "\"intervals\"",
            "\"weeks\"",
            "4: shape: there is no 'weeks', it is one of samples, intervals",
        ),
        (
            "activity_and_fitness",
            "activity_fitness",
            "9: the service has no scope 'activity_fitness': did you mean activity_and_fitness?",
        ),
        (
            "activity_and_fitness",
            "moods",
            "9: the service has no scope 'moods': it is one of activity_and_fitness, ecg",
        ),
        (
            "type = \"steps\"",
            "type = \"My Steps\"",
            "5: a type is written like",
        ),
        ("dense = true", "thick = true", "10: unknown field `thick`"),
        (
            "interval.start_time",
            "interval.end_time",
            "7: intervals are not asked for by",
        ),
        (
            "filter = \"interval.start_time\"\n",
            "",
            "4: filter is missing",
        ),
        (
            "page_size = 10000",
            "page_size = 0",
            "8: a page holds 1 to 10000 points",
        ),
        (
            "column = \"steps\"",
            "column = \"source\"",
            "12: the column 'source' is there already",
        ),
        (
            "wire = \"string-integer\"",
            "wire = \"text\"",
            "12: 'steps' cannot be of this kind",
        ),
        (
            "member = \"count\"",
            "member = \"a..b\"",
            "12: a member is written like",
        ),
        ("[0, 1000000]", "[3, 1]", "12: a range goes from"),
        (
            "extract.mine",
            "extract.all",
            "1: 'all' means something else",
        ),
        (
            "column = \"steps\"",
            "column = \"year\"",
            "12: the column 'year' is there already",
        ),
        (
            "kind = \"int32\"",
            "kind = \"int32\", shown = \"time\"",
            "12: the column 'steps' is there already",
        ),
        (
            "dense = true",
            "coarser = \"mean\"",
            "10: samples have a mean",
        ),
        (
            "dense = true",
            "overlaps = \"longest\"",
            "10: only sessions",
        ),
        (
            "dense = true",
            "beside_sessions = true",
            "10: only samples have a mean",
        ),
    ];

    #[test]
    fn a_mistake_names_its_line() {
        for (from, to, expected) in MISTAKES {
            let found = with(&as_own("steps", &[(from, to)])).expect_err("a mistake");
            assert!(found.starts_with(expected), "{from} -> {to}: {found}");
        }
    }

    #[test]
    fn a_type_keeps_its_shape() {
        let known = ("type = \"daily-resting-heart-rate\"", "type = \"steps\"");
        let own = as_own("resting_heart_rate", &[known]);
        assert_eq!(
            with(&own).expect_err("another shape"),
            "4: the type steps has the shape \"intervals\""
        );
        with(&own.replace("\"steps\"", "\"daily-moods\"")).expect("a type that is new to us");
    }

    #[test]
    fn a_type_keeps_its_scope() {
        let own = as_own("steps", &[("\"activity_and_fitness\"", "\"sleep\"")]);
        assert_eq!(
            with(&own).expect_err("another scope"),
            "9: the type steps has the scope \"activity_and_fitness\""
        );
    }
}
