//! The page that `plot` makes, in a real browser: it opens, zooms, moves and reads out what the data say.

use crate::browser::{Browser, END, HOME, LEFT, RIGHT, SHIFT};
use crate::pictures;
use crate::program::Home;
use chrono::NaiveTime;
use fitbit_hr::plot::Format;
use serde_json::json;
use std::fs;
use std::time::{Duration, Instant};

/// One sample: seconds since midnight, and bpm.
type Sample = (u32, u16);

/// `day,time,hr` as written by the main job.
fn samples(csv: &str) -> Vec<Sample> {
    let row = |line: &str| {
        let mut cells = line.split(',').skip(1);
        let time = seconds(cells.next().expect("a time"));
        (time, cells.next().expect("bpm").parse().expect("bpm"))
    };
    csv.lines().skip(1).map(row).collect()
}

/// `14:32:05` or `14:32` as seconds since midnight.
fn seconds(text: &str) -> u32 {
    use chrono::Timelike;
    let time = NaiveTime::parse_from_str(text, "%H:%M:%S")
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"));
    time.unwrap_or_else(|_| panic!("no time: {text}"))
        .num_seconds_from_midnight()
}

/// A demo day in a browser, with its samples.
struct Page {
    browser: Browser,
    samples: Vec<Sample>,
    // The files must outlive the browser.
    _home: Home,
}

impl Page {
    fn of_a_day(test: &str) -> Option<Self> {
        let browser = Browser::start(test)?;
        let home = Home::new();
        home.run(["--demo", "plot", "2017-06-01", "-o", "day.html"])
            .expect(0);
        let csv = home
            .run(["--demo", "2017-06-01", "1sec", "--stdout", "csv"])
            .expect(0)
            .stdout;
        browser.open_file(&home.work("day.html"));
        browser.wait_until("document.getElementById('plot').dataset.ready");
        browser.wait_for_frame();
        Some(Self {
            browser,
            samples: samples(&csv),
            _home: home,
        })
    }

    /// From where to where the chart shows, in seconds of the day.
    fn view(&self) -> (f64, f64) {
        self.browser.wait_for_frame();
        let view = self.browser.script(
            "const d = document.getElementById('plot').dataset; return [Number(d.from), Number(d.to)]",
        );
        (
            view[0].as_f64().expect("a number"),
            view[1].as_f64().expect("a number"),
        )
    }

    /// The place in the window at which a second of the day is drawn.
    fn place_of(&self, second: f64) -> (f64, f64) {
        let rect = self.browser.script(
            "const r = document.querySelector('.u-over').getBoundingClientRect(); return [r.left, r.top, r.width, r.height]",
        );
        let at = |index: usize| rect[index].as_f64().expect("a number");
        let (from, to) = self.view();
        let share = (second - from) / (to - from);
        (at(0) + share * at(2), at(1) + at(3) / 2.0)
    }

    fn read_at(&self, second: f64) -> String {
        self.browser.point(self.place_of(second));
        self.browser.wait_for_frame();
        self.browser.text("#readout")
    }

    /// Compares what is read out with the data, and returns the text.
    #[track_caller]
    fn check(&self, readout: &str) {
        let (when, what) = readout.split_once("  ·  ").expect("time and rate");
        let when = when.strip_prefix("Thu 1 Jun 2017 ");
        let when = when.unwrap_or_else(|| panic!("another day: {readout}"));
        let (from, until) = when.split_once('–').map_or_else(
            || (seconds(when), seconds(when) + 1),
            |(from, until)| (seconds(from), seconds(until)),
        );
        let own: Vec<u16> = self
            .samples
            .iter()
            .filter(|(at, _)| (from..until).contains(at))
            .map(|&(_, bpm)| bpm)
            .collect();
        let (low, high) = (own.iter().min(), own.iter().max());
        let expected = match (low, high) {
            (Some(low), Some(high)) if low == high => format!("{low} bpm"),
            (Some(low), Some(high)) => {
                let sum: u32 = own.iter().map(|&bpm| u32::from(bpm)).sum();
                let mean = f64::from(sum) / f64::from(u32::try_from(own.len()).expect("few"));
                format!("{low}–{high} bpm, mean {mean:.1}")
            }
            _ => "not worn".to_owned(),
        };
        assert_eq!(what, expected, "{readout}");
    }

