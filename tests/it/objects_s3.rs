//! A bucket as a place of objects: the suite of all places, servers that misbehave, and what a person reads when it fails.

use crate::bucket::{self, Bucket, Conditions, Fate};
use crate::export_readers::python;
use crate::objects::{names_and_bytes, open, replacing, suite};
use fitbit_hr::environment::Aws;
use fitbit_hr::exit::{Exit, Explain};
use fitbit_hr::hint::Invocation;
use fitbit_hr::objects::race::{self, Standing};
use fitbit_hr::objects::{Error, Objects};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

const STORE: &str = "s3://sleep/study/one";

fn open_at(bucket: &Bucket) -> Arc<dyn Objects> {
    open(STORE, Path::new(""), &bucket.aws())
}

#[test]
fn a_bucket_keeps_objects() {
    let bucket = Bucket::well_behaved();
    suite(&open_at(&bucket));
    suite(&open("s3://sleep", Path::new(""), &bucket.aws()));
}

#[tokio::test]
async fn it_serves_callers_on_the_threads_of_a_runtime_too() {
    let bucket = Bucket::well_behaved();
    let objects = open_at(&bucket);
    objects.put("a", b"1").expect("written");
    let other = Arc::clone(&objects);
    let read = tokio::task::spawn_blocking(move || other.read("a").expect("read"));
    assert_eq!(
        read.await.expect("no panic").as_deref(),
        Some(b"1".as_slice())
    );
}

/// A server of S3 that others wrote, one request at a time.
pub struct Moto {
    child: Child,
    pub url: String,
}

const MOTO: &str = r"
import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
import logging, os, threading
logging.getLogger('werkzeug').setLevel(logging.ERROR)
server = make_server('127.0.0.1', 0, DomainDispatcherApplication(create_backend_app), threaded=False)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f'http://127.0.0.1:{server.server_port}'
s3 = boto3.client('s3', endpoint_url=url, region_name='us-east-1', aws_access_key_id='x', aws_secret_access_key='x')
s3.create_bucket(Bucket='sleep')
print(url, flush=True)
import sys
sys.stdin.read()
";

