//! A scripted service on a loopback port of its own. It fails the test if it was not used as scripted.

use fitbit_hr::demo::server::{self, Answer, Call, whole};
use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Bytes, Frame};
use serde_json::Value;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};
use url::form_urlencoded;

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

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running service. When it is dropped, every expected call must have come, and no other.
pub struct Server {
    http: server::Server,
    shared: Arc<Shared>,
}

impl Server {
    /// A service on a free port that expects nothing yet.
    pub fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let answering = Arc::clone(&shared);
        let http = server::Server::start(move |call| {
            let shared = Arc::clone(&answering);
            async move {
                let request = Request::of(&call);
                // A handler may wait for something.
                let reply = tokio::task::spawn_blocking(move || answer(&request, &shared));
                let reply = reply.await.map_err(io::Error::other)?;
                tokio::time::sleep(reply.delay).await;
                reply.answer()
            }
        });
        let http = http.expect("a free port");
        Self { http, shared }
    }

    /// An address of this service.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.http.address())
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

impl Request {
    fn of(call: &Call) -> Self {
        let target = call.uri().to_string();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let headers = call.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.to_string(), value.into_owned())
        });
        Self {
            method: call.method().to_string(),
            path: path.to_owned(),
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers: headers.collect(),
            body: call.body().to_vec(),
            at: Instant::now(),
        }
    }
}

impl Reply {
    fn answer(self) -> io::Result<Answer> {
        let answer = hyper::Response::builder()
            .status(self.status)
            .header("Content-Length", self.body.len());
        let with = |answer: hyper::http::response::Builder, (name, value): &(String, String)| {
            answer.header(name, value.as_bytes())
        };
        let answer = self.headers.iter().fold(answer, with);
        let body = match self.ending {
            Ending::Unanswered => return Err(io::ErrorKind::ConnectionAborted.into()),
            Ending::Whole => whole(self.body),
            Ending::After(bytes) => BoxBody::new(Cut(vec![Frame::data(Bytes::copy_from_slice(
                &self.body[..bytes],
            ))])),
        };
        answer.body(body).map_err(io::Error::other)
    }
}

/// A body of which the last part never comes.
struct Cut(Vec<Frame<Bytes>>);

impl Body for Cut {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.0.pop() {
            // One that is empty only lets out what is written so far.
            Some(frame) if frame.data_ref().is_some_and(Bytes::is_empty) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Some(frame) => {
                self.0.push(Frame::data(Bytes::new()));
                Poll::Ready(Some(Ok(frame)))
            }
            None => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
        }
    }
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
