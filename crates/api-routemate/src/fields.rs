//! Reads JSON fields one by one and gathers what is wrong with them.

use std::fmt::Display;
use std::ops::RangeInclusive;

use routemate_app::Problem;
use routemate_domain::{ExternalId, JsonText, Text, TextFault};
use serde_json::{Map, Value};

/// What is wrong with a request, in the order of the documented fields.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    /// More is said to nobody: a body of ten megabytes can hold millions of mistakes. The largest import of the Team plan
    /// with every field wrong stays below.
    const MAX: usize = 10_000;

    pub(crate) fn push(&mut self, path: impl Into<String>, message: impl Display) {
        if self.0.len() < Self::MAX {
            self.0.push(Problem::new(path, message));
        }
    }

    /// What was made, unless anything is wrong.
    ///
    /// # Errors
    /// All problems.
    pub(crate) fn unless_any<T>(self, made: Option<T>) -> Result<T, Vec<Problem>> {
        match made {
            Some(made) if self.0.is_empty() => Ok(made),
            _ => Err(self.0),
        }
    }
}

/// The longest `metadata`, in characters of its compact JSON.
const MAX_METADATA: usize = 16_384;

/// One object of the request. Unknown fields are ignored; `null` is absent.
///
/// A reader answers `None` both for what is absent and for what is wrong, having said so in the problems.
#[derive(Debug)]
pub(crate) struct Fields<'v, 'p> {
    pub(crate) object: &'v Map<String, Value>,
    /// Goes before the names in paths: empty, or `stops[0].`.
    pub(crate) prefix: String,
    pub(crate) problems: &'p mut Problems,
}

impl<'v> Fields<'v, '_> {
    pub(crate) fn value(&self, name: &str) -> Option<&'v Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn complain(&mut self, name: &str, message: impl Display) {
        self.problems.push(format!("{}{name}", self.prefix), message);
    }

    /// An identifier; whole numbers become text.
    pub(crate) fn required_id(&mut self, name: &str) -> Option<ExternalId> {
        match self.value(name) {
            Some(Value::Number(number)) if !number.is_f64() => self.checked(name, number.to_string()),
            _ => self.required_text(name),
        }
    }

    pub(crate) fn required_text<const MAX: usize>(&mut self, name: &str) -> Option<Text<MAX>> {
        if self.value(name).is_none() {
            self.complain(name, TextFault::Blank);
            return None;
        }
        let text = self.string(name)?;
        self.checked(name, text.to_owned())
    }

    pub(crate) fn optional_text<const MAX: usize>(&mut self, name: &str) -> Option<Text<MAX>> {
        let text = self.string(name).filter(|text| !text.trim().is_empty())?;
        self.checked(name, text.to_owned())
    }

    /// An optional text with a form of its own; blank is absent.
    pub(crate) fn parsed<T, E: Display>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        let text = self.string(name).filter(|text| !text.trim().is_empty())?;
        parse(text).map_err(|fault| self.complain(name, fault)).ok()
    }

    pub(crate) fn number(&mut self, name: &str) -> Option<f64> {
        let value = self.value(name)?;
        let number = value.as_f64().filter(|number| number.is_finite());
        if number.is_none() {
            self.complain(name, "must be a number");
        }
        number
    }

    pub(crate) fn number_within(&mut self, name: &str, range: RangeInclusive<f64>) -> Option<f64> {
        let number = self.number(name)?;
        if range.contains(&number) {
            return Some(number);
        }
        let (min, max) = range.into_inner();
        self.complain(name, format_args!("must be between {min} and {max}"));
        None
    }

    pub(crate) fn number_up_to(&mut self, name: &str, max: f64) -> Option<f64> {
        let number = self.number(name)?;
        if number < 0.0 {
            self.complain(name, "must be at least 0");
        } else if number > max {
            self.complain(name, format_args!("must be at most {max}"));
        } else {
            return Some(number);
        }
        None
    }

    /// A whole number, also when it is written as `2.0`.
    pub(crate) fn count_up_to(&mut self, name: &str, max: u32) -> Option<u32> {
        let number = self.number(name)?;
        if number.fract() != 0.0 {
            self.complain(name, "must be a whole number");
            return None;
        }
        // Within 0..=u32::MAX and whole: nothing is lost.
        self.number_up_to(name, f64::from(max)).map(|number| number as u32)
    }

    /// The client's own object, empty where it is absent.
    pub(crate) fn metadata(&mut self, name: &str) -> JsonText {
        let Some(value) = self.value(name) else {
            return JsonText::default();
        };
        if !value.is_object() {
            self.complain(name, "must be an object");
            return JsonText::default();
        }
        let text = value.to_string();
        if text.len() > MAX_METADATA && text.chars().count() > MAX_METADATA {
            self.complain(name, TextFault::TooLong { max_chars: MAX_METADATA });
        }
        JsonText::from_serialized(text)
    }

    fn string(&mut self, name: &str) -> Option<&'v str> {
        let value = self.value(name)?;
        let text = value.as_str();
        if text.is_none() {
            self.complain(name, "must be a string");
        }
        text
    }

    fn checked<const MAX: usize>(&mut self, name: &str, text: String) -> Option<Text<MAX>> {
        Text::parse(text).map_err(|fault| self.complain(name, fault)).ok()
    }
}
