//! What is wrong with a definition, or with any file of TOML, and where.

use toml::Spanned;

/// What is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where in the text it was read from: a place in bytes.
    pub at: usize,
    /// What is wrong, in one line.
    pub what: String,
}

impl Problem {
    pub(in crate::extract) fn at<T>(place: &Spanned<T>, what: impl Into<String>) -> Self {
        Self {
            at: place.span().start,
            what: what.into(),
        }
    }

    /// What the parser of TOML says of a text, as a sentence. A value of a wrong type is not quoted: it may be a secret without
    /// its quotes.
    #[must_use]
    pub fn of_parser(text: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start);
        let message = error.message().replace('\n', " ");
        Self {
            at,
            what: sentence(&message, key(text, at)),
        }
    }
}

fn sentence(message: &str, key: Option<&str>) -> String {
    let named = |what: String| key.map_or(what.clone(), |key| format!("{key}: {what}"));
    if let Some((word, known)) = variants(message) {
        return named(format!("there is no '{word}', it is one of {known}"));
    }
    if message.starts_with("wanted string") || message.ends_with(", expected a string") {
        return named("expected a text in quotes".to_owned());
    }
    if message.contains("untagged enum") {
        return named("expected a text in quotes, or true or false".to_owned());
    }
    let Some((_, expected)) = message
        .split_once(", expected ")
        .filter(|(found, _)| found.starts_with("invalid "))
    else {
        return message.to_owned();
    };
    match (key, expected) {
        (Some("extract"), _) => {
            "[extract.NAME] is a series of one's own; which are meant is said by extracts = [\"sleep\", \"steps\"]".to_owned()
        }
        (Some("extracts"), _) => "extracts is a list of names: extracts = [\"sleep\", \"steps\"]".to_owned(),
        (_, "f64") => named("expected a number".to_owned()),
        (_, "a nonzero u32") => named("expected a whole number above 0".to_owned()),
        (_, "u8" | "u16" | "u32" | "u64" | "usize") => {
            named("expected a whole number, 0 or more".to_owned())
        }
        (_, "a sequence") => named("expected a list in [ ]".to_owned()),
        (_, expected) if is_table(expected) => named("expected a table".to_owned()),
        (_, "a boolean") => named("expected true or false".to_owned()),
        (_, expected) => named(format!("expected {expected}")),
    }
}

/// How the parser calls what is written as a table.
fn is_table(expected: &str) -> bool {
    expected == "a map" || expected.starts_with("struct ")
}

/// The word that is none of the known ones, and those, which the parser names between backquotes.
fn variants(message: &str) -> Option<(&str, String)> {
    let rest = message.strip_prefix("unknown variant `")?;
    let (word, rest) = rest.split_once("`, expected ")?;
    let known: Vec<_> = rest.split('`').skip(1).step_by(2).collect();
    Some((word, known.join(", ")))
}

/// The key of the value at a place, on its line.
fn key(text: &str, at: usize) -> Option<&str> {
    let before = text.get(..at)?;
    let line = before.rsplit('\n').next()?;
    let left = line.trim_end().strip_suffix('=')?.trim_end();
    left.rsplit([' ', '\t', '{', ',', '.']).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::RawDefinitions;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(rename = "extracts")]
        _extracts: Option<Spanned<Vec<Spanned<String>>>>,
        #[serde(rename = "rate")]
        _rate: Option<f64>,
        #[serde(rename = "extract", default)]
        _extract: RawDefinitions,
    }

    #[test]
    fn what_the_parser_says_is_a_sentence_at_its_place() {
        let definition = "[extract.mine]\ntitle = \"x\"\nhelp = \"x\"\n";
        for (text, line, expected) in [
            (
                "\nextract = \"sleep\"\n".to_owned(),
                2,
                "[extract.NAME] is a series of one's own",
            ),
            (
                "extract = [\"sleep\"]\n".to_owned(),
                1,
                "[extract.NAME] is a series of one's own",
            ),
            (
                "extracts = \"sleep\"\n".to_owned(),
                1,
                "extracts is a list of names: extracts = [\"sleep\"",
            ),
            (
                "rate = \"s3cret\"\n".to_owned(),
                1,
                "rate: expected a number",
            ),
            (
                format!("{definition}shape = \"interval\"\n"),
                4,
                "shape: there is no 'interval', it is one of samples, intervals, sessions, days",
            ),
            (format!("{definition}shape = 3\n"), 4, "shape: expected "),
            (
                format!("{definition}values = [ {{ column = \"a\", kind = \"int\" }} ]\n"),
                4,
                "kind: there is no 'int', it is one of instant, ",
            ),
            (
                format!("{definition}operation = \"get\"\n"),
                4,
                "operation: there is no 'get', it is one of reconcile, list, rollUp",
            ),
            (
                format!("{definition}values = \"a\"\n"),
                4,
                "values: expected a list in [ ]",
            ),
            (
                format!("{definition}dense = \"yes\"\n"),
                4,
                "dense: expected true or false",
            ),
            (
                format!("{definition}segments = \"a\"\n"),
                4,
                "segments: expected a table",
            ),
            (definition.to_owned(), 1, "missing field `shape`"),
        ] {
            let error = toml::from_str::<File>(&text).expect_err("a mistake");
            let problem = Problem::of_parser(&text, &error);
            let at = text[..problem.at].matches('\n').count() + 1;
            assert!(
                problem.what.starts_with(expected),
                "{text}: {}",
                problem.what
            );
            assert_eq!(at, line, "{text}: {}", problem.what);
            assert!(!problem.what.contains("s3cret"), "{}", problem.what);
        }
    }
}
