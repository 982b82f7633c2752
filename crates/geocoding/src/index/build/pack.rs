//! Makes the sections of an index file of what was gathered.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasherDefault;

use super::cluster::{Cluster, clusters};
use super::gathered::{Gathered, RawAddress};
use super::parts::{Parts, TextPool, dictionary};
use super::places::{Places, Towns, centre};
use super::written::{canonical_postcode, compound_cells, display, pair_cell};
use crate::index::country::Country;
use crate::index::error::BuildError;
use crate::index::file::{KeyRecord, LinkRecord, NONE, PlaceRecord, PointRecord, PostcodeRecord, StreetRecord};
use crate::index::names::{CanonicalName, LinkKind};
use crate::index::number::{HouseNumber, Pair};
use crate::index::street::{self, Address, Area, Line, Spot};
use crate::index::text::{Fnv, fold, profile, words};

/// Puts together what was gathered.
pub(super) fn pack(gathered: &Gathered) -> Result<Parts, BuildError> {
    let mut packing = Packing::new(gathered);
    packing.streets()?;
    packing.points();
    packing.places();
    packing.finish()
}

/// What has one key, while it is gathered.
#[derive(Debug, Default, Clone)]
struct KeyParts {
    streets: Vec<StreetRecord>,
    points: Vec<PointRecord>,
    /// By their numbers among the places.
    places: Vec<u32>,
    links: BTreeSet<(LinkKind, u32)>,
}

/// Where a postcode occurs, and how often in which form.
type WrittenAs = (Vec<Spot>, BTreeMap<u32, u32>);

type Numbers<Key> = HashMap<Key, u32, BuildHasherDefault<Fnv>>;

struct Packing<'g> {
    gathered: &'g Gathered,
    resolved: Places,
    /// Number of a key, in order of appearance.
    key_numbers: Numbers<String>,
    keys: Vec<KeyParts>,
    /// The keys of names as texts, so that each is made once.
    cached: Numbers<(u32, Country)>,
    words: BTreeMap<String, u32>,
    text: TextPool,
    countries: BTreeSet<Country>,
    /// Postcodes in canonical form, by their place in the file.
    postcode_numbers: Numbers<(Country, u32)>,
    postcodes: Vec<PostcodeRecord>,
    street_data: Vec<u8>,
    addresses: u64,
    /// Cells where numbers such as 97-18 are compounds.
    compound_cells: BTreeSet<(i32, i32)>,
}

impl<'g> Packing<'g> {
    fn new(gathered: &'g Gathered) -> Self {
        let mut packing = Self {
            gathered,
            resolved: Places::new(gathered),
            key_numbers: Numbers::default(),
            keys: Vec::new(),
            cached: Numbers::default(),
            words: BTreeMap::new(),
            text: TextPool::default(),
            countries: BTreeSet::new(),
            postcode_numbers: Numbers::default(),
            postcodes: Vec::new(),
            street_data: Vec::new(),
            addresses: 0,
            compound_cells: compound_cells(gathered),
        };
        packing.text.add("");
        packing.postcodes();
        packing
    }

    fn key(&mut self, key: String) -> u32 {
        let next = self.keys.len() as u32;
        let number = *self.key_numbers.entry(key).or_insert(next);
        if number == next {
            self.keys.push(KeyParts::default());
        }
        number
    }

    /// The key of a name, which is put into the vocabulary; `None` if it has no letters and digits.
    fn key_of(&mut self, name: u32, country: Country) -> Option<u32> {
        if let Some(&key) = self.cached.get(&(name, country)) {
            return (key != NONE).then_some(key);
        }
        let text = self.gathered.texts.get(name);
        for word in words(text) {
            if word.chars().count() > 1 && word.chars().all(char::is_alphabetic) {
                *self.words.entry(word).or_default() += 1;
            }
        }
        let key = CanonicalName::new(text, &profile(country.languages())).key();
        let key = if key.is_empty() { NONE } else { self.key(key) };
        self.cached.insert((name, country), key);
        (key != NONE).then_some(key)
    }

    fn link(&mut self, from: String, kind: LinkKind, to: u32) {
        if from.is_empty() {
            return;
        }
        let from = self.key(from);
        if from != to {
            self.keys[from as usize].links.insert((kind, to));
        }
    }

    /// Links the other names of something to its key.
    fn other_names(&mut self, others: &[u32], country: Country, key: u32) {
        for &other in others {
            if let Some(from) = self.key_of(other, country)
                && from != key
            {
                self.keys[from as usize].links.insert((LinkKind::OtherName, key));
            }
        }
    }

