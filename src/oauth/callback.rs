//! What a call to the listener, or a pasted line, means. Pure; RFC 6749 section 4.1.2, RFC 9207.

use super::origins::origin;
use crate::secret::Secret;
use url::form_urlencoded;

/// The meaning of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callback {
    /// Another path, such as `/favicon.ico`: 404, the wait goes on.
    Elsewhere,
    /// The right path with nothing in it, as browsers do ahead of time; the wait goes on.
    Empty,
    /// A pasted line that is neither the address nor a code; the wait goes on.
    Unreadable,
    /// The `state` is not ours, or missing: somebody else's login, or a forgery; the wait goes on.
    Foreign,
    /// Our `state`, and an issuer that is not the one we sent the person to: two services were mixed up.
    OtherIssuer {
        /// Who it says it is; not yet cleaned.
        said: String,
    },
    /// The person or the service said no.
    Refused {
        /// `error`, and `error_description` if there is one; not yet cleaned.
        said: String,
    },
    /// The authorization code.
    Code {
        /// To be exchanged once.
        code: Secret,
        /// Which scopes the service says were granted.
        scope: Option<String>,
    },
}

/// What an answer to our login has in it.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The `state` of the login.
    pub state: Secret,
    /// The origins of those who may call themselves its issuer; an answer need not name one.
    pub issuers: Vec<String>,
}

/// Judges the target of a request (`/path?query`) that came to the listener.
#[must_use]
pub fn judge(target: &str, path: &str, expected: &Expected) -> Callback {
    let (called, query) = target.split_once('?').unwrap_or((target, ""));
    if called != path {
        return Callback::Elsewhere;
    }
    judge_query(query, expected)
}

fn judge_query(query: &str, expected: &Expected) -> Callback {
    // An empty string is no value.
    let value = |name: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.into_owned())
    };
    let (code, error) = (value("code"), value("error"));
    if code.is_none() && error.is_none() {
        return Callback::Empty;
    }
    if !value("state").is_some_and(|given| same(&given, expected.state.reveal())) {
        return Callback::Foreign;
    }
    if let Some(said) = value("iss").filter(|iss| !expected.issuers.contains(&origin(iss))) {
        return Callback::OtherIssuer { said };
    }
    match (error, code) {
        (Some(error), _) => Callback::Refused {
            said: value("error_description")
                .map_or(error.clone(), |text| format!("{error}: {text}")),
        },
        (None, code) => Callback::Code {
            code: Secret::new(code.unwrap_or_default()),
            scope: value("scope"),
        },
    }
}

/// Judges a line pasted by a person: the whole redirect URL, its query alone, or the bare code.
#[must_use]
pub fn judge_pasted(line: &str, expected: &Expected) -> Callback {
    let line = line.trim().trim_matches(['"', '\'', '<', '>']);
    // Fitbit appends this fragment; a browser's address bar shows it.
    let line = line.split_once('#').map_or(line, |(before, _)| before);
    if line.is_empty() {
        return Callback::Empty;
    }
    if let Some((_, query)) = line.split_once('?') {
        let meaning = judge_query(query, expected);
        return if meaning == Callback::Empty {
            Callback::Unreadable
        } else {
            meaning
        };
    }
    if line.starts_with("code=") || line.contains("&code=") || line.starts_with("error=") {
        return judge_query(line, expected);
    }
    // Google's codes contain a slash, which the address bar shows as %2F. A plus stands for itself here.
    let escaped = format!("code={}", line.replace('+', "%2B"));
    let code = form_urlencoded::parse(escaped.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default();
    if !looks_like_a_code(&code) {
        return Callback::Unreadable;
    }
    Callback::Code {
        code: Secret::new(code),
        scope: None,
    }
}

/// Google's begin with `4/`, Fitbit's are 40 hexadecimal digits; "yes" and the tail of an address are none.
fn looks_like_a_code(text: &str) -> bool {
    let rest = text.strip_prefix("4/");
    let (text, least) = rest.map_or((text, 8), |rest| (rest, 1));
    text.len() >= least
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b))
        && (rest.is_some() || (text.bytes().any(|b| b.is_ascii_digit()) && !text.contains('=')))
}

