//! What a person and a script are told of an export.

use super::done::{Done, Exported};
use super::job::{Job, Output};
use crate::civil;
use crate::cli::context::Context;
use crate::day::Detail;
use crate::export::{Format, Subject};
use crate::extract::between::Between;
use crate::numerals::counted;
use chrono::NaiveDate;
use serde_json::{Map, Value, json};

/// Tells a person what there is, and where.
pub fn say(context: &Context, job: &Job, done: &Done) {
    let console = &context.console;
    let rows: u64 = done.tables.iter().map(|table| table.tally.rows).sum();
    for table in &done.tables {
        notes(context, job, table);
    }
    let empty: Vec<_> = done.tables.iter().filter(|table| is_empty(table)).collect();
    let names: Vec<_> = empty.iter().map(|table| table.subject.name()).collect();
    match (job.single(), empty.first()) {
        (Some(_), Some(alone)) => console.note(&nothing(context, job, alone)),
        (None, Some(_)) => console.note(&format!(
            "there is nothing of {} on these days{}",
            names.join(", "),
            window(job)
        )),
        (_, None) => {}
    }
    if !done.absent.is_empty() && !done.tables.is_empty() {
        console.note(&format!(
            "nothing in the archive of {}",
            done.absent.join(", ")
        ));
    }
    if done.tables.is_empty() {
        console.note(&no_days(context, job));
    }
    if let Some(table) = left_out_segments(job, done) {
        console.note(&format!(
            "{table} is left out: it stands in a folder (-o FOLDER/), in json and in sqlite"
        ));
    }
    let Some(output) = &job.output else {
        return;
    };
    let path = output.path().display();
    let tables = done.tables.as_slice();
    console.say(&match (output, tables) {
        (Output::File(_), [table]) => format!("wrote {path}: {}", amounts(table)),
        (Output::File(_), _) => format!(
            "wrote {path}: {}, {}",
            counted(tables.len() as u64, "table"),
            counted(rows, "row")
        ),
        (Output::Folder(_), _) => format!(
            "wrote {} into {path}: {}",
            counted(tables.len() as u64, "file"),
            counted(rows, "row")
        ),
    });
}

/// `14 days, 1 234 samples at 1sec`.
fn amounts(table: &Exported) -> String {
    let detail = table.subject.detail();
    let detail = detail.map_or_else(String::new, |detail| format!(" at {detail}"));
    format!(
        "{}, {}{detail}",
        counted(table.tally.days, "day"),
        counted(table.tally.rows, what(&table.subject)),
    )
}

/// What a row is called.
const fn what(subject: &Subject) -> &'static str {
    match subject {
        Subject::HeartRate(_) => "sample",
        Subject::Series(_) => "row",
    }
}

fn notes(context: &Context, job: &Job, table: &Exported) {
    let console = &context.console;
    let (subject, tally) = (&table.subject, &table.tally);
    if let Subject::HeartRate(source) = subject
        && let Some((days, coarser)) = source.plan.too_coarse
    {
        let they = if days == 1 {
            "1 day is"
        } else {
            &format!("{days} days are")
        };
        console.note(&format!(
            "{they} stored at a coarser detail only and left out; --detail {coarser} takes them in"
        ));
    }
    if tally.without_instant > 0 {
        let why = match subject {
            Subject::HeartRate(_) => "whose source gives wall clock only",
            Subject::Series(_) => "without an instant or a value",
        };
        console.note(&format!(
            "left out {} {why}: {} needs instants",
            counted(tally.without_instant, what(subject)),
            job.format.name()
        ));
    }
}

/// It has no row, and is not a table beside another.
fn is_empty(table: &Exported) -> bool {
    let is_segments = matches!(&table.subject, Subject::Series(table) if table.of_segments);
    table.tally.rows + table.tally.without_instant == 0 && !is_segments
}

