//! The examples in every command's `--help` are run as they stand there, by a shell, against the stand-in.

use crate::program::{Home, run};
use std::fs;
use std::path::Path;

/// What examples name besides this program: present on a user's machine, here only so that a pipe has an end.
const OTHERS: [&str; 3] = ["influx", "man", "xdg-open"];

/// Folders that a user has, into which examples write.
const FOLDERS: [&str; 4] = [
    ".local/share/man/man1",
    ".config/fish/completions",
    ".config/elvish/lib",
    ".zfunc",
];

/// Examples that change more than files, or that wait for a person: those are tested where they belong.
fn is_elsewhere(example: &str) -> bool {
    ["schedule", "--no-browser", "import", "--client", "study"]
        .iter()
        .any(|word| example.contains(word))
}

/// The examples of a help text, without the remarks beside them.
fn examples(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    lines
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| {
            let line = line.trim_start();
            let command = line.split("  ").next().unwrap_or(line).trim_end();
            command.contains("fitbit-hr").then(|| command.to_owned())
        })
        .collect()
}

/// A script that everything can be told, and that says yes.
fn write_script(path: &Path, body: &str) {
    fs::write(path, format!("#!/bin/sh\n{body}\n")).expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("our own file");
    }
}

#[cfg(unix)]
#[test]
fn every_example_of_every_help_does_what_it_says() {
    let home = Home::new();
    let bin = home.below("bin");
    fs::create_dir(&bin).expect("made");
    // As typed, but against the stand-in, and with no more history than a test has time for.
    let body = format!(
        "case \" $* \" in *' --demo '*) set -- \"$@\" ;; *) set -- --demo \"$@\" ;; esac\nexec '{}' \"$@\"",
        env!("CARGO_BIN_EXE_fitbit-hr")
    );
    write_script(&bin.join("fitbit-hr"), &body);
    for other in OTHERS {
        write_script(&bin.join(other), "test -t 0 || cat > /dev/null");
    }
    for folder in FOLDERS {
        fs::create_dir_all(home.below("home").join(folder)).expect("made");
    }
    let path = format!(
        "{}:{}",
        bin.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let home = home.with("PATH", &path).with("PROFILE", "profile.ps1");
    let mut count = 0;
    let definition = fitbit_hr::cli::definition();
    let commands = definition.get_subcommands().map(clap::Command::get_name);
    for command in std::iter::once("").chain(commands) {
        let words = command.split_whitespace().chain(["--help"]);
        let help = home.run(words).expect(0).stdout;
        let examples = examples(&help);
        assert!(!examples.is_empty(), "'{command}' has no examples");
        for example in examples.iter().filter(|example| !is_elsewhere(example)) {
            // Years of history are one run of many days; the span is what a test cannot wait for.
            let example = example
                .replace(
                    "sync --from 2020-01-01",
                    "sync --from yesterday --detail 1min",
                )
                .replace(
                    "--from 2017-01-01 -o years.html",
                    "--from 2017-06-01 --to 2017-07-05 -o years.html",
                );
            let example = match example.as_str() {
                "fitbit-hr sync" => "fitbit-hr sync --from yesterday",
                "fitbit-hr sync --detail 1min" => "fitbit-hr sync --from yesterday --detail 1min",
                other => other,
            };
            let mut shell = home.other("sh");
            shell.args(["-c", example]);
            let output = run(shell);
            assert_eq!(output.code, 0, "{example}\n{}", output.stderr);
            count += 1;
        }
    }
    assert!(count > 25, "only {count} examples were found");
}

#[test]
fn remarks_are_no_part_of_an_example() {
    let help = "Usage\n\nExamples:\n  fitbit-hr status    the login\n  fitbit-hr man | man -l -\n      more of it\n\nfitbit-hr no\n";
    assert_eq!(
        examples(help),
        ["fitbit-hr status", "fitbit-hr man | man -l -"]
    );
}
