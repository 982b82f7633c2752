use std::sync::OnceLock;

use proptest::prelude::*;
use routemate_geocoding::{AddressIndex, Query};

use super::town::{best, index};

fn shared() -> &'static AddressIndex {
    static INDEX: OnceLock<AddressIndex> = OnceLock::new();
    INDEX.get_or_init(index)
}

/// Addresses with and without numbers that exist, and whether a postcode is given.
fn address() -> impl Strategy<Value = (String, Option<&'static str>)> {
    let streets = prop::sample::select(vec![
        ("Main Street", "Springfield", "45501"),
        ("E High St", "Springfield", "45502"),
        ("St James Ave", "Springfield", "45501"),
        ("97th Street", "Ozone", "11416"),
        ("Main St", "Riverton", "84065"),
        ("Lindenstraße", "Köln", "50674"),
        ("Große Bleiche", "Mainz", "55116"),
        ("Rua de Santa Catarina", "Porto", "4000-447"),
    ]);
    let number = prop::sample::select(vec!["1", "3", "5", "5a", "10", "12", "16", "97-18", "104", "106", "527", "999"]);
    (streets, number, any::<bool>()).prop_map(|((street, town, postcode), number, has_postcode)| {
        (format!("{number} {street}, {town}"), has_postcode.then_some(postcode))
    })
}

/// Changes what must not matter: the case of letters, the number of spaces, commas for spaces.
fn disguised(text: &str, choices: &[u8]) -> String {
    let mut choices = choices.iter().cycle();
    let mut disguised = String::new();
    for letter in text.replace(", ", " ").chars() {
        let choice = choices.next().copied().unwrap_or_default();
        match (letter, choice % 4) {
            (' ', 0) => disguised.push_str(", "),
            (' ', 1) => disguised.push(','),
            (' ', 2) => disguised.push_str("  "),
            // The capital of ß is two letters.
            (letter, 0 | 1) => disguised.extend(letter.to_uppercase()),
            (letter, _) => disguised.push(letter),
        }
    }
    disguised
}

proptest! {
    #[test]
    fn case_spaces_and_commas_do_not_matter((address, postcode) in address(), choices in prop::collection::vec(any::<u8>(), 1..40)) {
        let text = postcode.map_or(address.clone(), |postcode| format!("{address} {postcode}"));
        let plain = shared().lookup(&Query::text(&text));
        prop_assert_eq!(plain, shared().lookup(&Query::text(&disguised(&text, &choices))));
    }

    #[test]
    fn right_postcode_never_lowers_confidence((address, _) in address()) {
        let without = best(shared(), &address);
        if let Some(without) = without {
            let postcode = without.label.split([',', ' ']).rev().find(|word| word.len() > 4 && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'));
            if let Some(postcode) = postcode {
                let with = best(shared(), &format!("{address} {postcode}")).unwrap();
                prop_assert!(with.confidence >= without.confidence, "{} {}: {:?} {:?}", address, postcode, with, without);
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        for candidate in shared().lookup(&Query::text(&text)) {
            prop_assert!((0.0..=1.0).contains(&candidate.confidence.get()));
        }
    }

    #[test]
    fn no_words_make_it_panic(words in prop::collection::vec(prop::sample::select(vec![
        "main", "st", "12", "97-18", "a", "#", "5-", "3/4", "apt", "springfield", "45501", "köln", "ß", "oh", "us", "unit", "/", "-", "9".repeat(30).leak(), "rua", "de",
    ]), 0..40)) {
        for text in [words.join(" "), words.concat()] {
            prop_assert!(shared().lookup(&Query::text(&text)).len() <= 5);
        }
    }
}
