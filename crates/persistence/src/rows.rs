//! Rows as the tables hold them, and their way from and to the domain's types.

mod documents;
mod imported_stop;
mod job;
mod organization;
mod people;
mod place;
mod route;
mod saved_stop;
mod shopify;
mod stop;
mod stop_request;
mod terminals;

pub(crate) use imported_stop::ImportedStopRow;
pub(crate) use job::{JobRow, searched};
pub(crate) use organization::{IntegrationRow, OrganizationRow};
pub(crate) use people::{DriverRow, InvitationRow};
pub(crate) use route::{LineRow, RouteRow};
pub(crate) use saved_stop::SavedStopRow;
pub(crate) use shopify::{ShopifyOrderRow, ShopifyShopRow};
pub(crate) use stop::{StopProgress, StopRow, StopSequence, source_key};

use jiff::Timestamp;

use crate::StoreError;
use crate::sql_types::DbInstant;

/// What a stored value is not.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not known")]
struct UnknownValue(String);

/// The member of `all` whose stable name is stored.
fn parse_name<T: Copy>(
    table: &'static str,
    column: &'static str,
    stored: &str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, StoreError> {
    all.iter()
        .copied()
        .find(|&item| name(item) == stored)
        .ok_or_else(|| StoreError::corrupt(table, column, UnknownValue(stored.to_owned())))
}

/// A time that a status asks for.
fn required(table: &'static str, column: &'static str, at: Option<DbInstant>) -> Result<Timestamp, StoreError> {
    at.map(Timestamp::from).ok_or_else(|| StoreError::corrupt(table, column, "missing for this status"))
}

fn to_u32(table: &'static str, column: &'static str, value: i64) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|error| StoreError::corrupt(table, column, error))
}
