//! What the fuzz target does, over bytes that are always the same; see `fuzz/fuzz_targets/problems.rs`.

use crate::judged::judge;

/// Bytes that look random (G. Marsaglia, "Xorshift RNGs", 2003).
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn no_bytes_are_a_problem_too() {
    judge(&[]);
}

#[test]
fn bytes_that_are_all_alike() {
    for byte in [0x00, 0x01, 0x7f, 0x80, 0xff] {
        for len in [1, 4, 16, 64, 500, 3_000] {
            judge(&vec![byte; len]);
        }
    }
}

#[test]
fn bytes_that_end_anywhere() {
    for len in 0..400 {
        judge(&noise(1, len));
    }
}

#[test]
fn noise_of_every_kind() {
    for seed in 0..150 {
        judge(&noise(seed, 2_500));
    }
}
