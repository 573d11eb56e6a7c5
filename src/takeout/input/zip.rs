//! Zip files: the directory at the end is streamed, and only the members that are wanted are inflated, each whole and
//! in memory, with its size held to what is honest and its checksum checked.

use super::{Buffers, Refusal};
use rawzip::{
    CompressionMethod, Error, ErrorKind, FileReader, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive,
    ZipArchiveEntryWayfinder, ZipFileHeaderRecord, ZipLocator,
};
use std::fs::File;
use std::path::Path;

/// A damaged file may show this many false ends before it is given up.
const FALSE_ENDS: usize = 64;

/// An open zip file.
#[derive(Debug)]
pub struct Zip {
    archive: ZipArchive<FileReader>,
}

/// Where a member is, and how it is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    wayfinder: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    crc32: u32,
    encrypted: bool,
}

impl Place {
    fn of(record: &ZipFileHeaderRecord<'_>) -> Self {
        let flags = record.flags();
        Self {
            wayfinder: record.wayfinder(),
            method: record.compression_method(),
            crc32: record.crc32(),
            encrypted: flags.is_encrypted() || flags.has_strong_encryption(),
        }
    }

    /// How many bytes are read for it.
    #[must_use]
    pub fn packed_bytes(&self) -> u64 {
        self.wayfinder.compressed_size_hint()
    }
}

impl Zip {
    /// Finds the directory of a zip file.
    ///
    /// # Errors
    /// Fails when there is none: the file is no zip file, or was cut short.
    pub fn open(path: &Path) -> Result<Self, Refusal> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let mut end = size;
        for _ in 0..FALSE_ENDS {
            let reader = FileReader::from(file);
            match ZipLocator::new().locate_in_reader(reader, &mut buffer, end) {
                Ok(archive) => return Ok(Self { archive }),
                Err((reader, error)) => match error.eocd_offset() {
                    Some(false_end) if false_end < end => {
                        end = false_end;
                        file = reader.into_inner();
                    }
                    _ => return Err(no_directory(&error, size)),
                },
            }
        }
        Err(Refusal::new("its directory is damaged"))
    }

    /// Goes through the directory once, in constant memory: path and place of every member.
    ///
    /// # Errors
    /// Fails where the directory is damaged; what stands before was visited.
    pub fn visit(&self, mut visit: impl FnMut(&[u8], Place)) -> Result<u64, Refusal> {
        // The longest record a directory can hold fits.
        let mut buffer = vec![0; rawzip::MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
        let mut entries = self.archive.entries(&mut buffer);
        let mut count = 0;
        loop {
            match entries.next_entry() {
                Ok(Some(record)) => {
                    count += 1;
                    visit(record.file_path().as_ref(), Place::of(&record));
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
        place: Place,
        most: u64,
        buffers: &'a mut Buffers,
    ) -> Result<&'a [u8], Refusal> {
        if place.encrypted {
            return Err(Refusal::new(
                "it is encrypted; unpack the archive with its password, then import the folder",
            ));
        }
        let claimed = place.wayfinder.uncompressed_size_hint();
        if claimed > most {
            return Err(Refusal::too_large(claimed, most));
        }
        let entry = self
            .archive
            .get_entry(place.wayfinder)
            .map_err(|error| Refusal::new(in_words(&error)))?;
        let (start, end) = entry.compressed_data_range();
        let packed = end.saturating_sub(start);
        // Deflate never needs much more than the bytes themselves.
        if packed > most + most / 8 + 1024 {
            return Err(Refusal::too_large(packed, most));
        }
        let stored = place.method == CompressionMethod::STORE;
        if !stored && place.method != CompressionMethod::DEFLATE {
            return Err(Refusal::at(
                start,
                format!(
                    "its compression method {} is not known",
                    place.method.as_u16()
                ),
            ));
        }
        let input = if stored {
            &mut buffers.plain
        } else {
            &mut buffers.packed
        };
        input.resize(usize::try_from(packed).unwrap_or_default(), 0);
        self.archive
            .get_ref()
            .read_exact_at(input, start)
            .map_err(|error| Refusal::at(start, error.to_string()))?;
        if !stored {
            inflate(buffers, claimed, start)?;
        }
        let plain = buffers.plain.as_slice();
        if plain.len() as u64 != claimed {
            let problem = format!(
                "its compressed data is damaged: {} bytes instead of {claimed}",
                plain.len()
            );
            return Err(Refusal::at(start, problem));
        }
        if libdeflater::crc32(plain) != place.crc32 {
            return Err(Refusal::at(
                start,
                "its checksum is wrong: the archive is damaged",
            ));
        }
        Ok(plain)
    }
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
