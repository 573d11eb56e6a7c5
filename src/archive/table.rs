//! The file of any series: its rows, and what its footer says of them.

use super::format::Format;
use super::meta::{Pairs, SCHEMA, names, of_many, pairs};
use super::parquet_file::{
    Packed, Page, Reader, Schema, Tail, Texts, append, begin, lean_group, rows, value,
};
use super::{DayRanges, Fault, Key, Period, Series};
use crate::day::{Detail, Provider};
use crate::extract::{Cells, Column, Columns, Rows, civil_day};
use bytes::Bytes;
use chrono::NaiveDate;
use parquet::errors::ParquetError;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What is known about a file besides its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableMeta {
    /// Who contributed to the file.
    pub providers: BTreeSet<Provider>,
    /// The zone that its civil days were cut by: an IANA name, or what else the source said.
    pub timezone: Option<String>,
    /// The days that were looked at, empty ones among them.
    pub known: DayRanges,
    /// Those of them to which nothing more is to come.
    pub settled: DayRanges,
}

/// Rows of a day or a year, and what is known about them.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// In the order of the table's key.
    pub rows: Rows,
    /// The rest.
    pub meta: TableMeta,
}

impl Table {
    /// No rows, and nothing known.
    #[must_use]
    pub fn none(columns: &Columns) -> Self {
        Self {
            rows: Rows::none(Arc::clone(columns)),
            meta: TableMeta::default(),
        }
    }
}

/// What can be learnt about a file without reading its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFooter {
    /// How many rows it has.
    pub rows: u64,
    /// The rest.
    pub meta: TableMeta,
}

impl TableFooter {
    /// What the footer of a table's file says.
    ///
    /// # Errors
    /// Fails on a newer layout, another file's footer, or a value that cannot be read.
    pub fn of(key: &Key, tail: &Tail) -> Result<Self, Fault> {
        let file = tail.file();
        Ok(Self {
            rows: rows(file),
            meta: decode_meta(key, |key| value(file, key))?,
        })
    }
}

/// The keys and values of a footer, in the order in which they are written.
fn encode_meta(key: &Key, meta: &TableMeta) -> Vec<(String, String)> {
    let (day, year) = match key.period {
        Period::Day(_) => (key.period.to_string(), String::new()),
        Period::Year(_) => (String::new(), key.period.to_string()),
    };
    let whole = |days: &DayRanges| match key.period {
        Period::Day(_) => String::new(),
        Period::Year(_) => days.to_string(),
    };
    let settled = !meta.known.is_empty() && meta.known.within(&meta.settled) == meta.known;
    pairs([
        ("schema", SCHEMA.to_string()),
        ("extract", key.series.extract.to_string()),
        ("day", day),
        ("year", year),
        (
            "detail",
            key.series.detail.map(|d| d.to_string()).unwrap_or_default(),
        ),
        ("provider", names(&meta.providers)),
        ("settled", settled.to_string()),
        ("timezone", meta.timezone.clone().unwrap_or_default()),
        ("known", whole(&meta.known)),
        ("settled_days", whole(&meta.settled)),
    ])
}

/// The keys and values of a footer over many days of a table: what holds for all of them, and the other keys empty.
#[must_use]
pub fn encode_meta_of_many(table: &str, detail: Option<Detail>) -> Vec<(String, String)> {
    let key = Series::new(table, detail).year(1);
    of_many(encode_meta(&key, &TableMeta::default()))
}

fn decode_meta<'a>(key: &Key, value: impl Fn(&str) -> Option<&'a str>) -> Result<TableMeta, Fault> {
    let footer = Pairs(value);
    footer.check_schema()?;
    let its = |name: &str| footer.text(name);
    let is = |name: &str, expected: &str| its(name).is_none_or(|value| value == expected);
    let period = match key.period {
        Period::Day(_) => "day",
        Period::Year(_) => "year",
    };
    let detail = key
        .series
        .detail
        .map(|detail| detail.to_string())
        .unwrap_or_default();
    if !is("extract", &key.series.extract)
        || !is(period, &key.period.to_string())
        || !is("detail", &detail)
    {
        let named = ["extract", "detail", "day", "year"]
            .into_iter()
            .filter_map(its);
        let named: Vec<_> = named.collect();
        return Err(Fault::Foreign(format!("it holds {}", named.join(" "))));
    }
    let (mut known, mut settled) = (DayRanges::new(), DayRanges::new());
    match key.period {
        Period::Day(date) => {
            known.insert(date);
            if footer.parsed("settled")? == Some(true) {
                settled.insert(date);
            }
        }
        Period::Year(_) => {
            known = footer.parsed("known")?.unwrap_or_default();
            settled = footer.parsed("settled_days")?.unwrap_or_default();
        }
    }
    Ok(TableMeta {
        providers: footer.list("provider")?,
        timezone: its("timezone").map(str::to_owned),
        known,
        settled,
    })
}

/// The form of a table's file, in given columns.
pub(super) struct TableFormat<'a> {
    pub columns: &'a Columns,
}

