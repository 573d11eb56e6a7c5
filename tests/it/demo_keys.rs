//! `--demo` with a keys file that was named: its extracts can be tried. One that merely lies there is not read.

use crate::files;
use crate::program::Home;
use serde_json::{Value, json};

/// Steps and weights under other names, of which one is meant without a word.
fn keys(home: &Home) {
    let own = |name: &str| {
        let text = home.run(["extracts", name, "--toml"]).expect(0).stdout;
        text.replace(&format!("extract.{name}"), &format!("extract.my_{name}"))
    };
    let (steps, weight) = (own("steps"), own("weight"));
    home.keys(&format!("extracts = [\"my_weight\"]\n{steps}\n{weight}"));
}

#[test]
fn extracts_of_ones_own_can_be_tried() {
    let home = Home::new();
    keys(&home);
    let csv = |extract: &str| {
        let day = ["2026-06-01", "--extract", extract, "--stdout", "csv"];
        let named = ["--demo", "--keys", "keys.toml"];
        home.run([&named[..], &day[..]].concat()).expect(0).stdout
    };
    assert!(csv("my_steps").lines().count() > 10);
    assert_eq!(csv("my_steps"), csv("steps"));
    let sync = "--demo --keys keys.toml sync --from 2026-06-01 --to 2026-06-10 --json";
    let done = home.run(sync.split(' ')).expect(0).json();
    let names = done["extracts"].as_object().expect("extracts");
    assert_eq!(names.keys().collect::<Vec<_>>(), ["my_weight"]);
    let own = home.run([
        "--demo",
        "--keys",
        "keys.toml",
        "extracts",
        "my_steps",
        "--toml",
    ]);
    assert!(own.expect(0).stdout.contains("[extract.my_steps]"));
}

/// The definitions of the catalogue are each their own example: what `--toml` prints works under another name, whatever the days
/// have, and gives the same.
#[test]
fn every_definition_gives_the_same_under_another_name() {
    let home = Home::new();
    let all = home.run(["extracts", "--json"]).expect(0).json();
    let all = all["extracts"].as_array().expect("all").iter();
    let names = all.map(|one| one["name"].as_str().expect("a name"));
    let names: Vec<_> = names.filter(|name| *name != "heart_rate").collect();
    let own = |name: &&str| {
        let text = home.run(["extracts", name, "--toml"]).expect(0).stdout;
        let text = text.replace(&format!("[extract.{name}"), &format!("[extract.my_{name}"));
        text.replace("table = \"", "table = \"my_")
    };
    home.keys(&names.iter().map(own).collect::<Vec<_>>().join("\n"));
    let both: Vec<_> = names
        .iter()
        .map(|name| format!("{name},my_{name}"))
        .collect();
    let (both, demo) = (both.join(","), ["--demo", "--keys", "keys.toml"]);
    let run = |line: &str| home.run(demo.into_iter().chain(line.split(' ')));
    run(&format!(
        "sync --extract {both} --from 2025-03-23 --to 2025-03-29 -q"
    ))
    .expect(0);
    run(&format!("export --extract {both} -o archived/ -q")).expect(0);
    // A day that has no recording of its heart, and a later one has.
    run(&format!("--extract {both} 2025-03-21 --output-dir day -q")).expect(0);
    for folder in ["archived", "day"] {
        let mut compared = 0;
        for name in files::names(&home.work(folder)) {
            if files::has_extension(&name, "csv") && !name.starts_with("my_") {
                let (built_in, own) = (format!("{folder}/{name}"), format!("{folder}/my_{name}"));
                assert_eq!(home.read(&built_in), home.read(&own), "{name}");
                compared += 1;
            }
        }
        assert_eq!(compared, 40, "{folder}");
    }
}

/// A column that was given another name is not in the files of before: they are no damage, and nobody is told to remove them.
#[test]
fn files_of_an_earlier_definition_are_sound() {
    let home = Home::new();
    keys(&home);
    let run = |line: &str| {
        let demo = ["--demo", "--keys", "keys.toml"];
        home.run(demo.into_iter().chain(line.split(' ')))
    };
    let days = "--extract my_steps --from 2026-06-01 --to 2026-06-02";
    run(&format!("sync {days}")).expect(0);
    let text = home.read("keys.toml");
    for (from, to, says) in [
        (
            "column = \"steps\"",
            "column = \"paces\"",
            "it lacks the column paces",
        ),
        (
            "\"string-integer\", kind = \"int32\", unit = \"steps\", range = [0, 1000000]",
            "\"text\", kind = \"text\"",
            "its column steps is of another kind",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        home.keys(&text.replace(from, to));
        let export = run(&format!("export {days} -o steps.csv"));
        let sync = run(&format!("sync {days} --refetch 1000"));
        for output in [export, sync] {
            let output = output.expect(65).with_one_error().says(&[says, "is sound"]);
            output.never_says("decode").never_says("remove");
        }
    }
    home.keys(&text);
    run(&format!("export {days} -o steps.csv")).expect(0);
}

#[test]
fn a_keys_file_that_was_not_named_is_not_read_and_a_wrong_one_is_an_error() {
    let home = Home::new();
    keys(&home);
    home.run(["--demo", "2026-06-01", "--extract", "my_steps"])
        .expect(2)
        .says(&["there is no extract 'my_steps'"]);
    home.file("wrong.toml", "extracts = [\"naps\"]\n");
    home.run(["--demo", "--keys", "wrong.toml", "2026-06-01"])
        .expect(78)
        .with_one_error()
        .says(&["wrong.toml, line 1", "there is no extract 'naps'"]);
    home.run(["--demo", "--keys", "missing.toml", "2026-06-01"])
        .expect(78)
        .with_one_error();
}

/// Where the keys file means other series, a plain `sync` would not bring heart rate.
#[test]
fn the_sync_that_fills_an_archive_brings_what_is_missing() {
    let home = Home::new();
    for (meant, says) in [
        (
            "\"steps\"",
            "sync --extract heart_rate --keys keys.toml or import",
        ),
        (
            "\"steps\", \"heart_rate\"",
            "sync --keys keys.toml or import",
        ),
        ("\"all\"", "sync --keys keys.toml or import"),
    ] {
        home.keys(&format!("extracts = [{meant}]\n"));
        let export = "--demo --keys keys.toml export --extract heart_rate";
        home.run(export.split(' ')).expect(0).says(&[says]);
    }
}

#[test]
fn a_type_that_the_stand_in_does_not_serve_is_refused() {
    let home = Home::new();
    keys(&home);
    let text = home.read("keys.toml");
    home.keys(&text.replace("type = \"steps\"", "type = \"moods\""));
    let day = "--demo --keys keys.toml --extract my_steps 2026-06-01";
    home.run(day.split(' '))
        .expect(77)
        .with_one_error()
        .says(&["my_steps", "moods"]);
}

#[test]
fn a_demo_has_no_daily_run_and_doctor_says_so() {
    let home = Home::new();
    let checks = home.run(["--demo", "doctor", "--json"]).expect(0).stdout;
    let checks: Value = serde_json::from_str(&checks).expect("checks");
    let schedule = &checks[18];
    let says = json!("a demo has nothing to run every day");
    assert_eq!(
        (&schedule["id"], &schedule["says"]),
        (&json!("schedule"), &says)
    );
}
