//! One row of a file as a stop, or everything that is wrong with it.

mod goods;

use csv::StringRecord;
use jiff::civil;
use routemate_domain::{
    Address, Contact, DayWindow, ExternalId, FreeText, Item, Priority, StopKind, StopRequest, TextFault,
};
use routemate_units::{LatLng, Seconds};

use crate::columns::{Column, Target};
use crate::dates::{DateFault, DateOrder, date};
use crate::fault::{Fault, Faults};
use crate::field::Field;
use crate::lists;
use crate::numbers::{Comma, degrees, whole};
use crate::safe_cell::unguarded;
use crate::times::{duration, time, windows};

/// What rows are read by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'c> {
    pub(crate) columns: &'c [Column],
    pub(crate) comma: Comma,
    pub(crate) date_order: Option<DateOrder>,
}

/// A row of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'r> {
    pub(crate) line: u64,
    pub(crate) cells: &'r StringRecord,
}

/// A cell that is not empty, without what guards it.
#[derive(Clone, Copy)]
struct Cell<'r> {
    text: &'r str,
    column: &'r Column,
}

/// One row being read.
struct At<'r> {
    reading: Reading<'r>,
    row: Row<'r>,
    faults: &'r mut Faults,
    is_wrong: bool,
}

/// The longest text of one part; the API's.
const LONGEST: usize = FreeText::MAX_CHARS;

/// What bare numbers of a column are.
const MINUTE: Seconds = Seconds::new(60);
const HOUR: Seconds = Seconds::new(3_600);

/// The stop that a row asks for. `None` where something is wrong, which has been told.
pub(crate) fn stop_request(reading: Reading<'_>, row: Row<'_>, faults: &mut Faults) -> Option<StopRequest> {
    let mut at = At { reading, row, faults, is_wrong: false };
    at.check_cells();
    let external_id = at.external_id();
    let address = at.address().in_usual_form();
    let position = at.position();
    if address == Address::default() && position.is_none() && !at.is_wrong {
        at.complain_of_row("needs an address or coordinates: their columns are empty");
    }
    let contact = at.contact().in_usual_form(&address.country_code);
    let request = StopRequest {
        external_id,
        kind: at.kind(),
        address,
        position,
        contact,
        note: at.free_text(Field::Note),
        service_time: at.service_time(),
        windows: at.windows(),
        delivery_date: at.delivery_date(),
        priority: at.priority(),
        items: at.items(),
        order_name: at.free_text(Field::OrderName).map(FreeText::into_string),
        attributes: at.attributes(),
        tags: at.tags(),
        tasks: at.read(Field::Tasks, lists::tasks).unwrap_or_default(),
    };
    (!at.is_wrong).then_some(request)
}

/// The item that a further row of the same stop adds, if it names one. `None` where something is wrong, which has been told.
pub(crate) fn further_item(reading: Reading<'_>, row: Row<'_>, faults: &mut Faults) -> Option<Option<Item>> {
    let mut at = At { reading, row, faults, is_wrong: false };
    at.check_cells();
    let item = at.single_item();
    (!at.is_wrong).then_some(item)
}

impl<'r> At<'r> {
    fn complain_of_row(&mut self, message: &str) {
        self.is_wrong = true;
        self.faults.add(Fault::of_line(self.row.line, message));
    }

    fn complain(&mut self, cell: Cell<'_>, message: impl std::fmt::Display) {
        self.is_wrong = true;
        self.faults.add(Fault::of_cell(self.row.line, cell.column.label(), cell.text, message));
    }

    /// Cells beyond the last column; characters that the database cannot hold.
    fn check_cells(&mut self) {
        let (row, columns) = (self.row, self.reading.columns);
        let beyond = row.cells.iter().skip(columns.len()).filter(|cell| !cell.trim().is_empty()).count();
        if beyond > 0 {
            self.is_wrong = true;
            let message = format_args!(
                "has {} cells, and the first row {}: text that holds the delimiter must stand in quotation marks",
                row.cells.len(),
                columns.len()
            );
            self.faults.add(Fault::of_line(row.line, message));
        }
        for (text, column) in row.cells.iter().zip(columns) {
            if column.target.as_ref().is_some_and(|target| *target != Target::LeftOut) && text.contains('\0') {
                self.complain(Cell { text, column }, TextFault::Nul);
            }
        }
    }

    /// Every cell of a field that is not empty, in the order of the columns.
    fn cells(&self, field: Field) -> impl Iterator<Item = Cell<'r>> + use<'r> {
        let row = self.row;
        let of_field = self.reading.columns.iter().filter(move |column| column.target == Some(Target::Field(field)));
        of_field.filter_map(move |column| Self::cell_of(row, column))
    }

