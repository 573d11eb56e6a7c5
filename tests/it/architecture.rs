//! The house rules that a compiler does not know: who may print, read the environment and the clock, and import whom.

mod files;
mod sizes;

use files::Files;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up. A module imports only what stands before it.
const ORDER: &[&str] = &[
    "hint",
    "exit",
    "clock",
    "tasks",
    "numerals",
    "secret",
    "zone",
    "environment",
    "progress",
    "console",
    "atomic_file",
    "file_version",
    "day",
    "civil",
    "settled",
    "left_out",
    "extract",
    "config",
    "http",
    "oauth",
    "objects",
    "service",
    "google",
    "fitbit",
    "live",
    "demo",
    "sink",
    "archive",
    "takeout",
    "import",
    "sync",
    "export",
    "plot",
    "schedule",
    "study",
    "error",
    "cli",
];

/// Words of the standard library and of clap that only one module may use.
const RESERVED: [(&str, &[&str]); 3] = [
    (
        "console.rs",
        &[
            "println!",
            "eprintln!",
            "print!(",
            "dbg!(",
            "io::stdout",
            "io::stderr",
            "error.print()",
            "stdout().",
            "stderr().",
        ],
    ),
    (
        "environment.rs",
        &[
            "env::var",
            "env::current_dir",
            "env::current_exe",
            "env::home_dir",
            "env::temp_dir",
            "env::vars",
            "is_terminal()",
        ],
    ),
    (
        "clock.rs",
        &[
            "Utc::now",
            "Local::now",
            "Instant::now",
            "SystemTime::now",
            ".elapsed()",
        ],
    ),
];

/// Each file of `src`, by its path below it.
fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, all: &mut Vec<PathBuf>) {
        for path in fs::read_dir(folder)
            .expect("a folder of sources")
            .flatten()
            .map(|entry| entry.path())
        {
            if path.is_dir() {
                walk(&path, all);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                all.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    walk(&root, &mut all);
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source");
        (
            path.strip_prefix(&root).expect("below src").to_owned(),
            text,
        )
    };
    all.into_iter().map(read).collect()
}

/// The lines that are code of the product: without comments, and up to the tests.
fn product(text: &str) -> impl Iterator<Item = &str> {
    let before_tests = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    before_tests
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

/// Files and functions that are longer than others may be, each with its reason.
const LONG: &[(&str, &str, &str)] = &[
    ("oauth/error.rs", "why", "one arm for each kind of failure"),
    (
        "sync/heart_rate.rs",
        "prepare",
        "what is asked for before the first day, in its order",
    ),
    (
        "archive/merge/refresh.rs",
        "withdraw",
        "one pass over the rows, with what it remembers",
    ),
    (
        "sync/day_keeper.rs",
        "",
        "a day from its answer to its file",
    ),
    (
        "archive/merge/rows.rs",
        "",
        "one pass over the rows of two accounts",
    ),
    (
        "archive/merge/tests.rs",
        "",
        "the laws of merging, over one kind of made-up days",
    ),
    (
        "import/tests.rs",
        "",
        "the laws of imports, over one kind of made-up lives",
    ),
];

#[test]
fn every_file_says_what_it_is_for() {
    let silent = sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "));
    let silent: Vec<_> = silent.map(|(path, _)| path).collect();
    assert!(
        silent.is_empty(),
        "no word of what they are for: {silent:#?}"
    );
}

#[test]
fn files_and_functions_stay_short() {
    let mut found = BTreeSet::new();
    for (path, text) in sources() {
        let name = path.to_string_lossy().replace('\\', "/");
        if text.lines().count() > sizes::FILE {
            found.insert((name.clone(), String::new()));
        }
        let long = sizes::long_functions(&path, &text).into_iter();
        found.extend(long.map(|(function, _)| (name.clone(), function)));
    }
    let listed = LONG.iter();
    let listed = listed.map(|(file, function, _)| ((*file).to_owned(), (*function).to_owned()));
    // One that is short again leaves the list.
    assert_eq!(found, listed.collect());
}

#[test]
fn every_module_has_its_line_in_the_architecture() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"));
    let lib = lib.expect("the library");
    let said: String = lib.lines().filter(|line| line.starts_with("//!")).collect();
    let declared = lib.lines().filter_map(|line| line.strip_prefix("pub mod "));
    let declared: BTreeSet<&str> = declared.map(|name| name.trim_end_matches(';')).collect();
    let silent: Vec<_> = declared
        .iter()
        .filter(|name| !said.contains(&format!("[`{name}`]")))
        .collect();
    assert!(silent.is_empty(), "src/lib.rs has no word of {silent:?}");
    assert_eq!(declared, ORDER.iter().copied().collect());
}

#[test]
fn no_file_imports_one_that_imports_it() {
    let circles = Files::of(&sources()).circles();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn only_one_module_prints_one_reads_the_environment_and_one_the_clock() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (home, words) in RESERVED
            .into_iter()
            .filter(|(home, _)| path != Path::new(home))
        {
            for line in product(&text) {
                // A console's stdout is the way that the one module offers; to ask for a terminal prints nothing.
                let allowed = line.contains("console.stdout()")
                    || (path == Path::new("environment.rs") && line.contains(".is_terminal()"));
                if let Some(word) = words.iter().find(|word| line.contains(**word) && !allowed) {
                    wrong.push(format!(
                        "{}: {word} belongs to {home}: {}",
                        path.display(),
                        line.trim()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The modules at the top that a text names after `crate::`.
fn imports(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let text = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    for (at, word) in text.match_indices("crate::") {
        if text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &text[at + word.len()..];
        let name = |text: &str| {
            text.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect::<String>()
        };
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut item = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        found.insert(name(item.trim()));
                        item.clear();
                        continue;
                    }
                    _ => {}
                }
                item.push(c);
            }
            found.insert(name(item.trim()));
        } else {
            found.insert(name(rest));
        }
    }
    found.retain(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
    found
}

#[test]
fn a_module_imports_only_what_lies_beneath_it() {
    let place = |name: &str| {
        let found = ORDER.iter().position(|module| *module == name);
        found.unwrap_or_else(|| panic!("{name} has no place in the order yet"))
    };
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let top = path.iter().next().unwrap_or_default().to_string_lossy();
        let module = top.trim_end_matches(".rs");
        if ["lib", "main"].contains(&module) {
            continue;
        }
        let above = imports(&text)
            .into_iter()
            .filter(|import| place(import) > place(module));
        wrong.extend(above.map(|import| {
            format!(
                "{} imports {import}, which lies above {module}",
                path.display()
            )
        }));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn imports_are_found_in_all_their_forms() {
    let text = "use crate::a;\nuse crate::b::{C, d};\nuse crate::{e, f::{G, h}, i as j};\nlet x = crate::k::l();\nuse $crate::no;\nuse crate::Upper;";
    let expected = ["a", "b", "e", "f", "i", "k"].map(str::to_owned);
    assert_eq!(imports(text), BTreeSet::from(expected));
}
