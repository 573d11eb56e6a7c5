//! Records become rows: what is missing, what is a sentinel, what cannot be read, and which civil day each is of.

use super::cell_value::read;
use super::met::{Came, Met};
use super::part::Part;
use super::record::{Cell, Record};
use super::template::place;
use crate::civil;
use crate::extract::civil_day::{self, Session};
use crate::extract::coarser;
use crate::extract::definition::{Operation, Origin};
use crate::extract::faults::Faults;
use crate::extract::sleep::{self, Segment};
use crate::extract::{Definition, Rows, Shape, Value};
use crate::zone::Tz;
use chrono::NaiveDate;
use std::ops::RangeInclusive;
use std::sync::Arc;

const TIMES: [usize; 9] = [
    place::START,
    place::START_OFFSET,
    place::END,
    place::END_OFFSET,
    place::YEAR,
    place::MONTH,
    place::DAY,
    place::UPDATED,
    place::NAME,
];

/// Why a record makes no row.
enum Left {
    /// It cannot be read: a fault.
    Fault,
    /// The service says that there is nothing.
    Nothing,
    /// It is of another day than those that rows are kept of.
    OtherDay,
}

/// When a record was.
struct When {
    start: i64,
    end: Option<i64>,
    offset: Option<i64>,
    end_offset: Option<i64>,
}

