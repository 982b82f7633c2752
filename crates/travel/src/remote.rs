//! What all engines behind HTTP share: matrices in tiles, paths in pieces.

pub(crate) mod drive;
#[cfg(test)]
pub(crate) mod fake;
pub(crate) mod tiles;

use std::sync::atomic::AtomicUsize;

use futures_util::future::BoxFuture;
use routemate_outbound::{OutboundError, Remote};
use routemate_units::{LatLng, StopToken};

use crate::error::TravelError;
use crate::matrix::Matrix;
use crate::path::{Leg, TravelPath};
use crate::port::{TravelMatrix, Work};
use drive::{Drive, drive};
use tiles::Places;

/// Why a question was not answered as it was put.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// The server gives no answers of that size; smaller questions may be answered.
    TooBig,
    /// At least one of the points is near no road.
    OffRoad,
    /// Nothing that the question could change.
    Failed(TravelError),
}

impl From<TravelError> for Unanswered {
    fn from(error: TravelError) -> Self {
        Self::Failed(error)
    }
}

impl From<OutboundError> for Unanswered {
    fn from(error: OutboundError) -> Self {
        Self::Failed(error.into())
    }
}

/// Legs from each source to each target, row by row; `None` where there is no way.
pub(crate) type Cells = Vec<Option<Leg>>;

/// What differs between servers: how one question is put and its answer read.
pub(crate) trait Protocol: Sync {
    /// The server.
    fn remote(&self) -> &Remote;

    /// One question for a part of a matrix.
    fn table(
        &self,
        sources: &[LatLng],
        targets: &[LatLng],
        stop: &StopToken,
    ) -> impl Future<Output = Result<Cells, Unanswered>> + Send;

    /// One question for a part of a path through at least two points.
    fn drive(&self, points: &[LatLng], stop: &StopToken) -> impl Future<Output = Result<Drive, Unanswered>> + Send;
}

/// How large questions may be, as the settings say and as refusals have taught since.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Rows and columns of a part of a matrix.
    pub(crate) side: AtomicUsize,
    /// Points of a part of a path.
    pub(crate) longest: AtomicUsize,
}

impl Limits {
    pub(crate) fn new(side: usize, longest: usize) -> Self {
        Self { side: AtomicUsize::new(side.max(1)), longest: AtomicUsize::new(longest.max(2)) }
    }
}

/// A server that is asked for whatever is wanted, since answers cost nothing: an engine as it is.
pub(crate) trait Server: Protocol + Send {
    /// The words that its data wants shown.
    const ATTRIBUTION: &'static str;

    fn limits(&self) -> &Limits;
}

impl<S: Server> TravelMatrix for S {
    fn name(&self) -> &'static str {
        self.remote().name()
    }

    fn work(&self) -> Work {
        Work::Waits
    }

    fn matrix<'a>(&'a self, points: &'a [LatLng], stop: &'a StopToken) -> BoxFuture<'a, Result<Matrix, TravelError>> {
        Box::pin(async move {
            let places = Places::of(points);
            let matrix = self.remote().run(stop, places.matrix(self, &self.limits().side, stop)).await?;
            Ok(matrix.with_attribution(S::ATTRIBUTION))
        })
    }

    fn path<'a>(&'a self, points: &'a [LatLng], stop: &'a StopToken) -> BoxFuture<'a, Result<TravelPath, TravelError>> {
        Box::pin(async move {
            let driven = self.remote().run(stop, drive(self, &self.limits().longest, points, stop)).await?;
            Ok(driven.into_path(S::ATTRIBUTION))
        })
    }
}
