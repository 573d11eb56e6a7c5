//! A small HTTP/1.1 server on loopback: a thread a connection, requests of a connection one after the other.
//!
//! The stand-in is asked over many connections that stay open, at once. A server whose connections share a pool of
//! threads can leave one of those waiting for ever behind the others; here each has its own. An answer is one write,
//! so that no half of it waits for an acknowledgement of the other.

use super::exchange::{Answer, Call};
use crate::clock;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const HEAD_LIMIT: usize = 64 * 1024;
const BODY_LIMIT: usize = 1024 * 1024;
const HEADERS_LIMIT: usize = 64;

/// Shorter bodies grow when compressed.
const COMPRESSED_FROM: usize = 256;

/// How long a client may take to read an answer, or to send the rest of a request.
const STALLED: Duration = Duration::from_secs(30);

/// What answers a request; called on many threads at once.
pub type Answerer = dyn Fn(&Call) -> Answer + Send + Sync;

/// The time that the service believes in: it goes on from a given instant.
#[derive(Debug, Clone, Copy)]
pub struct ServiceClock {
    from: DateTime<Utc>,
    since: Instant,
}

impl ServiceClock {
    /// A clock that shows `now` now.
    pub fn showing(now: DateTime<Utc>) -> Self {
        Self {
            from: now,
            since: clock::monotonic(),
        }
    }

    /// What it shows.
    pub fn now(&self) -> DateTime<Utc> {
        self.from + self.since.elapsed()
    }
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    thread: JoinHandle<()>,
}

type Connections = Arc<Mutex<Vec<Connection>>>;

/// A running server; ends with everything it started when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    closing: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
    connections: Connections,
}

impl Server {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// Fails when loopback has no port left, or the system no thread.
    pub fn start(clock: ServiceClock, answerer: Arc<Answerer>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let closing = Arc::new(AtomicBool::new(false));
        let connections = Connections::default();
        let acceptor = {
            let (closing, connections) = (Arc::clone(&closing), Arc::clone(&connections));
            thread::Builder::new()
                .name("demo-accept".to_owned())
                .spawn(move || accept(&listener, clock, &answerer, &closing, &connections))?
        };
        Ok(Self {
            address,
            closing,
            acceptor: Some(acceptor),
            connections,
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Release);
        // Wakes the acceptor out of its wait.
        drop(TcpStream::connect(self.address));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
        let open = std::mem::take(&mut *lock(&self.connections));
        for connection in &open {
            let _ = connection.stream.shutdown(Shutdown::Both);
        }
        for connection in open {
            let _ = connection.thread.join();
        }
    }
}

fn lock(connections: &Connections) -> std::sync::MutexGuard<'_, Vec<Connection>> {
    connections.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(
    listener: &TcpListener,
    clock: ServiceClock,
    answerer: &Arc<Answerer>,
    closing: &AtomicBool,
    connections: &Connections,
) {
    for stream in listener.incoming() {
        if closing.load(Ordering::Acquire) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let Ok(ours) = stream.try_clone() else {
            continue;
        };
        let answerer = Arc::clone(answerer);
        let served = thread::Builder::new()
            .name("demo-serve".to_owned())
            .spawn(move || {
                // A client that went away has nothing to be told.
                let _ = serve(&stream, clock, &*answerer);
                let _ = stream.shutdown(Shutdown::Both);
            });
        if let Ok(thread) = served {
            let mut open = lock(connections);
            open.retain(|connection| !connection.thread.is_finished());
            open.push(Connection {
                stream: ours,
                thread,
            });
        }
    }
}

fn serve(stream: &TcpStream, clock: ServiceClock, answerer: &Answerer) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(STALLED))?;
    let mut received = Vec::with_capacity(4096);
    loop {
        let request = match receive(stream, &mut received)? {
            Received::Request(request) => request,
            Received::Nothing => return Ok(()),
            Received::Refused(status) => {
                let answer = Answer::html(status, format!("<h1>{status}</h1>"));
                return send(stream, &answer, clock, &Wishes::default());
            }
        };
        let answer = answerer(&request.call);
        send(stream, &answer, clock, &request.wishes)?;
        if request.wishes.close {
            return Ok(());
        }
    }
}

/// How the client wants its answer.
#[derive(Debug, Default)]
struct Wishes {
    gzip: bool,
    close: bool,
    head_only: bool,
}

struct Request {
    call: Call,
    wishes: Wishes,
}

enum Received {
    Request(Request),
    /// The client closed the connection.
    Nothing,
    Refused(u16),
}

/// Reads one request; what comes after it stays in `received`.
fn receive(stream: &TcpStream, received: &mut Vec<u8>) -> io::Result<Received> {
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

fn send(
    mut stream: &TcpStream,
    answer: &Answer,
    clock: ServiceClock,
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
        clock.now().format("%a, %d %b %Y %H:%M:%S GMT"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufRead;

    fn echo() -> io::Result<Server> {
        let clock = ServiceClock::showing(DateTime::UNIX_EPOCH);
        Server::start(
            clock,
            Arc::new(|call: &Call| {
                thread::sleep(Duration::from_millis(20));
                Answer::json_text(200, format!("{} {}", call.path, call.body.len()))
            }),
        )
    }

    fn body(stream: &TcpStream) -> io::Result<String> {
        let mut reader = io::BufReader::with_capacity(1, stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    #[test]
    fn connections_that_stay_open_never_wait_for_one_another() -> io::Result<()> {
        let server = echo()?;
        let streams = (0..24)
            .map(|_| TcpStream::connect(server.address()))
            .collect::<Result<Vec<_>, _>>()?;
        let began = clock::monotonic();
        for round in 0..3 {
            for mut stream in &streams {
                write!(stream, "GET /{round} HTTP/1.1\r\nHost: x\r\n\r\n")?;
            }
            for stream in &streams {
                assert_eq!(body(stream)?, format!("/{round} 0"));
            }
        }
        // One after the other it would be 24 x 3 x 20 ms.
        assert!(began.elapsed() < Duration::from_millis(700));
        Ok(())
    }

    #[test]
    fn two_requests_may_arrive_in_one_piece_and_one_in_pieces() -> io::Result<()> {
        let server = echo()?;
        let mut stream = TcpStream::connect(server.address())?;
        stream
            .write_all(b"GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 5\r\n\r\nhe")?;
        assert_eq!(body(&stream)?, "/a 0");
        stream.write_all(b"llo")?;
        assert_eq!(body(&stream)?, "/b 5");
        Ok(())
    }

    #[test]
    fn nonsense_is_refused_and_the_server_goes_on() -> io::Result<()> {
        let server = echo()?;
        let mut stream = TcpStream::connect(server.address())?;
        stream.write_all(b"\x16\x03\x01 hello\r\n\r\n")?;
        let mut line = String::new();
        io::BufReader::new(&stream).read_line(&mut line)?;
        assert_eq!(line, "HTTP/1.1 400 Bad Request\r\n");
        let mut stream = TcpStream::connect(server.address())?;
        stream.write_all(b"GET /c HTTP/1.1\r\n\r\n")?;
        assert_eq!(body(&stream)?, "/c 0");
        Ok(())
    }

    #[test]
    fn nothing_is_left_after_the_end() -> io::Result<()> {
        let server = echo()?;
        let address = server.address();
        let mut open = TcpStream::connect(address)?;
        open.write_all(b"GET /d HTTP/1.1\r\n\r\n")?;
        body(&open)?;
        drop(server);
        assert_eq!(open.read(&mut [0; 8])?, 0);
        assert!(TcpStream::connect(address).is_err());
        Ok(())
    }
}
