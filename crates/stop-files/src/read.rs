//! A whole file: read from its first byte to its last, and everything that is wrong with it told at once.

use std::collections::HashMap;
use std::ops::Range;

use csv::StringRecord;
use routemate_domain::{ExternalId, StopRequest};

use crate::columns::{Column, ColumnChoice, MOST_COLUMNS, Target, UnknownColumns, columns};
use crate::dates::{DateOrder, evident_order};
use crate::delimiter::{self, Delimiter, reader};
use crate::encoding::{LineCount, TextEncoding, decode};
use crate::fault::{Fault, Faults};
use crate::field::Field;
use crate::numbers::Comma;
use crate::row::{Reading, Row, further_item, stop_request};
use crate::safe_cell::unguarded;

/// What the sender says of a file. The rest is guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// How its characters are written.
    pub encoding: Option<TextEncoding>,
    /// What stands between its cells.
    pub delimiter: Option<Delimiter>,
    /// Whether its first row names the columns.
    pub header: Header,
    /// What columns hold.
    pub columns: Vec<ColumnChoice>,
    /// What becomes of columns that nobody knows.
    pub unknown_columns: UnknownColumns,
    /// Which way round days and months are.
    pub date_order: Option<DateOrder>,
    /// The most rows that are taken; a file with more is refused.
    pub most_rows: u64,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            encoding: None,
            delimiter: None,
            header: Header::FirstRow,
            columns: Vec::new(),
            unknown_columns: UnknownColumns::LeftOut,
            date_order: None,
            most_rows: 1_000_000,
        }
    }
}

/// Whether a file names its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// Its first row does.
    FirstRow,
    /// Its first row is a stop; columns are known by their numbers.
    Absent,
}

/// A stop of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadStop {
    /// The line its first row begins on, from 1.
    pub line: u64,
    /// What is wanted.
    pub request: StopRequest,
}

/// What a file was found to be.
#[derive(Debug, Clone, PartialEq)]
pub struct StopFile {
    /// How its characters are written; `None` where that could not be told.
    pub encoding: Option<TextEncoding>,
    /// What stands between its cells; `None` where that was not reached.
    pub delimiter: Option<Delimiter>,
    /// Which way round days and months are, where that was said or one of the rows shows it.
    pub date_order: Option<DateOrder>,
    /// What each column holds; none where that could not be told.
    pub columns: Vec<Column>,
    /// Rows that are not blank, without the header.
    pub rows: u64,
    /// The stops in the order of the file. Where there are faults, those that are whole: no file is to be taken in half.
    pub stops: Vec<ReadStop>,
    /// All that is wrong.
    pub faults: Faults,
    /// Rows that a later row of the same client's id replaces.
    pub replaced: Faults,
}

/// How many rows are read between two reports.
const REPORT_EVERY: u64 = 1_000;

/// Reads a file. `progress` is told from time to time how many bytes of how many have been read.
///
/// Never fails: what is wrong is in [`StopFile::faults`]. Takes time and memory proportional to the file.
pub fn read(bytes: &[u8], options: &ReadOptions, mut progress: impl FnMut(u64, u64)) -> StopFile {
    let mut file = StopFile {
        encoding: None,
        delimiter: None,
        date_order: options.date_order,
        columns: Vec::new(),
        rows: 0,
        stops: Vec::new(),
        faults: Faults::default(),
        replaced: Faults::default(),
    };
    let decoded = match decode(bytes, options.encoding) {
        Ok(decoded) => decoded,
        Err(fault) => {
            file.faults.add(fault);
            return file;
        }
    };
    file.encoding = Some(decoded.encoding);
    let named = delimiter::named_by_file(&decoded.text);
    let behind = named.map_or(0, |(_, behind)| behind);
    let sheet = Sheet {
        text: &decoded.text,
        from: behind,
        delimiter: options
            .delimiter
            .or(named.map(|(delimiter, _)| delimiter))
            .unwrap_or_else(|| delimiter::guess(decoded.text.get(behind..).unwrap_or_default())),
    };
    file.delimiter = Some(sheet.delimiter);
    sheet.read(options, &mut file, &mut progress);
    file
}

