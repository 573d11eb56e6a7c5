//! What the points of a window come to.

use super::context::Context;
use super::parameters::Family;
use crate::demo::json::{Json, Members};
use crate::demo::series::{DataType, Labelled, Point, RollUp};
use std::ops::Range;

/// The points of one window, summed up.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    count: u32,
    sum: f64,
    least: f64,
    most: f64,
    /// What was summed up are whole numbers.
    whole: bool,
    by_label: Vec<(&'static str, f64)>,
}

impl Sums {
    /// The sums of some windows, which ascend and touch; points that last are cut at their edges.
    pub fn of(
        context: &Context,
        data_type: &DataType,
        roll_up: RollUp,
        windows: &[Range<i64>],
        family: Family,
    ) -> Vec<Self> {
        let mut sums = vec![Self::default(); windows.len()];
        let (Some(first), Some(last)) = (windows.first(), windows.last()) else {
            return sums;
        };
        let span = first.start..last.end;
        let (first, last) = (
            context.wearer.date_at(span.start),
            context.wearer.date_at(span.end - 1),
        );
        let dates = first
            .iter_days()
            .take_while(|date| *date <= last && family != Family::Own);
        for date in dates {
            for point in context.points(data_type, date, &span, false) {
                let from = windows.partition_point(|window| window.end <= point.span.start);
                let hit = windows.iter().zip(&mut sums).skip(from);
                for (window, sums) in hit.take_while(|(window, _)| touches(window, &point)) {
                    sums.add(roll_up, &point, window);
                }
            }
        }
        sums
    }

    /// True if there was nothing to sum up.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn add(&mut self, roll_up: RollUp, point: &Point, window: &Range<i64>) {
        let length = || seconds(point.span.start.max(window.start)..point.span.end.min(window.end));
        let within = window.contains(&point.span.start);
        let (label, value) = match roll_up {
            RollUp::Length(_) => (None, Some(length())),
            RollUp::ByLabel(label, _, Labelled::Length(_)) => (Some(label), Some(length())),
            RollUp::Sum(member, _) | RollUp::Mean(member, _) => (None, self.number(point, member)),
            RollUp::ByLabel(label, _, Labelled::Sum(member, _))
            | RollUp::ByName(label, member, _) => (Some(label), self.number(point, member)),
        };
        let lasting = matches!(
            roll_up,
            RollUp::Length(_) | RollUp::ByLabel(_, _, Labelled::Length(_))
        );
        let Some(value) = value.filter(|_| lasting || within) else {
            return;
        };
        self.least = if self.count == 0 {
            value
        } else {
            self.least.min(value)
        };
        self.most = self.most.max(value);
        self.count += 1;
        self.sum += value;
        if let Some(Json::Text(label)) = label.and_then(|label| point.value.get(label)) {
            match self.by_label.iter_mut().find(|(known, _)| known == label) {
                Some((_, sum)) => *sum += value,
                None => self.by_label.push((label, value)),
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "steps, millimetres, beats")]
    fn number(&mut self, point: &Point, member: &str) -> Option<f64> {
        match point.value.get(member) {
            Some(Json::Int(value)) => {
                self.whole = true;
                Some(*value as f64)
            }
            Some(Json::Number(value)) => Some(*value),
            _ => None,
        }
    }

    fn total(&self, sum: f64) -> Json {
        if self.whole {
            Json::Int(whole(sum))
        } else {
            // Sums of hundredths, without what binary fractions leave behind.
            Json::Number((sum * 1e4).round() / 1e4)
        }
    }

    /// As members of a rolled-up point; none of an empty window.
    pub fn members(&self, roll_up: RollUp) -> Members {
        if self.is_empty() {
            return Vec::new();
        }
        match roll_up {
            RollUp::Sum(_, name) => vec![(name, self.total(self.sum))],
            RollUp::Length(name) => vec![(name, Json::Duration(whole(self.sum)))],
            RollUp::Mean(_, names) => {
                let values = [self.sum / f64::from(self.count), self.most, self.least];
                names
                    .iter()
                    .copied()
                    .zip(values.map(Json::Number))
                    .collect()
            }
            RollUp::ByLabel(_, [list, name], value) => {
                let entry = |(label, sum): &(&'static str, f64)| {
                    let value = match value {
                        Labelled::Length(member) => (member, Json::Duration(whole(*sum))),
                        Labelled::Sum(_, member) => (member, self.total(*sum)),
                    };
                    Json::Object(vec![(name, Json::Text(label)), value])
                };
                vec![(list, Json::List(self.by_label.iter().map(entry).collect()))]
            }
            RollUp::ByName(_, _, names) => {
                let sum = |label: &str| self.by_label.iter().find(|(known, _)| *known == label);
                let member = |(label, name): &(&'static str, &'static str)| {
                    (*name, self.total(sum(label).map_or(0.0, |(_, sum)| *sum)))
                };
                names.iter().map(member).collect()
            }
        }
    }
}

fn touches(window: &Range<i64>, point: &Point) -> bool {
    window.start < point.span.end || window.contains(&point.span.start)
}

#[expect(clippy::cast_precision_loss, reason = "a few days")]
fn seconds(span: Range<i64>) -> f64 {
    (span.end - span.start) as f64 / 1000.0
}

#[expect(clippy::cast_possible_truncation, reason = "a sum of a few weeks")]
fn whole(sum: f64) -> i64 {
    sum.round() as i64
}
