//! One civil day of any series: what is fetched for it, and what of that is the day's.

use crate::civil;
use crate::day::Detail;
use crate::extract::between::Between;
use crate::extract::coarser::coarser;
use crate::extract::faults::Faults;
use crate::extract::{Definition, Rows, answer, overlap};
use crate::google::Google;
use crate::service::{Error, Refusal};
use crate::zone::Tz;
use chrono::NaiveDate;
use std::ops::RangeInclusive;

/// The rows of a day, one for each key, ascending.
#[derive(Debug, Clone, PartialEq)]
pub struct DayOfSeries {
    /// At the detail that was asked for.
    pub rows: Rows,
    /// The segments of its sessions, where it has such.
    pub segments: Option<Rows>,
    /// Points that came, and those that could not be read.
    pub faults: Faults,
    /// Members of the definition that no point had, though there were points.
    pub never_met: Vec<String>,
    /// How many answers it took.
    pub requests: u64,
}

impl Google {
    /// One civil day of a series, or what of it lies in a window of the clock. A scope that the login is known to lack is not asked for.
    ///
    /// # Errors
    /// Fails when any page does, and where the scope is missing.
    pub async fn day_of_series(
        &self,
        definition: &Definition,
        detail: Option<Detail>,
        date: NaiveDate,
        zone: Tz,
        between: Option<Between>,
    ) -> Result<DayOfSeries, Error> {
        let granted = self.session().access().token().await;
        if !granted.scopes.is_empty() && !granted.grants(&definition.scope()) {
            return Err(Error::Refused {
                provider: self.provider(),
                reason: Refusal::ScopeMissing(Some(definition.scope_name.clone())),
                said: String::new(),
            });
        }
        let days = needed(definition, detail, date, between);
        let series = self.series(definition, &days, zone).await?;
        let (rows, segments) = answer::resolved(definition, &series.rows, series.segments.as_ref());
        let day = civil::day_number(date);
        let rows = match between {
            Some(between) => between.rows(definition, &rows, detail),
            None => coarser(definition, &rows, detail),
        };
        let rows = answer::of_day(&rows, day);
        Ok(DayOfSeries {
            segments: segments.map(|segments| answer::segments_of(&rows, &segments)),
            rows,
            faults: series.faults,
            never_met: series.never_met,
            requests: series.pages,
        })
    }
}

/// The days whose rows decide what a day's are: which of overlapping sleeps stays is a matter of the neighbours' too, and a span
/// with a label reaches over midnight.
fn needed(
    definition: &Definition,
    detail: Option<Detail>,
    date: NaiveDate,
    between: Option<Between>,
) -> RangeInclusive<NaiveDate> {
    if definition.looks_back(detail, between.is_some()) {
        date.pred_opt().unwrap_or(date)..=date
    } else {
        overlap::days_beside(definition, &(date..=date))
    }
}