/// The text of a file and how it is cut into cells.
struct Sheet<'t> {
    text: &'t str,
    from: usize,
    delimiter: Delimiter,
}

/// The rows of a sheet that are not blank, one after the other.
struct Rows<'t> {
    text: &'t str,
    from: usize,
    reader: csv::Reader<&'t [u8]>,
    lines: LineCount,
    counted: usize,
    line: u64,
    span: Range<usize>,
    cells: StringRecord,
}

impl<'t> Rows<'t> {
    fn new(sheet: &Sheet<'t>) -> Self {
        Self {
            text: sheet.text,
            from: sheet.from,
            reader: reader(sheet.text.get(sheet.from..).unwrap_or_default(), sheet.delimiter),
            lines: LineCount::default(),
            counted: 0,
            line: 0,
            span: 0..0,
            cells: StringRecord::new(),
        }
    }

    /// Goes to the next row that is not blank; `false` where there is none.
    fn advance(&mut self) -> bool {
        loop {
            let begin = self.offset();
            // Text in memory has no errors: what is no UTF-8 has been refused.
            if !self.reader.read_record(&mut self.cells).unwrap_or(false) {
                return false;
            }
            // Blank lines, and what is left of the row's end before, are passed over by the reader.
            let passed = self.text.get(begin..).unwrap_or_default();
            let begin = begin + (passed.len() - passed.trim_start_matches(['\r', '\n']).len());
            self.line = self.lines.after(self.text.get(self.counted..begin).unwrap_or_default());
            self.counted = begin;
            self.span = begin..self.offset();
            if self.cells.iter().any(|cell| !cell.trim().is_empty()) {
                return true;
            }
        }
    }

    fn offset(&self) -> usize {
        self.from + usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX - self.from)
    }

    /// Whether the row stands within quotation marks that are never closed: then it holds the rest of the file.
    fn is_unclosed(&self, delimiter: Delimiter) -> bool {
        let row = self.text.get(self.span.clone()).unwrap_or_default();
        if self.span.end < self.text.len() || !row.contains('"') {
            return false;
        }
        // A row behind it would be read as one if all marks were closed.
        let with_another = format!("{row}\nx");
        let last = reader(&with_another, delimiter).into_records().filter_map(Result::ok).last();
        last.is_none_or(|last| last != vec!["x"])
    }
}

impl<'t> Sheet<'t> {
    fn read(&self, options: &ReadOptions, file: &mut StopFile, progress: &mut impl FnMut(u64, u64)) {
        let mut rows = Rows::new(self);
        if !rows.advance() {
            file.faults.add(Fault::of_file("is empty"));
            return;
        }
        let header_line = rows.line;
        let names: Vec<String> = rows.cells.iter().map(str::to_owned).collect();
        if names.len() > MOST_COLUMNS {
            let message = format_args!("has {} cells; a file may have {MOST_COLUMNS} columns", names.len());
            file.faults.add(Fault::of_line(header_line, message));
            return;
        }
        let has_header = options.header == Header::FirstRow;
        match columns(&names, &options.columns, options.unknown_columns, has_header) {
            Ok(columns) => file.columns = columns,
            Err(faults) => {
                for fault in faults {
                    let line = fault.line.map(|_| header_line);
                    file.faults.add(Fault { line, ..fault });
                }
                return;
            }
        }
        if file.date_order.is_none() {
            file.date_order = self.evident_date_order(&file.columns, has_header);
        }
        let columns = std::mem::take(&mut file.columns);
        let comma = match self.delimiter {
            Delimiter::Comma => Comma::Thousands,
            Delimiter::Semicolon | Delimiter::Tab | Delimiter::Bar => Comma::Decimal,
        };
        let reading = Reading { columns: &columns, comma, date_order: file.date_order };
        self.read_rows(rows, reading, options, file, progress);
        file.columns = columns;
        if file.rows == 0 && file.faults.is_empty() {
            file.faults.add(Fault::of_file("has no rows below its header"));
        }
        tell_replaced(file);
    }

