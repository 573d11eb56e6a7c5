//! Takeout's records of one instant, and which of them is the row.
//!
//! What is kept of an instant is the set of all that was said of it, less what can never matter again; the row follows from
//! the set alone. So it is the same whatever came first, and what is not the row stands beside it in the file's footer
//! ([`crate::archive::takeout_notes`]).

use std::cmp::Ordering;

/// The beats of a placeholder ("no reading yet") in Takeout's JSON, at confidence [`PLACEHOLDER_CONFIDENCE`].
pub const PLACEHOLDER_BPM: u16 = 70;

/// See [`PLACEHOLDER_BPM`].
pub const PLACEHOLDER_CONFIDENCE: u8 = 0;

/// When an export was made, by its name, in seconds since 1970; 0 where no name says it, which counts as the oldest.
pub type Made = u32;

/// A device among others: a tracker of the wearer's before other apps' data, then by the place of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device {
    /// See [`is_tracker`].
    pub tracker: bool,
    /// Its place in a list that ascends by [`is_tracker`], then by name.
    pub place: u16,
}

/// What one record says. The JSON's has a confidence, the CSV's may have a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    /// Beats per minute.
    pub bpm: u16,
    /// 0 to 3, in the JSON alone.
    pub confidence: Option<u8>,
    /// In the CSV alone.
    pub device: Option<Device>,
    /// When its export was made.
    pub made: Made,
}

/// A record of the JSON that is no sample: a placeholder, or below the confidence that was asked for. Beats, confidence.
pub type LeftOut = (u16, u8);

/// What has become the row of an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Beats per minute.
    pub bpm: u16,
    /// The JSON's.
    pub confidence: Option<u8>,
    /// The CSV twin's.
    pub device: Option<Device>,
    /// When the export of the JSON record was made.
    pub json: Made,
    /// When the export of the CSV record was made.
    pub csv: Made,
}

impl Row {
    /// The row of two twins, of which one may be missing.
    fn of(bpm: u16, json: Option<Record>, csv: Option<Record>) -> Self {
        Self {
            bpm,
            confidence: json.and_then(|json| json.confidence),
            device: csv.and_then(|csv| csv.device),
            json: json.map_or(0, |json| json.made),
            csv: csv.map_or(0, |csv| csv.made),
        }
    }
}

/// A band or watch of the wearer's, by the name in the column `data source`: not data of other apps that came in through
/// Health Connect, `HealthKit` or a phone.
#[must_use]
pub fn is_tracker(device: &str) -> bool {
    let name = device.trim().to_ascii_lowercase();
    let joined: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    let foreign = ["healthconnect", "healthkit", "mobiletrack", "phone"];
    !name.ends_with(" app") && !foreign.iter().any(|part| joined.contains(part))
}

/// "No reading yet".
#[must_use]
pub fn is_placeholder(bpm: u16, confidence: Option<u8>) -> bool {
    bpm == PLACEHOLDER_BPM && confidence == Some(PLACEHOLDER_CONFIDENCE)
}

/// Decides on an instant. `live`: the beats that a live service says, which is the row then.
///
/// Leaves in `records` what is not in the row and may still matter, ascending, and in `left_out` what stays left out.
pub fn decide(
    live: Option<u16>,
    records: &mut Vec<Record>,
    left_out: &mut Vec<LeftOut>,
) -> Option<Row> {
    // So it is nearly always: nobody else says anything.
    if let (None, &[record], []) = (live, records.as_slice(), left_out.as_slice()) {
        records.clear();
        let json = record.confidence.map(|_| record);
        let csv = json.is_none().then_some(record);
        return Some(Row::of(record.bpm, json, csv));
    }
    reduce(live.is_some(), records, left_out);
    if let Some(bpm) = live {
        let twins = records
            .iter()
            .filter(|record| record.bpm == bpm && !is_placeholder(record.bpm, record.confidence));
        let twin = twins.copied().max_by(stronger);
        records.retain(|record| Some(*record) != twin);
        return Some(Row::of(bpm, twin, None));
    }
    let best = records.iter().copied().max_by(stronger)?;
    let named = |record: &&Record| {
        record.bpm == best.bpm && record.confidence.is_none() && record.device.is_some()
    };
    let csv = records.iter().find(named).copied();
    let csv = csv.or((best.confidence.is_none()).then_some(best));
    let json = best.confidence.map(|_| best);
    records.retain(|record| Some(*record) != json && Some(*record) != csv);
    Some(Row::of(best.bpm, json, csv))
}

/// The order in which records win: the JSON over the CSV, and then [`strength`].
fn stronger(a: &Record, b: &Record) -> Ordering {
    let order = |record: &Record| (record.confidence.is_some(), strength(record));
    order(a).cmp(&order(b))
}

