//! Requests out of a stream of bytes, answers into one: as much of HTTP/1.1 (RFC 9112) as is needed.

use crate::demo::exchange::{Answer, Call};
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long a client may take to read an answer, or to send the rest of a request.
pub const STALLED: Duration = Duration::from_secs(30);

const HEAD_LIMIT: usize = 64 * 1024;
const BODY_LIMIT: usize = 1024 * 1024;
const HEADERS_LIMIT: usize = 64;

/// Shorter bodies grow when compressed.
const COMPRESSED_FROM: usize = 256;

/// How the client wants its answer.
#[derive(Debug, Default)]
pub struct Wishes {
    gzip: bool,
    /// This is the last request of its connection.
    pub close: bool,
    head_only: bool,
}

/// A whole request.
#[derive(Debug)]
pub struct Request {
    /// What is asked.
    pub call: Call,
    /// How it is to be answered.
    pub wishes: Wishes,
}

/// What came of waiting for a request.
#[derive(Debug)]
pub enum Received {
    /// One request.
    Request(Request),
    /// The client closed the connection.
    Nothing,
    /// Something that is no request; the status to refuse it with.
    Refused(u16),
}

/// Reads one request; what comes after it stays in `received`.
pub fn receive(stream: &TcpStream, received: &mut Vec<u8>) -> io::Result<Received> {
    let (mut call, version, body_start) = loop {
        match decode_head(received) {
            Ok(Some(head)) => break head,
            Ok(None) if received.len() > HEAD_LIMIT => return Ok(Received::Refused(431)),
            Ok(None) => {}
            Err(_) => return Ok(Received::Refused(400)),
        }
        // Between two requests a client may rest for as long as it likes.
        stream.set_read_timeout((!received.is_empty()).then_some(STALLED))?;
        if !receive_more(stream, received)? {
            return Ok(Received::Nothing);
        }
    };
    if call.header("transfer-encoding").is_some() {
        return Ok(Received::Refused(411));
    }
    let length = match call.header("content-length").map(str::parse::<usize>) {
        None => 0,
        Some(Ok(length)) if length <= BODY_LIMIT => length,
        Some(Ok(_)) => return Ok(Received::Refused(413)),
        Some(Err(_)) => return Ok(Received::Refused(400)),
    };
    if call.header("expect").is_some() && length > 0 {
        (&*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let end = body_start + length;
    stream.set_read_timeout(Some(STALLED))?;
    while received.len() < end {
        if !receive_more(stream, received)? {
            return Ok(Received::Nothing);
        }
    }
    call.body = received
        .get(body_start..end)
        .map(<[u8]>::to_vec)
        .unwrap_or_default();
    received.drain(..end);
    let lists = |name: &str, word: &str| {
        call.header(name)
            .is_some_and(|value| value.to_ascii_lowercase().contains(word))
    };
    let wishes = Wishes {
        gzip: lists("accept-encoding", "gzip"),
        close: lists("connection", "close") || (version == 0 && !lists("connection", "keep-alive")),
        head_only: call.method == "HEAD",
    };
    Ok(Received::Request(Request { call, wishes }))
}

fn receive_more(mut stream: &TcpStream, received: &mut Vec<u8>) -> io::Result<bool> {
    let mut chunk = [0; 4096];
    let length = stream.read(&mut chunk)?;
    received.extend_from_slice(chunk.get(..length).unwrap_or_default());
    Ok(length > 0)
}

/// The head as a call, its minor version, and where the body begins; `None` while it is not whole.
fn decode_head(received: &[u8]) -> Result<Option<(Call, u8, usize)>, httparse::Error> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_LIMIT];
    let mut head = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(body_start) = head.parse(received)? else {
        return Ok(None);
    };
    let target = head.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let call = Call {
        method: head.method.unwrap_or_default().to_owned(),
        path: path.replace("%3A", ":").replace("%3a", ":"),
        query: query.to_owned(),
        headers: head
            .headers
            .iter()
            .map(|header| {
                (
                    header.name.to_ascii_lowercase(),
                    String::from_utf8_lossy(header.value).into_owned(),
                )
            })
            .collect(),
        body: Vec::new(),
    };
    Ok(Some((call, head.version.unwrap_or(1), body_start)))
}

/// Sends one answer.
pub fn send(
    mut stream: &TcpStream,
    answer: &Answer,
    now: DateTime<Utc>,
    wishes: &Wishes,
) -> io::Result<()> {
    let packed = if wishes.gzip && answer.body.len() >= COMPRESSED_FROM {
        Some(gzip(&answer.body)?)
    } else {
        None
    };
    let body = packed.as_deref().unwrap_or(&answer.body);
    let mut head = String::with_capacity(512);
    let _ = write!(
        head,
        "HTTP/1.1 {} {}\r\nDate: {}\r\nServer: demo\r\nContent-Length: {}\r\n",
        answer.status,
        reason(answer.status),
        now.format("%a, %d %b %Y %H:%M:%S GMT"),
        body.len()
    );
    for (name, value) in &answer.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if packed.is_some() {
        head.push_str("Content-Encoding: gzip\r\n");
    }
    if wishes.close {
        head.push_str("Connection: close\r\n");
    }
    head.push_str("\r\n");
    let mut message = Vec::with_capacity(head.len() + body.len());
    message.extend_from_slice(head.as_bytes());
    if !wishes.head_only {
        message.extend_from_slice(body);
    }
    stream.write_all(&message)
}

fn gzip(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 6), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        411 => "Length Required",
        413 => "Payload Too Large",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        _ => "Unknown",
    }
}
