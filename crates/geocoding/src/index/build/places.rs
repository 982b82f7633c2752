//! Settlements from everything that names them, and which of them an address belongs to.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::collections::{BTreeMap, HashMap};

use super::borders::Borders;
use super::gathered::{Gathered, RawAddress};
use crate::index::country::Country;
use crate::index::names::CanonicalName;
use crate::index::street::Spot;
use crate::index::text::{profile, words};

/// A settlement or a part of one.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) key: String,
    pub(super) name: u32,
    pub(super) others: Vec<u32>,
    pub(super) spot: Spot,
    pub(super) radius_m: u32,
    pub(super) country: Country,
    pub(super) region: u16,
    /// How many addresses name it.
    addresses: u32,
    is_postal: bool,
}

/// A place and the town of that name in addresses are the same if their centres are no farther apart than this and
/// their radii together.
const SAME_WITHIN_M: f64 = 8_000.0;

/// The side of a cell in which addresses that name a town hang together, in millionths of a degree.
const CELL: i32 = 150_000;

/// No town reaches farther from its centre.
const LARGEST_RADIUS_M: u32 = 40_000;

impl Place {
    /// How far apart the centres of this and another place of the same name are at most if they are one.
    fn reach_m(&self, other: &Self) -> f64 {
        let (least, most) = (self.radius_m.min(other.radius_m), self.radius_m.max(other.radius_m));
        // Two that are on the map lie one in the other; of a town that addresses name only the addresses at hand are known.
        if self.addresses.max(other.addresses) == 0 {
            f64::from(most)
        } else {
            SAME_WITHIN_M + f64::from(most) + f64::from(least)
        }
    }

    /// Adds what another source tells about it.
    fn add(&mut self, other: &Self) {
        for name in &other.others {
            if !self.others.contains(name) {
                self.others.push(*name);
            }
        }
        self.radius_m = self.radius_m.max(other.radius_m).min(LARGEST_RADIUS_M);
        if other.is_postal && !self.is_postal {
            self.spot = other.spot;
            self.is_postal = true;
        }
        self.addresses += other.addresses;
        if self.region == u16::MAX {
            self.region = other.region;
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) places: Vec<Place>,
    by_key: HashMap<String, Vec<u32>>,
    grid: HashMap<(i32, i32), Vec<u32>>,
    /// Canonical keys of towns' names as they stand in addresses.
    keys: HashMap<(u32, Country), String>,
}

impl Places {
    pub(super) fn new(gathered: &Gathered) -> Self {
        let mut places = Self::default();
        for raw in &gathered.places {
            let (lat, lng) = (raw.spot.lat_degrees(), raw.spot.lng_degrees());
            let country = Country::at(lat, lng);
            let key = CanonicalName::new(gathered.texts.get(raw.name), &profile(country.languages())).key();
            places.merge(Place {
                key,
                name: raw.name,
                others: raw.others.clone(),
                spot: raw.spot,
                radius_m: raw.radius_m,
                country,
                region: u16::MAX,
                addresses: 0,
                is_postal: raw.is_postal,
            });
        }
        places.add_towns_of_addresses(gathered);
        places.number_by_key();
        places.regions_from_borders(gathered);
        for (at, place) in places.places.iter().enumerate().filter(|(_, place)| place.is_postal || place.addresses > 0)
        {
            let reach = (place.radius_m as f64 * 1.5 / 111_000.0 * 1e6) as i32 / CELL + 1;
            let cell = cell(place.spot);
            for lat in -reach..=reach {
                for lng in -reach * 2..=reach * 2 {
                    places.grid.entry((cell.0 + lat, cell.1 + lng)).or_default().push(at as u32);
                }
            }
        }
        places
    }

    /// Numbers the places in the order of their keys, so that those of one name lie together.
    fn number_by_key(&mut self) {
        self.places.sort_by(|a, b| (&a.key, a.spot, a.name).cmp(&(&b.key, b.spot, b.name)));
        self.by_key.clear();
        for (at, place) in self.places.iter().enumerate() {
            self.by_key.entry(place.key.clone()).or_default().push(at as u32);
        }
    }

    /// Gives places without a region that of the border around them.
    fn regions_from_borders(&mut self, gathered: &Gathered) {
        let borders = Borders::new(gathered, |boundary| (3..=5).contains(&boundary.level));
        for place in self.places.iter_mut().filter(|place| place.region == u16::MAX) {
            let region = borders.around(place.spot).map(|border| words(gathered.texts.get(border.name)).join(" "));
            place.region = region.and_then(|name| place.country.region(&name)).unwrap_or(u16::MAX);
        }
    }

    /// Adds a place, or what it tells about one that is there already.
    fn merge(&mut self, place: Place) {
        if place.key.is_empty() || place.key.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        let same = self.by_key.entry(place.key.clone()).or_default();
        let apart_m = |at: &u32| self.places[*at as usize].spot.distance_m(place.spot);
        let is_same = |at: &&u32| apart_m(at) < self.places[**at as usize].reach_m(&place);
        let nearest = same.iter().filter(is_same).min_by(|a, b| apart_m(a).total_cmp(&apart_m(b)));
        match nearest {
            Some(at) => self.places[*at as usize].add(&place),
            None => {
                same.push(self.places.len() as u32);
                self.places.push(place);
            }
        }
    }

