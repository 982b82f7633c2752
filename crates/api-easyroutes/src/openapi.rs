//! What the OpenAPI document says of `/api/2024-07`.

mod changes;
mod examples;
mod schemas;

use routemate_app::{ErrorKind, Noun, Problem, Unauthenticated};
use routemate_http::Rejection;
use routemate_http::openapi::{
    about_any_call, about_bodies, about_callers, answers, header, to_caller, with_request_id, with_token,
};
use routemate_units::Seconds;
use serde_json::{Value, json};
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{Required, SecurityRequirement};

use crate::error::says;
use crate::query::{DEFAULT, MOST};
use crate::types::{self, Authenticated, Credentials, DriverList, ImportedStopList, ImportedStopRoutes, RouteList};
use crate::wire::MessageType;

pub(crate) use self::changes::{
    add_stops, archive_route, assign_driver, create_route, delete_route, dispatch_route, move_stop, remove_stops,
    reoptimize_route, replace_items, unarchive_route, unassign_driver, undispatch_route,
};
pub(crate) use self::schemas::components;
use self::schemas::named;

const JSON: &str = "application/json";

pub(crate) fn authenticate() -> Operation {
    let mut refusals = about_any_call();
    refusals.extend(about_bodies());
    refusals.extend([
        invalid("clientId", "is required"),
        ErrorKind::Unauthenticated(Unauthenticated::InvalidCredentials).into(),
        ErrorKind::Disabled.into(),
        ErrorKind::TooMany { retry_after: Seconds::new(45), limit: 60 }.into(),
    ]);
    let kept = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["no-store"]));
    let ok =
        with_request_id(ResponseBuilder::new().description("The token. Earlier ones stay valid until they expire."))
            .header("Cache-Control", header("Nobody keeps a token.", kept))
            .content(JSON, body(&Authenticated::TYPE, examples::authenticated()));
    let operation = OperationBuilder::new()
        .operation_id(Some("Authenticate"))
        .summary(Some("Get an access token"))
        .description(Some(
            "Exchanges client credentials for a token that is valid for an hour, here and for `/v1`. 60 tokens a minute for \
             each client, 600 for each address.",
        ))
        .security(SecurityRequirement::default())
        .request_body(Some(
            RequestBodyBuilder::new()
                .required(Some(Required::True))
                .content(JSON, body(&Credentials::TYPE, examples::credentials()))
                .build(),
        ))
        .response("200", ok);
    finish(operation, refusals)
}

pub(crate) fn list_routes() -> Operation {
    let ok = answer("The routes.", &RouteList::TYPE, examples::route_list());
    let instant = |text: &str| {
        let schema = text_schema().format(Some(SchemaFormat::Custom("date-time".to_owned())));
        (schema, format!("{text} of the time that `query.sortKey` names."))
    };
    let (start, start_text) = instant("The earliest");
    let (end, end_text) = instant("The end, itself left out,");
    let sort = text_schema().enum_values(Some(types::RouteSortKey::TYPE.values.iter().copied()));
    let archived = ObjectBuilder::new().schema_type(Type::Boolean);
    let operation = operation("ListRoutes", "List routes, the latest first")
        .description(Some(
            "The organisation's routes, those of jobs that were imported by `/v1` among them. Keys are also read in \
             snake_case and without `query.`.",
        ))
        .parameter(limit())
        .parameter(query(
            "query.sortKey",
            "By which time routes are listed. One that is not known is `UNKNOWN`.",
            sort,
            "UPDATED_AT",
        ))
        .parameter(query("query.timestampStart", &start_text, start, "2026-03-09T00:00:00Z"))
        .parameter(query("query.timestampEnd", &end_text, end, "2026-03-10T00:00:00Z"))
        .parameter(query("query.includeArchived", "Whether archived routes are listed too.", archived, json!(true)))
        .parameter(cursor())
        .response("200", ok);
    finish(operation, about_lists())
}

pub(crate) fn get_route() -> Operation {
    let ok = answer("The route as it stands.", &types::Route::TYPE, examples::route()).header("ETag", changes::etag());
    let operation = operation("GetRoute", "A route").parameter(route_id()).response("200", ok);
    finish(operation, about_things(Noun::Route))
}

