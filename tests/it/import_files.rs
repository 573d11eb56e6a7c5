//! Exports in the measured shapes, made up: both twins of a wearer's days, and the archives they come in, good and bad.

use chrono::{DateTime, NaiveDate};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

/// Names and bytes of files.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A record: seconds since 1970 UTC, bpm, confidence.
pub type Record = (i64, u16, u8);

/// The JSON twin, byte for byte as exports have it.
pub fn json(records: &[Record]) -> Vec<u8> {
    let mut file = String::from("[");
    for (at, (second, bpm, confidence)) in records.iter().enumerate() {
        let stamp = DateTime::from_timestamp(*second, 0).expect("an instant");
        let _ = write!(
            file,
            "{}{{\n  \"dateTime\" : \"{}\",\n  \"value\" : {{\n    \"bpm\" : {bpm},\n    \"confidence\" : {confidence}\n  }}\n}}",
            if at == 0 { "" } else { "," },
            stamp.format("%m/%d/%y %H:%M:%S")
        );
    }
    file.push(']');
    file.into_bytes()
}

/// The CSV twin in its newer shape.
pub fn csv(records: &[Record], device: &str) -> Vec<u8> {
    let mut file = String::from("timestamp,beats per minute,data source\n");
    for (second, bpm, _) in records {
        let stamp = DateTime::from_timestamp(*second, 0).expect("an instant");
        let _ = writeln!(
            file,
            "{},{bpm}.0,{device}",
            stamp.format("%Y-%m-%dT%H:%M:%SZ")
        );
    }
    file.into_bytes()
}

/// Seconds of the start of a date.
pub fn midnight(day: &str) -> i64 {
    let day: NaiveDate = day.parse().expect("a date");
    i64::from(day.to_epoch_days()) * 86_400
}

/// A day worn whole, a record every five minutes, on a clock so many hours ahead of UTC.
pub fn whole_day(day: &str, ahead: i64) -> Vec<Record> {
    let start = midnight(day) - ahead * 3600;
    let bpm = |at: i64| 75 + u16::try_from(at % 13).expect("small");
    let second = |at: i64| start + (at * 300).min(86_399);
    (0..=288).map(|at| (second(at), bpm(at), 2)).collect()
}

/// Both twins of whole days, in the folders of a Takeout of 2026.
pub fn takeout(days: &[&str], ahead: i64) -> Files {
    let mut files = Files::new();
    let mut utc: BTreeMap<NaiveDate, Vec<Record>> = BTreeMap::new();
    for day in days {
        let records = whole_day(day, ahead);
        let name = format!("Takeout/Google Health/Global Export Data/heart_rate-{day}.json");
        files.insert(name, json(&records));
        for record in records {
            let at = DateTime::from_timestamp(record.0, 0).expect("an instant");
            utc.entry(at.date_naive()).or_default().push(record);
        }
    }
    for (day, records) in utc {
        let name = format!(
            "Takeout/Google Health/Physical Activity_GoogleData/Heart Rate/heart_rate_{day}.csv"
        );
        files.insert(name, csv(&records, "Inspire 3"));
    }
    files
}

/// A member of a zip file, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Member {
    pub name: String,
    pub bytes: Vec<u8>,
    /// Not compressed.
    pub stored: bool,
    /// What the directory claims instead.
    pub claimed_size: Option<u32>,
    /// The checksum is another one.
    pub wrong_crc: bool,
    /// Bits of the general purpose flag.
    pub flags: u16,
    /// Another compression method.
    pub method: Option<u16>,
    /// The compressed bytes are damaged.
    pub damaged: bool,
}

impl Member {
    pub fn new(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            bytes: bytes.to_vec(),
            ..Self::default()
        }
    }
}

/// A zip file, written by hand so that it can be wrong.
pub fn zip(members: &[Member]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let offset = u32::try_from(file.len()).expect("small");
        let mut packed = if member.stored {
            member.bytes.clone()
        } else {
            let level = flate2::Compression::default();
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
            encoder.write_all(&member.bytes).expect("compressed");
            encoder.finish().expect("compressed")
        };
        if member.damaged {
            let middle = packed.len() / 2;
            packed[middle..].fill(0xFF);
        }
        let method = member.method.unwrap_or(if member.stored { 0 } else { 8 });
        let crc = rawzip::crc32(&member.bytes) ^ u32::from(member.wrong_crc);
        let size = u32::try_from(member.bytes.len()).expect("small");
        let size = member.claimed_size.unwrap_or(size);
        let packed_size = u32::try_from(packed.len()).expect("small");
        let name_length = u16::try_from(member.name.len()).expect("short");
        let mut common = Vec::new();
        common.extend(20_u16.to_le_bytes());
        common.extend(member.flags.to_le_bytes());
        common.extend(method.to_le_bytes());
        common.extend([0; 4]);
        for number in [crc, packed_size, size] {
            common.extend(number.to_le_bytes());
        }
        common.extend(name_length.to_le_bytes());
        common.extend([0; 2]);
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        file.extend(member.name.as_bytes());
        file.extend(&packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(member.name.as_bytes());
    }
    let count = u16::try_from(members.len()).expect("few");
    let start = u32::try_from(file.len()).expect("small");
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(count.to_le_bytes());
    file.extend(count.to_le_bytes());
    file.extend(u32::try_from(directory.len()).expect("small").to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0; 2]);
    file
}

/// A zip file of these files.
pub fn zipped(files: &Files) -> Vec<u8> {
    let members = files.iter().map(|(name, bytes)| Member::new(name, bytes));
    zip(&members.collect::<Vec<_>>())
}

/// A zip file with so many empty files before the given ones that it must be ZIP64.
pub fn zip64(foreign: usize, files: &Files) -> Vec<u8> {
    let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
    let mut add = |name: &str, bytes: &[u8]| {
        let method = rawzip::CompressionMethod::STORE;
        let entry = archive.new_file(name).compression_method(method);
        let (mut entry, config) = entry.start().expect("begun");
        let mut writer = config.wrap(&mut entry);
        writer.write_all(bytes).expect("written");
        let (_, descriptor) = writer.finish().expect("finished");
        entry.finish(descriptor).expect("finished");
    };
    for at in 0..foreign {
        add(&format!("Takeout/Fitbit/other/{at}.json"), b"");
    }
    for (name, bytes) in files {
        add(name, bytes);
    }
    archive.finish().expect("finished")
}

/// A compressed tar file of these files, in this order.
pub fn tgz<'a>(files: impl IntoIterator<Item = (&'a String, &'a Vec<u8>)>) -> Vec<u8> {
    let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(encoder);
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, name, bytes.as_slice())
            .expect("appended");
    }
    let encoder = builder.into_inner().expect("finished");
    encoder.finish().expect("finished")
}
