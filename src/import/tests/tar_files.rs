//! Tar files, which have to be read to their end before any day is complete.

use super::life::home;
use super::*;

fn tar_file(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        builder
            .append_data(&mut header, name, bytes.as_slice())
            .expect("appended");
    }
    builder.into_inner().expect("finished")
}

fn counts(report: &Report) -> [u64; 6] {
    let all = &report.total.all;
    [
        all.samples,
        all.days,
        all.in_both,
        all.only_json,
        all.only_csv,
        all.placeholders,
    ]
}

#[test]
fn a_tar_file_that_does_not_fit_into_memory_gives_the_same_days_and_counts() {
    let life = home();
    let mut files: Vec<(String, Vec<u8>)> = life.json().into_iter().chain(life.csv()).collect();
    files.push((
        "Profile.csv".to_owned(),
        b"id,timezone\nA,America/New_York\n".to_vec(),
    ));
    let all = tempfile::tempdir().expect("temporary folder");
    for min_confidence in [0, 2] {
        let narrow = move |request: &mut Request| request.filter.min_confidence = min_confidence;
        let whole = all.path().join(min_confidence.to_string());
        let expected = import_with(&whole, &files.iter().cloned().collect(), narrow);
        for turned in [false, true] {
            if turned {
                files.reverse();
            }
            let folder = tempfile::tempdir().expect("temporary folder");
            let path = folder.path().join("takeout-20261120T000000Z-001.tar");
            fs::write(&path, tar_file(&files)).expect("written");
            let mut request = request(vec![path]);
            narrow(&mut request);
            request.waiting_bytes = 4000;
            let root = folder.path().join("archive");
            let found =
                run(&request, &Archive::open(&root, None), &Progress::default()).expect("imported");
            assert_eq!(rows(&root), rows(&whole), "{turned} {min_confidence}");
            assert_eq!(bytes_of(&root), bytes_of(&whole));
            if min_confidence == 0 {
                assert_eq!(counts(&found), counts(&expected));
            }
        }
    }
}
