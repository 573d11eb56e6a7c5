//! The address of the consent page, taken apart, and the way back from it.

/// The page on which a person consents, as its address says it.
#[derive(Debug, Clone)]
pub struct ConsentPage {
    /// The address without its query.
    pub page: String,
    /// The query, decoded, in order.
    pub query: Vec<(String, String)>,
}

impl ConsentPage {
    /// Takes the address apart.
    pub fn new(address: &str) -> Self {
        let (page, query) = address.split_once('?').expect("a query");
        Self {
            page: page.to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        }
    }

    /// A value of the query, which is there exactly once.
    #[track_caller]
    pub fn get(&self, name: &str) -> &str {
        let mut values = self.query.iter().filter(|(key, _)| key == name);
        let (value, more) = (values.next(), values.next());
        assert!(more.is_none(), "{name} comes twice");
        value.map_or_else(|| panic!("no {name}"), |(_, value)| value.as_str())
    }

    /// The address to which the browser is sent back, with these values besides `state`.
    pub fn back_with(&self, values: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("state", self.get("state"))
            .extend_pairs(values);
        format!("{}?{}", self.get("redirect_uri"), query.finish())
    }
}
