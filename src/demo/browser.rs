//! Plays the browser of a login: opens the consent page, ticks every box, allows, and follows the redirect.
//!
//! It waits for the app's answer, so it needs a thread of its own beside the app that waits for the redirect.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use url::{Url, form_urlencoded};

const PATIENCE: Duration = Duration::from_secs(10);

/// Why the consent was not given.
#[derive(Debug)]
pub enum Error {
    /// A page could not be fetched.
    Io(io::Error),
    /// A page answered with something else than was expected; its status, if it had one.
    Unexpected(&'static str, u16),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::Unexpected(page, status) => write!(f, "the {page} answered with status {status}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Gives consent on a thread of its own, as a browser would, so that the caller can wait for the redirect.
///
/// # Errors
/// Fails when the system has no thread left; the thread ends with an error when a page does not answer in ten
/// seconds or is not what it should be.
pub fn consent_in_background(authorize_url: &Url) -> io::Result<JoinHandle<Result<(), Error>>> {
    let url = authorize_url.clone();
    thread::Builder::new()
        .name("demo-browser".to_owned())
        .spawn(move || consent(&url))
}

/// Gives consent and returns once the app has answered the redirect.
///
/// # Errors
/// Fails when a page does not answer in ten seconds or is not what it should be.
pub fn consent(authorize_url: &Url) -> Result<(), Error> {
    let page = fetch("GET", authorize_url, None)?;
    if page.status != 200 {
        return Err(Error::Unexpected("consent page", page.status));
    }
    let (action, form) = consent_form(&page.body)
        .and_then(|(action, form)| Some((authorize_url.join(&action).ok()?, form)))
        .ok_or(Error::Unexpected("consent page", page.status))?;
    let sent = fetch("POST", &action, Some(&form))?;
    let target = sent
        .location
        .and_then(|location| action.join(&location).ok())
        .ok_or(Error::Unexpected("consent form", sent.status))?;
    let shown = fetch("GET", &target, None)?;
    match shown.status {
        200 => Ok(()),
        status => Err(Error::Unexpected("login's own page", status)),
    }
}

/// Where the page's form goes, and its fields with every box ticked and the answer "allow".
fn consent_form(page: &str) -> Option<(String, String)> {
    let (_, form) = page.split_once("<form ")?;
    let (form, _) = form.split_once("</form>")?;
    let action = attribute(form, "action")?;
    let mut fields = form_urlencoded::Serializer::new(String::new());
    for input in form.split("<input ").skip(1) {
        let (tag, _) = input.split_once('>')?;
        fields.append_pair(&attribute(tag, "name")?, &attribute(tag, "value")?);
    }
    fields.append_pair("decision", "allow");
    Some((action, fields.finish()))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!("{name}=\""))?;
    let (value, _) = value.split_once('"')?;
    Some(value.replace("&amp;", "&"))
}

struct Page {
    status: u16,
    location: Option<String>,
    body: String,
}

fn fetch(method: &str, url: &Url, form: Option<&str>) -> Result<Page, Error> {
    let addresses = url.socket_addrs(|| None)?;
    let mut stream = TcpStream::connect(addresses.as_slice())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let query = url.query().map(|query| format!("?{query}"));
    let body = form.unwrap_or_default();
    let entity = form.map_or(String::new(), |form| {
        format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            form.len()
        )
    });
    let request = format!(
        "{method} {}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: fitbit-hr demo browser\r\n\
         Accept: text/html\r\nConnection: close\r\n{entity}\r\n{body}",
        url.path(),
        query.unwrap_or_default(),
        url.authority(),
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    decode(&String::from_utf8_lossy(&answer)).ok_or(Error::Unexpected("page", 0))
}

fn decode(answer: &str) -> Option<Page> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let location = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("location")
            .then(|| value.trim().to_owned())
    });
    Some(Page {
        status,
        location,
        body: body.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_form_is_sent() {
        let page = "<p><form id=\"c\" method=\"post\" action=\"/go\">\
            <input type=\"hidden\" name=\"request\" value=\"k/1\">\
            <input type=\"checkbox\" name=\"scope\" value=\"a b\" checked><label>x</label></form>\
            <input name=\"other\" value=\"no\">";
        assert_eq!(
            consent_form(page),
            Some((
                "/go".to_owned(),
                "request=k%2F1&scope=a+b&decision=allow".to_owned()
            ))
        );
        assert_eq!(consent_form("<p>Access blocked"), None);
    }

    #[test]
    fn redirects_are_found_in_any_letter_case() {
        let page = decode("HTTP/1.1 302 Found\r\nlocation: http://x/?a\r\n\r\n");
        assert_eq!(
            page.map(|page| (page.status, page.location)),
            Some((302, Some("http://x/?a".to_owned())))
        );
    }
}
