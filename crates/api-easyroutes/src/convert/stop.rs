use jiff::civil;
use routemate_app::ErrorKind;
use routemate_domain::{
    Address, Attribute, Contact, DayWindow, ExternalId, FreeText, Item, Priority, StopKind, StopRequest, TaskTemplate,
    TaskTemplateKind, Text, TextFault,
};
use routemate_units::LatLng;
use serde_json::Value;

use crate::types::{self, StopToImport, StopType, TaskType};
use crate::wire::{Reading, Wire};

/// The documented limits.
pub(crate) const MAX_STOPS: usize = 200;
/// The longest text; the documents have no limit.
pub(crate) const MAX_TEXT: usize = FreeText::MAX_CHARS;
const STOPS: &str = "stops";

/// Reads an import: a list of stops, bare or as `stops`.
///
/// # Errors
/// [`ErrorKind::Invalid`] with all problems.
pub(crate) fn stops_to_import(body: &[u8]) -> Result<Vec<StopRequest>, ErrorKind> {
    let mut at = Reading::default();
    let stops = at.json(body).and_then(|value| match value {
        Value::Array(_) => at.field(STOPS, |at| listed(&value, at)),
        Value::Object(object) => {
            let Some(value) = object.get(STOPS).filter(|value| !value.is_null()) else {
                at.complain_of(STOPS, TextFault::Blank);
                return None;
            };
            at.field(STOPS, |at| listed(value, at))
        }
        _ => {
            at.complain("must be a list of stops");
            None
        }
    });
    at.finish(stops)
}

fn listed(value: &Value, at: &mut Reading) -> Option<Vec<StopRequest>> {
    // What is beyond the limit is refused whatever it holds.
    let count = value.as_array().map_or(0, Vec::len);
    if count > MAX_STOPS {
        at.complain(format_args!("must contain at most {MAX_STOPS} items"));
        return None;
    }
    let stops: Vec<StopToImport> = Wire::read(value, at)?;
    let requests = stops.into_iter().enumerate().map(|(index, stop)| at.item(index, |at| stop_request(stop, at)));
    requests.collect::<Vec<_>>().into_iter().collect()
}

/// What is asked for, normalised. `None` where something is wrong, which has been said.
pub(crate) fn stop_request(stop: StopToImport, at: &mut Reading) -> Option<StopRequest> {
    let external_id = external_id(stop.client_stop_id, at);
    let address = stop.address.map(|given| at.field("address", |at| address(given, at))).unwrap_or_default();
    let contact = stop.contact.map(|given| at.field("contact", |at| contact(given, &address, at))).unwrap_or_default();
    let position = stop.coordinates.and_then(|given| at.field("coordinates", |at| position(given, at)));
    if address == Address::default() && position.is_none() {
        at.complain_of("address", "or coordinates is required");
    }
    let items = at.field("items", |at| each(stop.items, at, item));
    let note = text("note", stop.note, at);
    let priority = u8::try_from(stop.priority).ok().and_then(Priority::one_to_ten);
    if priority.is_none() {
        at.complain_of("priority", "must be from 0 to 10");
    }
    let order_name = text("orderName", stop.order_name, at);
    let windows = at.field("timeWindows", |at| each(stop.time_windows, at, window));
    let delivery_date = stop.delivery_date.and_then(|given| at.field("deliveryDate", |at| date(given, at)));
    at.field("attributes", |at| at_most(stop.attributes.len(), StopRequest::MAX_ATTRIBUTES, at));
    let attributes = at.field("attributes", |at| each(stop.attributes, at, attribute));
    at.field("tags", |at| at_most(stop.tags.len(), StopRequest::MAX_TAGS, at));
    let tags = at.field("tags", |at| each(stop.tags, at, short));
    let tasks = at.field("tasks", |at| each(stop.tasks, at, task));
    let kind = kind(stop.kind, at);
    Some(StopRequest {
        external_id,
        kind: kind?,
        address,
        position,
        contact,
        note,
        service_time: stop.duration.map(|span| span.0),
        windows: windows?.into_iter().flatten().collect(),
        delivery_date,
        priority: priority?,
        items: items?,
        order_name: order_name.map(Text::into_string),
        attributes: attributes?,
        tags: tags?,
        tasks: tasks?,
    })
}