    /// The middle of the longest time without samples.
    fn longest_gap(&self) -> f64 {
        let pairs = self.samples.windows(2);
        let longest = pairs.max_by_key(|pair| pair[1].0 - pair[0].0);
        longest.map_or(0.0, |pair| {
            f64::midpoint(f64::from(pair[0].0), f64::from(pair[1].0))
        })
    }
}

#[test]
fn a_page_reads_out_what_the_data_say() {
    let Some(page) = Page::of_a_day("a_page_reads_out_what_the_data_say") else {
        return;
    };
    let rates = || page.samples.iter().map(|&(_, bpm)| bpm);
    let (low, high) = (rates().min().expect("any"), rates().max().expect("any"));
    let figures = page.browser.text(".figures");
    for figure in [
        format!("{low}–{high} bpm"),
        fitbit_hr::numerals::grouped(page.samples.len() as u64),
    ] {
        assert!(figures.contains(&figure), "{figure} in {figures}");
    }
    for second in [3_600.0, 30_000.0, 43_210.0, 65_000.0, 80_000.0] {
        page.check(&page.read_at(second));
    }
    let readout = page.read_at(page.longest_gap());
    assert!(readout.ends_with("not worn"), "{readout}");

    // Zoomed in, one sample after the other.
    let middle = 43_200.0;
    for _ in 0..14 {
        page.browser.wheel(page.place_of(middle), -240);
    }
    let (from, to) = page.view();
    assert!(to - from < 600.0, "zoomed to {from}–{to}");
    assert!(from < middle && middle < to, "zoomed to {from}–{to}");
    let readout = page.read_at(middle);
    assert!(!readout.contains('–'), "a single sample: {readout}");
    page.check(&readout);
    page.browser.screenshot("page-zoomed");
    assert_eq!(page.browser.errors(), Vec::<String>::new());
}

#[test]
fn a_page_is_moved_by_wheel_pointer_keys_and_buttons() {
    let Some(page) = Page::of_a_day("a_page_is_moved_by_wheel_pointer_keys_and_buttons") else {
        return;
    };
    let browser = &page.browser;
    let whole = page.view();
    assert_eq!(whole, (0.0, 86_400.0));
    // Dragging selects a span, Shift moves it.
    browser.drag(page.place_of(21_600.0), page.place_of(43_200.0), None);
    let (from, to) = page.view();
    assert!((from - 21_600.0).abs() < 200.0 && (to - 43_200.0).abs() < 200.0);
    browser.drag(
        page.place_of(40_000.0),
        page.place_of(30_000.0),
        Some(SHIFT),
    );
    let moved = page.view();
    assert!((moved.0 - from - 10_000.0).abs() < 300.0, "{moved:?}");
    assert!(
        (moved.1 - moved.0 - (to - from)).abs() < 1.0,
        "as wide as before"
    );
    // Keys.
    browser.type_keys("#plot", "0");
    assert_eq!(page.view(), whole);
    browser.type_keys("#plot", "+");
    let (from, to) = page.view();
    assert!((to - from - 43_200.0).abs() < 1.0);
    browser.type_keys("#plot", "-");
    assert_eq!(page.view(), whole);
    let first = page.samples.first().expect("any").0;
    let last = page.samples.last().expect("any").0;
    browser.type_keys("#plot", HOME);
    page.check(&browser.text("#readout"));
    for _ in 0..14 {
        browser.type_keys("#plot", "+");
    }
    browser.type_keys("#plot", HOME);
    page.check(&browser.text("#readout"));
    let second = page.samples[1];
    browser.type_keys("#plot", RIGHT);
    let readout = browser.text("#readout");
    page.check(&readout);
    assert!(readout.ends_with(&format!("{} bpm", second.1)), "{readout}");
    browser.type_keys("#plot", LEFT);
    page.check(&browser.text("#readout"));
    browser.type_keys("#plot", END);
    page.check(&browser.text("#readout"));
    let (from, to) = page.view();
    assert!(from <= f64::from(last) && f64::from(last) <= to && f64::from(first) < from);
    // Buttons.
    browser.click("button[data-do=all]");
    assert_eq!(page.view(), whole);
    browser.click("button[data-do=in]");
    let (from, to) = page.view();
    browser.click("button[data-do=left]");
    assert!(page.view().0 < from || from == 0.0, "{from}–{to}");
    assert_eq!(browser.errors(), Vec::<String>::new());
}

