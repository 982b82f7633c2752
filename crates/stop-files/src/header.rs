//! Which field a column's name means: in several languages, whatever its case, spaces and punctuation.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::field::Field;
use crate::synonyms::{BESIDE, FOR_DELIVERY, LINE_ITEMS, SYNONYMS};

/// How well a name fits a field: lower is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fit {
    class: Class,
    place: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// The field's own name.
    Own,
    /// A usual name, said to be the delivery's.
    ForDelivery,
    /// A usual name.
    Usual,
    /// A usual name with a word in front that says nothing.
    Beside,
}

/// A unit that a column's name ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Seconds,
    Minutes,
    Hours,
    Grams,
    Kilograms,
    Pounds,
    Ounces,
}

const UNITS: &[(&str, Unit)] = &[
    ("s", Unit::Seconds),
    ("sec", Unit::Seconds),
    ("secs", Unit::Seconds),
    ("second", Unit::Seconds),
    ("seconds", Unit::Seconds),
    ("secondes", Unit::Seconds),
    ("sekunden", Unit::Seconds),
    ("m", Unit::Minutes),
    ("min", Unit::Minutes),
    ("mins", Unit::Minutes),
    ("minute", Unit::Minutes),
    ("minutes", Unit::Minutes),
    ("minuten", Unit::Minutes),
    ("minutos", Unit::Minutes),
    ("minuti", Unit::Minutes),
    ("minuuttia", Unit::Minutes),
    ("h", Unit::Hours),
    ("hour", Unit::Hours),
    ("hours", Unit::Hours),
    ("heures", Unit::Hours),
    ("stunden", Unit::Hours),
    ("g", Unit::Grams),
    ("gram", Unit::Grams),
    ("grams", Unit::Grams),
    ("grammes", Unit::Grams),
    ("gramm", Unit::Grams),
    ("kg", Unit::Kilograms),
    ("kgs", Unit::Kilograms),
    ("kilo", Unit::Kilograms),
    ("kilos", Unit::Kilograms),
    ("kilograms", Unit::Kilograms),
    ("lb", Unit::Pounds),
    ("lbs", Unit::Pounds),
    ("pounds", Unit::Pounds),
    ("oz", Unit::Ounces),
    ("ounces", Unit::Ounces),
];

/// Fields by their names, each with the name's place among those of its field.
static BY_NAME: LazyLock<HashMap<&str, Vec<(Field, usize)>>> = LazyLock::new(|| {
    let mut by_name: HashMap<&str, Vec<(Field, usize)>> = HashMap::new();
    for (field, names) in SYNONYMS {
        for (place, name) in names.split_whitespace().enumerate() {
            by_name.entry(name).or_default().push((*field, place));
        }
    }
    by_name
});

/// The words of a name: small letters and digits without accents. `clientStopId` is one word: case does not count.
fn words(name: &str) -> Vec<String> {
    let plain: String = name.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase).collect();
    // What has no accent to take off and is written without it too.
    let plain = plain.replace('ß', "ss").replace('ø', "o").replace('æ', "ae").replace('œ', "oe").replace('ł', "l");
    plain.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What tells names apart: their words, joined.
pub(crate) fn key(name: &str) -> String {
    words(name).concat()
}

/// Whether the file has a row for each item of an order, as shops' exports have.
pub(crate) fn has_line_items(names: &[String]) -> bool {
    names.iter().any(|name| LINE_ITEMS.contains(&key(name).as_str()))
}

/// The fields that a name may mean, the best first.
pub(crate) fn fields(name: &str, has_line_items: bool) -> Vec<(Field, Fit)> {
    let mut found: Vec<(Field, Fit)> = Vec::new();
    // "State/Province", "Postal code or ZIP (optional)"
    let without_brackets = name.split(['(', '[']).next().unwrap_or_default();
    let readings = [name, without_brackets].into_iter().chain(without_brackets.split('/'));
    for (reading_place, reading) in readings.enumerate() {
        for (field, fit) in fields_of_words(&words(reading), has_line_items) {
            let fit = Fit { place: fit.place + 1_000 * reading_place, ..fit };
            if found.iter().all(|(known, _)| *known != field) {
                found.push((field, fit));
            }
        }
    }
    if let Some(own) = Field::named(name.trim()) {
        found.retain(|(field, _)| *field != own);
        found.push((own, Fit { class: Class::Own, place: 0 }));
    }
    found.sort_by_key(|(_, fit)| *fit);
    found
}

fn fields_of_words(words: &[String], has_line_items: bool) -> Vec<(Field, Fit)> {
    let mut found = fields_of_key(&words.concat(), has_line_items);
    if let Some((last, rest)) = words.split_last()
        && let Some((_, unit)) = UNITS.iter().find(|(name, _)| name == last)
    {
        let rest = match rest.split_last() {
            Some((word, rest)) if matches!(word.as_str(), "in" | "en" | "per" | "unit") => rest,
            _ => rest,
        };
        let fields = fields_of_key(&rest.concat(), has_line_items);
        found.extend(fields.into_iter().filter_map(|(field, fit)| Some((measured(field, *unit)?, fit))));
    }
    found
}

