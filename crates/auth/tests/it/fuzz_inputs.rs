//! What the fuzz target does, over bytes that are always the same.

use crate::judged::judge_token;

#[test]
fn what_is_issued_and_what_is_nearly_so() {
    for prefix in ["rm_at_", "rm_ci_", "rm_cs_", "Bearer rm_at_", "Basic ", "RM_AT_", ""] {
        for digit in ["0", "f", "F", "g", "=", " ", "é", "\0"] {
            for length in [0, 1, 31, 32, 33, 39, 40, 41, 63, 64, 65, 300] {
                judge_token(format!("{prefix}{}", digit.repeat(length)).as_bytes());
            }
        }
    }
}

#[test]
fn noise_is_judged() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for len in 0..1_000 {
        let bytes = (0..len % 80).map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        });
        judge_token(&bytes.collect::<Vec<_>>());
    }
}
