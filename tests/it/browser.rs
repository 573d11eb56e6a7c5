//! A real browser: Chromium without a window, driven by `chromedriver` over the `WebDriver` protocol
//! (<https://www.w3.org/TR/webdriver2/>), which is JSON over plain HTTP.
//!
//! Where there is no Chromium the tests that want one say that they were skipped; in CI that is a failure.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The key by which the protocol names elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Keys in the protocol's private code points.
pub const SHIFT: &str = "\u{E008}";
pub const HOME: &str = "\u{E011}";
pub const END: &str = "\u{E010}";
pub const RIGHT: &str = "\u{E014}";
pub const LEFT: &str = "\u{E012}";

/// A browser with one page. It is ended when it is dropped.
pub struct Browser {
    driver: Child,
    /// Kept open, lest the driver stumbles over a closed pipe.
    _output: BufReader<ChildStdout>,
    port: u16,
    session: String,
    /// What Chromium writes; removed with the browser.
    profile: tempfile::TempDir,
}

fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut folders = std::env::split_paths(&path);
    folders.find_map(|folder| Some(folder.join(name)).filter(|file| file.is_file()))
}

impl Browser {
    /// Starts one, or says that the test is skipped.
    pub fn start(test: &str) -> Option<Self> {
        let (Some(chromium), Some(driver)) = (installed("chromium"), installed("chromedriver"))
        else {
            assert!(
                std::env::var_os("CI").is_none(),
                "{test} needs chromium and chromedriver"
            );
            let mut err = std::io::stderr();
            let _ = writeln!(err, "{test} was skipped: no chromium and chromedriver here");
            return None;
        };
        let profile = tempfile::tempdir().expect("a temporary folder");
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .env("TMPDIR", profile.path())
            .env("HOME", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let (port, output) = port(&mut driver);
        let mut browser = Self {
            driver,
            _output: output,
            port,
            session: String::new(),
            profile,
        };
        let data = browser.profile.path().join("profile");
        let flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--window-size=1200,1000",
            &format!("--user-data-dir={}", data.display()),
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"binary": chromium, "args": flags},
        }}});
        let session = browser.ask("POST", "/session", &wanted);
        let id = session["sessionId"].as_str().expect("a session");
        id.clone_into(&mut browser.session);
        Some(browser)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.send(method, path, body).expect("chromedriver answers");
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        let value = answer["value"].clone();
        assert!(value["error"].is_null(), "{method} {path}: {value}");
        value
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> std::io::Result<Vec<u8>> {
        let body = if method == "POST" {
            body.to_string()
        } else {
            String::new()
        };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}",
            self.port
        )?;
        // It keeps the connection open whatever it is asked: the length says where the answer ends.
        let mut stream = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            if line.trim_end().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer)?;
        Ok(answer)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", &format!("/session/{}{path}", self.session), body)
    }

    fn get(&self, path: &str) -> Value {
        let path = format!("/session/{}{path}", self.session);
        self.ask("GET", &path, &Value::Null)
    }

    /// Opens an address and waits until the page is loaded.
    pub fn open(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    /// Opens a file.
    pub fn open_file(&self, path: &Path) {
        self.open(&format!("file://{}", path.display()));
    }

    /// Runs the body of a function in the page.
    pub fn script(&self, body: &str) -> Value {
        self.post("/execute/sync", &json!({"script": body, "args": []}))
    }

    /// Runs the body of a function that calls its last argument with its result.
    pub fn script_async(&self, body: &str) -> Value {
        self.post("/execute/async", &json!({"script": body, "args": []}))
    }

    /// Waits until an expression of the page is true.
    #[track_caller]
    pub fn wait_until(&self, expression: &str) {
        let end = Instant::now() + Duration::from_mins(1);
        while self.script(&format!("return Boolean({expression})")) != json!(true) {
            assert!(Instant::now() < end, "never true: {expression}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until what was begun is drawn.
    pub fn wait_for_frame(&self) {
        self.script_async(
            "const done = arguments[arguments.length - 1]; requestAnimationFrame(() => requestAnimationFrame(() => done(1)))",
        );
    }

    /// The visible text of an element.
    pub fn text(&self, selector: &str) -> String {
        let text = self.get(&format!("/element/{}/text", self.element(selector)));
        text.as_str().unwrap_or_default().to_owned()
    }

    fn element(&self, selector: &str) -> String {
        let found = self.post(
            "/element",
            &json!({"using": "css selector", "value": selector}),
        );
        found[ELEMENT].as_str().expect("an element").to_owned()
    }

    /// Clicks an element.
    pub fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Types into an element, which gets the focus.
    pub fn type_keys(&self, selector: &str, keys: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/value"), &json!({"text": keys}));
    }

    /// Moves the pointer to a place in the window.
    pub fn point(&self, (x, y): (f64, f64)) {
        self.pointer(&[
            json!({"type": "pointerMove", "duration": 0, "x": whole(x), "y": whole(y)}),
        ]);
    }

    /// Drags from one place to another, with a key held down if there is one.
    pub fn drag(&self, from: (f64, f64), to: (f64, f64), held: Option<&str>) {
        let place = |(x, y): (f64, f64)| json!({"type": "pointerMove", "duration": 40, "x": whole(x), "y": whole(y)});
        let keys = |kind: &str| json!({"actions": [{"type": "key", "id": "keys", "actions": [{"type": kind, "value": held}]}]});
        if held.is_some() {
            self.post("/actions", &keys("keyDown"));
        }
        let half = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
        self.pointer(&[
            place(from),
            json!({"type": "pointerDown", "button": 0}),
            place(half),
            place(to),
            json!({"type": "pointerUp", "button": 0}),
        ]);
        if held.is_some() {
            self.post("/actions", &keys("keyUp"));
        }
    }

    fn pointer(&self, actions: &[Value]) {
        self.post(
            "/actions",
            &json!({"actions": [{"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions}]}),
        );
    }

    /// Turns the wheel at a place, down (away from the user's view) for positive pixels.
    pub fn wheel(&self, (x, y): (f64, f64), pixels: i32) {
        let turn = json!({"type": "scroll", "x": whole(x), "y": whole(y), "deltaX": 0, "deltaY": pixels, "duration": 0});
        self.post(
            "/actions",
            &json!({"actions": [{"type": "wheel", "id": "wheel", "actions": [turn]}]}),
        );
    }

    /// Sets what the page's media queries see: `prefers-color-scheme`, and `screen` or `print`.
    pub fn media(&self, medium: &str, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.post(
            "/goog/cdp/execute",
            &json!({"cmd": "Emulation.setEmulatedMedia", "params": {"media": medium, "features": features}}),
        );
    }

    /// What is shown, as PNG; kept below the build folder, to be looked at.
    pub fn screenshot(&self, name: &str) -> Vec<u8> {
        use base64::prelude::{BASE64_STANDARD, Engine};
        let encoded = self.get("/screenshot");
        let png = BASE64_STANDARD
            .decode(encoded.as_str().expect("base64"))
            .expect("base64");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{name}.png")), &png).expect("written");
        png
    }

    /// Errors that the page printed to its console.
    pub fn errors(&self) -> Vec<String> {
        let log = self.post("/se/log", &json!({"type": "browser"}));
        let entries = log.as_array().expect("a list");
        let messages = entries.iter().map(|entry| entry["message"].to_string());
        messages.collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium; a test that failed must not leave one either.
        let path = format!("/session/{}", self.session);
        let _ = self.send("DELETE", &path, &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The protocol takes whole pixels.
fn whole(pixels: f64) -> i32 {
    #[allow(clippy::cast_possible_truncation, reason = "a place in a window")]
    let whole = pixels.round() as i32;
    whole
}

/// `ChromeDriver was started successfully on port 36951.`
fn port(driver: &mut Child) -> (u16, BufReader<ChildStdout>) {
    let mut stdout = BufReader::new(driver.stdout.take().expect("piped"));
    loop {
        let mut line = String::new();
        let length = stdout.read_line(&mut line).expect("chromedriver speaks");
        assert!(length > 0, "chromedriver never said its port");
        if let Some((_, port)) = line.trim_end().split_once("successfully on port ") {
            let port = port.trim_end_matches('.').parse().expect("a port");
            return (port, stdout);
        }
    }
}
