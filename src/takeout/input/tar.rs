//! Tar files, compressed or not: read once from end to end, because nothing in them can be found otherwise.
//!
//! The names are put together here, with a limit: a header may claim that the next name has gigabytes.

use super::Refusal;
use super::section::{Section, SectionReader};
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// No path is longer.
const LONGEST_NAME: u64 = 1 << 16;

/// Every file inside is preceded by a block that describes it.
const BLOCK: usize = 512;

/// A file inside, while it is being passed.
pub struct Passing<'a, 'b> {
    /// Its path.
    pub path: &'a [u8],
    /// How many bytes it has.
    pub size: u64,
    /// Where it begins in the (inflated) tar file.
    pub offset: u64,
    entry: &'a mut tar::Entry<'b, Source>,
}

type Source = Box<dyn Read + Send>;

impl Passing<'_, '_> {
    /// Its bytes as they come, for what is too large for memory.
    pub fn reader(&mut self) -> &mut dyn Read {
        self.entry
    }

    /// Reads its bytes.
    ///
    /// # Errors
    /// Fails when the archive is damaged or cut short here.
    pub fn read(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        bytes.clear();
        self.entry.by_ref().take(self.size).read_to_end(bytes)?;
        if bytes.len() as u64 == self.size {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

/// Goes through the archive once, and on through what was joined to it. `visit` is also told how many bytes of the file
/// on disk have been read.
///
/// Answers how many files it has.
///
/// # Errors
/// Fails where the archive is damaged or cut short; what stands before was visited.
pub fn visit(
    section: &Section,
    gzip: bool,
    mut visit: impl FnMut(Passing<'_, '_>, u64),
) -> Result<u64, Refusal> {
    let read = Arc::new(AtomicU64::new(0));
    let file = BufReader::with_capacity(
        1 << 16,
        Counting {
            file: section.reader(),
            read: Arc::clone(&read),
        },
    );
    let mut source: Source = if gzip {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut first = Vec::new();
    let begun = source.by_ref().take(BLOCK as u64).read_to_end(&mut first);
    begun.map_err(|error| damaged(0, &error))?;
    if !describes(&first) {
        return Err(Refusal::new(if gzip {
            "it is gzip, but no tar is inside"
        } else {
            "it is called like a tar file, and is none"
        }));
    }
    let mut archive = tar::Archive::new(Box::new(io::Cursor::new(first).chain(source)) as Source);
    // What is joined to an archive stands behind its empty blocks.
    archive.set_ignore_zeros(true);
    let mut long_name: Option<Vec<u8>> = None;
    let (mut count, mut reached) = (0, 0);
    let entries = archive.entries().map_err(|error| damaged(0, &error))?;
    for entry in entries.raw(true) {
        let mut entry = entry.map_err(|error| damaged(reached, &error))?;
        let (kind, size) = (entry.header().entry_type(), entry.size());
        let offset = entry.raw_file_position();
        reached = offset;
        if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
            let name = name_of_next(&mut entry).map_err(|error| damaged(reached, &error))?;
            long_name = name.or(long_name);
            continue;
        }
        let name = long_name.take();
        let name = name.unwrap_or_else(|| entry.header().path_bytes().into_owned());
        if kind.is_file() || kind.is_contiguous() {
            count += 1;
            let passing = Passing {
                path: &name,
                size,
                offset,
                entry: &mut entry,
            };
            visit(passing, read.load(Ordering::Relaxed));
        }
    }
    Ok(count)
}

/// What an entry says of the one behind it: its name, where that is too long for a header.
fn name_of_next(entry: &mut tar::Entry<'_, Source>) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    entry.by_ref().take(LONGEST_NAME).read_to_end(&mut bytes)?;
    let name = if entry.header().entry_type().is_gnu_longname() {
        bytes.split(|&byte| byte == 0).next()
    } else {
        pax_path(&bytes)
    };
    Ok(name.map(<[u8]>::to_vec))
}

/// The words of the readers below quote what they read: they are not passed on.
fn damaged(reached: u64, error: &io::Error) -> Refusal {
    if error.raw_os_error().is_some() {
        let refusal = Refusal::from(io::Error::new(error.kind(), error.to_string()));
        return Refusal::at(reached, refusal.problem).with(refusal.remedy);
    }
    Refusal::at(reached, "the archive is damaged or cut short here")
}

/// The checksum in a block is that of a description, or the block is empty; what is cut short is left to be found so.
fn describes(block: &[u8]) -> bool {
    let Some(sum) = block.get(148..156).filter(|_| block.len() == BLOCK) else {
        return block.is_empty();
    };
    let digits: String = sum.iter().copied().map(char::from).collect();
    let digits = digits.trim_matches(|c| matches!(c, ' ' | '\0'));
    let real: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    let own: u64 = sum.iter().map(|byte| u64::from(*byte)).sum();
    real == 0 || u64::from_str_radix(digits, 8).ok() == Some(real - own + 8 * u64::from(b' '))
}

/// The `path` of extended headers: lines of `LENGTH KEY=VALUE`.
fn pax_path(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let blank = rest.iter().position(|&byte| byte == b' ')?;
        let length: usize = std::str::from_utf8(rest.get(..blank)?).ok()?.parse().ok()?;
        let (line, after) = rest.split_at_checked(length)?;
        if let Some(path) = line.get(blank + 1..)?.strip_prefix(b"path=") {
            return path.strip_suffix(b"\n");
        }
        rest = after;
    }
    None
}

struct Counting {
    file: SectionReader,
    read: Arc<AtomicU64>,
}

impl Read for Counting {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(bytes)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn packed(names: &[&str], gzip: bool) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for name in names {
            let mut header = tar::Header::new_gnu();
            header.set_size(3);
            header.set_mode(0o644);
            builder
                .append_data(&mut header, name, &b"abc"[..])
                .expect("appended");
        }
        let bytes = builder.into_inner().expect("finished");
        if !gzip {
            return bytes;
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&bytes).expect("compressed");
        encoder.finish().expect("finished")
    }

    fn names_in(bytes: &[u8], gzip: bool) -> (Vec<String>, Result<u64, Refusal>) {
        let mut file = tempfile::NamedTempFile::new().expect("temporary file");
        file.write_all(bytes).expect("written");
        let mut names = Vec::new();
        let mut content = Vec::new();
        let section = Section::open(file.path()).expect("opened");
        let count = visit(&section, gzip, |mut passing, _| {
            names.push(String::from_utf8_lossy(passing.path).into_owned());
            passing.read(&mut content).expect("readable");
            assert_eq!(content, b"abc");
        });
        (names, count)
    }

    #[test]
    fn names_are_whole_however_long() {
        let long = format!("Takeout/{}/heart_rate-2024-01-01.json", "x/".repeat(120));
        for gzip in [false, true] {
            let (names, count) = names_in(&packed(&["a", &long, "b"], gzip), gzip);
            assert_eq!(names, ["a", long.as_str(), "b"]);
            assert_eq!(count, Ok(3));
        }
        assert_eq!(
            pax_path(b"13 mtime=1.0\n17 path=some/day\n"),
            Some(&b"some/day"[..])
        );
        assert_eq!(pax_path(b"99 path=x\n"), None);
    }

    #[test]
    fn joined_archives_are_read_to_the_last() {
        for gzip in [false, true] {
            let joined = [&["a", "b"][..], &["c"], &["d", "e"]].map(|names| packed(names, gzip));
            let (names, count) = names_in(&joined.concat(), gzip);
            assert_eq!(names.concat(), "abcde");
            assert_eq!(count, Ok(5));
        }
    }

    #[test]
    fn what_is_no_tar_is_not_quoted() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let text = "\u{1b}[2J secret\n".repeat(100);
        encoder.write_all(text.as_bytes()).expect("compressed");
        let (_, result) = names_in(&encoder.finish().expect("finished"), true);
        let refusal = result.expect_err("no tar");
        assert_eq!(refusal.problem, "it is gzip, but no tar is inside");
    }

    #[test]
    fn what_stands_before_the_damage_is_read() {
        let bytes = packed(&["a", "b", "c"], true);
        for cut in [0, 1, 9, bytes.len() / 2, bytes.len() - 9, bytes.len() - 1] {
            let mut names = 0;
            let mut file = tempfile::NamedTempFile::new().expect("temporary file");
            file.write_all(&bytes[..cut]).expect("written");
            let section = Section::open(file.path()).expect("opened");
            let result = visit(&section, true, |_, _| names += 1);
            assert!(names <= 3);
            // A tar file may end without its two empty blocks.
            assert!(result.is_err() || cut == 0, "{cut}");
        }
    }
}
