//! Real addresses, read from the OpenStreetMap extract that comes with the demo.
//!
//! Map data © OpenStreetMap contributors, ODbL 1.0; see `demo/README.md`.

use std::collections::BTreeMap;

use osmpbf::{Element, ElementReader};
use serde_json::{Value, json};

pub(crate) const EXTRACT: &[u8] = include_bytes!("../../../demo/helsinki_centre.osm.pbf");

/// An address where something can be delivered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DemoAddress {
    street: String,
    number: String,
    postcode: String,
}

impl DemoAddress {
    /// As people write it on one line.
    pub(crate) fn line(&self) -> String {
        format!("{}, {} Helsinki, Finland", self.street_and_number(), self.postcode)
    }

    /// In parts, as the EasyRoutes API has them.
    pub(crate) fn in_parts(&self) -> Value {
        json!({
            "address1": self.street_and_number(),
            "zip": self.postcode,
            "city": "Helsinki",
            "countryCode": "FI",
        })
    }

    /// The same address with a street that nobody has heard of.
    pub(crate) fn misheard(&self) -> String {
        format!("Kuulematon katu {}, {} Helsinki, Finland", self.number, self.postcode)
    }

    fn street_and_number(&self) -> String {
        format!("{} {}", self.street, self.number)
    }
}

/// Lists of so many addresses each, none of them twice. Each is spread over the alphabet of streets, which is also its
/// order: that of a list as an order system prints it.
pub(crate) fn read<const LISTS: usize>(counts: [usize; LISTS]) -> Result<[Vec<DemoAddress>; LISTS], osmpbf::Error> {
    let mut found: BTreeMap<(String, String), String> = BTreeMap::new();
    ElementReader::new(EXTRACT).for_each(|element| {
        let address = match &element {
            Element::Node(node) => Parts::read(node.tags()),
            Element::DenseNode(node) => Parts::read(node.tags()),
            Element::Way(_) | Element::Relation(_) => return,
        };
        if let Some((street, number, postcode)) = address.complete() {
            found.entry((street, number)).or_insert(postcode);
        }
    })?;
    let address = |((street, number), postcode)| DemoAddress { street, number, postcode };
    let mut left: Vec<DemoAddress> = found.into_iter().map(address).collect();
    Ok(counts.map(|count| {
        let (all, count) = (left.len(), count.min(left.len()));
        // From the last on, so that those before keep their places.
        let mut chosen: Vec<DemoAddress> = (0..count).rev().map(|index| left.remove(index * all / count)).collect();
        chosen.reverse();
        chosen
    }))
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
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_extract_holds_different_addresses_in_the_centre_of_helsinki_for_all_lists() {
        let lists = read([60, 40, 20]).expect("the extract is readable");
        assert_eq!(lists.each_ref().map(Vec::len), [60, 40, 20]);
        let mut seen = BTreeSet::new();
        for list in &lists {
            assert!(list.iter().all(|address| address.line().ends_with(" Helsinki, Finland")));
            assert!(list.is_sorted_by(|a, b| a < b));
            assert!(list.iter().all(|address| seen.insert(address.street_and_number())), "each is there once");
        }
        assert_eq!(read([60, 40, 20]).expect("again"), lists);
    }
}