/// A tracker over other apps, the later export, the higher confidence; then the name, the beats: anything that is always the same.
fn strength(record: &Record) -> (bool, Made, Option<u8>, Option<Device>, u16) {
    // A column of devices came in 2026. Before, all there was were the wearer's own.
    let tracker = record.device.is_none_or(|device| device.tracker);
    let Record {
        bpm,
        confidence,
        device,
        made,
    } = *record;
    (tracker, made, confidence, device, bpm)
}

/// Takes out what is said twice and what can never matter, ascending.
fn reduce(live: bool, records: &mut Vec<Record>, left_out: &mut Vec<LeftOut>) {
    records.sort_unstable();
    let said = |record: &Record| (record.bpm, record.confidence, record.device);
    // The later of two is the one of the later export.
    records.reverse();
    records.dedup_by_key(|record| said(record));
    records.reverse();
    left_out.sort_unstable();
    left_out.dedup();
    left_out.retain(|&(bpm, confidence)| {
        let kept = |record: &Record| (record.bpm, record.confidence) == (bpm, Some(confidence));
        !records.iter().any(kept)
    });
    let json = records.iter().any(|record| record.confidence.is_some());
    // The twin of what is left out; what a live service knows better; a twin that adds nothing.
    let is_idle = |record: &Record, all: &[Record]| {
        live || left_out.iter().any(|twin| twin.0 == record.bpm)
            || json && record.device.is_none()
            || all.iter().any(|other| surpasses(other, record))
    };
    let mut at = 0;
    // What has been taken out is missed by nobody: whatever made it idle does so to all that it surpasses.
    while let Some(record) = records.get(at) {
        if record.confidence.is_none() && is_idle(record, records) {
            records.remove(at);
        } else {
            at += 1;
        }
    }
}

