//! Reads addresses, streets, places and points of interest from .osm.pbf files.
//!
//! What is read of each element is here; in which order blocks are read, in `passes`.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::collections::{HashMap, HashSet};
use std::path::Path;

use osmpbf::{PrimitiveBlock, RelMemberType};

use super::blocks::Blocks;
use super::gathered::{Gathered, RawAddress, RawBoundary, RawLine, RawPlace, RawPoint};
use super::interpolation::{End, Interpolation};
use super::nodes::{Nodes, is_position, spot};
use super::passes::{read_in_order, read_in_passes};
use super::rings;
use super::tags::{Feature, Tags, region};
use crate::index::country::Country;
use crate::index::error::BuildError;
use crate::index::street::Spot;

/// Whom to thank.
const NOTICE: &str = "© OpenStreetMap contributors (openstreetmap.org/copyright), Open Database Licence 1.0";

/// What a block holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Contents {
    pub(super) has_nodes: bool,
    pub(super) has_ways: bool,
    pub(super) has_relations: bool,
}

/// An element whose position is not known yet.
struct Pending {
    feature: Feature,
    shape: Shape,
    id: ElementId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum ElementId {
    Node(i64),
    Way(i64),
    Relation(i64),
}

enum Shape {
    At(Spot),
    /// Nodes of a way, where they are in `refs`.
    Way {
        first: usize,
        count: usize,
    },
    /// Ways of a relation.
    Ways(Vec<i64>),
}

#[derive(Default)]
pub(super) struct Reading {
    pending: Vec<Pending>,
    pub(super) refs: Vec<i64>,
    /// Ways of relations, and where their nodes are in `refs`.
    member_ways: HashMap<i64, Option<(usize, usize)>>,
    /// Each with the id of its relation, and its ways.
    boundaries: Vec<(i64, Boundary, Vec<i64>)>,
    /// Houses of `associatedStreet` relations, and the street's name; of several relations the one with the largest id counts,
    /// which stands before the name.
    street_of: HashMap<ElementId, (i64, u32)>,
    /// Each with the id of its way, and where its nodes are in `refs`.
    interpolations: Vec<(i64, Interpolation, usize, usize)>,
}

struct Boundary {
    name: u32,
    others: Vec<u32>,
    postcode: u32,
    level: u8,
}

/// Reads an extract. `progress` hears of bytes read, at most three times the file's size.
pub(super) fn read(path: &Path, gathered: &mut Gathered, progress: &dyn Fn(u64)) -> Result<(), BuildError> {
    let blocks = Blocks::find(path)?;
    let (reading, nodes) = match read_in_order(&blocks, gathered, progress)? {
        Some(read) => read,
        None => read_in_passes(&blocks, gathered, progress)?,
    };
    gathered.notice(NOTICE);
    reading.finish(&nodes, gathered);
    Ok(())
}

impl Reading {
    /// Reads the nodes of a block that have tags, takes down where those are that are wanted by now, and says what else the
    /// block holds.
    pub(super) fn nodes(
        &mut self,
        block: &PrimitiveBlock,
        mut wanted: Option<&mut Nodes>,
        gathered: &mut Gathered,
    ) -> Contents {
        let mut contents = Contents::default();
        let mut place = |id, lat, lng| {
            contents.has_nodes = true;
            if let Some(wanted) = &mut wanted {
                wanted.node(id, lat, lng);
            }
        };
        for group in block.groups() {
            for node in group.dense_nodes() {
                let (lat, lng) = (node.decimicro_lat(), node.decimicro_lon());
                place(node.id(), lat, lng);
                self.node(node.id(), (lat, lng), node.tags(), gathered);
            }
            for node in group.nodes() {
                let (lat, lng) = (node.decimicro_lat(), node.decimicro_lon());
                place(node.id(), lat, lng);
                self.node(node.id(), (lat, lng), node.tags(), gathered);
            }
        }
        for group in block.groups() {
            contents.has_ways |= group.ways().next().is_some();
            contents.has_relations |= group.relations().next().is_some();
        }
        contents
    }

