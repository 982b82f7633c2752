use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// An IANA time zone that is known here, with the name as it was given.
#[derive(Clone, PartialEq, Eq)]
pub struct ZoneName {
    name: String,
    zone: TimeZone,
}

impl ZoneName {
    /// Looks the name up, ASCII case ignored, in the time zone database that is compiled in.
    ///
    /// # Errors
    /// [`UnknownTimeZone`] where there is no such zone.
    pub fn parse(name: &str) -> Result<Self, UnknownTimeZone> {
        match TimeZone::get(name) {
            Ok(zone) => Ok(Self { name: name.to_owned(), zone }),
            Err(_) => Err(UnknownTimeZone),
        }
    }

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The zone's rules.
    #[must_use]
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }
}

impl fmt::Debug for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ZoneName({})", self.name)
    }
}

/// No time zone of this name is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an IANA time zone, such as Europe/Helsinki")]
pub struct UnknownTimeZone;

/// When service at a stop may begin; an absent bound is open. Both ends belong to the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeWindow {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
}

impl TimeWindow {
    /// A window from its bounds; `None` where both are open, which is no window at all.
    ///
    /// # Errors
    /// [`WindowEndsBeforeStart`]; a window of one instant is allowed.
    pub fn new(start: Option<Timestamp>, end: Option<Timestamp>) -> Result<Option<Self>, WindowEndsBeforeStart> {
        match (start, end) {
            (None, None) => Ok(None),
            (Some(start), Some(end)) if end < start => Err(WindowEndsBeforeStart),
            _ => Ok(Some(Self { start, end })),
        }
    }

    /// The earliest instant, or open.
    #[must_use]
    pub const fn start(&self) -> Option<Timestamp> {
        self.start
    }

    /// The latest instant, or open.
    #[must_use]
    pub const fn end(&self) -> Option<Timestamp> {
        self.end
    }
}

/// When service at a stop may begin, by the clock on the wall of whichever day it is; an absent bound is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayWindow {
    start: Option<Time>,
    end: Option<Time>,
}

impl DayWindow {
    /// A window from its bounds; `None` where both are open, which is no window at all.
    ///
    /// # Errors
    /// [`WindowEndsBeforeStart`]; a window of one instant is allowed.
    pub fn new(start: Option<Time>, end: Option<Time>) -> Result<Option<Self>, WindowEndsBeforeStart> {
        match (start, end) {
            (None, None) => Ok(None),
            (Some(start), Some(end)) if end < start => Err(WindowEndsBeforeStart),
            _ => Ok(Some(Self { start, end })),
        }
    }

    /// The earliest time of day, or open.
    #[must_use]
    pub const fn start(&self) -> Option<Time> {
        self.start
    }

    /// The latest time of day, or open.
    #[must_use]
    pub const fn end(&self) -> Option<Time> {
        self.end
    }

    /// The window on one day in one zone. A time that clocks skip that day is the one as much later, a time that comes
    /// twice the first of the two; `None` beyond the instants that there are.
    #[must_use]
    pub fn on(&self, day: Date, zone: &ZoneName) -> Option<TimeWindow> {
        let instant = |time: Time| day.to_datetime(time).to_zoned(zone.zone().clone()).ok().map(|at| at.timestamp());
        let start = self.start.and_then(instant);
        // Clocks that jump may put the end before the start.
        let end = self.end.and_then(instant).map(|end| start.map_or(end, |start| end.max(start)));
        TimeWindow::new(start, end).ok().flatten()
    }
}

/// A time window's end lies before its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must not be before the start of the window")]
pub struct WindowEndsBeforeStart;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_window(day: Date, (start, end): (Time, Time), expected: (&str, &str)) {
        let zone = ZoneName::parse("Europe/Helsinki").expect("a zone");
        let window = DayWindow::new(Some(start), Some(end)).expect("in order").expect("bounded");
        let on = window.on(day, &zone).expect("a window");
        let shown = (on.start().map(|at| at.to_string()), on.end().map(|at| at.to_string()));
        assert_eq!(shown, (Some(expected.0.to_owned()), Some(expected.1.to_owned())));
    }

    #[test]
    fn times_of_day_follow_the_clocks_of_their_day() {
        use jiff::civil::{date, time};
        let at = |hour, minute| time(hour, minute, 0, 0);
        check_window(date(2026, 1, 5), (at(9, 0), at(17, 0)), ("2026-01-05T07:00:00Z", "2026-01-05T15:00:00Z"));
        check_window(date(2026, 7, 5), (at(9, 0), at(17, 0)), ("2026-07-05T06:00:00Z", "2026-07-05T14:00:00Z"));
        // Clocks jump from 3 to 4 on this day: 3:30 is 4:30, which lies after 4:10.
        check_window(date(2026, 3, 29), (at(3, 30), at(4, 10)), ("2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"));
        // 3:30 comes twice on this one.
        check_window(date(2026, 10, 25), (at(3, 30), at(4, 10)), ("2026-10-25T00:30:00Z", "2026-10-25T02:10:00Z"));
        assert_eq!(DayWindow::new(Some(at(10, 0)), Some(at(9, 59))), Err(WindowEndsBeforeStart));
        assert_eq!(DayWindow::new(None, None), Ok(None));
        assert!(DayWindow::new(None, Some(at(9, 0))).is_ok_and(|window| window.is_some()));
    }

    #[test]
    fn zones_come_from_the_compiled_in_database() {
        assert_eq!(
            ZoneName::parse("Australia/Brisbane").map(|zone| zone.as_str().to_owned()).as_deref(),
            Ok("Australia/Brisbane")
        );
        assert_eq!(ZoneName::parse("Mars/Olympus"), Err(UnknownTimeZone));
        assert_eq!(ZoneName::parse(""), Err(UnknownTimeZone));
    }

    #[test]
    fn a_window_of_one_instant_is_allowed_and_a_reversed_one_refused() {
        let (early, late) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        assert!(matches!(TimeWindow::new(Some(early), Some(early)), Ok(Some(_))));
        assert_eq!(TimeWindow::new(Some(late), Some(early)), Err(WindowEndsBeforeStart));
        assert_eq!(TimeWindow::new(None, None), Ok(None));
    }
}
