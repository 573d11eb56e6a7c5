//! The recipes of `docs/archive.md` are run as they stand there, on made-up days: SQL by `DuckDB`, Python by Python, commands by a
//! shell.

use crate::export_readers::{python, run_python};
use crate::program::{Home, run};
use std::fs;

const PAGE: &str = include_str!("../../docs/archive.md");

/// The blocks of a language, one after the other.
fn blocks(language: &str) -> Vec<String> {
    let opening = format!("```{language}");
    let mut blocks: Vec<String> = Vec::new();
    let mut open = false;
    for line in PAGE.lines() {
        match (open, line) {
            (true, "```") => open = false,
            (true, line) => {
                let block = blocks.last_mut().expect("an open block");
                block.push_str(&line.replace("fitbit_data", "demo_data"));
                block.push('\n');
            }
            (false, line) if line == opening => {
                open = true;
                blocks.push(String::new());
            }
            _ => {}
        }
    }
    blocks
}

/// A home whose archive has every series of three made-up days.
fn with_everything() -> Home {
    let home = Home::new();
    let sync = "--demo sync --extract all --detail 1min --from 2024-06-01 --to 2024-06-03";
    run(home.command(sync.split(' '))).expect(0);
    home
}

#[test]
fn every_question_in_sql_is_answered_by_duckdb() {
    let Some(python) = python("duckdb") else {
        return;
    };
    let home = with_everything();
    let questions = blocks("sql").concat();
    fs::write(home.work("questions.sql"), questions).expect("written");
    run_python(
        &home,
        &python,
        r"
import duckdb
count = 0
for question in duckdb.extract_statements(open('questions.sql').read()):
    assert duckdb.execute(question).fetchall(), question.query
    count += 1
assert count >= 3, count
",
    );
}

#[test]
fn every_program_in_python_runs() {
    let Some(python) = python("pandas, polars, pyarrow") else {
        return;
    };
    let programs = blocks("python");
    assert!(!programs.is_empty(), "no program was found");
    for program in programs {
        run_python(&with_everything(), &python, &program);
    }
}

/// A program of the user's `PATH`.
#[cfg(unix)]
fn put(folder: &std::path::Path, name: &str, body: &str) {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("our own file");
}

#[cfg(unix)]
#[test]
fn every_command_does_what_it_says() {
    let home = with_everything();
    let bin = home.below("bin");
    fs::create_dir(&bin).expect("made");
    let program = env!("CARGO_BIN_EXE_fitbit-hr");
    put(
        &bin,
        "fitbit-hr",
        &format!("exec '{program}' --demo \"$@\""),
    );
    // They serve, or need a server: that the file is there is what can be said of them here.
    put(&bin, "datasette", "test -s \"$1\"");
    put(&bin, "curl", "test -s \"${2#@}\"");
    let before = std::env::var("PATH").unwrap_or_default();
    let home = home.with("PATH", &format!("{}:{before}", bin.display()));
    let has_sqlite = run({
        let mut shell = home.other("sh");
        shell.args(["-c", "command -v sqlite3"]);
        shell
    })
    .code
        == 0;
    let mut count = 0;
    for command in blocks("sh").concat().lines() {
        if command.starts_with("sqlite3") && !has_sqlite {
            continue;
        }
        let mut shell = home.other("sh");
        shell.args(["-c", command]);
        let output = run(shell);
        assert_eq!(output.code, 0, "{command}\n{}", output.stderr);
        count += 1;
    }
    assert!(count >= 12, "only {count} commands were found");
}
