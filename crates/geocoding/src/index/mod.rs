//! The embedded geocoder: addresses of OpenStreetMap and OpenAddresses in one file, looked up in process.

mod build;
mod country;
mod embedded;
mod error;
mod file;
mod names;
mod number;
mod search;
mod street;
mod text;

pub use build::{BuildReport, TableFormat, TableLines, build};
pub use embedded::EmbeddedGeocoder;
pub use error::{BuildError, OpenError};
pub use search::AddressIndex;
