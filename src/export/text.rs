//! Formats whose document is one stream: an opening, files with something between them, an ending.

use super::Error;
use super::days::{Source, Tally, each};
use super::output::Output;
use crate::progress::Progress;
use std::ops::ControlFlow;

/// A format of this kind, for what a source's files hold. Nothing in it depends on the files before.
pub trait Text<F>: Sync {
    /// What stands before the first file.
    fn opening(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Appends what is in a file; returns how many rows it had to leave out.
    fn push(&self, out: &mut Vec<u8>, file: &F) -> u64;

    /// What stands between two files.
    fn between(&self) -> &'static [u8] {
        b""
    }

    /// What stands after the last file.
    fn ending(&self) -> &'static [u8] {
        b""
    }
}

/// Streams the files of a source.
///
/// # Errors
/// Fails when a file cannot be read or the output takes no more.
pub fn write<S: Source>(
    source: &S,
    format: &impl Text<S::File>,
    progress: &Progress,
    output: &mut Output,
) -> Result<Tally, Error> {
    if output.write(&format.opening())?.is_break() {
        return Ok(Tally::default());
    }
    let (mut first, mut left_out) = (true, 0);
    let mut tally = each(
        source,
        progress,
        0,
        |files| {
            let (mut text, mut left_out) = (Vec::new(), 0);
            for (place, file) in files.iter().enumerate() {
                if place > 0 {
                    text.extend(format.between());
                }
                left_out += format.push(&mut text, file);
            }
            Ok((text, left_out))
        },
        |(text, without)| {
            left_out += without;
            // A file may have nothing of what is wanted.
            if text.is_empty() {
                return Ok(ControlFlow::Continue(()));
            }
            if !std::mem::take(&mut first) && output.write(format.between())?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            output.write(&text)
        },
    )?;
    let _ = output.write(format.ending())?;
    tally.without_instant = left_out;
    tally.rows -= left_out;
    Ok(tally)
}
