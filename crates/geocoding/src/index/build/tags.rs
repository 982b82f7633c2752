//! What the tags of an OpenStreetMap element say about addresses and names.

use osmpbf::PrimitiveBlock;

use super::gathered::Texts;
use crate::index::country::Country;
use crate::index::text::words;

/// The tags of one element.
#[derive(Debug)]
pub(super) struct Tags<'t>(Vec<(&'t str, &'t str)>);

impl<'t> FromIterator<(&'t str, &'t str)> for Tags<'t> {
    fn from_iter<I: IntoIterator<Item = (&'t str, &'t str)>>(tags: I) -> Self {
        Self(tags.into_iter().collect())
    }
}

impl<'t> Tags<'t> {
    pub(super) fn get(&self, key: &str) -> Option<&'t str> {
        self.0.iter().find(|(other, _)| *other == key).map(|(_, value)| *value).filter(|value| !value.trim().is_empty())
    }

    fn any(&self, keys: &[&str]) -> bool {
        self.0.iter().any(|(key, value)| keys.contains(key) && *value != "no")
    }
}

/// The keys of a block without one of which no node and no way matters, by their places among its strings: most elements have
/// none, and are told so without a look at their texts.
pub(super) struct Telling(Vec<bool>);

impl Telling {
    pub(super) fn of(block: &PrimitiveBlock) -> Self {
        let is_telling = |key: &Vec<u8>| {
            let keys: [&[u8]; 4] = [b"name", b"addr:housenumber", b"addr:conscriptionnumber", b"addr:interpolation"];
            keys.contains(&key.as_slice())
        };
        Self(block.raw_stringtable().iter().map(is_telling).collect())
    }

    pub(super) fn has(&self, key: usize) -> bool {
        self.0.get(key).is_some_and(|is_telling| *is_telling)
    }
}

/// What an element is, as far as it matters here.
#[derive(Debug, Clone, Default)]
pub(super) struct Feature {
    pub(super) address: Option<AddressTags>,
    pub(super) street: Option<StreetTags>,
    pub(super) point: Option<NameTags>,
    pub(super) place: Option<PlaceTags>,
}

/// An address; texts by their numbers.
#[derive(Debug, Clone)]
pub(super) struct AddressTags {
    pub(super) street: u32,
    /// Several where one element has several.
    pub(super) numbers: Vec<u32>,
    pub(super) city: u32,
    pub(super) postcode: u32,
    pub(super) country: Option<Country>,
    pub(super) region: u32,
}

/// A name and its others.
#[derive(Debug, Clone)]
pub(super) struct NameTags {
    pub(super) name: u32,
    pub(super) others: Vec<u32>,
}

/// A named street.
#[derive(Debug, Clone)]
pub(super) struct StreetTags {
    pub(super) names: NameTags,
    pub(super) is_drivable: bool,
}

/// A settlement or a part of one.
#[derive(Debug, Clone)]
pub(super) struct PlaceTags {
    pub(super) names: NameTags,
    pub(super) radius_m: u32,
    pub(super) is_postal: bool,
}

/// Keys that make a named element a point of interest.
const POINT_KEYS: [&str; 26] = [
    "amenity",
    "leisure",
    "tourism",
    "shop",
    "office",
    "historic",
    "craft",
    "healthcare",
    "railway",
    "public_transport",
    "aeroway",
    "man_made",
    "building",
    "landuse",
    "natural",
    "place",
    "club",
    "military",
    "emergency",
    "sport",
    "attraction",
    "industrial",
    "power",
    "waterway",
    "memorial",
    "social_facility",
];

/// Ways for feet and wheels that no van drives.
const UNDRIVABLE: [&str; 10] = [
    "footway",
    "path",
    "steps",
    "cycleway",
    "bridleway",
    "pedestrian",
    "corridor",
    "track",
    "construction",
    "proposed",
];

/// Values of `highway` that are no streets.
const NOT_STREETS: [&str; 8] =
    ["bus_stop", "platform", "rest_area", "services", "elevator", "crossing", "traffic_signals", "motorway_junction"];

/// Kinds of places, how far around they are felt, and whether letters are addressed to them.
pub(super) const PLACES: [(&str, u32, bool); 12] = [
    ("city", 12_000, true),
    ("borough", 4_000, true),
    ("town", 5_000, true),
    ("municipality", 5_000, true),
    ("village", 2_500, true),
    ("hamlet", 1_500, true),
    ("isolated_dwelling", 500, false),
    ("suburb", 2_500, true),
    ("quarter", 1_500, true),
    ("neighbourhood", 1_500, true),
    ("locality", 1_500, false),
    ("island", 3_000, false),
];

