/// What a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The client's id.
    ClientStopId,
    /// What is to be done.
    Kind,
    /// The order's name.
    OrderName,
    /// Street and number, or the whole address.
    Address1,
    /// The number alone, where the street has a column of its own.
    HouseNumber,
    /// Flat, floor, building.
    Address2,
    /// City.
    City,
    /// Province, state or region.
    Province,
    /// Postal code.
    Zip,
    /// Country.
    Country,
    /// Latitude.
    Latitude,
    /// Longitude.
    Longitude,
    /// Latitude and longitude in one cell.
    Coordinates,
    /// Given and family name in one cell.
    ContactName,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Company.
    Company,
    /// Telephone number.
    Phone,
    /// E-mail address.
    Email,
    /// Words for the driver.
    Note,
    /// The time at the stop, a bare number being seconds.
    ServiceSeconds,
    /// The time at the stop, a bare number being minutes.
    ServiceMinutes,
    /// The time at the stop, a bare number being hours.
    ServiceHours,
    /// When service may begin: windows.
    TimeWindows,
    /// When service may begin at the earliest.
    WindowStart,
    /// When service may begin at the latest.
    WindowEnd,
    /// The day of delivery.
    DeliveryDate,
    /// How much it matters.
    Priority,
    /// Tags.
    Tags,
    /// What is handed over: a list.
    Items,
    /// What is handed over: one thing.
    ItemName,
    /// How many of it.
    ItemQuantity,
    /// The weight of one of it, with its unit.
    ItemWeight,
    /// The weight of one of it, a bare number being grams.
    ItemGrams,
    /// The weight of one of it, a bare number being kilograms.
    ItemKilograms,
    /// The weight of one of it, a bare number being pounds.
    ItemPounds,
    /// The weight of one of it, a bare number being ounces.
    ItemOunces,
    /// How many parcels.
    Parcels,
    /// Keys and values.
    Attributes,
    /// The driver's work.
    Tasks,
    /// RouteMate's own id, told and not read.
    ImportedStopId,
    /// How far the place is known, told and not read.
    LocationStatus,
    /// When it was handed in, told and not read.
    ImportedAt,
}

/// Whether an export has a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exported {
    /// It has.
    Yes,
    /// It says the same in another column.
    No,
}

/// What is known of a field.
#[derive(Debug, Clone, Copy)]
pub struct FieldFacts {
    /// The field.
    pub field: Field,
    /// Its name: the column of an export, and what a mapping says.
    pub name: &'static str,
    /// What it holds and how it is written, for people.
    pub holds: &'static str,
    /// Whether an export has it.
    pub exported: Exported,
}

const fn facts(field: Field, name: &'static str, exported: Exported, holds: &'static str) -> FieldFacts {
    FieldFacts { field, name, holds, exported }
}

use Exported::{No, Yes};

