//! What the types of data are made of: their rows in the table, what is asked of them, and their points.

use crate::demo::json::{Json, Members};
use crate::demo::wearer::{CivilDay, Routine, Wearer, mix};
use chrono::NaiveDate;
use std::cell::OnceCell;
use std::ops::Range;

/// What a point of a type looks like, and by what it is filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// At an instant.
    Sample,
    /// From one instant to another.
    Interval,
    /// The same with a name, filtered by the wall clock.
    Session,
    /// A session filtered by its end.
    Sleep,
    /// A session filtered by its start, with a lower bound alone.
    Ecg,
    /// Of a date.
    Daily,
}

/// What is done with a collection of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `GET dataPoints`.
    List,
    /// `GET dataPoints:reconcile`.
    Reconcile,
    /// `POST dataPoints:rollUp`.
    RollUp,
    /// `POST dataPoints:dailyRollUp`.
    DailyRollUp,
}

/// Where a point comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The tracker, as it measured.
    Tracker,
    /// What the service made of the tracker's data.
    Derived,
    /// The wearer's phone.
    Phone,
    /// Another app, through Health Connect.
    OtherApp,
    /// Written down by hand.
    Manual,
}

/// How the points of a window are rolled up.
#[derive(Debug, Clone, Copy)]
pub enum RollUp {
    /// The sum of a member, under another name.
    Sum(&'static str, &'static str),
    /// Mean, highest and lowest of a member; as many of them as there are names.
    Mean(&'static str, &'static [&'static str]),
    /// How long the points last.
    Length(&'static str),
    /// By a label, as a list of its own: the label's name, the name of the list and of the label in it, and the value.
    ByLabel(&'static str, [&'static str; 2], Labelled),
    /// The sum of a member by a label, each under a name of its own.
    ByName(
        &'static str,
        &'static str,
        &'static [(&'static str, &'static str)],
    ),
}

/// What is summed up by a label.
#[derive(Debug, Clone, Copy)]
pub enum Labelled {
    /// How long the points last, under a name.
    Length(&'static str),
    /// The sum of a member, under another name.
    Sum(&'static str, &'static str),
}

/// A type of data: a row of the table.
#[derive(Debug, Clone, Copy)]
pub struct DataType {
    /// As paths spell it: `heart-rate`.
    pub name: &'static str,
    /// What its points look like.
    pub shape: Shape,
    /// The scope that reads it, as in `oauth::scopes`.
    pub scope: &'static str,
    /// What the service does with it.
    pub actions: &'static [Action],
    /// The members of its value, as a mask.
    pub members: &'static str,
    /// How it is rolled up, and the longest span of that in days.
    pub roll_up: Option<(RollUp, i64)>,
    /// The points of one day; two that are alike in time may be there, no matter in which order.
    pub points: fn(&Asked<'_>) -> Vec<Point>,
    /// The copy of a point that another source has; seen by `list` alone.
    pub copy: fn(&Asked<'_>, &Point) -> Option<Point>,
}

impl DataType {
    /// As filters spell it: `heart_rate`.
    pub fn filter_name(&self) -> String {
        self.name.replace('-', "_")
    }

    /// As JSON spells it: `heartRate`.
    pub fn json_name(&self) -> String {
        let mut words = self.name.split('-');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| {
            let (initial, rest) = word.split_at(1);
            name + &initial.to_ascii_uppercase() + rest
        })
    }
}

/// What is asked for: a day of the wearer.
pub struct Asked<'a> {
    /// Whose.
    pub wearer: &'a Wearer,
    /// The civil day.
    pub date: NaiveDate,
    /// Where it begins and ends.
    pub civil: CivilDay,
    /// Points whose start lies elsewhere (milliseconds) need not be made.
    pub wanted: Range<i64>,
    /// Everything before this instant has been synced.
    pub synced: i64,
    routine: OnceCell<Routine>,
}

/// A point.
#[derive(Debug, Clone)]
pub struct Point {
    /// From its first millisecond since 1970 up to its end, the same for a sample; of a date, its midnight as if at UTC.
    pub span: Range<i64>,
    /// Seconds ahead of UTC at start and end; `None` where the source does not say.
    pub offsets: Option<(i32, i32)>,
    /// The last part of its name, where it has one.
    pub id: Option<u64>,
    /// Where it comes from.
    pub source: Source,
    /// Its value.
    pub value: Value,
}

/// The members of a point, beside its time.
#[derive(Debug, Clone)]
pub enum Value {
    /// Only one: there are many of these.
    One([(&'static str, Json); 1]),
    /// Any number.
    Many(Members),
}

impl Value {
    /// The members.
    pub fn members(&self) -> &[(&'static str, Json)] {
        match self {
            Self::One(member) => member,
            Self::Many(members) => members,
        }
    }

    /// A member by its name, be it the member of the only item of a list.
    pub fn get(&self, name: &str) -> Option<&Json> {
        let inner = match self.members() {
            [(_, Json::List(items))] => match items.first() {
                Some(Json::Object(members)) => members,
                _ => return None,
            },
            members => members,
        };
        let found = inner.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value)
    }
}

/// A value of one member.
pub const fn one(name: &'static str, value: Json) -> Value {
    Value::One([(name, value)])
}

impl<'a> Asked<'a> {
    /// A day of which all is wanted that has been synced.
    pub fn of(wearer: &'a Wearer, date: NaiveDate, wanted: Range<i64>, synced: i64) -> Self {
        Self {
            wearer,
            date,
            civil: wearer.civil(date),
            wanted,
            synced,
            routine: OnceCell::new(),
        }
    }

    /// What the day is like.
    pub fn routine(&self) -> &Routine {
        self.routine.get_or_init(|| Routine::of(self.date))
    }

    /// Days since 1970.
    pub fn number(&self) -> i64 {
        self.date.to_epoch_days().into()
    }

    /// The instant at a second of the day's wall clock.
    pub fn at(&self, second: i64) -> i64 {
        let start = self.civil.window.start;
        let guess = start + second * 1000;
        let changed = self.civil.offset_at(guess) - self.civil.offset_at(start);
        guess - i64::from(changed) * 1000
    }

    /// A point of an instant or of a span.
    pub fn point(&self, span: Range<i64>, value: Value) -> Point {
        let at = |instant| self.wearer.offset_at(instant);
        Point {
            offsets: Some((at(span.start), at(span.end))),
            span,
            id: None,
            source: Source::Tracker,
            value,
        }
    }
}

/// A number that belongs to an instant: a name for what lies there.
pub fn id(instant: i64) -> u64 {
    mix(instant.cast_unsigned()) / 2
}
