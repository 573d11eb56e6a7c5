//! Where on a page each cell of a row stands: a definition, laid out as the tree that the JSON is.

use crate::extract::Definition;
use crate::extract::definition::{Field, Operation, Wire};
use crate::extract::shape::Shape;

/// The places of the cells that every point has before its values.
pub(super) mod place {
    pub const NAME: usize = 0;
    pub const DEVICE: usize = 1;
    pub const START: usize = 2;
    pub const START_OFFSET: usize = 3;
    pub const END: usize = 4;
    pub const END_OFFSET: usize = 5;
    pub const YEAR: usize = 6;
    pub const MONTH: usize = 7;
    pub const DAY: usize = 8;
    pub const UPDATED: usize = 9;
    /// The first of the values.
    pub const VALUES: usize = 10;
}

/// How a cell is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As the definition says.
    Wire(Wire),
    /// RFC 3339, read as milliseconds.
    Instant,
    /// `-18000s`, read as seconds.
    Offset,
}

/// What stands at a member.
#[derive(Debug)]
pub(super) enum Node {
    /// An object, of which these members matter.
    Object(Vec<(String, Self)>),
    /// A cell.
    Cell(usize),
    /// An array of which each element is a record of its own.
    List(usize),
}

/// A point, or an element of one of its arrays.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) root: Node,
    /// How each cell is written.
    pub(super) forms: Vec<Form>,
    /// What the elements of each array are.
    pub(super) lists: Vec<Self>,
}

impl Template {
    /// A point of a series.
    pub(super) fn of(definition: &Definition) -> Self {
        let mut template = Self::with_times(definition);
        let member = [definition.member.as_str()];
        if definition.unfold.is_empty() {
            template.values(&member, &definition.values);
        } else {
            let mut element = Self::empty(0);
            element.values(&[], &definition.values);
            template.list(&below(&member, &definition.unfold), element);
        }
        for array in definition.segments.iter().flat_map(|all| &all.arrays) {
            template.list(&below(&member, &array.path), Self::segment(definition));
        }
        template
    }

    fn with_times(definition: &Definition) -> Self {
        let mut template = Self::empty(place::VALUES);
        let text = Form::Wire(Wire::Text);
        let member = definition.member.as_str();
        match definition.operation {
            Operation::Reconcile => template.cell(&["dataPointName"], place::NAME, text),
            Operation::List => {
                template.cell(&["name"], place::NAME, text);
                let device = ["dataSource", "device", "displayName"];
                template.cell(&device, place::DEVICE, text);
            }
            Operation::RollUp => {}
        }
        if !definition.updated.is_empty() {
            let updated = below(&[member], &definition.updated);
            template.cell(&updated, place::UPDATED, Form::Instant);
        }
        match (definition.operation, definition.shape) {
            (Operation::RollUp, _) => {
                template.cell(&["startTime"], place::START, Form::Instant);
                template.cell(&["endTime"], place::END, Form::Instant);
            }
            (_, Shape::Days) => {
                for (key, at) in [
                    ("year", place::YEAR),
                    ("month", place::MONTH),
                    ("day", place::DAY),
                ] {
                    template.cell(&[member, "date", key], at, Form::Wire(Wire::Integer));
                }
            }
            (_, Shape::Samples) => {
                let time = [member, "sampleTime"];
                template.cell(
                    &below(&time, &["physicalTime"]),
                    place::START,
                    Form::Instant,
                );
                template.cell(
                    &below(&time, &["utcOffset"]),
                    place::START_OFFSET,
                    Form::Offset,
                );
            }
            (_, Shape::Intervals | Shape::Sessions) => template.span(&[member, "interval"]),
        }
        template
    }

    fn segment(definition: &Definition) -> Self {
        let mut element = Self::empty(place::VALUES);
        element.span(&[]);
        let values = definition.segments.iter().flat_map(|all| &all.values);
        let values: Vec<Field> = values.cloned().collect();
        element.values(&[], &values);
        element
    }

