//! Whether a file is a table of OpenAddresses, and all of one.

use std::io::{self, Write};
use std::path::Path;

use flate2::write::MultiGzDecoder;
use routemate_geocoding::{TableFormat, TableLines};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::source::{Hashing, SourceError, known_kind};

/// Columns without which a table gives no addresses.
const NEEDED: [&str; 4] = ["LON", "LAT", "NUMBER", "STREET"];

/// What is read at once.
const CHUNK: u64 = 1 << 20;

/// No line is longer.
const LONGEST_LINE: usize = 1 << 20;

/// How much of a first line a message shows.
const SHOWN: usize = 80;

/// Reads over a file, looks at its first line and its last; `progress` hears how many bytes it has come further.
pub(crate) fn check(
    path: &Path,
    format: TableFormat,
    reader: &mut Hashing,
    progress: &dyn Fn(u64),
) -> Result<(), SourceError> {
    let lines = Lines { line: 1, ..Lines::default() };
    let mut text =
        if format.is_packed { Text::Packed(Box::new(MultiGzDecoder::new(lines))) } else { Text::Plain(lines) };
    loop {
        let unreadable = |source| SourceError::Unreadable { path: path.to_owned(), source };
        let chunk = reader.take(CHUNK).map_err(unreadable)?;
        if chunk.is_empty() {
            break;
        }
        let is_first = reader.at() == chunk.len() as u64;
        if is_first && !(format.is_packed && chunk.starts_with(&GZIP)) {
            check_kind(path, format, &chunk)?;
        }
        progress(chunk.len() as u64);
        text.add(&chunk).map_err(|source| text.packed(path, source))?;
        let lines = text.lines();
        if is_first && format.is_packed {
            check_kind(path, TableFormat { is_packed: false, ..format }, lines.beginning())?;
        }
        // Before the rest is read.
        if lines.first.is_none() && lines.last.len() >= LONGEST_LINE {
            return Err(foreign(path, format, "something else"));
        }
    }
    text.end().map_err(|source| text.packed(path, source))?;
    let lines = text.lines();
    match format.lines {
        TableLines::Csv => check_csv(path, lines),
        TableLines::GeoJson => check_geojson(path, lines),
    }
}

/// What files packed with gzip begin with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The first line of a text and the last, which may have no end.
#[derive(Default)]
struct Lines {
    first: Option<Vec<u8>>,
    last: Vec<u8>,
    /// The number of the last, from 1.
    line: u64,
}

impl Lines {
    /// As much of the first line as there is.
    fn beginning(&self) -> &[u8] {
        self.first.as_deref().unwrap_or(&self.last)
    }
}

impl Write for Lines {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            // Of what goes on without end, the beginning is enough to say so.
            self.last.extend_from_slice(part.get(..LONGEST_LINE.saturating_sub(self.last.len())).unwrap_or(part));
            if part.ends_with(b"\n") {
                if self.first.is_none() {
                    self.first = Some(self.last.clone());
                }
                self.line += 1;
                self.last.clear();
            }
        }
        Ok(chunk.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Text {
    Plain(Lines),
    Packed(Box<MultiGzDecoder<Lines>>),
}

impl Text {
    fn add(&mut self, chunk: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(lines) => lines.write_all(chunk),
            Self::Packed(packed) => packed.write_all(chunk),
        }
    }

    /// Whether what is packed has its end.
    fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Packed(packed) => packed.try_finish(),
        }
    }

    fn lines(&self) -> &Lines {
        match self {
            Self::Plain(lines) => lines,
            Self::Packed(packed) => packed.get_ref(),
        }
    }

    fn packed(&self, path: &Path, source: io::Error) -> SourceError {
        SourceError::Packed { path: path.to_owned(), line: self.lines().line - 1, source }
    }
}

fn check_csv(path: &Path, lines: &Lines) -> Result<(), SourceError> {
    let header = lines.beginning();
    check_header(path, header)?;
    let (found, columns) = (columns(&lines.last), columns(header));
    // Fields in quotes may have commas and line ends of their own.
    if !lines.last.is_empty() && found < columns && !lines.last.contains(&b'"') {
        return Err(SourceError::CutOffRow { path: path.to_owned(), line: lines.line, found, columns });
    }
    Ok(())
}

/// A feature of OpenAddresses, as far as it tells that it is one.
#[derive(Deserialize)]
struct Feature {
    #[serde(rename = "geometry")]
    _geometry: IgnoredAny,
    #[serde(rename = "properties")]
    _properties: Properties,
}