    /// Reads the relations of a block and then its ways, of which relations may need some, and says what else it holds.
    pub(super) fn relations_and_ways(&mut self, block: &PrimitiveBlock, gathered: &mut Gathered) -> Contents {
        let mut contents = Contents::default();
        for group in block.groups() {
            contents.has_nodes |= group.dense_nodes().next().is_some() || group.nodes().next().is_some();
            for relation in group.relations() {
                contents.has_relations = true;
                self.relation(&relation, gathered);
            }
        }
        for way in block.groups().flat_map(|group| group.ways().collect::<Vec<_>>()) {
            contents.has_ways = true;
            self.way(&way, gathered);
        }
        contents
    }

    /// The order of the elements of a file that is in order: which block was read first says nothing.
    pub(super) fn put_in_order(&mut self) {
        self.pending.sort_by_key(|pending| pending.id);
        self.boundaries.sort_by_key(|(id, ..)| *id);
        self.interpolations.sort_by_key(|(id, ..)| *id);
    }

    fn node<'t>(
        &mut self,
        id: i64,
        (lat, lng): (i32, i32),
        tags: impl Iterator<Item = (&'t str, &'t str)>,
        gathered: &mut Gathered,
    ) {
        let tags: Tags<'_> = tags.collect();
        if !is_position(lat, lng) {
            return;
        }
        if let Some(feature) = Feature::read(&tags, &mut gathered.texts) {
            self.pending.push(Pending { feature, shape: Shape::At(spot(lat, lng)), id: ElementId::Node(id) });
        }
    }

    fn way(&mut self, way: &osmpbf::Way<'_>, gathered: &mut Gathered) {
        self.way_of_relation(way);
        let tags: Tags<'_> = way.tags().collect();
        if let Some(interpolation) = Interpolation::read(&tags, &mut gathered.texts) {
            let (first, count) = self.line(way);
            self.interpolations.push((way.id(), interpolation, first, count));
        }
        let Some(feature) = Feature::read(&tags, &mut gathered.texts) else {
            return;
        };
        let (first, count) = self.line(way);
        self.pending.push(Pending { feature, shape: Shape::Way { first, count }, id: ElementId::Way(way.id()) });
    }

    fn relation(&mut self, relation: &osmpbf::Relation<'_>, gathered: &mut Gathered) {
        let tags: Tags<'_> = relation.tags().collect();
        if matches!(tags.get("type"), Some("associatedStreet" | "street")) {
            if let Some(name) = tags.get("name").or_else(|| tags.get("addr:street")) {
                let name = gathered.texts.number(name);
                for member in relation.members() {
                    let street = self.street_of.entry(element(member.member_type, member.member_id)).or_default();
                    *street = (*street).max((relation.id(), name));
                }
            }
            return;
        }
        let outer: Vec<i64> = relation
            .members()
            .filter(|member| member.member_type == RelMemberType::Way)
            .filter(|member| !matches!(member.role(), Ok("inner" | "subarea")))
            .map(|member| member.member_id)
            .collect();
        let boundary = boundary(&tags, gathered);
        let feature = Feature::read(&tags, &mut gathered.texts);
        if boundary.is_none() && feature.is_none() {
            return;
        }
        for way in &outer {
            self.member_ways.entry(*way).or_insert(None);
        }
        if let Some(boundary) = boundary {
            let all = relation.members().filter(|member| member.member_type == RelMemberType::Way);
            let all: Vec<i64> = all.map(|member| member.member_id).collect();
            for way in &all {
                self.member_ways.entry(*way).or_insert(None);
            }
            self.boundaries.push((relation.id(), boundary, all));
        }
        if let Some(feature) = feature {
            self.pending.push(Pending { feature, shape: Shape::Ways(outer), id: ElementId::Relation(relation.id()) });
        }
    }

