//! The use cases over real databases, with everything else under the tests' control.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests")]

mod addresses;
mod attempts;
mod background;
mod crowd;
mod driver_changes;
mod driver_races;
mod drivers;
mod facts;
mod idempotency;
mod ids;
mod import;
mod imported_stops;
mod interleaving;
mod job_changes;
mod limits;
mod listing;
mod locating;
mod progress;
mod reading;
mod refreshing;
mod round_trip;
mod route_changes;
mod saved_stops;
mod stop_files;
mod stop_requests;
mod stop_search;
mod stored;
mod sweep;
mod takeover;
mod tenancy;
mod tokens;
mod usage;
mod windows;
