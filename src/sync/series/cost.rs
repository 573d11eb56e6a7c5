//! What a plan for an extract costs, about. Pure.

use super::plan::{Begin, Plan};
use crate::archive::DayRanges;
use crate::extract::Definition;
use crate::extract::definition::Operation;
use crate::google::series::page_size;
use crate::sync::plan::Cost;

/// Pages of points have been seen with no more than this, whatever was asked for.
const POINTS_A_PAGE: u64 = 5000;
/// Compressed: a row with its times.
const BYTES_A_ROW: u64 = 20;

/// What it costs to do what is planned, at so many requests a second in the long run.
#[must_use]
pub fn cost(plan: &Plan, requests_per_second: f64) -> Cost {
    let definition = &plan.definition;
    let page = page_size(definition);
    let (mut requests, mut rows) = (0, 0);
    for part in plan.parts.iter().filter_map(DayRanges::bounds) {
        let first = *plan.range.start().max(part.start());
        let days = ((*part.end() - first).num_days() + 1).max(0).unsigned_abs();
        let (points, page) = match definition.operation {
            Operation::RollUp => (days * windows_a_day(definition), page),
            // Before a service's first day there is nothing.
            _ if plan.begin == Begin::AtFirstRow => (0, page),
            Operation::Reconcile | Operation::List => {
                (days * plan.rows_a_day, page.min(POINTS_A_PAGE))
            }
        };
        rows += points;
        requests += points.div_ceil(page.max(1)).max(1);
    }
    let days = plan.likely_days().days();
    Cost::of(days, requests, rows * BYTES_A_ROW, requests_per_second)
}

fn windows_a_day(definition: &Definition) -> u64 {
    let window = definition.finest.map_or(60, crate::day::Detail::seconds);
    86_400 / window.unsigned_abs().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Catalogue;
    use crate::sync::series::plan::Known;
    use std::sync::Arc;

    fn requests(definition: &Definition, first: &str) -> u64 {
        let day = |text: &str| text.parse::<chrono::NaiveDate>().expect("a date");
        let today = day("2026-12-31");
        let range = (day(first)..=today, Begin::Here);
        let definition = Arc::new(definition.clone());
        let again = DayRanges::new();
        let plan = Plan::new(definition, range, &Known::default(), today, &again);
        cost(&plan, 2.5).requests
    }

    #[test]
    fn a_year_costs_few_requests_and_a_night_one() {
        let catalogue = Catalogue::default();
        for (name, a_year) in [
            ("hrv_daily", 1),
            ("weight", 1),
            ("sleep", 15),
            ("steps", 17),
            ("calories", 53),
            ("zone_calories", 27),
        ] {
            let definition = catalogue.get(name).expect("there");
            assert_eq!(requests(definition, "2026-01-01"), a_year, "{name}");
            assert_eq!(requests(definition, "2026-12-31"), 1, "{name}");
        }
    }

    #[test]
    fn a_year_of_all_but_heart_rate_keeps_to_its_budget() {
        let catalogue = Catalogue::default();
        let others = catalogue.all().filter(|one| one.name != "heart_rate");
        let all: u64 = others.map(|one| requests(one, "2026-01-01")).sum();
        assert!(all <= 300, "{all}");
    }
}