impl Moto {
    /// A running one with the bucket `sleep`; `None` where there is no Python with it.
    pub fn start() -> Option<Self> {
        let python = python("moto.server, boto3")?;
        let mut child = Command::new(python)
            .args(["-c", MOTO])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let mut url = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout)
            .read_line(&mut url)
            .expect("its address");
        let url = url.trim().to_owned();
        assert!(url.starts_with("http://"), "moto started: {url}");
        Some(Self { child, url })
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_that_others_wrote_keeps_objects() {
    let Some(moto) = Moto::start() else {
        return;
    };
    suite(&open(STORE, Path::new(""), &bucket::aws(&moto.url)));
}

/// What befalls the first requests, in turn; later ones are done.
fn first(fates: &'static [Fate]) -> impl FnMut(&crate::server::Request, usize) -> Fate + Send {
    move |_, number| fates.get(number).copied().unwrap_or(Fate::Done)
}

#[test]
fn what_passes_is_tried_again() {
    for fate in [
        Fate::Refused(409, "ConditionalRequestConflict"),
        Fate::Refused(500, "InternalError"),
        Fate::Refused(503, "SlowDown"),
        Fate::Lost,
        Fate::AnswerLost,
    ] {
        let bucket = Bucket::start(Conditions::Kept, move |_, number| {
            if number == 0 { fate } else { Fate::Done }
        });
        let objects = open_at(&bucket);
        assert!(objects.replace("a", None, b"1").expect("asked"), "{fate:?}");
        assert_eq!(
            objects.read("a").expect("read").as_deref(),
            Some(b"1".as_slice())
        );
    }
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again() {
    let bucket = Bucket::start(Conditions::Kept, first(&[Fate::Done, Fate::CutOff]));
    let objects = open_at(&bucket);
    objects.put("a", b"whole").expect("written");
    let read = objects.read("a").expect("read");
    assert_eq!(read.as_deref(), Some(b"whole".as_slice()));
}

#[test]
fn a_change_whose_answer_was_lost_is_not_taken_for_anothers() {
    let bucket = Bucket::start(
        Conditions::Kept,
        first(&[Fate::Done, Fate::Done, Fate::AnswerLost]),
    );
    let objects = open_at(&bucket);
    objects.put("a", b"1").expect("written");
    assert!(objects.replace("a", Some(b"1"), b"2").expect("asked"));
    assert_eq!(
        objects.read("a").expect("read").as_deref(),
        Some(b"2".as_slice())
    );
}

#[test]
fn servers_without_conditions_do_with_a_look() {
    for conditions in [Conditions::Ignored, Conditions::Unknown] {
        let bucket = Bucket::start(conditions, |_, _| Fate::Done);
        let objects = open_at(&bucket);
        names_and_bytes(&objects);
        replacing(&objects);
    }
}

#[test]
fn a_server_that_refuses_what_holds_is_no_endless_loop() {
    let bucket = Bucket::start(Conditions::AlwaysRefused, |_, _| Fate::Done);
    let error = open_at(&bucket)
        .replace("a", None, b"1")
        .expect_err("refused");
    assert_eq!(error.exit(), Exit::Io);
    assert!(told(&error).0.contains("study doctor"));
    assert!(bucket.requests("PUT") < 10);
}

/// The three lines, and the exit code.
fn told(error: &Error) -> (String, Exit) {
    let hint = error.hint().said(&Invocation::default());
    let lines = [error.what(), error.why(), hint];
    assert!(
        lines
            .iter()
            .all(|line| !line.is_empty() && !line.contains('\n'))
    );
    (lines.join("\n"), error.exit())
}

#[test]
fn a_person_reads_what_is_wrong_and_what_to_do() {
    let refused = |status, code| {
        let bucket = Bucket::start(Conditions::Kept, move |_, _| Fate::Refused(status, code));
        let error = open_at(&bucket).read("a/b").expect_err("refused");
        told(&error)
    };
    for (status, code, exit, words) in [
        (404, "NoSuchBucket", Exit::Config, "no such bucket"),
        (403, "AccessDenied", Exit::Login, "s3:PutObject"),
        (403, "InvalidAccessKeyId", Exit::Login, "AWS_ACCESS_KEY_ID"),
        (
            403,
            "SignatureDoesNotMatch",
            Exit::Login,
            "AWS_SECRET_ACCESS_KEY",
        ),
        (301, "PermanentRedirect", Exit::Config, "AWS_REGION"),
        (
            400,
            "KeyTooLongError",
            Exit::Io,
            "KeyTooLongError: as scripted",
        ),
    ] {
        let (text, found) = refused(status, code);
        assert_eq!(found, exit, "{code}");
        assert!(
            text.contains(words) && text.contains("s3://sleep/study/one/a/b"),
            "{text}"
        );
    }
}

#[test]
fn nobody_there_nobody_known_and_nonsense_are_told_apart() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        format!("http://{}", listener.local_addr().expect("bound"))
    };
    let with = |changes: &[(&str, &str)]| {
        let mut all: Vec<_> = bucket::variables(&closed)
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        for (name, value) in changes {
            all.retain(|(other, _)| other != name);
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        Aws::new(all)
    };
    let read = |aws: &Aws| {
        let error = open("s3://sleep", Path::new(""), aws)
            .read("a")
            .expect_err("nobody");
        told(&error)
    };
    let (text, exit) = read(&with(&[]));
    assert_eq!(exit, Exit::Unavailable);
    assert!(
        text.contains("AWS_ENDPOINT_URL") && text.contains("127.0.0.1"),
        "{text}"
    );

    let (text, exit) = read(&with(&[
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_METADATA_ENDPOINT", &closed),
    ]));
    assert_eq!(exit, Exit::Login, "{text}");
    assert!(
        text.contains("no credentials") && text.contains("AWS_ACCESS_KEY_ID"),
        "{text}"
    );

    let location = fitbit_hr::objects::Location::parse(STORE, Path::new("")).expect("a place");
    for (name, value) in [
        ("AWS_ALLOW_HTTP", "perhaps"),
        ("AWS_ALLOW_HTTP", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
    ] {
        let opened = location.open("lock", &with(&[(name, value)]));
        let (text, exit) = match opened {
            Err(error) => told(&error),
            Ok(_) => panic!("{name}={value} was taken"),
        };
        assert_eq!(exit, Exit::Config, "{text}");
    }
}

#[test]
fn a_server_that_keeps_its_promises_passes_the_races() {
    let bucket = Bucket::well_behaved();
    let race = race::race(&*open_at(&bucket), "_fitbit_hr/doctor").expect("raced");
    let found = race::judge(&race);
    assert!(
        found.iter().all(|finding| finding.standing == Standing::Ok),
        "{race:?}"
    );
    assert!(bucket.objects().is_empty(), "it clears up");
}

#[test]
fn a_server_that_passes_over_conditions_is_found_out() {
    let bucket = Bucket::start(Conditions::Ignored, |_, _| Fate::Done);
    let race = race::race(&*open_at(&bucket), "_fitbit_hr/doctor").expect("raced");
    let found = race::judge(&race);
    let bad: Vec<_> = found
        .iter()
        .filter(|finding| finding.standing != Standing::Ok)
        .map(|finding| (finding.id, finding.standing))
        .collect();
    assert_eq!(bad, [("conditions", Standing::Warning)], "{race:?}");
    assert!(bucket.objects().is_empty(), "it clears up");
}
