//! `fitbit-hr import`: Takeout and account-export archives into the archive. No network, no account.

use super::blocking::blocking;
use super::context::Context;
use crate::archive::Refused;
use crate::archive::{self, Archive};
use crate::error::Error;
use crate::import::{self, Request};
use crate::progress::Progress;
use crate::takeout::record_filter::RecordFilter;
use crate::takeout::wearer_clock::{Candidate, Evidence};
use crate::zone::Tz;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr import takeout-*.zip              all parts of a Takeout
  fitbit-hr import MyFitbitData.zip Takeout   several exports, as one input
  fitbit-hr import takeout-001.tgz --dry-run  what would be done
  fitbit-hr import heart_rate-2017-06-01.json one file

All heart-rate files are found by their names, in any folder; nothing is
unpacked to disk. Time stamps in the files are UTC. The wearer's clock is
recovered from the files themselves: each JSON file holds one day of it. What
they leave open follows the zone in Profile.csv, then the keys file's, then this
machine's; --timezone overrules all of it.

Importing the same files again, or overlapping exports in any order, gives the
same archive.";

/// Options of `import`.
#[allow(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Zip or tgz files, unpacked folders, single files; all parts of a split export
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The wearer's time zone, an IANA name, instead of what the files prove
    #[arg(long, value_name = "TZ")]
    timezone: Option<Tz>,
    /// Leave out samples of a confidence below this, 0 to 3; samples without one are kept
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=3))]
    min_confidence: u8,
    /// Import records of 70 bpm at confidence 0, which mean "no reading yet"
    #[arg(long)]
    keep_placeholders: bool,
    /// Say what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    fn request(&self, context: &Context) -> Request {
        let zones = [
            (context.settings.timezone, Evidence::Keys),
            (context.environment.timezone, Evidence::Machine),
        ];
        Request {
            paths: self.paths.clone(),
            timezone: self.timezone,
            zones: zones
                .into_iter()
                .filter_map(|(zone, evidence)| {
                    Some(Candidate {
                        zone: zone?,
                        evidence,
                    })
                })
                .collect(),
            filter: RecordFilter {
                keep_placeholders: self.keep_placeholders,
                min_confidence: self.min_confidence,
            },
            dry_run: self.dry_run,
            now: context.now,
            waiting_bytes: import::WAITING_BYTES,
            threads: std::thread::available_parallelism().map_or(2, |n| n.get().clamp(1, 8)),
        }
    }
}

pub async fn run(args: Args, context: &Context) -> Result<(), Error> {
    let request = args.request(context);
    if context.demo.is_some() {
        let refused = Refused::MadeUp(context.archive().root().to_owned());
        return Err(archive::Error::Refused(refused).into());
    }
    context.archive().admits_kind(false)?;
    let archive = Archive::open(
        &context.settings.archive,
        context.settings.profile.as_deref(),
    );
    let root = archive.root().to_owned();
    let console = Arc::clone(&context.console);
    let report =
        blocking(move |stop| import::run(&request, &archive, &Progress::new(console, stop)));
    let report = report.await?;
    let console = &context.console;
    let by_machine = report.total.evidence.contains_key(&Evidence::Machine);
    for line in report.lines(args.dry_run) {
        console.say(&line);
    }
    for note in report.notes() {
        console.note(&note);
    }
    if let (true, Some(zone)) = (by_machine, context.environment.timezone) {
        console.note(&format!("this machine's time zone is {zone}; --timezone, or timezone in the keys file, overrules it"));
    }
    for warning in report.warnings() {
        console.warn(&warning);
    }
    if context.global.json {
        let mut said = report.json();
        said["command"] = json!("import");
        said["archive"] = json!(root.display().to_string());
        said["dry_run"] = json!(args.dry_run);
        console.json(&said)?;
    }
    report.outcome()?;
    Ok(())
}
