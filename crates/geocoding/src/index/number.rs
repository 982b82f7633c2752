//! House numbers: what their parts are, and how they are kept.

/// A house number, cut into parts.
///
/// `97-18` is either a compound (block 97, number 18, as in Queens) or a range from 97 to 18: see [`Pair`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub(crate) struct HouseNumber {
    /// What stands before the number of a compound, plus one; zero for none.
    pub(crate) block: u32,
    /// The number; of a range its beginning; zero where there is no digit.
    pub(crate) value: u32,
    /// What follows in letters: `a`, `bis`, `1/2`; the whole of a number that is none.
    pub(crate) suffix: String,
    /// The end of a range; zero for none.
    pub(crate) end: u32,
    /// The number is written with a leading zero: 97-06.
    pub(crate) is_padded: bool,
}

/// How two numbers with a hyphen between them are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pair {
    Range,
    Compound,
}

/// Beyond this a number is none.
const LONGEST: usize = 24;

/// No house stands for more numbers: `302-2760` is flat 302 of number 2760.
const WIDEST_RANGE: u32 = 100;

impl HouseNumber {
    /// Reads a folded number such as `12`, `12a`, `12-14`, `97-06`, `12 bis`, `s2`; `None` where nothing is left.
    pub(crate) fn parse(text: &str, pair: Pair) -> Option<Self> {
        let text: String =
            text.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '/')).collect();
        if text.is_empty() || text.len() > LONGEST {
            return None;
        }
        let (Some(value), rest) = leading(&text) else {
            return Some(Self { suffix: text, ..Self::default() });
        };
        let is_padded = value.starts_with('0') && value.len() > 1;
        let mut number = Self { value: value.parse().ok()?, is_padded, ..Self::default() };
        let (letters, behind) = rest.split_once('-').unwrap_or((rest, ""));
        if let (Some(second), tail) = leading(behind) {
            let second_value: u32 = second.parse().ok()?;
            if pair == Pair::Compound && letters.is_empty() {
                number.block = number.value.checked_add(1)?;
                number.value = second_value;
                number.is_padded = second.starts_with('0') && second.len() > 1;
                number.suffix = tail.to_owned();
                return Some(number);
            }
            if second_value > number.value && second_value - number.value <= WIDEST_RANGE {
                number.suffix = letters.to_owned();
                number.end = second_value;
                return Some(number);
            }
        }
        number.suffix = rest.to_owned();
        Some(number)
    }

    /// Whether two numbers with a hyphen between can only be a compound: the second is no larger, or starts with zero.
    pub(crate) fn is_surely_compound(text: &str) -> Option<bool> {
        let (Some(first), rest) = leading(text) else {
            return None;
        };
        let (Some(second), _) = leading(rest.strip_prefix('-')?) else {
            return None;
        };
        let (first, second_value): (u32, u32) = (first.parse().ok()?, second.parse().ok()?);
        Some(second_value <= first || second.starts_with('0') || second_value - first > 200)
    }

    /// As people write it.
    pub(crate) fn display(&self) -> String {
        let mut text = String::new();
        if self.block > 0 {
            text.push_str(&format!("{}-", self.block - 1));
        }
        if self.value > 0 || self.suffix.is_empty() || self.is_padded {
            if self.is_padded {
                text.push_str(&format!("{:02}", self.value));
            } else {
                text.push_str(&self.value.to_string());
            }
        }
        text.push_str(&self.suffix);
        if self.end > 0 {
            text.push_str(&format!("-{}", self.end));
        }
        text
    }
}

/// The digits at the start, and the rest.
fn leading(text: &str) -> (Option<&str>, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    // More than nine digits are no number of a house.
    ((1..=9).contains(&digits.len()).then_some(digits), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, pair: Pair, expected: (u32, u32, &str, u32), display: &str) {
        let number = HouseNumber::parse(text, pair).unwrap();
        let (block, value, suffix, end) = expected;
        let found = (number.block, number.value, number.suffix.as_str(), number.end);
        assert_eq!(found, (block, value, suffix, end), "{text}");
        assert_eq!(number.display(), display);
    }

    #[test]
    fn numbers_are_cut_into_parts() {
        check("12", Pair::Range, (0, 12, "", 0), "12");
        check("12 bis", Pair::Range, (0, 12, "bis", 0), "12bis");
        check("48-50", Pair::Range, (0, 48, "", 50), "48-50");
        check("97-06", Pair::Compound, (98, 6, "", 0), "97-06");
        check("97-18a", Pair::Compound, (98, 18, "a", 0), "97-18a");
        check("302-2760", Pair::Range, (0, 302, "-2760", 0), "302-2760");
        check("12a-12c", Pair::Range, (0, 12, "a-12c", 0), "12a-12c");
        check("s2", Pair::Range, (0, 0, "s2", 0), "s2");
        check("3/4", Pair::Range, (0, 3, "/4", 0), "3/4");
        check("0", Pair::Range, (0, 0, "", 0), "0");
    }

    #[test]
    fn what_is_no_number_of_a_house_is_none() {
        assert_eq!(HouseNumber::parse(" ", Pair::Range), None);
        assert_eq!(HouseNumber::parse("9999999999999999999999999", Pair::Range), None);
    }

    #[test]
    fn compounds_are_told_from_ranges() {
        assert_eq!(HouseNumber::is_surely_compound("97-06"), Some(true));
        assert_eq!(HouseNumber::is_surely_compound("97-18"), Some(true));
        assert_eq!(HouseNumber::is_surely_compound("11-13"), Some(false));
        assert_eq!(HouseNumber::is_surely_compound("12"), None);
    }
}
