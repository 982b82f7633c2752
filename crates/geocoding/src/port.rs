use futures_util::future::BoxFuture;

use crate::candidate::Candidate;
use crate::error::GeocodeError;
use crate::query::Query;

/// Finds the positions that an address may stand for.
///
/// The future may be dropped at any time, which gives the question up.
pub trait Geocoder: Send + Sync {
    /// What `query` may mean, in no particular order; empty when it is known to mean nothing here.
    ///
    /// # Errors
    /// Those of [`GeocodeError`]: the question was not answered.
    fn geocode<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<Candidate>, GeocodeError>>;
}