    /// Takes down the nodes of a way; gives where they are, and how many.
    fn line(&mut self, way: &osmpbf::Way<'_>) -> (usize, usize) {
        let first = self.refs.len();
        self.refs.extend(way.refs());
        (first, self.refs.len() - first)
    }

    fn way_of_relation(&mut self, way: &osmpbf::Way<'_>) {
        if let Some(None) = self.member_ways.get(&way.id()) {
            let line = self.line(way);
            self.member_ways.insert(way.id(), Some(line));
        }
    }

    /// Whether a relation needs ways that were not read with it.
    pub(super) fn lacks_ways(&self) -> bool {
        self.member_ways.values().any(Option::is_none)
    }

    pub(super) fn ways_of_relations(&mut self, block: &PrimitiveBlock) {
        for way in block.groups().flat_map(|group| group.ways().collect::<Vec<_>>()) {
            self.way_of_relation(&way);
        }
    }

    fn finish(self, nodes: &Nodes, gathered: &mut Gathered) {
        let line = |first: usize, count: usize| -> Vec<Spot> {
            self.refs[first..first + count].iter().filter_map(|id| nodes.spot(*id)).collect()
        };
        let way_line = |id: &i64| match self.member_ways.get(id) {
            Some(Some((first, count))) => line(*first, *count),
            _ => Vec::new(),
        };
        for (_, boundary, ways) in &self.boundaries {
            let rings = rings::closed(ways.iter().map(way_line).collect());
            let everything: Vec<Spot> = ways.iter().flat_map(way_line).collect();
            add_boundary(boundary, rings, &everything, gathered);
        }
        self.interpolate(nodes, gathered);
        for pending in self.pending {
            let (points, centre) = match pending.shape {
                Shape::At(spot) => (vec![spot], Some(spot)),
                Shape::Way { first, count } => {
                    let points = line(first, count);
                    let centre = middle(&points);
                    (points, centre)
                }
                Shape::Ways(ways) => {
                    let points: Vec<Spot> = ways.iter().flat_map(way_line).collect();
                    let centre = middle(&points);
                    (points, centre)
                }
            };
            let Some(centre) = centre else {
                continue;
            };
            let street = self.street_of.get(&pending.id).map(|(_, name)| *name);
            add(pending.feature, street, matches!(pending.id, ElementId::Way(_)), points, centre, gathered);
        }
    }
}

impl Reading {
    /// Adds the houses between those that stand on lines of interpolation.
    fn interpolate(&self, nodes: &Nodes, gathered: &mut Gathered) {
        if self.interpolations.is_empty() {
            return;
        }
        let mut ends: HashMap<i64, End> = HashMap::new();
        let mut known: HashSet<(u32, u32)> = HashSet::new();
        for pending in &self.pending {
            let Some(address) = &pending.feature.address else {
                continue;
            };
            let street = if address.street == 0 {
                self.street_of.get(&pending.id).map(|(_, name)| *name)
            } else {
                Some(address.street)
            };
            let street = street.unwrap_or_default();
            known.extend(address.numbers.iter().map(|number| (street, *number)));
            if let (ElementId::Node(id), [number]) = (pending.id, address.numbers.as_slice()) {
                let (city, postcode) = (address.city, address.postcode);
                ends.insert(id, End { street, number: *number, city, postcode });
            }
        }
        for (_, interpolation, first, count) in &self.interpolations {
            let refs = self.refs[*first..first + count].iter();
            let line: Vec<(Spot, Option<End>)> =
                refs.filter_map(|id| Some((nodes.spot(*id)?, ends.get(id).copied()))).collect();
            interpolation.houses(&line, &known, gathered);
        }
    }
}

fn element(kind: RelMemberType, id: i64) -> ElementId {
    match kind {
        RelMemberType::Node => ElementId::Node(id),
        RelMemberType::Way => ElementId::Way(id),
        RelMemberType::Relation => ElementId::Relation(id),
    }
}

