//! Pictures compared with the ones that are kept in `tests/pictures/`: the README's own, text as a terminal shows it, and
//! what SVGs are made of.
//!
//! After a change that is meant, `UPDATE_PICTURES=1 cargo test pictures` writes the kept files anew: look at them.

use crate::program::Home;
use chrono::{Datelike, NaiveDate};
use fitbit_hr::day::{Day, Detail, Provider, Sample, Zone};
use fitbit_hr::plot::{Format, Plan, timeline};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const MINUTE: i64 = 60_000;

/// A made-up day with a mean a minute in whole numbers only: lower at night, an hour of sport every third day, not worn
/// from 07:10 to 07:50 and on every seventeenth day. The clocks change as in New York.
pub fn day(date: NaiveDate) -> Day {
    let mut day = Day::empty(date, Detail::Min1, Provider::Demo);
    let number = i64::from(date.num_days_from_ce());
    day.summary.resting_bpm = (number % 5 != 0).then(|| 56.0 + f64::from(date.month0()) / 2.0);
    day.summary.zones = zones();
    if number % 17 == 0 {
        return day;
    }
    let summer = |date: NaiveDate| (71..309).contains(&date.ordinal());
    let offset = |date: NaiveDate| if summer(date) { -14_400 } else { -18_000 };
    let (before, after) = (offset(date.pred_opt().expect("a date")), offset(date));
    let start = timeline::midnight(date) - i64::from(before) * 1000;
    let end = timeline::midnight(date) + 86_400_000 - i64::from(after) * 1000;
    let change = start + 2 * 60 * MINUTE;
    for (index, instant) in (start..end).step_by(60_000).enumerate() {
        let index = i64::try_from(index).expect("few");
        let sample = |bpm: i64| {
            let offset = if instant < change { before } else { after };
            Sample::at(instant, offset, u16::try_from(bpm).expect("a rate"))
        };
        let clock = (sample(1).local_time - timeline::midnight(date)) / MINUTE;
        let awake = if (420..1380).contains(&clock) { 16 } else { 0 };
        let sport = if number % 3 == 0 && (1080..1140).contains(&clock) {
            70
        } else {
            0
        };
        let wave = (index * 7 + number * 31) % 40 - 20;
        if !(430..470).contains(&clock) {
            day.samples
                .push(sample(54 + awake + sport + wave.abs() / 2));
        }
    }
    day
}

fn zones() -> Vec<Zone> {
    let limits = [
        ("Out of Range", 30, 92),
        ("Fat Burn", 92, 126),
        ("Cardio", 126, 152),
        ("Peak", 152, 220),
    ];
    let zone = |(name, min, max): (&str, u16, u16)| Zone {
        name: name.to_owned(),
        min: Some(min),
        max: Some(max),
        minutes: None,
        calories: None,
    };
    limits.map(zone).to_vec()
}

/// A picture of the days from one to another, at 80 columns and without colours.
pub fn draw((from, to): (&str, &str), format: Format) -> Vec<u8> {
    let date = |text: &str| -> NaiveDate { text.parse().expect("a date") };
    let plan = Plan::new(date(from), date(to), format);
    let days = date(from).iter_days().take_while(|day| *day <= date(to));
    let digests = days.map(|date| plan.digest(&day(date))).collect();
    plan.draw(digests).expect("drawn").0
}

#[track_caller]
fn compare(name: &str, picture: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/pictures")
        .join(name);
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, picture).expect("written");
        return;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let difference = kept
        .lines()
        .zip(picture.lines())
        .enumerate()
        .find(|(_, (kept, drawn))| kept != drawn);
    assert!(
        kept == picture,
        "{name} is drawn differently, first at {difference:?}; if that is meant: UPDATE_PICTURES=1 cargo test pictures"
    );
}

