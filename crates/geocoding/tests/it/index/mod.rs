//! The embedded geocoder.

mod answers;
mod files;
mod properties;
mod shared;
mod town;
