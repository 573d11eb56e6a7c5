//! Any series by its definition: asked for by the member that its type wants, read page after page into rows.
//!
//! `ask` says what is asked for, `template` where on a page each cell stands, `record` reads a point by it, and
//! `build` makes rows of points. Nothing here knows a series by name.

mod ask;
mod build;
mod cell_value;
mod met;
mod part;
mod record;
mod template;
#[cfg(test)]
mod tests;

pub use ask::page_size;

use super::client::Google;
use super::pages::{self, Call};
use crate::extract::Definition;
use crate::extract::Rows;
use crate::extract::definition::Operation;
use crate::extract::faults::Faults;
use crate::service::Error;
use crate::zone::Tz;
use build::Builder;
use chrono::NaiveDate;
use record::{RecordSeed, Words};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::ops::RangeInclusive;
use template::Template;

/// What the service has of a series on some days.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// In no order that can be trusted, repetitions included; the columns are [`Definition::columns`].
    pub rows: Rows,
    /// The segments of its sessions, where it has such.
    pub segments: Option<Rows>,
    /// Points that were read, and those that could not be and are left out.
    pub faults: Faults,
    /// Members of a definition of one's own that no point had, though there were points.
    pub never_met: Vec<String>,
    /// How many pages came.
    pub pages: u64,
}

impl Google {
    /// The rows of a series whose own civil day is one of `days`: all of them, to the last page.
    ///
    /// # Errors
    /// Fails when any page does: half a range is never data.
    pub async fn series(
        &self,
        definition: &Definition,
        days: &RangeInclusive<NaiveDate>,
        zone: Tz,
    ) -> Result<Series, Error> {
        let template = Template::of(definition);
        let mut builder = Builder::new(definition, days, zone, self.provider().name())
            .naming_devices(self.names_devices());
        let mut words = Words::default();
        let mut count = 0;
        for call in calls(definition, &template, days, zone) {
            let take = |text: &str| {
                count += 1;
                page(text, &template, &mut words, &mut builder)
            };
            let followed = self.follow(&definition.data_type, call, take).await;
            followed.map_err(|error| error.of_series(definition))?;
        }
        Ok(Series {
            pages: count,
            never_met: builder.never_met(),
            rows: builder.rows,
            segments: builder.segments,
            faults: builder.faults,
        })
    }
}

/// What is asked for, one after the other: points by a filter, or roll-ups of what one request may span.
fn calls(
    definition: &Definition,
    template: &Template,
    days: &RangeInclusive<NaiveDate>,
    zone: Tz,
) -> Vec<Call> {
    let filter = definition
        .filter
        .as_ref()
        .map(|filter| ask::filter(filter, days, zone))
        .unwrap_or_default();
    let page_size = usize::try_from(page_size(definition)).unwrap_or(usize::MAX);
    let fields = fields(definition, template);
    let data_type = &definition.data_type;
    let points = |method| {
        let fields = fields.as_deref();
        vec![Call::points(data_type, method, filter, page_size, fields)]
    };
    match definition.operation {
        Operation::Reconcile => points(pages::RECONCILE),
        Operation::List => points("dataPoints"),
        Operation::RollUp => ask::ranges(definition, &ask::window(days, zone))
            .iter()
            .map(|range| Call::roll_up(data_type, "rollUp", ask::roll_up(definition, range)))
            .collect(),
    }
}

/// Only what a row needs is asked for, where the members are known to be right: a wrong one would be refused, and nobody
/// would know which.
fn fields(definition: &Definition, template: &Template) -> Option<String> {
    definition
        .is_built_in()
        .then(|| format!("dataPoints({}),nextPageToken", template.mask()))
}

/// Reads a page into the builder; the token of the next one.
fn page(
    text: &str,
    template: &Template,
    words: &mut Words,
    builder: &mut Builder<'_>,
) -> Result<Option<String>, String> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let seed = PageSeed {
        template,
        words,
        builder,
    };
    let page = seed
        .deserialize(&mut reader)
        .and_then(|page| reader.end().map(|()| page));
    let page = page.map_err(|error| pages::not_documented(&error))?;
    pages::without_error(page.is_error)?;
    Ok(page.next.filter(|token| !token.is_empty()))
}

#[derive(Default)]
struct Page {
    next: Option<String>,
    is_error: bool,
}

struct PageSeed<'a, 'b> {
    template: &'a Template,
    words: &'a mut Words,
    builder: &'a mut Builder<'b>,
}

impl<'de> DeserializeSeed<'de> for PageSeed<'_, '_> {
    type Value = Page;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Page, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PageSeed<'_, '_> {
    type Value = Page;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Page, A::Error> {
        let mut page = Page::default();
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match &*key {
                "dataPoints" | "rollupDataPoints" => map.next_value_seed(PointsSeed {
                    template: self.template,
                    words: &mut *self.words,
                    builder: &mut *self.builder,
                })?,
                "nextPageToken" => page.next = map.next_value()?,
                "error" => {
                    map.next_value::<IgnoredAny>()?;
                    page.is_error = true;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(page)
    }
}

struct PointsSeed<'a, 'b> {
    template: &'a Template,
    words: &'a mut Words,
    builder: &'a mut Builder<'b>,
}

impl<'de> DeserializeSeed<'de> for PointsSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for PointsSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of points")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(record) = seq.next_element_seed(RecordSeed {
            template: self.template,
            words: &mut *self.words,
        })? {
            self.builder.take(&record);
        }
        Ok(())
    }
}
