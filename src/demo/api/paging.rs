//! Page tokens that belong to one query, and pages that are shorter than was asked for.

use super::fault::Fault;
use crate::demo::wearer::mix;

/// What `pageSize` is when nobody says.
const DEFAULT_SIZE: usize = 1440;

/// Larger page sizes are cut down to this one.
pub const LARGEST: usize = 10_000;

/// The page size that holds for a wanted one; 0 and none are the default.
///
/// Fails on a negative one.
pub fn page_size(wanted: Option<i64>, largest: usize) -> Result<usize, Fault> {
    match wanted.map(usize::try_from) {
        None | Some(Ok(0)) => Ok(DEFAULT_SIZE.min(largest)),
        Some(Ok(size)) => Ok(size.min(largest)),
        Some(Err(_)) => Err(Fault::argument(
            "",
            "page_size",
            "The page size must not be negative.",
        )),
    }
}

/// Everything about a query that must stay the same from page to page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query(u64);

impl Query {
    /// A query from its parts, in a fixed order.
    pub fn of(parts: &[&str]) -> Self {
        let with_byte = |hash, byte: u8| mix(hash ^ u64::from(byte));
        // Parts must not run into each other.
        let with_part = |hash, part: &&str| mix(part.bytes().fold(hash, with_byte));
        Self(parts.iter().fold(0, with_part))
    }
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Everything at or after this place was on earlier pages: an instant, a window, a day.
    pub below: i64,
    /// How many pages came before.
    page: u32,
    query: Query,
}

impl Cursor {
    /// The cursor of a token; without one, the first page, below `start`.
    ///
    /// Fails when the token is not one of this query's.
    pub fn decode(token: Option<&str>, query: Query, start: i64) -> Result<Self, Fault> {
        let first = Self {
            below: start,
            page: 0,
            query,
        };
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Ok(first);
        };
        let read = || {
            let mut parts = token.strip_prefix("CiQ")?.split('-');
            let mut part = || u64::from_str_radix(parts.next()?, 16).ok();
            let cursor = Self {
                below: part()?.cast_signed(),
                page: u32::try_from(part()?).ok()?,
                query,
            };
            (part()? == cursor.seal()).then_some(cursor)
        };
        let message = "The page token is invalid, or belongs to a request with other parameters.";
        read().ok_or_else(|| Fault::argument("", "page_token", message))
    }

    /// The token that leads here.
    pub fn token(&self) -> String {
        format!("CiQ{:x}-{:x}-{:x}", self.below, self.page, self.seal())
    }

    fn seal(&self) -> u64 {
        mix(mix(self.query.0 ^ u64::from(self.page)) ^ self.below.cast_unsigned())
    }

    /// The page after this one.
    pub const fn next(&self, below: i64) -> Self {
        Self {
            below,
            page: self.page + 1,
            query: self.query,
        }
    }

    /// How many of `size` items this page has: about one page in eight is empty though there are more, and one in eight
    /// short, but never two empty ones in a row.
    pub fn cut(&self, size: usize) -> usize {
        match mix(self.seal()) % 8 {
            0 if self.page.is_multiple_of(2) => 0,
            1 => (size * 3 / 5).max(1),
            _ => size,
        }
    }

    /// The token of the next page; some last pages have one that leads to an empty page, others an empty one or none.
    pub fn next_token(&self, more: Option<i64>, last: i64) -> Option<String> {
        let chance = mix(self.seal());
        match more {
            Some(below) => Some(self.next(below).token()),
            None if self.page == 0 && (chance >> 8).is_multiple_of(6) => {
                Some(self.next(last).token())
            }
            None => (chance >> 16).is_multiple_of(2).then(String::new),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_to_its_place_in_its_own_query() {
        let query = Query::of(&["list", "heart-rate", "filter"]);
        let first = Cursor::decode(Some(""), query, 3);
        assert_eq!(first.as_ref().map(|cursor| cursor.below), Ok(3));
        for below in [0, -1, 1_795_237_200_000, i64::MAX] {
            let Ok(cursor) = first.as_ref().map(|first| first.next(below)) else {
                continue;
            };
            let token = cursor.token();
            assert_eq!(Cursor::decode(Some(&token), query, 3), Ok(cursor));
            let other = Query::of(&["list", "heart-ratefilter", ""]);
            assert!(Cursor::decode(Some(&token), other, 3).is_err());
        }
        assert!(Cursor::decode(Some("CiQ\u{e9}"), query, 0).is_err());
    }

    #[test]
    fn short_and_empty_pages_are_met_now_and_then() {
        let cuts: Vec<_> = (0..400)
            .filter_map(|below| Cursor::decode(None, Query::of(&["x"]), below).ok())
            .map(|cursor| cursor.cut(5000))
            .collect();
        let count = |cut| cuts.iter().filter(|known| **known == cut).count();
        assert!((20..90).contains(&count(0)) && (20..90).contains(&count(3000)));
    }

    #[test]
    fn page_sizes_are_cut_down_and_have_a_default() {
        let size = |wanted| page_size(wanted, 5000);
        assert_eq!(
            [None, Some(0), Some(100)].map(size),
            [Ok(1440), Ok(1440), Ok(100)]
        );
        assert_eq!(size(Some(99_999)), Ok(5000));
        assert!(size(Some(-1)).is_err());
    }
}
