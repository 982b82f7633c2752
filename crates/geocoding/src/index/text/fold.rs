use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Appends `text` in small letters without marks: `Fürst-Ærø ŁÓDŹ ﬁ` becomes `furst-aro lodz fi`.
///
/// Letters that languages write in two ways meet in one: ä, ae and a; ö, oe and o; ü, ue and u; å, aa and a; ß and ss.
/// Few names differ by these alone, and whoever writes without the right keyboard takes either.
pub(crate) fn fold(text: &str, into: &mut String) {
    if text.is_ascii() {
        text.bytes().for_each(|byte| push(into, byte.to_ascii_lowercase() as char));
        return;
    }
    for letter in text.chars().flat_map(char::to_lowercase).nfkd().filter(|letter| !is_combining_mark(*letter)) {
        match letter {
            'ß' => into.push_str("ss"),
            'æ' | 'ǽ' => push(into, 'a'),
            'œ' | 'ø' => push(into, 'o'),
            'ł' => into.push('l'),
            'đ' | 'ð' => into.push('d'),
            'ħ' => into.push('h'),
            'ı' => into.push('i'),
            'þ' => into.push_str("th"),
            'ŋ' => into.push('n'),
            // Letters of NFKD that are capital only there.
            letter => letter.to_lowercase().for_each(|letter| push(into, letter)),
        }
    }
}

/// Appends a letter, unless it is the second half of a vowel written in two letters.
fn push(into: &mut String, letter: char) {
    let is_half = match letter {
        'e' => into.ends_with(['a', 'o', 'u']),
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
        check("ΑΘΗΝΑ Ижевск", "αθηνα ижевск");
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
