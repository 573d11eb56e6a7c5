//! The parameters of a call: which are known, and what they say.

use super::data_type::{Action, DataType};
use super::fault::Fault;
use super::fields::Mask;
use super::paging::{PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Query};
use crate::demo::exchange::Call;
use serde::de::DeserializeOwned;

/// Parameters that every method of Google's knows.
const SYSTEM: [&str; 5] = ["fields", "prettyPrint", "alt", "quotaUser", "key"];

/// What every call may ask for.
#[derive(Debug, Clone, Default)]
pub struct System {
    /// `fields`.
    pub mask: Mask,
}

impl System {
    /// Reads the parameters that every method knows.
    ///
    /// Fails on a parameter that is neither one of those nor in `own`, and on a mask outside `schema`.
    pub fn decode(call: &Call, own: &[&str], schema: &str) -> Result<Self, Fault> {
        let query = call.query();
        let known = |name: &str| SYSTEM.contains(&name) || own.contains(&name);
        if let Some((name, _)) = query.0.iter().find(|(name, _)| !known(name)) {
            return Err(Fault::UnknownParameter(name.clone()));
        }
        let mask = query
            .get("fields")
            .map(Mask::decode)
            .transpose()?
            .unwrap_or_default();
        mask.check(schema)?;
        Ok(Self { mask })
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
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return Ok(Self::All);
        };
        let family = match name.split('/').collect::<Vec<_>>()[..] {
            ["users", user, "dataSourceFamilies", family] if is_user(user) => family,
            _ => "",
        };
        match family {
            "all-sources" | "google-sources" => Ok(Self::All),
            "google-wearables" => Ok(Self::Wearables),
            "self-sources" => Ok(Self::Own),
            _ => Err(Fault::argument(
                "INVALID_DATA_POINT_DATA_SOURCE_FAMILY",
                "data_source_family",
                format!("'{name}' is not of the form users/me/dataSourceFamilies/all-sources."),
            )),
        }
    }
}

/// The number that the service knows the account by.
pub const HEALTH_USER_ID: &str = "111222333444555666777";

/// True for the account, by its alias or its number.
pub fn is_user(name: &str) -> bool {
    name == "me" || name == HEALTH_USER_ID
}

/// The parameters of `list` and `reconcile`.
#[derive(Debug, Clone)]
pub struct PointsQuery {
    /// What all methods have.
    pub system: System,
    /// Not yet read.
    pub filter: Option<String>,
    /// Whose points.
    pub family: Family,
    /// At most as many as the service gives at once.
    pub page_size: usize,
    /// Not yet read.
    pub page_token: Option<String>,
    /// What a token must match.
    pub identity: Query,
}

impl PointsQuery {
    /// Reads the parameters of `list` or `reconcile` of a type.
    pub fn decode(
        call: &Call,
        data_type: DataType,
        action: Action,
        schema: &str,
        cap: usize,
    ) -> Result<Self, Fault> {
        let own = ["filter", "pageSize", "pageToken", "dataSourceFamily"];
        let system = System::decode(call, &own, schema)?;
        let query = call.query();
        let get = |name| query.get(name).filter(|value| !value.is_empty());
        let wanted = get("pageSize").map(decode_int32).transpose()?;
        Ok(Self {
            system,
            family: Family::decode(get("dataSourceFamily"))?,
            page_size: page_size(wanted)?.min(cap),
            identity: Query::of(&[
                data_type.path_name(),
                action.method_name(),
                get("filter").unwrap_or_default(),
                get("dataSourceFamily").unwrap_or_default(),
                get("pageSize").unwrap_or_default(),
            ]),
            filter: get("filter").map(str::to_owned),
            page_token: get("pageToken").map(str::to_owned),
        })
    }
}

fn decode_int32(text: &str) -> Result<i32, Fault> {
    text.parse().map_err(|_| Fault::InvalidValue {
        field: "page_size",
        kind: "TYPE_INT32",
        value: text.to_owned(),
    })
}

/// The page size that holds for a wanted one; 0 and none are the default.
///
/// Fails on a negative one.
pub fn page_size(wanted: Option<i32>) -> Result<usize, Fault> {
    match wanted.map(usize::try_from) {
        None | Some(Ok(0)) => Ok(PAGE_SIZE_DEFAULT),
        Some(Ok(size)) => Ok(size.min(PAGE_SIZE_MAX)),
        Some(Err(_)) => Err(Fault::argument(
            "",
            "page_size",
            "The page size must not be negative.",
        )),
    }
}

/// Reads a JSON body.
///
/// Fails on what is not JSON, and on members that the request does not have.
pub fn decode_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| Fault::InvalidPayload(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(query: &str) -> Call {
        Call {
            query: query.to_owned(),
            ..Call::default()
        }
    }

    fn points(query: &str) -> Result<PointsQuery, Fault> {
        let schema = "dataPoints,nextPageToken";
        PointsQuery::decode(
            &call(query),
            DataType::HeartRate,
            Action::List,
            schema,
            5000,
        )
    }

    #[test]
    fn page_sizes_are_cut_down_and_have_a_default() {
        let size = |query| points(query).map(|query| query.page_size);
        assert_eq!(size(""), Ok(1440));
        assert_eq!(size("pageSize=0"), Ok(1440));
        assert_eq!(size("pageSize=100"), Ok(100));
        assert_eq!(size("pageSize=10000"), Ok(5000));
        assert_eq!(size("pageSize=99999"), Ok(5000));
        assert!(size("pageSize=-1").is_err());
        assert!(size("pageSize=ten").is_err());
    }

    #[test]
    fn unknown_parameters_are_faults_and_common_ones_are_not() {
        assert!(points("prettyPrint=false&alt=json&fields=dataPoints").is_ok());
        assert!(matches!(
            points("startTime=2026"),
            Err(Fault::UnknownParameter(name)) if name == "startTime"
        ));
        assert!(points("fields=points").is_err());
    }

    #[test]
    fn families_have_full_names() {
        let family = |name| Family::decode(Some(name));
        assert_eq!(
            family("users/me/dataSourceFamilies/google-wearables"),
            Ok(Family::Wearables)
        );
        assert!(family("google-wearables").is_err());
        assert!(family("users/you/dataSourceFamilies/all-sources").is_err());
    }
}
