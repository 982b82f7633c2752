//! Schemas of the declared types. Names begin with the dialect's: the document is shared with others.

use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{ComponentsBuilder, Ref, RefOr};

use super::rules;
use crate::types::{
    Credentials, ENUMERATIONS, MESSAGES, RouteDispatch, RouteDriver, RouteToCreate, StopItems, StopPosition,
    StopsToAdd, StopsToImport,
};
use crate::wire::{EnumerationType, MessageType, Shape};

/// What is sent to us.
const REQUESTS: &[&MessageType] = &[
    &Credentials::TYPE,
    &StopsToImport::TYPE,
    &RouteToCreate::TYPE,
    &StopsToAdd::TYPE,
    &StopItems::TYPE,
    &RouteDriver::TYPE,
    &RouteDispatch::TYPE,
    &StopPosition::TYPE,
];

/// A reference to a message.
pub(super) fn named(message: &MessageType) -> Ref {
    Ref::from_schema_name(name(message.name))
}

/// Every type.
pub(crate) fn components(components: ComponentsBuilder) -> ComponentsBuilder {
    let asked: Vec<_> = REQUESTS.iter().flat_map(|of| reached_by(of)).collect();
    let components = MESSAGES.iter().fold(components, |components, of| {
        // Nothing is required of whoever asks but what rules say; whatever is answered is complete.
        let is_complete = !asked.contains(&of.name);
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

fn message(of: &'static MessageType, is_complete: bool) -> Schema {
    let object = ObjectBuilder::new().description(Some(text(of.text)));
    let object = of.fields.iter().fold(object, |object, field| {
        let shape = (field.shape)();
        let place = (!is_complete).then_some((of.name, field.name));
        let is_always_there = is_complete && !matches!(shape, Shape::Optional(_));
        let is_required = is_always_there || !is_complete && rules::required(of.name).contains(&field.name);
        let object = object.property(field.name, described(schema(shape, place), &text(field.text)));
        if is_required { object.required(field.name) } else { object }
    });
    Schema::Object(object.build())
}

fn enumeration(of: &EnumerationType) -> Schema {
    let values = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(of.values.iter().copied()));
    Schema::Object(values.description(Some(text(of.text))).build())
}

/// A kind of value; in the field of a request (its message's name, its own) within its rules.
fn schema(shape: Shape, place: Option<(&str, &str)>) -> RefOr<Schema> {
    let object = |of, format: Option<&str>| {
        let format = format.map(|format| SchemaFormat::Custom(format.to_owned()));
        ObjectBuilder::new().schema_type(of).format(format)
    };
    let number = |number: ObjectBuilder| match place {
        Some((message, field)) => rules::number(message, field, number),
        None => number,
    };
    let object = match (shape, place) {
        (Shape::Text, Some((message, field))) => rules::text(message, field, object(Type::String, None)),
        (Shape::Text, None) => object(Type::String, None),
        (Shape::Bool, _) => object(Type::Boolean, None),
        (Shape::Int32, _) => number(object(Type::Integer, Some("int32"))),
        (Shape::Int64, _) => object(Type::String, Some("int64")).pattern(Some("^-?[0-9]+$")),
        (Shape::Double, _) => number(object(Type::Number, Some("double"))),
        (Shape::Instant, _) => object(Type::String, Some("date-time")),
        (Shape::Span, _) => {
            let span = object(Type::String, Some("duration-in-seconds")).pattern(Some("^(0|[1-9][0-9]*)s$"));
            match place {
                Some((message, _)) => rules::span(message, span),
                None => span,
            }
        }
        (Shape::Enumeration(of), _) => match place.and_then(|(message, field)| rules::values(message, field)) {
            Some(values) => object(Type::String, None).enum_values(Some(values)),
            None => return Ref::from_schema_name(name(of.name)).into(),
        },
        (Shape::Message(of), _) => return named(of).into(),
        (Shape::Optional(inner), _) => return schema(inner(), place),
        (Shape::List(inner), _) => {
            let list = ArrayBuilder::new().items(schema(inner(), place));
            let list = match place {
                Some((message, field)) => rules::list(message, field, list),
                None => list,
            };
            return Schema::Array(list.build()).into();
        }
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
