//! Lives, outages, kills, late data and clocks that are years off, all at random; in the end the archive is held against the
//! truth. `FITBIT_HR_MODEL_SEEDS=1000` plays more of them, `FITBIT_HR_MODEL_FIRST_SEED=17` begins at another.

use crate::files;
use crate::program::{GOOGLE_ID, google_scopes};
use crate::secrets;
use crate::server::Server;
use crate::world::{Dice, Shared, Trouble, World};
use chrono::{TimeDelta, Utc};
use fitbit_hr::archive::Archive;
use fitbit_hr::civil;
use fitbit_hr::config::Provider;
use fitbit_hr::config::{Client, Endpoints};
use fitbit_hr::console::{Console, Style};
use fitbit_hr::day::Detail;
use fitbit_hr::environment::Network;
use fitbit_hr::google::Google;
use fitbit_hr::hint::Invocation;
use fitbit_hr::http::{Http, Route};
use fitbit_hr::live::{Service, Zones};
use fitbit_hr::oauth::{Access, Exchange, Renewals, Store, Token};
use fitbit_hr::progress::Progress;
use fitbit_hr::secret::Secret;
use fitbit_hr::sync::pace::Patience;
use fitbit_hr::sync::{self, Options, Target};
use fitbit_hr::zone::Tz;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const HOUR: i64 = 3_600_000;
const DAYS: i64 = 14;

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

/// One machine that syncs with one service.
struct Machine {
    folder: TempDir,
    _server: Server,
    world: Shared,
    /// One for all runs: what makes it slow is TLS, which is not used here.
    source: Service,
}

impl Machine {
    fn new(world: World) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (server, world) = (Server::start(), world.share());
        world.serve(&server);
        let quiet = Style {
            quiet: true,
            ..Style::default()
        };
        let console = Arc::new(Console::new(quiet, Invocation::default()));
        Self {
            source: source(&server, &console, folder.path()),
            folder,
            _server: server,
            world,
        }
    }

    fn place(&self) -> Target {
        Target {
            archive: Archive::open(&self.folder.path().join("archive"), None),
            zones: Zones {
                fixed: None,
                // What the login remembers of the account.
                likely: Tz::of("America/New_York"),
                is_guess: false,
            },
            requests_per_second: 1000.0,
            progress: Progress::default(),
        }
    }

    /// Syncs; `None` if it was killed after this time.
    async fn sync(&self, options: Options, kill_after: Option<Duration>) -> Option<sync::Report> {
        let place = self.place();
        let run = sync::run(&options, &self.source, &place);
        match kill_after {
            Some(after) => tokio::time::timeout(after, run).await.ok()?.ok(),
            None => run.await.ok(),
        }
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        files::below(&self.folder.path().join("archive/heart_rate"))
    }
}

fn source(server: &Server, console: &Arc<Console>, folder: &Path) -> Service {
    let console = Arc::clone(console);
    let http = Http::new(1000.0, Route::Loopback, &Network::default(), console).expect("TLS");
    let http = Arc::new(http);
    let endpoints = Endpoints {
        authorize: server.url("/authorize"),
        token: server.url("/token"),
        revoke: server.url("/revoke"),
        api: server.url(""),
        vouched: true,
    };
    let client = Client {
        id: GOOGLE_ID.to_owned(),
        secret: Some(Secret::new(secrets::CLIENT_SECRET)),
    };
    let now = Utc::now();
    let token = Token {
        access_token: Secret::new(secrets::ACCESS),
        refresh_token: Some(Secret::new(secrets::REFRESH)),
        scopes: google_scopes(),
        obtained_at: now,
        access_expires_at: now + TimeDelta::hours(1),
        login_expires_at: None,
        client_id: Some(GOOGLE_ID.to_owned()),
        origins: None,
        account: None,
        legacy_account: None,
        timezone: None,
    };
    let exchange = Exchange::new(Arc::clone(&http), Provider::GOOGLE, client, endpoints);
    let store = Store::new(folder.join("token.json"));
    let access = Access::new(store, exchange, token, Renewals::default()).expect("its own login");
    let access = Arc::new(access);
    let provider = Provider::GOOGLE;
    Service::Google(Google::new(http, access, server.url(""), provider))
}

fn options(detail: Detail) -> Options {
    Options {
        heart_rate: true,
        extracts: Vec::new(),
        by_name: false,
        from: None,
        to: None,
        detail,
        refetch: None,
        verify: false,
        patience: Patience {
            max_wait: Some(Duration::from_secs(20)),
            terminal: false,
        },
    }
}

/// What has happened in a life, for whoever has to find out why it went wrong.
#[derive(Debug)]
struct Diary {
    seed: u64,
    lines: Vec<String>,
}

impl std::fmt::Display for Diary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "seed {}\n{}\n", self.seed, self.lines.join("\n"))
    }
}

