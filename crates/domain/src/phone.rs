//! Telephone numbers in E.164: a plus sign, the country's calling code and the national number, 15 digits at most. What is
//! not clear stays as it was given: one odd number never refuses an import.

/// A country that is dialled from outside by a calling code, and inside with a prefix that is left out from outside.
/// `None`: numbers are the same inside and outside.
///
/// Codes and prefixes are those of libphonenumber's metadata 9.0.43 (country code, national prefix); the numbers of digits lie
/// within the lengths that it has for lines and mobiles. Of a country that is not here nothing is known: its national numbers
/// stay as they were given.
struct Dialling {
    country: &'static str,
    calling_code: &'static str,
    trunk_prefix: Option<&'static str>,
    /// How many digits a national number has, without the prefix.
    digits: std::ops::RangeInclusive<usize>,
}

const fn dialling(
    country: &'static str,
    calling_code: &'static str,
    trunk_prefix: Option<&'static str>,
    least: usize,
    most: usize,
) -> Dialling {
    Dialling { country, calling_code, trunk_prefix, digits: least..=most }
}

/// Ordered by country.
const DIALLING: &[Dialling] = &[
    dialling("AE", "971", Some("0"), 8, 9),
    dialling("AT", "43", Some("0"), 4, 13),
    dialling("AU", "61", Some("0"), 9, 9),
    dialling("BE", "32", Some("0"), 8, 9),
    dialling("BG", "359", Some("0"), 7, 9),
    dialling("CA", "1", Some("1"), 10, 10),
    dialling("CH", "41", Some("0"), 9, 9),
    dialling("CY", "357", None, 8, 8),
    dialling("CZ", "420", None, 9, 9),
    dialling("DE", "49", Some("0"), 5, 12),
    dialling("DK", "45", None, 8, 8),
    dialling("EE", "372", None, 7, 8),
    dialling("ES", "34", None, 9, 9),
    dialling("FI", "358", Some("0"), 5, 10),
    dialling("FR", "33", Some("0"), 9, 9),
    dialling("GB", "44", Some("0"), 9, 10),
    dialling("GR", "30", None, 10, 10),
    dialling("HR", "385", Some("0"), 8, 9),
    dialling("HU", "36", Some("06"), 8, 9),
    dialling("IE", "353", Some("0"), 7, 9),
    dialling("IL", "972", Some("0"), 8, 9),
    dialling("IN", "91", Some("0"), 10, 10),
    dialling("IS", "354", None, 7, 7),
    dialling("IT", "39", None, 6, 11),
    dialling("JP", "81", Some("0"), 9, 10),
    dialling("KR", "82", Some("0"), 8, 10),
    dialling("LT", "370", Some("0"), 8, 8),
    dialling("LU", "352", None, 5, 9),
    dialling("LV", "371", None, 8, 8),
    dialling("MT", "356", None, 8, 8),
    dialling("MX", "52", None, 10, 10),
    dialling("NL", "31", Some("0"), 9, 9),
    dialling("NO", "47", None, 8, 8),
    dialling("NZ", "64", Some("0"), 8, 10),
    dialling("PL", "48", None, 9, 9),
    dialling("PT", "351", None, 9, 9),
    dialling("RO", "40", Some("0"), 9, 9),
    dialling("SE", "46", Some("0"), 7, 9),
    dialling("SG", "65", None, 8, 8),
    dialling("SI", "386", Some("0"), 8, 8),
    dialling("SK", "421", Some("0"), 9, 9),
    dialling("TR", "90", Some("0"), 10, 10),
    dialling("UA", "380", Some("0"), 9, 9),
    dialling("US", "1", Some("1"), 10, 10),
    dialling("ZA", "27", Some("0"), 9, 9),
];

/// A number of fewer digits is no subscriber's.
const LEAST_DIGITS: usize = 7;
/// E.164 §6.1.
const MOST_DIGITS: usize = 15;

/// The number in E.164 where that is clear: it names its calling code, or its country dials it so. `country` is alpha-2.
pub(crate) fn phone_in_usual_form(given: &str, country: &str) -> String {
    e164(given, country).unwrap_or_else(|| given.to_owned())
}

fn e164(given: &str, country: &str) -> Option<String> {
    // "+44 (0)20 …" is how the prefix is written for both who dial it and who do not.
    let written = given.trim().replace("(0)", "");
    let is_international = written.starts_with('+');
    let mut digits = String::with_capacity(written.len());
    for letter in written.chars().skip(usize::from(is_international)) {
        match letter {
            '0'..='9' => digits.push(letter),
            ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{2010}'..='\u{2015}' | '\u{202f}' => {}
            // Extensions, letters, a second number.
            _ => return None,
        }
    }
    if is_international {
        return international(&digits);
    }
    let here = DIALLING.iter().find(|dialling| dialling.country == country)?;
    let exit = if here.calling_code == "1" { "011" } else { "00" };
    if let Some(abroad) = digits.strip_prefix(exit) {
        return international(abroad);
    }
    let national = match here.trunk_prefix {
        Some("1") => digits.strip_prefix('1').unwrap_or(&digits),
        // Where people dial a prefix, a number without it may be anything.
        Some(prefix) => digits.strip_prefix(prefix)?,
        None => &digits,
    };
    let is_dialled = here.digits.contains(&national.len());
    is_dialled.then(|| format!("+{}{national}", here.calling_code))
}

fn international(digits: &str) -> Option<String> {
    let is_one = (LEAST_DIGITS..=MOST_DIGITS).contains(&digits.len()) && !digits.starts_with('0');
    is_one.then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &str, country: &str, expected: &str) {
        assert_eq!(phone_in_usual_form(given, country), expected, "{given}, {country}");
    }

    #[test]
    fn numbers_with_a_calling_code_need_no_country() {
        check("+14165551000", "", "+14165551000");
        check(" +1 (416) 555-1000 ", "FI", "+14165551000");
        check("+44 (0)20 7946 0018", "", "+442079460018");
        check("+358\u{a0}40\u{2011}123.4567", "", "+358401234567");
    }

    #[test]
    fn national_numbers_are_dialled_as_their_country_does() {
        check("040 123 4567", "FI", "+358401234567");
        check("00 46 8 123 456 78", "FI", "+46812345678");
        check("(416) 555-1000", "CA", "+14165551000");
        check("1-416-555-1000", "US", "+14165551000");
        check("011 44 20 7946 0018", "US", "+442079460018");
        check("06 1 234 5678", "HU", "+3612345678");
        check("06 1234 5678", "IT", "+390612345678");
        check("612 345 678", "ES", "+34612345678");
    }

    #[test]
    fn what_is_not_clear_stays_as_it_was() {
        for (given, country) in [
            ("", "FI"),
            ("040 123 4567", ""),
            ("040 123 4567", "QQ"),
            ("40 123 4567", "FI"),
            ("+1 416 555 1000 ext. 5", "US"),
            ("call Ann", "US"),
            ("+0123456789", ""),
            ("+12345", ""),
            ("+1234567890123456", ""),
            ("555-1000", "US"),
            ("040 1234567 / 050 1234567", "FI"),
        ] {
            check(given, country, given);
        }
    }

    #[test]
    fn countries_are_in_order() {
        assert!(DIALLING.is_sorted_by_key(|dialling| dialling.country));
    }
}
