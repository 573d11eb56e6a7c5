//! What `export` and the archive hold, read back by the libraries that people use.

use crate::export::{archive, at, day, with_june};
use crate::program::{Home, run};
use fitbit_hr::day::{Detail, Sample};
use std::process::{Command, Stdio};

/// A Python with these modules, or a sentence about the test that was skipped.
pub fn python(modules: &str) -> Option<String> {
    let named = std::env::var("FITBIT_HR_TEST_PYTHON").ok();
    let python = named.unwrap_or_else(|| "python3".to_owned());
    let imports = Command::new(&python)
        .args(["-c", &format!("import {modules}")])
        .stderr(Stdio::null())
        .status();
    if imports.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    say(&format!(
        "skipped: {python} cannot import {modules}; see FITBIT_HR_TEST_PYTHON"
    ));
    None
}

#[allow(
    clippy::print_stderr,
    reason = "whoever runs the tests is told what did not run"
)]
fn say(sentence: &str) {
    eprintln!("{sentence}");
}

/// Runs a script in the working folder of `home`; it fails by an exception.
pub fn run_python(home: &Home, python: &str, script: &str) {
    let output = Command::new(python)
        .args(["-c", script])
        .current_dir(home.work(""))
        .output()
        .expect("Python starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
}

#[test]
fn python_reads_the_database() {
    let Some(python) = python("sqlite3") else {
        return;
    };
    let home = with_june();
    run(home.command(["export", "-o", "heart.db"])).expect(0);
    run_python(
        &home,
        &python,
        r"
import sqlite3
db = sqlite3.connect('heart.db')
assert db.execute('pragma integrity_check').fetchone() == ('ok',)
rows = db.execute('select time, local_time, utc_offset, bpm, confidence, source from heart_rate order by time').fetchall()
assert rows[0] == ('2024-06-01T04:00:00Z', '2024-06-01T00:00:00', -14400, 60, 3, 'takeout/Inspire 3'), rows
assert rows[1][4] is None
days = db.execute('select day, detail, provider, settled, timezone, resting_bpm, samples from day order by day').fetchall()
assert days == [('2024-06-01', '1sec', 'takeout', 1, 'America/New_York', 58.6, 3), ('2024-06-02', '1sec', 'google', 1, 'America/New_York', None, 0)], days
assert db.execute('''select avg(bpm) from heart_rate where date(local_time) = '2024-06-01' ''').fetchone()[0] == 221 / 3
",
    );
}

#[test]
fn a_parser_of_line_protocol_reads_the_lines() {
    let Some(python) = python("line_protocol_parser") else {
        return;
    };
    let home = with_june();
    let device = "takeout/a, b=c";
    let odd = day("2024-06-03", Detail::Sec1, device, vec![at(172_800, 200)]);
    archive(&home).update(&odd).expect("stored");
    run(home.command(["export", "-o", "june.influx"])).expect(0);
    run_python(
        &home,
        &python,
        r"
from line_protocol_parser import parse_line
points = [parse_line(line.rstrip('\n')) for line in open('june.influx')]
assert len(points) == 4, points
assert points[0] == {'measurement': 'heart_rate', 'tags': {'source': 'takeout/Inspire 3'}, 'fields': {'bpm': 60}, 'time': 1717214400000000000}, points[0]
assert points[3]['tags'] == {'source': 'takeout/a, b=c'}, points[3]
assert isinstance(points[3]['fields']['bpm'], int)
",
    );
}

#[test]
fn duckdb_and_pyarrow_read_the_archive_and_the_export() {
    let Some(python) = python("duckdb, pyarrow.dataset, pyarrow.parquet") else {
        return;
    };
    let home = with_june();
    let by_clock = Sample {
        instant: None,
        utc_offset: None,
        ..at(86_400 * 2 + 1, 77)
    };
    let dense = (0..3000).map(|n| Sample {
        confidence: u8::try_from(n % 4).ok(),
        ..at(
            86_400 * 3 + n * (1 + n % 3),
            u16::try_from(50 + n % 90).unwrap_or(60),
        )
    });
    for file in [
        day("2024-06-03", Detail::Sec1, "fitbit", vec![by_clock]),
        day("2024-06-04", Detail::Sec1, "takeout/Charge 5", {
            let mut samples: Vec<_> = dense.collect();
            samples.sort_by_key(Sample::order_key);
            samples.dedup_by_key(|sample| sample.instant);
            samples
        }),
    ] {
        archive(&home).update(&file).expect("stored");
    }
    run(home.command(["export", "-o", "june.parquet"])).expect(0);
    run(home.command("export -o june.csv --fields utc,hr,confidence,source".split(' '))).expect(0);
    assert_eq!(archive(&home).days(Detail::Sec1).expect("listed").len(), 4);
    run_python(&home, &python, READERS);
}

const READERS: &str = r#"
import csv, datetime, duckdb, glob, pyarrow as pa, pyarrow.dataset as ds, pyarrow.parquet as pq
root = 'fitbit_data/archive/heart_rate'
types = {'time': 'TIMESTAMP WITH TIME ZONE', 'local_time': 'TIMESTAMP', 'utc_offset': 'INTEGER',
         'bpm': 'INTEGER', 'confidence': 'INTEGER', 'source': 'VARCHAR'}
schema = pa.schema([
    pa.field('time', pa.timestamp('ms', 'UTC')), pa.field('local_time', pa.timestamp('ms'), nullable=False),
    pa.field('utc_offset', pa.int32()), pa.field('bpm', pa.int32(), nullable=False),
    pa.field('confidence', pa.int32()), pa.field('source', pa.string(), nullable=False)])
duckdb.sql("set timezone = 'UTC'")
text = lambda v: '' if v is None else str(v)
expected = [tuple(row) for row in csv.reader(open('june.csv'))][1:]
for source in (root + '/**/*.parquet', 'june.parquet'):
    rows = duckdb.sql(f"select * from read_parquet('{source}', hive_partitioning = false) order by local_time")
    assert dict(zip(rows.columns, map(str, rows.types))) == types, (rows.columns, rows.types)
    found = [(text(t and t.strftime('%Y-%m-%dT%H:%M:%SZ')), str(b), text(c), s) for t, l, o, b, c, s in rows.fetchall()]
    assert found == expected, source
    assert duckdb.sql(f"select count(*) from '{source}' where bpm > 130 and time >= '2024-06-04'").fetchall()[0][0] > 0
assert duckdb.sql(f"select distinct detail, year, month from '{root}/**/*.parquet'").fetchall() == [('1sec', 2024, '06')]
for path in sorted(glob.glob(root + '/**/*.parquet', recursive=True)) + ['june.parquet']:
    table = pq.read_table(path, partitioning=None)
    assert table.schema.remove_metadata().equals(schema), table.schema
    table.validate(full=True)
    for group in range(pq.ParquetFile(path).metadata.num_row_groups):
        statistics = pq.ParquetFile(path).metadata.row_group(group).column(3).statistics
        assert statistics.min == min(table['bpm'].to_pylist()) and statistics.null_count == 0
keys = {'schema', 'day', 'detail', 'provider', 'settled', 'timezone', 'resting_bpm', 'placeholders'}
meta = pq.read_metadata(root + '/detail=1sec/year=2024/month=06/2024-06-02.parquet')
assert meta.num_rows == 0
assert {k.decode() for k in meta.metadata} == {'fitbit_hr.' + k for k in keys}, meta.metadata
assert meta.metadata[b'fitbit_hr.resting_bpm'] == b''
rows = ds.dataset(root, format='parquet', partitioning='hive').to_table()
assert rows.num_rows == len(expected)
assert rows['time'].null_count == 1
"#;