/// How many elements of each kind and colour an SVG has, and all its texts with their places.
fn structure(svg: &[u8]) -> String {
    let svg = std::str::from_utf8(svg).expect("UTF-8");
    let attribute = |line: &str, name: &str| -> Option<String> {
        let (_, rest) = line.split_once(&format!(" {name}=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut texts = String::new();
    let mut lines = svg.lines();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix('<').and_then(|rest| {
            rest.split([' ', '>', '/'])
                .next()
                .filter(|name| !name.is_empty())
        }) else {
            continue;
        };
        let color = attribute(line, "stroke").or_else(|| attribute(line, "fill"));
        if name == "text" {
            let place = |name: &str| attribute(line, name).unwrap_or_default();
            let text = lines.next().unwrap_or_default();
            let _ = writeln!(texts, "{:>6} {:>5} {text}", place("x"), place("y"));
        } else if name != "rect" || color.as_deref().is_none_or(|color| !is_heat(color)) {
            *counts
                .entry(format!("{name} {}", color.unwrap_or_default()))
                .or_default() += 1;
        } else {
            *counts.entry("rect heat".to_owned()).or_default() += 1;
        }
    }
    let mut structure = String::new();
    for (element, count) in counts {
        let _ = writeln!(structure, "{count:>6} {element}");
    }
    structure + &texts
}

/// One of the shades of the heat map.
fn is_heat(color: &str) -> bool {
    use fitbit_hr::plot::theme;
    (0..theme::HEAT_STEPS).any(|step| theme::hex(theme::heat(step)) == color)
}

#[test]
fn the_picture_of_the_readme_is_what_the_program_draws() {
    let home = Home::new();
    home.run(["--demo", "plot", "2017-06-01", "-o", "day.svg"])
        .expect(0);
    let svg = fs::read_to_string(home.work("day.svg")).expect("written");
    compare("day.svg", &svg);
    let text = home.run(["--demo", "plot", "2017-06-01"]).expect(0).stdout;
    compare("day.txt", &text);
    let readme = include_str!("../../README.md");
    assert!(readme.contains("tests/pictures/day.svg"));
}

#[test]
fn svgs_are_made_of_what_they_were_made_of() {
    for (name, days) in [
        ("autumn.svg.txt", ("2017-11-05", "2017-11-05")),
        ("empty-day.svg.txt", ("2017-06-11", "2017-06-11")),
        ("week.svg.txt", ("2017-06-01", "2017-06-07")),
        ("half-year.svg.txt", ("2017-01-15", "2017-07-14")),
        ("decade.svg.txt", ("2010-01-01", "2012-12-31")),
    ] {
        compare(name, &structure(&draw(days, Format::Svg)));
    }
}

#[test]
fn a_terminal_shows_what_it_showed() {
    for (name, days) in [
        ("autumn.txt", ("2017-11-05", "2017-11-05")),
        ("empty-day.txt", ("2017-06-11", "2017-06-11")),
        ("week.txt", ("2017-06-01", "2017-06-07")),
        ("three-weeks.txt", ("2017-06-01", "2017-06-21")),
        ("month.txt", ("2017-06-01", "2017-06-30")),
        ("year.txt", ("2017-01-01", "2017-12-31")),
    ] {
        let text = String::from_utf8(draw(days, Format::Term)).expect("UTF-8");
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(80), "{name} is {widest:?} wide");
        compare(name, &text);
    }
}

#[test]
fn the_same_days_give_the_same_bytes() {
    for (format, last) in [
        (Format::Svg, "2017-06-02"),
        (Format::Png, "2017-06-01"),
        (Format::Html, "2017-06-30"),
        (Format::Term, "2017-06-30"),
    ] {
        let days = ("2017-06-01", last);
        assert!(draw(days, format) == draw(days, format), "{format:?}");
    }
}

#[test]
fn a_png_is_twice_as_dense_and_shows_text() {
    let bytes = draw(("2017-06-01", "2017-06-01"), Format::Png);
    let decoder = png::Decoder::new(std::io::Cursor::new(&bytes));
    let mut reader = decoder.read_info().expect("PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("small")];
    let info = reader.next_frame(&mut pixels).expect("PNG");
    assert_eq!((info.width, info.height), (2080, 920));
    // The title lies in the upper left corner, and nothing does right of it.
    let dark = |from: usize, to: usize| {
        let rows = pixels.chunks_exact(2080 * 3).skip(40).take(50);
        let row = |row: &[u8]| row[from * 3..to * 3].iter().filter(|v| **v < 100).count();
        rows.map(row).sum::<usize>()
    };
    assert!(dark(50, 500) > 1000, "{}", dark(50, 500));
    assert_eq!(dark(1400, 2080), 0);
}
