use routemate_units::LatLng;

/// What is looked for. Equal queries have equal answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    text: String,
    address: Option<StructuredAddress>,
    focus: Option<Focus>,
    country: Option<String>,
}

/// An address in its parts; what is not given is empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct StructuredAddress {
    /// House number and street, in the order of the country.
    pub line: String,
    /// Flat, floor, staircase, whom to ask for: what nobody needs to find the house.
    pub unit: String,
    /// City, town, village or suburb.
    pub city: String,
    /// State, province or land, by code or name.
    pub region: String,
    /// The postcode.
    pub postcode: String,
    /// By ISO 3166-1 code or name.
    pub country: String,
}

/// A position in ten-millionths of a degree, so that it can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Focus {
    lat: i32,
    lng: i32,
}

impl Query {
    /// An address as people write it, on one line or several.
    ///
    /// White space at the ends is dropped and every run of it inside becomes one space; nothing else changes.
    #[must_use]
    pub fn text(address: &str) -> Self {
        Self { text: tidy(address), address: None, focus: None, country: None }
    }

    /// An address in its parts, each tidied as by [`text`](Self::text).
    #[must_use]
    pub fn structured(address: &StructuredAddress) -> Self {
        let address = StructuredAddress {
            line: tidy(&address.line),
            unit: tidy(&address.unit),
            city: tidy(&address.city),
            region: tidy(&address.region),
            postcode: tidy(&address.postcode),
            country: tidy(&address.country),
        };
        let parts = [&address.line, &address.unit, &address.city, &address.region, &address.postcode, &address.country];
        let given: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        Self { text: given.join(", "), address: Some(address), focus: None, country: None }
    }

    /// Decides between answers that are equally good otherwise: the nearest one to this position is meant.
    #[must_use]
    pub fn near(mut self, focus: LatLng) -> Self {
        // At most 1.8 thousand million: a float-to-int `as` saturates.
        let units = |degrees: f64| (degrees * 1e7).round() as i32;
        self.focus = Some(Focus { lat: units(focus.lat()), lng: units(focus.lng()) });
        self
    }

    /// Leaves only answers in a country, by its ISO 3166-1 code.
    #[must_use]
    pub fn within_country(mut self, code: &str) -> Self {
        self.country = Some(code.trim().to_ascii_uppercase()).filter(|code| !code.is_empty());
        self
    }

    /// The address on one line.
    #[must_use]
    pub fn as_text(&self) -> &str {
        &self.text
    }

    /// The address in its parts, if it was given so.
    #[must_use]
    pub const fn address(&self) -> Option<&StructuredAddress> {
        self.address.as_ref()
    }

    /// What [`near`](Self::near) was told, to a centimetre.
    #[must_use]
    pub fn focus(&self) -> Option<LatLng> {
        self.focus.and_then(|focus| LatLng::new(f64::from(focus.lat) / 1e7, f64::from(focus.lng) / 1e7).ok())
    }

    /// What [`within_country`](Self::within_country) was told, in capitals.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }
}

fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_that_differ_by_white_space_alone_are_equal() {
        assert_eq!(
            Query::text(" Aleksanterinkatu 1\n00170\u{a0} Helsinki "),
            Query::text("Aleksanterinkatu 1 00170 Helsinki")
        );
        assert_ne!(Query::text("Aleksanterinkatu 1"), Query::text("Aleksanterinkatu 11"));
    }

    #[test]
    fn address_in_parts_has_a_line_of_text() {
        let address = StructuredAddress {
            line: "1  Main Street".into(),
            city: "Vancouver".into(),
            country: "CA".into(),
            ..StructuredAddress::default()
        };
        assert_eq!(Query::structured(&address).as_text(), "1 Main Street, Vancouver, CA");
    }

    #[test]
    fn focus_and_country_come_back() {
        let focus = LatLng::new(49.26, -123.113).unwrap();
        let query = Query::text("Pub 340").near(focus).within_country(" ca ");
        assert_eq!(query.focus(), Some(focus));
        assert_eq!(query.country(), Some("CA"));
    }
}
