//! Reads what a road graph needs from .osm.pbf files: two passes, ways and relations first, then their nodes.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::collections::HashMap;
use std::path::PathBuf;

use osmpbf::{PrimitiveBlock, RelMemberType};

use super::labels::Labels;
use super::source::each_block;
use crate::error::BuildError;
use crate::geodesy::Point;
use crate::rules::look::Look;
use crate::rules::node::Obstacle;
use crate::rules::way::WayDrive;
use crate::rules::{Rules, Tags};

/// Stands for a node that no file has.
pub(super) const MISSING: u32 = u32::MAX;

/// The drivable part of one or more extracts.
#[derive(Debug, Default)]
pub(super) struct Extract {
    /// Ascending by id.
    pub(super) ways: Vec<RawWay>,
    /// Nodes of all ways, those of a way in its order, as indices into `points`, or [`MISSING`].
    pub(super) refs: Vec<u32>,
    /// Ascending by the nodes' ids.
    pub(super) points: Vec<Point>,
    /// By node, ascending.
    pub(super) obstacles: Vec<(u32, Obstacle)>,
    pub(super) restrictions: Vec<RawRestriction>,
    pub(super) names: Names,
    pub(super) labels: Labels,
    /// When the data was taken, in seconds since 1970, if a file tells: the oldest.
    pub(super) taken_at: Option<i64>,
}

/// A way that can be driven in some direction.
#[derive(Debug)]
pub(super) struct RawWay {
    pub(super) id: i64,
    /// Where its nodes are in `refs`.
    pub(super) first_ref: usize,
    pub(super) ref_count: usize,
    pub(super) drive: WayDrive,
    pub(super) look: Look,
    pub(super) name: u32,
    /// All that its signs say, as a number of `Extract::labels`.
    pub(super) label: u32,
}

/// A turn restriction whose members are all there.
#[derive(Debug)]
pub(super) struct RawRestriction {
    pub(super) is_only: bool,
    pub(super) from: Vec<i64>,
    pub(super) via: Via,
    pub(super) to: Vec<i64>,
}

/// What a restriction leads over.
#[derive(Debug)]
pub(super) enum Via {
    /// A node, as index into `points`.
    Node(u32),
    Ways(Vec<i64>),
}

/// Street names, each once; number 0 is no name.
#[derive(Debug)]
pub(super) struct Names {
    texts: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Default for Names {
    fn default() -> Self {
        Self { texts: vec![String::new()], numbers: HashMap::from([(String::new(), 0)]) }
    }
}

impl Names {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }

    pub(super) fn texts(&self) -> &[String] {
        &self.texts
    }
}

/// While node ids are not yet indices.
struct Reading<'r> {
    rules: &'r Rules,
    extract: Extract,
    ref_ids: Vec<i64>,
    restrictions: Vec<(RawRestriction, i64)>,
}

/// Reads the files; those given first win where ids occur twice. `progress` hears of bytes read.
pub(super) fn read(files: &[PathBuf], rules: &Rules, progress: &dyn Fn(u64)) -> Result<Extract, BuildError> {
    let mut reading = Reading { rules, extract: Extract::default(), ref_ids: Vec::new(), restrictions: Vec::new() };
    for file in files {
        let taken_at = each_block(file, progress, |block| reading.ways_and_relations(block))?;
        let oldest = reading.extract.taken_at;
        reading.extract.taken_at = oldest.map_or(taken_at, |oldest| Some(taken_at.map_or(oldest, |at| at.min(oldest))));
    }
    reading.extract.ways.sort_by_key(|way| way.id);
    reading.extract.ways.dedup_by_key(|way| way.id);

    let mut ids = reading.ref_ids.clone();
    ids.sort_unstable();
    ids.dedup();
    let mut nodes = Nodes { points: vec![None; ids.len()], ids, obstacles: Vec::new(), at: 0 };
    for file in files {
        each_block(file, progress, |block| nodes.take(block, rules))?;
    }
    Ok(reading.finish(nodes))
}

