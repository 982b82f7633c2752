//! Any bytes as a query of a list over the EasyRoutes API, and as what its cursors keep:
//! in `crates/api-routemate`, with cargo-fuzz and a nightly compiler,
//! `cargo +nightly fuzz run easyroutes_queries -- -max_len=1024 -max_total_time=60`.
//!
//! The judge runs in the tests of its crate too. What the fuzzer finds becomes a test there, byte by byte.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| routemate_api_easyroutes::fuzzed::judge_query(bytes));
