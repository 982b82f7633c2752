//! Stops as a file that spreadsheets open as it is and that reads back as it was.

use csv::{Terminator, WriterBuilder};
use routemate_domain::{ImportedStop, Location, PriorityScale, StopRequest};

use crate::delimiter::Delimiter;
use crate::field::{Exported, FIELDS, Field};
use crate::lists::{attributes_text, items_text, tags_text, tasks_text};
use crate::safe_cell::guarded;
use crate::times::windows_text;

/// How a file is written: UTF-8, lines ended by CR LF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteOptions {
    /// What stands between cells.
    pub delimiter: Delimiter,
    /// Whether it says that it is UTF-8.
    pub mark: ByteOrderMark,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self { delimiter: Delimiter::Comma, mark: ByteOrderMark::Absent }
    }
}

/// Whether a file begins with U+FEFF: Excel takes what does not for the encoding of its country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrderMark {
    /// It does.
    Present,
    /// It does not.
    Absent,
}

/// The beginning of a file: the names of its columns.
#[must_use]
pub fn header(options: WriteOptions) -> Vec<u8> {
    let names = columns().map(|field| field.name().to_owned());
    let mark = match options.mark {
        ByteOrderMark::Present => "\u{feff}",
        ByteOrderMark::Absent => "",
    };
    let mut bytes = mark.as_bytes().to_vec();
    bytes.extend(lines([names.collect::<Vec<_>>()], options.delimiter));
    bytes
}

/// The lines of these stops.
#[must_use]
pub fn rows(stops: &[ImportedStop], options: WriteOptions) -> Vec<u8> {
    let row = |stop: &ImportedStop| columns().map(|field| cell(stop, field)).collect::<Vec<_>>();
    lines(stops.iter().map(row), options.delimiter)
}

fn columns() -> impl Iterator<Item = Field> {
    FIELDS.iter().filter(|facts| facts.exported == Exported::Yes).map(|facts| facts.field)
}

fn lines(rows: impl IntoIterator<Item = Vec<String>>, delimiter: Delimiter) -> Vec<u8> {
    let mut writer =
        WriterBuilder::new().delimiter(delimiter.byte()).terminator(Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        // Rows of one length into memory: there is nothing that could fail.
        let _ = writer.write_record(&row);
    }
    writer.into_inner().unwrap_or_default()
}

/// A cell. Numbers, days and names of our own stay as they are; whatever somebody else has written is guarded.
fn cell(stop: &ImportedStop, field: Field) -> String {
    let request = &stop.request;
    let (address, contact) = (&request.address, &request.contact);
    let text = match field {
        Field::ClientStopId => request.external_id.as_ref().map_or("", |id| id.as_str()).to_owned(),
        Field::OrderName => request.order_name.clone().unwrap_or_default(),
        Field::Address1 => address.line1.clone(),
        Field::Address2 => address.line2.clone(),
        Field::City => address.city.clone(),
        Field::Province => address.province_code.clone(),
        Field::Zip => address.zip.clone(),
        Field::Country => address.country_code.clone(),
        Field::FirstName => contact.first_name.clone(),
        Field::LastName => contact.last_name.clone(),
        Field::Company => contact.company.clone(),
        Field::Phone => contact.phone.clone(),
        Field::Email => contact.email.clone(),
        Field::Note => request.note.as_ref().map_or("", |note| note.as_str()).to_owned(),
        Field::Tags => tags_text(&request.tags),
        Field::Items => items_text(&request.items),
        Field::Attributes => attributes_text(&request.attributes),
        Field::Tasks => tasks_text(&request.tasks),
        _ => return plain(stop, field),
    };
    guarded(&text).into_owned()
}

fn plain(stop: &ImportedStop, field: Field) -> String {
    let request = &stop.request;
    let shown = |value: Option<String>| value.unwrap_or_default();
    match field {
        Field::Kind => request.kind.as_str().to_owned(),
        Field::Latitude => shown(request.position.map(|position| position.lat().to_string())),
        Field::Longitude => shown(request.position.map(|position| position.lng().to_string())),
        Field::ServiceSeconds => shown(request.service_time.map(|time| time.get().to_string())),
        Field::TimeWindows => windows_text(&request.windows),
        Field::DeliveryDate => shown(request.delivery_date.map(|date| date.to_string())),
        Field::Priority => priority(request),
        Field::ImportedStopId => stop.id.to_string(),
        Field::LocationStatus => location(&stop.location).to_owned(),
        Field::ImportedAt => stop.imported_at.to_string(),
        _ => String::new(),
    }
}

/// Unset is left out, on either scale.
fn priority(request: &StopRequest) -> String {
    let raw = request.priority.raw();
    if raw == 0.0 || request.priority.scale() != PriorityScale::OneToTen { String::new() } else { raw.to_string() }
}

const fn location(location: &Location) -> &'static str {
    match location {
        Location::Supplied(_) => "supplied",
        Location::Geocoded(_) => "geocoded",
        Location::Searching => "searching",
        Location::NotFound { .. } => "not_found",
        Location::Forgotten => "forgotten",
        Location::Anywhere => "anywhere",
    }
}
