//! The EasyRoutes Routes API (`/api/2024-07`) over the use cases.
//!
//! For: the published wire format, to the letter: names, defaults, limits, errors. Not for: rules, which are in
//! `routemate-app`. The way in is [`SURFACE`].
//!
//! `types` declares every type of the dialect once, in the language of `wire`, which knows how protocol buffers are
//! written in JSON: reading, writing and describing come from that declaration. `convert` turns what was read into what
//! the use cases take and gathers every problem with its path; `view` turns what they return into the types again;
//! `error` is the only place that knows statuses of refusals.

mod authenticate;
mod calls;
mod convert;
mod drivers;
mod error;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzzed;
mod ids;
mod imported_stops;
mod openapi;
mod page;
mod path;
mod query;
mod route_changes;
mod route_lists;
mod routes;
mod types;
mod view;
mod wire;

pub use routes::SURFACE;