/// Why there is no row.
fn nothing(context: &Context, job: &Job, table: &Exported) -> String {
    if table.subject.files() == 0 {
        return no_days(context, job);
    }
    match &table.subject {
        Subject::HeartRate(_) => format!("there is no heart rate on these days{}", window(job)),
        Subject::Series(table) => format!(
            "there is nothing of {} on these days{}",
            table.name(),
            window(job)
        ),
    }
}

/// ` between 18:05 and 18:52`.
fn window(job: &Job) -> String {
    let between = job.between;
    between.map_or_else(String::new, |between| format!(" between {between}"))
}

fn no_days(context: &Context, job: &Job) -> String {
    let root = context.settings.archive.display();
    let of = match job.single() {
        Some(alone) if !alone.is_heart_rate() => format!(" of {}", alone.definition.name),
        _ => String::new(),
    };
    let sync = match job.single() {
        Some(alone) => context.sync_of(&alone.definition.name),
        None => "sync".to_owned(),
    };
    let import = if of.is_empty() { " or import" } else { "" };
    let how = context.command(&sync) + import;
    if job.range.start() == &civil::EARLIEST && job.range.end() == &NaiveDate::MAX {
        format!("there are no days{of} in the archive at {root}; fill it with {how}")
    } else {
        format!("there are none of these days{of} in the archive at {root}")
    }
}

/// The segments of the one extract, where the format has no room for them.
fn left_out_segments<'a>(job: &'a Job, done: &Done) -> Option<&'a str> {
    let has_rows = done.tables.iter().any(|table| table.tally.rows > 0);
    let alone = job.single().filter(|_| has_rows)?;
    let segments = alone.definition.segments.as_ref()?;
    let has_room = job.has_room_for_segments() || job.format == Format::Json;
    (!has_room).then_some(segments.table.as_str())
}

/// The object of the run: heart rate's own members, and every table by its name.
pub fn account(job: &Job, done: &Done) -> Value {
    let path = job.output.as_ref().map(Output::path);
    let mut account = Map::new();
    account.insert("format".to_owned(), json!(job.format.name()));
    account.insert("between".to_owned(), json!(job.between.map(Between::ends)));
    if let (Some(_), Some(table)) = (job.single(), done.tables.first()) {
        account.extend(members(table));
    }
    for table in &done.tables {
        if let Subject::HeartRate(source) = &table.subject {
            let too_coarse = source.plan.too_coarse.map_or(0, |(days, _)| days);
            account.extend(members(table));
            account.insert("samples".to_owned(), json!(table.tally.rows));
            let without = table.tally.without_instant;
            account.insert("samples_without_instant".to_owned(), json!(without));
            account.insert("days_too_coarse".to_owned(), json!(too_coarse));
        }
    }
    let bytes = path.and_then(|path| std::fs::metadata(path).ok());
    let bytes = bytes.filter(std::fs::Metadata::is_file);
    account.insert(
        "file".to_owned(),
        json!(path.map(|path| path.display().to_string())),
    );
    account.insert("bytes".to_owned(), json!(bytes.map(|found| found.len())));
    let extracts = done.tables.iter().map(|table| {
        let members = members(table).collect::<Map<_, _>>();
        (table.subject.name().to_owned(), Value::Object(members))
    });
    account.insert("extracts".to_owned(), extracts.collect());
    Value::Object(account)
}

fn members(table: &Exported) -> impl Iterator<Item = (String, Value)> {
    let tally = table.tally;
    let date = |date: Option<NaiveDate>| json!(date.map(|date| date.to_string()));
    let members = [
        ("detail", json!(table.subject.detail().map(Detail::name))),
        ("first_day", date(tally.days_between.map(|ends| ends.0))),
        ("last_day", date(tally.days_between.map(|ends| ends.1))),
        ("days", json!(tally.days)),
        ("empty_days", json!(tally.empty_days)),
        ("unsettled_days", json!(tally.unsettled_days)),
        ("rows", json!(tally.rows)),
        ("rows_without_instant", json!(tally.without_instant)),
    ];
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
}
