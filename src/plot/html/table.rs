//! The page's table: what the chart shows, for screen readers and for those who want numbers.

use super::super::digest::Digest;
use super::super::{Kind, Picture, figures};
use crate::numerals::{grouped, span};
use std::fmt::Write;

/// Writes a row an hour for a single day, else a row a day.
pub fn write(page: &mut String, picture: &Picture) {
    page.push_str("<details>\n<summary>As a table</summary>\n<div class=\"scroll\">\n<table>\n");
    match (picture.kind, picture.digests.first()) {
        (Kind::Day, Some(day)) => write_hours(page, day),
        _ => write_days(page, picture),
    }
    page.push_str("</table>\n</div>\n</details>\n");
}

fn write_head(page: &mut String, caption: &str, names: &[&str]) {
    let _ = write!(page, "<caption>{caption}</caption>\n<thead><tr>");
    for name in names {
        let _ = write!(page, "<th scope=\"col\">{name}</th>");
    }
    page.push_str("</tr></thead>\n<tbody>\n");
}

fn write_row(page: &mut String, name: &str, cells: &[String]) {
    let _ = write!(page, "<tr><th scope=\"row\">{name}</th>");
    for cell in cells {
        let _ = write!(page, "<td>{cell}</td>");
    }
    page.push_str("</tr>\n");
}

fn write_hours(page: &mut String, day: &Digest) {
    let names = ["Hour", "Samples", "Lowest bpm", "Mean bpm", "Highest bpm"];
    write_head(page, "Each hour of the wall clock", &names);
    for (hour, bin) in day.hours.iter().enumerate() {
        let known = |text: String| {
            if bin.count > 0 {
                text
            } else {
                "–".to_owned()
            }
        };
        let cells = [
            grouped(bin.count),
            known(bin.min.to_string()),
            bin.mean()
                .map_or("–".to_owned(), |mean| format!("{mean:.1}")),
            known(bin.max.to_string()),
        ];
        write_row(page, &format!("{hour:02}:00"), &cells);
    }
    page.push_str("</tbody>\n");
}

fn write_days(page: &mut String, picture: &Picture) {
    let names = [
        "Day",
        "Samples",
        "Lowest bpm",
        "Mean bpm",
        "Highest bpm",
        "Resting bpm",
        "Worn",
        "Largest gap",
    ];
    write_head(page, "Each day with data", &names);
    for day in picture.digests.iter().filter(|day| day.figures.days > 0) {
        let figures = &day.figures;
        let bin = &figures.samples;
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
        let cells = [
            grouped(bin.count),
            bin.min.to_string(),
            or_dash(bin.mean().map(|mean| format!("{mean:.1}"))),
            bin.max.to_string(),
            or_dash(figures.resting.map(figures::bpm_text)),
            span(figures.worn / 1000),
            or_dash(figures.largest_gap.map(|gap| span(gap / 1000))),
        ];
        write_row(page, &day.date.to_string(), &cells);
    }
    page.push_str("</tbody>\n");
}
