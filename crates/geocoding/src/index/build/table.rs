//! Reads OpenAddresses CSV.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::gathered::{Gathered, RawAddress};
use super::tags::region as region_named;
use crate::index::country::Country;
use crate::index::error::BuildError;
use crate::index::street::Spot;

/// Whom to thank; the sources of OpenAddresses have licences of their own.
const NOTICE: &str =
    "Address data from OpenAddresses contributors (openaddresses.io), under the licences of its sources";

/// The columns read, as OpenAddresses names them.
const COLUMNS: [&str; 7] = ["LON", "LAT", "NUMBER", "STREET", "CITY", "REGION", "POSTCODE"];

/// Reads a table. `progress` hears of bytes read.
pub(super) fn read(path: &Path, gathered: &mut Gathered, progress: &dyn Fn(u64)) -> Result<(), BuildError> {
    let unreadable = |source| BuildError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.len() == 0 {
        return Err(BuildError::Empty { path: path.to_owned() });
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(BufReader::with_capacity(1 << 20, file));
    let row = |line, source| BuildError::Row { path: path.to_owned(), line, source };
    let headers = reader.byte_headers().map_err(|source| row(1, source))?;
    let mut at = [0; COLUMNS.len()];
    for (at, column) in at.iter_mut().zip(COLUMNS) {
        let is_it = |header: &[u8]| header.trim_ascii().trim_start_with_mark().eq_ignore_ascii_case(column.as_bytes());
        let found = headers.iter().position(is_it);
        // Sources without towns, regions and postcodes exist; those without streets are of no use.
        *at = match found {
            Some(found) => found,
            None if matches!(column, "CITY" | "REGION" | "POSTCODE") => usize::MAX,
            None => return Err(BuildError::Column { path: path.to_owned(), column }),
        };
    }
    gathered.notice(NOTICE);
    let [lon, lat, number, street, city, region, postcode] = at;
    let mut record = csv::ByteRecord::new();
    let mut done = 0;
    while reader.read_byte_record(&mut record).map_err(|source| row(line_of(&source), source))? {
        let field = |at: usize| std::str::from_utf8(record.get(at).unwrap_or_default()).unwrap_or_default().trim();
        let position = |at: usize, limit: f64| field(at).parse().ok().filter(|degrees: &f64| degrees.abs() <= limit);
        let here = reader.position().byte();
        if here - done > 1 << 20 {
            progress(here - done);
            done = here;
        }
        let (Some(lat), Some(lng)) = (position(lat, 90.0), position(lon, 180.0)) else {
            continue;
        };
        let (street, number) = (field(street), field(number));
        if street.is_empty() || number.is_empty() {
            continue;
        }
        let country = Country::at(lat, lng);
        let texts = &mut gathered.texts;
        gathered.addresses.push(RawAddress {
            street: texts.number(street),
            number: texts.number(number),
            city: texts.number(field(city)),
            postcode: texts.number(field(postcode)),
            spot: Spot::from_degrees(lat, lng),
            country,
            region: region_named(country, field(region)),
        });
    }
    progress(reader.position().byte() - done);
    Ok(())
}

fn line_of(source: &csv::Error) -> u64 {
    source.position().map_or(0, csv::Position::line)
}

trait ByteOrderMark {
    fn trim_start_with_mark(&self) -> &[u8];
}

impl ByteOrderMark for [u8] {
    fn trim_start_with_mark(&self) -> &[u8] {
        self.strip_prefix(b"\xef\xbb\xbf").unwrap_or(self)
    }
}
