//! The fields of a request, and the answers that are sent back.

pub use super::server::{Answer, Call};

use super::server::whole;
use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::{Response, StatusCode};
use url::form_urlencoded;

/// Decoded fields of a query or a form, in their order.
#[derive(Debug, Clone, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// Of a call's query.
    pub fn of_query(call: &Call) -> Self {
        Self::decode(call.uri().query().unwrap_or_default().as_bytes())
    }

    /// Of a call's body, if it is a form.
    pub fn of_form(call: &Call) -> Self {
        Self::decode(call.body())
    }

    fn decode(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value of a name that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let named = |(known, value): &&(String, String)| known == name && !value.is_empty();
        self.0.iter().find(named).map(|(_, value)| value.as_str())
    }

    /// Every value of a name.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.0.iter().filter(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).collect()
    }
}

fn answer(status: u16, kind: &'static str, body: String) -> Answer {
    let mut answer = Response::new(whole(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

/// JSON.
pub fn json(status: u16, text: impl Into<String>) -> Answer {
    answer(status, "application/json; charset=UTF-8", text.into())
}

/// A page that loads nothing and may not be framed.
pub fn html(status: u16, page: String) -> Answer {
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
    let mut answer = answer(status, "text/html; charset=UTF-8", page);
    answer
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    answer
}

/// A redirect that turns a form's POST into a GET.
pub fn redirect(to: &str) -> Answer {
    let mut answer = answer(302, "text/html; charset=UTF-8", String::new());
    if let Ok(to) = HeaderValue::from_str(to) {
        answer.headers_mut().insert(LOCATION, to);
    }
    answer
}

/// The same for no cache to keep.
pub fn uncached(mut answer: Answer) -> Answer {
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Text as it may stand in a page and in an attribute.
pub fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