impl Feature {
    /// `None` where nothing matters.
    pub(super) fn read(tags: &Tags<'_>, texts: &mut Texts) -> Option<Self> {
        let feature = Self {
            address: address(tags, texts),
            street: street(tags, texts),
            place: place(tags, texts),
            point: point(tags, texts),
        };
        let is_anything =
            feature.address.is_some() || feature.street.is_some() || feature.place.is_some() || feature.point.is_some();
        is_anything.then_some(feature)
    }

    /// Gives each text the number that stands at its own.
    pub(super) fn renumber(&mut self, numbers: &[u32]) {
        let Self { address, street, point, place } = self;
        if let Some(address) = address {
            let AddressTags { street, numbers: houses, city, postcode, region, country: _ } = address;
            renumber(houses.iter_mut().chain([street, city, postcode, region]), numbers);
        }
        let names = [
            street.as_mut().map(|street| &mut street.names),
            point.as_mut(),
            place.as_mut().map(|place| &mut place.names),
        ];
        for names in names.into_iter().flatten() {
            renumber(names.others.iter_mut().chain([&mut names.name]), numbers);
        }
    }
}

/// Gives each text the number that stands at its own.
pub(super) fn renumber<'t>(texts: impl Iterator<Item = &'t mut u32>, numbers: &[u32]) {
    for text in texts {
        *text = numbers.get(*text as usize).copied().unwrap_or_default();
    }
}

fn address(tags: &Tags<'_>, texts: &mut Texts) -> Option<AddressTags> {
    let number = tags.get("addr:housenumber").or_else(|| tags.get("addr:conscriptionnumber"))?;
    let street = tags.get("addr:street").or_else(|| tags.get("addr:place")).unwrap_or_default();
    let numbers = number.split([';', ',']).map(str::trim).filter(|number| !number.is_empty());
    let numbers: Vec<u32> = numbers.map(|number| texts.number(number)).collect();
    Some(AddressTags {
        street: texts.number(street),
        numbers,
        city: texts.number(tags.get("addr:city").or_else(|| tags.get("addr:hamlet")).unwrap_or_default()),
        postcode: texts.number(tags.get("addr:postcode").unwrap_or_default()),
        country: tags.get("addr:country").and_then(Country::from_code),
        region: texts.number(tags.get("addr:state").or_else(|| tags.get("addr:province")).unwrap_or_default()),
    })
}

fn names(tags: &Tags<'_>, texts: &mut Texts) -> Option<NameTags> {
    let name = tags.get("name")?;
    let mut others = Vec::new();
    for (key, value) in &tags.0 {
        let is_other =
            matches!(*key, "alt_name" | "official_name" | "short_name" | "loc_name" | "int_name" | "old_name")
                || key.strip_prefix("name:").is_some_and(|language| language.len() == 2);
        if is_other {
            for other in value.split(';').map(str::trim).filter(|other| !other.is_empty() && *other != name) {
                let other = texts.number(other);
                if !others.contains(&other) {
                    others.push(other);
                }
            }
        }
    }
    Some(NameTags { name: texts.number(name), others })
}

fn street(tags: &Tags<'_>, texts: &mut Texts) -> Option<StreetTags> {
    let kind = tags.get("highway")?;
    if NOT_STREETS.contains(&kind) {
        return None;
    }
    Some(StreetTags { names: names(tags, texts)?, is_drivable: !UNDRIVABLE.contains(&kind) })
}

fn place(tags: &Tags<'_>, texts: &mut Texts) -> Option<PlaceTags> {
    let kind = tags.get("place")?;
    let (_, radius_m, is_postal) = PLACES.iter().find(|(name, ..)| *name == kind)?;
    Some(PlaceTags { names: names(tags, texts)?, radius_m: *radius_m, is_postal: *is_postal })
}

fn point(tags: &Tags<'_>, texts: &mut Texts) -> Option<NameTags> {
    if tags.get("highway").is_some()
        || tags.get("boundary").is_some_and(|kind| kind == "administrative")
        || !tags.any(&POINT_KEYS)
    {
        return None;
    }
    names(tags, texts)
}

/// The region of a country that is called so in tags.
pub(super) fn region(country: Country, name: &str) -> u16 {
    if name.is_empty() { u16::MAX } else { country.region(&words(name).join(" ")).unwrap_or(u16::MAX) }
}
