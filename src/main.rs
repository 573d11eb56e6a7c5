//! The `fitbit-hr` program: everything is in the library.

fn main() {}
