//! The days of a CSV file that holds more than the one in its name: they come after all days that names tell of, as a tar
//! file's do.

use super::error::Error;
use super::evidence::Known;
use super::inventory::Inventory;
use super::member::{Location, Member};
use super::run::Run;
use super::stage::{self, KeptMember};
use crate::takeout::name::Kind;
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

/// Imports them; `written` are the days that this run imported without those that names tell of.
pub(super) fn import(
    run: &Run<'_>,
    inventory: &Inventory,
    known: &mut Known,
    mut written: BTreeSet<NaiveDate>,
) -> Result<(), Error> {
    let others = std::mem::take(
        &mut *run
            .other_days
            .lock()
            .unwrap_or_else(PoisonError::into_inner),
    );
    if others.is_empty() {
        return Ok(());
    }
    let (mut members, mut kept) = (Vec::new(), Vec::new());
    for other in others {
        let day = other.block.day();
        if let Some(identity) = inventory.identities.get(other.export) {
            known.exports.has_day(identity, day);
        }
        members.push(Member {
            kind: Kind::Csv(day),
            place: Location::Kept(kept.len()),
            name: Box::default(),
            made: other.block.made(),
            export: other.export,
            bytes: 0,
        });
        kept.push(KeptMember {
            block: Arc::new(other.block),
            day_bounds: None,
        });
    }
    members.sort_by_key(|member| member.kind.day());
    written.extend(stage::days_around(&inventory.members));
    known.recall(run)?;
    let batch = stage::Batch {
        members: &members,
        zips: &[],
        kept: &kept,
        earlier: &written,
        again: false,
    };
    stage::perform(run, known, batch)
}
