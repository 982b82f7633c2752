//! What is read of extracts before positions are known: of each block alone, by whichever thread unpacked it, and then of the
//! file, put together in order.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::ops::Range;

use osmpbf::{PrimitiveBlock, RelMemberType};

use super::gathered::Texts;
use super::interpolation::Interpolation;
use super::nodes::{Search, is_position, spot};
use super::tags::{Feature, Tags, Telling, renumber};
use crate::index::street::Spot;
use crate::index::text::Fnv;

/// What a block holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Contents {
    pub(super) has_nodes: bool,
    pub(super) has_ways: bool,
    pub(super) has_relations: bool,
}

/// An element whose position is not known yet.
pub(super) struct Pending {
    pub(super) feature: Feature,
    pub(super) shape: Shape,
    pub(super) id: ElementId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum ElementId {
    Node(i64),
    Way(i64),
    Relation(i64),
}

/// Nodes of a way, by where they are in `refs`.
type Line = Range<usize>;

pub(super) enum Shape {
    At(Spot),
    Way(Line),
    /// Ways of a relation.
    Ways(Vec<i64>),
}

/// What is known of ids.
pub(super) type Ids<Id, Value> = HashMap<Id, Value, BuildHasherDefault<Fnv>>;

/// What was read of a file; texts by their numbers.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) pending: Vec<Pending>,
    pub(super) refs: Vec<i64>,
    /// Ways of relations.
    pub(super) member_ways: Ids<i64, Option<Line>>,
    /// Each with the id of its relation, and its ways.
    pub(super) boundaries: Vec<(i64, Boundary, Vec<i64>)>,
    /// Houses of `associatedStreet` relations, and the street's name; of several relations the one with the largest id counts,
    /// which stands before the name.
    pub(super) street_of: Ids<ElementId, (i64, u32)>,
    /// Each with the id of its way.
    pub(super) interpolations: Vec<(i64, Interpolation, Line)>,
}

pub(super) struct Boundary {
    pub(super) name: u32,
    pub(super) others: Vec<u32>,
    pub(super) postcode: u32,
    pub(super) level: u8,
}

/// What was read of one block.
#[derive(Default)]
pub(super) struct Found {
    pub(super) contents: Contents,
    texts: Texts,
    /// With all lines of the block and texts by their numbers in it.
    reading: Reading,
    /// All ways, as relations in other blocks may need them.
    ways: Vec<(i64, Line)>,
    /// Where nodes are, by their places among those wanted.
    pub(super) spots: Vec<(usize, Spot)>,
}

impl Found {
    /// Reads the nodes of a block that have tags, and where those are that are wanted (ids, ascending).
    pub(super) fn nodes(block: &PrimitiveBlock, wanted: &[i64]) -> Self {
        let mut found = Self::default();
        found.add_nodes(block, wanted);
        for group in block.groups() {
            found.contents.has_ways |= group.ways().next().is_some();
            found.contents.has_relations |= group.relations().next().is_some();
        }
        found
    }

    /// Reads the relations of a block and then its ways.
    pub(super) fn relations_and_ways(block: &PrimitiveBlock) -> Self {
        let mut found = Self::default();
        for group in block.groups() {
            found.contents.has_nodes |= group.dense_nodes().next().is_some() || group.nodes().next().is_some();
        }
        found.add_relations_and_ways(block);
        found
    }

    /// Reads all elements of a block.
    pub(super) fn everything(block: &PrimitiveBlock) -> Self {
        let mut found = Self::default();
        found.add_nodes(block, &[]);
        found.add_relations_and_ways(block);
        found
    }

    /// Takes down the ways of a block alone.
    pub(super) fn ways(block: &PrimitiveBlock) -> Self {
        let mut found = Self::default();
        for way in block.groups().flat_map(|group| group.ways()) {
            found.line(&way);
        }
        found
    }

    fn add_nodes(&mut self, block: &PrimitiveBlock, wanted: &[i64]) {
        let telling = Telling::of(block);
        let mut wanted = Search::new(wanted);
        for group in block.groups() {
            for node in group.dense_nodes() {
                let position = (node.decimicro_lat(), node.decimicro_lon());
                let is_told = node.raw_tags().any(|(key, _)| telling.has(key as usize));
                self.node(node.id(), position, is_told.then(|| node.tags().collect()), &mut wanted);
            }
            for node in group.nodes() {
                let position = (node.decimicro_lat(), node.decimicro_lon());
                let is_told = node.raw_tags().any(|(key, _)| telling.has(key as usize));
                self.node(node.id(), position, is_told.then(|| node.tags().collect()), &mut wanted);
            }
        }
    }

    fn add_relations_and_ways(&mut self, block: &PrimitiveBlock) {
        for relation in block.groups().flat_map(|group| group.relations()) {
            self.contents.has_relations = true;
            self.relation(&relation);
        }
        let telling = Telling::of(block);
        for way in block.groups().flat_map(|group| group.ways()) {
            self.contents.has_ways = true;
            let line = self.line(&way);
            if way.raw_tags().any(|(key, _)| telling.has(key as usize)) {
                self.way(way.id(), &way.tags().collect(), line);
            }
        }
    }

    /// A node; with its tags if they tell anything.
    fn node(&mut self, id: i64, (lat, lng): (i32, i32), tags: Option<Tags<'_>>, wanted: &mut Search<'_>) {
        self.contents.has_nodes = true;
        let wanted = wanted.find(id);
        if !is_position(lat, lng) {
            return;
        }
        let spot = spot(lat, lng);
        self.spots.extend(wanted.map(|at| (at, spot)));
        if let Some(feature) = tags.and_then(|tags| Feature::read(&tags, &mut self.texts)) {
            self.reading.pending.push(Pending { feature, shape: Shape::At(spot), id: ElementId::Node(id) });
        }
    }

