//! Changes, which jobs and routes are told alike.

use routemate_app::{ErrorKind, Noun, Problem};
use routemate_domain::Refusal;
use routemate_http::Rejection;
use routemate_http::openapi::{
    Said, about_any_call, about_bodies, about_callers, answers, header, idempotency_key, replayed, to_caller,
    with_token,
};
use serde_json::{Value, json};
use utoipa::openapi::Required;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::header::Header;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder};

use super::stops::{flag, item, new_stop, place, position, uuid};
use super::{IDEMPOTENT, if_match, parameter, text};
use crate::error::says;

const STOP_ID: &str = "0190b6e2-0000-7000-8000-00000000000b";

/// What is changed.
pub(super) struct Changed {
    pub(super) noun: Noun,
    /// As people call it.
    pub(super) name: &'static str,
    /// An entity tag of it.
    pub(super) tag: &'static str,
    /// Which one it is, in the path.
    pub(super) key: fn() -> Parameter,
    /// The whole of it.
    pub(super) answer: fn() -> Content,
}

/// What is said of one change.
pub(super) struct Change {
    pub(super) id: &'static str,
    pub(super) summary: String,
    pub(super) description: &'static str,
    /// The request's schema and an example of it; `None` where nothing is to be said.
    pub(super) request: Option<(ObjectBuilder, Value)>,
    pub(super) is_of_stop: bool,
}

impl Changed {
    pub(super) fn etag(&self) -> Header {
        let says = format!("Changes with every change of the {}.", self.name);
        header(&says, text().examples([json!(self.tag)]))
    }

    pub(super) fn change(&self, change: Change) -> Operation {
        let says = format!("The {} as it stands now.", self.name);
        let ok = to_caller(ResponseBuilder::new().description(says))
            .header("ETag", self.etag())
            .header("Idempotency-Replayed", replayed())
            .content("application/json", (self.answer)());
        let mut operation = OperationBuilder::new()
            .operation_id(Some(change.id))
            .summary(Some(change.summary))
            .description(Some(change.description))
            .security(with_token())
            .parameter((self.key)())
            .parameter(if_match(self.tag))
            .parameter(idempotency_key(IDEMPOTENT))
            .response("200", ok);
        let invalid = ErrorKind::Invalid(vec![Problem::new("body", "must be valid JSON")]);
        let mut refused: Vec<Rejection> = self
            .about_changes()
            .into_iter()
            .chain(about_bodies())
            .chain([invalid.into(), ErrorKind::KeyReused.into()])
            .collect();
        if change.is_of_stop {
            operation = operation.parameter(stop_id());
            refused.push(ErrorKind::NotFound(Noun::Stop).into());
        }
        let operation = operation.request_body(change.request.map(|(schema, example)| request(schema, example)));
        answers(operation, refusals(refused)).build()
    }

    pub(super) fn about_changes(&self) -> Vec<Rejection> {
        let refusal = Refusal { noun: "a route", state: "completed", action: "change" };
        [ErrorKind::NotFound(self.noun), ErrorKind::Refused(refusal), ErrorKind::Changed(self.noun)]
            .map(Rejection::from)
            .into()
    }

    pub(super) fn stops_added(&self, id: &'static str, stop: Value) -> Operation {
        let schema = ObjectBuilder::new()
            .property("stops", ArrayBuilder::new().items(new_stop().build()).min_items(Some(1)))
            .property("position", position())
            .property("optimize", flag())
            .required("stops");
        self.change(Change {
            id,
            summary: format!("Add stops to a {}", self.name),
            description: "At `position`, from 0, in the order as it stands; without one wherever it is best. `optimize` says \
                          whether the order is computed again: by default where there is no `position`.",
            request: Some((schema, json!({ "stops": [stop] }))),
            is_of_stop: false,
        })
    }

    pub(super) fn stop_removed(&self, id: &'static str) -> Operation {
        self.change(Change {
            id,
            summary: format!("Take a stop off a {}", self.name),
            description: "The order of the others is computed again. A stop that is done stays.",
            request: None,
            is_of_stop: true,
        })
    }

    pub(super) fn stop_corrected(&self, id: &'static str, example: Value) -> Operation {
        self.change(Change {
            id,
            summary: "Correct where a stop is".to_owned(),
            description: "The way out of an address that was not found: with a pin, another address, or both. An address \
                          without a pin is looked up. The order is computed again unless `optimize` is false.",
            request: Some((place().property("optimize", flag()), example)),
            is_of_stop: true,
        })
    }

    pub(super) fn stop_moved(&self, id: &'static str) -> Operation {
        let schema = ObjectBuilder::new().property("position", position()).required("position");
        self.change(Change {
            id,
            summary: "Put a stop somewhere else in the order".to_owned(),
            description: "From 0; a number beyond the end is the end. The others keep their order.",
            request: Some((schema, json!({ "position": 2 }))),
            is_of_stop: true,
        })
    }

    pub(super) fn items_replaced(&self, id: &'static str) -> Operation {
        let schema =
            ObjectBuilder::new().property("items", ArrayBuilder::new().items(item().build())).required("items");
        self.change(Change {
            id,
            summary: "Replace what is handed over at a stop".to_owned(),
            description: "All of it.",
            request: Some((schema, json!({ "items": [{ "name": "Bananas", "quantity": 5, "weight_grams": 500 }] }))),
            is_of_stop: true,
        })
    }

    pub(super) fn stop_locked(&self, id: &'static str) -> Operation {
        let schema = ObjectBuilder::new().property("is_locked", flag()).required("is_locked");
        self.change(Change {
            id,
            summary: "Make a stop keep its place".to_owned(),
            description: "When the order is computed again it stays where it is, until it is let go.",
            request: Some((schema, json!({ "is_locked": true }))),
            is_of_stop: true,
        })
    }
}

pub(super) fn refusals(of_its_own: impl IntoIterator<Item = Rejection>) -> Vec<Said> {
    let all = about_any_call().into_iter().chain(about_callers()).chain(of_its_own);
    all.filter_map(|rejection| says(&rejection)).collect()
}

pub(super) fn request(schema: ObjectBuilder, example: Value) -> RequestBody {
    let content = ContentBuilder::new().schema(Some(schema.build())).example(Some(example)).build();
    RequestBodyBuilder::new().required(Some(Required::True)).content("application/json", content).build()
}

fn stop_id() -> Parameter {
    parameter("stop_id", ParameterIn::Path, "RouteMate's id of the stop.", uuid(), STOP_ID).build()
}