/// Every item converted; all are tried before any is given up.
pub(crate) fn each<T, U>(
    items: Vec<T>,
    at: &mut Reading,
    convert: impl Fn(T, &mut Reading) -> Option<U>,
) -> Option<Vec<U>> {
    let made = items.into_iter().enumerate().map(|(index, item)| at.item(index, |at| convert(item, at)));
    made.collect::<Vec<_>>().into_iter().collect()
}

fn at_most(count: usize, most: usize, at: &mut Reading) {
    if count > most {
        at.complain(format_args!("must contain at most {most} items"));
    }
}

fn kind(kind: StopType, at: &mut Reading) -> Option<StopKind> {
    match kind {
        StopType::Unknown | StopType::Delivery => Some(StopKind::Delivery),
        StopType::Pickup => Some(StopKind::Pickup),
        StopType::Task => Some(StopKind::Task),
        StopType::Break => {
            at.complain_of("type", "must be one of DELIVERY, PICKUP, TASK");
            None
        }
    }
}

fn external_id(given: String, at: &mut Reading) -> Option<ExternalId> {
    if given.is_empty() {
        return None;
    }
    let parsed = ExternalId::parse(given);
    parsed.map_err(|fault| at.complain_of("clientStopId", told(fault))).ok()
}

fn told(fault: TextFault) -> String {
    match fault {
        TextFault::Blank => "must not be blank".to_owned(),
        fault => fault.to_string(),
    }
}

/// Free text; blank is absent.
pub(crate) fn text(field: &str, given: String, at: &mut Reading) -> Option<FreeText> {
    if given.trim().is_empty() {
        return None;
    }
    FreeText::parse(given).map_err(|fault| at.complain_of(field, fault)).ok()
}

/// Text that may be empty, within the longest.
fn short(given: String, at: &mut Reading) -> Option<String> {
    if given.len() > MAX_TEXT && given.chars().count() > MAX_TEXT {
        at.complain(TextFault::TooLong { max_chars: MAX_TEXT });
        return None;
    }
    Some(given)
}

fn part(field: &str, given: String, at: &mut Reading) -> String {
    at.field(field, |at| short(given, at)).unwrap_or_default()
}

pub(crate) fn address(given: types::Address, at: &mut Reading) -> Address {
    // In the order in which problems are told.
    let (country_code, province_code) =
        (part("countryCode", given.country_code, at), part("provinceCode", given.province_code, at));
    let address = Address {
        line1: part("address1", given.address1, at),
        line2: part("address2", given.address2, at),
        city: part("city", given.city, at),
        province_code,
        country_code,
        zip: part("zip", given.zip, at),
    };
    address.in_usual_form()
}

fn contact(given: types::Contact, address: &Address, at: &mut Reading) -> Contact {
    let contact = Contact {
        first_name: part("firstName", given.first_name, at),
        last_name: part("lastName", given.last_name, at),
        company: part("company", given.company, at),
        phone: part("phone", given.phone, at),
        email: part("email", given.email, at),
    };
    contact.in_usual_form(&address.country_code)
}

/// (0, 0) is what is sent where nothing is known.
pub(crate) fn position(given: types::LatLng, at: &mut Reading) -> Option<LatLng> {
    let (lat, lng) = (given.latitude.0, given.longitude.0);
    for (field, degrees, most) in [("latitude", lat, 90.0), ("longitude", lng, 180.0)] {
        if !(-most..=most).contains(&degrees) {
            at.complain_of(field, format_args!("must be from -{most} to {most}"));
        }
    }
    if (lat, lng) == (0.0, 0.0) { None } else { LatLng::new(lat, lng).ok() }
}

