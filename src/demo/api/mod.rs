//! The Google Health API v4 as the stand-in speaks it: one file a concern, after the discovery document
//! `health.v4` of revision 20261030 and what is known of the live service's habits.

mod account;
mod context;
mod fault;
mod filter;
mod paging;
mod parameters;
mod points;
mod roll_up;
mod route;
mod sums;

pub use context::Context;
pub use route::answer;
