//! From extracts and tables to an index file: gather, place, part, pack, write.

mod blocks;
mod borders;
mod cluster;
mod extract;
mod gathered;
mod interpolation;
mod nodes;
mod pack;
mod parts;
mod passes;
mod places;
mod reading;
mod rings;
mod streets;
mod table;
mod tags;
mod workers;
mod written;

use std::path::{Path, PathBuf};
use std::thread;

use super::error::BuildError;
use super::file;
use borders::Borders;
use gathered::Gathered;
pub use table::{TableFormat, TableLines};

/// What was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuildReport {
    /// House numbers, each once.
    pub addresses: u64,
    /// Named streets.
    pub streets: usize,
    /// Points of interest.
    pub points: usize,
    /// Settlements and their parts.
    pub places: usize,
    /// Postcodes.
    pub postcodes: usize,
    /// Size of the index file.
    pub file_bytes: u64,
}

/// Builds an index of addresses from OpenAddresses tables (`.csv`, `.geojson`, either with `.gz` behind it) and OpenStreetMap
/// extracts (all else), and writes it to `to`.
///
/// The same sources in the same order give the same bytes. A file that is there already is replaced in one step: who
/// has it open goes on with the old one. `progress` hears how many bytes of the sources have been read since it was
/// last called: of an extract up to three times its size, of a table once.
///
/// # Errors
/// Those of [`BuildError`]; the file at `to` is then as it was.
pub fn build(sources: &[PathBuf], to: &Path, progress: &dyn Fn(u64)) -> Result<BuildReport, BuildError> {
    let mut gathered = Gathered::default();
    for source in sources {
        match TableFormat::of(source) {
            Some(format) => table::read(source, format, &mut gathered, progress)?,
            None => extract::read(source, &mut gathered, progress)?,
        }
    }
    postcodes_from_borders(&mut gathered);
    let parts = pack::pack(&gathered)?;
    let writer = parts.writer();
    let unwritable = |source| BuildError::Unwritable { path: to.to_owned(), source };
    thread::scope(|scope| {
        scope.spawn(move || drop(gathered));
        file::write(to, |file| writer.write_to(parts.addresses, file)).map_err(unwritable)
    })?;
    let file_bytes = std::fs::metadata(to).map(|metadata| metadata.len()).map_err(unwritable)?;
    Ok(BuildReport {
        addresses: parts.addresses,
        streets: parts.streets.len(),
        points: parts.points.len(),
        places: parts.places.len(),
        postcodes: parts.postcodes.len(),
        file_bytes,
    })
}

/// Gives addresses without a postcode that of the border around them.
fn postcodes_from_borders(gathered: &mut Gathered) {
    let borders = Borders::new(gathered, |boundary| boundary.postcode != 0);
    let found = gathered.addresses.iter().enumerate().filter(|(_, address)| address.postcode == 0);
    let found = found.filter_map(|(at, address)| borders.around(address.spot).map(|border| (at, border.postcode)));
    let found: Vec<(usize, u32)> = found.collect();
    for (at, postcode) in found {
        if let Some(address) = gathered.addresses.get_mut(at) {
            address.postcode = postcode;
        }
    }
}
