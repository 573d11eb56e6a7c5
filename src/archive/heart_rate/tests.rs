//! What was encoded is read back; what was not is refused; sizes are as promised.

use super::codec::{SCHEMA, chunks, decode, encode};
use crate::archive::parquet_file::{Longer, Tail, USUAL_FOOTER, append, begin};
use crate::archive::{DayFile, Fault, Footer, Key, Meta, Series, merge, meta};
use crate::day::{Day, Detail, Provider, Sample, Source, SourceIndex, Summary, Zone};
use bytes::Bytes;
use chrono::NaiveDate;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use proptest::prelude::*;

const MIDNIGHT: i64 = 1_717_214_400_000; // 2024-06-01T04:00:00Z

fn date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 6, 1).expect("a date")
}

/// A generator of numbers that is the same everywhere.
struct Dice(u64);

impl Dice {
    /// An index into weights that add up to 100.
    fn pick(&mut self, weights: &[u64]) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let mut left = (self.0 >> 33) % 100;
        weights
            .iter()
            .position(|weight| {
                let hit = left < *weight;
                left = left.saturating_sub(*weight);
                hit
            })
            .unwrap_or_default()
    }
}

/// A day of both twins in the measured shape: steps in seconds with their shares.
fn a_day(samples: i64, steps: &[(i64, u64)], confidences: &[u64]) -> DayFile {
    let mut dice = Dice(7);
    let shares: Vec<_> = steps.iter().map(|step| step.1).collect();
    let (mut second, mut bpm) = (0, 70_i32);
    let mut day = Day::empty(date(), Detail::Sec1, Provider::Takeout);
    day.sources = vec!["takeout/Inspire 3".parse().expect("a source")];
    for _ in 0..samples {
        bpm += [-2, -1, 0, 1, 2][dice.pick(&[5, 20, 50, 20, 5])];
        bpm = bpm.clamp(45, 180);
        let bpm = u16::try_from(bpm).expect("beats");
        let mut sample = Sample::at(MIDNIGHT + second * 1000, -14_400, bpm);
        sample.confidence = u8::try_from(dice.pick(confidences)).ok();
        day.samples.push(sample);
        second += steps[dice.pick(&shares)].0;
    }
    let mut file = DayFile::new(day);
    file.meta.settled = true;
    file.meta.timezone = Some("America/New_York".to_owned());
    file.meta.placeholders = (0..30).map(|n| MIDNIGHT + n * 60_000 + 500).collect();
    merge::normalized(file)
}

fn classic() -> DayFile {
    a_day(10_800, &[(5, 49), (10, 29), (15, 22)], &[1, 15, 48, 36])
}

fn dense() -> DayFile {
    a_day(38_000, &[(1, 16), (2, 44), (3, 40)], &[1, 2, 71, 26])
}

fn key() -> Key {
    Series::heart_rate(Detail::Sec1).day(date())
}

fn read_back(file: &DayFile) -> Result<DayFile, Fault> {
    let bytes = encode(file).map_err(Fault::Damaged)?;
    decode(
        &bytes.into(),
        &Series::heart_rate(file.day.detail).day(file.day.date),
    )
}

#[test]
fn days_are_as_small_as_promised() {
    for (file, limit) in [(classic(), 25_000), (dense(), 64_000)] {
        let bytes = encode(&file).expect("encoded");
        assert!(bytes.len() < limit * 3 / 4, "{} of {limit}", bytes.len());
        assert_eq!(read_back(&file), Ok(file));
    }
}

#[test]
fn a_day_without_samples_has_no_rows() {
    let mut file = DayFile::new(Day::empty(date(), Detail::Min1, Provider::Google));
    file.meta.settled = true;
    let file = merge::normalized(file);
    assert_eq!(read_back(&file), Ok(file));
}

