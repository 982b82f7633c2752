use actix_web::web::ServiceConfig;
use routemate_http::openapi::Surface;
use routemate_http::{Endpoint, Verb, mount};

use crate::{authenticate, drivers, error, imported_stops, openapi, route_changes, route_lists};

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
        verb: Verb::Post,
        path: "/api/2024-07/routes",
        handler: |route| route.to(route_changes::create),
        describe: openapi::create_route,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/2024-07/routes/{route_id}",
        handler: |route| route.to(route_lists::get),
        describe: openapi::get_route,
    },
    Endpoint {
        verb: Verb::Delete,
        path: "/api/2024-07/routes/{route_id}",
        handler: |route| route.to(route_changes::delete),
        describe: openapi::delete_route,
    },
    Endpoint {
        verb: Verb::Post,
        path: "/api/2024-07/routes/{route_id}/reoptimize",
        handler: |route| route.to(route_changes::reoptimize),
        describe: openapi::reoptimize_route,
    },
    Endpoint {
        verb: Verb::Put,
        path: "/api/2024-07/routes/{route_id}/driver",
        handler: |route| route.to(route_changes::assign),
        describe: openapi::assign_driver,
    },
    Endpoint {
        verb: Verb::Delete,
        path: "/api/2024-07/routes/{route_id}/driver",
        handler: |route| route.to(route_changes::unassign),
        describe: openapi::unassign_driver,
    },
    Endpoint {
        verb: Verb::Post,
        path: "/api/2024-07/routes/{route_id}/dispatch",
        handler: |route| route.to(route_changes::dispatch),
        describe: openapi::dispatch_route,
    },
    Endpoint {
        verb: Verb::Delete,
        path: "/api/2024-07/routes/{route_id}/dispatch",
        handler: |route| route.to(route_changes::undispatch),
        describe: openapi::undispatch_route,
    },
    Endpoint {
        verb: Verb::Post,
        path: "/api/2024-07/routes/{route_id}/archive",
        handler: |route| route.to(route_changes::archive),
        describe: openapi::archive_route,
    },
    Endpoint {
        verb: Verb::Delete,
        path: "/api/2024-07/routes/{route_id}/archive",
        handler: |route| route.to(route_changes::unarchive),
        describe: openapi::unarchive_route,
    },
    Endpoint {
        verb: Verb::Post,
        path: "/api/2024-07/routes/{route_id}/stops",
        handler: |route| route.to(route_changes::add_stops),
        describe: openapi::add_stops,
    },
    Endpoint {
        verb: Verb::Get,
        path: "/api/2024-07/routes/{route_id}/stops/{stop_id}",
        handler: |route| route.to(route_lists::get_stop),
        describe: openapi::get_route_stop,
    },
    Endpoint {
        verb: Verb::Delete,
        path: "/api/2024-07/routes/{route_id}/stops/{stop_id}",
        handler: |route| route.to(route_changes::remove_stops),
        describe: openapi::remove_stops,
    },
    Endpoint {
        verb: Verb::Put,
        path: "/api/2024-07/routes/{route_id}/stops/{stop_id}/items",
        handler: |route| route.to(route_changes::replace_items),
        describe: openapi::replace_items,
    },
    Endpoint {
        verb: Verb::Put,
        path: "/api/2024-07/routes/{route_id}/stops/{stop_id}/position",
        handler: |route| route.to(route_changes::move_stop),
        describe: openapi::move_stop,
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
    configure,
    components: openapi::components,
    refuse: error::answer,
    says: error::says,
};

fn configure(cfg: &mut ServiceConfig) {
    mount(cfg, "/api/2024-07", ENDPOINTS, error::answer);
}

#[cfg(test)]
mod tests;