impl Reading<'_> {
    fn ways_and_relations(&mut self, block: &PrimitiveBlock) {
        for group in block.groups() {
            for way in group.ways() {
                self.way(&way);
            }
            for relation in group.relations() {
                self.relation(&relation);
            }
        }
    }

    fn way(&mut self, way: &osmpbf::Way<'_>) {
        // Most ways are buildings: look for the keys that make a road before anything else.
        if !way.tags().any(|(key, _)| matches!(key, "highway" | "route")) {
            return;
        }
        let tags: Tags<'_> = way.tags().collect();
        let Some(drive) = self.rules.way(&tags) else {
            return;
        };
        let name = tags.get("name").or_else(|| tags.get("ref")).unwrap_or_default();
        let first_ref = self.ref_ids.len();
        self.ref_ids.extend(way.refs());
        let ref_count = self.ref_ids.len() - first_ref;
        let name = self.extract.names.number(name);
        let label = self.extract.labels.number(&tags, &drive);
        let look = Look::of(&tags, &drive);
        self.extract.ways.push(RawWay { id: way.id(), first_ref, ref_count, drive, look, name, label });
    }

    fn relation(&mut self, relation: &osmpbf::Relation<'_>) {
        let tags: Tags<'_> = relation.tags().collect();
        if tags.get("type") != Some("restriction") {
            return;
        }
        let Some(is_only) = self.rules.restriction(&tags) else {
            return;
        };
        let mut found = RawRestriction { is_only, from: Vec::new(), via: Via::Ways(Vec::new()), to: Vec::new() };
        let mut via_node = None;
        for member in relation.members() {
            match (member.role().unwrap_or_default(), member.member_type) {
                ("from", RelMemberType::Way) => found.from.push(member.member_id),
                ("to", RelMemberType::Way) => found.to.push(member.member_id),
                ("via", RelMemberType::Node) => via_node = Some(member.member_id),
                ("via", RelMemberType::Way) => {
                    if let Via::Ways(ways) = &mut found.via {
                        ways.push(member.member_id);
                    }
                }
                _ => {}
            }
        }
        let has_ways = matches!(&found.via, Via::Ways(ways) if !ways.is_empty());
        if found.from.is_empty() || found.to.is_empty() || (via_node.is_none() && !has_ways) {
            return;
        }
        self.restrictions.push((found, via_node.unwrap_or_default()));
    }

    /// Turns ids of nodes into indices, leaving out nodes that no file has.
    fn finish(self, nodes: Nodes) -> Extract {
        let Self { mut extract, ref_ids, restrictions, .. } = self;
        let mut next = 0;
        let mut indices = Vec::with_capacity(nodes.ids.len());
        for point in &nodes.points {
            indices.push(if point.is_some() { next } else { MISSING });
            next += u32::from(point.is_some());
        }
        let index = |id: i64| nodes.ids.binary_search(&id).map_or(MISSING, |at| indices[at]);
        extract.refs = ref_ids.iter().map(|&id| index(id)).collect();
        extract.points = nodes.points.iter().flatten().copied().collect();
        extract.obstacles = nodes.obstacles.iter().map(|&(at, obstacle)| (indices[at], obstacle)).collect();
        extract.obstacles.sort_by_key(|(node, _)| *node);
        for (mut restriction, via_node) in restrictions {
            let has_ways = matches!(&restriction.via, Via::Ways(ways) if !ways.is_empty());
            if !has_ways {
                match index(via_node) {
                    MISSING => continue,
                    node => restriction.via = Via::Node(node),
                }
            }
            extract.restrictions.push(restriction);
        }
        extract
    }
}

/// The nodes that ways are made of.
struct Nodes {
    /// Ascending.
    ids: Vec<i64>,
    points: Vec<Option<Point>>,
    /// By index into `ids`.
    obstacles: Vec<(usize, Obstacle)>,
    /// Where the search goes on: files have their nodes in ascending order.
    at: usize,
}

impl Nodes {
    fn take(&mut self, block: &PrimitiveBlock, rules: &Rules) {
        for group in block.groups() {
            for node in group.nodes() {
                let at = Point { lat: node.decimicro_lat(), lng: node.decimicro_lon() };
                self.node(node.id(), at, node.tags(), rules);
            }
            for node in group.dense_nodes() {
                let at = Point { lat: node.decimicro_lat(), lng: node.decimicro_lon() };
                self.node(node.id(), at, node.tags(), rules);
            }
        }
    }

    fn node<'t>(&mut self, id: i64, at: Point, tags: impl Iterator<Item = (&'t str, &'t str)>, rules: &Rules) {
        let Some(index) = self.find(id) else {
            return;
        };
        let is_position = at.lat.abs() <= 900_000_000 && at.lng.abs() <= 1_800_000_000;
        if self.points[index].is_some() || !is_position {
            return;
        }
        self.points[index] = Some(at);
        let tags: Tags<'_> = tags.collect();
        self.obstacles.extend(rules.node(&tags).into_iter().flatten().map(|obstacle| (index, obstacle)));
    }

    fn find(&mut self, id: i64) -> Option<usize> {
        if self.at > 0 && self.ids[self.at - 1] >= id {
            self.at = self.ids.partition_point(|&other| other < id);
        }
        while self.ids.get(self.at).is_some_and(|&other| other < id) {
            self.at += 1;
        }
        (self.ids.get(self.at) == Some(&id)).then_some(self.at)
    }
}