/// Of the same beats in the CSV the one with the better name stays, and none without a name that is not of a later export.
fn surpasses(other: &Record, record: &Record) -> bool {
    let twins = other.bpm == record.bpm && other.confidence.is_none() && other.device.is_some();
    twins && strength(other) > strength(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Ascending by [`is_tracker`], then by name.
    const DEVICES: [&str; 6] = [
        "Apple Health Health Kit",
        "MobileTrack",
        "Polar H10 Health Connect",
        "Charge 5",
        "Inspire 3",
        "Polar",
    ];

    fn device(name: &str) -> Option<Device> {
        let place = DEVICES.iter().position(|known| *known == name)?;
        Some(Device {
            tracker: is_tracker(name),
            place: u16::try_from(place).ok()?,
        })
    }

    fn json(bpm: u16, confidence: u8, made: Made) -> Record {
        Record {
            bpm,
            confidence: Some(confidence),
            device: None,
            made,
        }
    }

    fn csv(bpm: u16, name: &str, made: Made) -> Record {
        Record {
            bpm,
            confidence: None,
            device: device(name),
            made,
        }
    }

    /// `bpm confidence device` of the row.
    fn row(live: Option<u16>, records: &[Record], left_out: &[LeftOut]) -> String {
        let row = decide(live, &mut records.to_vec(), &mut left_out.to_vec());
        let shown = |row: Row| {
            let confidence = row.confidence.map_or("-".to_owned(), |c| c.to_string());
            let name = row
                .device
                .map_or("-", |device| DEVICES[usize::from(device.place)]);
            format!("{} {confidence} {name}", row.bpm)
        };
        row.map_or("none".to_owned(), shown)
    }

    #[test]
    fn trackers_are_told_from_other_apps() {
        for name in [
            "Inspire 3",
            "Charge 5",
            "Google Fitbit Air",
            "Polar",
            "Sense 2",
        ] {
            assert!(is_tracker(name), "{name}");
        }
        for name in [
            "Phone Health Connect",
            "Garmin Connect Health Connect",
            "Apple Health Health Kit",
            "Oura HealthKit",
            "MobileTrack",
            "Google Health App",
            "Jane's iPhone",
        ] {
            assert!(!is_tracker(name), "{name}");
        }
    }

    #[test]
    fn the_row_is_one_records_as_a_whole() {
        for (records, expected) in [
            // The tracker, whatever the beats.
            (
                vec![
                    csv(61, "Inspire 3", 0),
                    csv(95, "Apple Health Health Kit", 0),
                ],
                "61 - Inspire 3",
            ),
            (
                vec![csv(95, "Inspire 3", 0), csv(61, "MobileTrack", 9)],
                "95 - Inspire 3",
            ),
            (vec![csv(61, "", 0), csv(95, "MobileTrack", 9)], "61 - -"),
            // The JSON; its CSV twin adds the device, and nobody else.
            (
                vec![
                    json(80, 2, 0),
                    csv(131, "Polar", 0),
                    csv(80, "Inspire 3", 0),
                ],
                "80 2 Inspire 3",
            ),
            (vec![json(80, 2, 0), csv(131, "Polar", 0)], "80 2 -"),
            (
                vec![json(80, 2, 0), csv(80, "MobileTrack", 0)],
                "80 2 MobileTrack",
            ),
            // The later export, then the higher confidence.
            (vec![json(120, 1, 0), json(61, 3, 0)], "61 3 -"),
            (vec![json(120, 1, 8), json(61, 3, 7)], "120 1 -"),
            (vec![json(80, 1, 7), json(80, 3, 0)], "80 1 -"),
            (
                vec![csv(61, "Charge 5", 8), csv(95, "Inspire 3", 7)],
                "61 - Charge 5",
            ),
            (
                vec![csv(61, "", 8), csv(61, "Inspire 3", 7)],
                "61 - Inspire 3",
            ),
        ] {
            assert_eq!(row(None, &records, &[]), expected);
        }
    }

    #[test]
    fn what_is_left_out_takes_its_twin_with_it_and_nobody_else() {
        let placeholder = [(70, 0)];
        for (records, left_out, expected) in [
            (vec![csv(70, "Inspire 3", 0)], &placeholder[..], "none"),
            (
                vec![
                    csv(131, "Polar H10 Health Connect", 0),
                    csv(70, "Inspire 3", 0),
                ],
                &placeholder,
                "131 - Polar H10 Health Connect",
            ),
            (vec![csv(80, "Inspire 3", 0)], &[(80, 1)], "none"),
            (vec![csv(81, "Inspire 3", 0)], &[(80, 1)], "81 - Inspire 3"),
            // It was kept on request.
            (
                vec![json(70, 0, 0), csv(70, "Inspire 3", 0)],
                &placeholder,
                "70 0 Inspire 3",
            ),
            (
                vec![json(61, 3, 0), csv(70, "Inspire 3", 0)],
                &placeholder,
                "61 3 -",
            ),
        ] {
            assert_eq!(row(None, &records, left_out), expected);
        }
    }

    #[test]
    fn a_live_service_wins_and_a_twin_of_the_json_adds_its_confidence() {
        let known = [json(64, 3, 0), json(60, 2, 5), csv(64, "Inspire 3", 0)];
        assert_eq!(row(Some(64), &known, &[]), "64 3 -");
        assert_eq!(row(Some(65), &known, &[]), "65 - -");
        assert_eq!(row(Some(70), &[json(70, 0, 0)], &[]), "70 - -");
    }

    fn any_record() -> impl Strategy<Value = Record> {
        let json = (60_u16..63, 0_u8..4, 0_u32..3).prop_map(|(bpm, c, made)| json(bpm, c, made));
        let csv = (60_u16..63, 0_usize..7, 0_u32..3)
            .prop_map(|(bpm, at, made)| csv(bpm, DEVICES.get(at).unwrap_or(&""), made));
        prop_oneof![json, csv]
    }

    /// What a file keeps of an instant.
    type Kept = (Vec<Record>, Vec<LeftOut>);

    fn kept(live: Option<u16>, all: &[Kept]) -> (Option<Row>, Kept) {
        let mut records: Vec<_> = all.iter().flat_map(|kept| kept.0.clone()).collect();
        let mut left_out: Vec<_> = all.iter().flat_map(|kept| kept.1.clone()).collect();
        let row = decide(live, &mut records, &mut left_out);
        (row, (records, left_out))
    }

    /// The row and what stands beside it, as records again.
    fn unfolded((row, (mut records, left_out)): (Option<Row>, Kept)) -> Kept {
        if let Some(row) = row {
            let json = row.confidence.map(|c| json(row.bpm, c, row.json));
            let of_csv = row.device.is_some() || row.confidence.is_none();
            let csv = of_csv.then_some(Record {
                device: row.device,
                ..csv(row.bpm, "", row.csv)
            });
            records.extend(json.into_iter().chain(csv));
        }
        (records, left_out)
    }

    proptest! {
        #[test]
        fn an_instant_comes_to_the_same_in_any_order_and_grouping(
            records in proptest::collection::vec(any_record(), 0..7),
            left_out in proptest::collection::vec((63_u16..65, 0_u8..2), 0..3),
            cut in 0_usize..7,
        ) {
            let (a, b) = records.split_at(cut.min(records.len()));
            let whole = kept(None, &[(records.clone(), left_out.clone())]);
            let (a, b) = ((a.to_vec(), left_out), (b.to_vec(), Vec::new()));
            let parts = [&a, &b].map(|part| unfolded(kept(None, std::slice::from_ref(part))));
            prop_assert_eq!(&kept(None, &parts), &whole);
            let turned = [parts[1].clone(), parts[0].clone(), unfolded(whole.clone())];
            prop_assert_eq!(&kept(None, &turned), &whole);
        }
    }
}
