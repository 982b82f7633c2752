//! Schemas of the declared types. Names begin with the dialect's: the document is shared with others.

use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{ComponentsBuilder, Ref, RefOr};

use crate::types::{ENUMERATIONS, MESSAGES, StopsToImport};
use crate::wire::{EnumerationType, MessageType, Shape};

/// A reference to a message.
pub(super) fn named(message: &MessageType) -> Ref {
    Ref::from_schema_name(name(message.name))
}

/// Every type.
pub(crate) fn components(components: ComponentsBuilder) -> ComponentsBuilder {
    let asked = reached_by(&StopsToImport::TYPE);
    let components = MESSAGES.iter().fold(components, |components, of| {
        // Nothing is required of whoever asks but what rules say; whatever is answered is complete.
        let is_complete = !asked.contains(&of.name) && of.name != "Credentials";
        components.schema(name(of.name), message(of, is_complete))
    });
    ENUMERATIONS.iter().fold(components, |components, of| components.schema(name(of.name), enumeration(of)))
}

fn name(of: &str) -> String {
    format!("EasyRoutes.{of}")
}

/// The messages that a message is made of, itself included.
fn reached_by(root: &'static MessageType) -> Vec<&'static str> {
    let mut reached = vec![root.name];
    let mut left = vec![root];
    while let Some(message) = left.pop() {
        for field in message.fields {
            if let Some(part) = message_of((field.shape)())
                && !reached.contains(&part.name)
            {
                reached.push(part.name);
                left.push(part);
            }
        }
    }
    reached
}

fn message_of(shape: Shape) -> Option<&'static MessageType> {
    match shape {
        Shape::Message(message) => Some(message),
        Shape::Optional(inner) | Shape::List(inner) => message_of(inner()),
        _ => None,
    }
}

fn message(of: &MessageType, is_complete: bool) -> Schema {
    let object = ObjectBuilder::new().description(Some(text(of.text)));
    let object = of.fields.iter().fold(object, |object, field| {
        let shape = (field.shape)();
        let is_always_there = is_complete && !matches!(shape, Shape::Optional(_));
        let object = object.property(field.name, described(schema(shape), &text(field.text)));
        if is_always_there { object.required(field.name) } else { object }
    });
    Schema::Object(object.build())
}

fn enumeration(of: &EnumerationType) -> Schema {
    let values = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(of.values.iter().copied()));
    Schema::Object(values.description(Some(text(of.text))).build())
}

fn schema(shape: Shape) -> RefOr<Schema> {
    let object = |of, format: Option<&str>| {
        let format = format.map(|format| SchemaFormat::Custom(format.to_owned()));
        ObjectBuilder::new().schema_type(of).format(format)
    };
    let object = match shape {
        Shape::Text => object(Type::String, None),
        Shape::Bool => object(Type::Boolean, None),
        Shape::Int32 => object(Type::Integer, Some("int32")),
        Shape::Int64 => object(Type::String, Some("int64")).pattern(Some("^-?[0-9]+$")),
        Shape::Double => object(Type::Number, Some("double")),
        Shape::Instant => object(Type::String, Some("date-time")),
        Shape::Span => object(Type::String, Some("duration-in-seconds")).pattern(Some("^[0-9]+s$")),
        Shape::Enumeration(of) => return Ref::from_schema_name(name(of.name)).into(),
        Shape::Message(of) => return named(of).into(),
        Shape::Optional(inner) => return schema(inner()),
        Shape::List(inner) => return Schema::Array(ArrayBuilder::new().items(schema(inner())).build()).into(),
    };
    Schema::Object(object.build()).into()
}

/// The schema with a description; one that refers to another keeps the other's beside it.
fn described(schema: RefOr<Schema>, text: &str) -> RefOr<Schema> {
    match schema {
        RefOr::Ref(mut reference) => {
            text.clone_into(&mut reference.description);
            RefOr::Ref(reference)
        }
        RefOr::T(Schema::Object(mut object)) => {
            object.description = Some(text.to_owned());
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.description = Some(text.to_owned());
            RefOr::T(Schema::Array(array))
        }
        other => other,
    }
}

fn text(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}
