//! Tests of the real binary against scripted services, as a user and a script meet it.
//!
//! [`program`] runs the binary, [`server`] is the service, [`secrets`] searches all that a run leaves.
#![cfg_attr(
    not(target_os = "linux"),
    allow(unused, reason = "some tests want what other systems do not have")
)]

mod browser;
mod program;
mod secrets;
mod server;

mod answers;
mod architecture;
mod archive_files;
mod between;
#[cfg(feature = "s3")]
mod bucket;
mod catalogue;
mod cohort;
mod completions;
mod configuration;
mod consent;
mod demo_keys;
mod demo_service;
mod demo_types;
mod doctor;
mod examples;
mod export;
mod export_readers;
mod export_series;
mod files;
mod fitbit_data;
mod fitbit_days;
mod golden;
mod google_days;
mod google_details;
mod google_errors;
mod google_refusals;
mod google_requests;
mod google_service;
mod google_summary;
mod google_truth;
mod google_wire;
mod help;
mod hook_recipes;
mod import;
mod import_files;
mod import_names;
mod import_trouble;
mod label_spans;
mod login_bound;
mod login_exchange;
mod login_fitbit;
mod login_google;
mod login_kept;
mod login_listener;
mod login_more;
mod login_pasted;
mod logout_status;
mod objects;
#[cfg(feature = "s3")]
mod objects_s3;
mod odd_readings;
mod one_definition;
mod output;
mod owner;
mod page;
mod patience;
mod pictures;
mod plot;
mod recipes;
mod schedule;
mod series_archive;
mod series_day;
mod series_files;
mod series_readers;
mod setup;
mod setup_mistakes;
mod study;
mod study_enrol;
#[cfg(feature = "s3")]
mod study_s3;
mod study_sync;
mod study_withdraw;
mod sync;
mod sync_changes;
mod sync_devices;
mod sync_extracts;
mod sync_fitbit;
mod sync_model;
mod sync_stopped;
mod sync_travel;
mod terminal;
mod time_zones;
mod token_trouble;
mod tokens;
mod unattended;
mod upgrades;
mod usage;
mod wire;
mod world;
mod wrong_clock;
