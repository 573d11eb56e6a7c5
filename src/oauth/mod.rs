//! The login: authorization code with PKCE and `state`, caught on loopback; tokens kept privately and renewed once.
//!
//! [`Access`] is the only door to a token, and opens it to the client and the origins that the login was made with
//! ([`fit`]). [`login()`] makes one with a person's help. Decisions ([`callback`], [`pasted`], [`refusal`], [`scopes`]) are
//! pure; [`listener`] and [`store`] act.

pub mod access;
pub mod callback;
mod claim;
mod error;
pub mod exchange;
pub mod fit;
pub mod listener;
mod lock;
pub mod login;
mod mounted;
pub mod origins;
mod page;
pub mod pasted;
pub mod refusal;
pub mod scopes;
mod state_problem;
pub mod store;
mod token;
mod wire;

pub use access::{Access, Renewals};
pub use error::{Error, WAY_OUT, connections_page, switched_off};
pub use exchange::Exchange;
pub use fit::login_fits;
pub use login::{Messenger, Typed, login};
#[cfg(test)]
pub(crate) use state_problem::{StateProblem, Step};
pub use store::Store;
pub use token::Token;
