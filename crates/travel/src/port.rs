use futures_util::future::BoxFuture;
use routemate_units::{LatLng, StopToken, VehicleKind};

use crate::error::TravelError;
use crate::matrix::Matrix;
use crate::path::TravelPath;

/// Tells how long it takes and how far it is to drive between points.
///
/// Matrix and path of one adapter agree: the legs of a path have the durations and distances that the matrix gives for
/// the same pairs, as far as the engine behind the adapter answers alike in both.
pub trait TravelMatrix: Send + Sync {
    /// The name in the configuration and in the log.
    fn name(&self) -> &'static str;

    /// What it does while it is awaited; decides where it is awaited.
    fn work(&self) -> Work {
        Work::Computes
    }

    /// All durations and distances between `points`, in their order, for a kind of vehicle; equal points may occur.
    ///
    /// Gives up soon after `stop` was stopped or its time is over.
    ///
    /// # Errors
    /// Those of [`TravelError`]. A pair without a way between is no error, see [`Matrix::leg`].
    fn matrix<'a>(
        &'a self,
        points: &'a [LatLng],
        vehicle: VehicleKind,
        stop: &'a StopToken,
    ) -> BoxFuture<'a, Result<Matrix, TravelError>>;

    /// The way of a kind of vehicle through `points` in their order.
    ///
    /// Gives up soon after `stop` was stopped or its time is over.
    ///
    /// # Errors
    /// Those of [`TravelError`].
    fn path<'a>(
        &'a self,
        points: &'a [LatLng],
        vehicle: VehicleKind,
        stop: &'a StopToken,
    ) -> BoxFuture<'a, Result<TravelPath, TravelError>>;
}

/// What an engine does while it is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Keeps the calling thread busy: to be awaited on a thread for computing.
    Computes,
    /// Waits for a server: needs a runtime with time and I/O, and no thread of its own.
    Waits,
}

/// How far an answer can be trusted, the most trusted first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// Driven along a road network.
    Roads,
    /// Estimated without one; whoever passes it on says so.
    Estimated,
}
