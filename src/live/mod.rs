//! A live service with a login, whichever it is: what it is asked for, and the present by its clock.

mod account;
mod day;
mod series;
mod series_error;
mod service;
mod when;

pub use account::{Account, Zones};
pub use day::{Fetched, Request};
pub use series::DayOfSeries;
pub use series_error::SeriesError;
pub use service::Service;
pub use when::When;
