//! Pages of a list, one after the other to the last: the one loop that all requests go through, whatever they list.
//!
//! The service hands out pages shorter than asked for, and sometimes empty with a token to follow. A point that cannot be
//! read is set aside among points that can; a page that is no page of the list is an error.

use super::client::Google;
use super::wire::{WireDate, WireText};
use crate::service::Error;
use chrono::{Days, NaiveDate};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::HashSet;

/// A request for the first page.
#[derive(Debug, Clone)]
pub(super) enum Call {
    /// Parameters in the address.
    Get(String, Vec<(&'static str, String)>),
    /// Parameters in a JSON body.
    Post(String, Value),
}

/// A page.
#[derive(Debug)]
pub(super) struct Page<T> {
    /// What could be read.
    pub(super) items: Vec<T>,
    /// How many could not.
    pub(super) unreadable: u64,
    /// There is another page.
    pub(super) next: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "T: Deserialize<'de>"))]
struct WirePage<'a, T> {
    data_points: Option<Vec<T>>,
    rollup_data_points: Option<Vec<T>>,
    paired_devices: Option<Vec<T>>,
    #[serde(borrow)]
    next_page_token: Option<WireText<'a>>,
    error: Option<IgnoredAny>,
}

impl<T> WirePage<'_, T> {
    /// The list, whichever method was asked.
    fn list(&mut self) -> Vec<T> {
        let lists = [
            self.data_points.take(),
            self.rollup_data_points.take(),
            self.paired_devices.take(),
        ];
        lists.into_iter().flatten().next().unwrap_or_default()
    }
}

impl<T> Page<T> {
    /// The page, unless nothing on it can be read.
    pub(super) fn with_sense(self) -> Result<Self, String> {
        if self.items.is_empty() && self.unreadable > 0 {
            return Err("nothing on a page is as it is documented".to_owned());
        }
        Ok(self)
    }
}

/// The method that merges all sources into one stream.
pub(super) const RECONCILE: &str = "dataPoints:reconcile";

impl Call {
    /// Points of a data type: [`RECONCILE`], or `dataPoints`, which are every source's own.
    pub(super) fn points(
        data_type: &str,
        method: &str,
        filter: String,
        page_size: usize,
        fields: Option<&str>,
    ) -> Self {
        let mut query = vec![("filter", filter), ("pageSize", page_size.to_string())];
        query.extend(fields.map(|fields| ("fields", fields.to_owned())));
        query.push(("prettyPrint", "false".to_owned()));
        Self::Get(format!("dataTypes/{data_type}/{method}"), query)
    }

    /// `dataPoints:rollUp` or `:dailyRollUp` of a data type.
    pub(super) fn roll_up(data_type: &str, method: &str, body: Value) -> Self {
        Self::Post(format!("dataTypes/{data_type}/dataPoints:{method}"), body)
    }

    /// The roll-ups of the days from `first` to `last`, both included, in requests of so many days, each with its first one.
    pub(super) fn daily_roll_ups(
        data_type: &str,
        longest: u64,
        first: NaiveDate,
        last: NaiveDate,
    ) -> impl Iterator<Item = (NaiveDate, Self)> {
        let days = usize::try_from(longest).unwrap_or(usize::MAX);
        let starts = first.iter_days().step_by(days);
        starts
            .take_while(move |start| *start <= last)
            .map(move |start| {
                let end = (start + Days::new(longest)).min(last + Days::new(1));
                let civil = |date: NaiveDate| json!({"date": WireDate::from(date)});
                let body = json!({
                    "range": {"start": civil(start), "end": civil(end)},
                    "windowSizeDays": 1,
                    "pageSize": longest,
                });
                (start, Self::roll_up(data_type, "dailyRollUp", body))
            })
    }

    /// The same request, for the page that the token names.
    fn with_token(&self, token: &str) -> Self {
        let mut call = self.clone();
        match &mut call {
            Self::Get(_, query) => query.push(("pageToken", token.to_owned())),
            Self::Post(_, body) => body["pageToken"] = token.into(),
        }
        call
    }
}

/// Reads one page.
///
/// # Errors
/// Fails with the place of the first thing that makes it no page at all.
pub(super) fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<Page<T>, String> {
    // Hardly ever is there a point that cannot be read, so that costs a second pass only then.
    let (mut page, unreadable) = match serde_json::from_str::<WirePage<T>>(text) {
        Ok(page) => (page, 0),
        Err(_) => one_by_one(text)?,
    };
    without_error(page.error.is_some())?;
    let items = page.list();
    let next = page.next_page_token.map(|token| token.0.into_owned());
    Ok(Page {
        items,
        unreadable,
        next: next.filter(|token| !token.is_empty()),
    })
}

