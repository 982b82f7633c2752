//! Whether a file is a table of OpenAddresses, and all of one.

use std::path::Path;

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
pub(crate) fn check(path: &Path, reader: &mut Hashing, progress: &dyn Fn(u64)) -> Result<(), SourceError> {
    let mut header: Option<Vec<u8>> = None;
    let mut last = Vec::new();
    let mut line = 1;
    loop {
        let unreadable = |source| SourceError::Unreadable { path: path.to_owned(), source };
        let chunk = reader.take(CHUNK).map_err(unreadable)?;
        if chunk.is_empty() {
            break;
        }
        if reader.at() == chunk.len() as u64 {
            check_kind(path, &chunk)?;
        }
        progress(chunk.len() as u64);
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            // Of what goes on without end, the beginning is enough to say so.
            last.extend_from_slice(part.get(..LONGEST_LINE.saturating_sub(last.len())).unwrap_or(part));
            if part.ends_with(b"\n") {
                header.get_or_insert_with(|| last.clone());
                line += 1;
                last.clear();
            }
        }
        // Before the rest is read.
        if header.is_none() && last.len() >= LONGEST_LINE {
            return Err(SourceError::ForeignTable { path: path.to_owned(), what: "something else" });
        }
    }
    let header = header.as_deref().unwrap_or(&last);
    check_header(path, header)?;
    let (found, columns) = (columns(&last), columns(header));
    // Fields in quotes may have commas and line ends of their own.
    if !last.is_empty() && found < columns && !last.contains(&b'"') {
        return Err(SourceError::CutOffRow { path: path.to_owned(), line, found, columns });
    }
    Ok(())
}

/// How many fields a line has, if none is in quotes.
fn columns(line: &[u8]) -> usize {
    line.iter().filter(|byte| **byte == b',').count() + 1
}

/// What a file is that begins so, unless it may be a table.
fn check_kind(path: &Path, begins_with: &[u8]) -> Result<(), SourceError> {
    let begins_with = begins_with.get(..4096).unwrap_or(begins_with);
    let what = match begins_with {
        [b'{' | b'[', ..] => "JSON: take the CSV",
        _ if begins_with.windows(9).any(|part| part == b"OSMHeader") => "an extract: call it .osm.pbf",
        _ => match known_kind(begins_with) {
            Some(what) => what,
            None if begins_with.contains(&0) => "something else",
            None => return Ok(()),
        },
    };
    Err(SourceError::ForeignTable { path: path.to_owned(), what })
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
    use crate::maps::source::SourceKind;
    use crate::maps::source::tests::{check_refused, read};

    const GOOD: &str = "LON,LAT,NUMBER,STREET,CITY\n24.93,60.16,1,1. Street,Helsinki\n";

    #[test]
    fn a_table_is_read_from_end_to_end() {
        let mark = format!("\u{feff}{}", GOOD.replace("LON", "\"lon\"").replace('\n', "\r\n"));
        let open_end = format!("{GOOD}24.93,60.16,2,\"Street, 1.");
        for text in [GOOD, GOOD.trim_end(), &mark, &open_end, "LON,LAT,NUMBER,STREET"] {
            let source = read("x.CSV", text.as_bytes()).expect("it is a table");
            assert_eq!((source.kind, source.size_bytes), (SourceKind::Table, text.len() as u64), "{text}");
        }
    }

    #[test]
    fn what_is_no_table_is_told_by_what_it_is() {
        let no = "`x.csv` is no OpenAddresses CSV:";
        check_refused("x.csv", b"\x1f\x8b\x08 and so on", &format!("{no} it is a gzip archive, unpack it"));
        check_refused("x.csv", b"<html>404", &format!("{no} it is a web page: the download has failed"));
        check_refused("x.csv", b"{\"type\":\"Feature\"}\n", &format!("{no} it is JSON: take the CSV"));
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
