//! Where an export lies: zip files, tar files, folders, single files. Nothing is ever unpacked to disk.

pub mod folder;
pub mod tar;
pub mod zip;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What a path leads to, told by its first bytes, not by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A folder.
    Folder,
    /// A zip file.
    Zip,
    /// A tar file, compressed by gzip or not.
    Tar {
        /// Whether it is compressed.
        gzip: bool,
    },
    /// Any other file.
    Plain,
}

/// Tells what a path leads to.
///
/// # Errors
/// Fails when there is nothing, or nothing that can be read.
pub fn form(path: &Path) -> io::Result<Form> {
    if path.metadata()?.is_dir() {
        return Ok(Form::Folder);
    }
    let mut head = Vec::new();
    File::open(path)?.take(512).read_to_end(&mut head)?;
    let ustar = head.get(257..262) == Some(b"ustar");
    Ok(match head.as_slice() {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Form::Zip,
        [0x1F, 0x8B, ..] => Form::Tar { gzip: true },
        _ if ustar => Form::Tar { gzip: false },
        _ if has_ending(path, "zip") => Form::Zip,
        _ => Form::Plain,
    })
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension()
        .is_some_and(|own| own.eq_ignore_ascii_case(ending))
}

/// Why the bytes of a file could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Bytes from the start of the archive or file, where that helps.
    pub offset: Option<u64>,
    /// What is wrong, in one line.
    pub problem: String,
}

impl Refusal {
    /// A refusal without a place.
    pub fn new(problem: impl Into<String>) -> Self {
        Self {
            offset: None,
            problem: problem.into(),
        }
    }

    /// A refusal at a place.
    pub fn at(offset: u64, problem: impl Into<String>) -> Self {
        Self {
            offset: Some(offset),
            problem: problem.into(),
        }
    }

    /// A file that is larger than any honest one of its kind.
    #[must_use]
    pub fn too_large(bytes: u64, most: u64) -> Self {
        Self::new(format!(
            "it has {bytes} bytes, an honest file of its kind at most {most}"
        ))
    }
}

impl std::convert::From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::new(error.to_string())
    }
}

/// Memory that is used again for file after file.
#[derive(Default)]
pub struct Buffers {
    packed: Vec<u8>,
    plain: Vec<u8>,
    inflater: Option<libdeflater::Decompressor>,
}

impl std::fmt::Debug for Buffers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Buffers").finish_non_exhaustive()
    }
}

/// Reads a file on disk whole, if it is not too large.
///
/// # Errors
/// Fails when it cannot be read or is larger than `most`.
pub fn read_file<'a>(
    path: &PathBuf,
    most: u64,
    buffers: &'a mut Buffers,
) -> Result<&'a [u8], Refusal> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > most {
        return Err(Refusal::too_large(size, most));
    }
    buffers.plain.clear();
    file.take(most + 1).read_to_end(&mut buffers.plain)?;
    if buffers.plain.len() as u64 > most {
        return Err(Refusal::too_large(buffers.plain.len() as u64, most));
    }
    Ok(&buffers.plain)
}
