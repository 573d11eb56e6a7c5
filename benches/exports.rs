//! Makes exports up, in the measured shapes: `cargo bench --bench exports -- TARGET SHAPE FIRST_DAY DAYS [twins]`; see
//! `README.md`.
//!
//! `TARGET` is a folder to write files into, or a name that ends in `.zip`. The wearer lives in New York, and the JSON
//! loses what Fitbit's loses in the repeated hour of autumn.

#![allow(clippy::print_stdout, reason = "a driver for people, run by hand")]

use chrono::{DateTime, Days, NaiveDate, Offset, TimeZone, Timelike};
use fitbit_hr::zone::Tz;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::{CompressionMethod, ZipArchiveWriter};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

const USAGE: &str = "usage: (FOLDER|FILE.zip) (classic|dense) FIRST_DAY DAYS [twins]";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [target, shape, first, days, twins @ ..] = arguments.as_slice() else {
        println!("{USAGE}");
        return Ok(());
    };
    make(
        Path::new(target),
        shape_of(shape)?,
        first.parse()?,
        days.parse()?,
        twins == ["twins"],
    )
}

/// Steps between samples in seconds, and confidences, each for a hundredth of the time.
type Shape = (&'static [(i64, u64)], &'static [(u8, u64)]);

fn shape_of(name: &str) -> Result<Shape, String> {
    match name {
        "classic" => Ok((
            &[(5, 52), (10, 27), (15, 15), (3, 6)],
            &[(0, 1), (1, 15), (2, 48), (3, 36)],
        )),
        "dense" => Ok((
            &[(1, 10), (2, 45), (3, 45)],
            &[(0, 1), (1, 2), (2, 71), (3, 26)],
        )),
        _ => Err(format!("'{name}' is neither classic nor dense")),
    }
}

/// Numbers that are the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % 100
    }

    fn pick<T: Copy>(&mut self, parts: &[(T, u64)]) -> Option<T> {
        let mut roll = self.roll();
        for (value, share) in parts {
            if roll < *share {
                return Some(*value);
            }
            roll -= share;
        }
        parts.last().map(|part| part.0)
    }
}

struct Sample {
    second: i64,
    bpm: i64,
    confidence: u8,
}

fn utc_offset(second: i64) -> i64 {
    DateTime::from_timestamp(second, 0).map_or(0, |at| {
        let offset = Tz::of("America/New_York")
            .offset_from_utc_datetime(&at.naive_utc())
            .fix();
        i64::from(offset.local_minus_utc())
    })
}

fn make(
    target: &Path,
    shape: Shape,
    first: NaiveDate,
    days: u64,
    twins: bool,
) -> Result<(), Box<dyn Error>> {
    let mut sink: Box<dyn Sink> = if target.extension().is_some_and(|ending| ending == "zip") {
        let file = BufWriter::with_capacity(1 << 20, File::create(target)?);
        Box::new(Zip(Some(ZipArchiveWriter::new(file))))
    } else {
        Box::new(Folder(target.to_owned()))
    };
    let midnight = |date: NaiveDate| date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
    let start = midnight(first) + 5 * 3600;
    let end = midnight(first + Days::new(days)) + 5 * 3600;
    let mut life = Life {
        dice: Dice(7),
        second: start,
        bpm: 70,
        shape,
    };
    let (mut json, mut csv) = (BTreeMap::new(), String::new());
    let (mut local_day, mut utc_day) = (first, first);
    let (mut samples, mut bytes) = (0_u64, 0_u64);
    loop {
        let sample = life.next();
        let local = sample.second + utc_offset(sample.second);
        let date = day_of(local);
        if date != local_day {
            let file = json_file(&json);
            samples += json.len() as u64;
            bytes += file.len() as u64;
            let name =
                format!("Takeout/Google Health/Global Export Data/heart_rate-{local_day}.json");
            sink.file(&name, file.as_bytes())?;
            json.clear();
            local_day = date;
        }
        if day_of(sample.second) != utc_day || sample.second >= end {
            if twins && !csv.is_empty() {
                let name = format!(
                    "Takeout/Google Health/Physical Activity_GoogleData/heart_rate_{utc_day}.csv"
                );
                let file = format!("timestamp,beats per minute,data source\n{csv}");
                sink.file(&name, file.as_bytes())?;
            }
            csv.clear();
            utc_day = day_of(sample.second);
        }
        if sample.second >= end {
            break;
        }
        if twins {
            let stamp = DateTime::from_timestamp(sample.second, 0).unwrap_or_default();
            let stamp = stamp.format("%Y-%m-%dT%H:%M:%SZ");
            writeln!(csv, "{stamp},{}.0,Inspire 3", sample.bpm)?;
        }
        // One record a second of the wall clock, the later one.
        json.insert(local, sample);
    }
    sink.file(
        "Takeout/Google Health/Your Profile/Profile.csv",
        b"id,full_name,timezone\nABC,Jane Doe,America/New_York\n",
    )?;
    sink.finish()?;
    println!("{samples} samples, {bytes} bytes of JSON");
    Ok(())
}

