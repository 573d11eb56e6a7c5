//! Mistakes in a definition of one's own: each is named, with its line.

use crate::extract::Catalogue;
use crate::extract::catalogue::as_own;

/// A definition of the catalogue, what is replaced in it by what, and how the error begins.
const MISTAKES: [(&str, &str, &str, &str); 34] = [
    (
        "steps",
        "extract.mine]",
        "extract.day]",
        "1: 'day' means something else",
    ),
    (
        "steps",
        "extract.mine]",
        "extract.sqlite_x]",
        "1: 'sqlite_x' means something else",
    ),
    (
        "steps",
        "extract.mine]",
        "extract.sleep_joined]",
        "1: 'sleep_joined' means something else",
    ),
    (
        "steps",
        "\"activity_and_fitness\"",
        "\"sleep\"",
        "9: the type steps has the scope \"activity_and_fitness\"",
    ),
    (
        "steps",
        "page_size = 10000",
        "page_size = -1",
        "8: page_size: expected a whole number, 0 or more",
    ),
    (
        "steps",
        "dense = true",
        "days_per_request = 0",
        "10: days_per_request: expected a whole number above 0",
    ),
    (
        "steps",
        "dense = true",
        "updated = \"updateTime\"",
        "10: only sessions keep when they changed",
    ),
    (
        "steps",
        "unit = \"steps\"",
        "unit = 3",
        "12: unit: expected a text in quotes",
    ),
    (
        "steps",
        "unit = \"steps\"",
        "label = true",
        "12: 'steps' is no text",
    ),
    (
        "steps",
        "[0, 1000000]",
        "[0, 1, 2]",
        "12: a range goes from",
    ),
    ("steps", "[0, 1000000]", "[nan, 1]", "12: a range goes from"),
    (
        "steps",
        "\"string-integer\", kind = \"int32\"",
        "\"text\", kind = \"text\"",
        "12: 'steps' is no number",
    ),
    (
        "steps",
        "column = \"steps\"",
        "column = \"start\"",
        "12: the column 'start' is there already",
    ),
    (
        "steps",
        "column = \"steps\"",
        "column = \"id\"",
        "12: the column 'id' is there already",
    ),
    (
        "steps",
        "column = \"steps\"",
        "column = \"seconds\"",
        "12: the column 'seconds' is there already",
    ),
    (
        "steps",
        "values = [",
        "values = [\n{ column = \"a\", member = \"count\", wire = \"number\", kind = \"double\" },\n{ column = \"b\", member = \"count\", wire = \"number\", kind = \"double\" },",
        "13: 'b': another column has this member",
    ),
    (
        "resting_heart_rate",
        "operation = \"reconcile\"\nfilter = \"date\"",
        "operation = \"rollUp\"",
        "6: days are not rolled up",
    ),
    (
        "skin_temperature",
        "difference = [\"nightly_c\", \"baseline_c\"]",
        "difference = [\"nightly_c\", \"baseline_c\", \"sd_30d_c\"]",
        "14: 'deviation_c': a difference is of two columns",
    ),
    (
        "skin_temperature",
        "\"baseline_c\"], kind = \"double\"",
        "\"baseline_c\"], kind = \"int32\"",
        "14: 'deviation_c' cannot be of this kind",
    ),
    (
        "sleep",
        "day = \"end\"",
        "unfold = \"stages\"",
        "10: the arrays of sessions are segments",
    ),
    (
        "sleep",
        "\"my_sleep_stages\"",
        "\"hr\"",
        "40: 'hr' means something else",
    ),
    (
        "sleep",
        "\"my_sleep_stages\"",
        "\"source\"",
        "40: 'source' is a column of sessions already",
    ),
    (
        "sleep",
        "\"my_sleep_stages\"",
        "\"mine\"",
        "40: that is the extract's own name",
    ),
    (
        "sleep",
        "\"my_sleep_stages\"",
        "\"mine_joined\"",
        "40: 'mine_joined' means something else",
    ),
    (
        "sleep",
        "short = false",
        "short = \"no\"",
        "42: 'short' is boolean",
    ),
    (
        "sleep",
        ", says = { short = false }",
        "",
        "42: this array does not say 'short'",
    ),
    (
        "sleep",
        "\"shortAwakenings\"",
        "\"stages\"",
        "43: this array is there already",
    ),
    (
        "sleep",
        "column = \"kind\"",
        "column = \"stage\"",
        "20: 'asleep_s': there are no segments to count, by a text 'kind'",
    ),
    (
        "sleep",
        "seconds = \"DEEP\", kind = \"int32\"",
        "seconds = \"DEEP\", kind = \"double\"",
        "23: 'deep_s' cannot be of this kind",
    ),
    (
        "sleep",
        "seconds = \"DEEP\", kind = \"int32\"",
        "seconds = \"DEEP\", kind = \"text\"",
        "23: 'deep_s' cannot be of this kind",
    ),
    (
        "sleep",
        "seconds = \"DEEP\", kind = \"int32\", optional = true",
        "seconds = \"DEEP\", kind = \"int32\"",
        "23: 'deep_s' is computed",
    ),
    (
        "exercise",
        ", says = { kind = \"lap\" }",
        "",
        "33: this array does not say 'kind'",
    ),
    (
        "irregular_rhythm",
        "arrays = [\n  { member = \"alertWindows\" },\n]",
        "arrays = []",
        "20: segments need an array",
    ),
    (
        "hydration",
        "kind = \"double\"",
        "kind = \"instant\"",
        "11: 'volume_ml' cannot be of this kind",
    ),
];

#[test]
fn a_mistake_names_its_line() {
    for (name, from, to, expected) in MISTAKES {
        let text = as_own(name, &[(from, to)]);
        let problem = Catalogue::with_text(&text).expect_err("a mistake");
        let line = text[..problem.at].matches('\n').count() + 1;
        let found = format!("{line}: {}", problem.what);
        assert!(found.starts_with(expected), "{from} -> {to}: {found}");
    }
}

#[test]
fn a_row_of_samples_or_days_has_a_value() {
    for name in ["weight", "resting_heart_rate"] {
        let text = as_own(name, &[]);
        let (before, rest) = text.split_once("values = [").expect("values");
        let (_, after) = rest.split_once("\n]\n").expect("their end");
        let problem = Catalogue::with_text(&format!("{before}values = []\n{after}"));
        let what = problem.expect_err("a mistake").what;
        assert!(what.contains("need values"), "{what}");
    }
}
