//! A small HTTP/1.1 server on loopback: a thread a connection, requests of a connection one after the other.
//!
//! The stand-in is asked over many connections that stay open, at once. A server whose connections share a pool of
//! threads can leave one of those waiting for ever behind the others; here each has its own. An answer is one write,
//! so that no half of it waits for an acknowledgement of the other.

mod message;

use super::exchange::{Answer, Call};
use crate::clock;
use chrono::{DateTime, Utc};
use message::{Received, STALLED, Wishes, receive, send};
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

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
        self.from + clock::since(self.since)
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
                return send(stream, &answer, clock.now(), &Wishes::default());
            }
        };
        let answer = answerer(&request.call);
        send(stream, &answer, clock.now(), &request.wishes)?;
        if request.wishes.close {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, Read, Write};
    use std::time::Duration;

    fn echo() -> io::Result<Server> {
        let clock = ServiceClock::showing(DateTime::UNIX_EPOCH);
        Server::start(
            clock,
            Arc::new(|call: &Call| {
                thread::sleep(Duration::from_millis(50));
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
        // One after the other it would be 24 x 3 x 50 ms.
        assert!(clock::since(began) < Duration::from_millis(1800));
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
