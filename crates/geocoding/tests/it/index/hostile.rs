//! Questions that are meant to cost much.

use routemate_geocoding::Query;

use super::town::{best, index};

/// Each must be answered at once; a reading that multiplies with its words would not end before the runner gives up.
#[test]
fn long_and_repetitive_questions_are_answered() {
    let index = index();
    let texts = [
        "1 ".repeat(5_000),
        "a".repeat(4_000),
        "mainstreet".repeat(400),
        "1".repeat(4_000),
        "de la ".repeat(700),
        "main ".repeat(800),
        "97-18-".repeat(700),
        "3/".repeat(2_000),
        "springfeild mian stret ".repeat(200),
        "st ".repeat(1_300),
        "#".repeat(4_000),
        "é̂".repeat(2_000),
        "apt 1 ".repeat(700),
        (0..700).map(|number| format!("{number} ")).collect(),
    ];
    for text in &texts {
        assert!(index.lookup(&Query::text(text)).len() <= 5);
        best(&index, &format!("{text} 12 Main St Springfield"));
        best(&index, &format!("12 Main St Springfield {text}"));
    }
}

#[test]
fn address_before_endless_noise_is_still_found() {
    let text = format!("12 Main St, Springfield, OH 45501 {}", "please ring at the door ".repeat(300));
    let found = best(&index(), &text).unwrap();
    assert!(found.label.starts_with("12 Main St, Springfield"), "{found:?}");
}
