use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::script::{digit, latin};

/// Appends `text` in small letters without marks: `Fürst-Ærø ŁÓDŹ ﬁ` becomes `furst-aro lodz fi`.
///
/// Letters that languages write in two ways meet in one: ä, ae and a; ö, oe and o; ü, ue and u; å, aa and a; ß and ss.
/// Greek and Cyrillic are written in Latin letters. Few names differ by these alone, and whoever writes without the right keyboard takes either.
pub(crate) fn fold(text: &str, into: &mut String) {
    if text.is_ascii() {
        let mut letters = text.bytes().map(|byte| byte.to_ascii_lowercase() as char).peekable();
        while let Some(letter) = letters.next() {
            push(into, letter, letters.peek().copied());
        }
        return;
    }
    let mut plain = String::with_capacity(text.len());
    fold_plainly(text, &mut plain);
    let mut letters = plain.chars().peekable();
    while let Some(letter) = letters.next() {
        push(into, letter, letters.peek().copied());
    }
}

/// As [`fold`], but vowels written in two letters stay as they are.
pub(crate) fn fold_plainly(text: &str, plain: &mut String) {
    for letter in text.chars().flat_map(char::to_lowercase).nfkd().filter(|letter| !is_combining_mark(*letter)) {
        match letter {
            'ß' => plain.push_str("ss"),
            'æ' | 'ǽ' => plain.push('a'),
            'œ' | 'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'ħ' => plain.push('h'),
            'ı' => plain.push('i'),
            'þ' => plain.push_str("th"),
            'ŋ' => plain.push('n'),
            // After an o one sound with it, as in Latin.
            'υ' => plain.push(if plain.ends_with('o') { 'u' } else { 'y' }),
            letter if letter.is_ascii() => plain.push(letter),
            letter => match (latin(letter), digit(letter)) {
                (Some(latin), _) => plain.push_str(latin),
                (_, Some(digit)) => plain.push(digit),
                // Letters of NFKD that are capital only there.
                _ => plain.extend(letter.to_lowercase()),
            },
        }
    }
}

/// Appends a letter, unless it is the second half of a vowel written in two letters. An `e` at the end of a word is
/// none (avenue), nor is one behind `qu` (Queens).
fn push(into: &mut String, letter: char, next: Option<char>) {
    let is_half = match letter {
        'e' => into.ends_with(['a', 'o', 'u']) && !into.ends_with("qu") && next.is_some_and(char::is_alphabetic),
        'a' => into.ends_with('a'),
        _ => false,
    };
    if !is_half {
        into.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut folded = String::new();
        fold(text, &mut folded);
        assert_eq!(folded, expected, "{text}");
    }

    #[test]
    fn letters_lose_case_and_marks() {
        check("Praça São João", "praca sao joao");
        check("ŁÓDŹ", "lodz");
        check("İstiklal Caddesi", "istiklal caddesi");
        check("Queens Avenue", "queens avenue");
    }

    #[test]
    fn greek_and_cyrillic_are_written_in_latin_letters() {
        check("ΑΘΗΝΑ Ижевск", "athina izhevsk");
        check("Οδός Ερμού ٣٤", "odos ermou 34");
        check("улица Щорса", "ulitsa shchorsa");
    }

    #[test]
    fn letters_written_in_two_ways_meet() {
        for spelling in ["Fürstenstraße", "Fuerstenstrasse", "FURSTENSTRASSE"] {
            check(spelling, "furstenstrasse");
        }
        check("Ærøgade", "arogade");
        check("Aeroegade", "arogade");
        check("Åbo", "abo");
        check("Aabo", "abo");
    }
}
