//! Zip files: the directory at the end is streamed, and only the members that are wanted are inflated, each whole and
//! in memory, with its size held to what is honest and its checksum checked.

use super::section::Section;
use super::{Buffers, Refusal, Remedy};
use flate2::bufread::DeflateDecoder;
use rawzip::{
    CompressionMethod, Error, ErrorKind, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive,
    ZipArchiveEntryWayfinder, ZipFileHeaderRecord, ZipLocator,
};
use std::io::BufReader;

/// A damaged file may show this many false ends before it is given up.
const FALSE_ENDS: usize = 64;

/// Archives in archives are packed already: an honest one grows by less than this.
const HONEST_RATIO: u64 = 256;

/// What a zip file begins with, with files in it and without.
const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
const EMPTY: [u8; 4] = *b"PK\x05\x06";

/// An open zip file.
#[derive(Debug)]
pub struct Zip {
    archive: ZipArchive<Section>,
}

/// Where a member is, and how it is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackedMember {
    wayfinder: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    crc32: u32,
    encrypted: bool,
}

impl PackedMember {
    fn of(record: &ZipFileHeaderRecord<'_>) -> Self {
        let flags = record.flags();
        Self {
            wayfinder: record.wayfinder(),
            method: record.compression_method(),
            crc32: record.crc32(),
            encrypted: flags.is_encrypted() || flags.has_strong_encryption(),
        }
    }

    fn readable(&self) -> Result<(), Refusal> {
        if self.encrypted {
            let why =
                "it is encrypted; unpack the archive with its password, then import the folder";
            return Err(Refusal::new(why).with(Remedy::Unpack));
        }
        if matches!(
            self.method,
            CompressionMethod::STORE | CompressionMethod::DEFLATE
        ) {
            return Ok(());
        }
        let why = format!(
            "its compression method {} is not known: unpack it, then import the folder",
            self.method.as_u16()
        );
        Err(Refusal::new(why).with(Remedy::Unpack))
    }

    /// How many bytes are read for it.
    #[must_use]
    pub fn packed_bytes(&self) -> u64 {
        self.wayfinder.compressed_size_hint()
    }
}

impl Zip {
    /// Finds the directories of zip files that are joined end to end, the first in front; usually there is one. Beside them:
    /// why what stands before them cannot be read.
    ///
    /// # Errors
    /// Fails when there is none: the file is no zip file, or was cut short.
    pub fn open(section: &Section) -> Result<(Vec<Self>, Option<Refusal>), Refusal> {
        let (mut zips, mut end) = (Vec::new(), section.size());
        loop {
            match Self::last(&section.part(0, end)) {
                Ok((zip, start)) => {
                    zips.insert(0, zip);
                    if start == 0 || start >= end {
                        return Ok((zips, None));
                    }
                    end = start;
                }
                Err(refusal) if zips.is_empty() => return Err(refusal),
                Err(_) => {
                    // A program that unpacks itself may stand before a zip file.
                    let lost = section.head(4) == LOCAL_HEADER;
                    let why =
                        "a zip file joined before this place has lost its end: download it again";
                    return Ok((zips, lost.then(|| Refusal::at(end, why))));
                }
            }
        }
    }

    /// The zip file that ends where the section does, and where it begins.
    fn last(section: &Section) -> Result<(Self, u64), Refusal> {
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let mut end = section.size();
        let mut locate = |section: Section, end| {
            let found = ZipLocator::new().locate_in_reader(section, &mut buffer, end);
            found.map_err(|(_, error)| error)
        };
        for _ in 0..FALSE_ENDS {
            let (found, eocd) = match locate(section.clone(), end) {
                Ok(archive) => {
                    let eocd = archive.eocd_offset();
                    (Ok(archive), eocd)
                }
                Err(error) => match error.eocd_offset().filter(|eocd| *eocd < end) {
                    Some(eocd) => (Err(error), eocd),
                    None => return Err(no_directory(&error, section.size())),
                },
            };
            if let Some(start) = start_of(section, eocd)
                && let Ok(archive) = locate(section.part(start, section.size()), end - start)
            {
                return Ok((Self { archive }, start));
            }
            match found {
                Ok(archive) => return Ok((Self { archive }, 0)),
                Err(_) => end = eocd,
            }
        }
        Err(Refusal::new("its directory is damaged"))
    }