/// One life from the first day to some days after the last.
async fn live(seed: u64) {
    let mut dice = Dice::new(seed);
    let machine = Machine::new(World::random(&mut dice, DAYS));
    let mut diary = Diary {
        seed,
        lines: Vec::new(),
    };
    let end = machine.world.lock().beats.last().expect("some").instant;
    machine.world.lock().now += (24 + dice.roll(96)) * HOUR;
    let mut used_minutes = false;
    while machine.world.lock().now < end {
        let trouble = match dice.roll(3) {
            0 => Trouble::None,
            _ => Trouble::Passing(3 + dice.roll(12)),
        };
        let detail = if dice.one_in(4) {
            Detail::Min1
        } else {
            Detail::Sec1
        };
        used_minutes |= detail == Detail::Min1;
        let kill = dice
            .one_in(3)
            .then(|| Duration::from_micros(dice.roll(60_000).unsigned_abs()));
        let options = Options {
            refetch: dice
                .one_in(5)
                .then(|| u32::try_from(dice.roll(5)).expect("small")),
            verify: dice.one_in(6),
            ..options(detail)
        };
        let (now, sync) = {
            let mut world = machine.world.lock();
            world.trouble = trouble;
            (
                civil::rfc3339(world.now),
                world.last_sync().map(civil::rfc3339),
            )
        };
        let report = machine.sync(options, kill).await;
        let line = report.map_or("no report".to_owned(), |report| {
            format!(
                "{} left {:?} failed {:?} end {:?}",
                report.line(),
                report.left,
                report.failed,
                report.end
            )
        });
        diary.lines.push(format!(
            "{now}, device {sync:?}, {detail}, {trouble:?}, killed {kill:?}: {line}"
        ));
        every_day_is_whole(&machine, &diary);
        machine.world.lock().now += (1 + dice.roll(60)) * HOUR;
    }
    {
        let mut world = machine.world.lock();
        let all_there = *world.syncs.last().expect("some");
        // The device is away for good, and this is no moment at which a day settles.
        world.now = all_there + (15 * 24 + dice.roll(48)) * HOUR + HOUR / 2;
        world.trouble = Trouble::None;
    }
    let mut details = vec![Detail::Sec1];
    details.extend(used_minutes.then_some(Detail::Min1));
    for detail in details {
        // A day of which only some samples came along, with a day beside it, is whole after another look.
        for _ in 0..2 {
            let report = machine.sync(options(detail), None).await.expect("a report");
            assert!(
                report.end.is_none() && report.failed.is_empty(),
                "{diary}{report:?}"
            );
            diary.lines.push(report.line());
        }
        the_archive_is_the_truth(&machine, detail, &diary);
        let before = machine.files();
        let requests = machine.source.requests();
        let again = machine.sync(options(detail), None).await.expect("a report");
        let requests = machine.source.requests() - requests;
        assert!(requests <= 16, "{diary}{requests}: {}", again.line());
        let after = machine.files();
        let changed: Vec<_> = after
            .iter()
            .filter(|(path, bytes)| before.get(*path) != Some(*bytes))
            .map(|(path, _)| path)
            .collect();
        assert!(
            changed.is_empty() && after.len() == before.len(),
            "{diary}{}\na second run changes {changed:?}",
            again.line()
        );
    }
}

/// Whatever happened: every file can be read, what is there is what had arrived, and a settled day has no hole.
///
/// A day that is open may have one where a day beside it could not be had.
fn every_day_is_whole(machine: &Machine, diary: &Diary) {
    let archive = machine.place().archive;
    let world = machine.world.lock();
    for date in archive.days(Detail::Sec1).expect("listed") {
        let file = archive.read(Detail::Sec1, date);
        let file = file.expect("readable").expect("there");
        let truth: Vec<_> = world.truth(date).iter().map(|beat| beat.instant).collect();
        let kept = file.day.samples.iter().filter_map(|sample| sample.instant);
        let kept: Vec<_> = kept.collect();
        let whole = if file.meta.settled {
            truth.starts_with(&kept)
        } else {
            kept.is_sorted() && kept.iter().all(|instant| truth.contains(instant))
        };
        assert!(whole, "{diary}{date} has holes");
    }
}

fn the_archive_is_the_truth(machine: &Machine, detail: Detail, diary: &Diary) {
    let archive = machine.place().archive;
    let world = machine.world.lock();
    // Means are cut into days by the account's clock, samples by their own.
    let dates = match detail {
        Detail::Sec1 => world.dates(),
        Detail::Min1 | Detail::Min5 | Detail::Min15 => world.dates_at_home(),
    };
    let wanted_from = *archive.days(detail).expect("listed").first().expect("some");
    assert!(
        wanted_from <= *dates.first().expect("some"),
        "{diary}it begins with {wanted_from}"
    );
    for date in dates {
        let file = archive.read(detail, date).expect("readable");
        let file = file.unwrap_or_else(|| panic!("{diary}{date} is missing"));
        let expected: Vec<(i64, u16)> = match detail {
            Detail::Sec1 => {
                let truth = world.truth(date);
                truth.iter().map(|beat| (beat.instant, beat.bpm)).collect()
            }
            Detail::Min1 | Detail::Min5 | Detail::Min15 => world.true_minutes(date),
        };
        let found = file.day.samples.iter();
        let found: Vec<_> = found
            .filter_map(|sample| Some((sample.instant?, sample.bpm)))
            .collect();
        assert!(
            found == expected,
            "{diary}{date} at {detail}: {} of {}",
            found.len(),
            expected.len()
        );
        assert!(file.meta.settled, "{diary}{date}");
        let resting = world.resting.get(&date).map(|(bpm, _)| f64::from(*bpm));
        assert!(
            file.day.summary.resting_bpm == resting,
            "{diary}{date} {resting:?}"
        );
    }
}

#[test]
fn whatever_happens_the_archive_ends_as_the_truth() {
    let seeds = number("FITBIT_HR_MODEL_SEEDS", 12);
    let first = number("FITBIT_HR_MODEL_FIRST_SEED", 0);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    for seed in first..first + seeds {
        runtime.block_on(live(seed));
    }
}
