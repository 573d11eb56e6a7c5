//! The parameters that calls share: what is selected, and whose points are wanted.

use super::fault::Fault;
use crate::demo::exchange::{Call, Fields};
use crate::demo::mask::Mask;

/// Parameters that every method of Google's knows.
const SYSTEM: [&str; 5] = ["fields", "prettyPrint", "alt", "quotaUser", "key"];

/// The number that the service knows the account by.
pub const HEALTH_USER_ID: &str = "111222333444555666777";

/// Reads the query of a method: its fields, and the mask of its answer.
///
/// Fails on a parameter that is neither everybody's nor in `own`, and on a mask outside `schema`.
pub fn decode(call: &Call, own: &[&str], schema: &str) -> Result<(Fields, Mask), Fault> {
    let query = Fields::of_query(call);
    let known = |name: &str| SYSTEM.contains(&name) || own.contains(&name);
    if let Some((name, _)) = query.0.iter().find(|(name, _)| !known(name)) {
        let message = format!("Unknown name \"{name}\": Cannot bind query parameter.");
        return Err(Fault::argument("", "query", message));
    }
    let wrong = |path: &str| {
        let message = format!(
            "Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
        );
        Fault::argument("", "fields", message)
    };
    let mask = match query.get("fields").filter(|fields| *fields != "*") {
        None => Mask::default(),
        Some(text) => Mask::decode(text).ok_or_else(|| wrong(text))?,
    };
    let schema = Mask::decode(schema).unwrap_or_default();
    match mask.outside(&schema) {
        None => Ok((query, mask)),
        Some(path) => Err(wrong(&path)),
    }
}

/// The points whose sources are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Everything.
    All,
    /// The tracker alone.
    Wearables,
    /// What the calling client wrote: nothing.
    Own,
}

impl Family {
    /// From the full resource name.
    ///
    /// Fails on a short name and on an unknown one.
    pub fn decode(name: Option<&str>) -> Result<Self, Fault> {
        let Some(name) = name else {
            return Ok(Self::All);
        };
        match name.strip_prefix("users/me/dataSourceFamilies/") {
            Some("all-sources" | "google-sources") => Ok(Self::All),
            Some("google-wearables") => Ok(Self::Wearables),
            Some("self-sources") => Ok(Self::Own),
            _ => Err(Fault::argument(
                "INVALID_DATA_POINT_DATA_SOURCE_FAMILY",
                "data_source_family",
                format!("'{name}' is not of the form users/me/dataSourceFamilies/all-sources."),
            )),
        }
    }
}

/// True for the account, by its alias or its number.
pub fn is_user(name: &str) -> bool {
    name == "me" || name == HEALTH_USER_ID
}
