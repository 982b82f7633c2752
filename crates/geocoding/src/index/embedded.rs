use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::AddressIndex;
use crate::candidate::Candidate;
use crate::error::GeocodeError;
use crate::port::Geocoder;
use crate::query::Query;

/// The geocoder that needs nobody: one index or several.
///
/// It answers at once, on the caller's thread, and never fails.
#[derive(Debug, Clone)]
pub struct EmbeddedGeocoder {
    indexes: Vec<Arc<AddressIndex>>,
}

/// More than these nobody chooses from.
const MOST_CANDIDATES: usize = 5;

impl EmbeddedGeocoder {
    /// Asks these indexes, all of them for each query.
    #[must_use]
    pub const fn new(indexes: Vec<Arc<AddressIndex>>) -> Self {
        Self { indexes }
    }

    /// What the query may mean in any of the indexes, the most confident first.
    #[must_use]
    pub fn lookup(&self, query: &Query) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = self.indexes.iter().flat_map(|index| index.lookup(query)).collect();
        candidates.sort_by(|a, b| b.confidence.get().total_cmp(&a.confidence.get()));
        candidates.truncate(MOST_CANDIDATES);
        candidates
    }
}

impl Geocoder for EmbeddedGeocoder {
    fn geocode<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<Candidate>, GeocodeError>> {
        Box::pin(async move { Ok(self.lookup(query)) })
    }
}
