//! Records of one second: which one is the row, whatever was imported when.

use super::*;

#[test]
fn records_of_one_second_are_chosen_whole_in_any_order_of_files_and_exports() {
    let start = "2024-07-01T10:00:05Z"
        .parse::<DateTime<Utc>>()
        .expect("an instant");
    let start = start.timestamp_millis();
    let at = |n: i64| start + n * 60_000;
    let json = |records: &[(i64, u16, u8)]| {
        let record = |&(n, bpm, confidence): &(i64, u16, u8)| JsonRecord {
            instant: at(n),
            bpm,
            confidence: Some(confidence),
        };
        json_file(&records.iter().map(record).collect::<Vec<_>>())
    };
    let csv = |rows: &[(i64, u16, &'static str)]| {
        let rows: Vec<_> = rows
            .iter()
            .map(|&(n, bpm, name)| (at(n), bpm, Some(name)))
            .collect();
        csv_file(&rows)
    };
    let (early, late) = (
        "takeout-20250101T000000Z-001/",
        "takeout-20260101T000000Z-001/",
    );
    let (day, utc_day) = ("heart_rate-2024-07-01.json", "heart_rate_2024-07-01.csv");
    let polar = "Polar H10 Health Connect";
    let files: Vec<(String, Vec<u8>)> = vec![
        (
            format!("{early}a/{day}"),
            json(&[(0, 120, 3), (1, 80, 2), (2, 70, 0), (3, 61, 1)]),
        ),
        (format!("{late}a/{day}"), json(&[(0, 61, 1), (5, 90, 1)])),
        (
            format!("{early}b/{utc_day}"),
            csv(&[
                (0, 61, "Charge 5"),
                (1, 80, "Inspire 3"),
                (2, 70, "Inspire 3"),
                (4, 95, "Apple Health Health Kit"),
            ]),
        ),
        (
            format!("{late}b/{utc_day}"),
            csv(&[
                (1, 131, "Polar"),
                (2, 131, polar),
                (3, 131, polar),
                (4, 61, "Inspire 3"),
            ]),
        ),
    ];
    let expected = [
        (0, 61, Some(1), "takeout/Charge 5"),
        (1, 80, Some(2), "takeout/Inspire 3"),
        (2, 131, None, "takeout/Polar H10 Health Connect"),
        (3, 61, Some(1), "takeout"),
        (4, 61, None, "takeout/Inspire 3"),
        (5, 90, Some(1), "takeout"),
    ]
    .map(|(n, bpm, confidence, source)| (at(n), at(n), bpm, confidence, source.to_owned()));
    let whole = tempfile::tempdir().expect("temporary folder");
    import(whole.path(), &files.iter().cloned().collect());
    assert_eq!(rows(whole.path()), expected);
    for order in [
        [0, 1, 2, 3],
        [3, 2, 1, 0],
        [1, 3, 0, 2],
        [2, 0, 3, 1],
        [3, 0, 2, 1],
    ] {
        let pieces = tempfile::tempdir().expect("temporary folder");
        for at in order {
            import(pieces.path(), &[files[at].clone()].into());
        }
        assert_eq!(bytes_of(pieces.path()), bytes_of(whole.path()), "{order:?}");
    }
    for min_confidence in [2, 3] {
        let narrow = move |request: &mut Request| request.filter.min_confidence = min_confidence;
        let whole = tempfile::tempdir().expect("temporary folder");
        import_with(whole.path(), &files.iter().cloned().collect(), narrow);
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
            let pieces = tempfile::tempdir().expect("temporary folder");
            for at in order {
                import_with(pieces.path(), &[files[at].clone()].into(), narrow);
            }
            assert_eq!(bytes_of(pieces.path()), bytes_of(whole.path()), "{order:?}");
        }
    }
}
