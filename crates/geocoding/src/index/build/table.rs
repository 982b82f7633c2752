//! Reads tables of OpenAddresses: CSV, and the lines of GeoJSON that it ships today; either may be packed with gzip.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;

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

/// How a table is written, by the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableFormat {
    /// What its lines are.
    pub lines: TableLines,
    /// Packed with gzip.
    pub is_packed: bool,
}

/// What the lines of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableLines {
    /// Names of columns, then rows: `.csv`.
    Csv,
    /// A GeoJSON feature each: `.geojson`.
    GeoJson,
}

impl TableFormat {
    /// Of a file of this name; `None` where it is no table but an extract.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        let (name, is_packed) = name.strip_suffix(".gz").map_or((name.as_str(), false), |name| (name, true));
        let lines = match name.rsplit_once('.')?.1 {
            "csv" => TableLines::Csv,
            "geojson" => TableLines::GeoJson,
            _ => return None,
        };
        Some(Self { lines, is_packed })
    }
}

/// Reads a table. `progress` hears of bytes of the file read.
pub(super) fn read(
    path: &Path,
    format: TableFormat,
    gathered: &mut Gathered,
    progress: &dyn Fn(u64),
) -> Result<(), BuildError> {
    let unreadable = |source| BuildError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.len() == 0 {
        return Err(BuildError::Empty { path: path.to_owned() });
    }
    let read = Rc::new(Cell::new(0));
    let file = BufReader::with_capacity(1 << 16, Counting { file, read: Rc::clone(&read) });
    let text: Box<dyn Read> = if format.is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut told = 0;
    let mut rows = 0_u32;
    let mut add = |row: Row<'_>| {
        rows = rows.wrapping_add(1);
        if rows.is_multiple_of(10_000) {
            progress(read.get() - told);
            told = read.get();
        }
        gathered.add(&row);
    };
    match format.lines {
        TableLines::Csv => read_csv(path, text, &mut add)?,
        TableLines::GeoJson => read_geojson(path, text, &mut add)?,
    }
    progress(read.get() - told);
    gathered.notice(NOTICE);
    Ok(())
}

/// An address as a table has it.
struct Row<'r> {
    lat: f64,
    lng: f64,
    number: &'r str,
    street: &'r str,
    city: &'r str,
    region: &'r str,
    postcode: &'r str,
}

impl Gathered {
    /// Takes an address in, if it is one.
    fn add(&mut self, row: &Row<'_>) {
        let is_position = row.lat.abs() <= 90.0 && row.lng.abs() <= 180.0;
        if !is_position || row.street.is_empty() || row.number.is_empty() {
            return;
        }
        let country = Country::at(row.lat, row.lng);
        let texts = &mut self.texts;
        self.addresses.push(RawAddress {
            street: texts.number(row.street),
            number: texts.number(row.number),
            city: texts.number(row.city),
            postcode: texts.number(row.postcode),
            spot: Spot::from_degrees(row.lat, row.lng),
            country,
            region: region_named(country, row.region),
        });
    }
}

fn read_csv(path: &Path, text: Box<dyn Read>, add: &mut dyn FnMut(Row<'_>)) -> Result<(), BuildError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).buffer_capacity(1 << 16).from_reader(text);
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
    let [lon, lat, number, street, city, region, postcode] = at;
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|source| row(line_of(&source), source))? {
        let field = |at: usize| std::str::from_utf8(record.get(at).unwrap_or_default()).unwrap_or_default().trim();
        let degrees = |at: usize| field(at).parse().unwrap_or(f64::NAN);
        add(Row {
            lat: degrees(lat),
            lng: degrees(lon),
            number: field(number),
            street: field(street),
            city: field(city),
            region: field(region),
            postcode: field(postcode),
        });
    }
    Ok(())
}

/// A line of GeoJSON.
#[derive(Deserialize)]
struct Feature {
    properties: Properties,
    #[serde(default)]
    geometry: Option<Geometry>,
}

#[derive(Deserialize)]
struct Properties {
    /// These two have to be there, if only as null or empty: without them it is something else than addresses.
    #[serde(deserialize_with = "Option::deserialize")]
    number: Option<String>,
    #[serde(deserialize_with = "Option::deserialize")]
    street: Option<String>,
    #[serde(default)]
    city: Option<String>,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    postcode: Option<String>,
}

#[derive(Deserialize)]
struct Geometry {
    coordinates: serde_json::Value,
}

impl Geometry {
    /// Longitude and latitude; of what is no point nothing.
    fn point(&self) -> Option<(f64, f64)> {
        let degrees = |at: usize| self.coordinates.get(at)?.as_f64();
        Some((degrees(0)?, degrees(1)?))
    }
}

fn read_geojson(path: &Path, text: Box<dyn Read>, add: &mut dyn FnMut(Row<'_>)) -> Result<(), BuildError> {
    let mut reader = BufReader::with_capacity(1 << 16, text);
    let mut written = Vec::new();
    for line in 1.. {
        written.clear();
        let unreadable = |source| BuildError::Unreadable { path: path.to_owned(), source };
        if reader.read_until(b'\n', &mut written).map_err(unreadable)? == 0 {
            break;
        }
        // What sequences of GeoJSON begin their lines with (RFC 8142).
        let text = written.trim_ascii().strip_prefix(b"\x1e").unwrap_or(written.trim_ascii());
        if text.is_empty() {
            continue;
        }
        let feature: Feature =
            serde_json::from_slice(text).map_err(|source| BuildError::Line { path: path.to_owned(), line, source })?;
        let Feature { properties, geometry } = feature;
        let Some((lng, lat)) = geometry.and_then(|geometry| geometry.point()) else { continue };
        fn field(text: &Option<String>) -> &str {
            text.as_deref().unwrap_or_default().trim()
        }
        add(Row {
            lat,
            lng,
            number: field(&properties.number),
            street: field(&properties.street),
            city: field(&properties.city),
            region: field(&properties.region),
            postcode: field(&properties.postcode),
        });
    }
    Ok(())
}

/// Counts what is read of a file.
struct Counting {
    file: File,
    read: Rc<Cell<u64>>,
}

impl Read for Counting {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.file.read(into)?;
        self.read.set(self.read.get() + bytes as u64);
        Ok(bytes)
    }
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