#[test]
fn the_footer_is_read_from_the_end_alone() {
    let file = classic();
    let bytes = encode(&file).expect("encoded");
    let tail = &bytes[bytes.len() - 400..];
    let Ok(Err(Longer(length))) = Tail::read(tail, 400) else {
        panic!("400 bytes are no footer");
    };
    assert!(length <= USUAL_FOOTER, "{length}");
    let start = bytes.len() - usize::try_from(length).expect("short");
    let Ok(Ok(tail)) = Tail::read(&bytes[start..], length) else {
        panic!("the footer is all there");
    };
    let footer = Footer::of(&key(), &tail).expect("a footer");
    assert_eq!((footer.samples, footer.meta), (10_800, file.meta));
    assert_eq!(footer.summary, file.day.summary);
}

#[test]
fn another_day_and_what_is_no_file_are_refused() {
    let bytes: Bytes = encode(&classic()).expect("encoded").into();
    let tomorrow = date().succ_opt().expect("a date");
    for (detail, date) in [(Detail::Sec1, tomorrow), (Detail::Min1, date())] {
        let fault = decode(&bytes, &Series::heart_rate(detail).day(date));
        let expected = Fault::Foreign("it holds 2024-06-01 at 1sec".to_owned());
        assert_eq!(fault, Err(expected));
    }
    for bytes in [&b""[..], b"PAR1", b"not a Parquet file at all"] {
        let fault = decode(&Bytes::from(bytes), &key()).expect_err("refused");
        assert!(matches!(fault, Fault::Damaged(_)), "{fault:?}");
    }
}

#[test]
fn a_flipped_bit_in_a_page_is_found() {
    let bytes = encode(&dense()).expect("encoded");
    for place in [200, 5_000, 15_000, 25_000] {
        let mut bytes = bytes.clone();
        bytes[place] ^= 4;
        let fault = decode(&bytes.into(), &key()).expect_err("refused");
        assert!(matches!(fault, Fault::Damaged(_)), "{place} {fault:?}");
    }
}

/// The rows as the parquet crate's own decoders read them.
fn by_the_crate(bytes: &[u8]) -> Vec<(Sample, String)> {
    let reader = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).expect("a file");
    let mut rows = Vec::new();
    for row in reader.get_row_iter(None).expect("rows") {
        let row = row.expect("a row");
        let fields: Vec<&Field> = row.get_column_iter().map(|(_, field)| field).collect();
        let null = |place: usize| assert_eq!(fields[place], &Field::Null);
        let long = |place: usize| {
            if let Field::TimestampMillis(at) = fields[place] {
                return Some(*at);
            }
            null(place);
            None
        };
        let int = |place: usize| {
            if let Field::Int(n) = fields[place] {
                return Some(*n);
            }
            null(place);
            None
        };
        let Field::Str(source) = fields[5] else {
            panic!("{row}");
        };
        let sample = Sample {
            instant: long(0),
            local_time: long(1).expect("a clock"),
            utc_offset: int(2),
            bpm: int(3)
                .and_then(|bpm| u16::try_from(bpm).ok())
                .expect("beats"),
            confidence: int(4).and_then(|c| u8::try_from(c).ok()),
            source: 0,
        };
        rows.push((sample, source.clone()));
    }
    rows
}

fn rows(day: &Day) -> Vec<(Sample, String)> {
    let source = |s: &Sample| day.sources[usize::from(s.source)].to_string();
    let row = |s: &Sample| (Sample { source: 0, ..*s }, source(s));
    day.samples.iter().map(row).collect()
}

fn any_sample() -> impl Strategy<Value = Sample> {
    let clock = prop_oneof![
        4 => MIDNIGHT..MIDNIGHT + 90_000,
        2 => MIDNIGHT..MIDNIGHT + 86_400_000,
        1 => -4_000_000_000_000..4_000_000_000_000_i64,
    ];
    (
        proptest::option::weighted(0.8, clock.clone()),
        clock,
        proptest::option::of(prop_oneof![Just(-14_400), Just(-18_000), -90_000..90_000]),
        1_u16..=300,
        proptest::option::of(0_u8..=3),
        0_u16..3,
    )
        .prop_map(
            |(instant, local_time, utc_offset, bpm, confidence, source)| Sample {
                instant,
                local_time,
                utc_offset,
                bpm,
                confidence,
                source,
            },
        )
}

fn any_limits() -> impl Strategy<Value = Zone> {
    ("[ -~]{0,6}", any::<u16>(), any::<Option<u16>>()).prop_map(|(name, min, max)| Zone {
        name,
        min: Some(min),
        max,
        minutes: None,
        calories: None,
    })
}

