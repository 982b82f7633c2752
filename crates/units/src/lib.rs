//! Checked quantities that every RouteMate crate shares: positions, metres, seconds, kinds of vehicles and
//! stop tokens.
//!
//! For: values that cross a crate's public face, so that a latitude is never passed for a longitude and a number always
//! has its unit. Not for: geometry (see `routemate-travel` and `routemate-roads`) or calendar time.
//! No dependencies, no I/O, no clock reads; builds for `wasm32-unknown-unknown`.

mod position;
mod quantity;
mod stop_token;
mod vehicle;

pub use position::{LatLng, OutOfRange};
pub use quantity::{Meters, Seconds};
pub use stop_token::{MonotonicClock, StopToken};
pub use vehicle::VehicleKind;
