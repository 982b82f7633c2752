//! RouteMate's own paths: jobs (`/api/v1/jobs`) and the page of one (`GET /app/jobs/{id}`), routes whichever door they came
//! in by (`/api/v1/routes`), drivers (`/api/v1/drivers`), stops that are kept (`/api/v1/saved-stops`) or were handed in
//! (`/api/v1/imported-stops`), the search for addresses (`POST /api/v1/geocode`) and what an organisation remembers of them
//! (`/api/v1/addresses`), and what shops at Shopify tell of their orders (`/api/v1/shopify`).
//!
//! For: what the documented dialects have no place for. Not for: rules, which are in `routemate-app`. The way in is
//! [`SURFACE`]; [`job_link_url`] writes the address of a page that needs no account.
//!
//! Errors are RFC 9457 problems. The page names nothing of a job unless its link is signed, has not expired, and the job
//! is there; what it shows then is escaped, runs no scripts and loads nothing.

mod addresses;
mod convert;
mod drivers;
mod dto;
mod error;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzzed;
mod geocode;
mod imported_stops;
mod job_changes;
mod job_page;
mod jobs;
mod link;
mod openapi;
mod page;
mod paging;
mod responses;
mod route_changes;
mod route_lists;
mod route_view;
mod routes;
mod saved_stops;
mod shopify;
mod sketch;
mod stop_file_view;
mod stop_files;
mod stop_requests;

pub use convert::job_json;
pub use drivers::{changed_driver_json, driver_json};
pub use job_changes::read_job_change;
pub use link::job_link_url;
pub use route_lists::sought_driver;
pub use route_view::{listed_route_json, route_json};
pub use routes::SURFACE;
pub use saved_stops::{read_saved_stop, saved_stop_json};
pub use stop_file_view::stop_file_json;

#[cfg(test)]
mod samples;
