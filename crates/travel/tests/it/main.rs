//! The adapters: those to servers over real HTTP, against fixtures and small servers of our own; ours on maps of small
//! towns.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test stops at what is amiss")]

mod embedded;
mod fixtures;
mod google;
mod osrm;
mod valhalla;

use std::error::Error;
use std::time::Duration;

use routemate_travel::{Leg, Matrix, TravelError};
use routemate_units::{LatLng, Meters, Seconds, StopToken};

/// Positions in Brisbane, as the fixtures have them.
pub(crate) fn brisbane() -> [LatLng; 3] {
    [at(-27.47, 153.02), at(-27.48, 153.01), at(-27.49, 152.98)]
}

pub(crate) fn at(lat: f64, lng: f64) -> LatLng {
    LatLng::new(lat, lng).unwrap()
}

pub(crate) fn leg(duration: u32, distance: u32) -> Leg {
    Leg { duration: Seconds::new(duration), distance: Meters::new(distance) }
}

/// Row by row.
pub(crate) fn legs(matrix: &Matrix) -> Vec<Option<Leg>> {
    (0..matrix.len())
        .flat_map(|from| (0..matrix.len()).map(move |to| (from, to)))
        .map(|(f, t)| matrix.leg(f, t))
        .collect()
}

/// A token with more time than any test takes, on a clock that stands still.
pub(crate) fn in_time() -> StopToken {
    StopToken::with_clock(|| Duration::ZERO).within(Duration::from_secs(30))
}

/// The whole chain of an error, as a log would have it.
pub(crate) fn chain(error: &TravelError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// A line in six digits.
pub(crate) fn line6(points: &[LatLng]) -> String {
    line(points, 6)
}

pub(crate) fn line(points: &[LatLng], precision: u32) -> String {
    polyline::encode_coordinates(points.iter().map(|at| (at.lng(), at.lat()).into()), precision).unwrap()
}
