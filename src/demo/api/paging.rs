//! Page tokens that belong to one query, and pages that are shorter than was asked for.

use super::fault::Fault;
use crate::demo::wearer::mix;
use std::fmt::Write as _;

/// What `pageSize` is when nobody says.
pub const PAGE_SIZE_DEFAULT: usize = 1440;

/// Larger page sizes are cut down to this one.
pub const PAGE_SIZE_MAX: usize = 10_000;

const PREFIX: &str = "CiQ";

/// Everything about a query that must stay the same from page to page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query(u64);

impl Query {
    /// A query from its parts, in a fixed order.
    pub fn of(parts: &[&str]) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for part in parts {
            for byte in part.bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
            // Parts must not run into each other.
            hash = mix(hash);
        }
        Self(hash)
    }
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Everything at or after this place was on earlier pages: an instant, a window, a day.
    pub below: i64,
    /// How many pages came before.
    pub page: u32,
}

/// How a page is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// As many items as fit.
    Full(usize),
    /// No items, though there are more.
    Empty,
}

impl Cursor {
    /// The cursor of a token; without one, the first page, below `start`.
    ///
    /// Fails when the token is not one of this query's.
    pub fn decode(token: Option<&str>, query: Query, start: i64) -> Result<Self, Fault> {
        match token.filter(|token| !token.is_empty()) {
            None => Ok(Self {
                below: start,
                page: 0,
            }),
            Some(token) => Self::read(token, query).ok_or_else(|| {
                Fault::argument(
                    "",
                    "page_token",
                    "The page token is invalid, or belongs to a request with other parameters.",
                )
            }),
        }
    }

    fn read(token: &str, query: Query) -> Option<Self> {
        let text = token.strip_prefix(PREFIX)?;
        let number = |range| u64::from_str_radix(text.get(range)?, 16).ok();
        let (below, page, seal) = (number(0..16)?, number(16..32)?, number(32..48)?);
        let cursor = Self {
            below: (below ^ mix(query.0)).cast_signed(),
            page: u32::try_from(page ^ mix(below)).ok()?,
        };
        (text.len() == 48 && seal == cursor.seal(query)).then_some(cursor)
    }

    /// The token that leads here.
    pub fn token(&self, query: Query) -> String {
        let below = self.below.cast_unsigned() ^ mix(query.0);
        let page = u64::from(self.page) ^ mix(below);
        let mut token = String::with_capacity(PREFIX.len() + 48);
        let _ = write!(
            token,
            "{PREFIX}{below:016x}{page:016x}{:016x}",
            self.seal(query)
        );
        token
    }

    fn seal(&self, query: Query) -> u64 {
        mix(mix(query.0 ^ u64::from(self.page)) ^ self.below.cast_unsigned())
    }

    /// The page after this one.
    pub const fn next(&self, below: i64) -> Self {
        Self {
            below,
            page: self.page + 1,
        }
    }

    /// How many of `size` items this page has. With `traps`, about one page in eight is empty and
    /// one in eight short, but never two empty ones in a row.
    pub fn cut(&self, query: Query, size: usize, traps: bool) -> Cut {
        match self.chance(query) % 8 {
            0 if traps && self.page.is_multiple_of(2) => Cut::Empty,
            1 if traps => Cut::Full((size * 3 / 5).max(1)),
            _ => Cut::Full(size),
        }
    }

    /// With traps, some last pages have a token that leads to an empty page.
    pub fn promises_more(&self, query: Query, traps: bool) -> bool {
        traps && self.page == 0 && (self.chance(query) >> 8).is_multiple_of(6)
    }

    /// The end is an empty token, or none.
    pub fn ends_with_empty_token(&self, query: Query) -> bool {
        (self.chance(query) >> 16).is_multiple_of(2)
    }

    fn chance(&self, query: Query) -> u64 {
        mix(self.seal(query))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_to_its_place() {
        let query = Query::of(&["list", "heart-rate", "filter"]);
        for below in [0, -1, 1_795_237_200_000, i64::MAX] {
            let cursor = Cursor { below, page: 7 };
            let token = cursor.token(query);
            assert_eq!(Cursor::decode(Some(&token), query, 3), Ok(cursor));
        }
        assert_eq!(
            Cursor::decode(Some(""), query, 3),
            Ok(Cursor { below: 3, page: 0 })
        );
    }

    #[test]
    fn a_token_belongs_to_one_query() {
        let token = Cursor { below: 5, page: 1 }.token(Query::of(&["a", "b"]));
        assert!(Cursor::decode(Some(&token), Query::of(&["ab", ""]), 0).is_err());
        assert!(Cursor::decode(Some("CiQ"), Query::of(&["a", "b"]), 0).is_err());
        assert!(Cursor::decode(Some(&token.replace('0', "1")), Query::of(&["a", "b"]), 0).is_err());
        assert!(Cursor::decode(Some("CiQ\u{e9}"), Query::of(&["a", "b"]), 0).is_err());
    }

    #[test]
    fn traps_are_met_now_and_then_and_not_without() {
        let cuts: Vec<_> = (0..400)
            .map(|below| Cursor { below, page: 0 }.cut(Query::of(&["x"]), 5000, true))
            .collect();
        let count = |cut| cuts.iter().filter(|known| **known == cut).count();
        assert!((20..90).contains(&count(Cut::Empty)));
        assert!((20..90).contains(&count(Cut::Full(3000))));
        assert!((0..400).all(|below| {
            Cursor { below, page: 0 }.cut(Query::of(&["x"]), 5000, false) == Cut::Full(5000)
        }));
    }
}
