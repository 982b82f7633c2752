use jiff::Timestamp;

use uuid::Uuid;

use crate::id::{TaskId, TaskItemId};

/// Work for the driver at a stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What it is called.
    pub title: String,
    /// How it is answered, with the answer so far.
    pub kind: TaskKind,
    /// The stop cannot be completed before this is done.
    pub is_required_to_complete: bool,
    /// The stop cannot be marked as attempted before this is done.
    pub is_required_to_fail: bool,
}

/// How a task is answered, with the answer so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskKind {
    /// All items are to be ticked.
    Checkboxes(Vec<TaskItem>),
    /// One item is to be chosen.
    RadioButtons(Vec<TaskItem>),
    /// Free text.
    Text(Option<TaskInput>),
    /// A decimal number.
    Decimal(Option<TaskInput>),
    /// A scanned code.
    Scanner(Option<TaskInput>),
}

/// One item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskItem {
    /// Its id.
    pub id: TaskItemId,
    /// What it is called.
    pub title: String,
    /// When it was ticked, if it is.
    pub completed_at: Option<Timestamp>,
}

/// What a driver entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskInput {
    /// The text, number or code.
    pub value: String,
    /// When.
    pub updated_at: Timestamp,
    /// How.
    pub method: InputMethod,
}

/// How an input was entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputMethod {
    /// By hand.
    Typed,
    /// By the camera.
    Scanned,
}

/// Work for a driver as it is asked for, before it is at a stop on a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskTemplate {
    /// What it is called.
    pub title: String,
    /// How it is to be answered.
    pub kind: TaskTemplateKind,
    /// The stop cannot be completed before this is done.
    pub is_required_to_complete: bool,
    /// The stop cannot be marked as attempted before this is done.
    pub is_required_to_fail: bool,
}

/// How a task is to be answered; lists with the titles of their items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskTemplateKind {
    /// All items are to be ticked.
    Checkboxes(Vec<String>),
    /// One item is to be chosen.
    RadioButtons(Vec<String>),
    /// Free text.
    Text,
    /// A decimal number.
    Decimal,
    /// A scanned code.
    Scanner,
}

impl TaskTemplate {
    /// The task that a driver gets, with ids of its own and nothing done yet.
    pub fn to_task(&self, mut new_id: impl FnMut() -> Uuid) -> Task {
        let id = TaskId::from_uuid(new_id());
        let mut items = |titles: &[String]| {
            let item = |title: &String| TaskItem {
                id: TaskItemId::from_uuid(new_id()),
                title: title.clone(),
                completed_at: None,
            };
            titles.iter().map(item).collect()
        };
        let kind = match &self.kind {
            TaskTemplateKind::Checkboxes(titles) => TaskKind::Checkboxes(items(titles)),
            TaskTemplateKind::RadioButtons(titles) => TaskKind::RadioButtons(items(titles)),
            TaskTemplateKind::Text => TaskKind::Text(None),
            TaskTemplateKind::Decimal => TaskKind::Decimal(None),
            TaskTemplateKind::Scanner => TaskKind::Scanner(None),
        };
        Task {
            id,
            title: self.title.clone(),
            kind,
            is_required_to_complete: self.is_required_to_complete,
            is_required_to_fail: self.is_required_to_fail,
        }
    }
}

impl Task {
    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_done(&self) -> bool {
        match &self.kind {
            TaskKind::Checkboxes(items) => items.iter().all(|item| item.completed_at.is_some()),
            TaskKind::RadioButtons(items) => items.iter().any(|item| item.completed_at.is_some()),
            TaskKind::Text(input) | TaskKind::Decimal(input) | TaskKind::Scanner(input) => {
                input.as_ref().is_some_and(|input| !input.value.is_empty())
            }
        }
    }
}
