//! Reading a file in one go.

use jiff::Timestamp;
use routemate_domain::{ImportedStop, ImportedStopId, OrganizationId, StopRequest};
use routemate_stop_files::{ColumnChoice, Fault, Header, ReadOptions, StopFile, Target, UnknownColumns, read};
use uuid::Uuid;

pub(crate) fn read_plainly(bytes: &[u8]) -> StopFile {
    read(bytes, &ReadOptions::default(), |_, _| {})
}

/// The stops of a file in which nothing is wrong.
#[track_caller]
pub(crate) fn stops_of(bytes: &[u8]) -> Vec<StopRequest> {
    let file = read_plainly(bytes);
    assert!(file.faults.is_empty(), "{}", sentences(&file).join("\n"));
    file.stops.into_iter().map(|stop| stop.request).collect()
}

pub(crate) fn sentences(file: &StopFile) -> Vec<String> {
    file.faults.listed().iter().map(Fault::to_string).collect()
}

/// What each column holds; `?` where nobody knows.
pub(crate) fn targets(file: &StopFile) -> Vec<String> {
    file.columns.iter().map(|column| column.target.as_ref().map_or("?".to_owned(), Target::name)).collect()
}

pub(crate) fn mapped(choices: &[&str]) -> ReadOptions {
    let columns = choices.iter().map(|choice| ColumnChoice::parse(choice).expect("a choice")).collect();
    ReadOptions { columns, ..ReadOptions::default() }
}

pub(crate) fn headless(choices: &[&str]) -> ReadOptions {
    ReadOptions { header: Header::Absent, ..mapped(choices) }
}

pub(crate) fn keeping_unknown() -> ReadOptions {
    ReadOptions { unknown_columns: UnknownColumns::Attributes, ..ReadOptions::default() }
}

/// The stop as it is once it was taken in.
pub(crate) fn stored(request: StopRequest) -> ImportedStop {
    ImportedStop {
        organization_id: OrganizationId::from_uuid(Uuid::from_u128(1)),
        id: ImportedStopId::from_uuid(Uuid::from_u128(2)),
        location: request.location(),
        request,
        version: 1,
        imported_at: Timestamp::UNIX_EPOCH,
        created_at: Timestamp::UNIX_EPOCH,
    }
}
