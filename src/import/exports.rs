//! What each export says beside its heart rate: the profile's zone, the nights, and of which days it has files. Kept beside
//! the archive, so that parts that come one by one make what all make at once.
//!
//! An export is told by the stamp in its name. Without one it is what lies in the same folder: a file goes with the
//! profile that is nearest to it, in its own zip or folder, then in the one around it, up to the folder that was given (of a
//! file that was given: the folder that it lies in). One export proves nothing about the days of another. Names and
//! paths are kept as hashes, of paths relative to the archive.

use crate::archive::{DayRanges, Error, Fault};
use crate::atomic_file::{self, Access};
use crate::file_version;
use crate::takeout::sleeps::{self, Night};
use crate::takeout::wearer_clock::{Candidate, Evidence, Span};
use crate::zone::Tz;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Stands above `heart_rate/`, as the archive's locks do: no reader of the data set meets it.
const NAME: &str = ".fitbit-hr.exports.json";
/// What this version writes.
const VERSION: u32 = 1;

/// Which export a file belongs to: places from the innermost outwards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    places: Vec<String>,
    made: Option<i64>,
}

impl Identity {
    /// Of a file in `container`, which lies in `folder` or is it; `made` by the stamp in its path.
    #[must_use]
    pub fn of(container: &Path, folder: &Path, archive: &Path, made: Option<i64>) -> Self {
        let hash = |text: &str| format!("{:016x}", fnv(text.as_bytes()));
        if let Some(made) = made {
            let places = vec![hash(&made.to_string())];
            return Self {
                places,
                made: Some(made),
            };
        }
        let [container, folder, archive] = [container, folder, archive]
            .map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        let within = container
            .ancestors()
            .take_while(|path| path.starts_with(&folder));
        let places = within.map(|path| hash(&relative(path, &archive))).collect();
        Self { places, made: None }
    }
}

/// The path from `base` to `path`, with `/` between its parts.
fn relative(path: &Path, base: &Path) -> String {
    let (path, base): (Vec<_>, Vec<_>) = (path.components().collect(), base.components().collect());
    let shared = path.iter().zip(&base).take_while(|(a, b)| a == b).count();
    let up = base.iter().skip(shared).map(|_| "..".to_owned());
    let down = path.iter().skip(shared).map(|part| part.as_os_str());
    let down = down.map(|part| part.to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// FNV-1a: the same on every machine and in every version.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// What one export says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Export {
    #[serde(default)]
    made: Option<i64>,
    /// Of its profiles.
    #[serde(default)]
    zones: BTreeSet<String>,
    /// In the names of its heart-rate files.
    #[serde(default)]
    days: DayRanges,
    /// As they are written.
    #[serde(default)]
    nights: BTreeSet<Night>,
    /// When sleeps began by `sleep-*.json`, on the wearer's clock.
    #[serde(default)]
    sleeps: BTreeSet<i64>,
}

/// All exports so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exports {
    /// By their places from the innermost outwards, with blanks between.
    #[serde(default)]
    exports: BTreeMap<String, Export>,
    /// Days whose place in the archive was decided by `--timezone`, which proves nothing about others.
    #[serde(default)]
    pub given: DayRanges,
}

