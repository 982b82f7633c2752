use routemate_domain::{InputMethod, Task, TaskInput, TaskItem, TaskKind, TaskTemplate, TaskTemplateKind};

use crate::ids::Prefixed;
use crate::types::{self, TaskInputMethod, TaskType};
use crate::wire::Instant;

/// A task with what is done of it.
pub(super) fn task(task: &Task) -> types::Task {
    let (kind, items, input) = match &task.kind {
        TaskKind::Checkboxes(items) => (TaskType::Checkboxes, items.as_slice(), None),
        TaskKind::RadioButtons(items) => (TaskType::RadioButtons, items.as_slice(), None),
        TaskKind::Text(input) => (TaskType::TextInput, [].as_slice(), input.as_ref()),
        TaskKind::Decimal(input) => (TaskType::DecimalInput, [].as_slice(), input.as_ref()),
        TaskKind::Scanner(input) => (TaskType::ScannerInput, [].as_slice(), input.as_ref()),
    };
    types::Task {
        id: task.id.print(),
        title: task.title.clone(),
        kind,
        items: items.iter().map(item).collect(),
        input: input.map(entered),
        required_to_mark_stop_as_delivered: task.is_required_to_complete,
        required_to_mark_stop_as_attempted: task.is_required_to_fail,
    }
}

fn item(item: &TaskItem) -> types::TaskItem {
    types::TaskItem {
        id: item.id.print(),
        title: item.title.clone(),
        complete: item.completed_at.is_some(),
        updated_at: item.completed_at.map(Instant),
    }
}

fn entered(input: &TaskInput) -> types::TaskInput {
    types::TaskInput {
        value: input.value.clone(),
        updated_at: Some(Instant(input.updated_at)),
        input_method: match input.method {
            InputMethod::Typed => TaskInputMethod::Unknown,
            InputMethod::Scanned => TaskInputMethod::Scanned,
        },
    }
}

/// A task as it was asked for.
pub(super) fn template(task: &TaskTemplate) -> types::TaskTemplate {
    let (kind, titles) = match &task.kind {
        TaskTemplateKind::Checkboxes(titles) => (TaskType::Checkboxes, titles.as_slice()),
        TaskTemplateKind::RadioButtons(titles) => (TaskType::RadioButtons, titles.as_slice()),
        TaskTemplateKind::Text => (TaskType::TextInput, [].as_slice()),
        TaskTemplateKind::Decimal => (TaskType::DecimalInput, [].as_slice()),
        TaskTemplateKind::Scanner => (TaskType::ScannerInput, [].as_slice()),
    };
    types::TaskTemplate {
        title: task.title.clone(),
        kind,
        items: titles.iter().map(|title| types::TaskItemTemplate { title: title.clone() }).collect(),
        required_to_mark_stop_as_delivered: task.is_required_to_complete,
        required_to_mark_stop_as_attempted: task.is_required_to_fail,
    }
}
