//! A series is one file of definition and a line in the catalogue: fetched, archived and exported, and no code knows it by
//! name.

use crate::program::Home;
use fitbit_hr::archive::{Archive, Series};
use fitbit_hr::extract::Catalogue;
use std::fs;
use std::path::Path;

const NAME: &str = "hrv";

/// The files below `folder` whose code has the name as a word of its own; tests do not count.
fn files_that_know(name: &str, root: &Path, folder: &Path, found: &mut Vec<String>) {
    let entries = fs::read_dir(folder).expect("a folder of sources");
    for path in entries.map(|entry| entry.expect("readable").path()) {
        if path.is_dir() {
            files_that_know(name, root, &path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let below = path.strip_prefix(root).expect("below the root");
        let below = below.to_string_lossy().replace('\\', "/");
        let code = text.split("#[cfg(test)]\nmod tests {").next();
        let code = code.unwrap_or_default().lines();
        let code = code.filter(|line| !line.trim_start().starts_with("//"));
        let code = code.collect::<Vec<_>>().join("\n");
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let mut words = code.split(|c| !is_word(c));
        if !below.contains("tests") && words.any(|word| word == name) {
            found.push(below);
        }
    }
}

#[test]
fn nothing_but_definitions_and_its_line_knows_a_series_by_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files_that_know(NAME, &root, &root, &mut found);
    found.sort_unstable();
    let expected = ["extract/catalogue.rs", "extract/catalogue/hrv.toml"];
    assert_eq!(found, expected);
}

#[test]
fn a_series_goes_from_the_service_to_the_archive_and_out_by_its_definition() {
    let home = Home::new();
    home.run(["--demo", "--extract", NAME, "2026-06-01"])
        .expect(0);
    let fetched = home.read("demo_data/hrv.csv");
    let rows = fetched.lines().count() - 1;
    assert!(rows > 0, "{fetched}");
    let day = ["--from", "2026-06-01", "--to", "2026-06-01"];
    home.run([&["--demo", "sync", "--extract", NAME], &day[..]].concat())
        .expect(0);
    let archive = Archive::open(&home.work("demo_data/archive"), None);
    let definition = Catalogue::default();
    let definition = definition.get(NAME).expect("of the catalogue");
    let series = archive.series().expect("readable").into_iter();
    let series: Vec<Series> = series.filter(|series| *series.extract == *NAME).collect();
    assert_eq!(series.len(), 1, "{series:?}");
    let files = archive.entries(&series[0]).expect("readable");
    let table = files.first().map(|file| {
        let table = archive.table(&file.key, &definition.columns());
        table.expect("readable").expect("there")
    });
    assert_eq!(table.map(|table| table.rows.len()), Some(rows));
    home.run(["--demo", "export", "--extract", NAME, "-o", "out.csv"])
        .expect(0);
    let exported = home.read("out.csv");
    assert_eq!(exported.lines().skip(1).count(), rows, "{exported}");
}
