//! Tar files, compressed or not: read once from end to end, because nothing in them can be found otherwise.
//!
//! The names are put together here, with a limit: a header may claim that the next name has gigabytes.

use super::Refusal;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// No path is longer.
const LONGEST_NAME: u64 = 1 << 16;

/// Archives are padded with zeros to full blocks, not to more.
const LONGEST_PADDING: u64 = 1 << 20;

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

/// Goes through the archive once. `visit` is also told how many bytes of the file on disk have been read.
///
/// Answers how many files it has.
///
/// # Errors
/// Fails where the archive is damaged or cut short; what stands before was visited.
pub fn visit(
    path: &Path,
    gzip: bool,
    mut visit: impl FnMut(Passing<'_, '_>, u64),
) -> Result<u64, Refusal> {
    let read = Arc::new(AtomicU64::new(0));
    let file = BufReader::with_capacity(
        1 << 16,
        Counting {
            file: File::open(path)?,
            read: Arc::clone(&read),
        },
    );
    let source: Source = if gzip {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut archive = tar::Archive::new(source);
    let mut long_name: Option<Vec<u8>> = None;
    let (mut count, mut reached) = (0, 0);
    let damaged = |reached: u64, error: &io::Error| {
        Refusal::at(
            reached,
            format!("the archive is damaged or cut short here ({error})"),
        )
    };
    let entries = archive.entries().map_err(|error| damaged(0, &error))?;
    for entry in entries.raw(true) {
        let mut entry = entry.map_err(|error| damaged(reached, &error))?;
        let (kind, size) = (entry.header().entry_type(), entry.size());
        let offset = entry.raw_file_position();
        reached = offset;
        if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
            let mut bytes = Vec::new();
            let limited = entry.by_ref().take(LONGEST_NAME).read_to_end(&mut bytes);
            limited.map_err(|error| damaged(reached, &error))?;
            let name = if kind.is_gnu_longname() {
                Some(bytes.split(|&byte| byte == 0).next().unwrap_or_default())
            } else {
                pax_path(&bytes)
            };
            long_name = name.map(<[u8]>::to_vec).or(long_name);
            continue;
        }
        let name = long_name
            .take()
            .unwrap_or_else(|| entry.header().path_bytes().into_owned());
        if !kind.is_file() && !kind.is_contiguous() {
            continue;
        }
        count += 1;
        let passing = Passing {
            path: &name,
            size,
            offset,
            entry: &mut entry,
        };
        visit(passing, read.load(Ordering::Relaxed));
    }
    // The checksum of a compressed file stands behind the padding.
    let padding = &mut archive.into_inner().take(LONGEST_PADDING);
    io::copy(padding, &mut io::sink()).map_err(|error| damaged(reached, &error))?;
    Ok(count)
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
    file: File,
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
        let count = visit(file.path(), gzip, |mut passing, _| {
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
    fn what_stands_before_the_damage_is_read() {
        let bytes = packed(&["a", "b", "c"], true);
        for cut in [0, 1, 9, bytes.len() / 2, bytes.len() - 9, bytes.len() - 1] {
            let mut names = 0;
            let mut file = tempfile::NamedTempFile::new().expect("temporary file");
            file.write_all(&bytes[..cut]).expect("written");
            let result = visit(file.path(), true, |_, _| names += 1);
            assert!(names <= 3);
            // A tar file may end without its two empty blocks.
            assert!(result.is_err() || cut == 0, "{cut}");
        }
    }
}
