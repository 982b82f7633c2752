//! Driving times, distances and geometry over real streets, from an OpenStreetMap extract, in process.
//!
//! For: turning an `.osm.pbf` into a graph file once ([`build`]), and asking it from then on ([`Graph`]): the nearest
//! road, the matrix of durations and distances, the way with its geometry and street names. Not for: finding addresses,
//! ordering stops (see `routemate-optimizer`), turn-by-turn words, or traffic.
//!
//! There are rules for cars, lorries and bicycles ([`Profile`]). Those for cars follow OSRM's, so that who comes from there
//! gets the same answers; the repository's `docs/roads.md` lists what differs. Maps shown to anybody must carry
//! [`ATTRIBUTION`].
//!
//! ```
//! use routemate_roads::{Graph, Profile, build};
//! use routemate_units::{LatLng, StopToken};
//!
//! # let folder = tempfile::tempdir()?;
//! # let file = folder.path().join("car.roads");
//! build(&["docs/town.osm.pbf".into()], Profile::Car, &file, &|_bytes_read| {})?;
//! let graph = Graph::open(&file)?;
//! let stops = [LatLng::new(60.0001, 22.001)?, LatLng::new(60.0041, 22.007)?];
//! let snaps = stops.map(|stop| graph.snap(stop)).into_iter().collect::<Result<Vec<_>, _>>()?;
//! let matrix = graph.matrix(&snaps, &StopToken::never())?;
//! assert!(matrix.duration(0, 1).is_some());
//! let path = graph.path(&snaps, &StopToken::never())?;
//! println!("{} m: {}", path.distance(), path.polyline5());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Profiles, stops at the kerb, several maps, memory and sizes: the guide in `docs/guide.md` of this crate.

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

/// The guide's examples are compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/guide.md")]
struct Guide;

/// What has to be shown with anything made from OpenStreetMap's data.
pub const ATTRIBUTION: &str = "© OpenStreetMap contributors";
