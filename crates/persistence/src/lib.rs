//! RouteMate's store: one schema and one set of queries over SQLite and PostgreSQL.
//!
//! It is for everything that must survive a restart: rows and their queries, transactions, migrations, the queue and the
//! outbox. It is not for rules (they are in `routemate-domain`), not a cache, and never talks to anything but its database.
//! No other crate names Diesel. The main type is [`Store`]: [`Store::write`] and [`Store::read`] run a body with an open
//! [`Tx`], which the query functions take as their first argument.

#[cfg(all(feature = "acknowledge-before-commit", not(debug_assertions)))]
compile_error!("a planted fault has no place in a release build");

mod error;
pub mod migrations;
mod pool;
mod postgres;
mod queries;
#[cfg(feature = "test-db")]
mod raw;
mod rows;
mod schema;
#[cfg(feature = "test-db")]
pub mod schema_lint;
#[cfg(feature = "test-db")]
pub mod schema_tools;
mod sql_types;
mod sqlite;
mod store;
#[cfg(feature = "test-db")]
pub mod table_kinds;
#[cfg(feature = "test-db")]
pub mod test_db;
mod tx;
mod url;
mod waiting;

pub use error::{Cause, StoreError, TxError};
pub use queries::{
    AuditEntry, Backlog, ClaimedWork, DueWork, FinishedKey, IdempotencyKey, JobFilter, KeyMisuse, KeyState,
    ListedDriver, ListedJob, ListedRoute, ListedShop, NewWork, OutboxEvent, PlaceHolder, RateWindow, RememberedAddress,
    RequestError, Reservation, RouteDay, RouteFilter, RouteQuery, RouteSort, RoutedStop, Scope, ShopifyOrderQuery,
    ShopifyWebhook, TokenRecord, UsageDay, WhoDrives,
};
pub use sql_types::{DbId, DbInstant, to_stored_precision};
pub use sqlite::check::{FileOwner, FileReport, Thoroughness, check_file, copy_database, settle_file};
pub use store::{DatabaseKind, Store, StoreConfig, StoreStats};
pub use tx::Tx;
pub use waiting::Queue;
