//! Days as people write them.

use jiff::civil::Date;

/// Which comes first where both could be meant: `3/9/2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// 3 September.
    DayFirst,
    /// March 9.
    MonthFirst,
}

impl DateOrder {
    /// Every order.
    pub const ALL: [Self; 2] = [Self::DayFirst, Self::MonthFirst];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DayFirst => "day_first",
            Self::MonthFirst => "month_first",
        }
    }

    /// The order of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }
}

/// Why a text is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateFault {
    /// There is no such day, or no day at all.
    Malformed,
    /// Day and month could be either way round.
    Ambiguous,
}

/// A date as it is written, before it is known which number is the day.
enum Written {
    Day(Date),
    /// Two numbers and a year.
    Either(i8, i8, i16),
}

/// Reads a day: `2026-03-09`, `2026/3/9`, `9.3.2026`, and `3/9/2026` or `3-9-26` where the order is known or only one makes a
/// day. A time behind it is passed over.
pub(crate) fn date(text: &str, order: Option<DateOrder>) -> Result<Date, DateFault> {
    let (first, second, year) = match written(text).ok_or(DateFault::Malformed)? {
        Written::Day(date) => return Ok(date),
        Written::Either(first, second, year) => (first, second, year),
    };
    let day_first = Date::new(year, second, first).ok();
    let month_first = Date::new(year, first, second).ok();
    match (order, day_first, month_first) {
        (Some(DateOrder::DayFirst), Some(date), _) | (Some(DateOrder::MonthFirst), _, Some(date)) => Ok(date),
        (Some(_), _, _) | (None, None, None) => Err(DateFault::Malformed),
        (None, Some(date), None) | (None, None, Some(date)) => Ok(date),
        (None, Some(date), Some(other)) if date == other => Ok(date),
        (None, Some(_), Some(_)) => Err(DateFault::Ambiguous),
    }
}

/// The only order that makes a day of this text, where there is just one.
pub(crate) fn evident_order(text: &str) -> Option<DateOrder> {
    let Written::Either(first, second, year) = written(text)? else { return None };
    match (Date::new(year, second, first), Date::new(year, first, second)) {
        (Ok(_), Err(_)) => Some(DateOrder::DayFirst),
        (Err(_), Ok(_)) => Some(DateOrder::MonthFirst),
        _ => None,
    }
}

fn written(text: &str) -> Option<Written> {
    // Spreadsheets put midnight behind a day.
    let day = text.trim().split([' ', 'T']).next()?;
    let separator = ['-', '/', '.'].into_iter().find(|separator| day.contains(*separator))?;
    let numbers: Vec<&str> = day.trim_end_matches('.').split(separator).collect();
    let [first, second, third] = numbers.as_slice() else { return None };
    let small = |text: &str| -> Option<i8> {
        text.parse().ok().filter(|_| text.len() <= 2 && text.bytes().all(|digit| digit.is_ascii_digit()))
    };
    let year = |text: &str| -> Option<i16> {
        let number: i16 = text.parse().ok().filter(|_| text.bytes().all(|digit| digit.is_ascii_digit()))?;
        match text.len() {
            2 => Some(2_000 + number),
            4 => Some(number),
            _ => None,
        }
    };
    if first.len() == 4 {
        return Date::new(year(first)?, small(second)?, small(third)?).ok().map(Written::Day);
    }
    let (first, second, year) = (small(first)?, small(second)?, year(third)?);
    match separator {
        // Nobody who writes points puts the month first.
        '.' => Date::new(year, second, first).ok().map(Written::Day),
        _ => Some(Written::Either(first, second, year)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, order: Option<DateOrder>, expected: Result<&str, DateFault>) {
        let read = date(text, order).map(|date| date.to_string());
        assert_eq!(read.as_deref().map_err(|fault| *fault), expected, "{text}");
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for text in ["2026-03-09", "2026/3/9", "9.3.2026", "09.03.26", "2026-03-09 00:00:00", "2026-03-09T00:00"] {
            check(text, None, Ok("2026-03-09"));
        }
        check("31/12/2026", None, Ok("2026-12-31"));
        check("12/31/2026", None, Ok("2026-12-31"));
        check("3/3/2026", None, Ok("2026-03-03"));
        check("3/9/2026", Some(DateOrder::DayFirst), Ok("2026-09-03"));
        check("3-9-26", Some(DateOrder::MonthFirst), Ok("2026-03-09"));
        check("3/9/2026", None, Err(DateFault::Ambiguous));
        for wrong in ["", "tomorrow", "2026-02-30", "32/13/2026", "1/2", "1/2/3/4", "12/31/2026x", "１/2/2026", "46090"]
        {
            check(wrong, None, Err(DateFault::Malformed));
        }
        check("12/31/2026", Some(DateOrder::DayFirst), Err(DateFault::Malformed));
    }

    #[test]
    fn a_day_beyond_twelve_shows_the_order() {
        assert_eq!(evident_order("31/12/2026"), Some(DateOrder::DayFirst));
        assert_eq!(evident_order("12/31/2026"), Some(DateOrder::MonthFirst));
        assert_eq!((evident_order("3/9/2026"), evident_order("9.3.2026"), evident_order("x")), (None, None, None));
    }
}
