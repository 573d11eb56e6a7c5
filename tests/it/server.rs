//! A scripted service on a loopback port of its own. It fails the test if it was not used as scripted.

use chrono::Utc;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use url::form_urlencoded;

/// How often an idle connection looks whether the test is over.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Without the query.
    pub path: String,
    /// The query, decoded, in order.
    pub query: Vec<(String, String)>,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// When it had come whole.
    pub at: Instant,
}

impl Request {
    /// A decoded value of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }

    /// A header field, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The decoded fields of a form.
    pub fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// A decoded field of a form.
    pub fn field(&self, name: &str) -> Option<String> {
        find(&self.form(), name).map(str::to_owned)
    }

    /// The JSON of the body.
    #[allow(dead_code, reason = "for requests with a JSON body")]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// What the service does to the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Whole,
    /// The head promises the whole body, and only this many bytes of it come.
    After(usize),
    /// Nothing comes at all.
    Unanswered,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    delay: Duration,
    ending: Ending,
}

impl Reply {
    /// An answer without a body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            delay: Duration::ZERO,
            ending: Ending::Whole,
        }
    }

    /// Status 200 with JSON.
    pub fn json(value: &Value) -> Self {
        Self::status(200)
            .with("Content-Type", "application/json; charset=UTF-8")
            .body(value.to_string())
    }

    /// Any status with JSON.
    pub fn error(status: u16, value: &Value) -> Self {
        Self {
            status,
            ..Self::json(value)
        }
    }

    /// A web page.
    pub fn html(status: u16) -> Self {
        Self::status(status)
            .with("Content-Type", "text/html")
            .body("<!DOCTYPE html>\n<html><body>a page</body></html>")
    }

    /// With these bytes.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// With this header field. `Date` replaces the usual one.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Compressed, as the service does where it is allowed to.
    #[allow(dead_code, reason = "for tests of compression")]
    pub fn gzip(mut self) -> Self {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&self.body).expect("in memory");
        self.body = encoder.finish().expect("in memory");
        self.with("Content-Encoding", "gzip")
    }

    /// Only after this time.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Broken off after this many bytes of the body.
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.ending = Ending::After(bytes);
        self
    }

    /// The connection is closed without an answer, once the request was read whole.
    pub fn lost() -> Self {
        Self {
            ending: Ending::Unanswered,
            ..Self::status(200)
        }
    }
}

type Handler = Box<dyn FnMut(&Request) -> Reply + Send>;

struct Route {
    method: &'static str,
    path: String,
    /// How many more calls are expected; `None` for any number.
    left: Option<usize>,
    handler: Arc<Mutex<Handler>>,
}

#[derive(Default)]
struct State {
    routes: Vec<Route>,
    requests: Vec<Request>,
    unexpected: Vec<String>,
}

struct Shared {
    state: Mutex<State>,
    stopped: AtomicBool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running service. When it is dropped, every expected call must have come, and no other.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Server {
    /// A service on a free port that expects nothing yet.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.stopped.load(Ordering::Relaxed) {
                    break;
                }
                let shared = Arc::clone(&accepting);
                if let Ok(stream) = stream {
                    thread::spawn(move || serve(&stream, &shared));
                }
            }
        });
        Self { address, shared }
    }

    /// An address of this service.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Expects exactly one call. Several of the same method and path are used in the order of the script.
    pub fn once(
        &self,
        method: &'static str,
        path: &str,
        handler: impl FnMut(&Request) -> Reply + Send + 'static,
    ) -> &Self {
        self.times(1, method, path, handler)
    }

    /// Expects exactly `n` calls.
    pub fn times(
        &self,
        n: usize,
        method: &'static str,
        path: &str,
        handler: impl FnMut(&Request) -> Reply + Send + 'static,
    ) -> &Self {
        self.add(method, path, Some(n), Box::new(handler))
    }

    /// Allows any number of calls, none included. `*` is any method, or any path.
    pub fn any(
        &self,
        method: &'static str,
        path: &str,
        handler: impl FnMut(&Request) -> Reply + Send + 'static,
    ) -> &Self {
        self.add(method, path, None, Box::new(handler))
    }

    fn add(
        &self,
        method: &'static str,
        path: &str,
        left: Option<usize>,
        handler: Handler,
    ) -> &Self {
        let handler = Arc::new(Mutex::new(handler));
        self.shared.state().routes.push(Route {
            method,
            path: path.to_owned(),
            left,
            handler,
        });
        self
    }

    /// All that came so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state().requests.clone()
    }

    /// What came so far to one path.
    pub fn requests_to(&self, path: &str) -> Vec<Request> {
        self.requests()
            .into_iter()
            .filter(|request| request.path == path)
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        // Wakes the accepting thread.
        let _ = TcpStream::connect(self.address);
        if thread::panicking() {
            return;
        }
        let state = self.shared.state();
        assert!(
            state.unexpected.is_empty(),
            "calls that were not expected: {:#?}",
            state.unexpected
        );
        let missing: Vec<_> = state
            .routes
            .iter()
            .filter_map(|route| {
                route
                    .left
                    .filter(|left| *left > 0)
                    .map(|left| format!("{} {} ({left} times)", route.method, route.path))
            })
            .collect();
        assert!(missing.is_empty(), "calls that never came: {missing:#?}");
    }
}

