//! One request and its answer, apart from how they travel.

use serde_json::Value;
use url::form_urlencoded;

/// A request whose head and body have arrived.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// `GET`, `POST`, ...
    pub method: String,
    /// Decoded, beginning with `/`.
    pub path: String,
    /// As it came, without the `?`.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Empty where there was none.
    pub body: Vec<u8>,
}

impl Call {
    /// The first header of a name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The query's fields, decoded.
    pub fn query(&self) -> Fields {
        Fields::decode(self.query.as_bytes())
    }

    /// The body's fields, if it is a form.
    pub fn form(&self) -> Fields {
        Fields::decode(&self.body)
    }
}

/// Decoded fields of a query or a form, in their order.
#[derive(Debug, Clone, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    fn decode(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every value of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What is sent back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Beside `Content-Length`, `Date` and the like, which the server adds.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// JSON that is already text.
    pub fn json_text(status: u16, text: String) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", "application/json; charset=UTF-8".to_owned())],
            body: text.into_bytes(),
        }
    }

    /// JSON.
    pub fn json(status: u16, value: &Value) -> Self {
        Self::json_text(status, value.to_string())
    }

    /// A page that loads nothing and may not be framed.
    pub fn html(status: u16, page: String) -> Self {
        let headers = [
            ("Content-Type", "text/html; charset=UTF-8"),
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
            ),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
        ];
        Self {
            status,
            headers: headers
                .map(|(name, value)| (name, value.to_owned()))
                .to_vec(),
            body: page.into_bytes(),
        }
    }

    /// A redirect that turns a form's POST into a GET.
    pub fn redirect(to: String) -> Self {
        Self {
            status: 302,
            headers: vec![("Location", to)],
            body: Vec::new(),
        }
    }

    /// The same with one more header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same for no cache to keep.
    pub fn uncached(self) -> Self {
        self.with("Cache-Control", "no-store")
    }
}

/// Text as it may stand in a page and in an attribute.
pub fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_once() {
        let call = Call {
            query: "filter=a%20%3E%3D+%22x%22&scope=1&scope=2&plus=%2B".to_owned(),
            ..Call::default()
        };
        let query = call.query();
        assert_eq!(query.get("filter"), Some("a >= \"x\""));
        assert_eq!(query.all("scope").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(query.get("plus"), Some("+"));
        assert_eq!(query.get("absent"), None);
    }

    #[test]
    fn pages_cannot_be_broken_out_of() {
        assert_eq!(
            escape_html("<a href=\"'&\">"),
            "&lt;a href=&quot;&#39;&amp;&quot;&gt;"
        );
    }
}
