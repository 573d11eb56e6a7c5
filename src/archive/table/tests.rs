//! Every kind of column comes back, for a day and for a year.

use super::*;
use crate::archive::{Archive, Change, Error, Series};
use crate::day::Detail;
use crate::extract::{Kind, Value};
use proptest::prelude::*;
use std::path::Path;

const KINDS: [Kind; 9] = [
    Kind::Instant,
    Kind::WallClock,
    Kind::Date,
    Kind::Int32,
    Kind::Int64,
    Kind::Double,
    Kind::Boolean,
    Kind::Text,
    Kind::Int32List,
];

/// A column of each kind that must be there, and one that need not.
fn columns() -> Columns {
    let of = |kind: Kind| {
        let name = format!("{kind:?}").to_lowercase();
        [
            Column::required(&name, kind),
            Column::optional(&format!("{name}_or_none"), kind),
        ]
    };
    KINDS.into_iter().flat_map(of).collect()
}

fn value(kind: Kind) -> BoxedStrategy<Value> {
    match kind {
        Kind::Instant | Kind::WallClock | Kind::Int64 => prop_oneof![
            (1_700_000_000_000..1_700_000_100_000_i64).prop_map(Value::Int),
            any::<i64>().prop_map(Value::Int)
        ]
        .boxed(),
        Kind::Date | Kind::Int32 => prop_oneof![
            (0_i64..5).prop_map(Value::Int),
            any::<i32>().prop_map(|n| Value::Int(n.into()))
        ]
        .boxed(),
        Kind::Double => prop_oneof![
            (0_u8..3).prop_map(|n| Value::Double(f64::from(n) / 8.0)),
            (-1e9..1e9_f64).prop_map(Value::Double)
        ]
        .boxed(),
        Kind::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        Kind::Text => "[a-c]{0,2}é?"
            .prop_map(|t| Value::Text(Arc::from(t)))
            .boxed(),
        Kind::Int32List => proptest::collection::vec(any::<i32>(), 0..4)
            .prop_map(|list| Value::List(Arc::from(list)))
            .boxed(),
    }
}

fn a_row() -> impl Strategy<Value = Vec<Value>> {
    let cells: Vec<_> = KINDS
        .into_iter()
        .flat_map(|kind| {
            let there = value(kind);
            let or_none = prop_oneof![Just(Value::Null), there.clone()];
            [there, or_none.boxed()]
        })
        .collect();
    cells
}

fn any_meta() -> impl Strategy<Value = TableMeta> {
    (
        proptest::option::of("[A-Z][a-z]{1,8}/[A-Z][a-z_]{1,8}"),
        proptest::collection::vec(0_i64..300, 0..9),
        any::<bool>(),
    )
        .prop_map(|(timezone, days, settled)| {
            let known: DayRanges = days
                .iter()
                .filter_map(|day| date_of(20_454 + day))
                .collect();
            TableMeta {
                providers: [Provider::Google, Provider::Demo].into(),
                timezone,
                settled: if settled {
                    known.clone()
                } else {
                    DayRanges::new()
                },
                known,
            }
        })
}

fn year() -> Key {
    Series::new("everything", None).year(2026)
}

