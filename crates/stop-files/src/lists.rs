//! Several things in one cell: in short where that reads back as it was, and as JSON where it would not.

use routemate_domain::{Attribute, Item, TaskTemplate, TaskTemplateKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::numbers::{Comma, grams, whole};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemJson {
    name: String,
    #[serde(default = "one")]
    quantity: u32,
    #[serde(default)]
    grams: u32,
}

const fn one() -> u32 {
    1
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributeJson {
    key: String,
    value: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskJson {
    title: String,
    #[serde(rename = "type")]
    kind: KindJson,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    items: Vec<String>,
    #[serde(default)]
    required_to_complete: bool,
    #[serde(default)]
    required_to_fail: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindJson {
    Checkboxes,
    RadioButtons,
    Text,
    Decimal,
    Scanner,
}

/// Tags with `,`, `;`, `|` or line breaks between, or a JSON list of them.
pub(crate) fn tags(text: &str) -> Vec<String> {
    if text.starts_with('[')
        && let Ok(tags) = serde_json::from_str(text)
    {
        return tags;
    }
    let parts = text.split([',', ';', '|', '\n', '\r']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Tags as [`tags`] reads them.
pub(crate) fn tags_text(given: &[String]) -> String {
    let short = given.join("; ");
    if tags(&short) == given { short } else { json(&given) }
}

/// `2 x Bananas (500 g); Milk`, with `;`, `|` or line breaks between, or a JSON list of objects with `name`, `quantity` and
/// `grams`. `None` where an item is none.
pub(crate) fn items(text: &str, comma: Comma) -> Option<Vec<Item>> {
    if text.starts_with('[')
        && let Ok(items) = serde_json::from_str::<Vec<ItemJson>>(text)
    {
        let item = |ItemJson { name, quantity, grams }| Item { name, quantity, grams };
        let is_held = |number: u32| i32::try_from(number).is_ok();
        let items: Vec<Item> = items.into_iter().map(item).collect();
        return items.iter().all(|item| is_held(item.quantity) && is_held(item.grams)).then_some(items);
    }
    let parts = text.split([';', '|', '\n', '\r']).map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| item(part, comma)).collect()
}

fn item(text: &str, comma: Comma) -> Option<Item> {
    let (text, grams) = match text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
        Some((rest, weight)) => match grams(weight, None, comma) {
            Some(grams) => (rest.trim_end(), grams),
            None => (text, 0),
        },
        None => (text, 0),
    };
    let (name, quantity) = counted(text).unwrap_or((text, "1"));
    Some(Item { name: name.to_owned(), quantity: whole(quantity, comma)?, grams })
}

/// A name and its number: `2 x Bananas`, `2× Bananas`, `Bananas x 2`, `Bananas (x2)`.
fn counted(text: &str) -> Option<(&str, &str)> {
    let is_times = |letter: char| matches!(letter, 'x' | 'X' | '×' | '*');
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let before = text.find(|letter: char| !letter.is_ascii_digit()).and_then(|end| text.split_at_checked(end));
    if let Some((number, rest)) = before.filter(|(number, _)| is_number(number))
        && let Some(name) = rest.trim_start().strip_prefix(is_times).filter(|name| name.starts_with(' '))
        && !name.trim().is_empty()
    {
        return Some((name.trim_start(), number));
    }
    let bare = text.strip_suffix(')').unwrap_or(text);
    let (rest, number) = bare.rsplit_once(is_times)?;
    let number = number.trim_start();
    let is_bracketed = bare.len() < text.len();
    let name = if is_bracketed { rest.strip_suffix('(')? } else { rest };
    (is_number(number) && name.ends_with(' ') && !name.trim().is_empty()).then_some((name.trim_end(), number))
}

/// Items as [`items`] reads them.
pub(crate) fn items_text(given: &[Item]) -> String {
    let short = |item: &Item| match item.grams {
        0 => format!("{} x {}", item.quantity, item.name),
        grams => format!("{} x {} ({grams} g)", item.quantity, item.name),
    };
    let short = given.iter().map(short).collect::<Vec<_>>().join("; ");
    // Whichever way a comma is read there: it stands in no number here.
    let is_read = |comma| items(&short, comma).as_deref() == Some(given);
    if is_read(Comma::Decimal) && is_read(Comma::Thousands) {
        return short;
    }
    let item = |item: &Item| ItemJson { name: item.name.clone(), quantity: item.quantity, grams: item.grams };
    json(&given.iter().map(item).collect::<Vec<_>>())
}

/// `floor=3; zone=B`, with `;` or line breaks between; a JSON object; or a JSON list of objects with `key` and `value`.
/// `None` where something is no pair.
pub(crate) fn attributes(text: &str) -> Option<Vec<Attribute>> {
    if text.starts_with('[')
        && let Ok(pairs) = serde_json::from_str::<Vec<AttributeJson>>(text)
    {
        let attributes: Vec<Attribute> =
            pairs.into_iter().map(|AttributeJson { key, value }| Attribute { key, value }).collect();
        return attributes.iter().all(|attribute| !attribute.key.trim().is_empty()).then_some(attributes);
    }
    if text.starts_with('{')
        && let Ok(object) = serde_json::from_str::<Map<String, Value>>(text)
    {
        let attribute = |(key, value): (String, Value)| {
            let value = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            (!key.trim().is_empty()).then_some(Attribute { key, value })
        };
        return object.into_iter().map(attribute).collect();
    }
    let pairs = text.split([';', '\n', '\r']).map(str::trim).filter(|pair| !pair.is_empty());
    let attribute = |pair: &str| {
        let (key, value) = pair.split_once('=')?;
        let (key, value) = (key.trim(), value.trim());
        (!key.is_empty()).then(|| Attribute { key: key.to_owned(), value: value.to_owned() })
    };
    pairs.map(attribute).collect()
}

/// Attributes as [`attributes`] reads them.
pub(crate) fn attributes_text(given: &[Attribute]) -> String {
    let short = given.iter().map(|attribute| format!("{}={}", attribute.key, attribute.value));
    let short = short.collect::<Vec<_>>().join("; ");
    if attributes(&short).as_deref() == Some(given) {
        return short;
    }
    let pair = |attribute: &Attribute| AttributeJson { key: attribute.key.clone(), value: attribute.value.clone() };
    json(&given.iter().map(pair).collect::<Vec<_>>())
}

/// A JSON list of the driver's work. What is wrong with it otherwise.
pub(crate) fn tasks(text: &str) -> Result<Vec<TaskTemplate>, String> {
    let tasks: Vec<TaskJson> = serde_json::from_str(text).map_err(|error| {
        // The parser tells what it expected and where, never what it found.
        format!(
            "must be a JSON list of objects with title, type, items, required_to_complete and required_to_fail: {error}"
        )
    })?;
    tasks.into_iter().map(task).collect()
}

fn task(given: TaskJson) -> Result<TaskTemplate, String> {
    let TaskJson { title, kind, items, required_to_complete, required_to_fail } = given;
    let is_list = matches!(kind, KindJson::Checkboxes | KindJson::RadioButtons);
    if is_list == items.is_empty() {
        return Err(if is_list {
            "needs items in each list of boxes or buttons"
        } else {
            "must have no items but in lists"
        }
        .to_owned());
    }
    let kind = match kind {
        KindJson::Checkboxes => TaskTemplateKind::Checkboxes(items),
        KindJson::RadioButtons => TaskTemplateKind::RadioButtons(items),
        KindJson::Text => TaskTemplateKind::Text,
        KindJson::Decimal => TaskTemplateKind::Decimal,
        KindJson::Scanner => TaskTemplateKind::Scanner,
    };
    Ok(TaskTemplate {
        title,
        kind,
        is_required_to_complete: required_to_complete,
        is_required_to_fail: required_to_fail,
    })
}

/// The driver's work as [`tasks`] reads it; nothing where there is none.
pub(crate) fn tasks_text(given: &[TaskTemplate]) -> String {
    if given.is_empty() {
        return String::new();
    }
    let task = |task: &TaskTemplate| {
        let (kind, items) = match &task.kind {
            TaskTemplateKind::Checkboxes(items) => (KindJson::Checkboxes, items.clone()),
            TaskTemplateKind::RadioButtons(items) => (KindJson::RadioButtons, items.clone()),
            TaskTemplateKind::Text => (KindJson::Text, Vec::new()),
            TaskTemplateKind::Decimal => (KindJson::Decimal, Vec::new()),
            TaskTemplateKind::Scanner => (KindJson::Scanner, Vec::new()),
        };
        TaskJson {
            title: task.title.clone(),
            kind,
            items,
            required_to_complete: task.is_required_to_complete,
            required_to_fail: task.is_required_to_fail,
        }
    };
    json(&given.iter().map(task).collect::<Vec<_>>())
}

/// JSON of text and numbers, which can always be written.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, quantity: u32, grams: u32) -> Item {
        Item { name: name.to_owned(), quantity, grams }
    }

    #[test]
    fn items_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2 x Bananas (500 g); Milk", vec![of("Bananas", 2, 500), of("Milk", 1, 0)]),
            ("2× Bananas|3 x Milk", vec![of("Bananas", 2, 0), of("Milk", 3, 0)]),
            ("2 × Bananas", vec![of("Bananas", 2, 0)]),
            ("Bananas x 2\nMilk (x3)", vec![of("Bananas", 2, 0), of("Milk", 3, 0)]),
            ("Box (large)", vec![of("Box (large)", 1, 0)]),
            ("1 x Flour (1,5 kg)", vec![of("Flour", 1, 1_500)]),
            ("4x4 tyre", vec![of("4x4 tyre", 1, 0)]),
            (r#"[{"name":"A;B","quantity":2}]"#, vec![of("A;B", 2, 0)]),
            ("", vec![]),
        ] {
            assert_eq!(items(text, Comma::Decimal), Some(expected), "{text}");
        }
        assert_eq!(items("99999999999 x A", Comma::Decimal), None);
    }

    #[test]
    fn what_would_read_otherwise_is_json() {
        assert_eq!(items_text(&[of("Bananas", 2, 500), of("Milk", 1, 0)]), "2 x Bananas (500 g); 1 x Milk");
        for tricky in
            [of("A; B", 1, 0), of("A x 2", 1, 0), of("", 0, 0), of(" a", 1, 7), of("A (5 g)", 1, 0), of("[", 1, 1)]
        {
            let given = [tricky];
            assert_eq!(items(&items_text(&given), Comma::Thousands).as_deref(), Some(given.as_slice()));
        }
        for tricky in [vec!["a;b"], vec![" a"], vec![""], vec!["[1]"], vec!["a", "b"], vec![], vec!["[", "]"]] {
            let given: Vec<String> = tricky.into_iter().map(str::to_owned).collect();
            assert_eq!(tags(&tags_text(&given)), given);
        }
        for (key, value) in [("a", "b"), ("a=b", "c"), ("a", "b;c=d"), ("a", " b"), ("{", ""), ("[a", "b")] {
            let given = [Attribute { key: key.to_owned(), value: value.to_owned() }];
            assert_eq!(attributes(&attributes_text(&given)).as_deref(), Some(given.as_slice()));
        }
    }

    #[test]
    fn attributes_are_pairs() {
        let keys = |text: &str| {
            attributes(text).map(|a| a.into_iter().map(|a| format!("{}:{}", a.key, a.value)).collect::<Vec<_>>())
        };
        assert_eq!(keys("floor=3; zone = B"), Some(vec!["floor:3".to_owned(), "zone:B".to_owned()]));
        assert_eq!(keys(r#"{"floor":3,"zone":"B"}"#), Some(vec!["floor:3".to_owned(), "zone:B".to_owned()]));
        assert_eq!((keys("floor"), keys("=3"), keys(r#"[{"key":" ","value":""}]"#)), (None, None, None));
    }

    #[test]
    fn work_is_json_and_its_faults_are_told() {
        let text = r#"[{"title":"Check","type":"checkboxes","items":["a","b"],"required_to_complete":true,"required_to_fail":false}]"#;
        let read = tasks(text).expect("tasks");
        assert_eq!(tasks_text(&read), text);
        assert_eq!(tasks_text(&[]), "");
        for (wrong, expected) in [
            ("sign here", "must be a JSON list"),
            (r#"[{"title":"a","type":"dance"}]"#, "unknown variant"),
            (r#"[{"title":"a","type":"checkboxes"}]"#, "needs items"),
            (r#"[{"title":"a","type":"text","items":["b"]}]"#, "must have no items"),
        ] {
            assert!(tasks(wrong).expect_err("refused").contains(expected), "{wrong}");
        }
    }
}
