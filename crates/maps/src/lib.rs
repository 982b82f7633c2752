//! Folders of maps, looked at again when they change.
//!
//! For: whoever answers from files of maps while maps are added, built again and removed: [`Maps`] has what a [`Reader`]
//! opened of each of them. Not for: what is in the files (see `routemate-roads` and `routemate-geocoding`), nor for building
//! maps, which `routemate map` does.

mod folders;
mod maps;

pub use folders::{MapError, MapFolder, MapFolders};
pub use maps::{Maps, Reader};
