//! Values that must never be seen, and the cleaning of foreign text before a person sees it.
//!
//! Servers echo tokens in their messages ("Access token expired: eyJ..."), so no text of theirs is printed as it
//! came: [`clean`] removes what this process knows to be secret, what looks like a token, and control characters.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::{PoisonError, RwLock};

const REDACTED: &str = "(redacted)";

/// Every secret this process has seen, so that [`clean`] can find them in any text.
static KNOWN: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// A client secret, a token, an authorization code or a code verifier.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Secret(String);

impl Secret {
    /// Wraps a value and remembers it for [`clean`].
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        let value = value.into();
        // Shorter ones would black out ordinary words.
        if value.len() >= 6 {
            let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
            if !known.contains(&value) {
                known.push(value.clone());
                known.sort_by_key(|value| std::cmp::Reverse(value.len()));
            }
        }
        Self(value)
    }

    /// The value itself, for the wire and for the token file.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl From<Secret> for String {
    fn from(secret: Secret) -> Self {
        secret.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// A foreign text, fit for a person: one line, without secrets, without control characters, at most 300 characters.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut text: String = text
        .chars()
        .map(|c| if is_unprintable(c) { ' ' } else { c })
        .collect();
    {
        let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
        for secret in known.iter() {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), REDACTED);
            }
        }
    }
    let words: Vec<String> = text.split_whitespace().map(clean_word).collect();
    let line = words.join(" ");
    match line.char_indices().nth(300) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

/// A name or text from outside, in full: nothing in it may steer a terminal.
#[must_use]
pub fn printable(text: &str) -> String {
    let shown = |c| if is_unprintable(c) { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}

/// Control characters, and the marks that turn the direction of writing around.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn clean_word(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut run = String::new();
    for c in word.chars().chain(std::iter::once(' ')) {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~') {
            run.push(c);
            continue;
        }
        // A full stop after a token belongs to the sentence.
        let token = run.trim_end_matches('.');
        out.push_str(if looks_secret(token) { REDACTED } else { token });
        out.push_str(&run[token.len()..]);
        run.clear();
        if c != ' ' {
            out.push(c);
        }
    }
    out
}

/// JSON web tokens, Google's access tokens, and any long mix of letters and digits.
fn looks_secret(run: &str) -> bool {
    let long_mix = run.split('.').any(|part| {
        part.len() >= 20
            && part.bytes().any(|b| b.is_ascii_digit())
            && part.bytes().any(|b| b.is_ascii_alphabetic())
            && part.bytes().filter(|b| matches!(b, b'_' | b'-')).count() * 4 < part.len()
    });
    long_mix
        || (run.len() >= 12
            && (run.starts_with("eyJ") || run.starts_with("ya29.") || run.starts_with("GOCSPX-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown_by_debug() {
        assert_eq!(format!("{:?}", Secret::new("hunter2-hunter2")), REDACTED);
        assert_eq!(format!("{:?}", Some(Secret::new("x"))), "Some((redacted))");
    }

    #[test]
    fn known_secrets_and_look_alikes_are_cut_out_of_foreign_text() {
        let secret = Secret::new("1//04-my/odd+refresh=token");
        for (text, clean_text) in [
            (
                "Refresh token invalid: 1//04-my/odd+refresh=token. Visit",
                "Refresh token invalid: (redacted). Visit",
            ),
            (
                "Access token expired: eyJhbGciOiJIUzI1NiJ9.eyJleHAi.abc",
                "Access token expired: (redacted)",
            ),
            (
                "code=c643a63c072f0f05478e9d18b991db80ef6061e4&x",
                "code=(redacted)&x",
            ),
            ("token ya29.a0ATi6K2uasci7Fyy here", "token (redacted) here"),
            (
                "Visit https://dev.fitbit.com/docs/oauth2 for more information on the authorization process.",
                "Visit https://dev.fitbit.com/docs/oauth2 for more information on the authorization process.",
            ),
            (
                "of service 'health.googleapis.com' for 'project_number:123456789'.",
                "of service 'health.googleapis.com' for 'project_number:123456789'.",
            ),
            (
                "bell\u{7} esc\u{1b}[31m\nline\u{202e}x",
                "bell esc [31m line x",
            ),
            (
                "INVALID_ROLLUP_QUERY_DURATION",
                "INVALID_ROLLUP_QUERY_DURATION",
            ),
        ] {
            assert_eq!(clean(text), clean_text);
        }
        assert_eq!(secret.reveal(), "1//04-my/odd+refresh=token");
    }

    #[test]
    fn a_long_text_is_cut() {
        let long = "wort ".repeat(200);
        assert!(clean(&long).chars().count() <= 303);
    }
}
