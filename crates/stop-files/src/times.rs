//! Times of day, windows and durations as people write them.

use jiff::civil::Time;
use routemate_domain::{DayWindow, StopRequest};
use routemate_units::Seconds;

use crate::numbers::{Comma, decimal};

/// A time of day and whether it said which half of the day it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Clock {
    time: Time,
    half: Option<Half>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

/// `9`, `09:00`, `9.30`, `9h30`, `0930`, `9:00:00`, `9 am`, `9:30 p.m.`, `9 Uhr`; `24:00` is the last second of the day.
pub(crate) fn time(text: &str) -> Option<Time> {
    clock(text).map(|clock| clock.time)
}

fn clock(text: &str) -> Option<Clock> {
    let lower = text.trim().to_lowercase().replace('\u{202f}', " ");
    let halves = [("a.m.", Half::Morning), ("am", Half::Morning), ("p.m.", Half::Afternoon), ("pm", Half::Afternoon)];
    let (bare, half) = halves
        .into_iter()
        .find_map(|(name, half)| Some((lower.strip_suffix(name)?, Some(half))))
        .unwrap_or((lower.as_str(), None));
    let bare = bare.trim_end();
    let bare = ["uhr", "h", "klo"].into_iter().find_map(|word| bare.strip_suffix(word)).unwrap_or(bare).trim();
    let groups: Vec<&str> = bare.split([':', '.', 'h']).map(str::trim).collect();
    let number = |group: &str| -> Option<i8> {
        let is_short = (1..=2).contains(&group.len()) && group.bytes().all(|digit| digit.is_ascii_digit());
        group.parse().ok().filter(|_| is_short)
    };
    let (hours, minutes, seconds) = match groups.as_slice() {
        [all] if matches!(all.len(), 3 | 4) && all.is_ascii() => {
            let (hours, minutes) = all.split_at_checked(all.len() - 2)?;
            (number(hours)?, number(minutes)?, 0)
        }
        [hours] => (number(hours)?, 0, 0),
        [hours, minutes] => (number(hours)?, number(minutes)?, 0),
        [hours, minutes, seconds] => (number(hours)?, number(minutes)?, number(seconds)?),
        _ => return None,
    };
    let hours = match half {
        Some(_) if !(1..=12).contains(&hours) => return None,
        Some(Half::Morning) => hours % 12,
        Some(Half::Afternoon) => hours % 12 + 12,
        None => hours,
    };
    let time = match (hours, minutes, seconds) {
        (24, 0, 0) => Time::new(23, 59, 59, 0),
        _ => Time::new(hours, minutes, seconds, 0),
    };
    Some(Clock { time: time.ok()?, half })
}

/// Words between the two ends of a window, and in front of one that is open.
const BETWEEN: &[&str] = &[" to ", " bis ", " à ", " till ", " until ", " tot ", " hasta ", " a ", " au "];
const FROM: &[&str] =
    &["from ", "after ", "ab ", "von ", "dès ", "de ", "à partir de ", "vanaf ", "desde ", "dalle ", "alkaen "];
const UNTIL: &[&str] =
    &["until ", "till ", "before ", "by ", "bis ", "avant ", "jusqu'à ", "tot ", "hasta ", "fino a "];
const AND: &[&str] = &[" and ", " or ", " und ", " oder ", " et ", " ou ", " ja ", " och ", " & "];

/// Windows with `;`, `,`, `|`, line breaks or a word between. `None` where one is none.
pub(crate) fn windows(text: &str) -> Option<Vec<DayWindow>> {
    let mut text = text.to_lowercase().replace(['–', '—', '\u{2212}', '~', '→'], "-");
    for word in AND {
        text = text.replace(word, ";");
    }
    let parts = text.split([';', ',', '|', '\n', '\r']).map(str::trim).filter(|part| !part.is_empty());
    parts.map(window).collect()
}