    fn line(&mut self, way: &osmpbf::Way<'_>) -> Line {
        let first = self.reading.refs.len();
        self.reading.refs.extend(way.refs());
        let line = first..self.reading.refs.len();
        self.ways.push((way.id(), line.clone()));
        line
    }

    fn way(&mut self, id: i64, tags: &Tags<'_>, line: Line) {
        if let Some(interpolation) = Interpolation::read(tags, &mut self.texts) {
            self.reading.interpolations.push((id, interpolation, line.clone()));
        }
        if let Some(feature) = Feature::read(tags, &mut self.texts) {
            self.reading.pending.push(Pending { feature, shape: Shape::Way(line), id: ElementId::Way(id) });
        }
    }

    fn relation(&mut self, relation: &osmpbf::Relation<'_>) {
        let Self { texts, reading, .. } = self;
        let tags: Tags<'_> = relation.tags().collect();
        if matches!(tags.get("type"), Some("associatedStreet" | "street")) {
            if let Some(name) = tags.get("name").or_else(|| tags.get("addr:street")) {
                let name = texts.number(name);
                for member in relation.members() {
                    let street = reading.street_of.entry(element(member.member_type, member.member_id)).or_default();
                    *street = (*street).max((relation.id(), name));
                }
            }
            return;
        }
        let boundary = boundary(&tags, texts);
        let feature = Feature::read(&tags, texts);
        if boundary.is_none() && feature.is_none() {
            return;
        }
        let ways = relation.members().filter(|member| member.member_type == RelMemberType::Way);
        let outer = ways.clone().filter(|member| !matches!(member.role(), Ok("inner" | "subarea")));
        let outer: Vec<i64> = outer.map(|member| member.member_id).collect();
        reading.member_ways.extend(outer.iter().map(|way| (*way, None)));
        if let Some(boundary) = boundary {
            let all: Vec<i64> = ways.map(|member| member.member_id).collect();
            reading.member_ways.extend(all.iter().map(|way| (*way, None)));
            reading.boundaries.push((relation.id(), boundary, all));
        }
        if let Some(feature) = feature {
            reading.pending.push(Pending {
                feature,
                shape: Shape::Ways(outer),
                id: ElementId::Relation(relation.id()),
            });
        }
    }
}

impl Reading {
    /// Adds what was read of the next block. Texts get the numbers that they would have had if it had been read here.
    pub(super) fn add(&mut self, found: Found, texts: &mut Texts) {
        let Found { texts: own, reading, ways, .. } = found;
        let numbers = texts.take(own);
        for mut pending in reading.pending {
            pending.feature.renumber(&numbers);
            if let Shape::Way(line) = &mut pending.shape {
                *line = self.line(&reading.refs[line.clone()]);
            }
            self.pending.push(pending);
        }
        for (id, mut interpolation, line) in reading.interpolations {
            interpolation.renumber(&numbers);
            let line = self.line(&reading.refs[line]);
            self.interpolations.push((id, interpolation, line));
        }
        for (id, mut boundary, ways) in reading.boundaries {
            let Boundary { name, others, postcode, level: _ } = &mut boundary;
            renumber(others.iter_mut().chain([name, postcode]), &numbers);
            self.boundaries.push((id, boundary, ways));
        }
        for (element, (relation, name)) in reading.street_of {
            let street = self.street_of.entry(element).or_default();
            *street = (*street).max((relation, numbers[name as usize]));
        }
        for way in reading.member_ways.into_keys() {
            self.member_ways.entry(way).or_insert(None);
        }
        for (id, line) in ways {
            if let Some(None) = self.member_ways.get(&id) {
                let line = self.line(&reading.refs[line]);
                self.member_ways.insert(id, Some(line));
            }
        }
    }

    /// Takes down the nodes of a way.
    fn line(&mut self, refs: &[i64]) -> Line {
        let first = self.refs.len();
        self.refs.extend(refs);
        first..self.refs.len()
    }

    /// The order of the elements of a file that is in order: which block was read first says nothing.
    pub(super) fn put_in_order(&mut self) {
        // They are large: each is moved once.
        self.pending.sort_by_cached_key(|pending| pending.id);
        self.boundaries.sort_by_key(|(id, ..)| *id);
        self.interpolations.sort_by_key(|(id, ..)| *id);
    }

    /// Whether a relation needs ways that were not read with it.
    pub(super) fn lacks_ways(&self) -> bool {
        self.member_ways.values().any(Option::is_none)
    }
}

fn element(kind: RelMemberType, id: i64) -> ElementId {
    match kind {
        RelMemberType::Node => ElementId::Node(id),
        RelMemberType::Way => ElementId::Way(id),
        RelMemberType::Relation => ElementId::Relation(id),
    }
}

fn boundary(tags: &Tags<'_>, texts: &mut Texts) -> Option<Boundary> {
    let level = match tags.get("boundary")? {
        "administrative" => tags.get("admin_level")?.parse().ok()?,
        "postal_code" => 0,
        _ => return None,
    };
    let postcode = tags.get("postal_code").or_else(|| tags.get("addr:postcode"));
    let postcode = postcode.or_else(|| tags.get("name").filter(|_| level == 0)).unwrap_or_default();
    let name = if level == 0 { "" } else { tags.get("name")? };
    let others = ["name:en", "alt_name", "short_name"].iter().filter_map(|key| tags.get(key));
    let others = others.filter(|other| *other != name).map(|other| texts.number(other)).collect();
    Some(Boundary { name: texts.number(name), others, postcode: texts.number(postcode), level })
}