    fn read_rows(
        &self,
        mut rows: Rows<'t>,
        reading: Reading<'_>,
        options: &ReadOptions,
        file: &mut StopFile,
        progress: &mut impl FnMut(u64, u64),
    ) {
        let total = u64::try_from(self.text.len()).unwrap_or(u64::MAX);
        let has_items = reading
            .columns
            .iter()
            .any(|column| matches!(column.target, Some(Target::Field(field)) if field.is_of_item()));
        // The first row of the stop before, and whether that stop was read.
        let mut before: Option<(StringRecord, bool)> = None;
        let mut is_there = options.header == Header::Absent || rows.advance();
        while is_there {
            if rows.is_unclosed(self.delimiter) {
                let message = "begins a quotation mark that is never closed: the rest of the file stands within it";
                file.faults.add(Fault::of_line(rows.line, message));
                break;
            }
            file.rows += 1;
            if file.rows > options.most_rows {
                let message = format_args!("has more than {} rows: split it", options.most_rows);
                file.faults.add(Fault::of_file(message));
                break;
            }
            let row = Row { line: rows.line, cells: &rows.cells };
            match before.as_ref().filter(|(first, _)| continues(reading.columns, first, row.cells)) {
                Some((_, was_read)) => {
                    let item = further_item(reading, row, &mut file.faults).flatten();
                    if let Some(stop) = file.stops.last_mut().filter(|_| *was_read) {
                        stop.request.items.extend(item);
                    }
                }
                None => {
                    let request = stop_request(reading, row, &mut file.faults);
                    before = has_items.then(|| (row.cells.clone(), request.is_some()));
                    file.stops.extend(request.map(|request| ReadStop { line: row.line, request }));
                }
            }
            if file.rows.is_multiple_of(REPORT_EVERY) {
                progress(u64::try_from(rows.span.end).unwrap_or(total), total);
            }
            is_there = rows.advance();
        }
        progress(total, total);
    }

    /// The order of days and months that some of the rows show and none of them denies.
    fn evident_date_order(&self, columns: &[Column], has_header: bool) -> Option<DateOrder> {
        let column = columns.iter().find(|column| column.target == Some(Target::Field(Field::DeliveryDate)))?;
        let mut rows = Rows::new(self);
        let mut evident = None;
        let mut is_there = rows.advance() && (!has_header || rows.advance());
        while is_there {
            let cell = rows.cells.get(column.number - 1).map(unguarded).unwrap_or_default();
            match (evident_order(cell), evident) {
                (Some(order), Some(other)) if order != other => return None,
                (Some(order), _) => evident = Some(order),
                (None, _) => {}
            }
            is_there = rows.advance();
        }
        evident
    }
}

/// Whether a row says only which further item belongs to the stop of an earlier one: it names an item and the same order, and
/// the rest of it is empty or the same.
fn continues(columns: &[Column], first: &StringRecord, row: &StringRecord) -> bool {
    let (mut has_item, mut is_same_order) = (false, false);
    for (at, column) in columns.iter().enumerate() {
        let Some(target) = column.target.as_ref().filter(|target| **target != Target::LeftOut) else { continue };
        let (cell, other) = (row.get(at).unwrap_or_default().trim(), first.get(at).unwrap_or_default().trim());
        match target {
            Target::Field(field) if field.is_of_item() => has_item |= !cell.is_empty(),
            Target::Field(Field::ClientStopId | Field::OrderName) if !cell.is_empty() && cell == other => {
                is_same_order = true
            }
            _ if cell.is_empty() || cell == other => {}
            _ => return false,
        }
    }
    has_item && is_same_order
}

fn tell_replaced(file: &mut StopFile) {
    let mut last: HashMap<&ExternalId, u64> = HashMap::new();
    let mut replaced = Vec::new();
    for stop in file.stops.iter().rev() {
        let Some(id) = &stop.request.external_id else { continue };
        match last.get(id) {
            Some(by) => replaced.push((stop.line, *by, id)),
            None => drop(last.insert(id, stop.line)),
        }
    }
    let mut told = Faults::default();
    for (line, by, id) in replaced.into_iter().rev() {
        told.add(Fault::of_line(
            line,
            format_args!("is replaced by line {by}, which has the same client_stop_id `{id}`"),
        ));
    }
    file.replaced = told;
}
