//! JSON as protocol buffers have it (proto3 JSON mapping, <https://protobuf.dev/programming-guides/json/>), declared once
//! for each type: how it is read, how it is written, and what the OpenAPI document says of it.
//!
//! Reading: names in camelCase or snake_case; unknown fields ignored; `null` is absent; what is absent has its default;
//! whole numbers as numbers or text; enumerations by name or number. Writing: camelCase; scalars, lists and enumerations
//! always, messages, times and durations where they are set.

mod declare;
mod reading;
mod scalars;

use serde::Serialize;
use serde_json::Value;

pub(crate) use self::declare::{enumeration, message};
pub(crate) use self::reading::{Reading, snake_case};
pub(crate) use self::scalars::{Double, Instant, Int64, Secret, Span};

/// A value that the dialect reads and writes. `Default` is what an absent one is.
pub(crate) trait Wire: Default + Serialize {
    /// What kind of value it is, for whoever describes it.
    fn shape() -> Shape;

    /// Reads a value that is there. What is wrong with it is said, and `None` given.
    fn read(value: &Value, at: &mut Reading) -> Option<Self>;

    /// Whether it is written, or left out because it is not set.
    fn is_written(&self) -> bool {
        true
    }
}

/// A kind of value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// `string`
    Text,
    /// `bool`
    Bool,
    /// `int32`
    Int32,
    /// `int64 (encoded as string)`
    Int64,
    /// `double`
    Double,
    /// `string (RFC3339 format)`
    Instant,
    /// A duration such as `300s`; the documents call it a string.
    Span,
    /// One of some names.
    Enumeration(&'static EnumerationType),
    /// Fields.
    Message(&'static MessageType),
    /// A message, time or duration that may be unset.
    Optional(fn() -> Shape),
    /// Any number of values.
    List(fn() -> Shape),
}

/// A type with fields.
#[derive(Debug)]
pub(crate) struct MessageType {
    /// The name, as in the documents.
    pub(crate) name: &'static str,
    /// What it is, line by line.
    pub(crate) text: &'static [&'static str],
    /// In the documents' order.
    pub(crate) fields: &'static [FieldType],
}

/// A field of a message.
#[derive(Debug)]
pub(crate) struct FieldType {
    /// In camelCase.
    pub(crate) name: &'static str,
    /// What it is, line by line.
    pub(crate) text: &'static [&'static str],
    /// Of which kind.
    pub(crate) shape: fn() -> Shape,
}

/// A type with names for numbers.
#[derive(Debug)]
pub(crate) struct EnumerationType {
    /// The name, as in the documents.
    pub(crate) name: &'static str,
    /// What it is, line by line.
    pub(crate) text: &'static [&'static str],
    /// Every name; its number is its place. The first is what an absent value is.
    pub(crate) values: &'static [&'static str],
}

impl<T: Wire> Wire for Vec<T> {
    fn shape() -> Shape {
        Shape::List(T::shape)
    }

    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        let Some(items) = value.as_array() else {
            at.complain("must be an array");
            return None;
        };
        // Every item is read before any is given up.
        let read = items.iter().enumerate().map(|(index, item)| at.item(index, |at| T::read(item, at)));
        read.collect::<Vec<_>>().into_iter().collect()
    }
}

impl<T: Wire> Wire for Option<T> {
    fn shape() -> Shape {
        Shape::Optional(T::shape)
    }

    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        T::read(value, at).map(Some)
    }

    fn is_written(&self) -> bool {
        self.is_some()
    }
}

#[cfg(test)]
mod tests;
