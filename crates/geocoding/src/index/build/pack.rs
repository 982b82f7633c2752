//! Makes the sections of an index file of what was gathered.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasherDefault;
use std::{iter, thread};

use super::cluster::Cluster;
use super::gathered::Gathered;
use super::parts::{Parts, TextPool, dictionary};
use super::places::{Places, centre};
use super::streets::{PackedStreet, Streets};
use super::workers;
use super::written::{canonical_postcode, compound_cells, display};
use crate::index::country::Country;
use crate::index::error::BuildError;
use crate::index::file::{KeyRecord, LinkRecord, NONE, PlaceRecord, PointRecord, PostcodeRecord, StreetRecord};
use crate::index::names::{CanonicalName, LinkKind};
use crate::index::street::{self, Spot};
use crate::index::text::{Fnv, profile, words};

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

pub(super) type Numbers<Key, Value = u32> = HashMap<Key, Value, BuildHasherDefault<Fnv>>;

/// A name and the words that it adds to the vocabulary.
struct Cut {
    key: String,
    words: Vec<String>,
}

impl Cut {
    fn new(name: &str, country: Country) -> Self {
        let key = CanonicalName::new(name, &profile(country.languages())).key();
        Self { key, words: vocabulary(name).collect() }
    }
}

/// The words of a name that are spelt in letters.
fn vocabulary(name: &str) -> impl Iterator<Item = String> {
    words(name).into_iter().filter(|word| word.chars().count() > 1 && word.chars().all(char::is_alphabetic))
}

