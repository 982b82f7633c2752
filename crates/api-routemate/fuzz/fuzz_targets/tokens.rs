//! Any bytes as an `Authorization` header, a token, a client id: in `crates/api-routemate`, with cargo-fuzz and a nightly
//! compiler, `cargo +nightly fuzz run tokens -- -max_len=256 -max_total_time=60`.
//!
//! The judge runs in the tests of `routemate-auth` too. What the fuzzer finds becomes a test there, byte by byte.
#![no_main]

#[path = "../../../auth/tests/it/judged.rs"]
mod judged;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judged::judge_token(bytes));
