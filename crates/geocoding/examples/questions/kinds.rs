//! The ways in which people write addresses.

use crate::chance::Chance;
use crate::house::House;

/// One way of writing an address; nothing where it cannot be written so.
pub(crate) type Kind = (&'static str, fn(&House, &[&House], &mut Chance) -> Option<String>);

/// All of them by name.
pub(crate) const KINDS: [Kind; 17] = [
    ("plain", |house, _, _| Some(house.text(&house.plain_line()))),
    ("no_commas", |house, _, _| Some(house.text(&house.plain_line()).replace(',', ""))),
    ("capitals", |house, _, _| Some(house.text(&house.plain_line()).to_uppercase())),
    ("ascii", |house, _, _| {
        let text = house.text(&house.plain_line());
        Some(ascii(&text)).filter(|ascii| *ascii != text)
    }),
    ("two_typos", |house, _, chance| two_typos(&house.text(&house.plain_line()), chance)),
    ("two_typos_in_street", |house, _, chance| {
        let street = two_typos(&house.street, chance)?;
        Some(house.text(&house.line(&house.number, &street)))
    }),
    ("careless", careless),
    ("joined", |house, _, chance| joined(house, chance)),
    ("parted", |house, _, chance| parted(house, chance)),
    ("noise", |house, _, chance| Some(format!("{}{}", chance.of_these(&NOISE)?, house.text(&house.plain_line())))),
    ("noise_of_names", |house, all, chance| {
        let other = chance.of_these(all)?;
        let firm = match chance.below(4) {
            0 => format!("{} Bakery", other.street),
            1 => format!("Hotel {}", other.city),
            2 => format!("{} Dental Practice", other.street),
            _ => format!("{} Shipping Ltd", other.city),
        };
        Some(format!("{firm}, {}", house.text(&house.plain_line())))
    }),
    ("noise_behind", |house, _, chance| {
        Some(format!("{}{}", house.text(&house.plain_line()), chance.of_these(&NOISE_BEHIND)?))
    }),
    ("suffix", |house, _, chance| {
        let number = house.number.bytes().all(|byte| byte.is_ascii_digit()).then_some(&house.number)?;
        let number = format!("{number}{}", chance.of_these(&["a", "b", "C", " bis", "-1", "/2", " a"])?);
        Some(house.text(&house.line(&number, &house.street)))
    }),
    ("wrong_postcode", wrong_postcode),
    ("number_elsewhere", |house, _, _| {
        let line = if house.puts_number_first() {
            format!("{} {}", house.street, house.number)
        } else {
            format!("{} {}", house.number, house.street)
        };
        Some(house.text(&line))
    }),
    ("abbreviated", |house, _, _| {
        let street = abbreviated(house)?;
        Some(house.text(&house.line(&house.number, &street)))
    }),
    ("foreign_city", |house, _, chance| {
        let (city, postcode) = chance.of_these(if house.lng < -30.0 { &FAR_AMERICA } else { &FAR_ELSEWHERE })?;
        let foreign = House {
            city: (*city).to_owned(),
            postcode: (*postcode).to_owned(),
            region: String::new(),
            ..house.clone()
        };
        Some(foreign.text(&house.plain_line()))
    }),
];

const NOISE: [&str; 14] = [
    "Delivery to: ",
    "Deliver to ",
    "Ship to: ",
    "c/o Maria Rossi, ",
    "c/o Jensen, ",
    "Attn: John Smith, ",
    "Acme Trading Ltd, ",
    "Müller & Söhne GmbH, ",
    "Blue Whale Coffee Roasters, ",
    "Lieferung an: ",
    "Livraison: ",
    "Entrega: ",
    "Mrs. Anna Kowalska, ",
    "Zahnarztpraxis Dr. Weber - ",
];

const NOISE_BEHIND: [&str; 6] =
    [", ring twice", " (please call)", ", 2nd floor", ", leave at door", " - reception", ", back entrance"];

const FAR_AMERICA: [(&str, &str); 4] =
    [("Denver", "80202"), ("Winnipeg", "R3C 0V8"), ("Miami", "33130"), ("Halifax", "B3J 1S9")];
const FAR_ELSEWHERE: [(&str, &str); 4] =
    [("Hamburg", "20095"), ("Sevilla", "41001"), ("Perth", "6000"), ("Glasgow", "G1 1XQ")];

/// Letters as who has no others writes them.
fn ascii(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars() {
        let written = match letter {
            'ä' | 'æ' => "ae",
            'ö' | 'ø' => "oe",
            'ü' => "ue",
            'å' => "aa",
            'Ä' | 'Æ' => "Ae",
            'Ö' | 'Ø' => "Oe",
            'Ü' => "Ue",
            'Å' => "Aa",
            'ß' => "ss",
            'à' | 'á' | 'â' | 'ã' => "a",
            'ç' => "c",
            'è' | 'é' | 'ê' => "e",
            'ì' | 'í' => "i",
            'ò' | 'ó' | 'ô' | 'õ' => "o",
            'ù' | 'ú' => "u",
            'Á' | 'À' => "A",
            'É' => "E",
            'Ó' => "O",
            'ñ' => "n",
            other => {
                plain.push(other);
                continue;
            }
        };
        plain.push_str(written);
    }
    plain
}

/// One letter left out, doubled, swapped with the next or taken for its neighbour on the keyboard.
pub(crate) fn typo(word: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 3 {
        return word.to_owned();
    }
    let at = 1 + chance.below(letters.len() - 2);
    match chance.below(5) {
        0 => {
            letters.remove(at);
        }
        1 => letters.insert(at, letters.get(at).copied().unwrap_or('e')),
        2 if at + 1 < letters.len() => letters.swap(at, at + 1),
        3 => {
            if let Some(letter) = letters.get_mut(at) {
                *letter = char::from(b'a' + chance.below(26) as u8);
            }
        }
        _ => {
            let row = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
            if let Some(letter) = letters.get_mut(at)
                && let Some((row, place)) = row.iter().find_map(|row| Some((row, row.find(*letter)?)))
            {
                let beside = if place > 0 { place - 1 } else { 1 };
                *letter = row.chars().nth(beside).unwrap_or('e');
            }
        }
    }
    letters.into_iter().collect()
}

/// Small letters, no commas, no postcode, a short form where there is one, and a slip in the longest word.
fn careless(house: &House, _: &[&House], chance: &mut Chance) -> Option<String> {
    let street = abbreviated(house).unwrap_or_else(|| house.street.clone());
    let house = House { postcode: String::new(), region: String::new(), ..house.clone() };
    let text = house.text(&house.line(&house.number, &street)).to_lowercase().replace(',', "");
    let longest = street
        .split(' ')
        .filter(|word| word.chars().all(char::is_alphabetic))
        .max_by_key(|word| word.len())?
        .to_lowercase();
    (longest.chars().count() > 4).then(|| text.replacen(&longest, &typo(&longest, chance), 1))
}

/// Two slips in long words: in one very long word, or in two.
fn two_typos(text: &str, chance: &mut Chance) -> Option<String> {
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let is_long = |word: &String| {
        word.trim_matches(',').chars().count() >= 5 && word.trim_matches(',').chars().all(char::is_alphabetic)
    };
    let slips: Vec<usize> = (0..words.len()).filter(|at| words.get(*at).is_some_and(is_long)).collect();
    let first = *chance.of_these(&slips)?;
    let is_very_long = words.get(first).is_some_and(|word| word.chars().count() >= 9);
    let second = if slips.len() == 1 && is_very_long { first } else { *chance.of_these(&slips)? };
    if first == second && !is_very_long {
        return None;
    }
    for at in [first, second] {
        let word = words.get_mut(at)?;
        *word = typo(word, chance);
    }
    Some(words.join(" ")).filter(|written| written != text)
}

/// Two words of the street, or the street and its number, without the space between.
fn joined(house: &House, chance: &mut Chance) -> Option<String> {
    let words: Vec<&str> = house.street.split(' ').collect();
    if words.len() < 2 {
        return (!house.puts_number_first()).then(|| house.text(&format!("{}{}", house.street, house.number)));
    }
    let at = chance.below(words.len() - 1);
    let mut street = String::new();
    for (place, word) in words.iter().enumerate() {
        street.push_str(word);
        if place != at && place + 1 < words.len() {
            street.push(' ');
        }
    }
    Some(house.text(&house.line(&house.number, &street)))
}

/// Ends of compounds that are parted from their beginnings.
const ENDS: [&str; 18] = [
    "straße", "strasse", "gasse", "platz", "weg", "katu", "tie", "kuja", "gatan", "vägen", "gade", "vej", "gate",
    "veien", "straat", "laan", "gata", "allee",
];

/// A long word in two.
fn parted(house: &House, chance: &mut Chance) -> Option<String> {
    let long: Vec<&str> = house.street.split(' ').filter(|word| word.chars().count() >= 7).collect();
    let word = *chance.of_these(&long)?;
    let end = ENDS.iter().find_map(|end| word.strip_suffix(end)).filter(|stem| stem.chars().count() > 2);
    let stem = match end {
        Some(stem) => stem.to_owned(),
        None => word.chars().take(3 + chance.below(word.chars().count() - 6)).collect(),
    };
    let rest = word.strip_prefix(stem.as_str()).filter(|rest| rest.chars().all(char::is_alphabetic))?;
    let street = house.street.replacen(word, &format!("{stem} {rest}"), 1);
    Some(house.text(&house.line(&house.number, &street)))
}

/// The postcode of another town of the source, or one with another digit.
fn wrong_postcode(house: &House, all: &[&House], chance: &mut Chance) -> Option<String> {
    if house.postcode.is_empty() || house.city.is_empty() {
        return None;
    }
    let other = chance.of_these(all)?;
    let postcode = if chance.below(2) == 0 && other.postcode != house.postcode && !other.postcode.is_empty() {
        other.postcode.clone()
    } else {
        let digits: Vec<usize> =
            house.postcode.char_indices().filter(|(_, letter)| letter.is_ascii_digit()).map(|(at, _)| at).collect();
        let at = *chance.of_these(&digits)?;
        let digit = house.postcode.get(at..=at)?.parse::<usize>().ok()?;
        let mut postcode = house.postcode.clone();
        postcode.replace_range(at..=at, &((digit + 1 + chance.below(8)) % 10).to_string());
        postcode
    };
    Some(House { postcode, ..house.clone() }.text(&house.plain_line()))
}

/// Short forms that are on letters; of compounds the end.
const SHORT: [(&str, &str); 36] = [
    ("Street", "St"),
    ("Avenue", "Ave"),
    ("Road", "Rd"),
    ("Drive", "Dr"),
    ("Lane", "Ln"),
    ("Place", "Pl"),
    ("Court", "Ct"),
    ("Boulevard", "Blvd"),
    ("Terrace", "Ter"),
    ("Crescent", "Cres"),
    ("Close", "Cl"),
    ("Gardens", "Gdns"),
    ("Square", "Sq"),
    ("North", "N"),
    ("East", "E"),
    ("Straße", "Str."),
    ("Strasse", "Str."),
    ("straße", "str."),
    ("strasse", "str."),
    ("platz", "pl."),
    ("Via", "V."),
    ("Viale", "V.le"),
    ("Piazza", "P.za"),
    ("Corso", "C.so"),
    ("Largo", "L.go"),
    ("Rua", "R."),
    ("Avenida", "Av."),
    ("Travessa", "Tv."),
    ("Praça", "Pç."),
    ("Carrer", "C/"),
    ("Calle", "C/"),
    ("Rue", "R."),
    ("Sankt", "St."),
    ("Saint", "St"),
    ("katu", "k."),
    ("gade", "g."),
];

fn abbreviated(house: &House) -> Option<String> {
    let words = house.street.split(' ').map(|word| {
        let whole = SHORT.iter().find(|(long, _)| *long == word).map(|(_, short)| (*short).to_owned());
        let end = || {
            let (long, short) = SHORT.iter().find(|(long, _)| {
                long.starts_with(char::is_lowercase) && word.len() > long.len() + 2 && word.ends_with(long)
            })?;
            Some(format!("{}{short}", word.strip_suffix(long)?))
        };
        whole.or_else(end).unwrap_or_else(|| word.to_owned())
    });
    let street = words.collect::<Vec<_>>().join(" ");
    (street != house.street).then_some(street)
}