/// The field with a unit.
const fn measured(field: Field, unit: Unit) -> Option<Field> {
    match (field, unit) {
        (Field::ServiceMinutes, Unit::Seconds) => Some(Field::ServiceSeconds),
        (Field::ServiceMinutes, Unit::Minutes) => Some(Field::ServiceMinutes),
        (Field::ServiceMinutes, Unit::Hours) => Some(Field::ServiceHours),
        (Field::ItemWeight, Unit::Grams) => Some(Field::ItemGrams),
        (Field::ItemWeight, Unit::Kilograms) => Some(Field::ItemKilograms),
        (Field::ItemWeight, Unit::Pounds) => Some(Field::ItemPounds),
        (Field::ItemWeight, Unit::Ounces) => Some(Field::ItemOunces),
        _ => None,
    }
}

fn fields_of_key(key: &str, has_line_items: bool) -> Vec<(Field, Fit)> {
    // A shop calls its orders by name, and whoever receives by another column.
    if has_line_items && key == "name" {
        return vec![(Field::OrderName, Fit { class: Class::Usual, place: 0 })];
    }
    let mut found = Vec::new();
    let add = |found: &mut Vec<(Field, Fit)>, key: &str, class| {
        let known = BY_NAME.get(key).into_iter().flatten();
        found.extend(known.map(|(field, place)| (*field, Fit { class, place: *place })));
    };
    add(&mut found, key, Class::Usual);
    for (prefixes, class) in [(FOR_DELIVERY, Class::ForDelivery), (BESIDE, Class::Beside)] {
        for prefix in prefixes {
            if let Some(rest) = key.strip_prefix(prefix).filter(|rest| !rest.is_empty()) {
                let before = found.len();
                add(&mut found, rest, class);
                let kept = found
                    .split_off(before)
                    .into_iter()
                    .filter(|(field, _)| class != Class::Beside || is_of(prefix, *field));
                found.extend(kept.collect::<Vec<_>>());
            }
        }
    }
    found
}

/// Whether a word in front leaves the field what it is: a customer's id is no stop's, and an order's day is the day it was
/// placed on.
fn is_of(prefix: &str, field: Field) -> bool {
    match field {
        Field::ClientStopId => ["stop", "order", "visit", "task", "job"].contains(&prefix),
        Field::DeliveryDate | Field::TimeWindows | Field::WindowStart | Field::WindowEnd => prefix != "order",
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Option<Field>) {
        assert_eq!(fields(name, false).first().map(|(field, _)| *field), expected, "{name}");
    }

    #[test]
    fn case_spaces_and_punctuation_do_not_matter() {
        for name in ["client_stop_id", "clientStopId", "Client Stop ID", "CLIENT-STOP-ID", " client stop id* "] {
            check(name, Some(Field::ClientStopId));
        }
        for name in ["Straße", "STRASSE", "strasse", "Address 1", "Street", "Address line 1", "Rue", "Lieferadresse"] {
            check(name, Some(Field::Address1));
        }
        for name in ["PLZ", "zip", "Postal code", "Code postal", "Postnummer", "Código postal", "ZIP/Postal Code"] {
            check(name, Some(Field::Zip));
        }
        check("Téléphone", Some(Field::Phone));
        check("E-Mail-Adresse", Some(Field::Email));
        check("State/Province", Some(Field::Province));
        check("Favourite colour", None);
        check("", None);
        check("   ", None);
        check("Billing City", None);
        check("Customer ID", None);
        check("Task ID", Some(Field::ClientStopId));
        check("Order date", None);
        check("Delivery date", Some(Field::DeliveryDate));
    }

    #[test]
    fn units_belong_to_the_name() {
        check("Duration", Some(Field::ServiceMinutes));
        check("Duration (seconds)", Some(Field::ServiceSeconds));
        check("Time at stop (in minutes)", Some(Field::ServiceMinutes));
        check("service time [h]", Some(Field::ServiceHours));
        check("Weight", Some(Field::ItemWeight));
        check("Weight (kg)", Some(Field::ItemKilograms));
        check("weight_g", Some(Field::ItemGrams));
        check("Gewicht in kg", Some(Field::ItemKilograms));
        check("Weight lbs", Some(Field::ItemPounds));
    }

    #[test]
    fn what_is_for_the_delivery_fits_better() {
        let fit = |name: &str| fields(name, true).first().copied().expect("a field");
        let (field, delivery) = fit("Shipping Phone");
        assert_eq!(field, Field::Phone);
        assert!(delivery < fit("Phone").1 && fit("Phone").1 < fit("Customer phone").1);
        assert!(fit("Shipping Address1").1 < fit("Shipping Street").1);
        assert_eq!((fit("Name").0, fit("Shipping Name").0), (Field::OrderName, Field::ContactName));
        assert_eq!(fields("Shipping", true), []);
    }
}