struct Packing<'g> {
    gathered: &'g Gathered,
    resolved: Places,
    /// Number of a key, in order of appearance.
    key_numbers: Numbers<String>,
    keys: Vec<KeyParts>,
    /// The keys of names as texts, so that each is made once.
    cached: Numbers<(u32, Country)>,
    /// Names that several threads have cut already.
    cut: Numbers<(u32, Country), Cut>,
    /// The vocabulary, and how many names have each word.
    words: Numbers<String>,
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
            cut: Numbers::default(),
            words: Numbers::default(),
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
        let cut = self.cut.remove(&(name, country)).unwrap_or_else(|| Cut::new(self.gathered.texts.get(name), country));
        for word in cut.words {
            *self.words.entry(word).or_default() += 1;
        }
        let key = if cut.key.is_empty() { NONE } else { self.key(cut.key) };
        self.cached.insert((name, country), key);
        (key != NONE).then_some(key)
    }

    /// Has names cut by several threads that `key_of` will be asked for.
    fn cut(&mut self, names: impl Iterator<Item = (u32, Country)>) {
        let mut names: Vec<(u32, Country)> = names.filter(|name| !self.cached.contains_key(name)).collect();
        names.sort_unstable();
        names.dedup();
        let texts = &self.gathered.texts;
        let cut = workers::map(&names, |(name, country)| Cut::new(texts.get(*name), *country));
        self.cut = names.into_iter().zip(cut).collect();
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
            let mut distances: Vec<u32> =
                spots.iter().copied().map(spot.measure()).map(|distance_m| distance_m as u32).collect();
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
        let countries = workers::map(&gathered.lines, |line| line.points.first().map(|spot| country_at(*spot)));
        let of_lines = gathered.lines.iter().zip(&countries).filter_map(|(line, country)| Some((line, (*country)?)));
        let of_lines = of_lines.flat_map(|(line, country)| all_names(line.name, &line.others, country));
        self.cut(gathered.addresses.iter().map(|address| (address.street, address.country)).chain(of_lines));
        for (at, address) in gathered.addresses.iter().enumerate() {
            if let Some(key) = self.key_of(address.street, address.country) {
                members.push((key, address.country, at as u64));
            }
        }
        let first_line = gathered.addresses.len() as u64;
        for ((at, line), country) in gathered.lines.iter().enumerate().zip(countries) {
            if let Some(country) = country
                && let Some(key) = self.key_of(line.name, country)
            {
                members.push((key, country, first_line + at as u64));
                self.other_names(&line.others, country, key);
            }
        }
        members.sort_unstable();
        let groups: Vec<&[(u32, Country, u64)]> = members.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).collect();
        let streets = Streets {
            gathered,
            resolved: &self.resolved,
            postcode_numbers: &self.postcode_numbers,
            compound_cells: &self.compound_cells,
        };
        let named = workers::map(&groups, |group| {
            let split = group.partition_point(|(.., member)| *member < first_line);
            let addresses = group[..split].iter().map(|(.., member)| *member as u32).collect();
            let lines = group[split..].iter().map(|(.., member)| (*member - first_line) as u32).collect();
            streets.named(group[0].1, &Cluster { addresses, lines })
        });
        for (group, named) in groups.iter().zip(named) {
            let (key, country, _) = group[0];
            self.countries.insert(country);
            for street in named.streets {
                self.street(key, street)?;
            }
            for (variant, kind) in named.variants {
                self.link(variant, kind, key);
            }
        }
        Ok(())
    }

    fn street(&mut self, key: u32, street: PackedStreet) -> Result<(), BuildError> {
        let data = u32::try_from(self.street_data.len())
            .map_err(|_| BuildError::TooLarge { what: "bytes of streets", limit: u64::from(u32::MAX) })?;
        if street.data.len() > street::MOST_BYTES {
            return Err(BuildError::TooLarge { what: "bytes of one street", limit: street::MOST_BYTES as u64 });
        }
        self.street_data.extend(street.data);
        self.addresses += u64::from(street.record.addresses);
        let record = StreetRecord { name: self.text.add(&street.name), data, ..street.record };
        self.keys[key as usize].streets.push(record);
        Ok(())
    }

    fn points(&mut self) {
        let gathered = self.gathered;
        let placed = workers::map(&gathered.points, |point| {
            (country_at(point.spot), self.resolved.nearest(point.spot).unwrap_or(NONE))
        });
        let names = gathered.points.iter().zip(&placed);
        self.cut(names.flat_map(|(point, (country, _))| all_names(point.name, &point.others, *country)));
        for (point, (country, place)) in gathered.points.iter().zip(placed) {
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
                place,
                address: 0,
                country: country.0,
                weight: point.weight,
            });
        }
    }

    fn places(&mut self) {
        for at in 0..self.resolved.places.len() {
            let place = self.resolved.places[at].clone();
            for word in vocabulary(self.gathered.texts.get(place.name)) {
                *self.words.entry(word).or_default() += 1;
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
        for country in &self.countries {
            for word in profile(country.languages()).vocabulary() {
                self.words.entry(word.to_owned()).or_insert(1);
            }
        }
        let mut parts = Parts { addresses: self.addresses, ..Parts::default() };
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut words: Vec<(&str, u64)> =
                    self.words.iter().map(|(word, count)| (word.as_str(), u64::from(*count))).collect();
                words.sort_unstable();
                parts.words = dictionary(words.into_iter());
            });
            let names = order.iter().enumerate().map(|(at, (key, _))| (key.as_str(), at as u64));
            scope.spawn(|| parts.names = dictionary(names));
            for (_, number) in &order {
                let mut key = std::mem::take(&mut self.keys[*number as usize]);
                key.streets.sort_by_key(|street| (street.country, street.lat, street.lng, street.data));
                key.points.sort_by_key(|point| (point.lat, point.lng, point.name, point.weight));
                key.points
                    .dedup_by(|a, b| Spot { lat: a.lat, lng: a.lng }.distance_m(Spot { lat: b.lat, lng: b.lng }) < 5.0);
                let links =
                    key.links.iter().map(|(kind, to)| LinkRecord { key: rank[*to as usize], kind: *kind as u32 });
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
        });
        parts.street_data = self.street_data;
        parts.postcodes = self.postcodes;
        parts.notices = self.gathered.notices.iter().map(|notice| self.text.add(notice)).collect();
        parts.countries = self.countries.iter().map(|country| country.0).collect();
        parts.text = self.text.bytes;
        Ok(parts)
    }
}

fn all_names(name: u32, others: &[u32], country: Country) -> impl Iterator<Item = (u32, Country)> {
    iter::once(name).chain(others.iter().copied()).map(move |name| (name, country))
}

fn country_at(spot: Spot) -> Country {
    Country::at(spot.lat_degrees(), spot.lng_degrees())
}
