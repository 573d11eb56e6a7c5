//! Completions and the manual page through the binary, as shells and `man` take them.

use crate::program::{Home, run};
use std::fs;
use std::process::Command;

fn is_installed(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output();
    found.is_ok_and(|output| output.status.success())
}

/// What bash offers for the last of these words.
fn offered_by_bash(home: &Home, words: &[&str]) -> Vec<String> {
    let line = format!(
        "source fitbit-hr.bash; COMP_WORDS=({}); COMP_CWORD={}; $(complete -p fitbit-hr | sed 's/.*-F \\([^ ]*\\).*/\\1/') fitbit-hr '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words
            .iter()
            .map(|word| format!("'{word}'"))
            .collect::<Vec<_>>()
            .join(" "),
        words.len() - 1,
        words.last().unwrap_or(&""),
        words.get(words.len().saturating_sub(2)).unwrap_or(&""),
    );
    let mut bash = home.other("bash");
    bash.args(["--norc", "-c", &line]);
    let output = run(bash).expect(0);
    output.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_dates_and_profiles() {
    if !is_installed("bash") {
        return;
    }
    let home = Home::new();
    home.keys("[profile.alice]\n[profile.bob]\n");
    let script = home.run(["completions", "bash"]).expect(0).stdout;
    fs::write(home.work("fitbit-hr.bash"), script).expect("written");
    for (words, expected) in [
        (&["fitbit-hr", "pl"][..], "plot"),
        (&["fitbit-hr", "plot", "--fo"][..], "--format"),
        (&["fitbit-hr", "plot", "--from", "y"][..], "yesterday"),
        (&["fitbit-hr", "plot", "--detail", "15"][..], "15min"),
        (&["fitbit-hr", "plot", "--format", "h"][..], "html"),
        (&["fitbit-hr", "--profile", "a"][..], "alice"),
        (&["fitbit-hr", "--during", "ex"][..], "exercise"),
    ] {
        let offered = offered_by_bash(&home, words);
        assert_eq!(offered, [expected], "{words:?}");
    }
}

#[test]
fn every_shell_that_is_here_takes_its_script() {
    let home = Home::new();
    for (shell, check) in [
        ("bash", "bash --norc -n script"),
        ("zsh", "zsh -n script"),
        ("fish", "fish --no-execute script"),
        ("elvish", "elvish -norc -compileonly script"),
        (
            "nushell",
            "nu --no-config-file --commands 'nu-check script'",
        ),
        ("powershell", "pwsh -NoProfile -Command '. ./script'"),
    ] {
        let script = home.run(["completions", shell]).expect(0).stdout;
        assert!(script.len() > 5_000, "{shell}");
        fs::write(home.work("script"), script).expect("written");
        let program = check.split(' ').next().unwrap_or_default();
        if is_installed(program) {
            let mut sh = home.other("sh");
            sh.args(["-c", check]);
            run(sh).expect(0);
        }
    }
    home.run(["completions", "tcsh"]).expect(2);
}

#[test]
fn a_wrong_keys_file_does_not_stand_in_the_way() {
    let home = Home::new();
    home.keys("this is no TOML [");
    home.run(["completions", "fish"]).expect(0);
    home.run(["man"]).expect(0);
}

#[test]
fn the_manual_is_good_roff() {
    let home = Home::new();
    let page = home.run(["man"]).expect(0).stdout;
    assert!(page.contains("fitbit\\-hr plot"));
    fs::write(home.work("page.1"), page).expect("written");
    if is_installed("groff") {
        let mut groff = home.other("sh");
        groff.args(["-c", "groff -man -Tutf8 -ww page.1 > page.txt"]);
        let output = run(groff).expect(0);
        assert_eq!(output.stderr, "");
    }
}
