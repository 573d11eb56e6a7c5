//! The Google Health API v4 as the stand-in speaks it: one file a concern, after the discovery document
//! `health.v4` of revision 20261030 and what is known of the live service's habits.

mod account;
mod daily;
mod daily_roll_up;
mod data_type;
mod fault;
mod fields;
mod filter;
mod paging;
mod points;
mod query;
mod rates;
mod roll_up;
mod route;
mod text;
mod zone_minutes;

pub use fault::{Fault, not_found};
pub use route::{Context, answer};
