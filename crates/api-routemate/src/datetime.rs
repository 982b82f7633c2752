//! Dates and times as the documents write them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::temporal::{DateTimeParser, DateTimePrinter};
use jiff::tz::TimeZone;

static PARSER: DateTimeParser = DateTimeParser::new();
static PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// Years in which deliveries are made: calendars and databases agree on these, and sums of them never overflow.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2999;

/// Why a text is no date or time. The message completes a sentence that begins with the field's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TimeFault {
    #[error("must be an ISO 8601 date (YYYY-MM-DD)")]
    Date,
    #[error("must be an ISO 8601 datetime")]
    DateTime,
    #[error("must not be before the year {}", YEARS.start())]
    TooEarly,
    #[error("must not be after the year {}", YEARS.end())]
    TooLate,
}

/// `YYYY-MM-DD` and nothing else, of a day that exists.
pub(crate) fn parse_date(text: &str) -> Result<Date, TimeFault> {
    let is_plain = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !is_plain {
        return Err(TimeFault::Date);
    }
    let date = text.parse().map_err(|_| TimeFault::Date)?;
    within_years(date)
}

/// An ISO 8601 date with a time. Without an offset it is civil time in `zone`: a time that clocks skip is moved forward
/// by the gap, of one that they repeat the first is meant.
pub(crate) fn parse_instant(text: &str, zone: &TimeZone) -> Result<Timestamp, TimeFault> {
    let pieces = PARSER.parse_pieces(text.trim()).map_err(|_| TimeFault::DateTime)?;
    let time = pieces.time().ok_or(TimeFault::DateTime)?;
    let civil = within_years(pieces.date())?.to_datetime(time);
    let annotated = pieces.to_time_zone().map_err(|_| TimeFault::DateTime)?;
    match pieces.to_numeric_offset() {
        Some(offset) => offset.to_timestamp(civil).map_err(|_| TimeFault::DateTime),
        None => annotated.as_ref().unwrap_or(zone).to_timestamp(civil).map_err(|_| TimeFault::DateTime),
    }
}

/// UTC with three decimals and `Z`.
pub(crate) fn print_instant(instant: Timestamp) -> String {
    PRINTER.timestamp_to_string(&instant)
}

fn within_years(date: Date) -> Result<Date, TimeFault> {
    match date.year() {
        year if year < *YEARS.start() => Err(TimeFault::TooEarly),
        year if year > *YEARS.end() => Err(TimeFault::TooLate),
        _ => Ok(date),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, TimeFault>) {
        let zone = TimeZone::get("Europe/Helsinki").expect("a zone");
        let printed = parse_instant(text, &zone).map(print_instant);
        assert_eq!(printed.as_deref(), expected.as_ref().map(|text| *text), "{text}");
    }

    #[test]
    fn dates_are_strict_and_real() {
        assert_eq!(parse_date("2024-02-29"), Ok(jiff::civil::date(2024, 2, 29)));
        for text in [
            "2023-02-29",
            "2026-13-01",
            "2026-3-9",
            "20260309",
            "2026-03-09T00:00",
            "09/03/2026",
            " 2026-03-09",
            "+002026-03",
        ] {
            assert_eq!(parse_date(text), Err(TimeFault::Date), "{text}");
        }
        assert_eq!(parse_date("0001-01-01"), Err(TimeFault::TooEarly));
        assert_eq!(parse_date("9999-12-31"), Err(TimeFault::TooLate));
    }

    #[test]
    fn an_offset_beats_the_zone() {
        check("2026-03-09T08:30:00Z", Ok("2026-03-09T08:30:00.000Z"));
        check("2026-03-09T08:30:00.25+10:00", Ok("2026-03-08T22:30:00.250Z"));
        check("2026-03-09T08:30:00-0330", Ok("2026-03-09T12:00:00.000Z"));
        check("2026-03-09T08:30:00+10:00[Australia/Brisbane]", Ok("2026-03-08T22:30:00.000Z"));
    }

    #[test]
    fn civil_times_are_read_in_the_zone() {
        check("2026-03-09T08:30", Ok("2026-03-09T06:30:00.000Z"));
        check("2026-07-09 08:30:15", Ok("2026-07-09T05:30:15.000Z"));
        check("20260309T083000", Ok("2026-03-09T06:30:00.000Z"));
        check("2026-03-09T08:30:00[Australia/Brisbane]", Ok("2026-03-08T22:30:00.000Z"));
        // Helsinki: 03:00 to 04:00 is skipped on 29 March and repeated on 25 October.
        check("2026-03-29T03:30:00", Ok("2026-03-29T01:30:00.000Z"));
        check("2026-10-25T03:30:00", Ok("2026-10-25T00:30:00.000Z"));
    }

    #[test]
    fn what_is_no_datetime_is_refused() {
        for text in
            ["2026-03-09", "08:30", "tomorrow", "2026-03-09T25:00:00Z", "1773045000", "2026-03-09T08:30:00[No/Zone]"]
        {
            check(text, Err(TimeFault::DateTime));
        }
        check("0001-01-01T00:00:00", Err(TimeFault::TooEarly));
        check("9999-12-31T23:59:59Z", Err(TimeFault::TooLate));
    }
}
