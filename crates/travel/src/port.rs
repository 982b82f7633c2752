use std::error::Error;

use futures_util::future::BoxFuture;
use routemate_units::{LatLng, StopToken};

use crate::matrix::Matrix;
use crate::path::TravelPath;

/// Tells how long it takes and how far it is to drive between points.
///
/// Matrix and path of one adapter agree: the legs of a path have the durations and distances that the matrix gives for
/// the same pairs.
pub trait TravelMatrix: Send + Sync {
    /// All durations and distances between `points`, in their order; equal points may occur.
    ///
    /// Gives up soon after `stop` was stopped.
    ///
    /// # Errors
    /// Those of [`TravelError`]. A pair without a way between is no error, see [`Matrix::leg`].
    fn matrix<'a>(&'a self, points: &'a [LatLng], stop: &'a StopToken) -> BoxFuture<'a, Result<Matrix, TravelError>>;

    /// The way through `points` in their order.
    ///
    /// # Errors
    /// Those of [`TravelError`].
    fn path<'a>(&'a self, points: &'a [LatLng]) -> BoxFuture<'a, Result<TravelPath, TravelError>>;
}

/// How far an answer can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// Driven along a road network.
    Roads,
    /// Estimated without one; whoever passes it on says so.
    Estimated,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TravelError {
    /// The stop token was stopped before the answer was complete.
    #[error("travel matrix was stopped before it was complete")]
    Stopped,
    /// The engine behind the adapter does not answer; another one, or a later try, may.
    #[error("travel engine is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}
