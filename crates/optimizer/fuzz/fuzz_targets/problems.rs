//! Any bytes make a problem, whose answer must be right: in `crates/optimizer`, with cargo-fuzz and a nightly compiler,
//! `cargo +nightly fuzz run problems -- -max_len=2048 -max_total_time=300`.
//!
//! The tests of the optimizer judge problems from the same code (`fuzz_inputs`), so that it never rots. What the fuzzer
//! finds becomes a test there, byte by byte.
#![no_main]

#[path = "../../tests/it/drawn.rs"]
mod drawn;
#[path = "../../tests/it/judged.rs"]
mod judged;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judged::judge(bytes));
