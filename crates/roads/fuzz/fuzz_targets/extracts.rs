//! Any bytes are refused as an extract, by name, or make a graph that answers: in `crates/roads`, with cargo-fuzz and a
//! nightly compiler, `cargo +nightly fuzz run extracts -- -max_len=4096 -max_total_time=300`.
//!
//! See `graphs.rs` about tests and findings.
#![no_main]

use std::sync::LazyLock;

use tempfile::TempDir;

#[path = "../../tests/it/drawn.rs"]
mod drawn;
#[expect(dead_code, reason = "the other target changes graphs")]
#[path = "../../tests/it/hostile.rs"]
mod hostile;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder for extracts"));

libfuzzer_sys::fuzz_target!(
    // The builder catches what the reader of .osm.pbf panics about; the fuzzer would not let it get that far.
    init: std::panic::set_hook(Box::new(|_| {})),
    |bytes: &[u8]| hostile::extract(bytes, FOLDER.path())
);
