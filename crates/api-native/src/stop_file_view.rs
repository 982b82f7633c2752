//! How a file of stops reads, as JSON.

use routemate_app::TakenStops;
use routemate_stop_files::{Delimiter, Fault, Faults, Origin, ReadStop, StopFile, Target};
use serde::Serialize;
use utoipa::ToSchema;

use crate::convert;
use crate::dto::{AddressDto, AttributeDto, ContactDto, ItemDto, PriorityDto};
use crate::imported_stops::{DayWindowDto, OddityDto, TaskTemplateDto, oddities, task, windows};
use crate::openapi::schemas;

/// Stops that are shown as they were read.
pub(crate) const SHOWN: usize = 10;

/// How a file of stops was read, and what was done with it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StopFileDto<'a> {
    /// Whether nothing was kept.
    is_preview: bool,
    /// How its characters are written.
    #[schema(required)]
    encoding: Option<&'static str>,
    /// What stands between its cells: `comma`, `semicolon`, `tab` or `bar`.
    #[schema(required)]
    delimiter: Option<&'static str>,
    /// Which way round days and months are: `day_first` or `month_first`; `null` where no row needs to know.
    #[schema(required)]
    date_order: Option<&'static str>,
    columns: Vec<ColumnDto>,
    /// Rows that are not blank, without the header.
    #[schema(minimum = 0)]
    rows: u64,
    /// Stops that were, or would be, made.
    #[schema(minimum = 0)]
    created: u64,
    /// Stops that were, or would be, replaced: those of known client's ids.
    #[schema(minimum = 0)]
    replaced: u64,
    /// Rows that a later row of the same client's id replaces, at most 1,000 of them.
    overridden_rows: Vec<FileFaultDto<'a>>,
    /// How many these are.
    #[schema(minimum = 0)]
    overridden_row_count: u64,
    /// The first stops as they were read.
    first_stops: Vec<ReadStopDto<'a>>,
    /// What is wrong, at most 1,000 of it. A file with faults is not imported.
    faults: Vec<FileFaultDto<'a>>,
    /// How many faults there are.
    #[schema(minimum = 0)]
    fault_count: u64,
}

/// A column of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ColumnDto {
    /// From 1.
    #[schema(minimum = 1)]
    number: usize,
    name: String,
    /// What it holds: a field, `attribute:KEY`, `-` where it was left out, and `null` where nobody knows.
    #[schema(required)]
    field: Option<String>,
    /// Whether the sender says so, or its name.
    is_declared: bool,
}

/// Something of a file that is worth telling.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileFaultDto<'a> {
    /// From 1, line breaks within quotation marks counted; `null` for the file as a whole.
    #[schema(required, minimum = 1)]
    line: Option<u64>,
    /// The column's name, or `#3` for the third.
    #[schema(required)]
    column: Option<&'a str>,
    /// What the cell holds, at most 100 characters of it.
    #[schema(required)]
    value: Option<&'a str>,
    /// What is wrong and what is accepted.
    message: &'a str,
}

/// A stop as it was read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadStopDto<'a> {
    /// The line it begins on.
    #[schema(minimum = 1)]
    line: u64,
    #[schema(required)]
    client_stop_id: Option<&'a str>,
    #[schema(schema_with = schemas::stop_kind)]
    kind: &'static str,
    #[schema(required)]
    order_name: Option<&'a str>,
    address: AddressDto<'a>,
    #[schema(required, minimum = -90, maximum = 90)]
    latitude: Option<f64>,
    #[schema(required, minimum = -180, maximum = 180)]
    longitude: Option<f64>,
    contact: ContactDto<'a>,
    #[schema(required)]
    note: Option<&'a str>,
    #[schema(required)]
    service_seconds: Option<u32>,
    windows: Vec<DayWindowDto>,
    #[schema(required, format = "date")]
    delivery_date: Option<String>,
    priority: PriorityDto,
    items: Vec<ItemDto<'a>>,
    attributes: Vec<AttributeDto<'a>>,
    tags: Vec<&'a str>,
    tasks: Vec<TaskTemplateDto<'a>>,
    /// What would be kept as it is because it reads as nothing known.
    oddities: Vec<OddityDto<'a>>,
}

/// How a file reads, and what was or would be done with it; `file` may hold no more than its first stops.
#[must_use]
pub fn stop_file_json(file: &StopFile, taken: TakenStops, is_preview: bool) -> serde_json::Value {
    let dto = StopFileDto {
        is_preview,
        encoding: file.encoding.map(|encoding| encoding.name()),
        delimiter: file.delimiter.map(Delimiter::name),
        date_order: file.date_order.map(|order| order.name()),
        columns: file.columns.iter().map(column).collect(),
        rows: file.rows,
        created: taken.created,
        replaced: taken.replaced,
        overridden_rows: faults(&file.replaced),
        overridden_row_count: file.replaced.count(),
        first_stops: file.stops.iter().take(SHOWN).map(read_stop).collect(),
        faults: faults(&file.faults),
        fault_count: file.faults.count(),
    };
    // Text and numbers only: writing it cannot fail.
    serde_json::to_value(dto).unwrap_or_default()
}

fn column(column: &routemate_stop_files::Column) -> ColumnDto {
    ColumnDto {
        number: column.number,
        name: column.name.clone(),
        field: column.target.as_ref().map(Target::name),
        is_declared: column.origin == Origin::Declared,
    }
}

fn faults(faults: &Faults) -> Vec<FileFaultDto<'_>> {
    faults.listed().iter().map(fault).collect()
}

fn fault(fault: &Fault) -> FileFaultDto<'_> {
    FileFaultDto {
        line: fault.line,
        column: fault.column.as_deref(),
        value: fault.value.as_deref(),
        message: &fault.message,
    }
}

fn read_stop(stop: &ReadStop) -> ReadStopDto<'_> {
    let request = &stop.request;
    ReadStopDto {
        line: stop.line,
        client_stop_id: request.external_id.as_ref().map(|id| id.as_str()),
        kind: request.kind.as_str(),
        order_name: request.order_name.as_deref(),
        address: convert::address(&request.address),
        latitude: request.position.map(|position| position.lat()),
        longitude: request.position.map(|position| position.lng()),
        contact: convert::contact(&request.contact),
        note: request.note.as_ref().map(|note| note.as_str()),
        service_seconds: request.service_time.map(|time| time.get()),
        windows: windows(request),
        delivery_date: request.delivery_date.map(|date| date.to_string()),
        priority: PriorityDto { value: request.priority.raw(), scale: request.priority.scale().as_str() },
        items: convert::items(&request.items),
        attributes: convert::attributes(&request.attributes),
        tags: request.tags.iter().map(String::as_str).collect(),
        tasks: request.tasks.iter().map(task).collect(),
        oddities: oddities(request),
    }
}
