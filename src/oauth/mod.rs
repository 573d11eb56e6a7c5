//! The login: authorization code with PKCE and `state`, caught on loopback; tokens kept privately and renewed once.
//!
//! [`Access`] is the only door to a token. [`login()`] makes one with a person's help. Decisions ([`callback`], [`scopes`])
//! are pure; [`listener`] and [`store`] act.

pub mod access;
pub mod callback;
mod error;
pub mod exchange;
pub mod listener;
pub mod login;
mod page;
pub mod scopes;
pub mod store;

pub use access::{Access, Renewals};
pub use error::{Error, WAY_OUT, switched_off};
pub use exchange::Exchange;
pub use login::{Messenger, login};
pub use store::{Store, Token};
