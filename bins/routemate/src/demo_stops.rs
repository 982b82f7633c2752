//! Real addresses with coordinates, read from the OpenStreetMap extract that comes with the demo.
//!
//! Map data © OpenStreetMap contributors, ODbL 1.0; see `demo/README.md`.

use std::collections::BTreeMap;

use osmpbf::{Element, ElementReader};

pub(crate) const EXTRACT: &[u8] = include_bytes!("../../../demo/helsinki_centre.osm.pbf");

/// An address where something can be delivered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DemoStop {
    pub(crate) address: String,
    pub(crate) lat: f64,
    pub(crate) lng: f64,
}

/// So many different addresses, spread over the alphabet of streets, which is also their order: that of a list as an
/// order system prints it.
pub(crate) fn read(count: usize) -> Result<Vec<DemoStop>, osmpbf::Error> {
    let mut found: BTreeMap<(String, String), DemoStop> = BTreeMap::new();
    ElementReader::new(EXTRACT).for_each(|element| {
        let (lat, lng, address) = match &element {
            Element::Node(node) => (node.lat(), node.lon(), Parts::read(node.tags())),
            Element::DenseNode(node) => (node.lat(), node.lon(), Parts::read(node.tags())),
            Element::Way(_) | Element::Relation(_) => return,
        };
        if let Some((street, number, postcode)) = address.complete() {
            let address = format!("{street} {number}, {postcode} Helsinki, Finland");
            found.entry((street, number)).or_insert(DemoStop { address, lat, lng });
        }
    })?;
    let all: Vec<DemoStop> = found.into_values().collect();
    let count = count.min(all.len());
    Ok((0..count).filter_map(|index| all.get(index * all.len() / count).cloned()).collect())
}

/// The tags of an address.
#[derive(Default)]
struct Parts {
    street: Option<String>,
    number: Option<String>,
    postcode: Option<String>,
}

impl Parts {
    fn read<'t>(tags: impl Iterator<Item = (&'t str, &'t str)>) -> Self {
        let mut parts = Self::default();
        for (key, value) in tags {
            let part = match key {
                "addr:street" => &mut parts.street,
                "addr:housenumber" => &mut parts.number,
                "addr:postcode" => &mut parts.postcode,
                _ => continue,
            };
            *part = Some(value.to_owned());
        }
        parts
    }

    fn complete(self) -> Option<(String, String, String)> {
        Some((self.street?, self.number?, self.postcode?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extract_holds_sixty_different_addresses_in_the_centre_of_helsinki() {
        let stops = read(60).expect("the extract is readable");
        assert_eq!(stops.len(), 60);
        assert!(stops.iter().all(|stop| (60.16..60.19).contains(&stop.lat) && (24.92..24.97).contains(&stop.lng)));
        assert!(stops.is_sorted_by(|a, b| a.address != b.address));
        assert_eq!(read(60).expect("again"), stops);
    }
}
