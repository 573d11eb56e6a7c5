//! `fitbit-hr export`: days of the archive as documents. No network, no account.
//!
//! What was typed becomes a [`job`]; the tables of the archive are written; [`report`] says what there is.

mod args;
mod done;
mod job;
mod report;

pub use args::Args;

use super::blocking::blocking;
use super::context::Context;
use super::typed::Wanted;
use crate::archive::Archive;
use crate::error::Error;
use crate::export::{self, HeartRate, Subject, Table, plan};
use crate::progress::Progress;
use done::{Done, Exported};
use job::Job;
use std::sync::Arc;

pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let job = Arc::new(Job::of(args, context)?);
    let archive = context.archive_to_show()?;
    let console = Arc::clone(&context.console);
    let catalogue = context.settings.catalogue.clone();
    let place = job.place(&console);
    let wanted = Arc::clone(&job);
    let done = blocking(move |stop| -> Result<Done, export::Error> {
        let (subjects, absent) = subjects(&archive, &wanted)?;
        let mut progress = Progress::new(console, stop);
        if wanted.output.is_none() {
            // Whatever reads the data may print it on this terminal, and a bar would run through it.
            progress = progress.unheard();
        }
        let tallies = export::run(&subjects, &catalogue, wanted.format, &place, &progress)?;
        let tables = subjects.into_iter().zip(tallies);
        let tables = tables.map(|(subject, tally)| Exported { subject, tally });
        Ok(Done {
            tables: tables.collect(),
            absent,
        })
    });
    let done = done.await?;
    report::say(context, &job, &done);
    if context.global.json {
        context.console.json(&report::account(&job, &done))?;
    }
    Ok(())
}

/// The tables of a job, and the names of the extracts that are not there where all were meant.
fn subjects(archive: &Archive, job: &Job) -> Result<(Vec<Subject>, Vec<String>), export::Error> {
    let (mut subjects, mut absent) = (Vec::new(), Vec::new());
    for wanted in &job.wanted {
        let subject = subject(archive, job, wanted)?;
        if subject.files() == 0 && job.all {
            absent.push(wanted.definition.name.clone());
            continue;
        }
        let segments = match &subject {
            Subject::Series(table) if job.has_room_for_segments() => table.segments(),
            Subject::Series(_) | Subject::HeartRate(_) => None,
        };
        subjects.push(subject);
        subjects.extend(segments.map(|table| Subject::Series(Box::new(table))));
    }
    Ok((subjects, absent))
}

fn subject(archive: &Archive, job: &Job, wanted: &Wanted) -> Result<Subject, export::Error> {
    if wanted.is_heart_rate() {
        return Ok(Subject::HeartRate(HeartRate {
            archive: archive.clone(),
            plan: plan::of_archive(archive, &job.range, wanted.detail)?,
            between: job.between,
            fields: job.columns.clone(),
        }));
    }
    let (definition, detail) = (&wanted.definition, wanted.detail);
    let table = Table::of(archive, definition, detail, &job.range, job.between)?;
    let table = match &job.fields {
        Some(fields) => table.with_fields(fields),
        None => table,
    };
    Ok(Subject::Series(Box::new(table)))
}
