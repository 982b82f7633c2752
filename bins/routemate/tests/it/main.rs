//! The binary as its users run it: commands, a server on a real port, real clients, real kills.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at what is amiss, and times a real process"
)]

mod access;
mod backup;
mod canaries;
mod commands;
mod contract;
mod crash;
mod demo;
mod doctor;
mod easyroutes;
mod endpoints;
mod fetch;
mod files;
mod flows;
mod full_disk;
mod geocode;
mod geocoders;
mod import;
mod job_changes;
mod lists;
mod lost_commits;
mod maps;
mod metrics;
mod native;
mod native_client;
mod native_routes;
mod openapi;
mod planning;
mod pressure;
mod roads;
mod server;
mod shopify;
mod stop_files;
mod tokens;
#[cfg(feature = "otlp")]
mod traces;
