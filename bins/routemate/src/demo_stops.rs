//! Real addresses, read from the OpenStreetMap extract that comes with the demo.
//!
//! Map data © OpenStreetMap contributors, ODbL 1.0; see `demo/README.md`.

use std::collections::BTreeSet;

use osmpbf::{Element, ElementReader};

pub(crate) const EXTRACT: &[u8] = include_bytes!("../../../demo/helsinki_centre.osm.pbf");

/// So many different addresses where something can be delivered, spread over the alphabet of streets, which is also their
/// order: that of a list as an order system prints it.
pub(crate) fn read(count: usize) -> Result<Vec<String>, osmpbf::Error> {
    let mut found: BTreeSet<(String, String)> = BTreeSet::new();
    let mut addresses = Vec::new();
    ElementReader::new(EXTRACT).for_each(|element| {
        let address = match &element {
            Element::Node(node) => Parts::read(node.tags()),
            Element::DenseNode(node) => Parts::read(node.tags()),
            Element::Way(_) | Element::Relation(_) => return,
        };
        if let Some((street, number, postcode)) = address.complete()
            && found.insert((street.clone(), number.clone()))
        {
            addresses.push((street, number, postcode));
        }
    })?;
    addresses.sort();
    let count = count.min(addresses.len());
    let chosen = (0..count).filter_map(|index| addresses.get(index * addresses.len() / count));
    Ok(chosen.map(|(street, number, postcode)| format!("{street} {number}, {postcode} Helsinki, Finland")).collect())
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
        let addresses = read(60).expect("the extract is readable");
        assert_eq!(addresses.len(), 60);
        assert!(addresses.iter().all(|address| address.ends_with(" Helsinki, Finland")));
        assert!(addresses.is_sorted_by(|a, b| a != b));
        assert_eq!(read(60).expect("again"), addresses);
    }
}
