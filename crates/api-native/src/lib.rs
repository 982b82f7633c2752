//! RouteMate's own paths: the full view of a job (`GET /api/v1/jobs/{id}`) and its page (`GET /app/jobs/{id}`), the search
//! for addresses (`POST /api/v1/geocode`) and what an organisation remembers of them (`/api/v1/addresses`).
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
mod jobs;
mod link;
mod openapi;
mod page;
mod routes;
mod sketch;
mod stop_files;

pub use convert::job_json;
pub use link::job_link_url;
pub use routes::SURFACE;
pub use stop_files::stop_file_json;

#[cfg(test)]
mod samples;
