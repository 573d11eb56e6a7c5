//! The main job: one day of some series into files, all of them together or none, or to stdout.
//!
//! What was typed becomes a [`plan`]; [`fetch`] gets the day of each series side by side; [`during`] cuts it into workouts;
//! [`files`] has the bytes, and [`report`] says what there is.

mod args;
mod during;
mod extent;
mod fetch;
mod files;
mod plan;
mod report;

pub use args::Args;

use super::context::Context;
use super::when;
use crate::error::Error;
use crate::live::SeriesError;
use crate::progress::{Event, Listen};
use plan::Plan;

pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let plan = Plan::of(args, context)?;
    // Before any request, by what is known of the wearer's zone so far.
    when::date(plan.when, context.now, context.read_zone())?;
    if plan.stdout.is_none() {
        super::demo_files::look(context)?;
    }
    let service = context.session_for(&plan.definitions()).await?;
    let fetched = Box::pin(fetch::fetched(&service, &plan, context)).await;
    context.remember_quota(&service);
    if let Some(lag) = service.wrong_clock() {
        context.console.hear(Event::ClockLags(lag));
    }
    let fetched = fetched?;
    when::date(plan.when, fetched.now, fetched.zone)?;
    let sessions = plan.during.as_ref();
    let sessions = sessions.map(|sessions| during::sessions(&fetched, &plan, sessions));
    let whole_day = match &sessions {
        Some(_) => Vec::new(),
        None => files::documents(&fetched, &plan),
    };
    let tables = sessions
        .iter()
        .flatten()
        .flat_map(|session| &session.tables);
    let documents: Vec<_> = tables
        .map(|table| &table.document)
        .chain(&whole_day)
        .collect();
    report::notes(context, &plan, &fetched);
    let written = match plan.stdout {
        Some(format) => files::print(context, format, &documents).map(|()| vec![])?,
        None => files::write(context, &documents)?,
    };
    let done = report::Done {
        fetched: &fetched,
        sessions: sessions.as_deref(),
        requests: service.requests(),
        files: &written,
    };
    report::said(context, &plan, &done);
    if context.global.json {
        context
            .console
            .json(&report::account(context, &plan, &done))?;
    }
    // What else was asked for is there by now.
    let all_refused = fetched.parts.is_empty();
    if !fetched.refused.is_empty() && (plan.by_name || all_refused) {
        return Err(SeriesError::Refused(fetched.refused).into());
    }
    Ok(())
}