impl Format for TableFormat<'_> {
    type File = Table;

    fn decode(&self, bytes: &Bytes, key: &Key) -> Result<Table, Fault> {
        let reader = Reader::open(bytes)?;
        let file = reader.metadata().file_metadata();
        let meta = decode_meta(key, |key| value(file, key))?;
        let mut rows = Rows::none(Arc::clone(self.columns));
        for group in 0..reader.groups() {
            rows.append(read_group(&reader, group, self.columns)?);
        }
        Ok(Table { rows, meta })
    }

    fn encode(&self, file: &Table, key: &Key) -> Result<Vec<u8>, String> {
        let encode = || {
            let schema = Schema::new(&key.series.extract, file.rows.columns())?;
            let mut writer = begin(Vec::new(), &schema, encode_meta(key, &file.meta))?;
            if !file.rows.is_empty() {
                append(
                    &mut writer,
                    lean_group(&schema, |place| vec![packed(&file.rows, place)])?,
                )?;
            }
            writer.into_inner()
        };
        encode().map_err(|error: ParquetError| error.to_string())
    }
}

/// The form of any table's file of which only the days are asked for.
pub(super) struct DaysFormat;

impl Format for DaysFormat {
    type File = Table;

    fn decode(&self, bytes: &Bytes, key: &Key) -> Result<Table, Fault> {
        let its = Reader::open(bytes)?.columns();
        let says_day = |column: &Column| ["day", "local_time"].contains(&column.name.as_str());
        let columns: Columns = its.into_iter().filter(says_day).collect();
        TableFormat { columns: &columns }.decode(bytes, key)
    }

    fn encode(&self, _: &Table, _: &Key) -> Result<Vec<u8>, String> {
        Err("the days alone are no table".to_owned())
    }
}

/// The civil day of each row: its `day`, else the date on its wall clock; `None` where a row has neither.
pub fn civil_days(rows: &Rows) -> impl Iterator<Item = Option<NaiveDate>> {
    (0..rows.len()).map(|row| civil_day::of_row(rows, row).and_then(date_of))
}

/// The places of rows by what their civil day belongs to; those without a day are left out.
#[must_use]
pub fn places<K: Ord>(rows: &Rows, of: impl Fn(NaiveDate) -> K) -> BTreeMap<K, Vec<usize>> {
    let mut places: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (row, day) in civil_days(rows).enumerate() {
        if let Some(day) = day {
            places.entry(of(day)).or_default().push(row);
        }
    }
    places
}

/// The rows of some days.
#[must_use]
pub fn of_days(rows: &Rows, days: &DayRanges) -> Rows {
    let is_of = |day: Option<NaiveDate>| day.is_some_and(|day| days.contains(day));
    let is_of: Vec<bool> = civil_days(rows).map(is_of).collect();
    rows.filter(|row| is_of.get(*row) == Some(&true))
}

/// The date of so many days after 1970-01-01.
#[must_use]
pub fn date_of(days: i64) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(i32::try_from(days).ok()?)
}

fn read_group(reader: &Reader, group: usize, columns: &Columns) -> Result<Rows, Fault> {
    let length = reader.rows(group)?;
    let mut all = Vec::with_capacity(columns.len());
    for column in columns.iter() {
        all.push(match reader.packed(group, column)? {
            Some(packed) => cells(&packed),
            None if column.required => {
                return Err(reader.foreign(format!("it lacks the column {}", column.name)));
            }
            None => Cells::empty(column.kind, length),
        });
    }
    Ok(Rows::from_cells(Arc::clone(columns), all, length))
}

/// The cells of the column at a place as a page has them.
#[must_use]
pub fn packed(rows: &Rows, place: usize) -> Packed {
    match rows.cells(place) {
        Some(Cells::Int(cells)) => Packed::Ints(Page::of(cells.iter().copied())),
        Some(Cells::Double(cells)) => Packed::Doubles(Page::of(cells.iter().copied())),
        Some(Cells::Boolean(cells)) => Packed::Booleans(Page::of(cells.iter().copied())),
        Some(Cells::Text(cells)) => Packed::Texts(texts(cells)),
        Some(Cells::List(cells)) => Packed::Lists(Page::of(cells.iter().cloned())),
        None => Packed::Ints(Page::of(std::iter::empty())),
    }
}

fn texts(cells: &[Option<Arc<str>>]) -> Texts {
    let mut known: HashMap<&str, u32> = HashMap::new();
    let mut names = Vec::new();
    let mut places = Vec::with_capacity(cells.len());
    for cell in cells {
        places.push(cell.as_ref().map(|text| {
            *known.entry(text).or_insert_with(|| {
                names.push(Arc::clone(text));
                // As many as fit into memory are fewer than this holds.
                u32::try_from(names.len() - 1).unwrap_or(u32::MAX)
            })
        }));
    }
    Texts {
        names,
        places: Page::of(places.into_iter()),
    }
}

/// A page's cells as those of rows.
fn cells(packed: &Packed) -> Cells {
    match packed {
        Packed::Ints(page) => Cells::Int(page.cells().map(Option::<&i64>::copied).collect()),
        Packed::Doubles(page) => Cells::Double(page.cells().map(Option::<&f64>::copied).collect()),
        Packed::Booleans(page) => {
            Cells::Boolean(page.cells().map(Option::<&bool>::copied).collect())
        }
        Packed::Texts(texts) => {
            let name = |place: &u32| texts.names.get(*place as usize).cloned();
            let places = texts.places.cells();
            Cells::Text(places.map(|place| place.and_then(name)).collect())
        }
        Packed::Lists(page) => {
            Cells::List(page.cells().map(Option::<&Arc<[i32]>>::cloned).collect())
        }
    }
}

#[cfg(test)]
mod tests;