pub(crate) fn item(given: types::StopItem, at: &mut Reading) -> Option<Item> {
    let name = part("name", given.name, at);
    let mut count = |field, number: i32| {
        let count = u32::try_from(number).ok();
        if count.is_none() {
            at.complain_of(field, "must be at least 0");
        }
        count
    };
    let (quantity, grams) = (count("quantity", given.quantity), count("grams", given.grams));
    Some(Item { name, quantity: quantity?, grams: grams? })
}

/// A window; `None` inside where both its sides are open.
fn window(given: types::TimeWindow, at: &mut Reading) -> Option<Option<DayWindow>> {
    let mut side = |field, given: Option<types::TimeOfDay>| match given {
        None => Some(None),
        Some(given) => at.field(field, |at| time(given, at)).map(Some),
    };
    let (start, end) = (side("start", given.start), side("end", given.end));
    let window = DayWindow::new(start?, end?);
    window.map_err(|_| at.complain_of("end", "must not be before start")).ok()
}

fn time(given: types::TimeOfDay, at: &mut Reading) -> Option<civil::Time> {
    let mut within = |field, number: i32, most: i8| {
        let number = i8::try_from(number).ok().filter(|number| (0..=most).contains(number));
        if number.is_none() {
            at.complain_of(field, format_args!("must be from 0 to {most}"));
        }
        number
    };
    let hours = within("hours", given.hours, 23);
    let (minutes, seconds) = (within("minutes", given.minutes, 59), within("seconds", given.seconds, 59));
    civil::Time::new(hours?, minutes?, seconds?, 0).ok()
}

fn date(given: types::Date, at: &mut Reading) -> Option<civil::Date> {
    let mut within = |field, number: i32, most: i16| {
        let number = i16::try_from(number).ok().filter(|number| (1..=most).contains(number));
        if number.is_none() {
            at.complain_of(field, format_args!("must be from 1 to {most}"));
        }
        number
    };
    let (year, month, day) =
        (within("year", given.year, 9999), within("month", given.month, 12), within("day", given.day, 31));
    let (year, month, day) = (year?, month?, day?);
    let date = civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    date.map_err(|_| at.complain_of("day", "must be a day of its month")).ok()
}

fn attribute(given: types::Attribute, at: &mut Reading) -> Option<Attribute> {
    if given.key.trim().is_empty() {
        at.complain_of("key", TextFault::Blank);
        return None;
    }
    Some(Attribute { key: part("key", given.key, at), value: part("value", given.value, at) })
}

pub(crate) fn task(given: types::TaskTemplate, at: &mut Reading) -> Option<TaskTemplate> {
    let title = part("title", given.title, at);
    let has_items = !given.items.is_empty();
    let titles =
        at.field("items", |at| each(given.items, at, |item, at| at.field("title", |at| short(item.title, at))));
    let mut listed = |is_list: bool| {
        if is_list && !has_items {
            at.complain_of("items", TextFault::Blank);
        } else if has_items && !is_list {
            at.complain_of("items", format_args!("must be empty for {}", given.kind.as_str()));
        }
    };
    let kind = match given.kind {
        TaskType::Checkboxes => {
            listed(true);
            titles.map(TaskTemplateKind::Checkboxes)
        }
        TaskType::RadioButtons => {
            listed(true);
            titles.map(TaskTemplateKind::RadioButtons)
        }
        TaskType::TextInput => {
            listed(false);
            Some(TaskTemplateKind::Text)
        }
        TaskType::DecimalInput => {
            listed(false);
            Some(TaskTemplateKind::Decimal)
        }
        TaskType::ScannerInput => {
            listed(false);
            Some(TaskTemplateKind::Scanner)
        }
        TaskType::Unknown => {
            at.complain_of("type", TextFault::Blank);
            None
        }
    };
    Some(TaskTemplate {
        title,
        kind: kind?,
        is_required_to_complete: given.required_to_mark_stop_as_delivered,
        is_required_to_fail: given.required_to_mark_stop_as_attempted,
    })
}

#[cfg(test)]
mod tests;
