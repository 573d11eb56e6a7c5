//! The other extracts from what is wanted to what was done.

use super::drive::{Drive, in_turn};
use super::keep::Keeper;
use super::outcome::{Outcome, Trouble};
use super::plan::{Begin, Plan};
use super::prepare::{self, Question};
use super::settle::Circumstances;
use crate::archive::Archive;
use crate::exit::Exit;
use crate::extract::definition::Settles;
use crate::live::Service;
use crate::progress::{Progress, Work};
use crate::sync::due::is_left;
use crate::sync::error::Error;
use crate::sync::pace::Patience;
use crate::sync::report::End;
use crate::sync::sync_state::SyncState;
use chrono::NaiveDate;

/// What is there to work with.
#[derive(Debug, Clone, Copy)]
pub struct Means<'a> {
    /// Who is asked.
    pub source: &'a Service,
    /// Where rows go.
    pub archive: &'a Archive,
    /// How long it may rest.
    pub patience: Patience,
    /// Who is told, and says when to end.
    pub progress: &'a Progress,
}

/// Brings the extracts up to date; what was done, and why it ended early if it did.
///
/// # Errors
/// Fails when the run cannot begin, or what it is to remember cannot be written.
pub async fn run(
    question: &Question<'_>,
    means: Means<'_>,
) -> Result<(Vec<Outcome>, Option<End>), Error> {
    let Service::Google(google) = means.source else {
        let all = question.definitions.iter();
        let refused = all.map(|definition| Outcome::refused(&definition.name, legacy()));
        return Ok((refused.collect(), None));
    };
    let plans = tokio::select! {
        plans = prepare::plans(question, means.source, means.archive) => plans?,
        () = means.progress.over() => return Ok((Vec::new(), Some(End::Interrupted))),
    };
    let begun = plans.iter().filter(|plan| plan.begin == Begin::Here);
    let begun = begun.map(|plan| (&*plan.definition.name, *plan.range.start()));
    let mut state = SyncState::read(means.archive)?;
    state.want(means.archive, begun)?;
    let names: Vec<_> = with_devices(&plans)
        .map(|plan| &*plan.definition.name)
        .collect();
    question
        .devices
        .first_seen(means.archive, &mut state, &names)?;
    let days = plans.iter().map(|plan| plan.likely_days().days()).sum();
    let drive = Drive {
        google,
        side_by_side: means.source.side_by_side(),
        keeper: Keeper {
            archive: means.archive.clone(),
            provider: means.source.provider().origin(),
        },
        around: Circumstances {
            zone: question.devices.zone,
            syncs: question.devices.syncs.clone(),
            now: question.devices.now,
        },
        progress: means.progress,
        to_come: in_turn(&plans),
        outcomes: plans.iter().map(Outcome::of).collect(),
    };
    let (outcomes, end) = {
        let _begun = means.progress.begin(Work::Extracts, days);
        drive.run(&plans, means.patience).await
    };
    means.archive.flush();
    remember(question, means.archive, &plans, &outcomes)?;
    Ok((outcomes, end))
}

fn with_devices(plans: &[Plan]) -> impl Iterator<Item = &Plan> {
    plans
        .iter()
        .filter(|plan| plan.definition.settles == Settles::WithDevices)
}

/// Keeps in mind where extracts begin, and what devices had brought by now, if all of it has been looked at.
fn remember(
    question: &Question<'_>,
    archive: &Archive,
    plans: &[Plan],
    outcomes: &[Outcome],
) -> Result<(), Error> {
    let mut state = SyncState::read(archive)?;
    let complete = plans
        .iter()
        .zip(outcomes)
        .filter(|(_, outcome)| outcome.is_complete());
    let complete: Vec<_> = complete.collect();
    let begun = complete
        .iter()
        .filter(|(plan, _)| plan.begin == Begin::AfterNothing);
    let begun = begun
        .filter_map(|(plan, outcome)| Some((&*plan.definition.name, outcome.kept.days.first()?)));
    state.want(archive, begun)?;
    let seen = plans
        .iter()
        .zip(outcomes)
        .filter(|(plan, _)| plan.definition.settles == Settles::WithDevices);
    let seen: Vec<_> = seen
        .map(|(plan, outcome)| {
            let undone = |day: &NaiveDate| {
                is_left(*day, &plan.range, question.from) || !outcome.is_complete()
            };
            (
                &*plan.definition.name,
                plan.due.iter().copied().filter(undone).collect(),
            )
        })
        .collect();
    state.see(archive, question.devices.syncs, seen)?;
    Ok(())
}

fn legacy() -> Trouble {
    Trouble {
        why: "the legacy Fitbit service has heart rate only".to_owned(),
        hint: "use Google Health for the others: provider = \"google\" in the keys file".into(),
        exit: Exit::Login,
        lacks_scope: false,
    }
}
