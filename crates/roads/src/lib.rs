//! Driving times, distances and geometry over real streets, from an OpenStreetMap extract, in process.
//!
//! For: turning an `.osm.pbf` into a graph file once ([`build`]), and asking it from then on ([`Graph`]): the nearest
//! road, the matrix of durations and distances, the way with its geometry and street names. Not for: finding addresses,
//! ordering stops (see `routemate-optimizer`), turn-by-turn words, or traffic.
//!
//! The rules for cars follow OSRM's, so that who comes from there gets the same answers; `docs/roads.md` lists what
//! differs. Maps shown to anybody must carry [`ATTRIBUTION`].
//!
//! ```no_run
//! use std::path::Path;
//!
//! use routemate_roads::{Graph, Profile, build};
//! use routemate_units::{LatLng, StopToken};
//!
//! build(&["helsinki.osm.pbf".into()], Profile::Car, Path::new("helsinki.roads"), &|_| {})?;
//! let graph = Graph::open(Path::new("helsinki.roads"))?;
//! let stops = [LatLng::new(60.1699, 24.9384)?, LatLng::new(60.1756, 24.9507)?];
//! let snaps = stops.map(|stop| graph.snap(stop)).into_iter().collect::<Result<Vec<_>, _>>()?;
//! let matrix = graph.matrix(&snaps, &StopToken::never())?;
//! assert!(matrix.duration(0, 1).is_some());
//! let path = graph.path(&snaps, &StopToken::never())?;
//! println!("{} m: {}", path.distance(), path.polyline5());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod build;
mod error;
mod file;
mod geodesy;
mod graph;
mod matrix;
mod path;
mod profile;
mod rules;
mod search;
mod snap;
mod tree;

pub use build::{BuildReport, build};
pub use error::{BuildError, NoRoadNearby, OpenError, RouteError};
pub use graph::{Bounds, Graph};
pub use matrix::{Leg, Matrix};
pub use path::{Path, PathLeg, Street};
pub use profile::{Profile, UnknownProfile};
pub use snap::{Approach, Snap, SnapOptions};

/// What has to be shown with anything made from OpenStreetMap's data.
pub const ATTRIBUTION: &str = "© OpenStreetMap contributors";
