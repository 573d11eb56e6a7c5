//! Exports of any series, and the archive itself, read back by the libraries that people use.

use crate::export_readers::{python, run_python};
use crate::program::{Home, run};
use crate::series_archive::june;
use std::fs;
use std::path::Path;

/// One of each shape, and what stands beside them.
const NAMES: &str =
    "steps,time_in_zone,weight,sleep,resting_heart_rate,heart_rate_zones,ecg,nutrition,hrv,spo2";

fn exported(arguments: &str) -> Home {
    let home = Home::new();
    june(&home);
    let command = format!("export --extract {NAMES} {arguments}");
    run(home.command(command.split(' '))).expect(0);
    home
}

#[test]
fn pyarrow_and_duckdb_read_every_shape() {
    let Some(python) = python("duckdb, pyarrow.parquet") else {
        return;
    };
    let home = exported("--format parquet -o out/");
    run(home.command("export --extract time_in_zone --detail 15min -o coarse.parquet".split(' ')))
        .expect(0);
    run_python(
        &home,
        &python,
        r#"
import duckdb, glob, os, pyarrow.parquet as pq
duckdb.sql("set timezone = 'UTC'")
names = sorted(os.path.basename(path)[:-8] for path in glob.glob('out/*.parquet'))
assert names == sorted('steps time_in_zone weight sleep sleep_stages resting_heart_rate heart_rate_zones ecg nutrition hrv spo2'.split()), names
for name in names:
    table = pq.read_table(f'out/{name}.parquet')
    table.validate(full=True)
    stored = sorted(glob.glob(f'fitbit_data/archive/{name}/**/*.parquet', recursive=True))
    stored = [pq.read_table(path, partitioning=None) for path in stored]
    assert all(part.schema.remove_metadata().equals(table.schema.remove_metadata()) for part in stored), name
    assert table.to_pylist() == [row for part in stored for row in part.to_pylist()], name
    keys = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert keys['fitbit_hr.extract'] == name and keys['fitbit_hr.schema'] == '1' and keys['fitbit_hr.known'] == '', keys
    assert duckdb.sql(f"select count(*) from 'out/{name}.parquet'").fetchall()[0][0] == table.num_rows
assert duckdb.sql("select kind, sum(epoch(end_time - time))::int from 'out/sleep_stages.parquet' group by kind order by kind").fetchall() == [('ASLEEP', 1800), ('DEEP', 5400), ('LIGHT', 21600)]
assert duckdb.sql("select list_sum(waveform) from 'out/ecg.parquet'").fetchall()[0][0] == 9
assert duckdb.sql("select zone, sum(seconds)::int from 'coarse.parquet' group by zone order by zone").fetchall() == [('LIGHT', 1800), ('PEAK', 300)]
"#,
    );
}

#[test]
fn sqlite3_reads_every_shape_and_its_views() {
    let Some(python) = python("sqlite3") else {
        return;
    };
    let home = exported("-o health.sqlite");
    run_python(
        &home,
        &python,
        r"
import sqlite3
db = sqlite3.connect('health.sqlite')
db.row_factory = sqlite3.Row
assert db.execute('pragma integrity_check').fetchone()[0] == 'ok'
count = lambda table: db.execute(f'select count(*) from {table}').fetchone()[0]
tables = {row['name']: count(row['name']) for row in db.execute('''select name from sqlite_master where type = 'table' ''')}
assert tables == {'steps': 3, 'time_in_zone': 2, 'weight': 2, 'sleep': 2, 'sleep_stages': 3, 'resting_heart_rate': 2, 'heart_rate_zones': 2, 'ecg': 1, 'nutrition': 2, 'hrv': 3, 'spo2': 2}, tables
night = dict(db.execute('select * from sleep_joined where main').fetchone())
assert night['day'] == '2026-06-02' and night['local_end'] == '2026-06-02T07:00:00' and night['time'] == '2026-06-01T21:30:00Z', night
assert (night['main'], night['nap'], night['updated'], night['deep_s']) == (1, None, None, 5400), night
assert (night['hrv_rmssd_ms'], night['spo2_percent']) == (35.25, 95.5), night
stages = db.execute('select kind, seconds, hrv_rmssd_ms, spo2_percent from sleep_stages_joined where session = ? order by time', ['n1']).fetchall()
assert [tuple(stage) for stage in stages] == [('DEEP', 5400, 40.0, None), ('LIGHT', 21600, 30.5, 95.5)], [tuple(s) for s in stages]
assert db.execute('''select sum(steps) from steps where date(local_time) = '2026-06-01' ''').fetchone()[0] == 49
",
    );
}

#[test]
fn a_parser_of_line_protocol_reads_every_shape() {
    let Some(python) = python("line_protocol_parser") else {
        return;
    };
    let home = exported("--format influx -o out/");
    run_python(
        &home,
        &python,
        r"
import glob
from line_protocol_parser import parse_line
points = {}
for path in glob.glob('out/*.influx'):
    for line in open(path):
        point = parse_line(line.rstrip('\n'))
        points.setdefault(point['measurement'], []).append(point)
assert {name: len(all) for name, all in points.items()} == {'steps': 3, 'time_in_zone': 2, 'weight': 1, 'sleep': 2, 'sleep_stages': 3, 'resting_heart_rate': 2, 'heart_rate_zones': 2, 'ecg': 1, 'nutrition': 2, 'hrv': 3, 'spo2': 2}, points
assert points['sleep_stages'][0] == {'measurement': 'sleep_stages', 'tags': {'kind': 'DEEP', 'short': 'false'}, 'fields': {'seconds': 5400}, 'time': 1780349400000000000}, points['sleep_stages'][0]
assert points['nutrition'][0]['fields'] == {'meal': 'LUNCH', 'food': 'Bread, \x22dark\x22', 'kcal': 210.5}, points['nutrition']
assert points['weight'][0]['fields'] == {'weight_g': 72400.0} and isinstance(points['weight'][0]['fields']['weight_g'], float)
",
    );
}

/// The SQL of a fenced block of the README that has these words in its first line.
fn recipe(words: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("a README");
    let mut blocks = readme.split("```sql\n").skip(1);
    let block = blocks.find(|block| {
        block
            .lines()
            .next()
            .is_some_and(|line| line.contains(words))
    });
    let block = block.expect("the recipe").split("```").next();
    block.expect("a block").to_owned()
}

#[test]
fn the_recipe_over_several_series_runs_on_the_archive_as_it_lies() {
    let Some(python) = python("duckdb") else {
        return;
    };
    let home = Home::new();
    let sync = "--demo sync --extract heart_rate,sleep --from 2026-06-01 --to 2026-06-03";
    run(home.command(sync.split(' '))).expect(0);
    let sql = recipe("mean heart rate by sleep stage");
    home.file("recipe.sql", sql.replace("fitbit_data/", "demo_data/"));
    run_python(
        &home,
        &python,
        r"
import duckdb
rows = duckdb.sql(open('recipe.sql').read()).fetchall()
mean = {row[0]: row[1] for row in rows}
assert {'DEEP', 'LIGHT', 'REM', 'AWAKE'} <= mean.keys(), rows
assert all(30 < bpm < 120 for bpm in mean.values()), rows
assert mean['DEEP'] < mean['REM'] and mean['DEEP'] < mean['AWAKE'], rows
",
    );
}
