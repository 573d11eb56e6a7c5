//! What else may stand in an archive: files of later versions and of other programs, damage, and what a kill leaves.

use crate::export::{archive, with_june};
use crate::export_readers::{python, run_python};
use crate::import_files::{takeout, zipped};
use crate::program::{Home, run};
use fitbit_hr::archive::{Archive, Series, Table};
use fitbit_hr::extract::{Column, Columns, Kind, Value};
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;

const JUNE: &str = "fitbit_data/archive/heart_rate/detail=1sec/year=2024/month=06";

fn first_of_june(home: &Home) -> PathBuf {
    home.work(&format!("{JUNE}/2024-06-01.parquet"))
}

/// The footer's own text, which stands there as it is.
fn change(path: &PathBuf, from: &[u8], to: &[u8]) {
    let mut bytes = fs::read(path).expect("readable");
    let found = bytes.windows(from.len()).position(|window| window == from);
    let at = found.expect("the text is there");
    bytes[at..at + to.len()].copy_from_slice(to);
    fs::write(path, bytes).expect("writable");
}

#[test]
fn a_file_of_a_later_version_is_fine_and_asks_for_an_update() {
    let home = with_june();
    let path = first_of_june(&home);
    change(
        &path,
        b"fitbit_hr.schema\x18\x011",
        b"fitbit_hr.schema\x18\x012",
    );
    let before = fs::read(&path).expect("readable");
    let export = home.run(["export"]).expect(65).says(&[
        "2024-06-01.parquet",
        "written by a newer version of fitbit-hr",
        "update fitbit-hr",
    ]);
    let status = home.run(["status"]).expect(0).says(&["newer version"]);
    for output in [export, status] {
        output.never_says("remove").never_says("damaged");
    }
    assert_eq!(fs::read(&path).expect("readable"), before);
}

#[test]
fn a_damaged_file_of_the_archive_is_named_by_an_import() {
    let home = with_june();
    let path = first_of_june(&home);
    let length = fs::metadata(&path).expect("there").len();
    let file = File::options().write(true).open(&path).expect("writable");
    file.set_len(length - 9).expect("shortened");
    home.file("takeout-1.zip", zipped(&takeout(&["2024-06-01"], -4)));
    home.run(["import", "takeout-1.zip"])
        .expect(65)
        .says(&["2024-06-01.parquet", "remove that file"]);
}

#[test]
#[cfg(unix)]
fn what_killed_runs_left_is_swept_up_and_what_is_being_written_is_not() {
    let home = with_june();
    let place = |name: &str| home.work(&format!("{JUNE}/{name}"));
    let names = [
        ".2024-06-01.parquet.AbC123.tmp",
        ".2023-01-05.parquet.000000.tmp",
        ".2024-06-02.parquet.alive0.tmp",
        ".notes.txt.AbC123.tmp",
    ];
    for name in names {
        fs::write(place(name), "half").expect("written");
    }
    let alive = File::open(place(names[2])).expect("there");
    alive.lock().expect("locked");
    for name in [".all.csv.AbC123.tmp", ".other.csv.AbC123.tmp"] {
        home.file(name, "half");
    }
    let left = |name: &str| home.work(name).exists();
    // An export writes beside its own file alone.
    home.run(["export", "-o", "all.csv"]).expect(0);
    assert!(names.iter().all(|name| place(name).exists()));
    let file = crate::export::day("2024-07-01", fitbit_hr::day::Detail::Sec1, "google", vec![]);
    archive(&home).update(&file).expect("stored");
    let there: Vec<_> = names.iter().map(|name| place(name).exists()).collect();
    assert_eq!(there, [false, false, true, true]);
    assert!(!left(".all.csv.AbC123.tmp"));
}

#[test]
fn a_day_that_another_program_rewrote_is_read() {
    let Some(python) = python("duckdb, pyarrow.parquet") else {
        return;
    };
    for rewrite in [
        "pq.write_table(t, path, compression='zstd')",
        "pq.write_table(t, path, compression='snappy', use_dictionary=False)",
        "pq.write_table(t.replace_schema_metadata(None), path, data_page_version='2.0')",
        "pq.write_table(t.select(['source', 'bpm', 'local_time', 'time', 'utc_offset', 'confidence']), path)",
        "duckdb.sql(f\"copy (select * from t) to '{path}'\")",
    ] {
        let home = with_june();
        let fields = "export --fields utc,offset,hr,confidence,source";
        let before = run(home.command(fields.split(' '))).expect(0).stdout;
        let path = first_of_june(&home);
        let script = format!(
            "import duckdb, pyarrow.parquet as pq\npath = r'{}'\nt = pq.read_table(path, partitioning=None)\n{rewrite}",
            path.display()
        );
        run_python(&home, &python, &script);
        let after = run(home.command(fields.split(' '))).expect(0).stdout;
        assert_eq!(after, before, "{rewrite}");
    }
    let home = with_june();
    let path = first_of_june(&home).display().to_string();
    let script = format!(
        "import pyarrow.parquet as pq\npath = r'{path}'\npq.write_table(pq.read_table(path, partitioning=None).drop(['bpm']), path)"
    );
    run_python(&home, &python, &script);
    home.run(["export"])
        .expect(65)
        .says(&["it lacks the column bpm", "written by parquet-cpp-arrow"])
        .never_says("damaged")
        .never_says("remove");
}

