use std::path::Path as FilePath;

use routemate_units::{LatLng, StopToken};

use crate::error::{NoRoadNearby, OpenError, RouteError};
use crate::file::{GraphFile, View};
use crate::geodesy::Point;
use crate::matrix::Matrix;
use crate::path::{Path, Tracer};
use crate::profile::Profile;
use crate::search::{Climber, Dijkstra, Pool, Search, Stopped};
use crate::snap::{Place, Snap, SnapOptions, snap};

/// The roads of one map, ready to be asked.
///
/// Shared between threads as it is; every answer is computed from the file in place. No answer waits for another.
#[derive(Debug)]
pub struct Graph {
    file: GraphFile,
    pool: Pool,
}

/// The rectangle that holds all roads of a graph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The corner of least latitude and longitude.
    pub south_west: LatLng,
    /// The corner of greatest latitude and longitude.
    pub north_east: LatLng,
}

impl Graph {
    /// How far from a position a road is looked for, if nothing else is said: a farm may lie that far from the street.
    pub const SNAP_RADIUS_M: f64 = 5_000.0;

    /// Opens a graph file by mapping it into memory. Reads its header alone: fractions of a millisecond, whatever its
    /// size.
    ///
    /// The file may be replaced by another (as [`build`](crate::build) does), but must not be written to or cut while
    /// it is open: answers would be wrong, or the process would end with a bus error.
    ///
    /// # Errors
    /// Those of [`OpenError`].
    pub fn open(path: &FilePath) -> Result<Self, OpenError> {
        Ok(Self { file: GraphFile::open(path)?, pool: Pool::default() })
    }

    /// A graph from the bytes of its file, which are copied, where there are no files to map.
    ///
    /// # Errors
    /// Those of [`OpenError`] but for `Unreadable`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OpenError> {
        Ok(Self { file: GraphFile::from_bytes(bytes)?, pool: Pool::default() })
    }

    /// Reads the whole file and compares its checksums.
    ///
    /// # Errors
    /// [`OpenError::Damaged`] if any byte was changed.
    pub fn verify(&self) -> Result<(), OpenError> {
        self.file.verify()
    }

    /// The rectangle that holds all roads.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        let [south, west, north, east] = self.file.header().bounds;
        let at = |lat, lng| Point { lat, lng }.to_position();
        Bounds { south_west: at(south, west), north_east: at(north, east) }
    }

    /// For whom it was built.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.file.profile()
    }

    /// When its data was taken from OpenStreetMap, in seconds since 1970, if the extract told.
    #[must_use]
    pub fn taken_at(&self) -> Option<i64> {
        Some(self.file.header().taken_at).filter(|at| *at != i64::MIN)
    }

    /// How many directions of stretches between junctions can be driven.
    #[must_use]
    pub fn edges(&self) -> usize {
        self.file.view().edges.len()
    }

    /// The nearest road within [`Self::SNAP_RADIUS_M`].
    ///
    /// # Errors
    /// [`NoRoadNearby`] if there is none.
    pub fn snap(&self, at: LatLng) -> Result<Snap, NoRoadNearby> {
        self.snap_within(at, Self::SNAP_RADIUS_M)
    }

    /// The nearest road within so many metres.
    ///
    /// # Errors
    /// [`NoRoadNearby`] if there is none.
    pub fn snap_within(&self, at: LatLng, radius_m: f64) -> Result<Snap, NoRoadNearby> {
        self.snap_with(at, &SnapOptions::new().with_radius(radius_m))
    }

    /// The nearest road that fits the options.
    ///
    /// # Errors
    /// [`NoRoadNearby`] if there is none.
    pub fn snap_with(&self, at: LatLng, options: &SnapOptions) -> Result<Snap, NoRoadNearby> {
        snap(&self.file.view(), at, options).ok_or(NoRoadNearby {
            at,
            radius_m: options.radius_m,
            heading_degrees: options.heading.map(|heading| heading.degrees),
        })
    }

    /// Durations and distances between all of these.
    ///
    /// Where the roads nearest to them are not all connected, those nearest in the main network are taken instead.
    ///
    /// # Errors
    /// [`RouteError::Stopped`]. A pair without a way between is no error, see [`Matrix::leg`].
    pub fn matrix(&self, points: &[Snap], stop: &StopToken) -> Result<Matrix, RouteError> {
        self.table(points, points, stop)
    }

    /// Durations and distances from each of some to each of others.
    ///
    /// # Errors
    /// [`RouteError::Stopped`]. A pair without a way between is no error, see [`Matrix::leg`].
    pub fn table(&self, from: &[Snap], to: &[Snap], stop: &StopToken) -> Result<Matrix, RouteError> {
        let view = self.file.view();
        legs(&view, &Climber::new(view, &self.pool), from, to, stop)
    }

    /// The same as [`Self::table`] by the plain algorithm of Dijkstra, thousands of times slower: what the fast one is
    /// checked against.
    ///
    /// # Errors
    /// [`RouteError::Stopped`].
    #[doc(hidden)]
    pub fn reference_table(&self, from: &[Snap], to: &[Snap], stop: &StopToken) -> Result<Matrix, RouteError> {
        let view = self.file.view();
        legs(&view, &Dijkstra(view), from, to, stop)
    }

    /// The way through these in their order. Its legs are those of the matrix of the same places.
    ///
    /// # Errors
    /// [`RouteError::Unreachable`] if there is no way from one to the next, [`RouteError::Stopped`].
    pub fn path(&self, points: &[Snap], stop: &StopToken) -> Result<Path, RouteError> {
        let view = self.file.view();
        let places = places(&view, points);
        let search = Climber::new(view, &self.pool);
        let mut tracer = Tracer::new(view);
        for (leg, (from, to)) in places.iter().zip(places.iter().skip(1)).enumerate() {
            if !tracer.leg(&search, from, to, stop).map_err(|Stopped| RouteError::Stopped)? {
                return Err(RouteError::Unreachable { leg });
            }
        }
        Ok(tracer.finish())
    }
}

fn legs(
    view: &View<'_>,
    search: &impl Search,
    from: &[Snap],
    to: &[Snap],
    stop: &StopToken,
) -> Result<Matrix, RouteError> {
    let places = places(view, &[from, to].concat());
    let ends: Vec<_> = places.iter().map(|place| place.ends(view)).collect();
    let (from, to) = ends.split_at_checked(from.len()).unwrap_or_default();
    let costs = search.costs(from, to, stop).map_err(|Stopped| RouteError::Stopped)?;
    Ok(Matrix::new(to.len(), costs))
}

/// The nearest places if all of them are connected, otherwise the nearest in the main network.
fn places(view: &View<'_>, points: &[Snap]) -> Vec<Place> {
    let components = |place: &Place| -> Vec<u32> {
        place.edges(view).filter_map(|(_, edge)| view.edge(edge)).map(|edge| edge.component()).collect()
    };
    let mut shared: Option<Vec<u32>> = None;
    for snap in points {
        let own = components(snap.nearest());
        match &mut shared {
            Some(shared) => shared.retain(|component| own.contains(component)),
            None => shared = Some(own),
        }
    }
    if shared.is_none_or(|shared| !shared.is_empty()) {
        points.iter().map(|snap| *snap.nearest()).collect()
    } else {
        points.iter().map(|snap| *snap.connected()).collect()
    }
}
