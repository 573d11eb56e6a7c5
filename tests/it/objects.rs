//! One suite for all places of objects: a folder, a scripted bucket, and a server of S3 that others wrote.

use fitbit_hr::environment::Aws;
use fitbit_hr::objects::{Location, Object, Objects};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// The name of the lock in a folder.
const LOCK: &str = "_fitbit_hr/lock";

pub fn open(text: &str, base: &Path, aws: &Aws) -> Arc<dyn Objects> {
    let location = Location::parse(text, base).expect("a place");
    location.open(LOCK, aws).expect("opened")
}

/// What holds of every place, whatever it is.
pub fn suite(objects: &Arc<dyn Objects>) {
    names_and_bytes(objects);
    replacing(objects);
    writers_at_once(objects);
}

fn names(objects: &Arc<dyn Objects>, folder: &str) -> Vec<String> {
    let listed = objects.list(folder).expect("listed");
    listed.into_iter().map(|object| object.name).collect()
}

pub fn names_and_bytes(objects: &Arc<dyn Objects>) {
    assert_eq!(names(objects, ""), Vec::<String>::new());
    assert_eq!(objects.read("a/none.json").expect("asked"), None);
    assert_eq!(objects.read_tail("a/none.json", 8).expect("asked"), None);
    objects.delete("a/none.json").expect("nothing to do");
    let all = [
        "a/participant=P001/detail=1sec/1.parquet",
        "a/participant=P001/detail=1sec/2.parquet",
        "a/participant=P0010/3.parquet",
        "a/x.json",
        "ab/4.parquet",
    ];
    for name in all {
        objects.put(name, name.as_bytes()).expect("written");
    }
    assert_eq!(names(objects, ""), all);
    assert_eq!(names(objects, "a"), all[..4]);
    assert_eq!(names(objects, "a/participant=P001"), all[..2]);
    assert_eq!(names(objects, "none"), Vec::<String>::new());
    let listed = objects.list("ab").expect("listed");
    let expected = Object {
        name: "ab/4.parquet".to_owned(),
        bytes: 12,
    };
    assert_eq!(listed, [expected]);
    let folders = |of: &str| objects.folders(of).expect("listed");
    assert_eq!(folders(""), ["a", "ab"]);
    assert_eq!(folders("a"), ["participant=P001", "participant=P0010"]);
    assert_eq!(folders("ab"), Vec::<String>::new());
    assert_eq!(folders("none"), Vec::<String>::new());

    let read = |name: &str| {
        objects
            .read(name)
            .expect("read")
            .map(|bytes| bytes.to_vec())
    };
    let tail = |length| {
        let bytes = objects.read_tail("a/x.json", length).expect("read");
        bytes.map(|bytes| bytes.to_vec())
    };
    assert_eq!(read("a/x.json").as_deref(), Some(b"a/x.json".as_slice()));
    assert_eq!(tail(4).as_deref(), Some(b"json".as_slice()));
    assert_eq!(tail(100).as_deref(), Some(b"a/x.json".as_slice()));
    objects.put("a/x.json", b"again").expect("written");
    assert_eq!(read("a/x.json").as_deref(), Some(b"again".as_slice()));

    for name in all {
        objects.delete(name).expect("removed");
        assert_eq!(read(name), None);
    }
    objects.flush();
    assert_eq!(names(objects, ""), Vec::<String>::new());
    assert_eq!(
        folders(""),
        Vec::<String>::new(),
        "folders go with their objects"
    );
}

/// What holds of places without conditions, too, as long as one writes at a time.
pub fn replacing(objects: &Arc<dyn Objects>) {
    let name = "_fitbit_hr/withdrawn/P001.json";
    let replace =
        |before: Option<&[u8]>, bytes: &[u8]| objects.replace(name, before, bytes).expect("asked");
    let is = |expected: &[u8]| {
        let bytes = objects.read(name).expect("read");
        assert_eq!(bytes.as_deref(), Some(expected));
    };
    assert!(!replace(Some(b"0"), b"1"), "there is nothing to replace");
    assert_eq!(objects.read(name).expect("read"), None);
    assert!(replace(None, b"1"));
    assert!(!replace(None, b"2"));
    is(b"1");
    assert!(!replace(Some(b"0"), b"2"));
    is(b"1");
    assert!(replace(Some(b"1"), b"2"));
    is(b"2");
    assert!(!objects.remove(name, b"1").expect("asked"));
    is(b"2");
    assert!(objects.remove(name, b"2").expect("asked"));
    assert!(!objects.remove(name, b"2").expect("asked"));
    assert_eq!(objects.read(name).expect("read"), None);
}

/// Eight writers add their bit to one object, each until it is in; readers never see a part of one.
fn writers_at_once(objects: &Arc<dyn Objects>) {
    let name = "race/object";
    let whole = |bits: u8| vec![bits; 50_000];
    let tries = AtomicU32::new(0);
    thread::scope(|scope| {
        for writer in 0..8 {
            let (objects, tries) = (Arc::clone(objects), &tries);
            scope.spawn(move || {
                loop {
                    let before = objects.read(name).expect("read");
                    let has = before.as_ref().map_or(0, |bytes| {
                        assert_eq!(bytes.as_ref(), whole(bytes[0]), "a whole object");
                        bytes[0]
                    });
                    tries.fetch_add(1, Ordering::Relaxed);
                    let bytes = whole(has | 1 << writer);
                    let done = objects.replace(name, before.as_deref(), &bytes);
                    if done.expect("asked") {
                        break;
                    }
                }
            });
        }
    });
    let bytes = objects.read(name).expect("read").expect("there");
    let tries = tries.load(Ordering::Relaxed);
    assert_eq!(
        bytes.as_ref(),
        whole(0xff),
        "nothing was lost in {tries} tries"
    );
    objects.delete(name).expect("removed");
}

#[test]
fn a_folder_keeps_objects() {
    let folder = tempfile::tempdir().expect("a folder");
    suite(&open("store", folder.path(), &Aws::default()));
}

#[test]
fn a_folder_that_cannot_be_written_says_so() {
    use fitbit_hr::exit::{Exit, Explain};
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("file"), b"x").expect("written");
    let objects = open("file/store", folder.path(), &Aws::default());
    let error = objects.put("a", b"x").expect_err("a file is in the way");
    assert_eq!(error.exit(), Exit::CannotCreate);
    let error = objects.replace("a", None, b"x").expect_err("the same");
    assert!(error.what().contains("file"), "{}", error.what());
}