fn any_file() -> impl Strategy<Value = DayFile> {
    let meta = (
        any::<bool>(),
        proptest::option::of("[A-Z][a-z]{1,8}/[A-Z][a-z_]{1,8}"),
        proptest::option::of(30.0..120.0),
        proptest::collection::vec(any::<i64>(), 0..4),
        proptest::collection::vec(any_limits(), 0..5),
    );
    let device = proptest::option::of("[A-Z][ -~]{0,6}é?");
    let samples = prop_oneof![
        4 => proptest::collection::vec(any_sample(), 0..40),
        1 => proptest::collection::vec(any_sample(), 500..700),
    ];
    (samples, meta, device).prop_map(|(samples, meta, device)| {
        let mut day = Day::empty(date(), Detail::Sec1, Provider::Google);
        day.samples = samples;
        day.sources = [Provider::Google, Provider::Takeout, Provider::Fitbit]
            .map(Source::of)
            .to_vec();
        day.sources[1].device = device;
        day.summary = Summary {
            resting_bpm: meta.2,
            zones: meta.4,
        };
        let meta = Meta {
            settled: meta.0,
            timezone: meta.1,
            placeholders: meta.3,
            ..Meta::default()
        };
        merge::normalized(DayFile { day, meta })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_was_encoded_is_read_back_by_us_and_by_the_crate(file in any_file()) {
        let bytes = encode(&file).expect("encoded");
        prop_assert_eq!(by_the_crate(&bytes), rows(&file.day));
        prop_assert_eq!(decode(&bytes.into(), &key()), Ok(file));
    }

    #[test]
    fn many_days_in_one_group_are_read_back_in_their_order(
        files in proptest::collection::vec(any_file(), 1..4)
    ) {
        let days: Vec<&Day> = files.iter().map(|file| &file.day).collect();
        let pairs = meta::encode_of_many(Detail::Sec1);
        let mut writer = begin(Vec::new(), &SCHEMA, pairs).expect("begun");
        let chunks = chunks(&days).expect("encoded");
        if !chunks.is_empty() {
            append(&mut writer, chunks).expect("appended");
        }
        let bytes = writer.into_inner().expect("finished");
        let all = decode(&bytes.into(), &key()).expect("decoded").day;
        let expected: Vec<_> = days.iter().flat_map(|day| rows(day)).collect();
        prop_assert_eq!(rows(&all), expected);
    }

    #[test]
    fn damage_is_an_error_or_harmless_but_never_a_crash(
        // From the end, where the footer is, as often as from anywhere.
        places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..4),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = encode(&a_day(300, &[(5, 100)], &[0, 50, 50])).expect("encoded");
        for (place, value, in_footer) in places {
            let length = bytes.len();
            let place = if in_footer { length - 1 - place.index(1500) } else { place.index(length) };
            bytes[place] = value;
        }
        if cut {
            bytes.truncate(length.index(bytes.len()));
        }
        let tail = &bytes[bytes.len().saturating_sub(2000)..];
        if let Ok(Ok(tail)) = Tail::read(tail, USUAL_FOOTER) {
            let _ = Footer::of(&key(), &tail);
        }
        let _ = decode(&bytes.into(), &key());
    }

    #[test]
    fn indices_are_read_back_at_every_width(
        values in proptest::collection::vec(0_u16..400, 1..700), runs in 1_usize..30
    ) {
        let mut day = Day::empty(date(), Detail::Sec1, Provider::Takeout);
        day.sources = (0..400)
            .map(|n| format!("takeout/{n:03}").parse().expect("a source"))
            .collect();
        let sources = values.iter().flat_map(|value| std::iter::repeat_n(*value, runs));
        day.samples = (0..)
            .zip(sources)
            .map(|(n, source): (i64, SourceIndex)| Sample {
                source,
                ..Sample::at(MIDNIGHT + n * 1000, 0, 60)
            })
            .collect();
        let file = merge::normalized(DayFile::new(day));
        prop_assert_eq!(read_back(&file), Ok(file));
    }
}