/// Compares in a time that does not tell how much is right.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len()
        && a.bytes()
            .zip(b.bytes())
            .fold(0, |acc, (a, b)| acc | (a ^ b))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> Expected {
        Expected {
            state: Secret::new("right-state"),
            issuers: vec!["https://accounts.google.com".to_owned()],
        }
    }

    fn code(text: &str, scope: Option<&str>) -> Callback {
        Callback::Code {
            code: Secret::new(text),
            scope: scope.map(str::to_owned),
        }
    }

    #[test]
    fn calls_to_the_listener() {
        let refused = |said: &str| Callback::Refused {
            said: said.to_owned(),
        };
        for (target, expected) in [
            ("/favicon.ico", Callback::Elsewhere),
            ("/cb?code=x&state=right-state", Callback::Elsewhere),
            ("/", Callback::Empty),
            ("/?", Callback::Empty),
            ("/?foo=bar", Callback::Empty),
            ("/?code=&state=right-state", Callback::Empty),
            ("/?code=abc", Callback::Foreign),
            ("/?code=abc&state=", Callback::Foreign),
            ("/?code=abc&state=wrong-state", Callback::Foreign),
            ("/?error=access_denied&state=wrong-state", Callback::Foreign),
            ("/?code=abc&state=right-state", code("abc", None)),
            (
                "/?state=right-state&code=4%2F0Ab32&scope=a%20b+c",
                code("4/0Ab32", Some("a b c")),
            ),
            ("/?state=right-state&code=4/0Ab32", code("4/0Ab32", None)),
            (
                "/?error=access_denied&state=right-state",
                refused("access_denied"),
            ),
            ("/?error=access_denied", Callback::Foreign),
            ("/?error=x&state=", Callback::Foreign),
            (
                "/?state=right-state&iss=https%3A%2F%2Faccounts.google.com&code=abc&scope=",
                code("abc", None),
            ),
            ("/?state=right-state&iss=&code=abc", code("abc", None)),
            (
                "/?state=right-state&iss=https://evil.example&code=abc",
                Callback::OtherIssuer {
                    said: "https://evil.example".into(),
                },
            ),
            (
                "/?state=right-state&iss=http://accounts.google.com&error=access_denied",
                Callback::OtherIssuer {
                    said: "http://accounts.google.com".into(),
                },
            ),
            (
                "/?state=other&iss=https://evil.example&code=abc",
                Callback::Foreign,
            ),
            (
                "/?error_description=The+user+denied+the+request.&error=access_denied&state=right-state",
                refused("access_denied: The user denied the request."),
            ),
        ] {
            assert_eq!(judge(target, "/", &ours()), expected, "{target}");
        }
        assert_eq!(
            judge("/cb?code=x&state=right-state", "/cb", &ours()),
            code("x", None)
        );
    }

    #[test]
    fn pasted_lines() {
        for (line, expected) in [
            (
                "http://localhost:1410/?code=7b64&state=right-state#_=_",
                code("7b64", None),
            ),
            (
                "  http://127.0.0.1:4/?state=right-state&code=4%2F0Ab&scope=x \n",
                code("4/0Ab", Some("x")),
            ),
            (
                "http://localhost:1410/?code=7b64&state=other",
                Callback::Foreign,
            ),
            ("7b64c4b0#_=_", code("7b64c4b0", None)),
            ("4/0Ab-c_d", code("4/0Ab-c_d", None)),
            ("4%2F0Ab", code("4/0Ab", None)),
            ("code=7b64&state=right-state", code("7b64", None)),
            ("", Callback::Empty),
            ("http://localhost:1410/", Callback::Unreadable),
            ("http://localhost:1410/?a=b", Callback::Unreadable),
            ("what do I do now", Callback::Unreadable),
            ("yes", Callback::Unreadable),
            ("continue", Callback::Unreadable),
            ("Lm-vvWx&state=right-state", Callback::Unreadable),
            (
                "https://accounts.google.com/o/oauth2/v2/auth",
                Callback::Unreadable,
            ),
            (
                "http://localhost:1410/?error=access_denied&state=right-state",
                Callback::Refused {
                    said: "access_denied".into(),
                },
            ),
        ] {
            assert_eq!(judge_pasted(line, &ours()), expected, "{line}");
        }
    }
}
