//! Measures the archive, and fills one with made-up days: `cargo bench --bench archive -- COMMAND`; see `README.md`.

#![allow(clippy::print_stdout, reason = "a driver for people, run by hand")]

use chrono::{Days, NaiveDate};
use fitbit_hr::archive::heart_rate::codec;
use fitbit_hr::archive::{Archive, DayFile, Series, merge};
use fitbit_hr::day::{Day, Detail, Provider, Sample};
use std::error::Error;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

const USAGE: &str = "usage: fill FOLDER (classic|dense) FIRST_DAY DAYS | codec";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["fill", folder, shape, first, days] => fill(
            Path::new(folder),
            &Shape::named(shape)?,
            first.parse()?,
            days.parse()?,
        ),
        ["codec"] => codec(),
        _ => {
            println!("{USAGE}");
            Ok(())
        }
    }
}

/// The measured shapes of real days.
#[derive(Clone, Copy)]
struct Shape {
    samples: i64,
    /// Steps in seconds, each for a hundredth of the time.
    steps: [i64; 100],
    /// Confidences, likewise.
    confidences: [u8; 100],
}

impl Shape {
    fn named(name: &str) -> Result<Self, String> {
        match name {
            "classic" => Ok(Self {
                samples: 10_800,
                steps: shares(&[(5, 49), (10, 29), (15, 22)]),
                confidences: shares(&[(0, 1), (1, 15), (2, 48), (3, 36)]),
            }),
            "dense" => Ok(Self {
                samples: 38_000,
                steps: shares(&[(1, 16), (2, 44), (3, 40)]),
                confidences: shares(&[(0, 1), (1, 2), (2, 71), (3, 26)]),
            }),
            _ => Err(format!("'{name}' is neither classic nor dense")),
        }
    }

    /// A day that is the same for the same date.
    fn day(&self, date: NaiveDate) -> DayFile {
        let utc_offset = -14_400;
        let midnight = date.and_time(chrono::NaiveTime::MIN).and_utc();
        let start = midnight.timestamp_millis() - i64::from(utc_offset) * 1000;
        let mut dice = Dice(midnight.timestamp().unsigned_abs());
        let mut day = Day::empty(date, Detail::Sec1, Provider::Takeout);
        for source in &mut day.sources {
            source.device = Some("Inspire 3".to_owned());
        }
        let (mut second, mut bpm) = (0, 70_i16);
        for _ in 0..self.samples {
            if second >= 86_400 {
                break;
            }
            bpm = (bpm + WALK[dice.roll()]).clamp(45, 180);
            let mut sample = Sample::at(start + second * 1000, utc_offset, bpm.unsigned_abs());
            sample.confidence = Some(self.confidences[dice.roll()]);
            day.samples.push(sample);
            second += self.steps[dice.roll()];
        }
        let mut file = DayFile::new(day);
        file.meta.settled = true;
        file.meta.timezone = Some("America/New_York".to_owned());
        file.day.summary.resting_bpm = Some(58.25);
        file
    }
}

/// How the beats go from sample to sample.
const WALK: [i16; 100] = {
    let mut walk = [0; 100];
    let mut n = 0;
    while n < 100 {
        walk[n] = match n {
            0..5 => -2,
            5..25 => -1,
            25..75 => 0,
            75..95 => 1,
            _ => 2,
        };
        n += 1;
    }
    walk
};

fn shares<T: Copy + Default>(parts: &[(T, usize)]) -> [T; 100] {
    let mut all = [T::default(); 100];
    let values = parts
        .iter()
        .flat_map(|(value, share)| std::iter::repeat_n(*value, *share));
    for (slot, value) in all.iter_mut().zip(values) {
        *slot = value;
    }
    all
}

/// Numbers that are the same everywhere.
struct Dice(u64);

impl Dice {
    /// 0 to 99.
    fn roll(&mut self) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695);
        usize::try_from((self.0 >> 33) % 100).unwrap_or_default()
    }
}

/// Writes days into an archive, on as many threads as there are cores.
fn fill(folder: &Path, shape: &Shape, first: NaiveDate, days: u64) -> Result<(), Box<dyn Error>> {
    let archive = Archive::open(folder, None);
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let start = Instant::now();
    let write = |thread: u64| -> Result<(), String> {
        for day in (thread..days).step_by(usize::try_from(threads).unwrap_or(1)) {
            let date = first
                .checked_add_days(Days::new(day))
                .ok_or("no such day")?;
            archive
                .update(&shape.day(date))
                .map_err(|error| format!("{error:?}"))?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|n| scope.spawn(move || write(n)))
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or(Err("a thread died".to_owned())))
    })?;
    let bytes: u64 = archive
        .entries(&Series::heart_rate(Detail::Sec1))
        .map_err(|error| format!("{error:?}"))?
        .iter()
        .map(|entry| entry.bytes)
        .sum();
    println!(
        "{days} days in {:.2?}; {} bytes a day",
        start.elapsed(),
        bytes / days.max(1)
    );
    Ok(())
}

/// Encodes and decodes one day of each shape; prints medians.
fn codec() -> Result<(), Box<dyn Error>> {
    let date = NaiveDate::from_ymd_opt(2024, 6, 1).ok_or("no such day")?;
    for name in ["classic", "dense"] {
        let day = Shape::named(name)?.day(date);
        let key = Series::heart_rate(Detail::Sec1).day(date);
        let size = codec::encode(&day)?.len();
        let mut merged = Vec::new();
        let mut made = Vec::new();
        let mut read = Vec::new();
        for _ in 0..51 {
            let start = Instant::now();
            let day = merge::normalized(day.clone());
            merged.push(start.elapsed());
            let start = Instant::now();
            let bytes = codec::encode(&day)?;
            made.push(start.elapsed());
            let start = Instant::now();
            let decoded = codec::decode(&bytes.into(), &key).map_err(|fault| fault.why())?;
            read.push(start.elapsed());
            assert_eq!(decoded.day.samples.len(), day.day.samples.len());
        }
        let median = |mut times: Vec<Duration>| {
            times.sort_unstable();
            times[times.len() / 2]
        };
        println!(
            "{name}: {} samples, {} bytes; normalized in {:.2?}, encoded in {:.2?}, decoded in {:.2?}",
            day.day.samples.len(),
            size,
            median(merged),
            median(made),
            median(read)
        );
    }
    Ok(())
}