/// Every field, those of an export in the order of its columns.
pub const FIELDS: &[FieldFacts] = &[
    facts(
        Field::ClientStopId,
        "client_stop_id",
        Yes,
        "Your id, at most 255 characters. The stop that has it already is replaced",
    ),
    facts(Field::Kind, "type", Yes, "`delivery` (also where nothing is said), `pickup` or `task`"),
    facts(Field::OrderName, "order_name", Yes, "The order's name, which need not be unique"),
    facts(Field::Address1, "address1", Yes, "Street and number, or the whole address in one line"),
    facts(
        Field::HouseNumber,
        "house_number",
        No,
        "The number, where the street has a column of its own; before or after the street as the columns are",
    ),
    facts(Field::Address2, "address2", Yes, "Flat, floor, building"),
    facts(Field::City, "city", Yes, "City, town or village"),
    facts(Field::Province, "province", Yes, "Code (ISO 3166-2) or name of state, province or region"),
    facts(Field::Zip, "zip", Yes, "Postal code"),
    facts(Field::Country, "country", Yes, "Code (ISO 3166-1) or English name"),
    facts(Field::Latitude, "latitude", Yes, "Degrees from -90 to 90, such as `60.1699` or `60,1699`"),
    facts(Field::Longitude, "longitude", Yes, "Degrees from -180 to 180"),
    facts(Field::Coordinates, "coordinates", No, "Latitude and longitude: `60.1699, 24.9384`"),
    facts(Field::ContactName, "contact_name", No, "Who receives: given name, a space, the rest"),
    facts(Field::FirstName, "first_name", Yes, "Given name"),
    facts(Field::LastName, "last_name", Yes, "Family name"),
    facts(Field::Company, "company", Yes, "Company"),
    facts(Field::Phone, "phone", Yes, "Telephone number; made international where the country says how"),
    facts(Field::Email, "email", Yes, "E-mail address"),
    facts(Field::Note, "note", Yes, "Words for the driver, at most 4,000 characters"),
    facts(
        Field::ServiceSeconds,
        "service_seconds",
        Yes,
        "How long the driver stays: seconds, `00:10:00` or `10 min`; at most a week",
    ),
    facts(
        Field::ServiceMinutes,
        "service_minutes",
        No,
        "The same, a bare number being minutes; `00:10` is ten minutes, `1:30` an hour and a half",
    ),
    facts(Field::ServiceHours, "service_hours", No, "The same, a bare number being hours"),
    facts(
        Field::TimeWindows,
        "time_windows",
        Yes,
        "When service may begin: `09:00-12:00`, `from 9am`, `until 17h30`; several, with `;` between, are alternatives",
    ),
    facts(
        Field::WindowStart,
        "window_start",
        No,
        "When service may begin at the earliest: `9:00`, `9 am`, `0900`, `9h30`",
    ),
    facts(Field::WindowEnd, "window_end", No, "When service may begin at the latest"),
    facts(
        Field::DeliveryDate,
        "delivery_date",
        Yes,
        "`2026-03-09`, `9.3.2026`, or with slashes as the rest of the column shows",
    ),
    facts(Field::Priority, "priority", Yes, "1 (low) to 10 (high), 0 being unset; `low`, `normal`, `high`"),
    facts(Field::Tags, "tags", Yes, "At most 250, with `,`, `;` or `|` between"),
    facts(Field::Items, "items", Yes, "`2 x Bananas (500 g); 1 x Milk`; weights are of one"),
    facts(
        Field::ItemName,
        "item_name",
        No,
        "One item; rows of one order that follow each other are one stop with an item each",
    ),
    facts(Field::ItemQuantity, "item_quantity", No, "How many of it; 1 where nothing is said"),
    facts(Field::ItemWeight, "item_weight", No, "The weight of one, with its unit: `500 g`, `1.5 kg`, `2 lb`, `8 oz`"),
    facts(Field::ItemGrams, "item_grams", No, "The same, a bare number being grams"),
    facts(Field::ItemKilograms, "item_kilograms", No, "The same, a bare number being kilograms"),
    facts(Field::ItemPounds, "item_pounds", No, "The same, a bare number being pounds"),
    facts(Field::ItemOunces, "item_ounces", No, "The same, a bare number being ounces"),
    facts(Field::Parcels, "parcels", No, "How many parcels: one item of that name"),
    facts(
        Field::Attributes,
        "attributes",
        Yes,
        "Keys and values for somebody else's system, at most 50: `floor=3; zone=B`",
    ),
    facts(Field::Tasks, "tasks", Yes, "The driver's work, as JSON"),
    facts(Field::ImportedStopId, "imported_stop_id", Yes, "RouteMate's id; told in an export, not read"),
    facts(
        Field::LocationStatus,
        "location_status",
        Yes,
        "`supplied`, `geocoded`, `searching` or `not_found`; told in an export, not read",
    ),
    facts(Field::ImportedAt, "imported_at", Yes, "When it was handed in last; told in an export, not read"),
];

/// How a column is mapped to an attribute: this and the attribute's key.
pub const ATTRIBUTE: &str = "attribute:";

/// How a column is left out: the name of no field.
pub const LEFT_OUT: &str = "-";

impl Field {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        FIELDS.iter().find(|facts| facts.field == self).map_or("", |facts| facts.name)
    }

    /// The field of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        FIELDS.iter().find(|facts| facts.name == name).map(|facts| facts.field)
    }

    /// Whether it says where a stop is.
    pub(crate) const fn is_place(self) -> bool {
        matches!(
            self,
            Self::Address1
                | Self::Address2
                | Self::City
                | Self::Zip
                | Self::Latitude
                | Self::Longitude
                | Self::Coordinates
        )
    }

    /// Whether it belongs to one item.
    pub(crate) const fn is_of_item(self) -> bool {
        matches!(
            self,
            Self::ItemName
                | Self::ItemQuantity
                | Self::ItemWeight
                | Self::ItemGrams
                | Self::ItemKilograms
                | Self::ItemPounds
                | Self::ItemOunces
        )
    }

    /// Whether several columns may hold it.
    pub(crate) const fn may_repeat(self) -> bool {
        matches!(self, Self::Tags | Self::TimeWindows | Self::Items)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_field_has_a_name_of_its_own() {
        let names: HashSet<_> = FIELDS.iter().map(|facts| facts.name).collect();
        assert_eq!(names.len(), FIELDS.len());
        for facts in FIELDS {
            assert_eq!((Field::named(facts.name), facts.field.name()), (Some(facts.field), facts.name));
        }
        assert_eq!(Field::named("nothing"), None);
    }
}
