//! The store on real databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests")]

mod failures;
mod group_commit;
mod migrations;
mod notes;
mod schema_rules;
mod transactions;
