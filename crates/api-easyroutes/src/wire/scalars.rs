use std::fmt;

use jiff::Timestamp;
use routemate_domain::StopRequest;
use routemate_units::Seconds;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Number, Value};

use super::{Reading, Shape, Wire};

/// A whole number of 64 bits, written as text because JavaScript has none so large.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Int64(pub(crate) i64);

/// A point in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Instant(pub(crate) Timestamp);

/// A length of time in whole seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Seconds);

/// Text that is shown by nothing that is read or said.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) String);

const MAX_SPAN: Seconds = StopRequest::MAX_SERVICE_TIME;
/// Where floating point numbers stop to be whole numbers that are told apart.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Wire for String {
    fn shape() -> Shape {
        Shape::Text
    }

    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        let Some(text) = value.as_str() else {
            at.complain("must be a string");
            return None;
        };
        if text.contains('\0') {
            at.complain("must not contain the character U+0000");
            return None;
        }
        Some(text.to_owned())
    }
}

impl Wire for Secret {
    fn shape() -> Shape {
        Shape::Text
    }

    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        String::read(value, at).map(Self)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Wire for bool {
    fn shape() -> Shape {
        Shape::Bool
    }

    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        let is = value.as_bool();
        if is.is_none() {
            at.complain("must be true or false");
        }
        is
    }
}

impl Wire for i32 {
    fn shape() -> Shape {
        Shape::Int32
    }

    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        let number = whole_value(value, at)?;
        let narrow = Self::try_from(number).ok();
        if narrow.is_none() {
            at.complain(format_args!("must be from {} to {}", Self::MIN, Self::MAX));
        }
        narrow
    }
}

impl Wire for Int64 {
    fn shape() -> Shape {
        Shape::Int64
    }

    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        whole_value(value, at).map(Self)
    }
}

impl Serialize for Int64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A number as protocol buffers write it: 1, not 1.0.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Double(pub(crate) f64);

impl Wire for Double {
    fn shape() -> Shape {
        Shape::Double
    }

    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        let number = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => json_number(text).and_then(|number| number.as_f64()),
            _ => None,
        };
        let number = number.filter(|number| number.is_finite());
        if number.is_none() {
            at.complain("must be a number");
        }
        number.map(Self)
    }
}

impl Serialize for Double {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() < EXACT {
            return serializer.serialize_i64(self.0 as i64);
        }
        serializer.serialize_f64(self.0)
    }
}

impl Wire for Instant {
    fn shape() -> Shape {
        Shape::Instant
    }

    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        let instant = value.as_str().and_then(parse_instant);
        if instant.is_none() {
            at.complain("must be an RFC 3339 date and time, such as 2026-03-09T08:30:00Z");
        }
        instant.map(Self)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // As many digits of a second as are needed, in threes.
        let nanoseconds = self.0.subsec_nanosecond();
        match (nanoseconds % 1_000_000, nanoseconds % 1_000) {
            _ if nanoseconds == 0 => serializer.collect_str(&format_args!("{:.0}", self.0)),
            (0, _) => serializer.collect_str(&format_args!("{:.3}", self.0)),
            (_, 0) => serializer.collect_str(&format_args!("{:.6}", self.0)),
            _ => serializer.collect_str(&format_args!("{:.9}", self.0)),
        }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_instant(&text).map(Self).ok_or_else(|| D::Error::custom("no date and time"))
    }
}

impl Wire for Span {
    fn shape() -> Shape {
        Shape::Span
    }

    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        let number = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => {
                let digits = text.strip_suffix('s').unwrap_or(text);
                json_number(digits).and_then(|number| number.as_f64())
            }
            _ => None,
        };
        let Some(seconds) = number.filter(|number| number.is_finite()) else {
            at.complain("must be a duration in seconds, such as 300s");
            return None;
        };
        if !(0.0..=f64::from(MAX_SPAN.get())).contains(&seconds) {
            at.complain(format_args!("must be from 0s to {}s", MAX_SPAN.get()));
            return None;
        }
        Some(Self(Seconds::from_f64(seconds)))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}s", self.0.get()))
    }
}

/// A date and time with its offset (RFC 3339). A space is read as the plus sign that a query makes one of.
fn parse_instant(text: &str) -> Option<Timestamp> {
    let is_dated = text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b't' | b' '));
    // What jiff reads beyond RFC 3339: zones in brackets, basic dates, days alone.
    if !is_dated || text.contains('[') {
        return None;
    }
    let repaired = text.rfind(' ').filter(|at| *at > 10).map(|at| {
        let (time, offset) = text.split_at(at);
        format!("{time}+{}", offset.trim_start())
    });
    let text = repaired.as_deref().unwrap_or(text);
    text.parse().ok().or_else(|| last_instant(text))
}

/// The last instant that there is, for those of RFC 3339 that come after it: `9999-12-31T23:59:59Z`, as who means for ever.
fn last_instant(text: &str) -> Option<Timestamp> {
    let (day, time) = text.split_at_checked(10)?;
    let is_after = matches!(day, "9999-12-30" | "9999-12-31");
    is_after.then(|| format!("9999-12-29{time}").parse::<Timestamp>().ok()).flatten().map(|_| Timestamp::MAX)
}

fn whole_value(value: &Value, at: &mut Reading) -> Option<i64> {
    let number = match value {
        Value::Number(number) => whole(number),
        Value::String(text) => json_number(text).and_then(|number| whole(&number)),
        _ => None,
    };
    if number.is_none() {
        at.complain("must be a whole number");
    }
    number
}

/// A whole number, however it is written: 5, 5.0, 5e0.
pub(super) fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let number = number.as_f64()?;
        (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i64)
    })
}

/// A number as JSON writes it, and nothing else that could pass for one.
fn json_number(text: &str) -> Option<Number> {
    let is_bare = text.starts_with(|letter: char| letter == '-' || letter.is_ascii_digit())
        && text.ends_with(|letter: char| letter.is_ascii_digit());
    is_bare.then(|| serde_json::from_str(text).ok()).flatten()
}
