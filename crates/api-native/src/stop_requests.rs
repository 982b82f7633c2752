//! What is wanted at a stop, read from JSON: by the names in which our own answers tell it, and by those of the Integration
//! API's import where that has another name for the same thing.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use routemate_domain::{
    Address, Attribute, Contact, DayWindow, Item, Priority, PriorityScale, StopKind, StopRequest, TaskTemplate,
    TaskTemplateKind, TextFault,
};
use routemate_units::Seconds;
use serde_json::Value;

use crate::job_changes::At;

/// The longest service that is no slip of the pen: a week.
pub(crate) const MAX_SERVICE_S: u32 = 7 * 24 * 60 * 60;
pub(crate) const MAX_PARCELS: u32 = 1_000_000;
/// The longest text.
const MAX_TEXT: usize = 4000;
/// The first instant of the year 1.
const EARLIEST: Timestamp = Timestamp::constant(-62_135_596_800, 0);

impl At<'_> {
    /// What is wanted at a stop; `None` where something is wrong, which has been said.
    pub(crate) fn stop_request(&mut self) -> Option<StopRequest> {
        let faults = self.problems.len();
        let kind = self.kind();
        let address = self.address("address");
        // (0, 0) is what is sent where nothing is known.
        let position = self.position().filter(|position| (position.lat(), position.lng()) != (0.0, 0.0));
        let is_nowhere = match &address {
            Some(address) => *address == Address::default(),
            None => self.given("address").is_none(),
        };
        if is_nowhere && position.is_none() && kind != StopKind::Break {
            self.wrong("address", "is required where there is no position");
        }
        let external_id = self.checked("external_stop_id");
        let contact = self.contact();
        let note = self.checked("note").or_else(|| self.checked("notes"));
        let service_time = self.service_time();
        let windows = self.windows();
        let delivery_date = self.date("delivery_date");
        let priority = self.priority();
        let parcels = self.whole("parcel_count", MAX_PARCELS);
        let items = self.items().unwrap_or_else(|| vec![Item::parcels(parcels.unwrap_or(1))]);
        let order_name = self.checked::<MAX_TEXT>("order_name").map(|name| name.into_string());
        let attributes = self.attributes();
        let tags = self.texts("tags", StopRequest::MAX_TAGS);
        let tasks = self.tasks("tasks");
        if self.problems.len() > faults {
            return None;
        }
        Some(StopRequest {
            external_id,
            kind,
            address: address.unwrap_or_default(),
            position,
            contact,
            note,
            service_time,
            windows,
            delivery_date,
            priority,
            items,
            order_name,
            attributes,
            tags,
            tasks,
        })
    }

    /// `kind`, or the Integration API's `service_type`, which may be any word.
    fn kind(&mut self) -> StopKind {
        let Some(name) = self.text("kind") else {
            return StopKind::from_service_type(self.text("service_type"));
        };
        let found = StopKind::ALL.into_iter().find(|kind| kind.as_str() == name);
        if found.is_none() {
            self.wrong("kind", format_args!("must be one of {}", StopKind::ALL.map(StopKind::as_str).join(", ")));
        }
        found.unwrap_or(StopKind::Delivery)
    }

    fn contact(&mut self) -> Contact {
        let label = self.checked::<MAX_TEXT>("label");
        let contact = self.within("contact", |at| {
            let mut part = |name| at.checked::<MAX_TEXT>(name).map(|text| text.into_string()).unwrap_or_default();
            Contact {
                first_name: part("first_name"),
                last_name: part("last_name"),
                company: part("company"),
                phone: part("phone"),
                email: part("email"),
            }
        });
        let mut contact = contact.unwrap_or_default();
        if contact.company.is_empty() {
            contact.company = label.map(|label| label.into_string()).unwrap_or_default();
        }
        contact
    }

    /// `service_seconds`, or the Integration API's `duration_minutes`.
    fn service_time(&mut self) -> Option<Seconds> {
        let seconds = self.whole("service_seconds", MAX_SERVICE_S);
        let minutes = self.whole("duration_minutes", MAX_SERVICE_S / 60);
        seconds.or(minutes.map(|minutes| 60 * minutes)).map(Seconds::new)
    }

    /// Times of day by the clock on the wall.
    fn windows(&mut self) -> Vec<DayWindow> {
        let windows = self.objects("windows", |mut at| {
            let (start, end) = (at.time("start"), at.time("end"));
            let window = DayWindow::new(start, end).map_err(|fault| at.wrong("end", fault));
            window.ok().flatten()
        });
        windows.unwrap_or_default()
    }

    fn date(&mut self, name: &str) -> Option<Date> {
        let date = self.text(name)?.parse::<Date>().ok().filter(|date| date.year() >= 1);
        if date.is_none() {
            self.wrong(name, "must be a date, such as 2026-03-09");
        }
        date
    }

    /// An instant of our era: not all databases have all of those before.
    pub(crate) fn instant(&mut self, name: &str) -> Option<Timestamp> {
        let instant = self.text(name)?.parse::<Timestamp>().ok().filter(|instant| *instant >= EARLIEST);
        if instant.is_none() {
            self.wrong(name, "must be a time with its offset, such as 2026-03-09T08:00:00Z");
        }
        instant
    }

    fn time(&mut self, name: &str) -> Option<Time> {
        let time = self.text(name)?.parse::<Time>();
        time.map_err(|_| self.wrong(name, "must be a time of day, such as 09:30")).ok()
    }

    /// A number as the Integration API means it, or a value with its scale.
    fn priority(&mut self) -> Priority {
        let Some(given) = self.given("priority") else { return Priority::default() };
        let (value, scale) = match given {
            Value::Object(parts) => (parts.get("value").unwrap_or(&Value::Null), parts.get("scale")),
            number => (number, None),
        };
        let lower_first = PriorityScale::LowerFirst.as_str();
        let is_lower_first = match scale.filter(|scale| !scale.is_null()) {
            None => true,
            Some(scale) if scale == lower_first => true,
            Some(scale) if scale == PriorityScale::OneToTen.as_str() => false,
            Some(_) => {
                self.wrong("priority.scale", "must be lower_first or one_to_ten");
                return Priority::default();
            }
        };
        let priority = if is_lower_first {
            value.as_f64().and_then(Priority::lower_first)
        } else {
            let whole = value.as_f64().filter(|value| value.fract() == 0.0 && (0.0..=10.0).contains(value));
            // Whole and within 0 to 10 by now.
            whole.and_then(|value| Priority::one_to_ten(value as u8))
        };
        if priority.is_none() {
            let name = if given.is_object() { "priority.value" } else { "priority" };
            let must = if is_lower_first { "must be a number" } else { "must be a whole number from 0 to 10" };
            self.wrong(name, must);
        }
        priority.unwrap_or_default()
    }

    fn attributes(&mut self) -> Vec<Attribute> {
        let attributes = self.objects("attributes", |mut at| {
            let key = at.checked::<MAX_TEXT>("key");
            if at.is_blank("key") {
                at.wrong("key", TextFault::Blank);
            }
            let value = at.checked::<MAX_TEXT>("value").map(|value| value.into_string()).unwrap_or_default();
            Some(Attribute { key: key?.into_string(), value })
        });
        let attributes = attributes.unwrap_or_default();
        self.at_most("attributes", StopRequest::MAX_ATTRIBUTES);
        attributes
    }

    /// Work for the driver.
    pub(crate) fn tasks(&mut self, name: &str) -> Vec<TaskTemplate> {
        let tasks = self.objects(name, |mut at| {
            let faults = at.problems.len();
            let title = at.checked::<MAX_TEXT>("title").map(|title| title.into_string()).unwrap_or_default();
            let items = at.texts("items", usize::MAX);
            let name = at.text("kind").unwrap_or_default();
            let is_list = matches!(name, "checkboxes" | "radio_buttons");
            let kind = match name {
                "checkboxes" => TaskTemplateKind::Checkboxes(items.clone()),
                "radio_buttons" => TaskTemplateKind::RadioButtons(items.clone()),
                "text" => TaskTemplateKind::Text,
                "decimal" => TaskTemplateKind::Decimal,
                "scanner" => TaskTemplateKind::Scanner,
                _ => {
                    at.wrong("kind", "must be one of checkboxes, radio_buttons, text, decimal, scanner");
                    return None;
                }
            };
            if is_list && items.is_empty() && at.problems.len() == faults {
                at.wrong("items", TextFault::Blank);
            } else if !is_list && !items.is_empty() {
                at.wrong("items", format_args!("must be empty for {name}"));
            }
            let is_required_to_complete = at.flag("is_required_to_complete").unwrap_or_default();
            let is_required_to_fail = at.flag("is_required_to_fail").unwrap_or_default();
            Some(TaskTemplate { title, kind, is_required_to_complete, is_required_to_fail })
        });
        tasks.unwrap_or_default()
    }

    /// The texts of a list.
    fn texts(&mut self, name: &str, most: usize) -> Vec<String> {
        let Some(given) = self.given(name) else { return Vec::new() };
        let Some(list) = given.as_array() else {
            self.wrong(name, "must be an array");
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(list.len().min(most));
        for (index, text) in list.iter().enumerate() {
            let path = format!("{name}[{index}]");
            match text.as_str() {
                None => self.wrong(&path, "must be a string"),
                Some(text) if text.contains('\0') => self.wrong(&path, TextFault::Nul),
                Some(text) if text.chars().count() > MAX_TEXT => {
                    self.wrong(&path, TextFault::TooLong { max_chars: MAX_TEXT });
                }
                Some(text) => texts.push(text.to_owned()),
            }
        }
        self.at_most(name, most);
        texts
    }

    /// Whether there is nothing, or no more than white space.
    pub(crate) fn is_blank(&self, name: &str) -> bool {
        self.given(name).is_none_or(|value| value.as_str().is_some_and(|text| text.trim().is_empty()))
    }

    fn at_most(&mut self, name: &str, most: usize) {
        if self.given(name).and_then(Value::as_array).is_some_and(|list| list.len() > most) {
            self.wrong(name, format_args!("must contain at most {most} items"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> (Option<StopRequest>, Vec<String>) {
        let mut problems = Vec::new();
        let request = At { value: body, path: String::new(), problems: &mut problems }.stop_request();
        (request, problems.iter().map(ToString::to_string).collect())
    }

    #[track_caller]
    fn check_refused(body: &Value, expected: &[&str]) {
        let (request, problems) = read(body);
        assert_eq!(problems, expected, "{body}");
        assert_eq!(request, None, "{body}");
    }

    #[test]
    fn a_stop_is_read_whole() {
        let (request, problems) = read(&json!({
            "external_stop_id": "D-1",
            "kind": "pickup",
            "address": { "line1": "Unioninkatu 29", "city": "Helsinki", "country_code": "FI" },
            "latitude": 60.17,
            "longitude": 24.95,
            "contact": { "first_name": "Aino", "company": "Depot", "phone": "+358401234567" },
            "note": "Ring twice",
            "service_seconds": 300,
            "windows": [{ "start": "09:00", "end": "10:30:15" }, { "end": "18:00" }, {}],
            "delivery_date": "2026-03-09",
            "priority": { "value": 7, "scale": "one_to_ten" },
            "items": [{ "name": "Crate", "quantity": 3, "weight_grams": 500 }],
            "order_name": "#1",
            "attributes": [{ "key": "door", "value": "2" }, { "key": "gate" }],
            "tags": ["cold", ""],
            "tasks": [{ "title": "Check", "kind": "checkboxes", "items": ["a", "b"], "is_required_to_fail": true }],
        }));
        assert_eq!(problems, [""; 0]);
        let request = request.expect("a stop");
        assert_eq!((request.kind, request.windows.len(), request.tags.len()), (StopKind::Pickup, 2, 2));
        assert_eq!((request.contact.company.as_str(), request.priority.raw()), ("Depot", 7.0));
        assert_eq!((request.service_time, request.attributes.len()), (Some(Seconds::new(300)), 2));
        assert_eq!(request.items, [Item { name: "Crate".to_owned(), quantity: 3, grams: 500 }]);
        assert!(request.tasks.iter().all(|task| task.is_required_to_fail && !task.is_required_to_complete));
    }

    #[test]
    fn names_of_the_import_mean_the_same() {
        let (request, problems) = read(&json!({
            "address": "Unioninkatu 29, Helsinki",
            "label": "Depot",
            "notes": "Ring twice",
            "duration_minutes": 5,
            "service_type": "PICKUP",
            "parcel_count": 2,
            "priority": 3,
        }));
        assert_eq!(problems, [""; 0]);
        let request = request.expect("a stop");
        assert_eq!((request.contact.company.as_str(), request.kind), ("Depot", StopKind::Pickup));
        assert_eq!(request.note.as_ref().map(|note| note.as_str()), Some("Ring twice"));
        assert_eq!((request.service_time, request.items), (Some(Seconds::new(300)), vec![Item::parcels(2)]));
        assert_eq!(request.priority.scale(), PriorityScale::LowerFirst);
    }

    #[test]
    fn a_break_needs_no_place_and_everything_else_does() {
        assert_eq!(read(&json!({ "kind": "break" })).1, [""; 0]);
        check_refused(&json!({}), &["address is required where there is no position"]);
        check_refused(&json!({ "address": {} }), &["address is required where there is no position"]);
        check_refused(&json!({ "address": 7 }), &["address must be a string or an object"]);
    }

    #[test]
    fn all_that_is_wrong_is_told() {
        check_refused(
            &json!({
                "address": "x",
                "kind": "DELIVERY",
                "external_stop_id": 7,
                "contact": [],
                "service_seconds": -1,
                "windows": [{ "start": "25:00" }, { "start": "10:00", "end": "09:00" }, 7],
                "delivery_date": "9.3.2026",
                "priority": { "value": 11, "scale": "one_to_ten" },
                "attributes": [{ "key": " " }],
                "tags": ["\0", 7],
                "tasks": [{ "kind": "CHECKBOXES" }, { "kind": "checkboxes" }, { "kind": "text", "items": ["a"] }],
            }),
            &[
                "kind must be one of delivery, pickup, task, break",
                "external_stop_id must be a string",
                "contact must be an object",
                "service_seconds must be a whole number from 0 to 604800",
                "windows[0].start must be a time of day, such as 09:30",
                "windows[1].end must not be before the start of the window",
                "windows[2] must be an object",
                "delivery_date must be a date, such as 2026-03-09",
                "priority.value must be a whole number from 0 to 10",
                "attributes[0].key is required",
                "tags[0] must not contain the character U+0000",
                "tags[1] must be a string",
                "tasks[0].kind must be one of checkboxes, radio_buttons, text, decimal, scanner",
                "tasks[1].items is required",
                "tasks[2].items must be empty for text",
            ],
        );
        let many = json!({ "address": "x", "tags": vec!["a"; 251], "attributes": vec![json!({ "key": "k" }); 51] });
        check_refused(&many, &["attributes must contain at most 50 items", "tags must contain at most 250 items"]);
        let scale = json!({ "address": "x", "priority": { "value": 1, "scale": "high" } });
        check_refused(&scale, &["priority.scale must be lower_first or one_to_ten"]);
    }
}
