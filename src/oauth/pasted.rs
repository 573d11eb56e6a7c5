//! An answer that a person pastes, in as many pieces as a terminal or a mail program broke it into. Pure.

use super::callback::{self, Callback, Expected};

/// What was pasted so far of an address.
#[derive(Debug, Default)]
pub struct Pasted {
    so_far: String,
}

impl Pasted {
    /// What these lines mean, with those that came before them. Each belongs to the address that is begun, unless it begins
    /// another one; what is no part of an address may be a code by itself.
    pub fn add<'a>(
        &mut self,
        lines: impl IntoIterator<Item = &'a str>,
        expected: &Expected,
    ) -> Callback {
        let mut meaning = Callback::Empty;
        for line in lines {
            let line: String = line.split_whitespace().collect();
            let next = self.line(&line, expected);
            if next.counts() || (!meaning.counts() && next != Callback::Empty) {
                meaning = next;
            }
        }
        meaning
    }

    fn line(&mut self, line: &str, expected: &Expected) -> Callback {
        let line = line.trim_matches(['"', '\'', '<', '>']);
        if line.is_empty() {
            return Callback::Empty;
        }
        if line.starts_with("http://") || line.starts_with("https://") {
            self.so_far.clear();
        }
        if self.so_far.is_empty() && !begins_an_answer(line) {
            return callback::judge_pasted(line, expected);
        }
        self.so_far.push_str(line);
        let joined = callback::judge_pasted(&self.so_far, expected);
        if joined.counts() {
            return joined;
        }
        let alone = callback::judge_pasted(line, expected);
        if alone.counts() { alone } else { joined }
    }
}

impl Callback {
    /// It answers the login, well or badly.
    fn counts(&self) -> bool {
        match self {
            Self::Code { .. } | Self::Refused { .. } | Self::OtherIssuer { .. } => true,
            Self::Elsewhere | Self::Empty | Self::Unreadable | Self::Foreign => false,
        }
    }
}

/// An address, or its query.
fn begins_an_answer(line: &str) -> bool {
    line.contains("://")
        || line.contains('?')
        || ["code=", "state=", "error=", "iss=", "scope="]
            .iter()
            .any(|name| line.starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn ours() -> Expected {
        Expected {
            state: Secret::new("right-state"),
            issuers: Vec::new(),
        }
    }

    fn code(meaning: &Callback) -> Option<&str> {
        if let Callback::Code { code, .. } = meaning {
            return Some(code.reveal());
        }
        None
    }

    const CODE: &str = "4/0AbTest-code_Zq81";

    #[test]
    fn an_address_is_joined_wherever_it_is_broken_and_however_the_pieces_come() {
        let address =
            "http://127.0.0.1:4567/?state=right-state&code=4%2F0AbTest-code_Zq81&scope=a%20b";
        for at in 1..address.len() {
            let (first, second) = address.split_at(at);
            let broken = format!("  {first} \n {second}");
            let pieces: Vec<_> = broken.lines().collect();
            assert_eq!(
                code(&Pasted::default().add(pieces, &ours())),
                Some(CODE),
                "{broken}"
            );
            // With a pause in between the first piece may look like the whole; the second one mends it.
            let mut pasted = Pasted::default();
            pasted.add([first], &ours());
            let whole = pasted.add([second], &ours());
            let done = address.find("&scope").expect("there");
            assert!(
                at >= done || code(&whole) == Some(CODE),
                "{broken}: {whole:?}"
            );
            assert_eq!(
                code(&Pasted::default().add([format!("{first} {second}").as_str()], &ours())),
                Some(CODE)
            );
        }
    }

    #[test]
    fn three_pieces_a_stray_word_and_a_bare_code() {
        for (lines, expected) in [
            (
                vec![
                    "http://localhost:1/?state=ri",
                    "ght-state&code=4%2F0AbTest-",
                    "code_Zq81",
                ],
                Some(CODE),
            ),
            (
                vec![
                    "yes",
                    "http://localhost:1/?code=4/0AbTest-code_Zq81&state=right-state",
                ],
                Some(CODE),
            ),
            (
                vec!["http://localhost:1/?code=x1&state=other", CODE],
                Some(CODE),
            ),
            (vec![CODE, ""], Some(CODE)),
            (vec!["yes"], None),
            (
                vec!["http://localhost:1/?code=4/0AbTest", "-code_Z&state=other"],
                None,
            ),
        ] {
            assert_eq!(
                code(&Pasted::default().add(lines.clone(), &ours())),
                expected,
                "{lines:?}"
            );
        }
    }
}
