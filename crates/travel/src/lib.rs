//! Travel times, distances and geometry between points, behind one port.
//!
//! For: the [`TravelMatrix`] port, what it answers with ([`Matrix`], [`TravelPath`]), and its adapters. Not for: the
//! order of stops (see `routemate-optimizer`) or finding addresses (see `routemate-geocoding`).
//!
//! The adapter here is [`GreatCircleEstimate`], the declared fallback that needs no road network. [`Engines`] holds
//! adapters in the order they are asked; every answer says by its [`Quality`] whether roads were driven. A [`Matrix`] goes
//! into the optimizer as it is.

mod engines;
mod error;
mod great_circle;
mod matrix;
mod path;
mod port;

pub use engines::Engines;
pub use error::TravelError;
pub use great_circle::GreatCircleEstimate;
pub use matrix::Matrix;
pub use path::{Leg, TravelPath};
pub use port::{Quality, TravelMatrix, Work};