    fn postcodes(&mut self) {
        let mut found: BTreeMap<(String, Country), WrittenAs> = BTreeMap::new();
        for address in self.gathered.addresses.iter().filter(|address| address.postcode != 0) {
            let canonical = canonical_postcode(self.gathered.texts.get(address.postcode));
            if !canonical.is_empty() && canonical.len() < 12 {
                let (spots, forms) = found.entry((canonical, address.country)).or_default();
                spots.push(address.spot);
                *forms.entry(address.postcode).or_default() += 1;
            }
        }
        for ((canonical, country), (spots, forms)) in found {
            let spot = centre(spots.iter().copied());
            let mut distances: Vec<u32> = spots.iter().map(|other| spot.distance_m(*other) as u32).collect();
            distances.sort_unstable();
            let display = forms.iter().max_by_key(|(form, count)| (**count, std::cmp::Reverse(**form)));
            let display = display.map_or("", |(form, _)| self.gathered.texts.get(*form)).to_owned();
            let number = self.postcodes.len() as u32;
            self.postcode_numbers.extend(forms.keys().map(|form| ((country, *form), number)));
            self.postcodes.push(PostcodeRecord {
                text: self.text.add(&canonical),
                display: self.text.add(&display),
                lat: spot.lat,
                lng: spot.lng,
                radius_m: distances[(distances.len() - 1) * 19 / 20],
                country: country.0,
                reserved: 0,
            });
        }
    }

    fn streets(&mut self) -> Result<(), BuildError> {
        let gathered = self.gathered;
        // Key, country, and the address or, after all addresses, the line.
        let mut members: Vec<(u32, Country, u64)> = Vec::new();
        for (at, address) in gathered.addresses.iter().enumerate() {
            if let Some(key) = self.key_of(address.street, address.country) {
                members.push((key, address.country, at as u64));
            }
        }
        let first_line = gathered.addresses.len() as u64;
        for (at, line) in gathered.lines.iter().enumerate() {
            let country = line.points.first().map(|spot| Country::at(spot.lat_degrees(), spot.lng_degrees()));
            if let Some(country) = country
                && let Some(key) = self.key_of(line.name, country)
            {
                members.push((key, country, first_line + at as u64));
                self.other_names(&line.others, country, key);
            }
        }
        members.sort_unstable();
        for group in members.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let Some(&(key, country, _)) = group.first() else {
                continue;
            };
            let split = group.partition_point(|(.., member)| *member < first_line);
            let addresses: Vec<u32> = group[..split].iter().map(|(.., member)| *member as u32).collect();
            let lines: Vec<u32> = group[split..].iter().map(|(.., member)| (*member - first_line) as u32).collect();
            self.countries.insert(country);
            for cluster in clusters(gathered, &addresses, &lines) {
                self.street(key, country, &cluster)?;
            }
            if let Some(name) = self.name(&Cluster { addresses, lines }) {
                let name = CanonicalName::new(gathered.texts.get(name), &profile(country.languages()));
                for (variant, kind) in name.street_variants() {
                    self.link(variant, kind, key);
                }
            }
        }
        Ok(())
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

    fn street(&mut self, key: u32, country: Country, cluster: &Cluster) -> Result<(), BuildError> {
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
        let radius_m = spots().map(|spot| centre.distance_m(spot)).fold(0.0, f64::max) as u32;
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
        let data = u32::try_from(self.street_data.len())
            .map_err(|_| BuildError::TooLarge { what: "bytes of streets", limit: u64::from(u32::MAX) })?;
        street::pack(centre, &areas, &lines, &mut addresses, &mut self.street_data);
        if self.street_data.len() - data as usize > street::MOST_BYTES {
            return Err(BuildError::TooLarge { what: "bytes of one street", limit: street::MOST_BYTES as u64 });
        }
        self.addresses += addresses.len() as u64;
        let name = self.name(cluster).map_or("", |name| gathered.texts.get(name)).to_owned();
        let record = StreetRecord {
            name: self.text.add(&display(&name)),
            lat: centre.lat,
            lng: centre.lng,
            radius_m,
            data,
            addresses: addresses.len() as u32,
            place: areas[main].place,
            country: country.0,
            reserved: 0,
        };
        self.keys[key as usize].streets.push(record);
        Ok(())
    }

