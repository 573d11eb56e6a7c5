//! An archive with a little of every shape, for those who read it.

use crate::program::Home;
use chrono::{DateTime, NaiveDate};
use fitbit_hr::archive::{Archive, DayRanges, Key, Series, Table, TableMeta};
use fitbit_hr::extract::{Catalogue, Columns, Definition, Kind, Rows, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A row as its author writes it: cells by their columns, blanks between, `_` for a blank. Of `local_time` and `local_end` the
/// instants are made where an offset is given.
pub type Row<'a> = &'a str;

/// A date.
pub fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn definition(catalogue: &Catalogue, name: &str) -> Definition {
    let mut all = catalogue.all();
    let found = all.find(|definition| definition.tables().any(|table| table == name));
    found.expect("of the catalogue").clone()
}

/// Milliseconds of `2026-06-01T23:45:00`, of a wall clock or of UTC.
fn milliseconds(text: &str) -> i64 {
    let text = format!("{}Z", text.trim_end_matches('Z'));
    let at: DateTime<chrono::Utc> = text.parse().expect("a time");
    at.timestamp_millis()
}

fn value(kind: Kind, text: &str) -> Value {
    match kind {
        Kind::Instant | Kind::WallClock => Value::Int(milliseconds(text)),
        Kind::Date => {
            let days = date(text) - NaiveDate::default();
            Value::Int(days.num_days())
        }
        Kind::Int32 | Kind::Int64 => Value::Int(text.parse().expect("a number")),
        Kind::Double => Value::Double(text.parse().expect("a number")),
        Kind::Boolean => Value::Boolean(text.parse().expect("a flag")),
        Kind::Text => Value::Text(Arc::from(text.replace('_', " "))),
        Kind::Int32List => {
            let numbers = text.split(',').map(|n| n.parse().expect("a number"));
            Value::List(numbers.collect::<Vec<i32>>().into())
        }
    }
}

fn rows(columns: &Columns, all: &[Row<'_>]) -> Rows {
    let mut rows = Rows::none(Arc::clone(columns));
    for row in all {
        let mut cells: BTreeMap<&str, String> = row
            .split_whitespace()
            .map(|cell| cell.split_once('=').expect("name=value"))
            .map(|(name, text)| (name, text.to_owned()))
            .collect();
        cells.entry("source").or_insert("google/Band".to_owned());
        let offset = cells
            .get("utc_offset")
            .map(|text| text.parse().expect("seconds"));
        let instant = |clock: &str, offset: i64| {
            let at = DateTime::from_timestamp_millis(milliseconds(clock) - offset * 1000);
            at.expect("in range")
                .format("%Y-%m-%dT%H:%M:%S")
                .to_string()
        };
        if let Some(offset) = offset {
            for (clock, time) in [("local_time", "time"), ("local_end", "end_time")] {
                if let Some(clock) = cells.get(clock) {
                    let at = instant(clock, offset);
                    cells.entry(time).or_insert(at);
                }
            }
        }
        let cell = |column: &fitbit_hr::extract::Column| {
            let text = cells.get(column.name.as_str());
            text.map_or(Value::Null, |text| value(column.kind, text))
        };
        rows.push(columns.iter().map(cell));
    }
    rows
}

/// An archive that is filled by hand.
pub struct Filled {
    archive: Archive,
    catalogue: Catalogue,
}

impl Filled {
    /// The archive at its default place.
    pub fn of(home: &Home) -> Self {
        Self::with(home, None, Catalogue::default())
    }

    /// That of a profile, with series of one's own.
    pub fn with(home: &Home, profile: Option<&str>, catalogue: Catalogue) -> Self {
        Self {
            archive: Archive::open(&home.work("fitbit_data/archive"), profile),
            catalogue,
        }
    }

    /// A day of a series that has a file a day.
    pub fn day(&self, name: &str, day: &str, all: &[Row<'_>]) -> &Self {
        let key = Series::of(&definition(&self.catalogue, name)).day(date(day));
        self.put(&key, name, &[(day, day)], all)
    }

    /// A year of a series that has a file a year, of which these ranges of days are known.
    pub fn year(&self, name: &str, year: i32, known: &[(&str, &str)], all: &[Row<'_>]) -> &Self {
        self.put(&Series::new(name, None).year(year), name, known, all)
    }

    /// A year of a series that no definition knows, in the columns of one that is known.
    pub fn foreign(&self, series: &str, like: &str, days: (&str, &str), all: &[Row<'_>]) -> &Self {
        self.put(&Series::new(series, None).year(2026), like, &[days], all)
    }

    fn put(&self, key: &Key, name: &str, known: &[(&str, &str)], all: &[Row<'_>]) -> &Self {
        let definition = definition(&self.catalogue, name);
        let columns = match &definition.segments {
            Some(segments) if segments.table == name => segments.columns(),
            _ => definition.columns(),
        };
        let mut days = DayRanges::new();
        for (first, last) in known {
            days.insert_range(date(first)..=date(last));
        }
        let table = Table {
            rows: rows(&columns, all),
            meta: TableMeta {
                settled: days.clone(),
                known: days,
                ..TableMeta::default()
            },
        };
        let put = self.archive.edit(key, &columns, |_| Some(table.clone()));
        put.expect("stored");
        self
    }
}

/// The second night of June 2026 with its stages, and what was measured in it; days and spans around it.
pub fn june(home: &Home) {
    let june = [("2026-06-01", "2026-06-03")];
    let filled = Filled::of(home);
    filled
        .day(
            "steps",
            "2026-06-01",
            &[
                "local_time=2026-06-01T08:00:00 utc_offset=7200 end_time=2026-06-01T06:01:00 steps=12",
                "local_time=2026-06-01T08:14:00 utc_offset=7200 end_time=2026-06-01T06:15:00 steps=30",
                "local_time=2026-06-01T08:15:00 utc_offset=7200 end_time=2026-06-01T06:16:00 steps=7",
            ],
        )
        .day("steps", "2026-06-02", &[])
        .day(
            "time_in_zone",
            "2026-06-01",
            &["local_time=2026-06-01T23:50:00 utc_offset=7200 end_time=2026-06-01T22:20:00 zone=LIGHT"],
        )
        .day(
            "time_in_zone",
            "2026-06-02",
            &["local_time=2026-06-02T00:20:00 utc_offset=7200 end_time=2026-06-01T22:25:00 zone=PEAK"],
        )
        .year(
            "weight",
            2026,
            &june,
            &[
                "local_time=2026-06-01T07:00:00 utc_offset=7200 weight_g=72400",
                "local_time=2026-06-03T07:00:30 weight_g=72100.5",
            ],
        )
        .year(
            "sleep",
            2026,
            &june,
            &[
                "id=n1 day=2026-06-02 local_time=2026-06-01T23:30:00 local_end=2026-06-02T07:00:00 utc_offset=7200 end_offset=7200 type=STAGES main=true asleep_s=25200 awake_s=1800 light_s=14400 deep_s=5400 rem_s=5400",
                "id=n2 day=2026-06-03 local_time=2026-06-03T14:00:00 local_end=2026-06-03T14:30:00 utc_offset=7200 end_offset=7200 type=CLASSIC nap=true asleep_s=1800",
            ],
        )
        .year(
            "sleep_stages",
            2026,
            &june,
            &[
                "session=n1 day=2026-06-02 local_time=2026-06-01T23:30:00 utc_offset=7200 end_time=2026-06-01T23:00:00 kind=DEEP short=false",
                "session=n1 day=2026-06-02 local_time=2026-06-02T01:00:00 utc_offset=7200 end_time=2026-06-02T05:00:00 kind=LIGHT short=false",
                "session=n2 day=2026-06-03 local_time=2026-06-03T14:00:00 utc_offset=7200 end_time=2026-06-03T12:30:00 kind=ASLEEP short=false",
            ],
        )
        .year(
            "hrv",
            2026,
            &june,
            &[
                "local_time=2026-06-02T00:00:00 utc_offset=7200 rmssd_ms=40 sdnn_ms=50",
                "local_time=2026-06-02T05:00:00 utc_offset=7200 rmssd_ms=30.5",
                "local_time=2026-06-02T07:00:00 utc_offset=7200 rmssd_ms=99",
            ],
        )
        .year(
            "spo2",
            2026,
            &june,
            &[
                "local_time=2026-06-02T02:00:00 utc_offset=7200 percent=96",
                "local_time=2026-06-02T03:00:00 utc_offset=7200 percent=95",
            ],
        )
        .year(
            "resting_heart_rate",
            2026,
            &june,
            &["day=2026-06-01 bpm=57", "day=2026-06-03 bpm=58"],
        )
        .year(
            "heart_rate_zones",
            2026,
            &june,
            &[
                "day=2026-06-01 zone=LIGHT min_bpm=30 max_bpm=112",
                "day=2026-06-01 zone=PEAK min_bpm=160 max_bpm=220",
            ],
        )
        .year(
            "ecg",
            2026,
            &june,
            &["id=e1 day=2026-06-02 local_time=2026-06-02T09:00:00 local_end=2026-06-02T09:00:00 utc_offset=7200 result=SINUS_RHYTHM hertz=250 waveform=-3,0,12"],
        )
        .year(
            "nutrition",
            2026,
            &june,
            &[
                "id=f1 day=2026-06-01 local_time=2026-06-01T12:00:00 utc_offset=7200 meal=LUNCH food=Bread,_\"dark\" kcal=210.5",
                "id=f2 day=2026-06-01 local_time=2026-06-01T12:00:00 utc_offset=7200 meal=LUNCH food=Cheese kcal=120",
            ],
        );
}
