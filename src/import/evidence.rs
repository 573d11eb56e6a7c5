//! What the exports of this run say beside their heart rate, together with what is kept of earlier ones: zones, nights,
//! resting heart rates.

use super::error::Error;
use super::exports::{Exports, Identity, Zones, days_near};
use super::inventory::Inventory;
use super::member::Location;
use super::report::Report;
use super::request::Request;
use super::run::Run;
use super::skip::{Skip, Source};
use crate::archive::Refused;
use crate::archive::owner::Person;
use crate::archive::{self, DayFile, merge};
use crate::day::{Day, Detail, Provider};
use crate::progress::Event;
use crate::takeout::input::{Buffers, Refusal, read_file};
use crate::takeout::name::Kind;
use crate::takeout::record::{Decoded, Fault};
use crate::takeout::resting::{self, Resting};
use crate::takeout::wearer_clock::Span;
use crate::takeout::{profile, sleeps};
use chrono::{Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// How far the clock of a day is decided by what nights state.
const SPAN_REACH_DAYS: u64 = 13;

/// Everything known before the first day is made.
#[derive(Debug)]
pub(super) struct Known {
    /// The zones of the profiles in the input, by name.
    pub profiles: BTreeSet<&'static str>,
    /// The accounts that the profiles name.
    pub accounts: BTreeSet<String>,
    /// What is kept of all exports, this run's included.
    pub exports: Exports,
    /// The same before this run.
    before: Exports,
    /// Of nights.
    pub spans: BTreeSet<Span>,
    /// By the wearer's day.
    pub resting: BTreeMap<NaiveDate, f64>,
    /// The zones that may explain what files leave open.
    pub zones: Zones,
    /// The archive's days, ascending.
    pub stored: Vec<NaiveDate>,
    /// Days of the archive of which this run's exports prove something new: they are looked at again.
    pub review: BTreeSet<NaiveDate>,
    /// Days that follow are nothing: they are still to come.
    last_day: NaiveDate,
}

impl Known {
    pub(super) fn new(request: &Request, before: Exports) -> Self {
        Self {
            profiles: BTreeSet::new(),
            accounts: BTreeSet::new(),
            exports: before.clone(),
            before,
            spans: BTreeSet::new(),
            resting: BTreeMap::new(),
            zones: Zones::default(),
            stored: Vec::new(),
            review: BTreeSet::new(),
            // The wearer may be ahead of UTC.
            last_day: request.now.date_naive() + Days::new(1),
        }
    }

    /// `--timezone` decided the place of a day of the archive.
    pub(super) fn is_given(&self, day: NaiveDate) -> bool {
        self.before.given.contains(day)
    }

    /// Reads the inventory's evidence; what is read is taken out of it.
    pub(super) fn read(&mut self, run: &Run<'_>, inventory: &mut Inventory) {
        for member in &inventory.members {
            let identity = inventory.identities.get(member.export);
            if let Some((identity, day)) = identity.zip(member.kind.day()) {
                self.exports.has_day(identity, day);
            }
        }
        let mut buffers = Buffers::default();
        for member in &std::mem::take(&mut inventory.evidence) {
            let Some(identity) = inventory.identities.get(member.export) else {
                continue;
            };
            let bytes = match &member.place {
                Location::Zip(at, place) => match inventory.zips.get(*at) {
                    Some(open) => open.zip.read(*place, member.kind.max_bytes(), &mut buffers),
                    None => continue,
                },
                Location::File(path) => read_file(path, member.kind.max_bytes(), &mut buffers),
                Location::Kept(_) => continue,
            };
            let source = member.source(&inventory.zips);
            match bytes {
                Ok(bytes) => self.decode(run, member.kind, bytes, &source, identity),
                Err(refusal) => run.report().skip(Skip::file(source, refusal)),
            }
            run.progress.tell(Event::Advances(member.bytes));
        }
    }

    /// Takes in one file.
    pub(super) fn decode(
        &mut self,
        run: &Run<'_>,
        kind: Kind,
        bytes: &[u8],
        source: &Source<'_>,
        identity: &Identity,
    ) {
        let mut report = run.report();
        report.bytes += bytes.len() as u64;
        match kind {
            Kind::Profile => {
                report.other_files += 1;
                if let Some(zone) = profile::decode(bytes) {
                    self.profiles.insert(zone.name());
                    self.exports.has_zone(identity, zone);
                }
                self.accounts.extend(profile::account(bytes));
                return;
            }
            Kind::Sleeps | Kind::SleepStages => {
                let decoded = if kind == Kind::Sleeps {
                    sleeps::decode(bytes)
                } else {
                    sleeps::decode_stages(bytes)
                };
                let nights = counted(&mut report, source, decoded.map(Decoded::of));
                self.exports
                    .has_nights(identity, nights.unwrap_or_default());
                return;
            }
            Kind::SleepLog => {
                // What cannot be read of it explains nothing, and loses nothing.
                report.other_files += 1;
                let starts = sleeps::decode_log(bytes).unwrap_or_default();
                self.exports.has_sleeps(identity, starts);
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
        for Resting { day, bpm } in counted(&mut report, source, decoded).unwrap_or_default() {
            let known = self.resting.entry(day).or_insert(bpm);
            *known = the_better(*known, bpm);
        }
        report.resting_days = self.resting.len() as u64;
    }

    /// Sees to it that the exports are of one person, and the archive is that person's.
    pub(super) fn owner(&self, run: &Run<'_>) -> Result<(), Error> {
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
    pub(super) fn recall(&mut self, run: &Run<'_>) -> Result<(), Error> {
        self.stored = run.archive.days(Detail::Sec1)?;
        self.zones = self.exports.zones(&run.request.zones);
        self.spans = self.exports.spans();
        let (zones, spans) = (self.before.zones(&run.request.zones), self.before.spans());
        let news = self.spans.symmetric_difference(&spans);
        let near: BTreeSet<NaiveDate> = news
            .flat_map(|span| days_near(span, SPAN_REACH_DAYS))
            .collect();
        let stored = self.stored.iter().copied();
        let changed = |day: &NaiveDate| near.contains(day) || self.zones.at(*day) != zones.at(*day);
        self.review = stored.filter(changed).collect();
        Ok(())
    }
}

fn counted<T>(
    report: &mut Report,
    source: &Source<'_>,
    decoded: Result<Decoded<T>, Fault>,
) -> Option<Vec<T>> {
    match decoded {
        Ok(decoded) => {
            report.other_files += 1;
            report.skip_records(source, &decoded.faults, decoded.faulty);
            Some(decoded.records)
        }
        Err(fault) => {
            let refusal = Refusal::at(fault.offset, fault.problem);
            report.skip(Skip::file(source, refusal));
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
