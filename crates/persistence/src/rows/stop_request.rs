//! What is wanted at a place, as JSON text: never filtered or sorted by. Readers accept documents without fields that were
//! added later, and ignore fields that they do not know.

use jiff::civil::Date;
use routemate_domain::{Address, ExternalId, FreeText, StopKind, StopRequest, TaskTemplate, TaskTemplateKind};
use routemate_units::{LatLng, Seconds};
use serde::{Deserialize, Serialize};

use super::documents::{AddressDocument, AttributeDocument, ContactDocument, DayWindowDocument, ItemDocument};
use super::parse_name;
use super::stop::priority;
use crate::StoreError;

#[derive(Debug, Serialize, Deserialize)]
struct StopRequestDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    kind: String,
    #[serde(default)]
    address: AddressDocument,
    /// Latitude and longitude.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    position: Option<(f64, f64)>,
    #[serde(default)]
    contact: ContactDocument,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service_s: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    windows: Vec<DayWindowDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delivery_date: Option<Date>,
    priority: f64,
    priority_scale: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    items: Vec<ItemDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order_name: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<AttributeDocument>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tasks: Vec<TaskTemplateDocument>,
}

#[derive(Debug, Serialize, Deserialize)]
struct TaskTemplateDocument {
    title: String,
    #[serde(flatten)]
    kind: TaskTemplateKindDocument,
    #[serde(default)]
    is_required_to_complete: bool,
    #[serde(default)]
    is_required_to_fail: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum TaskTemplateKindDocument {
    Checkboxes { items: Vec<String> },
    RadioButtons { items: Vec<String> },
    Text,
    Decimal,
    Scanner,
}

/// The text that a column `request` holds.
pub(super) fn to_text(table: &'static str, request: &StopRequest) -> Result<String, StoreError> {
    let document = StopRequestDocument {
        external_id: request.external_id.as_ref().map(|id| id.as_str().to_owned()),
        kind: request.kind.as_str().to_owned(),
        address: request.address.clone().into(),
        position: request.position.map(|position| (position.lat(), position.lng())),
        contact: request.contact.clone().into(),
        note: request.note.as_ref().map(|note| note.as_str().to_owned()),
        service_s: request.service_time.map(Seconds::get),
        windows: request.windows.iter().map(Into::into).collect(),
        delivery_date: request.delivery_date,
        priority: request.priority.raw(),
        priority_scale: request.priority.scale().as_str().to_owned(),
        items: request.items.iter().cloned().map(Into::into).collect(),
        order_name: request.order_name.clone(),
        attributes: request.attributes.iter().cloned().map(Into::into).collect(),
        tags: request.tags.clone(),
        tasks: request.tasks.iter().cloned().map(Into::into).collect(),
    };
    serde_json::to_string(&document).map_err(|error| StoreError::corrupt(table, COLUMN, error))
}

/// What a column `request` says.
pub(super) fn from_text(table: &'static str, text: &str) -> Result<StopRequest, StoreError> {
    let document: StopRequestDocument =
        serde_json::from_str(text).map_err(|error| StoreError::corrupt(table, COLUMN, error))?;
    let external_id = document.external_id.map(ExternalId::parse).transpose();
    let note = document.note.map(FreeText::parse).transpose();
    let position = document.position.map(|(lat, lng)| LatLng::new(lat, lng)).transpose();
    let windows = document.windows.iter().filter_map(|window| window.window().transpose()).collect();
    Ok(StopRequest {
        external_id: external_id.map_err(|error| StoreError::corrupt(table, COLUMN, error))?,
        kind: parse_name(table, COLUMN, &document.kind, &StopKind::ALL, StopKind::as_str)?,
        address: Address::from(document.address),
        position: position.map_err(|error| StoreError::corrupt(table, COLUMN, error))?,
        contact: document.contact.into(),
        note: note.map_err(|error| StoreError::corrupt(table, COLUMN, error))?,
        service_time: document.service_s.map(Seconds::new),
        windows: Result::map_err(windows, |error| StoreError::corrupt(table, COLUMN, error))?,
        delivery_date: document.delivery_date,
        priority: priority(document.priority, &document.priority_scale)?,
        items: document.items.into_iter().map(Into::into).collect(),
        order_name: document.order_name,
        attributes: document.attributes.into_iter().map(Into::into).collect(),
        tags: document.tags,
        tasks: document.tasks.into_iter().map(Into::into).collect(),
    })
}

const COLUMN: &str = "request";

impl From<TaskTemplate> for TaskTemplateDocument {
    fn from(task: TaskTemplate) -> Self {
        let TaskTemplate { title, kind, is_required_to_complete, is_required_to_fail } = task;
        let kind = match kind {
            TaskTemplateKind::Checkboxes(items) => TaskTemplateKindDocument::Checkboxes { items },
            TaskTemplateKind::RadioButtons(items) => TaskTemplateKindDocument::RadioButtons { items },
            TaskTemplateKind::Text => TaskTemplateKindDocument::Text,
            TaskTemplateKind::Decimal => TaskTemplateKindDocument::Decimal,
            TaskTemplateKind::Scanner => TaskTemplateKindDocument::Scanner,
        };
        Self { title, kind, is_required_to_complete, is_required_to_fail }
    }
}

impl From<TaskTemplateDocument> for TaskTemplate {
    fn from(document: TaskTemplateDocument) -> Self {
        let TaskTemplateDocument { title, kind, is_required_to_complete, is_required_to_fail } = document;
        let kind = match kind {
            TaskTemplateKindDocument::Checkboxes { items } => TaskTemplateKind::Checkboxes(items),
            TaskTemplateKindDocument::RadioButtons { items } => TaskTemplateKind::RadioButtons(items),
            TaskTemplateKindDocument::Text => TaskTemplateKind::Text,
            TaskTemplateKindDocument::Decimal => TaskTemplateKind::Decimal,
            TaskTemplateKindDocument::Scanner => TaskTemplateKind::Scanner,
        };
        Self { title, kind, is_required_to_complete, is_required_to_fail }
    }
}
