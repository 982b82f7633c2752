use std::num::NonZeroUsize;
use std::path::PathBuf;

use futures_util::future::BoxFuture;
use routemate_maps::{MapError, MapFolders, Maps};
use routemate_roads::{ATTRIBUTION, RouteError, Snap};
use routemate_units::{LatLng, StopToken, VehicleKind};

use crate::error::TravelError;
use crate::matrix::Matrix;
use crate::path::{Leg, TravelPath};
use crate::port::{Quality, TravelMatrix};

mod maps;

use maps::{Graphs, OpenGraph};

/// The name in the configuration and in the log.
const NAME: &str = "embedded";

/// Our own road graphs, in this process.
///
/// Of several maps for a kind of vehicle, the one of the smallest area answers in which all points lie, each with a road near; where some pair
/// has no way between in it and a larger map knows one, the larger one answers. Where there is no such map the answer is
/// [`TravelError::NotCovered`]: nothing is put together from two maps, and no point is left out.
///
/// Maps that were added, built again or removed are noticed by the next question: it looks at one file of each. A map
/// that cannot be opened is told to the log, and the one that was open stays in use.
///
/// Awaiting it computes on the calling thread, and on further ones for large matrices if so set.
#[derive(Debug)]
pub struct EmbeddedRoads {
    maps: Maps<Graphs>,
    radius_m: f64,
}

/// What can be set about our own road graphs.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddedSettings {
    /// Where the maps are.
    pub folders: MapFolders,
    /// How far from a point its road may be, in metres. A point that is farther from any road of a map does not lie in
    /// that map, or is a mistake.
    pub radius_m: f64,
    /// Threads for one matrix.
    pub threads: NonZeroUsize,
}

impl EmbeddedSettings {
    /// The product's defaults: roads within a kilometre, one thread.
    #[must_use]
    pub const fn new(folders: MapFolders) -> Self {
        Self { folders, radius_m: 1_000.0, threads: NonZeroUsize::MIN }
    }

    /// All maps of a folder that holds them.
    #[must_use]
    pub const fn within(folder: PathBuf) -> Self {
        Self::new(MapFolders::Within(folder))
    }
}

impl EmbeddedRoads {
    /// Opens the maps.
    ///
    /// # Errors
    /// [`MapError`] where a map that was listed cannot be opened. Of a folder of maps, those that can be opened are
    /// taken, and the log tells of the others.
    pub fn open(settings: EmbeddedSettings) -> Result<Self, MapError> {
        let maps = Maps::open(settings.folders, Graphs { threads: settings.threads })?;
        Ok(Self { maps, radius_m: settings.radius_m })
    }

    /// The names of the maps that answer at present, the smallest first.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for map in self.maps.current().iter() {
            if !names.iter().any(|name| name == map.name()) {
                names.push(map.name().to_owned());
            }
        }
        names
    }

    fn matrix_now(&self, points: &[LatLng], vehicle: VehicleKind, stop: &StopToken) -> Result<Matrix, TravelError> {
        let mut best: Option<(usize, Matrix)> = None;
        for map in self.maps.current().iter().filter(|map| map.is_for(vehicle)) {
            let Some(snaps) = self.snaps(map, points, stop)? else { continue };
            let table = map.graph().matrix(&snaps, stop).map_err(to_travel_error)?;
            let leg = |from, to| table.leg(from, to).map(to_leg);
            let matrix = Matrix::from_fn(snaps.len(), Quality::Roads, leg).with_attribution(ATTRIBUTION);
            let gaps = matrix.unreachable();
            if gaps == 0 {
                return Ok(matrix);
            }
            if best.as_ref().is_none_or(|(fewest, _)| gaps < *fewest) {
                best = Some((gaps, matrix));
            }
        }
        best.map(|(_, matrix)| matrix).ok_or(TravelError::NotCovered { engine: NAME, vehicle })
    }

    fn path_now(&self, points: &[LatLng], vehicle: VehicleKind, stop: &StopToken) -> Result<TravelPath, TravelError> {
        let mut failure = TravelError::NotCovered { engine: NAME, vehicle };
        for map in self.maps.current().iter().filter(|map| map.is_for(vehicle)) {
            let Some(snaps) = self.snaps(map, points, stop)? else { continue };
            match map.graph().path(&snaps, stop) {
                Ok(path) => return Ok(to_travel_path(&path)),
                Err(RouteError::Unreachable { .. }) => failure = TravelError::NoWay { engine: NAME },
                Err(error) => return Err(to_travel_error(error)),
            }
        }
        Err(failure)
    }

    /// The places on the roads of a map, if all points have one.
    fn snaps(&self, map: &OpenGraph, points: &[LatLng], stop: &StopToken) -> Result<Option<Vec<Snap>>, TravelError> {
        if !points.iter().all(|&point| map.may_hold(point)) {
            return Ok(None);
        }
        let mut snaps = Vec::with_capacity(points.len());
        for &point in points {
            if stop.is_stopped() {
                return Err(TravelError::Stopped);
            }
            let Ok(snap) = map.graph().snap_within(point, self.radius_m) else { return Ok(None) };
            snaps.push(snap);
        }
        Ok(Some(snaps))
    }
}

impl TravelMatrix for EmbeddedRoads {
    fn name(&self) -> &'static str {
        NAME
    }

    fn matrix<'a>(
        &'a self,
        points: &'a [LatLng],
        vehicle: VehicleKind,
        stop: &'a StopToken,
    ) -> BoxFuture<'a, Result<Matrix, TravelError>> {
        Box::pin(async move { self.matrix_now(points, vehicle, stop) })
    }

    fn path<'a>(
        &'a self,
        points: &'a [LatLng],
        vehicle: VehicleKind,
        stop: &'a StopToken,
    ) -> BoxFuture<'a, Result<TravelPath, TravelError>> {
        Box::pin(async move { self.path_now(points, vehicle, stop) })
    }
}

fn to_leg(leg: routemate_roads::Leg) -> Leg {
    Leg { duration: leg.duration(), distance: leg.distance() }
}

fn to_travel_path(path: &routemate_roads::Path) -> TravelPath {
    TravelPath {
        legs: path.legs().iter().map(|leg| to_leg(leg.leg())).collect(),
        geometry: path.geometry(),
        quality: Quality::Roads,
        attribution: Some(ATTRIBUTION.to_owned()),
    }
}

fn to_travel_error(error: RouteError) -> TravelError {
    match error {
        RouteError::Stopped => TravelError::Stopped,
        RouteError::Unreachable { .. } => TravelError::NoWay { engine: NAME },
        other => TravelError::unavailable(NAME, other),
    }
}