    fn cell_of(row: Row<'r>, column: &'r Column) -> Option<Cell<'r>> {
        let text = unguarded(row.cells.get(column.number.checked_sub(1)?)?);
        (!text.is_empty()).then_some(Cell { text, column })
    }

    fn cell(&self, field: Field) -> Option<Cell<'r>> {
        self.cells(field).next()
    }

    /// What a cell says, or what is wrong with it.
    fn read<T>(&mut self, field: Field, read: impl FnOnce(&'r str) -> Result<T, String>) -> Option<T> {
        let cell = self.cell(field)?;
        read(cell.text).map_err(|message| self.complain(cell, message)).ok()
    }

    /// What a cell says, or what it should have said.
    fn expect<T>(&mut self, field: Field, read: impl FnOnce(&'r str) -> Option<T>, expected: &str) -> Option<T> {
        self.read(field, |text| read(text).ok_or_else(|| expected.to_owned()))
    }

    fn part(&mut self, field: Field) -> String {
        self.cell(field).map(|cell| self.within_longest(cell)).unwrap_or_default()
    }

    fn within_longest(&mut self, cell: Cell<'_>) -> String {
        if cell.text.len() > LONGEST && cell.text.chars().count() > LONGEST {
            self.complain(cell, TextFault::TooLong { max_chars: LONGEST });
        }
        cell.text.to_owned()
    }

    fn free_text(&mut self, field: Field) -> Option<FreeText> {
        let cell = self.cell(field).filter(|cell| !cell.text.trim().is_empty())?;
        // U+0000 has been told.
        let is_told = |fault: &TextFault| *fault == TextFault::Nul;
        FreeText::parse(cell.text).map_err(|fault| (!is_told(&fault)).then(|| self.complain(cell, fault))).ok()
    }

    fn external_id(&mut self) -> Option<ExternalId> {
        let cell = self.cell(Field::ClientStopId).filter(|cell| !cell.text.trim().is_empty())?;
        let is_told = |fault: &TextFault| *fault == TextFault::Nul;
        ExternalId::parse(cell.text).map_err(|fault| (!is_told(&fault)).then(|| self.complain(cell, fault))).ok()
    }

    fn kind(&mut self) -> StopKind {
        let expected = "must be one of delivery, pickup, task";
        self.expect(Field::Kind, kind, expected).unwrap_or(StopKind::Delivery)
    }

    fn address(&mut self) -> Address {
        let mut line1 = self.part(Field::Address1);
        if let Some(number) = self.cell(Field::HouseNumber) {
            let street = self.cell(Field::Address1).map(|cell| cell.column.number);
            line1 = match street {
                Some(street) if street < number.column.number => format!("{line1} {}", number.text),
                Some(_) => format!("{} {line1}", number.text),
                None => number.text.to_owned(),
            };
        }
        Address {
            line1,
            line2: self.part(Field::Address2),
            city: self.part(Field::City),
            province_code: self.part(Field::Province),
            country_code: self.part(Field::Country),
            zip: self.without_apostrophe(Field::Zip),
        }
    }

    /// Shops put an apostrophe before postal codes and telephone numbers, so that spreadsheets keep their zeros.
    fn without_apostrophe(&mut self, field: Field) -> String {
        let part = self.part(field);
        let is_bare = self.raw(field).is_some_and(|raw| raw.trim() == part);
        match part.strip_prefix('\'').filter(|_| is_bare) {
            Some(rest) => rest.to_owned(),
            None => part,
        }
    }

    fn raw(&self, field: Field) -> Option<&'r str> {
        let column = self.cell(field)?.column;
        self.row.cells.get(column.number.checked_sub(1)?)
    }

    /// (0, 0) is what is written where nothing is known.
    fn position(&mut self) -> Option<LatLng> {
        let expected = |most: u32| format!("must be a number from -{most} to {most}, such as 60.1699");
        let (lat_cell, lng_cell) = (self.cell(Field::Latitude), self.cell(Field::Longitude));
        let pair = match (lat_cell, lng_cell) {
            (None, None) => {
                let expected = "must be latitude and longitude, such as 60.1699, 24.9384";
                self.expect(Field::Coordinates, coordinates, expected)
            }
            (Some(cell), None) => {
                self.complain(cell, "needs a longitude beside it");
                None
            }
            (None, Some(cell)) => {
                self.complain(cell, "needs a latitude beside it");
                None
            }
            (Some(_), Some(_)) => {
                let lat = self.expect(Field::Latitude, |text| degrees(text, 90.0), &expected(90));
                let lng = self.expect(Field::Longitude, |text| degrees(text, 180.0), &expected(180));
                lat.zip(lng)
            }
        };
        let (lat, lng) = pair.filter(|pair| *pair != (0.0, 0.0))?;
        LatLng::new(lat, lng).ok()
    }

    fn contact(&mut self) -> Contact {
        let (mut first_name, mut last_name) = (self.part(Field::FirstName), self.part(Field::LastName));
        if first_name.is_empty() && last_name.is_empty() {
            let name = self.part(Field::ContactName);
            let (first, last) = name.split_once(' ').unwrap_or((&name, ""));
            (first_name, last_name) = (first.to_owned(), last.trim().to_owned());
        }
        Contact {
            first_name,
            last_name,
            company: self.part(Field::Company),
            phone: self.without_apostrophe(Field::Phone),
            email: self.part(Field::Email),
        }
    }

    fn service_time(&mut self) -> Option<Seconds> {
        let comma = self.reading.comma;
        let expected = |unit: &str| format!("must be {unit}, or such as 00:10:00 or 10 min; at most a week");
        let columns = [
            (Field::ServiceSeconds, Seconds::new(1), expected("seconds")),
            (Field::ServiceMinutes, MINUTE, expected("minutes")),
            (Field::ServiceHours, HOUR, expected("hours")),
        ];
        columns
            .into_iter()
            .find_map(|(field, unit, expected)| self.expect(field, |text| duration(text, unit, comma), &expected))
    }

    fn windows(&mut self) -> Vec<DayWindow> {
        let expected = "must be such as 09:00-12:00, from 9am or until 17h30, each ending after it starts; several with `;` between";
        let mut all = Vec::new();
        for cell in self.cells(Field::TimeWindows) {
            match windows(cell.text) {
                Some(windows) => all.extend(windows),
                None => self.complain(cell, expected),
            }
        }
        let expected = "must be a time of day, such as 9:00, 17h30 or 5 pm";
        let start = self.expect(Field::WindowStart, time, expected);
        let end = self.expect(Field::WindowEnd, time, expected);
        match (DayWindow::new(start, end), self.cell(Field::WindowEnd)) {
            (Ok(window), _) => all.extend(window),
            (Err(fault), Some(cell)) => self.complain(cell, fault),
            (Err(_), None) => {}
        }
        all
    }

    fn delivery_date(&mut self) -> Option<civil::Date> {
        let order = self.reading.date_order;
        self.read(Field::DeliveryDate, |text| {
            date(text, order).map_err(|fault| {
                let message = match fault {
                    DateFault::Malformed => "must be a day, such as 2026-03-09",
                    DateFault::Ambiguous => {
                        "may be either day and month or month and day: say the date order, day_first or month_first"
                    }
                };
                message.to_owned()
            })
        })
    }

    fn priority(&mut self) -> Priority {
        let comma = self.reading.comma;
        let read = |text: &str| match text.trim().to_lowercase().as_str() {
            "low" => Some(1),
            "normal" | "medium" => Some(5),
            "high" | "urgent" => Some(10),
            text => whole(text, comma).and_then(|number| u8::try_from(number).ok()),
        };
        let given = self.expect(
            Field::Priority,
            |text| read(text).and_then(Priority::one_to_ten),
            "must be from 1 (low) to 10 (high), 0 being unset, or low, normal or high",
        );
        // Zero is no priority above ten.
        given.or_else(|| Priority::one_to_ten(0)).unwrap_or_default()
    }
}

