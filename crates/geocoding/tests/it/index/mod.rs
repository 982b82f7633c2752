//! The embedded geocoder.

mod answers;
mod extracts;
mod files;
mod hostile;
mod pbf;
mod properties;
mod scripts;
mod shared;
mod town;
