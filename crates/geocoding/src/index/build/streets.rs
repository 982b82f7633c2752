//! The streets of one name, each packed by itself: what several threads can do at once.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::collections::{BTreeMap, BTreeSet};

use super::cluster::{Cluster, clusters};
use super::gathered::{Gathered, RawAddress};
use super::pack::Numbers;
use super::places::{Places, Towns, centre};
use super::written::{display, pair_cell};
use crate::index::country::Country;
use crate::index::file::{NONE, StreetRecord};
use crate::index::names::{CanonicalName, LinkKind};
use crate::index::number::{HouseNumber, Pair};
use crate::index::street::{self, Address, Area, Line};
use crate::index::text::{fold, profile};

/// What streets are made of.
pub(super) struct Streets<'p> {
    pub(super) gathered: &'p Gathered,
    pub(super) resolved: &'p Places,
    /// Postcodes as they are written, by their place in the file.
    pub(super) postcode_numbers: &'p Numbers<(Country, u32)>,
    /// Cells where numbers such as 97-18 are compounds.
    pub(super) compound_cells: &'p BTreeSet<(i32, i32)>,
}

/// The streets of one name in one country.
pub(super) struct Named {
    pub(super) streets: Vec<PackedStreet>,
    /// Other keys of the name.
    pub(super) variants: Vec<(String, LinkKind)>,
}

/// A street that has no place in the file yet.
pub(super) struct PackedStreet {
    pub(super) name: String,
    pub(super) data: Vec<u8>,
    /// All but where name and data lie.
    pub(super) record: StreetRecord,
}

impl Streets<'_> {
    /// The streets among all that has one name in a country.
    pub(super) fn named(&self, country: Country, all: &Cluster) -> Named {
        let clusters = clusters(self.gathered, &all.addresses, &all.lines);
        let streets = clusters.iter().map(|cluster| self.street(country, cluster)).collect();
        let variants = self.name(all).map_or_else(Vec::new, |name| {
            CanonicalName::new(self.gathered.texts.get(name), &profile(country.languages())).street_variants()
        });
        Named { streets, variants }
    }

    /// The name that most of a cluster has; of lines rather than of addresses.
    fn name(&self, cluster: &Cluster) -> Option<u32> {
        let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
        for line in &cluster.lines {
            *counts.entry(self.gathered.lines[*line as usize].name).or_default() += 1;
        }
        if counts.is_empty() {
            for address in &cluster.addresses {
                *counts.entry(self.gathered.addresses[*address as usize].street).or_default() += 1;
            }
        }
        counts.into_iter().max_by_key(|(name, count)| (*count, std::cmp::Reverse(*name))).map(|(name, _)| name)
    }

    fn street(&self, country: Country, cluster: &Cluster) -> PackedStreet {
        let gathered = self.gathered;
        let lines: Vec<Line> = cluster
            .lines
            .iter()
            .map(|line| &gathered.lines[*line as usize])
            .map(|line| Line { is_drivable: line.is_drivable, points: line.points.clone() })
            .collect();
        let raw: Vec<&RawAddress> = cluster.addresses.iter().map(|at| &gathered.addresses[*at as usize]).collect();
        let spots = || {
            let of_lines = lines.iter().flat_map(|line| line.points.iter().copied());
            of_lines.chain(raw.iter().map(|address| address.spot))
        };
        let centre = centre(spots());
        let radius_m = spots().map(centre.measure()).fold(0.0, f64::max) as u32;
        let mut areas: Vec<Area> = Vec::new();
        let mut counts: Vec<u32> = Vec::new();
        let mut addresses: Vec<Address> = Vec::with_capacity(raw.len());
        let towns = Towns::new(&raw);
        for address in raw {
            let place = self.resolved.of_town(towns.of(address), address).unwrap_or(NONE);
            let area = Area {
                place,
                postcode: self.postcode_numbers.get(&(address.country, address.postcode)).copied().unwrap_or(NONE),
            };
            let at = areas.iter().position(|other| *other == area).unwrap_or_else(|| {
                areas.push(area);
                counts.push(0);
                areas.len() - 1
            });
            counts[at] += 1;
            let pair =
                if self.compound_cells.contains(&pair_cell(address.spot)) { Pair::Compound } else { Pair::Range };
            let mut folded = String::new();
            fold(gathered.texts.get(address.number), &mut folded);
            if let Some(number) = HouseNumber::parse(&folded, pair) {
                addresses.push(Address { number, area: at as u32, spot: address.spot });
            }
        }
        if areas.is_empty() {
            areas.push(Area { place: self.resolved.nearest(centre).unwrap_or(NONE), postcode: NONE });
            counts.push(0);
        }
        addresses.sort_by(|a, b| (&a.number, a.area, a.spot).cmp(&(&b.number, b.area, b.spot)));
        addresses
            .dedup_by(|a, b| a.number == b.number && a.area == b.area && a.spot.distance_m(b.spot) < SAME_WITHIN_M);
        let main = counts
            .iter()
            .enumerate()
            .max_by_key(|(at, count)| (**count, std::cmp::Reverse(*at)))
            .map_or(0, |(at, _)| at);
        let mut data = Vec::new();
        street::pack(centre, &areas, &lines, &mut addresses, &mut data);
        let name = self.name(cluster).map_or("", |name| gathered.texts.get(name));
        let record = StreetRecord {
            name: 0,
            lat: centre.lat,
            lng: centre.lng,
            radius_m,
            data: 0,
            addresses: addresses.len() as u32,
            place: areas[main].place,
            country: country.0,
            reserved: 0,
        };
        PackedStreet { name: display(name), data, record }
    }
}

/// Addresses of one number in one area are one if they are nearer than this.
const SAME_WITHIN_M: f64 = 20.0;