fn day_of(second: i64) -> NaiveDate {
    DateTime::from_timestamp(second, 0)
        .unwrap_or_default()
        .date_naive()
}

struct Life {
    dice: Dice,
    second: i64,
    bpm: i64,
    shape: Shape,
}

impl Life {
    fn next(&mut self) -> Sample {
        let walk = [(-2, 5), (-1, 20), (0, 50), (1, 20), (2, 5)];
        self.second += self.dice.pick(self.shape.0).unwrap_or(5);
        let hour = DateTime::from_timestamp(self.second, 0).map_or(0, |at| i64::from(at.hour()));
        let usual = 62 + (hour - 9).abs() * 2;
        let back = (usual - self.bpm).signum() * i64::from(self.dice.roll() < 20);
        self.bpm = (self.bpm + back + self.dice.pick(&walk).unwrap_or(0)).clamp(42, 190);
        Sample {
            second: self.second,
            bpm: self.bpm,
            confidence: self.dice.pick(self.shape.1).unwrap_or(2),
        }
    }
}

fn json_file(records: &BTreeMap<i64, Sample>) -> String {
    let mut file = String::with_capacity(records.len() * 96 + 2);
    for (at, sample) in records.values().enumerate() {
        let stamp = DateTime::from_timestamp(sample.second, 0).unwrap_or_default();
        let _ = write!(
            file,
            "{}{{\n  \"dateTime\" : \"{}\",\n  \"value\" : {{\n    \"bpm\" : {},\n    \"confidence\" : {}\n  }}\n}}",
            if at == 0 { "[" } else { "," },
            stamp.format("%m/%d/%y %H:%M:%S"),
            sample.bpm,
            sample.confidence
        );
    }
    file.push(']');
    file
}

trait Sink {
    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>>;
    fn finish(&mut self) -> Result<(), Box<dyn Error>>;
}

struct Folder(PathBuf);

impl Sink for Folder {
    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
        let path = self.0.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(path, bytes)?)
    }

    fn finish(&mut self) -> Result<(), Box<dyn Error>> {
        Ok(())
    }
}

struct Zip(Option<ZipArchiveWriter<BufWriter<File>>>);

impl Sink for Zip {
    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
        let archive = self.0.as_mut().ok_or("finished")?;
        let (mut entry, config) = archive
            .new_file(name)
            .compression_method(CompressionMethod::DEFLATE)
            .start()?;
        let encoder = DeflateEncoder::new(&mut entry, Compression::new(6));
        let mut writer = config.wrap(encoder);
        writer.write_all(bytes)?;
        let (encoder, descriptor) = writer.finish()?;
        encoder.finish()?;
        entry.finish(descriptor)?;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Box<dyn Error>> {
        self.0.take().ok_or("finished")?.finish()?.flush()?;
        Ok(())
    }
}