fn window(text: &str) -> Option<DayWindow> {
    let without = |words: &[&str]| words.iter().find_map(|word| text.strip_prefix(word)).map(str::trim);
    let (start, end) = match (without(UNTIL), without(FROM)) {
        (Some(end), _) => ("", end.to_owned()),
        (None, from) => {
            let mut rest = from.unwrap_or(text).to_owned();
            for word in BETWEEN {
                rest = rest.replace(word, "-");
            }
            return match rest.split_once('-') {
                Some((start, end)) => between(start, end),
                None if from.is_some() => between(&rest, ""),
                None => None,
            };
        }
    };
    between(start, &end)
}

fn between(start: &str, end: &str) -> Option<DayWindow> {
    let side = |text: &str| match text.trim() {
        "" => Some(None),
        text => clock(text).map(Some),
    };
    let (mut start, end) = (side(start)?, side(end)?);
    // "1-3 pm" is in the afternoon, "11-1 pm" begins before noon.
    if let (Some(Clock { time, half: None }), Some(Clock { time: until, half: Some(Half::Afternoon) })) = (start, end)
        && (1..12).contains(&time.hour())
        && let Ok(later) = Time::new(time.hour() + 12, time.minute(), time.second(), 0)
        && later <= until
    {
        start = Some(Clock { time: later, half: Some(Half::Afternoon) });
    }
    DayWindow::new(start.map(|clock| clock.time), end.map(|clock| clock.time)).ok().flatten()
}

/// Windows as [`windows`] reads them.
pub(crate) fn windows_text(windows: &[DayWindow]) -> String {
    windows.iter().map(window_text).collect::<Vec<_>>().join("; ")
}

fn window_text(window: &DayWindow) -> String {
    match (window.start(), window.end()) {
        (Some(start), Some(end)) => format!("{}-{}", time_text(start), time_text(end)),
        (Some(start), None) => format!("from {}", time_text(start)),
        (None, Some(end)) => format!("until {}", time_text(end)),
        (None, None) => String::new(),
    }
}

fn time_text(time: Time) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    match time.second() {
        0 => format!("{hour:02}:{minute:02}"),
        second => format!("{hour:02}:{minute:02}:{second:02}"),
    }
}

/// How long: a bare number of `unit`, `1:30` (hours and minutes), `0:10:00`, `10 min`, `1 h 30`, `90s`. At most a week.
pub(crate) fn duration(text: &str, unit: Seconds, comma: Comma) -> Option<Seconds> {
    let text = text.trim().to_lowercase();
    let seconds = match decimal(&text, comma) {
        Some(number) => number * f64::from(unit.get()),
        None if text.contains(':') => clock_seconds(&text)?,
        None => named_seconds(&text, comma)?,
    };
    let seconds = seconds.round();
    let whole = (0.0..=f64::from(StopRequest::MAX_SERVICE_TIME.get())).contains(&seconds).then_some(seconds as u32);
    whole.map(Seconds::new)
}

fn clock_seconds(text: &str) -> Option<f64> {
    let parts: Option<Vec<u32>> = text.split(':').map(|part| part.trim().parse().ok()).collect();
    let seconds = match parts?.as_slice() {
        [hours, minutes @ 0..60] => f64::from(*hours) * 3_600.0 + f64::from(minutes * 60),
        [hours, minutes @ 0..60, seconds @ 0..60] => f64::from(*hours) * 3_600.0 + f64::from(minutes * 60 + seconds),
        _ => return None,
    };
    Some(seconds)
}

