//! A point of a page as the cells that its template names. Whatever else stands there is passed over without being kept.

use super::template::{Form, Node, Template};
use crate::extract::Value;
use crate::extract::definition::Wire;
use crate::google::wire;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::sync::Arc;

/// A cell as it came.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Cell {
    /// The member is not there.
    #[default]
    Absent,
    /// `"NaN"` or null: the service says that there is none.
    None,
    /// What is there is not what it should be.
    Odd,
    /// What is there.
    There(Value),
}

/// A point, or an element of one of its arrays.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) cells: Vec<Cell>,
    pub(super) lists: Vec<Vec<Self>>,
    /// It is no object, or something that should be one is not.
    pub(super) is_odd: bool,
    /// It has another member than single values that the template names: a window of a roll-up, more than its times.
    pub(super) has_more: bool,
}

impl Record {
    fn of(template: &Template) -> Self {
        let mut record = Self::default();
        record
            .cells
            .resize_with(template.forms.len(), Cell::default);
        record.lists.resize_with(template.lists.len(), Vec::new);
        record
    }

    /// The integer in a cell; `None` where there is none.
    pub(super) fn int(&self, at: usize) -> Option<i64> {
        match self.cells.get(at) {
            Some(Cell::There(Value::Int(value))) => Some(*value),
            _ => None,
        }
    }

    /// The text in a cell; `None` where there is none.
    pub(super) fn text(&self, at: usize) -> Option<&Arc<str>> {
        match self.cells.get(at) {
            Some(Cell::There(Value::Text(text))) => Some(text),
            _ => None,
        }
    }

    /// Any of these cells is not what it should be.
    pub(super) fn any_odd(&self, places: &[usize]) -> bool {
        let odd = |at: &usize| matches!(self.cells.get(*at), Some(Cell::Odd));
        self.is_odd || places.iter().any(odd)
    }
}

/// Texts that were met before: labels repeat from point to point.
#[derive(Debug, Default)]
pub(super) struct Words(Vec<Arc<str>>);

impl Words {
    /// More different ones than this are no labels.
    const MANY: usize = 32;

    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.iter().find(|known| &***known == text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = Arc::from(text);
        if self.0.len() < Self::MANY {
            self.0.push(Arc::clone(&new));
        }
        new
    }
}

/// Reads a record by its template.
pub(super) struct RecordSeed<'a> {
    pub(super) template: &'a Template,
    pub(super) words: &'a mut Words,
}

impl<'de> DeserializeSeed<'de> for RecordSeed<'_> {
    type Value = Record;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Record, D::Error> {
        let mut record = Record::of(self.template);
        NodeSeed {
            node: &self.template.root,
            template: self.template,
            record: &mut record,
            words: self.words,
        }
        .deserialize(deserializer)?;
        Ok(record)
    }
}