fn of(rows: Vec<Vec<Value>>, meta: TableMeta) -> Table {
    let mut table = Table {
        meta,
        ..Table::none(&columns())
    };
    for row in rows {
        table.rows.push(row);
    }
    table
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_was_encoded_is_read_back(
        rows in proptest::collection::vec(a_row(), 0..60), meta in any_meta()
    ) {
        let (table, columns) = (of(rows, meta), columns());
        let format = TableFormat { columns: &columns };
        let bytes = format.encode(&table, &year()).expect("encoded");
        prop_assert_eq!(format.decode(&bytes.clone().into(), &year()), Ok(table.clone()));
        let own: Columns = Reader::open(&bytes.into()).expect("a file").columns().into();
        prop_assert_eq!(own, columns);
    }

    #[test]
    fn damage_is_an_error_or_harmless_but_never_a_crash(
        rows in proptest::collection::vec(a_row(), 1..9),
        places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let columns = columns();
        let format = TableFormat { columns: &columns };
        let table = of(rows, TableMeta::default());
        let mut bytes = format.encode(&table, &year()).expect("encoded");
        for (place, value) in places {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let _ = format.decode(&bytes.into(), &year());
    }
}

fn archive(folder: &Path) -> Archive {
    Archive::open(folder, None)
}

/// Steps of a day, or of a year, with all that must be there.
fn steps(amounts: &[i64]) -> (Columns, Table) {
    let columns: Columns = Arc::from([
        Column::required("local_time", Kind::WallClock),
        Column::required("steps", Kind::Int32),
    ]);
    let mut table = Table::none(&columns);
    for (n, amount) in (0..).zip(amounts) {
        // 2026-06-01, an hour each.
        let time = 1_780_272_000_000 + n * 3_600_000;
        table.rows.push([Value::Int(time), Value::Int(*amount)]);
    }
    (columns, table)
}

#[test]
fn a_file_says_what_it_holds_and_is_changed_by_its_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let archive = archive(folder.path());
    let (columns, mut table) = steps(&[20, 30]);
    let date: NaiveDate = "2026-06-01".parse().expect("a date");
    table.meta.known.insert(date);
    for key in [
        Series::new("steps", Some(Detail::Min1)).day(date),
        Series::new("hrv", None).year(2026),
    ] {
        let edit = |table: Option<Table>| archive.edit(&key, &columns, move |_| table.clone());
        assert_eq!(edit(None).expect("nothing"), None);
        assert_eq!(
            edit(Some(table.clone())).expect("written"),
            Some(Change::Created)
        );
        assert_eq!(
            edit(Some(table.clone())).expect("written"),
            Some(Change::Unchanged)
        );
        let stored = archive.table(&key, &columns).expect("readable");
        assert_eq!(stored.as_ref(), Some(&table));
        let footer = archive
            .table_footer(&key)
            .expect("readable")
            .expect("there");
        assert_eq!((footer.rows, &footer.meta), (2, &table.meta));
        let held = archive.held(&key).expect("readable");
        assert_eq!(held.rows.into_iter().collect::<Vec<_>>(), [(date, 2)]);
        assert_eq!(
            (held.known, held.settled.is_empty()),
            (table.meta.known.clone(), true)
        );
    }
    let series: Vec<_> = archive
        .series()
        .expect("listed")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(series, ["hrv", "steps at 1min"]);
}

#[test]
fn all_keys_of_the_footer_are_there() {
    let (_, mut table) = steps(&[]);
    table.meta.known = "2026-01-01/2026-03-04,2026-03-06/2026-03-06"
        .parse()
        .expect("days");
    table.meta.settled = "2026-01-01/2026-03-04".parse().expect("days");
    let shown = |key: &Key| -> Vec<String> {
        let pairs = encode_meta(key, &table.meta).into_iter();
        pairs
            .map(|(key, value)| format!("{}={value}", &key["fitbit_hr.".len()..]))
            .collect()
    };
    assert_eq!(
        shown(&Series::new("sleep", None).year(2026)),
        [
            "schema=1",
            "extract=sleep",
            "day=",
            "year=2026",
            "detail=",
            "provider=",
            "settled=false",
            "timezone=",
            "known=2026-01-01/2026-03-04,2026-03-06/2026-03-06",
            "settled_days=2026-01-01/2026-03-04",
        ]
    );
}

#[test]
fn columns_that_came_later_are_empty_and_those_that_must_be_there_are_missed() {
    let folder = tempfile::tempdir().expect("a folder");
    let archive = archive(folder.path());
    let (columns, table) = steps(&[20]);
    let key = Series::new("steps", None).year(2026);
    let write = archive.edit(&key, &columns, |_| Some(table.clone()));
    write.expect("written");
    let with = |column: Column| -> Columns { columns.iter().cloned().chain([column]).collect() };
    let wider = archive.table(&key, &with(Column::optional("floors", Kind::Int32)));
    assert_eq!(
        wider.expect("readable").expect("there").rows.ints("floors"),
        [None]
    );
    for column in [
        Column::required("floors", Kind::Int32),
        Column::optional("steps", Kind::Text),
    ] {
        let error = archive.table(&key, &with(column)).expect_err("refused");
        assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
    }
}

/// A night of oxygen saturation: a value a minute, of which few differ.
#[test]
fn doubles_that_repeat_take_a_byte_each_and_come_back() {
    let columns: Columns = Arc::from([
        Column::required("time", Kind::Instant),
        Column::required("percent", Kind::Double),
    ]);
    let of = |value: fn(i64) -> f64| {
        let mut table = Table::none(&columns);
        for n in 0..2000 {
            let value = Value::Double(value(n * n * 7919 % 1009));
            table.rows.push([Value::Int(n * 60_000), value]);
        }
        let format = TableFormat { columns: &columns };
        let bytes = format.encode(&table, &year()).expect("encoded");
        let length = bytes.len();
        assert_eq!(format.decode(&bytes.into(), &year()), Ok(table));
        length
    };
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    let repeated = of(|n| 90.0 + (n % 80) as f64 / 10.0);
    assert!(repeated < 3500, "{repeated}");
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    let others = of(|n| (n as f64).sqrt());
    assert!(others > repeated, "{others}");
}
