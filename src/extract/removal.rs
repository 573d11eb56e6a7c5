//! Which sessions are gone: a complete later answer over their time no longer has them.

use super::overlap::Span;
use std::collections::BTreeSet;
use std::ops::Range;

/// What the service said about the sessions of a window.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// The instants that were asked for, in milliseconds.
    pub window: Range<i64>,
    /// Every page came, and each of its points could be read.
    pub is_complete: bool,
    /// The sessions in it, before any is left out for overlapping.
    pub sessions: Vec<Span<'a>>,
}

/// The places of the stored sessions that are to be removed.
///
/// `decides` gives the instant by which the service looks for a session: its start, or the end of a sleep.
#[must_use]
pub fn gone(stored: &[Span<'_>], answer: &Answer<'_>, decides: fn(&Span<'_>) -> i64) -> Vec<usize> {
    if !answer.is_complete {
        return Vec::new();
    }
    let ids: BTreeSet<&str> = answer.sessions.iter().map(|session| session.id).collect();
    let is_there = |span: &Span<'_>| match span.id {
        "" => answer.sessions.iter().any(|other| overlaps(span, other)),
        id => ids.contains(id),
    };
    let gone = stored.iter().enumerate();
    gone.filter(|(_, span)| answer.window.contains(&decides(span)) && !is_there(span))
        .map(|(place, _)| place)
        .collect()
}

fn overlaps(a: &Span<'_>, b: &Span<'_>) -> bool {
    a.start == b.start || a.start < b.end && b.start < a.end
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn span(id: &str, start: i64, end: i64) -> Span<'_> {
        Span {
            id,
            start,
            end,
            updated: None,
        }
    }

    #[test]
    fn only_a_complete_answer_over_its_time_removes_a_session() {
        let stored = [span("a", 10, 20), span("b", 30, 40), span("", 50, 60)];
        for (window, is_complete, sessions, expected) in [
            (0..100, true, vec![], vec![0, 1, 2]),
            (0..100, false, vec![], vec![]),
            (
                0..100,
                true,
                vec![span("b", 35, 45), span("c", 55, 58)],
                vec![0],
            ),
            (0..40, true, vec![], vec![0]),
            (20..41, true, vec![span("a", 10, 20)], vec![1]),
        ] {
            let answer = Answer {
                window,
                is_complete,
                sessions,
            };
            assert_eq!(
                gone(&stored, &answer, |span| span.end),
                expected,
                "{answer:?}"
            );
        }
        let answer = Answer {
            window: 30..31,
            is_complete: true,
            sessions: vec![],
        };
        assert_eq!(gone(&stored, &answer, |span| span.start), [1]);
    }
}