/// Numbers each with its unit, the largest first; the last may lack it: `1h30`.
fn named_seconds(text: &str, comma: Comma) -> Option<f64> {
    let (mut rest, mut sum, mut last_unit) = (text.trim(), 0.0, f64::INFINITY);
    while !rest.is_empty() {
        let digits =
            rest.find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '.' | ','))).unwrap_or(rest.len());
        let (number, behind) = rest.split_at_checked(digits)?;
        let behind = behind.trim_start();
        let letters = behind.find(|letter: char| letter.is_ascii_digit()).unwrap_or(behind.len());
        let (name, next) = behind.split_at_checked(letters)?;
        let unit = match name.trim().trim_end_matches('.') {
            "h" | "hr" | "hrs" | "hour" | "hours" | "std" | "stunde" | "stunden" | "heure" | "heures" => 3_600.0,
            "m" | "min" | "mins" | "minute" | "minutes" | "minuten" | "mn" | "'" | "minuto" | "minutos" | "minuti" => {
                60.0
            }
            "s" | "sec" | "secs" | "second" | "seconds" | "sek" | "sekunden" | "secondes" | "\"" => 1.0,
            "" if last_unit == 3_600.0 => 60.0,
            _ => return None,
        };
        if unit >= last_unit {
            return None;
        }
        sum += decimal(number, comma)? * unit;
        (rest, last_unit) = (next.trim_start(), unit);
    }
    (last_unit.is_finite() && sum.is_finite()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, expected) in [
            ("9", "09:00"),
            ("09:00", "09:00"),
            ("9.30", "09:30"),
            ("9h30", "09:30"),
            ("9h", "09:00"),
            ("0930", "09:30"),
            ("930", "09:30"),
            ("9:00:05", "09:00:05"),
            ("9 am", "09:00"),
            ("12 AM", "00:00"),
            ("12:30 p.m.", "12:30"),
            ("9:30PM", "21:30"),
            ("17 Uhr", "17:00"),
            ("24:00", "23:59:59"),
            ("0", "00:00"),
        ] {
            assert_eq!(time(text).map(time_text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "25", "9:60", "13 pm", "0 am", "24:01", "9:00:00:00", "noon", "-9", "9:", "123456", "9 :"] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[track_caller]
    fn check_windows(text: &str, expected: Option<&str>) {
        assert_eq!(windows(text).map(|windows| windows_text(&windows)).as_deref(), expected, "{text}");
    }

    #[test]
    fn windows_are_read_as_people_write_them() {
        check_windows("09:00-12:00", Some("09:00-12:00"));
        check_windows("9–12; 14 - 16:30", Some("09:00-12:00; 14:00-16:30"));
        check_windows("9am to 1pm", Some("09:00-13:00"));
        check_windows("1-3pm", Some("13:00-15:00"));
        check_windows("11-1 pm", Some("11:00-13:00"));
        check_windows("From 9 to 12 and 14 to 16", Some("09:00-12:00; 14:00-16:00"));
        check_windows("from 9:00", Some("from 09:00"));
        check_windows("bis 17 Uhr", Some("until 17:00"));
        check_windows("8 bis 17 Uhr", Some("08:00-17:00"));
        check_windows("-12:00", Some("until 12:00"));
        check_windows("9h-", Some("from 09:00"));
        check_windows("", Some(""));
        for wrong in ["9", "12-9", "-", "morning", "9-12-15", "9:00/12:00"] {
            check_windows(wrong, None);
        }
    }

    #[test]
    fn durations_are_of_the_unit_or_say_theirs() {
        let minute = Seconds::new(60);
        for (text, expected) in [
            ("10", 600),
            ("7,5", 450),
            ("00:10", 600),
            ("1:30", 5_400),
            ("0:10:30", 630),
            ("10 min", 600),
            ("1h30", 5_400),
            ("1 h 30 min", 5_400),
            ("90s", 90),
            ("1.5 h", 5_400),
            ("10'", 600),
            ("0", 0),
            ("168 h", 604_800),
        ] {
            assert_eq!(duration(text, minute, Comma::Decimal).map(Seconds::get), Some(expected), "{text}");
        }
        assert_eq!(duration("300", Seconds::new(1), Comma::Decimal), Some(Seconds::new(300)));
        for wrong in ["", "-1", "10 parsecs", "1:60", "30 min 1 h", "169 h", "1:2:3:4", "min", "nan"] {
            assert_eq!(duration(wrong, minute, Comma::Decimal), None, "{wrong}");
        }
    }
}
