//! Any bytes are refused as a graph file, or answer whatever is asked: in `crates/roads`, with cargo-fuzz and a nightly
//! compiler, `cargo +nightly fuzz run graphs -- -max_len=1024 -max_total_time=300`.
//!
//! The tests of the crate go through the same code (`fuzz_inputs`), so that it never rots. What the fuzzer finds becomes a
//! test there, byte by byte.
#![no_main]

#[path = "../../tests/it/drawn.rs"]
mod drawn;
#[expect(dead_code, reason = "the other target builds")]
#[path = "../../tests/it/hostile.rs"]
mod hostile;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostile::graph(bytes));