/// Some errors come with status 200.
pub(super) fn without_error(has_error: bool) -> Result<(), String> {
    if has_error {
        return Err("an error in an answer of status 200".to_owned());
    }
    Ok(())
}

/// What is wrong with an answer, by its place only: serde's own words may quote what the server sent.
pub(super) fn not_documented(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    format!("not the JSON that is documented (line {line}, column {column})")
}

/// Reads each point of a page by itself.
fn one_by_one<'a, T: Deserialize<'a>>(text: &'a str) -> Result<(WirePage<'a, T>, u64), String> {
    let mut page = serde_json::from_str::<WirePage<&'a RawValue>>(text)
        .map_err(|error| not_documented(&error))?;
    let points = page.list();
    let all = points.len();
    if all > 0 && !points.iter().any(|raw| raw.get().starts_with('{')) {
        return Err("a list of something else".to_owned());
    }
    let read = points
        .into_iter()
        .map(|raw| serde_json::from_str(raw.get()));
    let items: Vec<T> = read.filter_map(Result::ok).collect();
    let unreadable = (all - items.len()) as u64;
    let page = WirePage {
        data_points: Some(items),
        rollup_data_points: None,
        paired_devices: None,
        next_page_token: page.next_page_token,
        error: page.error,
    };
    Ok((page, unreadable))
}

impl Google {
    /// Follows a list to its end. `take` is handed each page's text, and gives the token of the next page.
    ///
    /// # Errors
    /// Fails when any page does, or a token comes that has come before: half a list is never data.
    pub(super) async fn follow(
        &self,
        what: &str,
        first: Call,
        mut take: impl FnMut(&str) -> Result<Option<String>, String>,
    ) -> Result<(), Error> {
        let mut seen = HashSet::new();
        let mut call = first.clone();
        loop {
            let text = match &call {
                Call::Get(path, query) => self.get(path, query).await?,
                Call::Post(path, body) => self.post(path, body).await?,
            };
            let next = take(&text).map_err(|problem| self.undecodable(what, problem))?;
            let Some(next) = next else { return Ok(()) };
            call = first.with_token(&next);
            if !seen.insert(next) {
                return Err(self.undecodable(what, "a page token came twice"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Number {
        n: u32,
    }

    #[test]
    fn a_point_that_cannot_be_read_is_set_aside_and_a_page_that_is_none_is_an_error() {
        for (text, expected, unreadable) in [
            (r#"{"dataPoints":[{"n":1},{"n":2}]}"#, vec![1, 2], 0),
            (
                r#"{"rollupDataPoints":[{"n":1},{"n":"x"},{},null,7,{"n":5}]}"#,
                vec![1, 5],
                4,
            ),
            (r#"{"pairedDevices":[]}"#, vec![], 0),
            ("{}", vec![], 0),
        ] {
            let page = read::<Number>(text).expect("a page");
            let numbers: Vec<_> = page.items.iter().map(|item| item.n).collect();
            assert_eq!((numbers, page.unreadable), (expected, unreadable), "{text}");
        }
        for text in [
            "",
            "[]",
            "null",
            "<!DOCTYPE html>",
            r#"{"error":{"code":500}}"#,
            r#"{"dataPoints":[{"n":1}"#,
            r#"{"dataPoints":[]} trailing"#,
            r#"{"dataPoints":{"n":1}}"#,
            r#"{"dataPoints":[1,null]}"#,
            r#"{"dataPoints":[],"nextPageToken":7}"#,
        ] {
            assert!(read::<Number>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_token_goes_where_the_parameters_are() {
        let next = |call: Call| format!("{:?}", call.with_token("t"));
        assert!(
            next(Call::points(
                "steps",
                "dataPoints",
                "f".to_owned(),
                10,
                None
            ))
            .contains(r#"("pageToken", "t")"#)
        );
        let body = serde_json::json!({"pageSize": 14});
        assert!(
            next(Call::roll_up("steps", "rollUp", body)).contains(r#""pageToken": String("t")"#)
        );
        let empty = read::<Number>(r#"{"nextPageToken":""}"#).expect("a page");
        assert_eq!(empty.next, None);
    }

    #[test]
    fn daily_roll_ups_name_days_and_the_largest_page() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let calls = Call::daily_roll_ups("heart-rate", 14, day("2026-11-08"), day("2026-11-22"));
        let calls: Vec<_> = calls
            .map(|(start, call)| match call {
                Call::Post(_, body) => {
                    let end = &body["range"]["end"]["date"];
                    let size = (&body["windowSizeDays"], &body["pageSize"]);
                    assert_eq!(size, (&json!(1), &json!(14)));
                    format!("{start} {}-{}", end["month"], end["day"])
                }
                Call::Get(..) => panic!("a body"),
            })
            .collect();
        assert_eq!(calls, ["2026-11-08 11-22", "2026-11-22 11-23"]);
    }
}
