//! Addresses and the sources that they come from.

use std::collections::HashMap;

pub(crate) type Failure = Box<dyn std::error::Error>;

/// An address of a source.
#[derive(Debug, Clone, Default)]
pub(crate) struct House {
    pub(crate) number: String,
    pub(crate) street: String,
    pub(crate) city: String,
    pub(crate) region: String,
    pub(crate) postcode: String,
    pub(crate) lat: f64,
    pub(crate) lng: f64,
}

impl House {
    /// What two ways of writing one address have in common, good enough for one source.
    pub(crate) fn key(&self) -> (String, String) {
        (plain(&self.street), plain(&self.number))
    }

    /// Whether the number stands before the street here.
    pub(crate) fn puts_number_first(&self) -> bool {
        self.lng < -30.0 && self.lat > 15.0
            || self.lng > 110.0
            || (49.9..61.0).contains(&self.lat) && (-8.2..1.8).contains(&self.lng)
    }

    /// The address as it is written where it stands.
    pub(crate) fn text(&self, line: &str) -> String {
        let town = if self.puts_number_first() {
            [self.city.as_str(), self.region.as_str(), self.postcode.as_str()]
        } else {
            [self.postcode.as_str(), self.city.as_str(), ""]
        };
        let town: Vec<&str> = town.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{line}, {}", town.join(" "))
    }

    pub(crate) fn line(&self, number: &str, street: &str) -> String {
        if self.puts_number_first() { format!("{number} {street}") } else { format!("{street} {number}") }
    }

    pub(crate) fn plain_line(&self) -> String {
        self.line(&self.number, &self.street)
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// All addresses of a source.
pub(crate) fn houses(source: &str) -> Result<Vec<House>, Failure> {
    if source.ends_with(".pbf") {
        return extract_houses(source);
    }
    let mut reader = csv::Reader::from_path(source)?;
    let headers = reader.headers()?.clone();
    let mut houses = Vec::new();
    for record in reader.records() {
        houses.extend(row(&headers, &record?));
    }
    Ok(houses)
}

/// The address of a row.
pub(crate) fn row(headers: &csv::StringRecord, record: &csv::StringRecord) -> Option<House> {
    let field = |name: &str| {
        headers.iter().position(|header| header == name).and_then(|at| record.get(at)).unwrap_or_default().to_owned()
    };
    let house = House {
        number: field("NUMBER"),
        street: field("STREET"),
        city: field("CITY"),
        region: field("REGION"),
        postcode: field("POSTCODE"),
        lat: field("LAT").parse().ok()?,
        lng: field("LON").parse().ok()?,
    };
    (!house.number.is_empty() && !house.street.is_empty()).then_some(house)
}

/// Places that letters are addressed to, and how far around they are felt.
const PLACES: [(&str, f64); 4] = [("city", 12_000.0), ("town", 5_000.0), ("village", 2_500.0), ("hamlet", 1_500.0)];

fn extract_houses(source: &str) -> Result<Vec<House>, Failure> {
    let mut spots: HashMap<i64, [f64; 2]> = HashMap::new();
    let mut houses = Vec::new();
    let mut places: Vec<(String, f64, [f64; 2])> = Vec::new();
    let house = |tags: &[(&str, &str)], [lat, lng]: [f64; 2]| {
        let tag = |key: &str| tags.iter().find(|(other, _)| *other == key).map(|(_, value)| (*value).to_owned());
        let (number, street) = (tag("addr:housenumber")?, tag("addr:street")?);
        (!number.contains([';', ','])).then(|| House {
            number,
            street,
            city: tag("addr:city").unwrap_or_default(),
            region: tag("addr:state").filter(|_| lng < -30.0).unwrap_or_default(),
            postcode: tag("addr:postcode").unwrap_or_default(),
            lat,
            lng,
        })
    };
    osmpbf::ElementReader::from_path(source)?.for_each(|element| match element {
        osmpbf::Element::DenseNode(node) => {
            let spot = [node.lat(), node.lon()];
            spots.insert(node.id(), spot);
            let tags: Vec<(&str, &str)> = node.tags().collect();
            houses.extend(house(&tags, spot));
            let tag = |key: &str| tags.iter().find(|(other, _)| *other == key).map(|(_, value)| *value);
            if let (Some(kind), Some(name)) = (tag("place"), tag("name"))
                && let Some((_, radius)) = PLACES.iter().find(|(place, _)| *place == kind)
            {
                places.push((name.to_owned(), *radius, spot));
            }
        }
        osmpbf::Element::Way(way) => {
            let tags: Vec<(&str, &str)> = way.tags().collect();
            let corners: Vec<[f64; 2]> = way.refs().filter_map(|id| spots.get(&id).copied()).collect();
            let Some(first) = corners.first() else {
                return;
            };
            let (low, high) = corners.iter().fold((*first, *first), |(low, high), [lat, lng]| {
                ([low[0].min(*lat), low[1].min(*lng)], [high[0].max(*lat), high[1].max(*lng)])
            });
            houses.extend(house(&tags, [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0]));
        }
        _ => {}
    })?;
    for house in houses.iter_mut().filter(|house| house.city.is_empty()) {
        let measure = |[lat, lng]: &[f64; 2], radius: f64| {
            let north = (lat - house.lat) * 111_195.0;
            let east = (lng - house.lng) * 111_195.0 * house.lat.to_radians().cos();
            north.hypot(east) / radius
        };
        let near = places.iter().map(|(name, radius, spot)| (measure(spot, *radius), name));
        if let Some((_, name)) = near.filter(|(measure, _)| *measure < 1.0).min_by(|a, b| a.0.total_cmp(&b.0)) {
            house.city.clone_from(name);
        }
    }
    Ok(houses)
}
