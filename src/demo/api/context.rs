//! What an answer is made from: the wearer, and the service's time.

use crate::demo::series::{Asked, DataType, Point, Shape};
use crate::demo::wearer::{HISTORY_START, Wearer};
use chrono::{DateTime, NaiveDate, Utc};
use std::ops::Range;

/// The wearer at one moment.
#[derive(Debug)]
pub struct Context<'a> {
    /// Whose data.
    pub wearer: &'a Wearer,
    /// The service's time.
    pub now: DateTime<Utc>,
    /// Everything before this instant (milliseconds) has been synced.
    pub synced: i64,
}

impl<'a> Context<'a> {
    /// The wearer now.
    pub fn of(wearer: &'a Wearer, now: DateTime<Utc>) -> Self {
        Self {
            wearer,
            now,
            synced: wearer.last_sync(now).timestamp_millis(),
        }
    }

    /// The points of a day that have been synced, perhaps with the copies that other sources have. None of a day before the
    /// first, whoever asks, nor of one that lies outside what is wanted (milliseconds); of the others, more may be given.
    pub fn points(
        &self,
        data_type: &DataType,
        date: NaiveDate,
        wanted: &Range<i64>,
        copies: bool,
    ) -> Vec<Point> {
        let asked = Asked::of(self.wearer, date, wanted.clone(), self.synced);
        let is_outside =
            asked.civil.window.start >= wanted.end || wanted.start >= asked.civil.window.end;
        if is_outside || date < HISTORY_START {
            return Vec::new();
        }
        let mut points = (data_type.points)(&asked);
        if data_type.shape != Shape::Daily {
            points.retain(|point| point.span.start < self.synced && point.span.end <= self.synced);
        }
        if copies {
            let copy = |point| (data_type.copy)(&asked, point);
            let copies: Vec<_> = points.iter().filter_map(copy).collect();
            points.extend(copies);
        }
        points
    }
}
