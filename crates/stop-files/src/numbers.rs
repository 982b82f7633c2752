//! Numbers as people in several countries write them.

/// How `1,234` reads: nobody can tell from the number alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comma {
    /// As one and a bit.
    Decimal,
    /// As more than a thousand.
    Thousands,
}

/// Grams in a kilogram, a pound and an ounce (international avoirdupois).
pub(crate) const KILOGRAM: f64 = 1_000.0;
pub(crate) const POUND: f64 = 453.592_37;
pub(crate) const OUNCE: f64 = POUND / 16.0;

/// The most that EasyRoutes' whole numbers hold.
const MOST: f64 = 2_147_483_647.0;

/// A finite number: with a point or a comma, and with blanks, points, commas or apostrophes between thousands.
pub(crate) fn decimal(text: &str, comma: Comma) -> Option<f64> {
    let plain: String = text
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\''))
        .map(|letter| if letter == '\u{2212}' { '-' } else { letter })
        .collect();
    let is_number = |letter: u8| letter.is_ascii_digit() || matches!(letter, b'+' | b'-' | b'.' | b',' | b'e' | b'E');
    if !plain.bytes().all(is_number) || !plain.bytes().any(|letter| letter.is_ascii_digit()) {
        return None;
    }
    let (commas, points) = (plain.matches(',').count(), plain.matches('.').count());
    let is_comma_last = plain.rfind(',') > plain.rfind('.');
    let is_decimal_comma = match (commas, points) {
        (1, 0) => comma == Comma::Decimal || !is_in_thousands(&plain, ','),
        (1, _) => is_comma_last,
        _ => false,
    };
    let plain = match (is_decimal_comma, commas, points) {
        (true, _, _) => {
            is_in_thousands_or_none(plain.split(',').next()?, '.').then(|| plain.replace('.', "").replace(',', "."))?
        }
        (false, 0, 0 | 1) => plain,
        (false, 0, _) => is_in_thousands(&plain, '.').then(|| plain.replace('.', ""))?,
        (false, _, 0) => is_in_thousands(&plain, ',').then(|| plain.replace(',', ""))?,
        (false, _, 1) => is_in_thousands(plain.split('.').next()?, ',').then(|| plain.replace(',', ""))?,
        (false, _, _) => return None,
    };
    plain.parse().ok().filter(|number: &f64| number.is_finite())
}

fn is_in_thousands_or_none(whole: &str, separator: char) -> bool {
    !whole.contains(separator) || is_in_thousands(whole, separator)
}

/// Whether separators stand before every three digits, and before these alone.
fn is_in_thousands(whole: &str, separator: char) -> bool {
    let mut groups = whole.trim_start_matches(['+', '-']).split(separator);
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len())
        && groups.all(|group| group.len() == 3 && group.bytes().all(|digit| digit.is_ascii_digit()))
}

/// A whole number from 0 to what the API's numbers hold; `5.0` is one, as spreadsheets write it.
pub(crate) fn whole(text: &str, comma: Comma) -> Option<u32> {
    let number = decimal(text, comma)?;
    ((0.0..=MOST).contains(&number) && number.fract() == 0.0).then_some(number as u32)
}

/// Degrees within `most` on both sides of zero: `60.1699`, `60,1699`, `-33.86°`, `33.86 S`.
pub(crate) fn degrees(text: &str, most: f64) -> Option<f64> {
    let upper = text.trim().to_uppercase();
    let (bare, is_negative) = match upper.chars().last()? {
        'N' | 'E' => (upper.get(..upper.len() - 1)?, false),
        'S' | 'W' => (upper.get(..upper.len() - 1)?, true),
        _ => (upper.as_str(), false),
    };
    let bare = bare.trim_end().trim_end_matches('°').trim_end();
    let number = decimal(bare, Comma::Decimal)?;
    let number = if is_negative { -number } else { number };
    (-most..=most).contains(&number).then_some(number)
}

/// Grams of a weight with its unit, or without where `unit` says what a bare number is.
pub(crate) fn grams(text: &str, unit: Option<f64>, comma: Comma) -> Option<u32> {
    let text = text.trim();
    let end = text.find(|letter: char| letter.is_alphabetic()).unwrap_or(text.len());
    let (number, name) = text.split_at_checked(end)?;
    let unit = match name.trim().trim_end_matches('.').to_lowercase().as_str() {
        "" => unit?,
        "g" | "gr" | "gram" | "grams" | "gramm" | "grammes" => 1.0,
        "kg" | "kgs" | "kilo" | "kilos" | "kilogram" | "kilograms" => KILOGRAM,
        "lb" | "lbs" | "pound" | "pounds" => POUND,
        "oz" | "ounce" | "ounces" => OUNCE,
        _ => return None,
    };
    let grams = (decimal(number, comma)? * unit).round();
    (0.0..=MOST).contains(&grams).then_some(grams as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, comma: Comma, expected: Option<f64>) {
        assert_eq!(decimal(text, comma), expected, "{text}");
    }

    #[test]
    fn numbers_are_read_as_they_are_written_there() {
        for comma in [Comma::Decimal, Comma::Thousands] {
            check("60.1699", comma, Some(60.1699));
            check("60,1699", comma, Some(60.1699));
            check("-33,86", comma, Some(-33.86));
            check("\u{2212}5", comma, Some(-5.0));
            check("1.234,5", comma, Some(1234.5));
            check("1,234.5", comma, Some(1234.5));
            check("1 234,5", comma, Some(1234.5));
            check("1'234.5", comma, Some(1234.5));
            check("1.234.567", comma, Some(1_234_567.0));
            check("1,234,567", comma, Some(1_234_567.0));
            check("4.5E1", comma, Some(45.0));
            for wrong in ["", " ", "-", ".", "a", "inf", "NaN", "1.2.3", "1,2,3", "12,34.5", "1e999", "0x10", "1,2.3,4"]
            {
                check(wrong, comma, None);
            }
        }
        check("1,234", Comma::Decimal, Some(1.234));
        check("1,234", Comma::Thousands, Some(1234.0));
        assert_eq!(
            (whole("5.0", Comma::Decimal), whole("5,5", Comma::Decimal), whole("-1", Comma::Decimal)),
            (Some(5), None, None)
        );
        assert_eq!(
            (whole("2147483647", Comma::Decimal), whole("2147483648", Comma::Decimal)),
            (Some(i32::MAX.unsigned_abs()), None)
        );
    }

    #[test]
    fn degrees_may_name_their_side() {
        for (text, expected) in [
            ("60,1699", Some(60.1699)),
            ("33.86 S", Some(-33.86)),
            ("-33.86°", Some(-33.86)),
            ("24.9° e", Some(24.9)),
            ("91", None),
            ("N", None),
            ("60°10'12\"", None),
            ("nan", None),
        ] {
            assert_eq!(degrees(text, 90.0), expected, "{text}");
        }
    }

    #[test]
    fn weights_carry_their_unit_or_the_columns() {
        for (text, unit, expected) in [
            ("500 g", None, Some(500)),
            ("1,5 kg", None, Some(1_500)),
            ("2 lbs", None, Some(907)),
            ("8oz", Some(KILOGRAM), Some(227)),
            ("1.5", Some(KILOGRAM), Some(1_500)),
            ("500", None, None),
            ("5 stone", None, None),
            ("-1 kg", None, None),
            ("kg", None, None),
            ("9999999 kg", None, None),
        ] {
            assert_eq!(grams(text, unit, Comma::Decimal), expected, "{text}");
        }
    }
}