    fn points(&mut self) {
        let gathered = self.gathered;
        for point in &gathered.points {
            let country = Country::at(point.spot.lat_degrees(), point.spot.lng_degrees());
            let Some(key) = self.key_of(point.name, country) else {
                continue;
            };
            // A number alone is the name of a house, not one to ask for.
            if !gathered.texts.get(point.name).contains(char::is_alphabetic) {
                continue;
            }
            self.countries.insert(country);
            self.other_names(&point.others, country, key);
            let name = self.text.add(gathered.texts.get(point.name));
            self.keys[key as usize].points.push(PointRecord {
                name,
                lat: point.spot.lat,
                lng: point.spot.lng,
                place: self.resolved.nearest(point.spot).unwrap_or(NONE),
                address: 0,
                country: country.0,
                weight: point.weight,
            });
        }
    }

    fn places(&mut self) {
        for at in 0..self.resolved.places.len() {
            let place = self.resolved.places[at].clone();
            for word in words(self.gathered.texts.get(place.name)) {
                if word.chars().count() > 1 && word.chars().all(char::is_alphabetic) {
                    *self.words.entry(word).or_default() += 1;
                }
            }
            let key = self.key(place.key.clone());
            self.keys[key as usize].places.push(at as u32);
            self.other_names(&place.others, place.country, key);
        }
    }

    fn finish(mut self) -> Result<Parts, BuildError> {
        if self.addresses == 0 && self.keys.iter().all(|key| key.streets.is_empty()) {
            return Err(BuildError::NoAddresses);
        }
        let mut order: Vec<(String, u32)> = std::mem::take(&mut self.key_numbers).into_iter().collect();
        order.sort_unstable();
        let mut rank = vec![0_u32; order.len()];
        for (at, (_, number)) in order.iter().enumerate() {
            rank[*number as usize] = at as u32;
        }
        let mut parts = Parts { addresses: self.addresses, ..Parts::default() };
        for (_, number) in &order {
            let mut key = std::mem::take(&mut self.keys[*number as usize]);
            key.streets.sort_by_key(|street| (street.country, street.lat, street.lng, street.data));
            key.points.sort_by_key(|point| (point.lat, point.lng, point.name, point.weight));
            key.points
                .dedup_by(|a, b| Spot { lat: a.lat, lng: a.lng }.distance_m(Spot { lat: b.lat, lng: b.lng }) < 5.0);
            let links = key.links.iter().map(|(kind, to)| LinkRecord { key: rank[*to as usize], kind: *kind as u32 });
            let mut links: Vec<LinkRecord> = links.collect();
            links.sort_by_key(|link| (link.kind, link.key));
            // Places are numbered in the order of their keys.
            let places = [key.places.first().copied().unwrap_or_default(), key.places.len() as u32];
            for place in &key.places {
                let place = &self.resolved.places[*place as usize];
                let name = self.gathered.texts.get(place.name);
                let name = name.split(',').next().unwrap_or(name);
                parts.places.push(PlaceRecord {
                    name: self.text.add(&display(name)),
                    key: rank[*number as usize],
                    lat: place.spot.lat,
                    lng: place.spot.lng,
                    radius_m: place.radius_m,
                    country: place.country.0,
                    region: place.region,
                });
            }
            parts.keys.push(KeyRecord {
                streets: [parts.streets.len() as u32, key.streets.len() as u32],
                points: [parts.points.len() as u32, key.points.len() as u32],
                places,
                links: [parts.links.len() as u32, links.len() as u32],
            });
            parts.streets.extend(key.streets);
            parts.points.extend(key.points);
            parts.links.extend(links);
        }
        parts.street_data = self.street_data;
        parts.postcodes = self.postcodes;
        parts.notices = self.gathered.notices.iter().map(|notice| self.text.add(notice)).collect();
        parts.countries = self.countries.iter().map(|country| country.0).collect();
        for country in &self.countries {
            for word in profile(country.languages()).vocabulary() {
                self.words.entry(word.to_owned()).or_insert(1);
            }
        }
        parts.names = dictionary(order.iter().enumerate().map(|(at, (key, _))| (key.as_str(), at as u64)));
        parts.words = dictionary(self.words.iter().map(|(word, count)| (word.as_str(), u64::from(*count))));
        parts.text = self.text.bytes;
        Ok(parts)
    }
}

/// Addresses of one number in one area are one if they are nearer than this.
const SAME_WITHIN_M: f64 = 20.0;
