//! The RouteMate Integration API (`/v1`) over the use cases.
//!
//! For: the published wire format, to the letter: names, defaults, messages, statuses, headers. Not for: rules, which are
//! in `routemate-app`. The way in is [`SURFACE`].
//!
//! `convert` turns bodies and queries into commands and gathers every problem with its path; `view` turns what the use
//! cases return into the documented answers; `error` is the only place that knows statuses of refusals.

mod convert;
mod datetime;
mod dto;
mod error;
mod fields;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzzed;
mod job_query;
mod openapi;
mod routes;
mod token;
mod view;
mod warnings;

pub use convert::read_import;
pub use routes::SURFACE;
pub use view::import_body;

#[cfg(test)]
mod samples;
