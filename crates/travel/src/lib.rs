//! Travel times, distances and geometry between points, behind one port.
//!
//! For: the [`TravelMatrix`] port, what it answers with ([`Matrix`], [`TravelPath`]), and its adapters. Not for: the
//! order of stops (see `routemate-optimizer`) or finding addresses (see `routemate-geocoding`).
//!
//! The adapters are [`EmbeddedRoads`], our own graphs in this process; [`Osrm`], [`Valhalla`] and [`GoogleRoutes`], which
//! wait for a server; and [`GreatCircleEstimate`], the declared fallback that needs no road network. [`Engines`] holds them in the order they are asked; every answer
//! says by its [`Quality`] whether roads were driven. A [`Matrix`] goes into the optimizer as it is.
//!
//! Adapters to servers share `routemate-outbound` (requests at once, repetition where it is safe, a breaker, deadlines) and
//! the crate's `remote` module (matrices in tiles, paths in pieces). TLS needs a process-wide `rustls` provider, installed
//! by the program.

mod embedded;
mod engines;
mod error;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzzed;
mod google;
mod great_circle;
mod matrix;
mod osrm;
mod path;
mod port;
mod remote;
mod server;
mod valhalla;

pub use embedded::{EmbeddedRoads, EmbeddedSettings};
pub use engines::Engines;
pub use error::TravelError;
pub use google::{GoogleRoutes, GoogleRoutesSettings, MatrixCost};
pub use great_circle::GreatCircleEstimate;
pub use matrix::Matrix;
pub use osrm::{Osrm, OsrmSettings};
pub use path::{Leg, TravelPath};
pub use port::{Quality, TravelMatrix, Work};
pub use routemate_maps::{MapError, MapFolders};
pub use routemate_outbound::SetupError;
pub use valhalla::{Valhalla, ValhallaSettings};