/// Rows of a series, as page after page comes in.
pub(super) struct Builder<'a> {
    definition: &'a Definition,
    zone: Tz,
    source: String,
    /// The device of the latest row, and the source made of it.
    latest_source: Option<(Option<Arc<str>>, Arc<str>)>,
    /// The device's name stands in the source.
    names_devices: bool,
    /// Days since 1970-01-01 that rows are kept of.
    days: RangeInclusive<i64>,
    pub(super) rows: Rows,
    pub(super) segments: Option<Rows>,
    pub(super) faults: Faults,
    met: Option<Met>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        definition: &'a Definition,
        days: &RangeInclusive<NaiveDate>,
        zone: Tz,
        source: &str,
    ) -> Self {
        Self {
            definition,
            zone,
            source: source.to_owned(),
            latest_source: None,
            names_devices: true,
            days: civil::day_number(*days.start())..=civil::day_number(*days.end()),
            rows: Rows::none(definition.columns()),
            segments: definition
                .segments
                .as_ref()
                .map(|all| Rows::none(all.columns())),
            faults: Faults::default(),
            met: Met::of(definition),
        }
    }

    /// The members of a definition of one's own that no point had, if there were points at all.
    pub(super) fn never_met(&self) -> Vec<String> {
        let met = self.met.as_ref().filter(|_| self.faults.points > 0);
        met.map(|met| met.never(self.definition))
            .unwrap_or_default()
    }

    /// Takes in a point.
    pub(super) fn take(&mut self, record: &Record) {
        let taken = self.point(record);
        let is_point = match taken {
            Err(Left::OtherDay) => false,
            // A window of a roll-up without data is no point.
            Err(Left::Nothing) => self.definition.operation != Operation::RollUp || record.has_more,
            Ok(()) | Err(Left::Fault) => true,
        };
        self.faults.points += u64::from(is_point);
        self.faults.unreadable += u64::from(matches!(taken, Err(Left::Fault)));
    }

    fn point(&mut self, record: &Record) -> Result<(), Left> {
        if record.any_odd(&TIMES) {
            return Err(Left::Fault);
        }
        if self.definition.shape == Shape::Days {
            return self.day(record);
        }
        let when = self.when(record)?;
        match self.definition.shape {
            Shape::Sessions => self.session(record, &when),
            Shape::Samples | Shape::Intervals | Shape::Days => self.instant(record, &when),
        }
    }

    fn when(&self, record: &Record) -> Result<When, Left> {
        let start = record.int(place::START).ok_or(Left::Fault)?;
        let end = record.int(place::END);
        if end.is_some_and(|end| end < start) {
            return Err(Left::Fault);
        }
        let by_zone = |at: i64| Some(i64::from(self.zone.utc_offset(at)));
        let is_roll_up = self.definition.operation == Operation::RollUp;
        Ok(When {
            start,
            end,
            offset: record
                .int(place::START_OFFSET)
                .or_else(|| by_zone(start).filter(|_| is_roll_up)),
            end_offset: record.int(place::END_OFFSET),
        })
    }

    /// The wall clock at an instant, by the first offset that is known, else by the account's zone.
    fn wall_clock(&self, at: i64, offsets: [Option<i64>; 2]) -> i64 {
        let [own, other] = offsets;
        let known = own.or(other);
        at + 1000 * known.unwrap_or_else(|| i64::from(self.zone.utc_offset(at)))
    }

    fn day(&mut self, record: &Record) -> Result<(), Left> {
        let part = |at| record.int(at).ok_or(Left::Fault);
        let (year, month, day) = (part(place::YEAR)?, part(place::MONTH)?, part(place::DAY)?);
        let small = |number: i64| u32::try_from(number).map_err(|_| Left::Fault);
        let year = i32::try_from(year).map_err(|_| Left::Fault)?;
        let date = NaiveDate::from_ymd_opt(year, small(month)?, small(day)?).ok_or(Left::Fault)?;
        let day = civil::day_number(date);
        if !self.days.contains(&day) {
            return Err(Left::OtherDay);
        }
        self.rows_of(record, &[Value::Int(day)], &[])
    }

    fn instant(&mut self, record: &Record, when: &When) -> Result<(), Left> {
        let local = self.wall_clock(when.start, [when.offset, None]);
        if !self.days.contains(&civil_day::date(local)) {
            return Err(Left::OtherDay);
        }
        let (time, local, offset) = (Value::Int(when.start), Value::Int(local), int(when.offset));
        if self.definition.shape == Shape::Intervals {
            self.rows_of(record, &[time, int(when.end), local, offset], &[])
        } else {
            self.rows_of(record, &[time, local, offset], &[])
        }
    }

    /// The same, with the device's name in the source or without it.
    pub fn naming_devices(mut self, names_devices: bool) -> Self {
        self.names_devices = names_devices;
        self
    }

    /// The source of a row, which is nearly always that of the row before.
    fn source_of(&mut self, record: &Record) -> Arc<str> {
        let device = record.text(place::DEVICE).filter(|_| self.names_devices);
        let is_same = |known: &&(Option<Arc<str>>, Arc<str>)| known.0.as_ref() == device;
        if let Some((_, source)) = self.latest_source.as_ref().filter(is_same) {
            return Arc::clone(source);
        }
        let source: Arc<str> = Arc::from(match device {
            Some(device) => format!("{}/{device}", self.source),
            None => self.source.clone(),
        });
        self.latest_source = Some((device.cloned(), Arc::clone(&source)));
        source
    }

    /// A row a record, or a row an element of the array that the definition unfolds.
    fn rows_of(&mut self, record: &Record, before: &[Value], parts: &[Part]) -> Result<(), Left> {
        let mut after = vec![Value::Text(self.source_of(record))];
        if self.definition.shape == Shape::Sessions {
            after.push(int(record.int(place::UPDATED)));
        }
        let mut result = Ok(());
        let elements = record
            .lists
            .first()
            .filter(|_| !self.definition.unfold.is_empty());
        let single = std::slice::from_ref(record);
        let first = if elements.is_some() { 0 } else { place::VALUES };
        for element in elements.map_or(single, Vec::as_slice) {
            let before = before.to_vec();
            match self.values(element, first, parts) {
                Ok(values) => self.rows.push(
                    before
                        .into_iter()
                        .chain(values)
                        .chain(after.iter().cloned()),
                ),
                Err(left) => result = Err(left),
            }
        }
        result
    }

    fn values(
        &mut self,
        record: &Record,
        first: usize,
        parts: &[Part],
    ) -> Result<Vec<Value>, Left> {
        let definition = self.definition;
        let mut values = Vec::with_capacity(definition.values.len());
        let (mut is_none, mut is_odd) = (record.is_odd, false);
        for (number, field) in definition.values.iter().enumerate() {
            let cell = record.cells.get(first + number);
            if let Some(met) = &mut self.met {
                met.value(number, Came::of(field, cell.unwrap_or(&Cell::Absent)));
            }
            let (value, odd, none) = read(field, cell.unwrap_or(&Cell::Absent));
            is_odd |= odd;
            is_none |= none;
            if value == Value::Null && field.column.required {
                let rolled_up =
                    definition.operation == Operation::RollUp && cell == Some(&Cell::Absent);
                return Err(if none || (rolled_up && !odd) {
                    Left::Nothing
                } else {
                    Left::Fault
                });
            }
            values.push(value);
        }
        let has_some = values.iter().any(|value| *value != Value::Null);
        self.compute(&mut values, parts);
        let may_be_bare = definition.shape == Shape::Sessions || definition.values.is_empty();
        if !has_some && !may_be_bare {
            return Err(if is_none && !is_odd {
                Left::Nothing
            } else {
                Left::Fault
            });
        }
        if is_odd {
            self.faults.unreadable += 1;
        }
        Ok(values)
    }

    /// The values that are worked out from others.
    fn compute(&mut self, values: &mut [Value], parts: &[Part]) {
        let definition = self.definition;
        let of = |values: &[Value], name: &str| {
            let at = definition
                .values
                .iter()
                .position(|field| field.column.name == name);
            at.and_then(|at| values.get(at))
                .cloned()
                .unwrap_or(Value::Null)
        };
        let segments: Vec<Segment<'_>> = parts.iter().filter_map(Part::segment).collect();
        let sleep_type = of(values, "type");
        for (number, field) in definition.values.iter().enumerate() {
            let computed = match &field.origin {
                Origin::Difference(a, b) => match (of(values, a), of(values, b)) {
                    (Value::Double(a), Value::Double(b)) => {
                        Value::Double(coarser::without_noise(a - b))
                    }
                    (Value::Int(a), Value::Int(b)) => Value::Int(a - b),
                    _ => Value::Null,
                },
                Origin::Seconds(_) | Origin::Asleep | Origin::ShortSeconds | Origin::ShortCount => {
                    int(sleep::computed(&field.origin, sleep_type.text(), &segments))
                }
                Origin::Member(..) | Origin::Array | Origin::Elsewhere => continue,
            };
            if let Some(met) = &mut self.met {
                met.value(number, Came::there(computed != Value::Null));
            }
            if let Some(value) = values.get_mut(number) {
                *value = computed;
            }
        }
    }

    fn session(&mut self, record: &Record, when: &When) -> Result<(), Left> {
        let parts = self.parts(record, when);
        let offsets = [when.end_offset, when.offset];
        let local_start = self.wall_clock(when.start, [when.offset, when.end_offset]);
        let local_end = when.end.map(|end| self.wall_clock(end, offsets));
        let last_part = parts.iter().filter_map(|part| part.end).max();
        let day = civil_day::of_session(
            Session {
                start: local_start,
                end: local_end,
                last_seen: last_part.map(|end| self.wall_clock(end, offsets)),
            },
            self.definition.day,
        );
        if !self.days.contains(&day) {
            return Err(Left::OtherDay);
        }
        let name = record.text(place::NAME).filter(|name| !name.is_empty());
        let id: Option<Arc<str>> =
            name.map(|name| Arc::from(name.rsplit('/').next().unwrap_or_default()));
        let text = |text: &Option<Arc<str>>| text.clone().map_or(Value::Null, Value::Text);
        let before = [
            text(&id),
            Value::Int(day),
            Value::Int(when.start),
            int(when.end),
            Value::Int(local_start),
            int(local_end),
            int(when.offset),
            int(when.end_offset),
        ];
        if let Some(met) = &mut self.met {
            met.updated(Came::there(record.int(place::UPDATED).is_some()));
        }
        self.rows_of(record, &before, &parts)?;
        let session = id.unwrap_or_else(|| Arc::from(civil::rfc3339(when.start)));
        for part in parts {
            let before = [
                Value::Text(Arc::clone(&session)),
                Value::Int(day),
                Value::Int(part.start),
                int(part.end),
                Value::Int(self.wall_clock(part.start, [part.offset, when.end_offset])),
                int(part.offset),
            ];
            if let Some(segments) = &mut self.segments {
                segments.push(before.into_iter().chain(part.values));
            }
        }
        Ok(())
    }

    /// The segments of a session, by their start.
    fn parts(&mut self, record: &Record, when: &When) -> Vec<Part> {
        let definition = self.definition;
        let Some(segments) = &definition.segments else {
            return Vec::new();
        };
        let mut parts = Vec::new();
        for (number, (array, list)) in segments.arrays.iter().zip(&record.lists).enumerate() {
            for element in list {
                if let Some(met) = &mut self.met {
                    let cells = element.cells.get(place::VALUES..).unwrap_or_default();
                    met.part(number, &segments.values, cells);
                }
                let part = Part::of(element, when.offset, segments, &array.says);
                if let Some(part) = part.filter(|_| !element.any_odd(&TIMES)) {
                    parts.push(part);
                } else {
                    self.faults.points += 1;
                    self.faults.unreadable += 1;
                }
            }
        }
        parts.sort_by_key(|part| (part.start, part.is_short));
        parts
    }
}

fn int(value: Option<i64>) -> Value {
    value.map_or(Value::Null, Value::Int)
}
