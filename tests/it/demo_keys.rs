//! `--demo` with a keys file that was named: its extracts can be tried. One that merely lies there is not read.

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
