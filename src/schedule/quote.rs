//! Words as systemd, a crontab and XML want them. Pure.
//!
//! Sources: systemd.syntax(7) and systemd.service(5) ("Command lines", "Specifiers"), crontab(5), Microsoft's page on `cmd`.

use super::error::Error;
use std::path::Path;

/// Characters that no reader of these formats takes for anything but themselves.
fn is_plain(word: &str) -> bool {
    !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/._-=:@+,".contains(c))
}

/// No format can hold a line break, and none of them shows other control characters.
///
/// # Errors
/// Fails when there is one.
pub(super) fn printable(word: &str) -> Result<(), Error> {
    if word.chars().any(char::is_control) {
        return Err(Error::unwritable(word, "it has a control character"));
    }
    Ok(())
}

/// The program of `ExecStart=`: systemd expands its `%`, leaves its `$` alone, and takes no quotes within it.
///
/// # Errors
/// Fails when its path has a quote or a backslash.
pub(super) fn systemd_program(path: &str) -> Result<String, Error> {
    if path.contains(['\'', '"', '\\']) {
        let why = "systemd takes no program with a quote or a backslash in its path";
        return Err(Error::unwritable(path, why));
    }
    Ok(systemd_quoted(&path.replace('%', "%%")))
}

/// An argument of `ExecStart=`, in which `$` begins a variable too.
pub(super) fn systemd_argument(word: &str) -> String {
    systemd_quoted(&systemd_escaped(word).replace('$', "$$"))
}

/// The value of an `Environment=`, in which `$` is itself.
pub(super) fn systemd_assignment(name: &str, value: &str) -> String {
    systemd_quoted(&systemd_escaped(&format!("{name}={value}")))
}

fn systemd_escaped(word: &str) -> String {
    word.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('%', "%%")
}

fn systemd_quoted(escaped: &str) -> String {
    if is_plain(escaped) {
        escaped.to_owned()
    } else {
        format!("\"{escaped}\"")
    }
}

/// The value of `WorkingDirectory=`, which is never unquoted: what systemd would cut off cannot be said.
///
/// # Errors
/// Fails for a folder whose name ends in a blank or a backslash.
pub(super) fn systemd_folder(folder: &Path) -> Result<String, Error> {
    let text = utf8(folder)?;
    if text.ends_with(['\\', ' ']) {
        let why = "systemd takes no folder whose name ends in a blank or a backslash";
        return Err(Error::unwritable(&text, why));
    }
    Ok(text.replace('%', "%%"))
}

/// A word for the shell within a crontab. `%` ends a command there unless a backslash stands before it, which not every cron
/// takes away again; outside of the quotes the shell does.
pub(super) fn cron_word(word: &str) -> String {
    if is_plain(word) {
        return word.to_owned();
    }
    let quoted = word.replace('\'', "'\\''").replace('%', "'\\%'");
    format!("'{quoted}'")
}

/// Text of an XML element.
pub(super) fn xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A word within quotes in a batch file, where `%` begins a variable.
///
/// # Errors
/// Fails when it has a quote, for which there is no way.
pub(super) fn batch_word(word: &str) -> Result<String, Error> {
    if word.contains('"') {
        return Err(Error::unwritable(word, "a batch file cannot hold a quote"));
    }
    Ok(word.replace('%', "%%"))
}

/// An argument in quotes in a batch file: a program of Windows takes a backslash before the last quote for that quote's own.
///
/// # Errors
/// As [`batch_word`].
pub(super) fn batch_argument(word: &str) -> Result<String, Error> {
    let backslashes = word.len() - word.trim_end_matches('\\').len();
    Ok(format!(
        "\"{}{}\"",
        batch_word(word)?,
        "\\".repeat(backslashes)
    ))
}

/// A path as text.
///
/// # Errors
/// Fails when it is not UTF-8, which no unit or agent can hold.
pub fn utf8(path: &Path) -> Result<String, Error> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| Error::unwritable(&path.to_string_lossy(), "it is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_gets_its_own_quotes() {
        for (word, argument, assignment, cron) in [
            ("/a/b", "/a/b", "X=/a/b", "/a/b"),
            ("a b", "\"a b\"", "\"X=a b\"", "'a b'"),
            ("", "\"\"", "X=", "''"),
            ("5$", "\"5$$\"", "\"X=5$\"", "'5$'"),
            ("5%", "\"5%%\"", "\"X=5%%\"", "'5'\\%''"),
            (
                r#"it's "\"#,
                r#""it's \"\\""#,
                r#""X=it's \"\\""#,
                r#"'it'\''s "\'"#,
            ),
        ] {
            assert_eq!(systemd_argument(word), argument);
            assert_eq!(systemd_assignment("X", word), assignment);
            assert_eq!(cron_word(word), cron);
        }
        assert_eq!(
            systemd_program("/a $b/50%").expect("good"),
            "\"/a $b/50%%\""
        );
        assert_eq!(xml("a&b<c>"), "a&amp;b&lt;c&gt;");
        assert_eq!(batch_word("50%").expect("good"), "50%%");
        assert_eq!(
            batch_argument(r"C:\50 %\").expect("good"),
            r#""C:\50 %%\\""#
        );
    }

    #[test]
    fn what_cannot_be_said_is_refused() {
        for program in ["/it's/x", "/a\"b", "/a\\b"] {
            assert!(systemd_program(program).is_err(), "{program}");
        }
        for folder in ["/a ", "/a\\"] {
            assert!(systemd_folder(Path::new(folder)).is_err(), "{folder}");
        }
        assert!(batch_word("a\"b").is_err());
        assert!(printable("a\nb").is_err() && printable("a\u{7f}").is_err());
    }
}
