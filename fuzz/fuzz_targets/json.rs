//! See `takeout::fuzzed::check_json`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fitbit_hr::takeout::fuzzed::check_json(bytes));