fn kind(text: &str) -> Option<StopKind> {
    let letters: String = text.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
    match letters.as_str() {
        "delivery" | "dropoff" | "drop" | "livraison" | "lieferung" | "zustellung" | "entrega" | "consegna"
        | "bezorging" | "levering" | "toimitus" | "leverans" => Some(StopKind::Delivery),
        "pickup" | "collection" | "collect" | "enlèvement" | "ramassage" | "collecte" | "abholung" | "recogida"
        | "ritiro" | "ophalen" | "nouto" | "upphämtning" | "hämtning" => Some(StopKind::Pickup),
        "task" | "service" | "visit" | "tâche" | "visite" | "aufgabe" | "besuch" | "tarea" | "visita" | "taak"
        | "tehtävä" | "käynti" | "uppgift" => Some(StopKind::Task),
        _ => None,
    }
}

/// `60.1699, 24.9384`, `60,1699; 24,9384`, `(60.1699 24.9384)`.
fn coordinates(text: &str) -> Option<(f64, f64)> {
    let bare = text.trim().trim_matches(['(', ')', '[', ']']).trim();
    let (lat, lng) = match (bare.split_once(';'), bare.matches(',').count()) {
        (Some(pair), _) => pair,
        (None, 1) => bare.split_once(',')?,
        (None, 0) => bare.split_once(char::is_whitespace)?,
        (None, _) => bare.split_once(", ").or_else(|| bare.split_once(char::is_whitespace))?,
    };
    Some((degrees(lat.trim(), 90.0)?, degrees(lng.trim(), 180.0)?))
}