    fn empty(cells: usize) -> Self {
        Self {
            root: Node::Object(Vec::new()),
            forms: vec![Form::Wire(Wire::Text); cells],
            lists: Vec::new(),
        }
    }

    /// The start and the end of an interval, with their offsets.
    fn span(&mut self, path: &[&str]) {
        for (key, at, form) in [
            ("startTime", place::START, Form::Instant),
            ("startUtcOffset", place::START_OFFSET, Form::Offset),
            ("endTime", place::END, Form::Instant),
            ("endUtcOffset", place::END_OFFSET, Form::Offset),
        ] {
            self.cell(&below(path, &[key]), at, form);
        }
    }

    /// A cell for each field, whether or not it stands on the page.
    fn values(&mut self, path: &[&str], fields: &[Field]) {
        for field in fields {
            let at = self.forms.len();
            match field.origin.member() {
                Some((keys, wire)) => self.cell(&below(path, keys), at, Form::Wire(wire)),
                None => self.forms.push(Form::Wire(Wire::Text)),
            }
        }
    }

    fn cell(&mut self, path: &[&str], at: usize, form: Form) {
        if self.forms.len() <= at {
            self.forms.resize(at + 1, form);
        }
        if let Some(place) = self.forms.get_mut(at) {
            *place = form;
        }
        insert(&mut self.root, path, Node::Cell(at));
    }

    fn list(&mut self, path: &[&str], element: Self) {
        let at = self.lists.len();
        self.lists.push(element);
        insert(&mut self.root, path, Node::List(at));
    }

    /// The members that are asked for, in the notation of the parameter `fields`: `interval(startTime),count`.
    pub(super) fn mask(&self) -> String {
        self.masked(&self.root)
    }

    fn masked(&self, node: &Node) -> String {
        match node {
            Node::Cell(_) => String::new(),
            Node::List(at) => self.lists.get(*at).map(Self::mask).unwrap_or_default(),
            Node::Object(members) => {
                let members = members.iter().map(|(key, node)| match self.masked(node) {
                    below if below.is_empty() => key.clone(),
                    below => format!("{key}({below})"),
                });
                members.collect::<Vec<_>>().join(",")
            }
        }
    }
}

fn below<'a, T: AsRef<str>>(path: &[&'a str], keys: &'a [T]) -> Vec<&'a str> {
    let keys = keys.iter().map(AsRef::as_ref);
    path.iter().copied().chain(keys).collect()
}

fn insert(node: &mut Node, path: &[&str], leaf: Node) {
    let (Node::Object(members), [key, rest @ ..]) = (node, path) else {
        return;
    };
    let at = members.iter().position(|(member, _)| member == key);
    let at = at.unwrap_or_else(|| {
        members.push(((*key).to_owned(), Node::Object(Vec::new())));
        members.len() - 1
    });
    let Some((_, child)) = members.get_mut(at) else {
        return;
    };
    if rest.is_empty() {
        *child = leaf;
    } else {
        insert(child, rest, leaf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Catalogue;

    #[test]
    fn what_is_asked_for_is_what_a_row_needs() {
        let catalogue = Catalogue::default();
        for (name, mask) in [
            (
                "steps",
                "dataPointName,steps(interval(startTime,startUtcOffset,endTime,endUtcOffset),count)",
            ),
            (
                "resting_heart_rate",
                "dataPointName,dailyRestingHeartRate(date(year,month,day),beatsPerMinute)",
            ),
        ] {
            let definition = catalogue.get(name).expect("in the catalogue");
            assert_eq!(Template::of(definition).mask(), mask);
        }
        let sleep = catalogue.get("sleep").expect("in the catalogue");
        let mask = Template::of(sleep).mask();
        let stages = "stages(startTime,startUtcOffset,endTime,endUtcOffset,type)";
        assert!(mask.contains(stages), "{mask}");
    }
}
