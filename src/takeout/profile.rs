//! `Profile.csv`: the account's id and its time zone. Name, mail and birth date stand in the same file and are not looked at.

use super::record;
use crate::zone::Tz;

/// The IANA zone in the column `timezone`, if there is one.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Tz> {
    cell(bytes, b"timezone")?.parse().ok()
}

/// The account in the column `id`, if there is one: the id of Fitbit's days.
#[must_use]
pub fn account(bytes: &[u8]) -> Option<String> {
    cell(bytes, b"id")
}

/// What the first row has in a column; `None` for nothing.
fn cell(bytes: &[u8], name: &[u8]) -> Option<String> {
    let text = bytes.strip_prefix(record::BOM).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let named = |cell: &[u8]| cell.trim_ascii().eq_ignore_ascii_case(name);
    let column = reader.byte_headers().ok()?.iter().position(named)?;
    let row = reader.byte_records().next()?.ok()?;
    let text = std::str::from_utf8(row.get(column)?).ok()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_is_found_by_its_column() {
        let file = b"id,full_name,timezone,locale\nABC,\"Doe, Jane\",Asia/Ho_Chi_Minh,en_US\n";
        assert_eq!(decode(file), Some(Tz::of("Asia/Ho_Chi_Minh")));
        assert_eq!(account(file).as_deref(), Some("ABC"));
        for file in [
            "",
            "id,full_name\nABC,Jane\n",
            "id,timezone\n",
            "id,timezone\nABC,Mars/Olympus\n",
        ] {
            assert_eq!(decode(file.as_bytes()), None, "{file}");
        }
    }
}
