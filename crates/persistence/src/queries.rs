//! Queries, one file for each noun. Each body is written once and compiled for both databases.
//!
//! A [`Scope`] is the only way to tenant tables, and every query behind it filters by its organisation. The few queries
//! without one have `system` in their names.

mod addresses;
mod audit;
mod backlog;
mod drivers;
mod events;
mod idempotency;
mod imported_stops;
mod inspection;
mod integrations;
mod job_lists;
mod jobs;
mod organizations;
mod places;
mod queue;
mod rate;
mod route_lists;
mod route_search;
mod routes;
mod saved_stops;
mod shopify_orders;
mod shopify_shops;
mod signing_keys;
mod text_search;
mod tokens;
mod usage;

pub use addresses::RememberedAddress;
pub use audit::AuditEntry;
pub use backlog::Backlog;
pub use drivers::ListedDriver;
pub use events::OutboxEvent;
pub use idempotency::{FinishedKey, IdempotencyKey, KeyState, Reservation};
pub use inspection::KeyMisuse;
pub use job_lists::JobFilter;
pub use jobs::ListedJob;
pub use places::PlaceHolder;
pub use queue::{ClaimedWork, DueWork, NewWork};
pub use rate::RateWindow;
pub use route_lists::{RouteQuery, RouteSort, RoutedStop};
pub use route_search::{ListedRoute, RouteDay, RouteFilter, WhoDrives};
pub use shopify_orders::ShopifyOrderQuery;
pub use shopify_shops::{ListedShop, ShopifyWebhook};
pub use tokens::TokenRecord;
pub use usage::{RequestError, UsageDay};

use routemate_domain::OrganizationId;

use crate::Tx;
use crate::sql_types::DbId;

/// Where the last of `most` rows is, for OFFSET.
fn offset_of_last(most: usize) -> i64 {
    i64::try_from(most.saturating_sub(1)).unwrap_or(i64::MAX)
}

/// The tables of one organisation within a transaction.
#[derive(Debug)]
pub struct Scope<'t> {
    tx: &'t mut Tx,
    organization: OrganizationId,
}

impl Tx {
    /// The tables of one organisation.
    pub fn organization(&mut self, organization: OrganizationId) -> Scope<'_> {
        Scope { tx: self, organization }
    }
}

impl Scope<'_> {
    /// The organisation that every query here filters by.
    const fn key(&self) -> DbId {
        DbId(self.organization.to_uuid())
    }
}
