//! How each piece of a sync is asked for.

use super::assembly::{Got, Piece};
use crate::civil;
use crate::day::Detail;
use crate::google::points::Points;
use crate::live::{Request, Service, When, Zones};
use crate::service::Error;
use crate::zone::Tz;
use chrono::NaiveDate;

/// Fetches one piece.
///
/// # Errors
/// Fails when any part of it fails.
pub async fn fetch(
    service: &Service,
    piece: &Piece,
    detail: Detail,
    zone: Tz,
) -> Result<Got, Error> {
    match (service, piece) {
        (Service::Google(google), Piece::Day(_, window)) => {
            google.points(window).await.map(Got::Points)
        }
        (Service::Google(google), Piece::Extra(_, windows)) => {
            let mut points = Points::default();
            for window in windows {
                points.extend(google.points(window).await?);
            }
            Ok(Got::Points(points))
        }
        (Service::Google(google), Piece::Means(range, detail)) => {
            google.means(range, *detail).await.map(Got::Means)
        }
        (_, piece) => {
            let request = Request {
                when: When::On(date_of(piece)),
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
            Box::pin(service.day(request)).await.map(Got::Day)
        }
    }
}

/// The day that a piece is about.
pub(super) fn date_of(piece: &Piece) -> NaiveDate {
    match piece {
        Piece::Day(date, _) | Piece::Extra(date, _) | Piece::Whole(date) => *date,
        Piece::Means(range, _) => civil::local_date(range.start, 0),
    }
}