    fn add_towns_of_addresses(&mut self, gathered: &Gathered) {
        let mut towns: BTreeMap<(u32, Country), Vec<u32>> = BTreeMap::new();
        for (at, address) in gathered.addresses.iter().enumerate().filter(|(_, address)| address.city != 0) {
            towns.entry((address.city, address.country)).or_default().push(at as u32);
        }
        for ((city, country), members) in towns {
            let name = gathered.texts.get(city);
            let name = name.split(',').next().unwrap_or(name);
            let key = CanonicalName::new(name, &profile(country.languages())).key();
            self.keys.insert((city, country), key.clone());
            let members: Vec<&RawAddress> = members.iter().map(|at| &gathered.addresses[*at as usize]).collect();
            for cluster in clusters(&members) {
                let spot = centre(cluster.iter().map(|address| address.spot));
                let mut distances: Vec<u32> =
                    cluster.iter().map(|address| address.spot.distance_m(spot) as u32).collect();
                distances.sort_unstable();
                let most = distances[(distances.len() - 1) * 19 / 20];
                self.merge(Place {
                    key: key.clone(),
                    name: city,
                    others: Vec::new(),
                    spot,
                    radius_m: (most + 500).min(LARGEST_RADIUS_M),
                    country,
                    region: cluster.iter().map(|address| address.region).min().unwrap_or(u16::MAX),
                    addresses: cluster.len() as u32,
                    is_postal: false,
                });
            }
        }
    }

    /// The place that an address of a town belongs to: the one of that name, else the nearest.
    pub(super) fn of_town(&self, city: u32, address: &RawAddress) -> Option<u32> {
        let key = self.keys.get(&(city, address.country));
        let named = key.and_then(|key| self.by_key.get(key)).into_iter().flatten().copied();
        let distance = |at: &u32| self.places[*at as usize].spot.distance_m(address.spot) as u64;
        let named = named.filter(|at| distance(at) < u64::from(LARGEST_RADIUS_M) * 2).min_by_key(distance);
        named.or_else(|| self.nearest(address.spot))
    }

    /// The place that is nearest, by distance as part of its radius.
    pub(super) fn nearest(&self, spot: Spot) -> Option<u32> {
        let near = self.grid.get(&cell(spot)).into_iter().flatten().copied();
        let measure = |at: &u32| {
            let place = &self.places[*at as usize];
            place.spot.distance_m(spot) / f64::from(place.radius_m.max(500))
        };
        near.map(|at| (measure(&at), at))
            .filter(|(measure, _)| *measure < 1.5)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, at)| at)
    }
}

/// The towns that addresses of one street name.
pub(super) struct Towns<'g> {
    /// Southernmost first.
    named: Vec<&'g RawAddress>,
}

/// An address without a town has that of a neighbour no farther away.
const NEIGHBOUR_M: f64 = 300.0;

impl<'g> Towns<'g> {
    pub(super) fn new(street: &[&'g RawAddress]) -> Self {
        let mut named: Vec<&RawAddress> = street.iter().copied().filter(|address| address.city != 0).collect();
        named.sort_by_key(|address| (address.spot, address.city));
        Self { named }
    }

    /// The town that an address names, else that of its nearest neighbour on the street; 0 for none.
    pub(super) fn of(&self, address: &RawAddress) -> u32 {
        if address.city != 0 {
            return address.city;
        }
        let reach = (NEIGHBOUR_M / 0.1) as i32;
        let first = self.named.partition_point(|other| other.spot.lat < address.spot.lat - reach);
        let near = self.named[first..].iter().take_while(|other| other.spot.lat <= address.spot.lat + reach);
        let near = near.map(|other| (other.spot.distance_m(address.spot), other.city));
        let nearest = near.filter(|(distance_m, _)| *distance_m < NEIGHBOUR_M).min_by(|a, b| a.0.total_cmp(&b.0));
        nearest.map_or(0, |(_, city)| city)
    }
}

fn cell(spot: Spot) -> (i32, i32) {
    (spot.lat.div_euclid(CELL), spot.lng.div_euclid(CELL))
}

/// Addresses whose cells touch.
fn clusters<'a>(members: &[&'a RawAddress]) -> Vec<Vec<&'a RawAddress>> {
    let mut cells: BTreeMap<(i32, i32), Vec<&RawAddress>> = BTreeMap::new();
    for member in members {
        cells.entry(cell(member.spot)).or_default().push(member);
    }
    let mut clusters = Vec::new();
    while let Some((first, members)) = cells.pop_first() {
        let (mut cluster, mut open) = (members, vec![first]);
        while let Some((lat, lng)) = open.pop() {
            for neighbour in (-1..=1).flat_map(|north| (-1..=1).map(move |east| (lat + north, lng + east))) {
                if let Some(members) = cells.remove(&neighbour) {
                    cluster.extend(members);
                    open.push(neighbour);
                }
            }
        }
        clusters.push(cluster);
    }
    clusters
}

/// The median of the latitudes and of the longitudes.
pub(super) fn centre(spots: impl Iterator<Item = Spot>) -> Spot {
    let (mut lats, mut lngs): (Vec<i32>, Vec<i32>) = spots.map(|spot| (spot.lat, spot.lng)).unzip();
    lats.sort_unstable();
    lngs.sort_unstable();
    Spot {
        lat: lats.get(lats.len() / 2).copied().unwrap_or_default(),
        lng: lngs.get(lngs.len() / 2).copied().unwrap_or_default(),
    }
}
