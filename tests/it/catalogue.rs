//! Every definition held against what the service says of itself: `discovery.json` is the part of the Google Health API's
//! discovery document, revision 20261030, that has the types of the catalogue. A leaf is type, format, `required` and range
//! as documented there; `!` after a name is `required` of an object or an array.

use crate::program::Home;
use fitbit_hr::extract::definition::{Definition, Field, Operation, Origin, Wire};
use fitbit_hr::extract::{Catalogue, Kind, Shape};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn discovery() -> Value {
    serde_json::from_str(include_str!("discovery.json")).expect("JSON")
}

/// By what each kind of record is asked for. Another member answers 400, or 200 and nothing; these are the exceptions.
const FILTERS: [(&str, &str); 2] = [
    ("sleep", "interval.civil_end_time"),
    ("electrocardiogram", "interval.start_time"),
];

fn filter(definition: &Definition) -> Option<String> {
    let usual = match definition.shape {
        _ if definition.operation == Operation::RollUp => return None,
        Shape::Samples => "sample_time.physical_time",
        Shape::Intervals => "interval.start_time",
        Shape::Sessions => "interval.civil_start_time",
        Shape::Days => "date",
    };
    let mut exceptions = FILTERS.iter();
    let exception = exceptions.find(|(of, _)| *of == definition.data_type);
    let member = exception.map_or(usual, |(_, member)| member);
    Some(format!(
        "{}.{member}",
        definition.data_type.replace('-', "_")
    ))
}

/// Ends of columns, and what the service's member has to be called.
const UNITS: [(&str, &str); 12] = [
    ("_mm", "millimeters"),
    ("_ms", "milliseconds"),
    ("_ml", "milliliters"),
    ("_g", "grams"),
    ("_c", "celsius"),
    ("kcal", "kcal"),
    ("percent", "percentage"),
    ("bpm", "beatsperminute"),
    ("_dl", "milligramsperdeciliter"),
    ("_per_min", "breathsperminute"),
    ("minutes", "minutes"),
    ("hertz", "hertz"),
];

/// A member of an object, and whether it is required.
fn member<'a>(object: &'a Value, key: &str) -> Option<(&'a Value, bool)> {
    let object = object.get(0).unwrap_or(object);
    let required = object.get(format!("{key}!")).map(|inner| (inner, true));
    let inner = required.or_else(|| object.get(key).map(|inner| (inner, false)))?;
    let says_so = inner
        .0
        .as_str()
        .is_some_and(|leaf| leaf.contains(" required"));
    Some((inner.0, inner.1 || says_so))
}

/// The leaf at the end of a path, and whether every step is required.
fn leaf<'a>(point: &'a Value, path: &[String]) -> Option<(&'a Value, bool)> {
    path.iter()
        .try_fold((point, true), |(object, required), key| {
            let (inner, also) = member(object, key)?;
            Some((inner, required && also))
        })
}

fn wire(leaf: &Value) -> Option<Wire> {
    if let Value::Array(of) = leaf {
        return (of.first()?.as_str()? == "integer int32").then_some(Wire::List);
    }
    let words: Vec<_> = leaf.as_str()?.split(' ').collect();
    match words[..] {
        ["string", "int64", ..] => Some(Wire::StringInteger),
        ["integer", "int32", ..] => Some(Wire::Integer),
        ["number", "double", ..] => Some(Wire::Number),
        ["string", "google-duration", ..] => Some(Wire::Duration),
        ["string", "google-datetime", ..] => None,
        ["string", ..] => Some(Wire::Text),
        ["boolean", ..] => Some(Wire::Boolean),
        _ => None,
    }
}

