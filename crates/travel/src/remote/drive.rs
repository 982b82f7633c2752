//! A path through any number of points from a server that takes only so many at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use routemate_units::{LatLng, Meters, Seconds, StopToken};

use super::{Protocol, Unanswered};
use crate::error::TravelError;
use crate::path::{Leg, TravelPath};
use crate::port::Quality;

/// The way through some points.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Drive {
    /// One fewer than points.
    pub(crate) legs: Vec<Leg>,
    pub(crate) geometry: Vec<LatLng>,
}

impl Drive {
    pub(crate) fn into_path(self, attribution: &str) -> TravelPath {
        let Self { legs, geometry } = self;
        TravelPath { legs, geometry, quality: Quality::Roads, attribution: Some(attribution.to_owned()) }
    }
}

const NOTHING: Leg = Leg { duration: Seconds::ZERO, distance: Meters::ZERO };

/// Asks for the path in pieces of at most `longest` points, which becomes less when the server says that it is too much.
///
/// A point after an equal one is no question: the leg between is nothing.
pub(crate) async fn drive(
    server: &impl Protocol,
    longest: &AtomicUsize,
    points: &[LatLng],
    stop: &StopToken,
) -> Result<Drive, TravelError> {
    let mut distinct = points.to_vec();
    distinct.dedup();
    if distinct.len() < 2 {
        return Ok(Drive { legs: points.iter().skip(1).map(|_| NOTHING).collect(), geometry: points.to_vec() });
    }
    let known_longest = longest.load(Ordering::Relaxed);
    let driven = loop {
        let most = longest.load(Ordering::Relaxed).max(2);
        match in_pieces(server, most, &distinct, stop).await {
            Ok(driven) => break driven,
            Err(Unanswered::Failed(error)) => return Err(error),
            Err(Unanswered::OffRoad) => return Err(TravelError::NoWay { engine: server.remote().name() }),
            Err(Unanswered::TooBig) if most > 2 => {
                longest.fetch_min(most.min(distinct.len()).div_ceil(2).max(2), Ordering::Relaxed);
            }
            Err(Unanswered::TooBig) => {
                // Nothing was learned about lengths: something else is amiss.
                longest.store(known_longest, Ordering::Relaxed);
                let engine = server.remote().name();
                return Err(TravelError::refused(engine, "it takes not even two points"));
            }
        }
    };
    let mut legs = driven.legs.into_iter();
    let legs = points
        .iter()
        .zip(points.iter().skip(1))
        .filter_map(|(from, to)| if from == to { Some(NOTHING) } else { legs.next() })
        .collect();
    Ok(Drive { legs, geometry: driven.geometry })
}

async fn in_pieces(
    server: &impl Protocol,
    most: usize,
    points: &[LatLng],
    stop: &StopToken,
) -> Result<Drive, Unanswered> {
    // Each piece begins where the one before it ends.
    let mut asked = Vec::new();
    for first in (0..points.len() - 1).step_by(most - 1) {
        let piece = points.get(first..(first + most).min(points.len())).unwrap_or_default();
        asked.push(ask(server, piece, stop));
    }
    let mut driven = stream::iter(asked).buffered(server.remote().concurrency());
    let mut whole = Drive::default();
    while let Some(piece) = driven.try_next().await? {
        whole.legs.extend(piece.legs);
        let repeated = usize::from(whole.geometry.last().is_some_and(|last| piece.geometry.first() == Some(last)));
        whole.geometry.extend(piece.geometry.into_iter().skip(repeated));
    }
    Ok(whole)
}

async fn ask(server: &impl Protocol, piece: &[LatLng], stop: &StopToken) -> Result<Drive, Unanswered> {
    let driven = server.drive(piece, stop).await?;
    if driven.legs.len() + 1 != piece.len() || driven.geometry.is_empty() {
        let engine = server.remote().name();
        let source = format!("its path through {} points has {} legs", piece.len(), driven.legs.len());
        return Err(TravelError::unavailable(engine, source).into());
    }
    Ok(driven)
}