pub(crate) fn get_route_stop() -> Operation {
    let ok = answer("The stop as it stands.", &types::RouteStop::TYPE, examples::route_stop());
    let stop_id = path("stop_id", "The stop's id.", "rst-9817a456-e6fd-4652-b918-5dc89d3621d3");
    let operation =
        operation("GetRouteStop", "A stop on a route").parameter(route_id()).parameter(stop_id).response("200", ok);
    finish(operation, about_things(Noun::Route).into_iter().chain([ErrorKind::NotFound(Noun::Stop).into()]))
}

pub(crate) fn import_stops() -> Operation {
    let ok = answer(
        "The stops as they are kept, one for each that was sent, in that order.",
        &ImportedStopList::TYPE,
        examples::imported_stop_list(),
    );
    let bare = ArrayBuilder::new().items(named(&types::StopToImport::TYPE)).max_items(Some(crate::convert::MAX_STOPS));
    let wrapped = named(&types::StopsToImport::TYPE);
    let either = utoipa::openapi::schema::OneOfBuilder::new().item(Schema::Array(bare.build())).item(wrapped).build();
    let content = ContentBuilder::new().schema(Some(Schema::OneOf(either))).example(Some(examples::stops_to_import()));
    let refusals = about_callers_and_any().into_iter().chain(about_bodies()).chain([
        invalid("stops[2].items[0].quantity", "must be at least 0"),
        invalid("stops[0].address", "or coordinates is required"),
    ]);
    let operation = operation("ImportStops", "Hand stops in")
        .description(Some(
            "All of them or none. A stop whose `clientStopId` is known replaces what was known and keeps its id; of several \
             with one the last counts. Names are also read in snake_case; whole numbers also as text; enumerations also by \
             number. Addresses without coordinates are looked up in the background.",
        ))
        .request_body(Some(
            RequestBodyBuilder::new().required(Some(Required::True)).content(JSON, content.build()).build(),
        ))
        .response("200", ok);
    finish(operation, refusals)
}

pub(crate) fn list_imported_stops() -> Operation {
    let ok = answer("The stops.", &ImportedStopList::TYPE, examples::imported_stop_list());
    let operation = operation("ListImportedStops", "List imported stops, the latest made first")
        .parameter(limit())
        .parameter(cursor())
        .response("200", ok);
    finish(operation, about_lists())
}

pub(crate) fn get_imported_stop() -> Operation {
    let ok = answer("The stop as it is kept.", &types::ImportedStop::TYPE, examples::imported_stop());
    let operation = operation("GetImportedStop", "An imported stop").parameter(imported_stop_id()).response("200", ok);
    finish(operation, about_things(Noun::ImportedStop))
}

pub(crate) fn delete_imported_stop() -> Operation {
    let ok = empty("It is deleted.");
    let operation = operation("DeleteImportedStop", "Delete an imported stop")
        .description(Some("Stops on routes that were made from it stay as they are."))
        .parameter(imported_stop_id())
        .response("200", ok);
    finish(operation, about_things(Noun::ImportedStop))
}

pub(crate) fn get_imported_stop_routes() -> Operation {
    let ok = answer("Where it is.", &ImportedStopRoutes::TYPE, examples::imported_stop_routes());
    let operation = operation("GetImportedStopRouteInfo", "The routes of an imported stop")
        .description(Some("Those that a planner has changed in the last 30 days and that are not deleted."))
        .parameter(imported_stop_id())
        .response("200", ok);
    finish(operation, about_things(Noun::ImportedStop))
}

pub(crate) fn get_shopify_order_routes() -> Operation {
    let ok = answer("Where it is.", &ImportedStopRoutes::TYPE, examples::shopify_order_routes());
    let operation = operation("GetShopifyOrderRouteInfo", "The routes of a Shopify order")
        .description(Some(
            "As for an imported stop; `id` is the order's, which a connected shop has told or a route holds.",
        ))
        .parameter(path("shopify_order_id", "Shopify's number of the order.", "5551234567890"))
        .response("200", ok);
    finish(operation, about_things(Noun::ShopifyOrder))
}

