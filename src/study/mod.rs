//! Studies: many participants, on many machines, into one data set.
//!
//! There is no coordinator: a participant belongs to a shard by the hash of the id ([`shard`]), a shard is run by whatever the
//! site has for running things, and days are such that running one twice changes nothing. What workers have to know of each
//! other lies in the store beside the data: reports ([`mod@report`]), tombstones ([`tombstone`]), which account is whose
//! ([`account`]), and what sync remembers.
//!
//! [`settings`] reads `study.toml`, [`tokens`] the folder of logins. [`run`] runs a shard, [`turn`] one participant of it on a
//! [`guarded`]. [`overview`] says how a study stands, [`mod@erase`] takes a participant's data away.

pub mod account;
pub mod erase;
pub mod error;
pub mod guarded;
pub mod id;
pub mod overview;
pub mod report;
pub mod run;
pub mod settings;
pub mod shard;
pub mod tokens;
pub mod tolerance;
pub mod tombstone;
pub mod turn;

pub use error::Error;
pub use id::Id;
pub use settings::Settings;