#[derive(Deserialize)]
struct Properties {
    #[serde(rename = "number")]
    _number: IgnoredAny,
    #[serde(rename = "street")]
    _street: IgnoredAny,
}

fn check_geojson(path: &Path, lines: &Lines) -> Result<(), SourceError> {
    let text = |line: &[u8]| String::from_utf8_lossy(line).trim_start_matches(['\u{feff}', '\u{1e}']).trim().to_owned();
    let first = text(lines.beginning());
    if let Err(error) = serde_json::from_str::<Feature>(&first) {
        let what = match first.contains("\"FeatureCollection\"") {
            true => "begins a collection: take the file with one feature a line".to_owned(),
            false => format!("is no feature with an address: {error}"),
        };
        return Err(SourceError::NoFeature { path: path.to_owned(), what });
    }
    let last = text(&lines.last);
    if !last.is_empty() && serde_json::from_str::<IgnoredAny>(&last).is_err() {
        return Err(SourceError::CutOffLine { path: path.to_owned(), line: lines.line });
    }
    Ok(())
}

fn foreign(path: &Path, format: TableFormat, what: &'static str) -> SourceError {
    let lines = match format.lines {
        TableLines::Csv => "CSV",
        TableLines::GeoJson => "GeoJSON",
    };
    SourceError::ForeignTable { path: path.to_owned(), lines, what }
}

/// How many fields a line has, if none is in quotes.
fn columns(line: &[u8]) -> usize {
    line.iter().filter(|byte| **byte == b',').count() + 1
}

/// What a file is that begins so, unless it may be a table.
fn check_kind(path: &Path, format: TableFormat, begins_with: &[u8]) -> Result<(), SourceError> {
    let begins_with = begins_with.get(..4096).unwrap_or(begins_with);
    let what = match (format.lines, begins_with) {
        (TableLines::Csv, [b'{' | b'[', ..]) => "JSON: call it .geojson if it is of OpenAddresses",
        (TableLines::Csv, _) if begins_with.starts_with(&GZIP) => "packed with gzip: call it .csv.gz",
        (TableLines::GeoJson, _) if begins_with.starts_with(&GZIP) => "packed with gzip: call it .geojson.gz",
        _ if begins_with.windows(9).any(|part| part == b"OSMHeader") => "an extract: call it .osm.pbf",
        _ => match known_kind(begins_with) {
            Some(what) => what,
            None if begins_with.contains(&0) => "something else",
            None if format.is_packed => "not packed: leave .gz out of its name",
            None => return Ok(()),
        },
    };
    Err(foreign(path, format, what))
}

