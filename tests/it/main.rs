//! Tests of the real binary against scripted services, as a user and a script meet it.
//!
//! [`program`] runs the binary, [`server`] is the service, [`secrets`] searches all that a run leaves.

#[allow(
    dead_code,
    reason = "a vocabulary for all tests, of which each platform uses a part"
)]
mod program;
mod secrets;
#[allow(
    dead_code,
    reason = "a vocabulary for all tests, of which each platform uses a part"
)]
mod server;

mod login_google;
