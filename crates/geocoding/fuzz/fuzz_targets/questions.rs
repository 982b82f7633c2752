//! Any bytes make a question, and a source: in `crates/geocoding`, with cargo-fuzz and a nightly compiler,
//! `cargo +nightly fuzz run questions -- -max_len=512 -max_total_time=300`.
//!
//! What the fuzzer finds becomes a test of the crate, byte by byte.
#![no_main]

#[path = "../../tests/it/index/town.rs"]
mod town;

use std::sync::OnceLock;

use routemate_geocoding::{AddressIndex, Query};

fn index() -> &'static AddressIndex {
    static INDEX: OnceLock<AddressIndex> = OnceLock::new();
    INDEX.get_or_init(town::index)
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    for candidate in index().lookup(&Query::text(&text)) {
        assert!((0.0..=1.0).contains(&candidate.confidence.get()));
    }
    let prefixed = town::best(index(), &format!("12 Main Street {text}"));
    assert!(prefixed.is_none_or(|best| best.position.lat().abs() <= 90.0));
    // Bytes that are no index are refused; none of them may be trusted.
    if let Ok(index) = AddressIndex::from_bytes(bytes) {
        let _ = index.lookup(&Query::text("12 Main Street, Springfield"));
    }
});