fn check_header(path: &Path, header: &[u8]) -> Result<(), SourceError> {
    let text = String::from_utf8_lossy(header);
    let text = text.trim_start_matches('\u{feff}').trim_end();
    let names: Vec<&str> = text.split(',').map(|name| name.trim().trim_matches('"')).collect();
    let is_missing = |needed: &&&str| !names.iter().any(|name| name.eq_ignore_ascii_case(needed));
    match NEEDED.iter().find(is_missing) {
        None => Ok(()),
        Some(column) => {
            let shown: String = text.chars().take(SHOWN).collect();
            let end = if text.len() > shown.len() { "…" } else { "" };
            Err(SourceError::Column { path: path.to_owned(), column, found: format!("`{shown}{end}`") })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use crate::maps::source::SourceKind;
    use crate::maps::source::tests::{check_refused, read};

    const GOOD: &str = "LON,LAT,NUMBER,STREET,CITY\n24.93,60.16,1,1. Street,Helsinki\n";

    #[test]
    fn a_table_is_read_from_end_to_end() {
        let mark = format!("\u{feff}{}", GOOD.replace("LON", "\"lon\"").replace('\n', "\r\n"));
        let open_end = format!("{GOOD}24.93,60.16,2,\"Street, 1.");
        for text in [GOOD, GOOD.trim_end(), &mark, &open_end, "LON,LAT,NUMBER,STREET"] {
            let source = read("x.CSV", text.as_bytes()).expect("it is a table");
            assert!(matches!(source.kind, SourceKind::Table(_)), "{text}");
            assert_eq!(source.size_bytes, text.len() as u64, "{text}");
        }
    }

    const FEATURE: &str = concat!(
        r#"{"type":"Feature","properties":{"hash":"1f","number":"1","street":"1. Street","unit":"","city":"Helsinki"},"#,
        r#""geometry":{"type":"Point","coordinates":[24.93,60.16]}}"#,
    );

    fn packed(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn lines_of_geojson_are_a_table_and_so_is_what_is_packed() {
        let lines = format!("{FEATURE}\n{FEATURE}\n");
        assert!(read("x.geojson", lines.as_bytes()).is_ok());
        assert!(read("x.GeoJSON.gz", &packed(lines.trim_end())).is_ok());
        assert!(read("x.csv.gz", &packed(GOOD)).is_ok());
        // Downloads of several parts are packed one by one.
        let parts = [packed(GOOD), packed("24.93,60.16,2,1. Street,Helsinki\n")].concat();
        assert!(read("x.csv.gz", &parts).is_ok());
    }

    #[test]
    fn what_is_no_geojson_of_addresses_is_told_by_its_line() {
        let no = "`x.geojson` is no OpenAddresses GeoJSON:";
        let collection = format!("{{\"type\":\"FeatureCollection\",\"features\":[{FEATURE}]}}");
        let one_a_line = format!("{no} line 1 begins a collection: take the file with one feature a line");
        check_refused("x.geojson", collection.as_bytes(), &one_a_line);
        let parcel = FEATURE.replace("street", "pid");
        let error = read("x.geojson", parcel.as_bytes()).unwrap_err();
        assert!(
            error.starts_with(&format!("{no} line 1 is no feature with an address: missing field `street`")),
            "{error}"
        );
        assert!(read("x.geojson", GOOD.as_bytes()).unwrap_err().contains(" line 1 is no feature with an address"));
        let cut = format!("{FEATURE}\n{}", &FEATURE[..40]);
        check_refused("x.geojson", cut.as_bytes(), "`x.geojson` is cut off: line 2 has no end");
    }

    #[test]
    fn what_is_packed_and_cut_off_is_told() {
        let whole = packed(&GOOD.repeat(500));
        let error = read("x.csv.gz", &whole[..whole.len() - 9]).unwrap_err();
        assert!(error.starts_with("`x.csv.gz` is cut off or damaged"), "{error}");
        let plain = "`x.csv.gz` is no OpenAddresses CSV: it is not packed: leave .gz out of its name";
        check_refused("x.csv.gz", GOOD.as_bytes(), plain);
        let town = include_bytes!("../../../../demo/helsinki_centre.osm.pbf");
        check_refused("x.csv.gz", town, "`x.csv.gz` is no OpenAddresses CSV: it is an extract: call it .osm.pbf");
    }

    #[test]
    fn what_is_no_table_is_told_by_what_it_is() {
        let no = "`x.csv` is no OpenAddresses CSV:";
        check_refused("x.csv", b"\x1f\x8b\x08 and so on", &format!("{no} it is packed with gzip: call it .csv.gz"));
        check_refused("x.csv", b"<html>404", &format!("{no} it is a web page: the download has failed"));
        check_refused(
            "x.csv",
            b"{\"type\":\"Feature\"}\n",
            &format!("{no} it is JSON: call it .geojson if it is of OpenAddresses"),
        );
        check_refused("x.csv", &[0; 3000], &format!("{no} it is something else"));
        check_refused("x.csv", &[b'x'; 3 << 20], &format!("{no} it is something else"));
        let town = include_bytes!("../../../../demo/helsinki_centre.osm.pbf");
        check_refused("x.csv", town, &format!("{no} it is an extract: call it .osm.pbf"));
    }

    #[test]
    fn a_column_that_is_missing_is_named_with_those_that_are_there() {
        let no = "`x.csv` is no OpenAddresses CSV: line 1 has no column";
        check_refused("x.csv", b"LON,LAT,STREET\n1,2,x\n", &format!("{no} `NUMBER`, it has `LON,LAT,STREET`"));
        let long = "name,".repeat(40);
        check_refused("x.csv", long.as_bytes(), &format!("{no} `LON`, it has `{}…`", "name,".repeat(16)));
        check_refused("x.csv", b"\n\n", &format!("{no} `LON`, it has ``"));
    }

    #[test]
    fn a_table_that_ends_within_a_row_is_told_by_its_line() {
        let cut = format!("{GOOD}24.93,60.16,2,1. Str");
        check_refused("x.csv", cut.as_bytes(), "`x.csv` is cut off: line 3 has 4 of 5 columns and no end");
    }
}
