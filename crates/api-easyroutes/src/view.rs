//! From what the use cases return to the wire's types.

mod driver;
mod imported_stop;
mod route;
mod stop;
mod task;

pub(crate) use self::driver::driver;
pub(crate) use self::imported_stop::imported_stop;
pub(crate) use self::route::route;
pub(crate) use self::stop::{delivery_status, route_stop};

use jiff::civil;
use routemate_domain::{Address, Attribute, Contact, DayWindow, Item, Priority, PriorityScale, StopKind, Text};
use routemate_units::LatLng;

use crate::types;
use crate::wire::Double;

/// A count as far as the wire's `int32` goes.
fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn text<const MAX: usize>(text: Option<&Text<MAX>>) -> String {
    text.map(|text| text.as_str().to_owned()).unwrap_or_default()
}

/// An address is a message: one of which nothing is said is absent.
fn address(address: &Address) -> Option<types::Address> {
    (*address != Address::default()).then(|| types::Address {
        address1: address.line1.clone(),
        address2: address.line2.clone(),
        city: address.city.clone(),
        province_code: address.province_code.clone(),
        country_code: address.country_code.clone(),
        zip: address.zip.clone(),
    })
}

fn contact(contact: &Contact) -> Option<types::Contact> {
    (*contact != Contact::default()).then(|| types::Contact {
        first_name: contact.first_name.clone(),
        last_name: contact.last_name.clone(),
        company: contact.company.clone(),
        phone: contact.phone.clone(),
        email: contact.email.clone(),
    })
}

fn lat_lng(position: LatLng) -> types::LatLng {
    types::LatLng { latitude: Double(position.lat()), longitude: Double(position.lng()) }
}

fn item(item: &Item) -> types::StopItem {
    types::StopItem { name: item.name.clone(), quantity: count(item.quantity), grams: count(item.grams) }
}

fn attribute(attribute: &Attribute) -> types::Attribute {
    types::Attribute { key: attribute.key.clone(), value: attribute.value.clone() }
}

fn window(window: &DayWindow) -> types::TimeWindow {
    types::TimeWindow { start: window.start().map(time_of_day), end: window.end().map(time_of_day) }
}

fn time_of_day(time: civil::Time) -> types::TimeOfDay {
    types::TimeOfDay {
        hours: i32::from(time.hour()),
        minutes: i32::from(time.minute()),
        seconds: i32::from(time.second()),
    }
}

fn date(date: civil::Date) -> types::Date {
    types::Date { year: i32::from(date.year()), month: i32::from(date.month()), day: i32::from(date.day()) }
}

const fn kind(kind: StopKind) -> types::StopType {
    match kind {
        StopKind::Delivery => types::StopType::Delivery,
        StopKind::Pickup => types::StopType::Pickup,
        StopKind::Task => types::StopType::Task,
        StopKind::Break => types::StopType::Break,
    }
}

/// A priority of this dialect as it was given. One of the Integration API, where lower is more important and 0 the
/// default, keeps its sense but not its value: 0 is the middle, and each step a step away from it, as far as there are.
fn priority(priority: Priority) -> i32 {
    match priority.scale() {
        PriorityScale::OneToTen => priority.raw() as i32,
        PriorityScale::LowerFirst => (5.0 - priority.raw()).round().clamp(1.0, 10.0) as i32,
    }
}

#[cfg(test)]
mod tests;
