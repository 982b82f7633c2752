//! Addresses to positions, behind one port.
//!
//! For: the [`Geocoder`] port, what it is asked ([`Query`]) and what it answers ([`Candidate`], with how well it fits
//! and how sure that is), the [`Chain`] that asks several geocoders in order, [`geocode_all`] for the many addresses of
//! an import, and the embedded geocoder: [`build`] makes a file of extracts and tables, [`AddressIndex`] answers from it. Not for: what happens to a stop whose address is not found (see `routemate-app`).
//!
//! Queries are personal data: nothing here puts one into a log or an error.

mod batch;
mod candidate;
mod chain;
mod error;
mod index;
mod port;
mod query;

#[cfg(test)]
mod fake;

pub use batch::{Outcome, geocode_all};
pub use candidate::{Candidate, Confidence, ConfidenceOutOfRange, MatchType};
pub use chain::Chain;
pub use error::GeocodeError;
pub use index::{AddressIndex, BuildError, BuildReport, EmbeddedGeocoder, OpenError, build};
pub use port::Geocoder;
pub use query::{Query, StructuredAddress};