impl Exports {
    /// What is kept beside the archive below `root`; nothing where the file is missing or damaged.
    ///
    /// # Errors
    /// Fails when a newer version of the program wrote it.
    pub fn read(root: &Path) -> Result<Self, Error> {
        let path = root.join(NAME);
        let bytes = fs::read(&path).unwrap_or_default();
        if file_version::is_newer(&bytes, VERSION) {
            let fault = Fault::Newer;
            return Err(Error::Unreadable { path, fault });
        }
        Ok(serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// Keeps it.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn write(&self, root: &Path) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::Encode(format!("what exports say: {error}")))?;
        let file = atomic_file::with_bytes(&root.join(NAME), &text, Access::Shared);
        file.and_then(atomic_file::Pending::commit)
            .map(drop)
            .map_err(Error::Write)
    }

    fn of(&mut self, identity: &Identity) -> &mut Export {
        let export = self.exports.entry(identity.places.join(" ")).or_default();
        export.made = identity.made;
        export
    }

    /// A heart-rate file of a day.
    pub fn has_day(&mut self, identity: &Identity, day: NaiveDate) {
        self.of(identity).days.insert(day);
    }

    /// The zone of a profile.
    pub fn has_zone(&mut self, identity: &Identity, zone: Tz) {
        self.of(identity).zones.insert(zone.name().to_owned());
    }

    /// Nights with offsets.
    pub fn has_nights(&mut self, identity: &Identity, nights: Vec<Night>) {
        self.of(identity).nights.extend(nights);
    }

    /// When sleeps began.
    pub fn has_sleeps(&mut self, identity: &Identity, starts: Vec<i64>) {
        self.of(identity).sleeps.extend(starts);
    }

    /// The exports that share the innermost place at which any says something.
    fn nearest<'a>(&'a self, places: &str, says: impl Fn(&Export) -> bool) -> Vec<&'a Export> {
        let all = |place: &str| {
            let shares = |key: &str| key.split(' ').any(|other| other == place);
            let exports = self.exports.iter();
            let near = exports.filter(|(key, export)| shares(key) && says(export));
            near.map(|(_, export)| export).collect::<Vec<_>>()
        };
        let mut near = places.split(' ').map(all);
        near.find(|near| !near.is_empty()).unwrap_or_default()
    }

    /// The zones that may explain what files leave open: each day's own, then those of the person and the machine.
    #[must_use]
    pub fn zones(&self, others: &[Candidate]) -> Zones {
        let mut ranked: BTreeMap<NaiveDate, BTreeSet<(std::cmp::Reverse<i64>, &str)>> =
            BTreeMap::new();
        for (places, export) in &self.exports {
            let near = self.nearest(places, |export| !export.zones.is_empty());
            let made = std::cmp::Reverse(export.made.unwrap_or(i64::MIN));
            let zones: BTreeSet<&String> = near.iter().flat_map(|near| &near.zones).collect();
            for day in export.days.iter().filter(|_| !zones.is_empty()) {
                let known = ranked.entry(day).or_default();
                known.extend(zones.iter().map(|zone| (made, zone.as_str())));
            }
        }
        let candidate = |(_, zone): &(_, &str)| {
            Some(Candidate {
                zone: zone.parse().ok()?,
                evidence: Evidence::Profile,
            })
        };
        Zones {
            of_days: ranked
                .iter()
                .map(|(day, zones)| (*day, zones.iter().filter_map(candidate).collect()))
                .collect(),
            others: others.to_vec(),
        }
    }

    /// The offsets that nights state.
    #[must_use]
    pub fn spans(&self) -> BTreeSet<Span> {
        let mut spans = BTreeSet::new();
        for (places, export) in &self.exports {
            if export.nights.is_empty() {
                continue;
            }
            let near = self.nearest(places, |export| !export.sleeps.is_empty());
            let sleeps: BTreeSet<i64> = near.iter().flat_map(|near| near.sleeps.clone()).collect();
            // All nights of one export are written alike.
            let alike = self.nearest(places, |export| !export.nights.is_empty());
            let nights: BTreeSet<Night> =
                alike.iter().flat_map(|near| near.nights.clone()).collect();
            let clock = sleeps::clock(&nights, &sleeps);
            let stated = export.nights.iter().filter_map(|night| night.stated(clock));
            spans.extend(stated.map(|(first, last, utc_offset)| Span {
                first,
                last,
                utc_offset,
                evidence: Evidence::Sleeps,
            }));
        }
        spans
    }
}

/// The zones that may explain a day.
#[derive(Debug, Clone, Default)]
pub struct Zones {
    of_days: BTreeMap<NaiveDate, Vec<Candidate>>,
    others: Vec<Candidate>,
}

impl Zones {
    /// In the order in which they are tried. A file of UTC lies in two days of the wearer, so a day of which no export
    /// has a file goes with its neighbours.
    #[must_use]
    pub fn at(&self, day: NaiveDate) -> Vec<Candidate> {
        let own = self.of_days.get(&day);
        let around = [day.pred_opt(), day.succ_opt()].into_iter().flatten();
        let around = around.filter_map(|day| self.of_days.get(&day));
        let profiles = own.into_iter().chain(around.filter(|_| own.is_none()));
        let mut all: Vec<Candidate> = Vec::new();
        for candidate in profiles.flatten().chain(&self.others) {
            if !all.iter().any(|known| known.zone == candidate.zone) {
                all.push(*candidate);
            }
        }
        all
    }
}

/// The days within so many days of a span.
pub fn days_near(span: &Span, within: u64) -> impl Iterator<Item = NaiveDate> {
    let [first, last] = [span.first, span.last].map(crate::takeout::wearer_clock::date);
    let (first, last) = (first - Days::new(within), last + Days::new(within));
    first.iter_days().take_while(move |day| *day <= last)
}
