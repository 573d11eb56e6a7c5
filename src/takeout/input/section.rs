//! A stretch of a file: all of it, one of several archives that were joined, or an archive that lies in another.

use super::Refusal;
use rawzip::{FileReader, ReaderAt};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

/// An open file from one byte to another.
#[derive(Debug, Clone)]
pub struct Section {
    file: Arc<FileReader>,
    start: u64,
    end: u64,
}

impl Section {
    /// All of a file on disk.
    ///
    /// # Errors
    /// Fails when it cannot be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::of(File::open(path)?)
    }

    fn of(file: File) -> io::Result<Self> {
        let end = file.metadata()?.len();
        Ok(Self {
            file: Arc::new(FileReader::from(file)),
            start: 0,
            end,
        })
    }

    /// Writes what is read into a file without a name, which is gone when the last section of it is; at most so many
    /// bytes.
    ///
    /// # Errors
    /// Fails when reading or writing does, or when there is more.
    pub fn unpacked(source: &mut dyn Read, most: u64) -> Result<Self, Refusal> {
        let mut file = tempfile::tempfile()?;
        let size = io::copy(&mut source.take(most.saturating_add(1)), &mut file)?;
        if size > most {
            return Err(Refusal::too_large(size, most));
        }
        file.flush()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Self::of(file)?)
    }

    /// The part from one byte to another, both counted from this section's start.
    #[must_use]
    pub fn part(&self, start: u64, end: u64) -> Self {
        let within = |at: u64| self.start.saturating_add(at).min(self.end);
        Self {
            file: Arc::clone(&self.file),
            start: within(start),
            end: within(end),
        }
    }

    /// How many bytes it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.end - self.start
    }

    /// Where it begins in its file.
    #[must_use]
    pub const fn start(&self) -> u64 {
        self.start
    }

    /// The first bytes, at most so many.
    #[must_use]
    pub fn head(&self, most: u64) -> Vec<u8> {
        let mut head = Vec::new();
        let read = self.part(0, most).reader().read_to_end(&mut head);
        read.map(|_| head).unwrap_or_default()
    }

    /// All of it, if it has so many bytes.
    pub(super) fn head_exactly(&self, count: u64) -> Option<Vec<u8>> {
        let head = self.head(count);
        (head.len() as u64 == count).then_some(head)
    }

    /// Reads it from its start.
    #[must_use]
    pub fn reader(&self) -> SectionReader {
        SectionReader {
            section: self.clone(),
            at: 0,
        }
    }
}

impl ReaderAt for Section {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = self.size().saturating_sub(offset);
        let count = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let bytes = bytes.get_mut(..count).unwrap_or_default();
        self.file.read_at(bytes, self.start + offset)
    }
}

/// Reads a section from front to back.
#[derive(Debug)]
pub struct SectionReader {
    section: Section,
    at: u64,
}

impl Read for SectionReader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.section.read_at(bytes, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}