struct NodeSeed<'a> {
    node: &'a Node,
    template: &'a Template,
    record: &'a mut Record,
    words: &'a mut Words,
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl NodeSeed<'_> {
    fn form(&self, at: usize) -> Form {
        let form = self.template.forms.get(at).copied();
        form.unwrap_or(Form::Wire(Wire::Text))
    }

    /// A cell's value, or something in the place of an object or an array.
    #[allow(
        clippy::unnecessary_wraps,
        reason = "what every method of a visitor answers"
    )]
    fn scalar<E>(self, read: impl FnOnce(Form, &mut Words) -> Cell) -> Result<(), E> {
        if let Node::Cell(at) = self.node {
            let cell = read(self.form(*at), self.words);
            if let Some(place) = self.record.cells.get_mut(*at) {
                *place = cell;
            }
        } else {
            self.record.is_odd = true;
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        match self.node {
            Node::Cell(_) => self.scalar(|_, _| Cell::None),
            // A whole point is never null; a member may be.
            Node::Object(_) | Node::List(_) => {
                self.record.is_odd |= std::ptr::eq(self.node, &raw const self.template.root);
                Ok(())
            }
        }
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.scalar(|form, _| match form {
            Form::Wire(Wire::Boolean) => Cell::There(Value::Boolean(value)),
            Form::Wire(_) | Form::Instant | Form::Offset => Cell::Odd,
        })
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.scalar(|form, _| integer(form, value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.scalar(|form, _| i64::try_from(value).map_or(Cell::Odd, |value| integer(form, value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.scalar(|form, _| double(form, value))
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.scalar(|form, words| text(form, value, words))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Node::Object(members) = self.node else {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return self.scalar(|_, _| Cell::Odd);
        };
        let is_root = std::ptr::eq(self.node, &raw const self.template.root);
        while let Some(known) = map.next_key_seed(KeySeed(members))? {
            self.record.has_more |= is_root && !matches!(known, Some(Node::Cell(_)));
            match known {
                Some(node) => map.next_value_seed(NodeSeed {
                    node,
                    template: self.template,
                    record: self.record,
                    words: self.words,
                })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        match self.node {
            Node::List(at) => {
                let Some(template) = self.template.lists.get(*at) else {
                    return Ok(());
                };
                let mut all = Vec::new();
                while let Some(element) = seq.next_element_seed(RecordSeed {
                    template,
                    words: self.words,
                })? {
                    all.push(element);
                }
                if let Some(list) = self.record.lists.get_mut(*at) {
                    *list = all;
                }
                Ok(())
            }
            Node::Cell(at) if self.form(*at) == Form::Wire(Wire::List) => {
                let mut numbers = Vec::new();
                while let Some(number) = seq.next_element::<i32>()? {
                    numbers.push(number);
                }
                self.scalar(|_, _| Cell::There(Value::List(Arc::from(numbers))))
            }
            Node::Cell(_) | Node::Object(_) => {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                self.scalar(|_, _| Cell::Odd)
            }
        }
    }
}

/// Finds a key among the members that matter.
struct KeySeed<'a>(&'a [(String, Node)]);

impl<'a, 'de> DeserializeSeed<'de> for KeySeed<'a> {
    type Value = Option<&'a Node>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'_> for KeySeed<'a> {
    type Value = Option<&'a Node>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        let member = self.0.iter().find(|(member, _)| member == key);
        Ok(member.map(|(_, node)| node))
    }
}

#[allow(clippy::cast_precision_loss, reason = "amounts of a day are small")]
fn integer(form: Form, value: i64) -> Cell {
    match form {
        Form::Wire(Wire::Integer | Wire::StringInteger) => Cell::There(Value::Int(value)),
        Form::Wire(Wire::Number) => Cell::There(Value::Double(value as f64)),
        Form::Wire(Wire::Text | Wire::Boolean | Wire::Duration | Wire::List)
        | Form::Instant
        | Form::Offset => Cell::Odd,
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "checked to be whole and small"
)]
fn double(form: Form, value: f64) -> Cell {
    let is_whole = value.fract() == 0.0 && value.abs() < 9e15;
    match form {
        Form::Wire(Wire::Number) => Cell::There(Value::Double(value)),
        Form::Wire(Wire::Integer | Wire::StringInteger) if is_whole => {
            Cell::There(Value::Int(value as i64))
        }
        Form::Wire(_) | Form::Instant | Form::Offset => Cell::Odd,
    }
}

fn text(form: Form, value: &str, words: &mut Words) -> Cell {
    let some = |read: Option<Value>| read.map_or(Cell::Odd, Cell::There);
    match form {
        Form::Wire(Wire::Text) => Cell::There(Value::Text(words.shared(value))),
        Form::Wire(_) if value == "NaN" => Cell::None,
        Form::Wire(Wire::Integer | Wire::StringInteger) => some(value.parse().ok().map(Value::Int)),
        Form::Wire(Wire::Number) => {
            let number = value
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite());
            some(number.map(Value::Double))
        }
        Form::Wire(Wire::Duration) => wire::seconds(value).map_or(Cell::Odd, |seconds| {
            double(Form::Wire(Wire::Integer), seconds.trunc())
        }),
        Form::Wire(Wire::Boolean | Wire::List) => Cell::Odd,
        Form::Instant => some(wire::instant(value).map(Value::Int)),
        Form::Offset => some(wire::utc_offset(value).map(|offset| Value::Int(offset.into()))),
    }
}
