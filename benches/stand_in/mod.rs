//! What the drivers that need a service have in common: one in this process, a thread a connection, and somebody who is logged
//! in to it.

use chrono::{DateTime, TimeDelta, Utc};
use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_fitbit-hr");

/// What answers.
pub trait Service: Send + Sync + 'static {
    /// From a request to its answer.
    fn latency(&self) -> Duration;

    /// The whole answer to a request, head and body.
    fn answer(&self, line: &str, body: &[u8]) -> Result<Arc<Vec<u8>>>;

    /// An answer has gone out to a request that came then.
    fn answered(&self, _came: Instant) {}
}

/// Starts it on a free port, for as long as the driver runs.
pub fn start(service: Arc<impl Service>) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let service = Arc::clone(&service);
            // A connection that ends is no fault.
            thread::spawn(move || serve(stream, &*service).is_ok());
        }
    });
    Ok(address)
}

fn serve(mut stream: TcpStream, service: &impl Service) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(head) = read_head(&mut reader)? {
        let came = Instant::now();
        let mut body = vec![0; head.length];
        reader.read_exact(&mut body)?;
        let bytes = service.answer(head.first.trim_end(), &body)?;
        thread::sleep(service.latency().saturating_sub(came.elapsed()));
        stream.write_all(&bytes)?;
        service.answered(came);
    }
    Ok(())
}

/// The head of a request or an answer.
pub struct Head {
    pub first: String,
    pub length: usize,
}

/// Reads one; `None` at the end of the connection.
pub fn read_head(reader: &mut impl BufRead) -> Result<Option<Head>> {
    let (mut first, mut length, mut line) = (String::new(), 0, String::new());
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
    }
    Ok(Some(Head { first, length }))
}

/// Status 200 with JSON, compressed where a level is given.
pub fn ok(text: &str, gzip: Option<Compression>) -> Result<Vec<u8>> {
    let (body, coding) = match gzip {
        Some(level) => {
            let mut encoder = GzEncoder::new(Vec::new(), level);
            encoder.write_all(text.as_bytes())?;
            (encoder.finish()?, "Content-Encoding: gzip\r\n")
        }
        None => (text.as_bytes().to_vec(), ""),
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{coding}Content-Length: {}\r\n\r\n",
        body.len()
    );
    Ok([head.into_bytes(), body].concat())
}

/// The target of a request line.
pub fn target(line: &str) -> Result<url::Url> {
    let target = line.split(' ').nth(1).ok_or("no target")?;
    Ok(url::Url::parse("http://x")?.join(target)?)
}

/// A value of its query.
pub fn value(url: &url::Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    let pair = pairs.find(|(key, _)| key == name);
    pair.map(|(_, value)| value.into_owned())
}

/// The bounds of a filter by physical time, in seconds.
pub fn bounds(filter: &str) -> Result<Range<i64>> {
    let mut bounds = filter.split('"').skip(1).step_by(2);
    let mut bound = || -> Result<i64> {
        let text = bounds.next().ok_or("no bound")?;
        Ok(DateTime::parse_from_rfc3339(text)?.timestamp())
    };
    Ok(bound()?..bound()?)
}

/// Makes a folder that of somebody who is logged in, in New York; `settings` are more lines of the keys file.
pub fn log_in(home: &Path, service: SocketAddr, settings: &str) -> Result<()> {
    fs::create_dir_all(home.join("state"))?;
    let base = format!("http://{service}");
    fs::write(
        home.join("keys.toml"),
        format!(
            "client_id = \"1-b.apps.googleusercontent.com\"\nclient_secret = \"benchmark\"\n{settings}\n[endpoints]\nauthorize = \"{base}/a\"\ntoken = \"{base}/t\"\nrevoke = \"{base}/r\"\napi = \"{base}\"\n"
        ),
    )?;
    let scopes = [
        "health_metrics_and_measurements",
        "settings",
        "activity_and_fitness",
    ]
    .map(|name| format!("https://www.googleapis.com/auth/googlehealth.{name}.readonly"));
    let token = json!({
        "access_token": "access", "refresh_token": "refresh", "client_id": "1-b.apps.googleusercontent.com",
        "scopes": scopes, "obtained_at": Utc::now(), "access_expires_at": Utc::now() + TimeDelta::hours(1),
        "timezone": "America/New_York", "origins": {"token": base, "revoke": base, "api": base},
    });
    fs::write(home.join("state/google-default.json"), token.to_string())?;
    Ok(())
}