/// The mean brightness of the outermost row of a picture, 0 to 255.
fn brightness(png: &[u8]) -> u32 {
    let decoder = png::Decoder::new(std::io::Cursor::new(png));
    let mut reader = decoder.read_info().expect("PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("small")];
    let info = reader.next_frame(&mut pixels).expect("PNG");
    let row = &pixels[..info.line_size];
    row.iter().map(|&value| u32::from(value)).sum::<u32>() / u32::try_from(row.len()).expect("few")
}

#[test]
fn a_page_follows_the_reader_into_the_dark_and_onto_paper() {
    let Some(page) = Page::of_a_day("a_page_follows_the_reader_into_the_dark_and_onto_paper")
    else {
        return;
    };
    let browser = &page.browser;
    let curve =
        "return getComputedStyle(document.documentElement).getPropertyValue('--curve').trim()";
    browser.media("screen", "light");
    browser.wait_for_frame();
    page.read_at(65_000.0);
    assert!(brightness(&browser.screenshot("page-light")) > 240);
    assert_eq!(browser.script(curve), json!("#0072B2"));
    browser.media("screen", "dark");
    browser.wait_for_frame();
    assert!(brightness(&browser.screenshot("page-dark")) < 40);
    assert_eq!(browser.script(curve), json!("#56B4E9"));
    // On paper the colours are the light ones whatever the screen is, and what only a screen can do is gone.
    browser.media("print", "dark");
    browser.script("window.dispatchEvent(new Event('beforeprint'))");
    browser.wait_for_frame();
    assert!(brightness(&browser.screenshot("page-print")) > 240);
    let hidden = "return getComputedStyle(document.querySelector('.buttons')).display";
    assert_eq!(browser.script(hidden), json!("none"));
    browser.script("window.dispatchEvent(new Event('afterprint'))");
    browser.media("screen", "light");
    // The table says the same as the chart to those who cannot see it.
    browser.click("summary");
    let rows = browser.script("return document.querySelectorAll('tbody tr').length");
    assert_eq!(rows, json!(24));
    browser.screenshot("page-table");
    let requests = "return performance.getEntriesByType('resource').length";
    assert_eq!(
        browser.script(requests),
        json!(0),
        "a page asks for nothing"
    );
}

#[test]
fn a_year_of_minutes_opens_and_zooms_smoothly() {
    let Some(browser) = Browser::start("a_year_of_minutes_opens_and_zooms_smoothly") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("year.html");
    let page = pictures::draw(("2017-01-01", "2017-12-31"), Format::Html);
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    fs::write(&file, page).expect("written");
    let started = Instant::now();
    browser.open_file(&file);
    browser.wait_until("document.getElementById('plot').dataset.ready");
    browser.wait_for_frame();
    assert!(
        started.elapsed() < Duration::from_secs(30),
        "{:?}",
        started.elapsed()
    );
    browser.screenshot("page-year");
    // Draws the same view changes as a turning wheel does. Other work on this machine may delay some: the median counts, and
    // what it is on a quiet one stands in benches/README.md.
    let frames = browser.script_async(
        "const done = arguments[arguments.length - 1], plot = document.getElementById('plot');
         const rect = document.querySelector('.u-over').getBoundingClientRect();
         let turns = 0;
         const frames = [];
         const turn = () => {
           const begin = performance.now();
           plot.dispatchEvent(new WheelEvent('wheel', { deltaY: turns < 20 ? -120 : 120, clientX: rect.left + rect.width / 2, cancelable: true }));
           requestAnimationFrame(() => {
             frames.push(performance.now() - begin);
             turns += 1;
             if (turns === 40) done(frames.sort((a, b) => a - b)[20]); else turn();
           });
         };
         turn();",
    );
    let median = frames.as_f64().expect("milliseconds");
    assert!(median < 1000.0, "a frame takes {median} ms");
    assert_eq!(browser.errors(), Vec::<String>::new());
}
