//! Any bytes as a file of stops: in `crates/api-routemate`, with cargo-fuzz and a nightly compiler,
//! `cargo +nightly fuzz run stop_files -- -max_len=4096 -max_total_time=60`.
//!
//! The judge runs in the tests of its crate too. What the fuzzer finds becomes a test there, byte by byte.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| routemate_api_native::fuzzed::judge_stop_file(bytes));