fn problems_of_value(field: &Field, point: &Value, is_roll_up: bool) -> Vec<String> {
    let (name, Origin::Member(path, expected)) = (&field.column.name, &field.origin) else {
        return Vec::new();
    };
    let Some((leaf, required)) = leaf(point, path) else {
        return vec![format!("{name}: no member {}", path.join("."))];
    };
    let mut problems = Vec::new();
    if wire(leaf) != Some(*expected) {
        problems.push(format!("{name}: {leaf} is not {expected:?}"));
    }
    // Of a variability sample without its variability nothing would be left.
    let is_needed = field.column.required && name != "rmssd_ms";
    if is_needed && !required && !is_roll_up {
        problems.push(format!("{name}: may be missing"));
    }
    let range = field.range.map(|(least, most)| format!("[{least},{most}]"));
    let documented = leaf
        .as_str()
        .and_then(|leaf| leaf.find('[').map(|at| leaf[at..].to_owned()));
    if documented.is_some() && range != documented {
        problems.push(format!("{name}: {range:?} is not {documented:?}"));
    }
    let last = path
        .last()
        .map(|key| key.to_lowercase())
        .unwrap_or_default();
    let unit = UNITS.iter().find(|(end, _)| name.ends_with(end));
    // `BeatsPerMinuteAvg`, `heartRateBeatsPerMinute`: the unit stands somewhere in the name.
    if unit.is_some_and(|(_, word)| !last.contains(word)) {
        problems.push(format!("{name}: {last} is of another unit"));
    }
    problems
}

/// What is wrong with a definition; nothing if it is as the service says.
fn problems(definition: &Definition, discovery: &Value) -> Vec<String> {
    let is_roll_up = definition.operation == Operation::RollUp;
    let all = &discovery[if is_roll_up { "roll_ups" } else { "points" }];
    let Some(point) = all.get(&definition.member) else {
        return vec![format!("no type {}", definition.member)];
    };
    let mut problems = Vec::new();
    let time = member(point, definition.shape.time_member()).and_then(|(time, _)| time.as_str());
    let expected = match definition.shape {
        Shape::Samples => "ObservationSampleTime",
        Shape::Intervals => "ObservationTimeInterval",
        Shape::Sessions => "SessionTimeInterval",
        Shape::Days => "Date",
    };
    if !is_roll_up && time != Some(expected) {
        problems.push(format!("its time is {time:?}"));
    }
    let is_merged = discovery["reconciled"]
        .as_array()
        .is_some_and(|all| all.contains(&Value::from(&*definition.member)));
    if is_merged != (definition.operation == Operation::Reconcile) {
        problems.push("its sources are merged by the service, or cannot be".to_owned());
    }
    if definition
        .filter
        .as_ref()
        .map(|filter| filter.member.clone())
        != filter(definition)
    {
        problems.push(format!("it is asked for by {:?}", definition.filter));
    }
    let scope = format!("googlehealth.{}.readonly", definition.scope_name);
    let scopes = discovery["scopes"].as_array().expect("scopes");
    // Granted by the live service, though the document does not have it.
    if !scopes.contains(&Value::from(&*scope)) && definition.scope_name != "nutrition" {
        problems.push(format!("no scope {scope}"));
    }
    let Some((row, _)) = leaf(point, &definition.unfold) else {
        return vec!["nothing to unfold".to_owned()];
    };
    let of = |field| problems_of_value(field, row, is_roll_up);
    problems.extend(definition.values.iter().flat_map(of));
    if let Some(segments) = &definition.segments {
        for array in &segments.arrays {
            let Some((segment, _)) = leaf(point, &array.path) else {
                problems.push(format!("no array {:?}", array.path));
                continue;
            };
            let has = |key| member(segment, key).is_some();
            if !has("startTime") || !has("endTime") || !has("startUtcOffset") {
                problems.push(format!("{:?} has no times", array.path));
            }
            let of = |field| problems_of_value(field, segment, false);
            problems.extend(segments.values.iter().flat_map(of));
        }
    }
    problems
}

