//! Order never matters, nothing is added up, sessions stay whole.

use super::*;
use crate::archive::DayRanges;
use crate::extract::{Column, Columns, Kind, Value};
use proptest::prelude::*;

fn columns(shape: Shape) -> Columns {
    let mut all = shape.columns_before();
    all.push(Column::optional("label", Kind::Text));
    all.push(Column::optional("amount", Kind::Double));
    all.extend(shape.columns_after());
    all.into()
}

fn segment_columns() -> Columns {
    let mut all = Shape::segment_columns();
    all.push(Column::required("kind", Kind::Text));
    all.into()
}

fn text(text: &str) -> Value {
    Value::Text(Arc::from(text))
}

/// A row by the names of its cells; what is not named and must be there is zero.
fn push(rows: &mut Rows, cells: &[(&str, Value)]) {
    let columns = Arc::clone(rows.columns());
    rows.push(columns.iter().map(|column| {
        let named = cells.iter().find(|cell| cell.0 == column.name);
        match (named, column.kind, column.required) {
            (Some(cell), ..) => cell.1.clone(),
            (None, Kind::Text, true) => text(""),
            (None, _, true) => Value::Int(0),
            _ => Value::Null,
        }
    }));
}

/// A row in short: when, label or id, amount, which source, when it was updated.
type Short = (i64, u8, u8, u8, u8);

fn table(shape: Shape, shorts: &[Short]) -> Table {
    let mut table = Table::none(&columns(shape));
    for (time, label, amount, source, updated) in shorts {
        let sources = ["google", "takeout/Inspire 3", "fitbit"];
        let mut cells = vec![
            ("time", Value::Int(*time)),
            ("local_time", Value::Int(*time)),
            ("day", Value::Int(*time)),
            ("label", text(["a", "b"][usize::from(*label % 2)])),
            ("amount", Value::Double(f64::from(*amount))),
            ("source", text(sources[usize::from(*source % 3)])),
        ];
        if *label < 6 {
            cells.push(("id", text(&label.to_string())));
        }
        if *updated > 0 {
            cells.push(("updated", Value::Int(i64::from(*updated))));
        }
        push(&mut table.rows, &cells);
        table.meta.known.insert(
            chrono::NaiveDate::from_epoch_days(i32::try_from(*time).unwrap_or_default())
                .unwrap_or_default(),
        );
    }
    table
}

fn shorts() -> impl Strategy<Value = Vec<Short>> {
    proptest::collection::vec((0_i64..6, 0_u8..8, 0_u8..3, 0_u8..3, 0_u8..3), 0..8)
}

/// A session's segments follow from its own cells, and from `odd`, so that accounts may differ.
fn with_segments(shorts: &[Short], odd: &[u8]) -> (Table, Table) {
    let sessions = table(Shape::Sessions, shorts);
    let pool = Pool::new(
        Shape::Sessions,
        &[],
        sessions.rows.clone(),
        Rows::none(columns(Shape::Sessions)),
    );
    let mut segments = Table::none(&segment_columns());
    for (row, odd) in (0..shorts.len()).zip(odd) {
        let name = session(&pool.rows, row).expect("a name");
        for n in 0..*odd {
            let cells = [
                ("session", Value::Text(Arc::clone(&name))),
                ("time", Value::Int(i64::from(n))),
                ("kind", text(&format!("{odd} of {row}"))),
            ];
            push(&mut segments.rows, &cells);
        }
    }
    (sessions, segments)
}

fn labels(shape: Shape) -> Vec<String> {
    match shape {
        Shape::Intervals | Shape::Days => vec!["label".to_owned()],
        Shape::Samples | Shape::Sessions => Vec::new(),
    }
}

proptest! {
    #[test]
    fn order_never_matters(a in shorts(), b in shorts(), c in shorts()) {
        for shape in Shape::ALL {
            let [a, b, c] = [&a, &b, &c].map(|shorts| table(shape, shorts));
            let merge = |a: &Table, b: &Table| merge(shape, &labels(shape), a.clone(), b.clone());
            let ab = merge(&a, &b);
            prop_assert_eq!(&ab, &merge(&b, &a));
            prop_assert_eq!(&ab, &merge(&ab, &ab));
            prop_assert_eq!(&ab, &merge(&ab, &b));
            prop_assert_eq!(merge(&ab, &c), merge(&a, &merge(&b, &c)));
        }
    }

    #[test]
    fn sessions_keep_their_segments_in_whatever_order_they_come(
        a in shorts(), b in shorts(), c in shorts(), odd in proptest::collection::vec(0_u8..3, 24)
    ) {
        let a = with_segments(&a, &odd[..8]);
        let b = with_segments(&b, &odd[8..16]);
        let c = with_segments(&c, &odd[16..]);
        let merge = |a: &(Table, Table), b: &(Table, Table)| sessions(a.clone(), b.clone());
        let ab = merge(&a, &b);
        prop_assert_eq!(&ab, &merge(&b, &a));
        prop_assert_eq!(&ab, &merge(&ab, &ab));
        prop_assert_eq!(merge(&ab, &c), merge(&a, &merge(&b, &c)));
    }
}

fn amounts(table: &Table) -> Vec<String> {
    let place = table.rows.place("amount").expect("a column");
    let sources = table.rows.texts("source");
    let row = |row| {
        let Value::Double(amount) = table.rows.get(row, place) else {
            panic!("no amount in row {row}");
        };
        format!("{amount} {}", sources[row].as_deref().unwrap_or("-"))
    };
    (0..table.rows.len()).map(row).collect()
}

#[test]
fn one_source_stays_and_nothing_is_added() {
    let google = table(Shape::Intervals, &[(1, 0, 5, 0, 0), (1, 1, 7, 0, 0)]);
    let takeout = table(Shape::Intervals, &[(1, 0, 9, 1, 0), (2, 0, 3, 1, 0)]);
    let merged = merge(Shape::Intervals, &labels(Shape::Intervals), google, takeout);
    assert_eq!(
        amounts(&merged),
        ["5 google", "7 google", "3 takeout/Inspire 3"]
    );
    let days: DayRanges = merged.meta.known;
    assert_eq!(days.to_string(), "1970-01-02/1970-01-03");
}

#[test]
fn the_session_that_was_updated_last_stays_with_its_segments() {
    let before = with_segments(&[(1, 0, 1, 0, 1), (9, 1, 2, 0, 1)], &[2, 1]);
    let after = with_segments(&[(2, 0, 3, 0, 2)], &[1]);
    let (sessions, segments) = sessions(before, after);
    assert_eq!(amounts(&sessions), ["3 google", "2 google"]);
    let kinds: Vec<_> = segments
        .rows
        .texts("kind")
        .iter()
        .flatten()
        .map(ToString::to_string)
        .collect();
    assert_eq!(kinds.len(), 2);
    assert!(
        kinds.contains(&"1 of 0".to_owned()) && kinds.contains(&"1 of 1".to_owned()),
        "{kinds:?}"
    );
}
