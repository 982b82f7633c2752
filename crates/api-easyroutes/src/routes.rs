use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use routemate_app::{Bucket, Principal};
use routemate_http::openapi::Surface;
use routemate_http::{Context, Endpoint, Rejection, Verb, authenticate_within, mount};

use crate::{authenticate, drivers, error, imported_stops, openapi, route_lists};

/// Everything that is served below `/api/2024-07`.
const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        verb: Verb::Post,
        path: "/api/2024-07/authenticate",
        handler: |route| route.to(authenticate::post),
        describe: openapi::authenticate,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/2024-07/routes",
        handler: |route| route.to(route_lists::list),
        describe: openapi::list_routes,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/2024-07/routes/{route_id}",
        handler: |route| route.to(route_lists::get),
        describe: openapi::get_route,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/2024-07/routes/{route_id}/stops/{stop_id}",
        handler: |route| route.to(route_lists::get_stop),
        describe: openapi::get_route_stop,
    },
    Endpoint {
        verb: Verb::Post,
        path: "/api/2024-07/stops/imports",
        handler: |route| route.to(imported_stops::import),
        describe: openapi::import_stops,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/2024-07/stops/imports",
        handler: |route| route.to(imported_stops::list),
        describe: openapi::list_imported_stops,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/2024-07/stops/imports/{imported_stop_id}",
        handler: |route| route.to(imported_stops::get),
        describe: openapi::get_imported_stop,
    },
    Endpoint {
        verb: Verb::Delete,
        path: "/api/2024-07/stops/imports/{imported_stop_id}",
        handler: |route| route.to(imported_stops::delete),
        describe: openapi::delete_imported_stop,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/2024-07/stops/imports/{imported_stop_id}/routes",
        handler: |route| route.to(imported_stops::routes),
        describe: openapi::get_imported_stop_routes,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/2024-07/stops/shopify/{shopify_order_id}/routes",
        handler: |route| route.to(imported_stops::routes_of_shopify_order),
        describe: openapi::get_shopify_order_routes,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/2024-07/drivers",
        handler: |route| route.to(drivers::list),
        describe: openapi::list_drivers,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/2024-07/drivers/{driver_id}",
        handler: |route| route.to(drivers::get),
        describe: openapi::get_driver,
    },
];

/// The EasyRoutes Routes API, `/api/2024-07`.
pub const SURFACE: Surface = Surface {
    tag: "EasyRoutes API",
    description: "The second published contract: hand stops in, read routes, drivers and proof of delivery out.",
    endpoints: ENDPOINTS,
    prefixes: PREFIXES,
    configure,
    refuse: error::answer,
    components: openapi::components,
    says: error::says,
};

const PREFIXES: &[&str] = &["/api/2024-07"];

fn configure(cfg: &mut ServiceConfig) {
    PREFIXES.iter().for_each(|prefix| mount(cfg, prefix, ENDPOINTS, error::answer));
}

/// Who calls; counted among the calls of this dialect.
pub(crate) async fn caller(ctx: &Context, req: &HttpRequest) -> Result<Principal, Rejection> {
    ctx.check_transport(req)?;
    Ok(authenticate_within(ctx, req, Bucket::EasyRoutes).await?.principal)
}

/// The answer, or the refusal as this dialect writes it.
pub(crate) fn answered(req: &HttpRequest, result: Result<HttpResponse, Rejection>) -> HttpResponse {
    result.unwrap_or_else(|rejection| error::answer(req, rejection))
}

#[cfg(test)]
mod tests;