/// Answers the requests of one connection, which is kept alive as by a real service.
fn serve(stream: &TcpStream, shared: &Shared) {
    let _ = stream.set_nodelay(true);
    let _ = stream.set_read_timeout(Some(BETWEEN_LOOKS));
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader, shared) {
        let reply = answer(&request, shared);
        thread::sleep(reply.delay);
        if !write(stream, &request, &reply) {
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    }
}

fn answer(request: &Request, shared: &Shared) -> Reply {
    let handler = {
        let mut state = shared.state();
        state.requests.push(request.clone());
        let fits = |route: &&mut Route| {
            let same = |wanted: &str, has: &str| wanted == "*" || wanted == has;
            same(route.method, &request.method)
                && same(&route.path, &request.path)
                && route.left != Some(0)
        };
        match state.routes.iter_mut().find(fits) {
            Some(route) => {
                route.left = route.left.map(|left| left - 1);
                Some(Arc::clone(&route.handler))
            }
            None => None,
        }
    };
    if let Some(handler) = handler {
        return handler.lock().unwrap_or_else(PoisonError::into_inner)(request);
    }
    let call = format!("{} {} {:?}", request.method, request.path, request.query);
    shared.state().unexpected.push(call);
    Reply::status(418).body("this call was not scripted")
}

/// The next line, or `None` at the end of the connection or of the test.
fn line(reader: &mut BufReader<&TcpStream>, shared: &Shared) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        match reader.read_until(b'\n', &mut bytes) {
            Ok(0) => return None,
            Ok(_) if bytes.ends_with(b"\n") => {
                return Some(String::from_utf8_lossy(&bytes).trim_end().to_owned());
            }
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if shared.stopped.load(Ordering::Relaxed) {
                    return None;
                }
            }
            Err(_) => return None,
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>, shared: &Shared) -> Option<Request> {
    let first = line(reader, shared)?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let field = line(reader, shared)?;
        let Some((name, value)) = field.split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = find(&headers, "content-length")
        .and_then(|value| value.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    let _ = reader
        .get_ref()
        .set_read_timeout(Some(Duration::from_secs(10)));
    reader.read_exact(&mut body).ok()?;
    let _ = reader.get_ref().set_read_timeout(Some(BETWEEN_LOOKS));
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Request {
        method,
        path: path.to_owned(),
        query: form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        headers,
        body,
        at: Instant::now(),
    })
}

/// Returns whether the connection goes on.
fn write(mut stream: &TcpStream, request: &Request, reply: &Reply) -> bool {
    if reply.ending == Ending::Unanswered {
        return false;
    }
    let mut head = format!(
        "HTTP/1.1 {} Scripted\r\nContent-Length: {}\r\n",
        reply.status,
        reply.body.len()
    );
    if !reply.headers.iter().any(|(name, _)| name == "Date") {
        let _ = write!(
            head,
            "Date: {}\r\n",
            Utc::now().format("%a, %d %b %Y %H:%M:%S GMT")
        );
    }
    for (name, value) in &reply.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    match reply.ending {
        Ending::After(cut) => bytes.extend(&reply.body[..cut]),
        Ending::Whole | Ending::Unanswered => bytes.extend(&reply.body),
    }
    let closes = request.header("connection") == Some("close");
    stream.write_all(&bytes).is_ok() && reply.ending == Ending::Whole && !closes
}

/// What a browser gets.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Page {
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// Asks for a page like a browser, on a connection of its own; `url` is sent as it stands.
pub fn browse(method: &str, url: &str) -> Page {
    let rest = url.strip_prefix("http://").expect("plain http");
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let slash = if path.starts_with('/') { "" } else { "/" };
    let stream = TcpStream::connect(host).expect("somebody listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a socket");
    let request = format!(
        "{method} {slash}{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    (&stream).write_all(request.as_bytes()).expect("written");
    let mut bytes = Vec::new();
    (&stream).read_to_end(&mut bytes).expect("an answer");
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").expect("an HTTP answer");
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok());
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
    Page {
        status: status.expect("a status"),
        headers: headers.collect(),
        body: body.to_owned(),
    }
}