pub(crate) fn list_drivers() -> Operation {
    let ok = answer("The drivers.", &DriverList::TYPE, examples::driver_list());
    let status = text_schema().enum_values(Some(types::DriverStatus::TYPE.values.iter().copied()));
    let statuses = ParameterBuilder::new()
        .name("query.status")
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some("Only drivers of these statuses; may be repeated."))
        .schema(Some(Schema::Array(ArrayBuilder::new().items(status).build())))
        .example(Some(json!(["ACTIVE", "INACTIVE"])))
        .build();
    let operation = operation("ListDrivers", "List drivers")
        .description(Some("People who are invited and have not signed up yet are left out."))
        .parameter(limit())
        .parameter(statuses)
        .parameter(cursor())
        .response("200", ok);
    finish(operation, about_lists())
}

pub(crate) fn get_driver() -> Operation {
    let ok = answer("The driver.", &types::Driver::TYPE, examples::driver());
    let id = path("driver_id", "The driver's id.", "drv-cb93e344-fb1d-4d34-b8a8-8df5cdd9e939");
    finish(operation("GetDriver", "A driver").parameter(id).response("200", ok), about_things(Noun::Driver))
}

fn operation(id: &str, summary: &str) -> OperationBuilder {
    OperationBuilder::new().operation_id(Some(id)).summary(Some(summary)).security(with_token())
}

fn finish(operation: OperationBuilder, refusals: impl IntoIterator<Item = Rejection>) -> Operation {
    answers(operation, refusals.into_iter().filter_map(|rejection| says(&rejection))).build()
}

fn invalid(path: &str, message: &str) -> Rejection {
    ErrorKind::Invalid(vec![Problem::new(path, message)]).into()
}

fn about_callers_and_any() -> Vec<Rejection> {
    about_any_call().into_iter().chain(about_callers()).collect()
}

fn about_lists() -> Vec<Rejection> {
    let mut refusals = about_callers_and_any();
    refusals.push(invalid("query.limit", "must be at most 200"));
    refusals
}

fn about_things(noun: Noun) -> Vec<Rejection> {
    let mut refusals = about_callers_and_any();
    refusals.push(ErrorKind::NotFound(noun).into());
    refusals
}

/// An answer that says nothing.
fn empty(text: &str) -> ResponseBuilder {
    let empty = ObjectBuilder::new().schema_type(Type::Object).max_properties(Some(0));
    let content = ContentBuilder::new().schema(Some(empty.build())).example(Some(json!({})));
    to_caller(ResponseBuilder::new().description(text)).content(JSON, content.build())
}

fn answer(text: &str, message: &MessageType, example: Value) -> ResponseBuilder {
    to_caller(ResponseBuilder::new().description(text)).content(JSON, body(message, example))
}

fn body(message: &MessageType, example: Value) -> Content {
    ContentBuilder::new().schema(Some(named(message))).example(Some(example)).build()
}

fn text_schema() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn limit() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::Custom("int32".to_owned())))
        .minimum(Some(0))
        .maximum(Some(MOST as isize));
    query("query.limit", &format!("How many at most; {DEFAULT} where it is 0 or absent."), schema, json!(DEFAULT))
}

fn cursor() -> Parameter {
    query(
        "cursor",
        "`nextCursor` of the page before. It holds the whole query: what else is sent is ignored.",
        text_schema(),
        json!(""),
    )
}

fn route_id() -> Parameter {
    path("route_id", "The route's id.", "rte-cb93e344-fb1d-4d34-b8a8-8df5cdd9e939")
}

fn imported_stop_id() -> Parameter {
    path("imported_stop_id", "The stop's id, or your `clientStopId`, percent-encoded.", "mystopid-123")
}

fn path(name: &str, text: &str, example: &str) -> Parameter {
    let schema = text_schema().min_length(Some(1));
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(text))
        .schema(Some(schema.build()))
        .example(Some(json!(example)))
        .build()
}

fn query(name: &str, text: &str, schema: ObjectBuilder, example: impl Into<Value>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(text))
        .schema(Some(schema.build()))
        .example(Some(example.into()))
        .build()
}
