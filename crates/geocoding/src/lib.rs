//! Addresses to positions, behind one port.
//!
//! For: the [`Geocoder`] port, what it is asked ([`Query`]) and what it answers ([`Candidate`], with how well it fits
//! and how sure that is), the embedded geocoder ([`build`] makes a file of extracts and tables, [`AddressIndex`] answers
//! from it), the services behind HTTP ([`RemoteGeocoder`], with [`Cached`] before it), the [`Chain`] that asks several
//! geocoders in order, and [`geocode_all`] for the many addresses of an import. Not for: what happens to a stop whose
//! address is not found (see `routemate-app`).
//!
//! Queries are personal data: nothing here puts one into a log or an error.

mod asked;
mod batch;
mod cache;
mod candidate;
mod chain;
mod error;
mod google;
mod grade;
mod here;
mod index;
mod iso3166;
mod mapbox;
mod measured;
mod nominatim;
mod opencage;
mod pelias;
mod photon;
mod port;
mod provider;
mod query;
mod remote;
mod terms;

#[cfg(test)]
mod fake;

pub use batch::{Lookup, Outcome, geocode_all};
pub use cache::Cached;
pub use candidate::{Candidate, Confidence, ConfidenceOutOfRange, MatchType};
pub use chain::Chain;
pub use error::{Cause, GeocodeError};
pub use grade::normalized;
pub use index::{AddressIndex, BuildError, BuildReport, EmbeddedGeocoder, OpenError, TableFormat, TableLines, build};
pub use measured::Measured;
pub use port::Geocoder;
pub use provider::Provider;
pub use query::{Query, StructuredAddress};
pub use remote::{RemoteGeocoder, RemoteSettings};
pub use routemate_maps::{MapError, MapFolders};
pub use routemate_outbound::{Hosts, SetupError};
pub use terms::{KeptParts, Storage, Terms};