/// A table with a column of each kind, required and not.
fn everything() -> (Columns, Table) {
    let kinds = [
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
    let of = |kind: &Kind| {
        let name = format!("{kind:?}").to_lowercase();
        [
            Column::required(&name, *kind),
            Column::optional(&format!("{name}_or_none"), *kind),
        ]
    };
    let columns: Columns = kinds.iter().flat_map(of).collect();
    let mut table = Table::none(&columns);
    for n in 0..1000_i64 {
        let value = |kind: &Kind| match kind {
            Kind::Double => Value::Double(f64::from(i32::try_from(n).unwrap_or(0)) / 8.0),
            Kind::Boolean => Value::Boolean(n % 3 == 0),
            Kind::Text => Value::Text(Arc::from(format!("text {}", n % 5))),
            Kind::Int32List => Value::List(
                (0..n % 4)
                    .map(|m| i32::try_from(n * m).unwrap_or(0))
                    .collect(),
            ),
            Kind::Instant | Kind::WallClock | Kind::Int64 => {
                Value::Int(1_780_272_000_000 + n * 1000)
            }
            Kind::Date | Kind::Int32 => Value::Int(20_454 + n % 365),
        };
        let cells = kinds.iter().flat_map(|kind| {
            let or_none = if n % 7 == 0 { Value::Null } else { value(kind) };
            [value(kind), or_none]
        });
        table.rows.push(cells.collect::<Vec<_>>());
    }
    (columns, table)
}

#[test]
fn pyarrow_and_duckdb_read_every_kind_of_column() {
    let Some(python) = python("duckdb, pyarrow.parquet") else {
        return;
    };
    let home = Home::new();
    let (columns, table) = everything();
    let key = Series::new("everything", None).year(2026);
    let archive = Archive::open(&home.work("archive"), None);
    let edit = archive.edit(&key, &columns, |_| Some(table.clone()));
    edit.expect("written");
    run_python(&home, &python, EVERYTHING);
    // And back: what another program made of it is the same table.
    let read = archive.table(&key, &columns).expect("readable");
    assert_eq!(read.expect("there").rows, table.rows);
}

const EVERYTHING: &str = r#"
import datetime as dt, duckdb, pyarrow as pa, pyarrow.parquet as pq
path = 'archive/everything/year=2026/2026.parquet'
kinds = {'instant': pa.timestamp('ms', 'UTC'), 'wallclock': pa.timestamp('ms'), 'date': pa.date32(), 'int32': pa.int32(),
         'int64': pa.int64(), 'double': pa.float64(), 'boolean': pa.bool_(), 'text': pa.string()}
table = pq.read_table(path, partitioning=None)
table.validate(full=True)
def expect(kind, n):
    stamp = dt.datetime(2026, 6, 1) + dt.timedelta(seconds=n)
    return {'instant': stamp.replace(tzinfo=dt.timezone.utc), 'wallclock': stamp, 'date': dt.date(2026, 1, 1) + dt.timedelta(days=n % 365),
            'int32': 20454 + n % 365, 'int64': 1780272000000 + n * 1000, 'double': n / 8, 'boolean': n % 3 == 0,
            'text': f'text {n % 5}', 'int32list': [n * m for m in range(n % 4)]}[kind]
for kind in [*kinds, 'int32list']:
    field = table.schema.field(kind)
    assert not field.nullable and table.schema.field(kind + '_or_none').nullable
    assert pa.types.is_list(field.type) and field.type.value_type == pa.int32() if kind == 'int32list' else field.type == kinds[kind], field
    whole = [expect(kind, n) for n in range(1000)]
    gaps = [None if n % 7 == 0 else value for n, value in enumerate(whole)]
    assert table[kind].to_pylist() == whole, kind
    assert table[kind + '_or_none'].to_pylist() == gaps, kind
    duckdb.sql("set timezone = 'UTC'")
    rows = duckdb.sql(f'select {kind}, {kind}_or_none from "{path}"').fetchall()
    plain = lambda v: v.astimezone(dt.timezone.utc) if kind == 'instant' and v else v
    assert [(plain(a), plain(b)) for a, b in rows] == list(zip(whole, gaps)), kind
pq.write_table(table, path)
"#;
