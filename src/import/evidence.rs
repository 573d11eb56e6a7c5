//! What an export says beside its heart rate: the profile's zone, the offsets of nights, resting heart rates. And what
//! the archive remembers of earlier exports' zones.

use super::account::Source;
use super::plan::{Place, Plan};
use super::{Failure, Request, Run, stated};
use crate::archive::owner::{Person, Refused};
use crate::archive::{self, DayFile, merge};
use crate::day::{Day, Detail, Provider};
use crate::takeout::clock::{Candidate, Evidence, Span};
use crate::takeout::input::{Buffers, Refusal, read_file};
use crate::takeout::name::Kind;
use crate::takeout::record::{Decoded, Fault};
use crate::takeout::resting::{self, Resting};
use crate::takeout::{profile, sleeps};
use crate::zone::Tz;
use chrono::{Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// Zones in the order of their names.
pub(super) type Zones = BTreeMap<&'static str, Tz>;

fn named(zone: Tz) -> (&'static str, Tz) {
    (zone.name(), zone)
}

/// Everything known before the first day is made.
#[derive(Debug)]
pub(super) struct Known {
    /// Of the profiles in the input.
    pub zones: Zones,
    /// The accounts that the profiles name.
    pub accounts: BTreeSet<String>,
    /// Of nights.
    pub spans: Vec<Span>,
    /// By the wearer's day.
    pub resting: BTreeMap<NaiveDate, f64>,
    /// The zones that may explain what files leave open, in their order.
    pub candidates: Vec<Candidate>,
    /// The archive's days, ascending.
    pub stored: Vec<NaiveDate>,
    /// A profile's zone is new to the archive: all its days are looked at again.
    pub zone_is_new: bool,
    /// Days that follow are nothing: they are still to come.
    last_day: NaiveDate,
}

impl Known {
    pub(super) fn new(request: &Request) -> Self {
        Self {
            zones: Zones::new(),
            accounts: BTreeSet::new(),
            spans: Vec::new(),
            resting: BTreeMap::new(),
            candidates: Vec::new(),
            stored: Vec::new(),
            zone_is_new: false,
            // The wearer may be ahead of UTC.
            last_day: request.now.date_naive() + Days::new(1),
        }
    }

    /// Reads the plan's evidence.
    pub(super) fn read(&mut self, run: &Run<'_>, plan: &Plan) {
        let mut buffers = Buffers::default();
        for member in &plan.evidence {
            let bytes = match &member.place {
                Place::Zip(at, place) => match plan.zips.get(*at) {
                    Some(open) => open.zip.read(*place, member.kind.max_bytes(), &mut buffers),
                    None => continue,
                },
                Place::File(path) => read_file(path, member.kind.max_bytes(), &mut buffers),
                Place::Reel(_) => continue,
            };
            let source = member.source(&plan.zips);
            match bytes {
                Ok(bytes) => self.decode(run, member.kind, bytes, &source),
                Err(refusal) => run.account().skip(super::Skip::file(source, refusal)),
            }
            run.watch.reads(member.bytes);
        }
    }

    /// Takes in one file.
    pub(super) fn decode(&mut self, run: &Run<'_>, kind: Kind, bytes: &[u8], source: &Source<'_>) {
        let mut account = run.account();
        account.bytes += bytes.len() as u64;
        match kind {
            Kind::Profile => {
                account.other_files += 1;
                self.zones.extend(profile::decode(bytes).map(named));
                self.accounts.extend(profile::account(bytes));
                return;
            }
            Kind::Sleeps => {
                let decoded = sleeps::decode(bytes);
                if let Some(nights) = counted(&mut account, source, decoded) {
                    let spans = nights
                        .iter()
                        .map(|night| stated(night.instant, night.utc_offset));
                    self.spans.extend(spans);
                }
                return;
            }
            Kind::RestingJson | Kind::RestingCsv => {}
            Kind::Json(_) | Kind::Csv(_) => return,
        }
        let decoded = if kind == Kind::RestingJson {
            resting::decode_json(bytes, self.last_day)
        } else {
            resting::decode_csv(bytes, self.last_day)
        };
        for Resting { day, bpm } in counted(&mut account, source, decoded).unwrap_or_default() {
            let known = self.resting.entry(day).or_insert(bpm);
            *known = the_better(*known, bpm);
        }
        account.resting_days = self.resting.len() as u64;
    }

    /// Sees to it that the exports are of one person, and the archive is that person's.
    pub(super) fn owner(&self, run: &Run<'_>) -> Result<(), Failure> {
        let mut accounts = self.accounts.iter();
        let person = Person::of(None, accounts.next().map(String::as_str));
        if accounts.next().is_some() {
            return Err(archive::Error::Refused(Refused::SeveralPeople).into());
        }
        if run.request.dry_run {
            run.archive.admits(&person)?;
        } else {
            run.archive.bind(false, &person)?;
        }
        Ok(())
    }

    /// Looks at what the archive holds, and settles on the zones.
    pub(super) fn recall(&mut self, run: &Run<'_>) -> Result<(), Failure> {
        self.stored = run.archive.days(Detail::Sec1)?;
        let own: Zones = run
            .request
            .zones
            .iter()
            .map(|known| named(known.zone))
            .collect();
        let mut remembered = Zones::new();
        for day in &self.stored {
            // A damaged file is reported when its turn comes.
            let footer = run.archive.footer(Detail::Sec1, *day).ok().flatten();
            let footer = footer.filter(|footer| footer.meta.providers.contains(&Provider::Takeout));
            let zones = footer.and_then(|footer| footer.meta.timezone);
            let zones = zones.iter().flat_map(|zones| zones.split(','));
            // An offset was the clock of its own days.
            for zone in zones.filter(|zone| !zone.starts_with(['+', '-'])) {
                remembered.extend(zone.parse().ok().map(named));
            }
        }
        self.zone_is_new = self.zones.keys().any(|zone| !remembered.contains_key(zone));
        remembered.retain(|zone, _| !own.contains_key(zone));
        remembered.extend(self.zones.clone());
        let profiles = remembered.into_values().map(|zone| Candidate {
            zone,
            evidence: Evidence::Profile,
        });
        self.candidates = profiles.chain(run.request.zones.iter().copied()).collect();
        Ok(())
    }
}

fn counted<T>(
    account: &mut super::Account,
    source: &Source<'_>,
    decoded: Result<Decoded<T>, Fault>,
) -> Option<Vec<T>> {
    match decoded {
        Ok(decoded) => {
            account.other_files += 1;
            account.skip_records(source, &decoded.faults, decoded.faulty);
            Some(decoded.records)
        }
        Err(fault) => {
            let refusal = Refusal::at(fault.offset, fault.problem);
            account.skip(super::Skip::file(source, refusal));
            None
        }
    }
}

/// The one that the archive would keep.
fn the_better(a: f64, b: f64) -> f64 {
    let day = |bpm| {
        let mut file = DayFile::new(Day::empty(NaiveDate::MIN, Detail::Sec1, Provider::Takeout));
        file.day.summary.resting_bpm = Some(bpm);
        file
    };
    merge(day(a), day(b)).day.summary.resting_bpm.unwrap_or(a)
}
