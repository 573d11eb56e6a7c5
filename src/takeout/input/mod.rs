//! Where an export lies: zip files, tar files, folders, single files. Nothing is unpacked to disk but archives within
//! archives, into files without a name.

pub mod folder;
pub mod refusal;
pub mod section;
pub mod tar;
pub mod zip;

pub use refusal::{Refusal, Remedy};

use super::name::{Named, judge};
use flate2::bufread::MultiGzDecoder;

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
    let metadata = path.metadata().map_err(|error| absent(path, error))?;
    if metadata.is_dir() {
        return Ok(Form::Folder);
    }
    if !metadata.is_file() {
        return Err(no_file());
    }
    let mut head = Vec::new();
    File::open(path)?.take(512).read_to_end(&mut head)?;
    Ok(form_of(&head, path.as_os_str().as_encoded_bytes()))
}

/// Tells what a file is by its first 512 bytes; its name decides only between a gzipped file and a gzipped archive, and
/// where an archive has lost its beginning.
#[must_use]
pub fn form_of(head: &[u8], name: &[u8]) -> Form {
    let ustar = head.get(257..262) == Some(b"ustar");
    let named = judge(name);
    let lower = name.to_ascii_lowercase();
    match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Form::Zip,
        [0x1F, 0x8B, ..] if matches!(named, Named::Wanted(_) | Named::NoDay) => Form::Plain,
        [0x1F, 0x8B, ..] => Form::Tar { gzip: true },
        _ if ustar => Form::Tar { gzip: false },
        _ if lower.ends_with(b".zip") => Form::Zip,
        _ if lower.ends_with(b".tar") && !head.is_empty() => Form::Tar { gzip: false },
        _ => Form::Plain,
    }
}

/// The error of a path that is neither a file nor a folder.
#[must_use]
pub fn no_file() -> io::Error {
    let why = "a pipe cannot be read: save it to a file first";
    io::Error::new(io::ErrorKind::Unsupported, why)
}

/// Says so where a link is there and what it leads to is not.
#[must_use]
pub fn absent(path: &Path, error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::NotFound && path.is_symlink() {
        let why =
            "the link leads nowhere: fetch what it stands for (git annex get), then import again";
        return io::Error::new(io::ErrorKind::NotFound, why);
    }
    error
}

/// Memory that is used again for file after file.
#[derive(Default)]
pub struct Buffers {
    packed: Vec<u8>,
    plain: Vec<u8>,
    inflated: Vec<u8>,
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
    buffers.content(most)
}

impl Buffers {
    /// What was read, inflated if it is gzipped.
    fn content(&mut self, most: u64) -> Result<&[u8], Refusal> {
        Ok(if gunzip(&self.plain, most, &mut self.inflated)? {
            &self.inflated
        } else {
            &self.plain
        })
    }
}

/// Inflates what is gzipped, at most so many bytes; answers whether it is.
///
/// # Errors
/// Fails when it is damaged or has more, or when only a pointer to the bytes is here.
pub fn gunzip(bytes: &[u8], most: u64, into: &mut Vec<u8>) -> Result<bool, Refusal> {
    for (pointer, why) in POINTERS {
        if bytes.starts_with(pointer) {
            return Err(Refusal::new(why).with(Remedy::Fetch));
        }
    }
    if !bytes.starts_with(&[0x1F, 0x8B]) {
        return Ok(false);
    }
    into.clear();
    let read = MultiGzDecoder::new(bytes).take(most + 1).read_to_end(into);
    if read.is_err() {
        return Err(Refusal::new("it is gzipped, and damaged or cut short"));
    }
    if into.len() as u64 > most {
        return Err(Refusal::too_large(into.len() as u64, most));
    }
    Ok(true)
}

/// What other systems leave in the place of a file that is kept elsewhere.
const POINTERS: [(&[u8], &str); 2] = [
    (
        b"/annex/objects/",
        "it is only a pointer: fetch the file (git annex get), then import again",
    ),
    (
        b"version https://git-lfs",
        "it is only a pointer: fetch the file (git lfs pull), then import again",
    ),
];
