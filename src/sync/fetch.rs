//! How each query of a sync is asked for.

use super::day_builder::{Answer, Query};
use crate::civil;
use crate::day::Detail;
use crate::google::points::Points;
use crate::live::{Request, Service, When, Zones};
use crate::service::Error;
use crate::zone::Tz;
use chrono::NaiveDate;

/// Fetches one query.
///
/// # Errors
/// Fails when any part of it fails.
pub async fn fetch(
    service: &Service,
    query: &Query,
    detail: Detail,
    zone: Tz,
) -> Result<Answer, Error> {
    match (service, query) {
        (Service::Google(google), Query::Day(_, window)) => {
            google.points(window).await.map(Answer::Points)
        }
        (Service::Google(google), Query::Extra(_, windows)) => {
            let mut points = Points::default();
            for window in windows {
                points.extend(google.points(window).await?);
            }
            Ok(Answer::Points(points))
        }
        (Service::Google(google), Query::Means(range, detail)) => {
            google.means(range, *detail).await.map(Answer::Means)
        }
        (_, query) => {
            let request = Request {
                when: When::On(date_of(query)),
                now: service.now(),
                detail,
                summary: true,
                account: false,
                zones: Zones {
                    fixed: Some(zone),
                    likely: zone,
                    is_guess: false,
                },
            };
            Box::pin(service.day(request)).await.map(Answer::Day)
        }
    }
}

/// The day that a query is about.
pub(super) fn date_of(query: &Query) -> NaiveDate {
    match query {
        Query::Day(date, _) | Query::Extra(date, _) | Query::WholeDay(date) => *date,
        Query::Means(range, _) => civil::local_date(range.start, 0),
    }
}
