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

mod answers;
mod export;
mod fitbit_data;
mod google_data;
mod google_service;
mod google_trouble;
mod login_fitbit;
mod login_google;
mod login_listener;
mod login_pasted;
mod logout_status;
mod sync_model;
mod tokens;
mod wire;
mod world;