    /// Goes through the directory once, in constant memory: path and place of every member.
    ///
    /// # Errors
    /// Fails where the directory is damaged; what stands before was visited.
    pub fn visit(&self, mut visit: impl FnMut(&[u8], PackedMember)) -> Result<u64, Refusal> {
        // The longest record a directory can hold fits.
        let mut buffer = vec![0; rawzip::MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
        let mut entries = self.archive.entries(&mut buffer);
        let mut count = 0;
        loop {
            match entries.next_entry() {
                Ok(Some(record)) => {
                    count += 1;
                    visit(record.file_path().as_ref(), PackedMember::of(&record));
                }
                Ok(None) => return Ok(count),
                Err(error) => {
                    return Err(Refusal::new(format!(
                        "its directory is damaged after {count} files ({})",
                        in_words(&error)
                    )));
                }
            }
        }
    }

    /// The bytes of a member.
    ///
    /// # Errors
    /// Fails when it is encrypted, packed in an unknown way, larger than `most` or than it claims, cut short, or its
    /// checksum is wrong.
    pub fn read<'a>(
        &self,
        place: PackedMember,
        most: u64,
        buffers: &'a mut Buffers,
    ) -> Result<&'a [u8], Refusal> {
        place.readable()?;
        let claimed = place.wayfinder.uncompressed_size_hint();
        if claimed > most {
            return Err(Refusal::too_large(claimed, most));
        }
        let (start, end) = self.data(place)?;
        let packed = end.saturating_sub(start);
        // Deflate never needs much more than the bytes themselves.
        if packed > most + most / 8 + 1024 {
            return Err(Refusal::too_large(packed, most));
        }
        let stored = place.method == CompressionMethod::STORE;
        let shown = self.archive.get_ref().start() + start;
        let input = if stored {
            &mut buffers.plain
        } else {
            &mut buffers.packed
        };
        input.resize(usize::try_from(packed).unwrap_or_default(), 0);
        self.archive
            .get_ref()
            .read_exact_at(input, start)
            .map_err(|error| Refusal::at(shown, error.to_string()))?;
        if !stored {
            inflate(buffers, claimed, shown)?;
        }
        let plain = buffers.plain.as_slice();
        if plain.len() as u64 != claimed {
            let problem = format!(
                "its compressed data is damaged: {} bytes instead of {claimed}",
                plain.len()
            );
            return Err(Refusal::at(shown, problem));
        }
        if libdeflater::crc32(plain) != place.crc32 {
            return Err(Refusal::at(
                shown,
                "its checksum is wrong: the archive is damaged",
            ));
        }
        buffers.content(most)
    }

    /// An archive that lies in this one: where it is if it is not compressed, else inflated into a file without a name.
    ///
    /// # Errors
    /// Fails as [`Zip::read`] does.
    pub fn inner(&self, place: PackedMember) -> Result<Section, Refusal> {
        place.readable()?;
        let (start, end) = self.data(place)?;
        let part = self.archive.get_ref().part(start, end);
        if place.method == CompressionMethod::STORE {
            return Ok(part);
        }
        let most = part.size().saturating_mul(HONEST_RATIO) + HONEST_RATIO;
        let mut inflated =
            flate2::CrcReader::new(DeflateDecoder::new(BufReader::new(part.reader())));
        let section = Section::unpacked(&mut inflated, most)
            .map_err(|refusal| Refusal::at(part.start(), refusal.problem).with(refusal.remedy))?;
        if inflated.crc().sum() != place.crc32 {
            let problem = "its checksum is wrong: the archive is damaged";
            return Err(Refusal::at(part.start(), problem));
        }
        Ok(section)
    }

    fn data(&self, place: PackedMember) -> Result<(u64, u64), Refusal> {
        let entry = self.archive.get_entry(place.wayfinder);
        let entry = entry.map_err(|error| Refusal::new(in_words(&error)))?;
        Ok(entry.compressed_data_range())
    }
}

/// Where the zip file begins whose directory ends at a place: all that it says of places is counted from there.
fn start_of(section: &Section, eocd: u64) -> Option<u64> {
    let bytes = |at: u64, count: u64| section.part(at, at.checked_add(count)?).head_exactly(count);
    let number = |bytes: &[u8], at: usize, size: usize| {
        let part = bytes.get(at..at + size)?.iter().rev();
        Some(part.fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    let end = bytes(eocd, 22)?;
    let mut directory = (eocd, number(&end, 12, 4)?, number(&end, 16, 4)?);
    // The record of large zip files stands before, with the one that points to it between.
    let large = eocd.checked_sub(76).and_then(|at| bytes(at, 56));
    if let Some(large) = large.filter(|large| large.starts_with(b"PK\x06\x06")) {
        directory = (eocd - 76, number(&large, 40, 8)?, number(&large, 48, 8)?);
    }
    let (end, size, offset) = directory;
    let start = end.checked_sub(size)?.checked_sub(offset)?;
    let magic = bytes(start, 4)?;
    (start > 0 && (magic == LOCAL_HEADER || magic == EMPTY)).then_some(start)
}

fn inflate(buffers: &mut Buffers, claimed: u64, start: u64) -> Result<(), Refusal> {
    let inflater = buffers
        .inflater
        .get_or_insert_with(libdeflater::Decompressor::new);
    buffers
        .plain
        .resize(usize::try_from(claimed).unwrap_or_default(), 0);
    match inflater.deflate_decompress(&buffers.packed, &mut buffers.plain) {
        Ok(size) => {
            buffers.plain.truncate(size);
            Ok(())
        }
        Err(libdeflater::DecompressionError::BadData) => {
            Err(Refusal::at(start, "its compressed data is damaged"))
        }
        Err(libdeflater::DecompressionError::InsufficientSpace) => Err(Refusal::at(
            start,
            format!("it expands to more than the {claimed} bytes it claims"),
        )),
    }
}

fn no_directory(error: &Error, size: u64) -> Refusal {
    if matches!(
        error.kind(),
        ErrorKind::MissingEndOfCentralDirectory | ErrorKind::Eof
    ) {
        return Refusal::at(
            size,
            "it is no zip file, or the end of it is missing: download it again",
        );
    }
    Refusal::new(format!("its directory is damaged ({})", in_words(error)))
}

fn in_words(error: &Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}
