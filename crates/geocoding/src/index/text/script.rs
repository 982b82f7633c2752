//! Letters and digits of other scripts in Latin ones, so that who has no such keyboard finds the same names.

/// A Cyrillic letter as passports have it (ICAO Doc 9303, part 3, table B), or a Greek one (ELOT 743), in Latin letters.
/// Small letters without marks only.
pub(super) fn latin(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'е' | 'э' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' | 'і' | 'ы' => "i",
        'ј' => "j",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'ь' => "",
        'ю' => "iu",
        'я' => "ia",
        'є' => "ie",
        'ђ' => "dj",
        'љ' => "lj",
        'њ' => "nj",
        'ћ' => "c",
        'џ' => "dz",
        'α' => "a",
        'β' => "v",
        'γ' => "g",
        'δ' => "d",
        'ε' => "e",
        'ζ' => "z",
        'η' | 'ι' => "i",
        'θ' => "th",
        'κ' => "k",
        'λ' => "l",
        'μ' => "m",
        'ν' => "n",
        'ξ' => "x",
        'ο' | 'ω' => "o",
        'π' => "p",
        'ρ' => "r",
        'σ' | 'ς' => "s",
        'τ' => "t",
        'φ' => "f",
        'χ' => "ch",
        'ψ' => "ps",
        _ => return None,
    })
}

/// The first digits of scripts that write numbers as Latin does, with other signs: Arabic, Persian, Devanagari, Bengali,
/// Gujarati, Tamil, Thai.
const ZEROS: [char; 7] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{ae6}', '\u{be6}', '\u{e50}'];

/// A digit of another script as one of ours.
pub(super) fn digit(sign: char) -> Option<char> {
    let values = ZEROS.iter().filter_map(|zero| u32::from(sign).checked_sub(u32::from(*zero)));
    values.filter(|value| *value < 10).find_map(|value| char::from_digit(value, 10))
}
