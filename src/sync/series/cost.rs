//! What a plan for an extract costs, about. Pure.

use super::plan::{Begin, Plan, hull};
use crate::extract::definition::Operation;
use crate::extract::{Definition, Shape};
use crate::google::series::pieces;
use crate::sync::plan::Cost;

/// Rows a day where the archive does not tell, from what wearers have.
const DENSE_ROWS: u64 = 400;
const THIN_ROWS: u64 = 40;
/// Compressed: a row with its times, and an answer without any.
const BYTES_A_ROW: u64 = 20;
const BYTES_AN_ANSWER: u64 = 500;

/// What it costs to do what is planned, at so many requests a second in the long run.
#[must_use]
pub fn cost(plan: &Plan, requests_per_second: f64) -> Cost {
    let definition = &plan.definition;
    let rows_a_day = plan.rows_a_day.unwrap_or_else(|| usual_rows(definition));
    let parts = plan.parts.iter().filter_map(hull);
    let (mut requests, mut rows) = (0, 0);
    for part in parts {
        for piece in pieces(definition, &part) {
            let days = (*piece.end() - *piece.start()).num_days().unsigned_abs() + 1;
            let points = match definition.operation {
                Operation::RollUp => days * windows_a_day(definition),
                // Before a service's first day there is nothing.
                _ if plan.begin == Begin::AtFirstRow => 0,
                Operation::Reconcile | Operation::List => days * rows_a_day,
            };
            rows += points;
            requests += points.div_ceil(definition.page_size.max(1).into()).max(1);
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "an estimate for people")]
    let minutes = requests as f64 / requests_per_second / 60.0;
    Cost {
        days: plan.likely_days().days(),
        requests,
        minutes,
        bytes: rows * BYTES_A_ROW + requests * BYTES_AN_ANSWER,
    }
}

fn windows_a_day(definition: &Definition) -> u64 {
    let window = definition.finest.map_or(60, crate::day::Detail::seconds);
    86_400 / window.unsigned_abs().max(1)
}

fn usual_rows(definition: &Definition) -> u64 {
    match definition.shape {
        Shape::Days | Shape::Sessions => 1,
        Shape::Samples | Shape::Intervals if definition.dense => DENSE_ROWS,
        Shape::Samples | Shape::Intervals => THIN_ROWS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::DayRanges;
    use crate::extract::Catalogue;
    use crate::sync::series::plan::Known;
    use std::sync::Arc;

    #[test]
    fn a_year_costs_few_requests_and_a_night_one() {
        let catalogue = Catalogue::default();
        let day = |text: &str| text.parse::<chrono::NaiveDate>().expect("a date");
        let requests = |name: &str, first: &str| {
            let definition = Arc::new(catalogue.get(name).expect("there").clone());
            let today = day("2026-12-31");
            let range = (day(first)..=today, Begin::Here);
            let plan = Plan::new(
                definition,
                range,
                &Known::default(),
                today,
                &DayRanges::new(),
            );
            cost(&plan, 2.5).requests
        };
        for (name, a_year) in [
            ("hrv_daily", 1),
            ("sleep", 15),
            ("steps", 15),
            ("calories", 57),
            ("zone_calories", 29),
        ] {
            assert_eq!(requests(name, "2026-01-01"), a_year, "{name}");
            assert_eq!(requests(name, "2026-12-31"), 1, "{name}");
        }
    }
}
