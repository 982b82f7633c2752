//! What every server has, whatever dialects it speaks: whether it is well, and the description of itself.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data, ServiceConfig};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ComponentsBuilder, Ref};

use crate::code::Code;
use crate::context::Context;
use crate::endpoint::{Endpoint, Verb, resources};
use crate::openapi::{Said, Surface, with_request_id, with_schema};
use crate::rejection::Rejection;
use crate::respond::{json, json_bytes, refuse_plainly};

/// The paths of no dialect.
pub(crate) const SURFACE: Surface = Surface {
    tag: "Service",
    description: "Whether the server is well, and this document.",
    endpoints: ENDPOINTS,
    prefixes: &[],
    configure,
    refuse: refuse_plainly,
    components,
    says,
};

const ENDPOINTS: &[Endpoint] = &[
    Endpoint { verb: Verb::Get, path: "/healthz", handler: |route| route.to(healthz), describe: describe_healthz },
    Endpoint { verb: Verb::Get, path: "/readyz", handler: |route| route.to(readyz), describe: describe_readyz },
    Endpoint {
        verb: Verb::Get,
        path: "/openapi.json",
        handler: |route| route.to(openapi_json),
        describe: describe_openapi_json,
    },
];

/// The OpenAPI document, written once.
#[derive(Debug, Clone)]
pub(crate) struct Description(pub(crate) Bytes);

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// `ok`, `ready`, `stopping` or `unavailable`.
    status: HealthStatus,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum HealthStatus {
    Ok,
    Ready,
    Stopping,
    Unavailable,
}

fn configure(cfg: &mut ServiceConfig) {
    for resource in resources("", ENDPOINTS, refuse_plainly) {
        cfg.service(resource);
    }
}

async fn healthz() -> HttpResponse {
    health(StatusCode::OK, HealthStatus::Ok)
}

async fn readyz(ctx: Data<Context>) -> HttpResponse {
    if ctx.is_draining() {
        return health(StatusCode::SERVICE_UNAVAILABLE, HealthStatus::Stopping);
    }
    let is_ready = ctx.run(|app| async move { Ok(app.is_ready().await) }).await.unwrap_or(false);
    if is_ready {
        health(StatusCode::OK, HealthStatus::Ready)
    } else {
        health(StatusCode::SERVICE_UNAVAILABLE, HealthStatus::Unavailable)
    }
}

fn health(status: StatusCode, health: HealthStatus) -> HttpResponse {
    let mut response = json(status, &Health { status: health });
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

async fn openapi_json(description: Data<Description>) -> HttpResponse {
    json_bytes(StatusCode::OK, description.0.to_vec())
}

fn describe_healthz() -> Operation {
    let ok = described("The process is up.", HealthStatus::Ok);
    OperationBuilder::new()
        .operation_id(Some("getHealth"))
        .summary(Some("Whether the process is up"))
        .response("200", ok)
        .build()
}

fn describe_readyz() -> Operation {
    OperationBuilder::new()
        .operation_id(Some("getReadiness"))
        .summary(Some("Whether the server can do its work"))
        .response("200", described("The database is usable.", HealthStatus::Ready))
        .response("503", described("The database is not usable, or the server is ending.", HealthStatus::Unavailable))
        .build()
}

fn described(text: &str, status: HealthStatus) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Health")));
    let example = serde_json::to_value(Health { status }).unwrap_or_default();
    with_request_id(ResponseBuilder::new().description(text))
        .content("application/json", content.example(Some(example)).build())
}

fn describe_openapi_json() -> Operation {
    let document = ObjectBuilder::new()
        .schema_type(Type::Object)
        .required("openapi")
        .property("openapi", ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["3.1.0"])));
    let content = ContentBuilder::new().schema(Some(document.build())).example(Some(json!({ "openapi": "3.1.0" })));
    OperationBuilder::new()
        .operation_id(Some("getOpenApi"))
        .summary(Some("This document"))
        .response(
            "200",
            with_request_id(ResponseBuilder::new().description("The OpenAPI 3.1 document of this server."))
                .content("application/json", content.build()),
        )
        .build()
}

fn components(components: ComponentsBuilder) -> ComponentsBuilder {
    with_schema::<Health>(components)
}

/// The words of [`refuse_plainly`], and of what stands before every surface.
fn says(rejection: &Rejection) -> Option<Said> {
    let (code, message) = match rejection {
        Rejection::UnknownPath => (Code::NotFound, "Not found"),
        Rejection::MethodNotAllowed { .. } => (Code::MethodNotAllowed, "Method not allowed"),
        _ => return None,
    };
    let body = json!({ "error": message });
    Some(Said {
        code,
        message: message.to_owned(),
        bodies: vec![("application/json", "ErrorText", body)],
        headers: Vec::new(),
    })
}