#[test]
fn every_definition_is_as_the_service_says() {
    let (catalogue, discovery) = (Catalogue::default(), discovery());
    let mut wrong = Vec::new();
    for definition in catalogue.all() {
        let problems = problems(definition, &discovery);
        wrong.extend(
            problems
                .iter()
                .map(|problem| format!("{}: {problem}", definition.name)),
        );
        for field in &definition.values {
            let is_label = matches!(field.column.kind, Kind::Text | Kind::Boolean);
            assert!(
                is_label || field.unit.is_some(),
                "{}: {} has no unit",
                definition.name,
                field.column.name
            );
        }
        let words = format!(
            "{} {} {}",
            definition.title,
            definition.help,
            definition.traps.join(" ")
        );
        assert!(
            !words.contains('—') && definition.help.ends_with('.'),
            "{words}"
        );
        assert!(!definition.traps.is_empty() && definition.example.starts_with("fitbit-hr "));
        assert!(definition.example.contains(&definition.name) || definition.name == "heart_rate");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(catalogue.names().count(), 38);
}

#[test]
fn the_known_blunders_of_others_are_caught() {
    let discovery = discovery();
    for (name, from, to, caught) in [
        // Stored zeros for every distance.
        (
            "distance",
            "\"millimeters\"",
            "\"distanceMillimeters\"",
            "no member",
        ),
        // Read `celsius` where it is `temperatureCelsius`: nothing, for ever.
        (
            "core_temperature",
            "temperatureCelsius",
            "celsius",
            "no member",
        ),
        (
            "zone_minutes",
            "\"activeZoneMinutes\"",
            "\"minutes\"",
            "no member",
        ),
        (
            "distance",
            "distance_mm",
            "distance_kcal",
            "of another unit",
        ),
        ("weight", "weight_g", "weight_mm", "of another unit"),
        ("steps", "string-integer", "number", "is not Number"),
        // Answers 200 and nothing, or 400.
        (
            "sleep",
            "civil_end_time",
            "civil_start_time",
            "asked for by",
        ),
        ("exercise", "civil_start_time", "start_time", "asked for by"),
        (
            "steps",
            "\"reconcile\"",
            "\"list\"",
            "merged by the service",
        ),
        ("hrv_daily", ", optional = true", "", "may be missing"),
        ("spo2", "[0, 100]", "[50, 100]", "is not Some"),
        ("sleep", "shortAwakenings", "shortWakes", "no array"),
    ] {
        let text = Catalogue::text(name).expect("a file");
        assert!(text.contains(from), "{name}: {from}");
        let text = text
            .replace(from, to)
            .replace(&format!("extract.{name}"), "extract.mine");
        let text = text
            .replace("\"sleep_stages\"", "\"my_stages\"")
            .replace("\"exercise_splits\"", "\"my_splits\"");
        let mine = Catalogue::with_text(&text).expect("well formed");
        let found = problems(mine.get("mine").expect("mine"), &discovery);
        assert!(
            found.iter().any(|problem| problem.contains(caught)),
            "{name} {to}: {found:?}"
        );
    }
}

#[test]
fn the_table_fits_and_has_every_extract_with_its_columns() {
    let home = Home::new();
    let table = home.run(["extracts"]).expect(0).stdout;
    for line in table.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    for definition in Catalogue::default().all() {
        assert!(
            table
                .lines()
                .any(|line| line.starts_with(&format!("{} ", definition.name)))
        );
        for field in &definition.values {
            assert!(table.contains(&field.column.name), "{}", field.column.name);
        }
    }
    let json = home.run(["extracts", "--json"]).expect(0).json();
    assert_eq!(json["extracts"].as_array().map(Vec::len), Some(38));
    let sleep = home.run(["extracts", "sleep", "--json"]).expect(0).json();
    assert_eq!(sleep["segments"]["table"], "sleep_stages");
    assert_eq!(sleep["default_fields"][1], "start");
}

#[test]
fn one_extract_has_a_page_and_a_wrong_name_a_hint() {
    let home = Home::new();
    for name in Catalogue::default().names() {
        let page = home.run(["extracts", name]).expect(0).stdout;
        assert!(
            page.contains(
                "
Example
"
            ),
            "{page}"
        );
        assert!(
            page.lines().all(|line| line.chars().count() <= 80),
            "{page}"
        );
    }
    let wrong = home.run(["extracts", "stepps"]).expect(2);
    assert!(
        wrong.stderr.contains("did you mean steps"),
        "{}",
        wrong.stderr
    );
    home.run(["extracts", "--toml"]).expect(2);
}

#[test]
fn a_printed_definition_is_one_of_ones_own_after_a_new_name() {
    let home = Home::new();
    let printed = home
        .run(["extracts", "altitude", "--toml"])
        .expect(0)
        .stdout;
    assert!(printed.starts_with("[extract.altitude]\n"));
    let own = printed.replace("extract.altitude", "extract.my_altitude");
    home.keys(&format!("extracts = [\"my_altitude\", \"sleep\"]\n{own}"));
    let again = home
        .run(["extracts", "my_altitude", "--toml"])
        .expect(0)
        .stdout;
    assert!(again.contains("gainMillimeters"), "{again}");
    home.keys(&again);
    let mine = home
        .run(["extracts", "my_altitude", "--json"])
        .expect(0)
        .json();
    assert_eq!(mine["columns"][4]["name"], "gain_mm");
    let table = home.run(["extracts"]).expect(0).stdout;
    assert!(table.contains("my_altitude"));
}

#[test]
fn a_mistake_in_the_keys_file_is_78_and_names_its_line() {
    let steps = Catalogue::text("steps").expect("a file");
    let mine = steps.replace("extract.steps", "extract.mine");
    for (keys, line, why) in [
        (
            format!(
                "\n{}",
                mine.replace("\"intervals\"", "\"days\"")
                    .replace("interval.start_time", "date")
            ),
            5,
            "has the shape",
        ),
        (
            format!("\n{}", mine.replace("count", "co unt")),
            13,
            "a member is written",
        ),
        (
            format!("\n{}", mine.replace("dense", "thick")),
            11,
            "unknown field `thick`",
        ),
        (
            format!("\n\n{steps}"),
            3,
            "there is an extract 'steps' already",
        ),
        (
            "\nextracts = [\"sleep\",\n\"stepps\"]\n".to_owned(),
            3,
            "did you mean steps",
        ),
        ("\nextracts = []\n".to_owned(), 2, "name at least one"),
        (
            "[profile.a]\nextracts = [\"sleep\"]\n[profile.a.extract.x]\ntitle = 1\n".to_owned(),
            4,
            "title: expected a text in quotes",
        ),
        (
            "provider = \"google\"\nextract = \"sleep\"\n".to_owned(),
            2,
            "[extract.NAME] is a series of one's own; which are meant is said by extracts = [",
        ),
        (
            "extracts = \"sleep\"\n".to_owned(),
            1,
            "extracts is a list of names",
        ),
        (
            format!("\n{}", mine.replace("\"intervals\"", "\"interval\"")),
            5,
            "shape: there is no 'interval', it is one of samples, intervals, sessions, days",
        ),
        (
            format!(
                "\n{}",
                mine.replace("activity_and_fitness", "activity_fitness")
            ),
            10,
            "the service has no scope 'activity_fitness': did you mean activity_and_fitness?",
        ),
    ] {
        let home = Home::new();
        home.keys(&keys);
        let output = home.run(["extracts"]).expect(78);
        let place = format!("line {line}\n");
        assert!(
            output.stderr.contains(&place) && output.stderr.contains(why),
            "{keys}\n{}",
            output.stderr
        );
    }
}

/// To renew it: `UPDATE_SNAPSHOTS=1 cargo test --test it catalogue`.
#[test]
fn the_page_of_the_documentation_is_made_from_the_definitions() {
    let page = Home::new().run(["extracts", "--markdown"]).expect(0).stdout;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/extracts.md");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, &page).expect("written");
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), page);
}
