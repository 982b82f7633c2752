//! What a stop holds beside its columns, as JSON text. Nothing in here is ever filtered or sorted by.
//!
//! Readers accept documents without fields that were added later, and ignore fields that they do not know.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use routemate_domain::{
    Address, AttemptedReason, Attribute, Contact, DayWindow, InputMethod, Item, ProofOfDelivery, Task, TaskId,
    TaskInput, TaskItem, TaskItemId, TaskKind, WindowEndsBeforeStart,
};
use routemate_units::LatLng;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Two-way copies between a domain type and its stored shape, field by field.
macro_rules! mirror {
    ($name:ident of $domain:ty { $($field:ident: $type:ty),* $(,)? }) => {
        #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub(super) struct $name {
            $(#[serde(skip_serializing_if = "is_default")] $field: $type,)*
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                Self { $($field: value.$field),* }
            }
        }

        impl From<$name> for $domain {
            fn from(document: $name) -> Self {
                Self { $($field: document.$field),* }
            }
        }
    };
}

mirror!(AddressDocument of Address {
    line1: String, line2: String, city: String, province_code: String, country_code: String, zip: String,
});
mirror!(ContactDocument of Contact {
    first_name: String, last_name: String, company: String, phone: String, email: String,
});
mirror!(ItemDocument of Item { name: String, quantity: u32, grams: u32 });
mirror!(AttributeDocument of Attribute { key: String, value: String });

/// Everything about a stop that has no column. Written with the stop and never again: a release that does not know a
/// field would drop it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct StopDetails {
    #[serde(skip_serializing_if = "is_default")]
    pub(super) given_position: u32,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) contact: ContactDocument,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) items: Vec<ItemDocument>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) attributes: Vec<AttributeDocument>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tasks: Vec<TaskDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delivery_date: Option<Date>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) day_windows: Vec<DayWindowDocument>,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) is_locked: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DayWindowDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<Time>,
}

impl From<&DayWindow> for DayWindowDocument {
    fn from(window: &DayWindow) -> Self {
        Self { start: window.start(), end: window.end() }
    }
}

impl DayWindowDocument {
    /// The window, or that its bounds are not in order.
    pub(super) fn window(&self) -> Result<Option<DayWindow>, WindowEndsBeforeStart> {
        DayWindow::new(self.start, self.end)
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WindowDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TaskDocument {
    id: Uuid,
    title: String,
    #[serde(flatten)]
    kind: TaskKindDocument,
    #[serde(default, skip_serializing_if = "is_default")]
    is_required_to_complete: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    is_required_to_fail: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum TaskKindDocument {
    Checkboxes { items: Vec<TaskItemDocument> },
    RadioButtons { items: Vec<TaskItemDocument> },
    Text { input: Option<TaskInputDocument> },
    Decimal { input: Option<TaskInputDocument> },
    Scanner { input: Option<TaskInputDocument> },
}

#[derive(Debug, Serialize, Deserialize)]
struct TaskItemDocument {
    id: Uuid,
    title: String,
    completed_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
struct TaskInputDocument {
    value: String,
    updated_at: Timestamp,
    #[serde(default, skip_serializing_if = "is_default")]
    is_scanned: bool,
}

impl From<Task> for TaskDocument {
    fn from(task: Task) -> Self {
        let items = |items: Vec<TaskItem>| {
            let item = |item: TaskItem| TaskItemDocument {
                id: item.id.to_uuid(),
                title: item.title,
                completed_at: item.completed_at,
            };
            items.into_iter().map(item).collect()
        };
        let input = |input: Option<TaskInput>| {
            input.map(|input| TaskInputDocument {
                value: input.value,
                updated_at: input.updated_at,
                is_scanned: input.method == InputMethod::Scanned,
            })
        };
        Self {
            id: task.id.to_uuid(),
            title: task.title,
            kind: match task.kind {
                TaskKind::Checkboxes(list) => TaskKindDocument::Checkboxes { items: items(list) },
                TaskKind::RadioButtons(list) => TaskKindDocument::RadioButtons { items: items(list) },
                TaskKind::Text(text) => TaskKindDocument::Text { input: input(text) },
                TaskKind::Decimal(number) => TaskKindDocument::Decimal { input: input(number) },
                TaskKind::Scanner(code) => TaskKindDocument::Scanner { input: input(code) },
            },
            is_required_to_complete: task.is_required_to_complete,
            is_required_to_fail: task.is_required_to_fail,
        }
    }
}

impl From<TaskDocument> for Task {
    fn from(document: TaskDocument) -> Self {
        let items = |items: Vec<TaskItemDocument>| {
            let item = |item: TaskItemDocument| TaskItem {
                id: TaskItemId::from_uuid(item.id),
                title: item.title,
                completed_at: item.completed_at,
            };
            items.into_iter().map(item).collect()
        };
        let input = |input: Option<TaskInputDocument>| {
            input.map(|input| TaskInput {
                value: input.value,
                updated_at: input.updated_at,
                method: if input.is_scanned { InputMethod::Scanned } else { InputMethod::Typed },
            })
        };
        Self {
            id: TaskId::from_uuid(document.id),
            title: document.title,
            kind: match document.kind {
                TaskKindDocument::Checkboxes { items: list } => TaskKind::Checkboxes(items(list)),
                TaskKindDocument::RadioButtons { items: list } => TaskKind::RadioButtons(items(list)),
                TaskKindDocument::Text { input: text } => TaskKind::Text(input(text)),
                TaskKindDocument::Decimal { input: number } => TaskKind::Decimal(input(number)),
                TaskKindDocument::Scanner { input: code } => TaskKind::Scanner(input(code)),
            },
            is_required_to_complete: document.is_required_to_complete,
            is_required_to_fail: document.is_required_to_fail,
        }
    }
}

/// How a stop ended, beside when.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct OutcomeDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof_note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<(f64, f64)>,
}

impl OutcomeDocument {
    pub(super) fn new(attempted: Option<(AttemptedReason, Option<String>)>, proof: &ProofOfDelivery) -> Self {
        let (reason, note) = attempted.map_or((None, None), |(reason, note)| (Some(reason.as_str().to_owned()), note));
        Self {
            reason,
            note,
            proof_note: proof.note.clone(),
            position: proof.position.map(|position| (position.lat(), position.lng())),
        }
    }

    /// A reason that this release does not know reads as unknown.
    pub(super) fn reason(&self) -> AttemptedReason {
        let stored = self.reason.as_deref();
        AttemptedReason::ALL
            .into_iter()
            .find(|reason| stored == Some(reason.as_str()))
            .unwrap_or(AttemptedReason::Unknown)
    }

    pub(super) fn proof(&self) -> ProofOfDelivery {
        ProofOfDelivery {
            position: self.position.and_then(|(lat, lng)| LatLng::new(lat, lng).ok()),
            note: self.proof_note.clone(),
        }
    }
}
