//! Formats whose document is one stream: an opening, days with something between them, an ending.

use super::output::{Output, Target};
use super::{Days, Error, Tally};
use crate::day::Day;
use std::ops::ControlFlow;

/// A format of this kind. Nothing in it depends on the days before.
pub trait Text: Sync {
    /// What stands before the first day.
    fn opening(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Appends a day; returns how many samples it had to leave out.
    fn push_day(&self, out: &mut Vec<u8>, day: &Day) -> u64;

    /// What stands between two days.
    fn between(&self) -> &'static [u8] {
        b""
    }

    /// What stands after the last day.
    fn ending(&self) -> &'static [u8] {
        b""
    }
}

/// Streams the days to a target.
///
/// # Errors
/// Fails when a day cannot be read or the target takes no more.
pub fn write(days: &Days<'_>, format: &impl Text, target: &Target) -> Result<Tally, Error> {
    let mut output = Output::open(target)?;
    if output.write(&format.opening())?.is_break() {
        return Ok(Tally::default());
    }
    let (mut first, mut left_out) = (true, 0);
    let mut tally = days.each(
        0,
        |files| {
            let (mut text, mut left_out) = (Vec::new(), 0);
            for (place, file) in files.iter().enumerate() {
                if place > 0 {
                    text.extend(format.between());
                }
                left_out += format.push_day(&mut text, &file.day);
            }
            Ok((text, left_out))
        },
        |(text, without), _| {
            left_out += without;
            if !std::mem::take(&mut first) && output.write(format.between())?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            output.write(&text)
        },
    )?;
    let _ = output.write(format.ending())?;
    output.finish()?;
    tally.without_instant = left_out;
    tally.samples -= left_out;
    Ok(tally)
}