fn boundary(tags: &Tags<'_>, gathered: &mut Gathered) -> Option<Boundary> {
    let level = match tags.get("boundary")? {
        "administrative" => tags.get("admin_level")?.parse().ok()?,
        "postal_code" => 0,
        _ => return None,
    };
    let postcode = tags.get("postal_code").or_else(|| tags.get("addr:postcode"));
    let postcode = postcode.or_else(|| tags.get("name").filter(|_| level == 0)).unwrap_or_default();
    let name = if level == 0 { "" } else { tags.get("name")? };
    let others = ["name:en", "alt_name", "short_name"].iter().filter_map(|key| tags.get(key));
    let others = others.filter(|other| *other != name).map(|other| gathered.texts.number(other)).collect();
    Some(Boundary { name: gathered.texts.number(name), others, postcode: gathered.texts.number(postcode), level })
}

fn add_boundary(boundary: &Boundary, rings: Vec<Vec<Spot>>, all: &[Spot], gathered: &mut Gathered) {
    // Counties and smaller are towns to somebody; what is larger is no place of letters.
    if (6..=10).contains(&boundary.level)
        && let Some(centre) = middle(all)
    {
        let radius_m = all.iter().map(|spot| centre.distance_m(*spot)).fold(0.0, f64::max) as u32;
        gathered.places.push(RawPlace {
            name: boundary.name,
            others: boundary.others.clone(),
            spot: centre,
            radius_m: radius_m.clamp(300, 25_000),
            is_postal: false,
        });
    }
    if !rings.is_empty() {
        gathered.boundaries.push(RawBoundary {
            name: boundary.name,
            postcode: boundary.postcode,
            level: boundary.level,
            rings,
        });
    }
}

/// The middle of the box that holds these.
fn middle(points: &[Spot]) -> Option<Spot> {
    let first = *points.first()?;
    let (low, high) = points.iter().fold((first, first), |(low, high), point| {
        (
            Spot { lat: low.lat.min(point.lat), lng: low.lng.min(point.lng) },
            Spot { lat: high.lat.max(point.lat), lng: high.lng.max(point.lng) },
        )
    });
    Some(low.towards(high, 0.5))
}

fn add(feature: Feature, street: Option<u32>, is_way: bool, points: Vec<Spot>, centre: Spot, gathered: &mut Gathered) {
    if let Some(address) = feature.address {
        let street = if address.street == 0 { street.unwrap_or(0) } else { address.street };
        let (lat, lng) = (centre.lat_degrees(), centre.lng_degrees());
        // A country that cannot be here is a slip of the pen.
        let country = address.country.filter(|country| country.may_hold(lat, lng));
        let country = country.unwrap_or_else(|| Country::at(lat, lng));
        let region = region(country, gathered.texts.get(address.region));
        for number in address.numbers.iter().filter(|_| street != 0) {
            let (number, city, postcode) = (*number, address.city, address.postcode);
            gathered.addresses.push(RawAddress { street, number, city, postcode, spot: centre, country, region });
        }
    }
    if let Some(street) = feature.street.filter(|_| is_way && points.len() > 1) {
        let (name, others) = (street.names.name, street.names.others);
        gathered.lines.push(RawLine { name, others, is_drivable: street.is_drivable, points: points.clone() });
    }
    if let Some(place) = feature.place {
        let (name, others) = (place.names.name, place.names.others);
        let (radius_m, is_postal) = (place.radius_m, place.is_postal);
        gathered.places.push(RawPlace { name, others, spot: centre, radius_m, is_postal });
    }
    if let Some(point) = feature.point {
        let extent = points.iter().map(|point| centre.distance_m(*point)).fold(0.0, f64::max);
        gathered.points.push(RawPoint { name: point.name, others: point.others, spot: centre, weight: extent as u16 });
    }
}
