//! The configuration as it is meant: the keys file, the environment and the command line laid over each other.
//!
//! The file as it is written is `raw`'s; the addresses of the services are `endpoints`'.

mod client;
mod client_file;
mod endpoints;
mod error;
mod extracts;
mod hooks;
mod keys_file;
mod overrides;
mod provider;
mod raw;
mod redirect;
mod settings;

pub use client::{Client, provider_of};
pub use client_file::ClientFile;
pub use endpoints::{Endpoints, GOOGLE_REVOKE, LEGACY_CUT_OFF};
pub use error::Error;
pub use hooks::Hooks;
pub use overrides::Overrides;
pub use provider::{Provider, service_name};
pub use redirect::Redirect;
pub use settings::Settings;

#[cfg(test)]
mod tests;
