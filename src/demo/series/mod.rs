//! The types of data: what their points look like, who may read them, and how they are made up.
//!
//! `point` says what a type is, `catalogue` is the table of them, a row a type; the other files make the points of a day,
//! one file a kind.

mod awake;
mod catalogue;
mod daily;
mod logs;
mod point;
mod sleeps;
mod workouts;

pub use catalogue::find;
pub use point::{Action, Asked, DataType, Labelled, Point, RollUp, Shape, Source};
