//! The page of the documentation: every extract of the program.

use super::page;
use crate::extract::definition::Field;
use crate::extract::{Catalogue, Column, Definition};
use std::fmt::Write;

const HEAD: &str = "\
# What can be extracted

This page is made from the definitions in `src/extract/catalogue/`; `fitbit-hr extracts` shows the same in a terminal. The units
are the service's own, and a column whose type ends in `?` may be empty: missing is never zero. A series that is not here can be
added in `keys.toml` by the same form: `fitbit-hr extracts steps --toml` prints one to begin with.

| name | what | a row is | tick at login |
| --- | --- | --- | --- |
";

pub(super) fn page(catalogue: &Catalogue) -> String {
    let mut text = HEAD.to_owned();
    for definition in catalogue.all() {
        let Definition { name, title, .. } = definition;
        let (row, tick) = (definition.shape.row(), definition.tick());
        let _ = writeln!(text, "| [`{name}`](#{name}) | {title} | {row} | {tick} |");
    }
    for definition in catalogue.all() {
        push(&mut text, definition);
    }
    text
}

fn push(text: &mut String, definition: &Definition) {
    let _ = write!(text, "\n## {}\n\n{}\n\n", definition.name, definition.help);
    for (label, words) in page::facts(definition) {
        let _ = writeln!(text, "* {label}: {words}");
    }
    push_columns(
        text,
        &definition.name,
        &definition.columns(),
        &definition.values,
    );
    if let Some(segments) = &definition.segments {
        push_columns(text, &segments.table, &segments.columns(), &segments.values);
    }
    text.push('\n');
    for trap in &definition.traps {
        let _ = writeln!(text, "* {trap}");
    }
    let _ = write!(text, "\n```sh\n{}\n```\n", definition.example);
}

fn push_columns(text: &mut String, table: &str, columns: &[Column], values: &[Field]) {
    let _ = write!(
        text,
        "\n| column of `{table}` | type | |\n| --- | --- | --- |\n"
    );
    for (name, kind, unit) in page::described(columns, values) {
        let _ = writeln!(text, "| `{name}` | {kind} | {unit} |");
    }
}
