use std::fmt;

use crate::phone::phone_in_usual_form;
use crate::place_code::{country_code, province_code};

/// A postal address in the parts that were given. A one-line address is `line1` alone.
///
/// Kept as submitted: what it means is the geocoder's business.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Street and number, or the whole address in one line.
    pub line1: String,
    /// Flat, floor, building.
    pub line2: String,
    /// City, town or village.
    pub city: String,
    /// ISO 3166-2 subdivision without the country prefix.
    pub province_code: String,
    /// ISO 3166-1 alpha-2.
    pub country_code: String,
    /// Postal code.
    pub zip: String,
}

impl Address {
    /// An address in one line.
    #[must_use]
    pub fn one_line(text: impl Into<String>) -> Self {
        Self { line1: text.into(), ..Self::default() }
    }

    /// The same address with the codes of country and province, from their codes in another form or their names, where these
    /// are clear. One whose parts are all blank is none.
    #[must_use]
    pub fn in_usual_form(self) -> Self {
        let country_code = country_code(&self.country_code);
        let province_code = province_code(&self.province_code, &country_code);
        let address = Self { province_code, country_code, ..self };
        if address.is_blank() { Self::default() } else { address }
    }

    /// Whether no part says anything.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let parts = [&self.line1, &self.line2, &self.city, &self.province_code, &self.country_code, &self.zip];
        parts.into_iter().all(|part| part.trim().is_empty())
    }
}

/// The parts that are there, joined by commas.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.line1, &self.line2, &self.city, &self.province_code, &self.zip, &self.country_code];
        let mut separator = "";
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            write!(f, "{separator}{part}")?;
            separator = ", ";
        }
        Ok(())
    }
}

/// Who receives at a stop. An empty part was not given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Company; the Integration API's `label`.
    pub company: String,
    /// Telephone number: as given, or in E.164 after [`in_usual_form`](Self::in_usual_form).
    pub phone: String,
    /// E-mail address as given.
    pub email: String,
}

impl Contact {
    /// The same with the telephone number in E.164 where that is clear: it names its calling code, or the country (ISO 3166-1
    /// alpha-2) dials it so.
    #[must_use]
    pub fn in_usual_form(self, country_code: &str) -> Self {
        Self { phone: phone_in_usual_form(&self.phone, country_code), ..self }
    }
}

/// Something to hand over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// Grams each.
    pub grams: u32,
}

impl Item {
    /// What `parcel_count` of the Integration API stands for.
    #[must_use]
    pub fn parcels(quantity: u32) -> Self {
        Self { name: "Parcel".to_owned(), quantity, grams: 0 }
    }
}

/// A key and a value that a stop carries for somebody else's system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The key, never empty.
    pub key: String,
    /// The value.
    pub value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_parts_leave_no_commas() {
        let address = Address { city: "Helsinki".into(), zip: "00170".into(), ..Address::one_line("Unioninkatu 29") };
        assert_eq!(address.to_string(), "Unioninkatu 29, Helsinki, 00170");
    }

    #[test]
    fn codes_take_their_usual_form_and_blank_parts_are_no_address() {
        let given =
            Address { province_code: "New York".into(), country_code: "usa".into(), ..Address::one_line("1 Main St") };
        let expected = Address { province_code: "NY".into(), country_code: "US".into(), ..given.clone() };
        assert_eq!(given.in_usual_form(), expected);
        assert_eq!(Address { city: " ".into(), ..Address::default() }.in_usual_form(), Address::default());
        let contact = Contact { phone: "040 123 4567".into(), ..Contact::default() };
        assert_eq!(contact.in_usual_form("FI").phone, "+358401234567");
    }
}
