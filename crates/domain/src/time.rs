use std::fmt;

use jiff::Timestamp;
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

/// A time window's end lies before its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must not be before the start of the window")]
pub struct WindowEndsBeforeStart;

#[cfg(test)]
mod tests {
    use super::*;

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
