//! From extracts to a graph file: read, cut and chain, turn, mark, pack, write.

mod carriageways;
mod components;
mod hierarchy;
mod labels;
mod legs;
mod line;
mod network;
mod pieces;
mod read;
mod restrictions;
mod sight;
mod source;
mod streets;
mod stretches;
mod turns;
mod waits;
mod walk;

use std::path::{Path, PathBuf};

use crate::error::BuildError;
use crate::file::{self, Edge, Kind, NONE, Road, Segment, Writer};
use crate::geodesy::{Point, distance_m};
use crate::profile::Profile;
use crate::rules::node::Obstacle;
use crate::tree::{Leaf, TreeBox, pack};

use hierarchy::Hierarchy;
use legs::Legs;
use network::Network;
use pieces::Pieces;
use read::{Extract, Names};
use restrictions::Restriction;
use streets::Streets;
use stretches::Stretches;
use turns::{Junctions, Turns};
use waits::{Passing, wait_s};

/// What was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuildReport {
    /// Stretches of road between junctions.
    pub segments: usize,
    /// Directions in which these can be driven.
    pub edges: usize,
    /// Turns that are allowed.
    pub turns: usize,
    /// Arcs that the hierarchy adds to these, for ways to be found fast.
    pub shortcuts: usize,
    /// Turn restrictions that were made out.
    pub restrictions: usize,
    /// Size of the graph file.
    pub file_bytes: u64,
}

/// Builds a graph for one kind of vehicle from OpenStreetMap extracts (.osm.pbf) and writes it to `to`.
///
/// Several extracts make one network; where they overlap, the first one given wins. The same extracts give the same
/// bytes. A file that is there already is replaced in one step: who has it open goes on with the old one. `progress`
/// hears how many bytes of the extracts have been read since it was last called; all are read twice.
///
/// # Errors
/// Those of [`BuildError`]; the file at `to` is then as it was.
///
/// Cost: for a city of 45 000 roads a quarter of a second and 40 MB.
///
/// ```no_run
/// use routemate_roads::{Graph, Profile, build};
/// use std::path::Path;
///
/// build(&["helsinki.osm.pbf".into()], Profile::Car, Path::new("helsinki.roads"), &|_| {})?;
/// let graph = Graph::open(Path::new("helsinki.roads"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn build(
    files: &[PathBuf],
    profile: Profile,
    to: &Path,
    progress: &dyn Fn(u64),
) -> Result<BuildReport, BuildError> {
    let parts = Parts::read(files, profile, progress)?;
    let (bounds, taken_at) = (parts.bounds(), parts.taken_at);
    let writer = parts.writer();
    file::write(to, |file| writer.write_to(profile, bounds, taken_at, file))
        .map_err(|source| BuildError::Unwritable { path: to.to_owned(), source })?;
    let file_bytes = std::fs::metadata(to).map(|metadata| metadata.len());
    Ok(BuildReport {
        segments: parts.segments.len() - 1,
        edges: parts.edges.len(),
        turns: parts.turns.arcs.len(),
        shortcuts: parts.hierarchy.shortcuts(),
        restrictions: parts.restrictions,
        file_bytes: file_bytes.map_err(|source| BuildError::Unwritable { path: to.to_owned(), source })?,
    })
}

/// The sections of a graph file, while they are made.
#[derive(Debug)]
struct Parts {
    points: Vec<Point>,
    pieces: Vec<u32>,
    segments: Vec<Segment>,
    edges: Vec<Edge>,
    turns: Turns,
    hierarchy: Hierarchy,
    roads: Vec<Road>,
    name_ends: Vec<u32>,
    name_text: Vec<u8>,
    boxes: Vec<TreeBox>,
    leaves: Vec<Leaf>,
    restrictions: usize,
    taken_at: Option<i64>,
}

impl Parts {
    fn read(files: &[PathBuf], profile: Profile, progress: &dyn Fn(u64)) -> Result<Self, BuildError> {
        Self::from_extract(read::read(files, profile.rules(), progress)?, profile, files)
    }

    fn from_extract(extract: Extract, profile: Profile, files: &[PathBuf]) -> Result<Self, BuildError> {
        let restrictions = restrictions::resolve(&extract);
        let mut is_kept = vec![false; extract.points.len()];
        let stops = |obstacle: &Obstacle| matches!(obstacle, Obstacle::Barrier | Obstacle::TurningPlace);
        mark(&mut is_kept, extract.obstacles.iter().filter(|(_, obstacle)| stops(obstacle)).map(|(node, _)| *node));
        mark(&mut is_kept, restrictions.iter().flat_map(Restriction::junctions));
        Self::of(extract, profile, files, &restrictions, is_kept)
    }

    /// Nodes that are kept end segments, whatever else is there.
    fn of(
        mut extract: Extract,
        profile: Profile,
        files: &[PathBuf],
        restrictions: &[Restriction],
        is_kept: Vec<bool>,
    ) -> Result<Self, BuildError> {
        let pieces = Pieces::of(&extract);
        let stretches = Stretches::of(&pieces, &extract.points, &extract.obstacles, &is_kept);
        let mut is_junction = is_kept;
        for (is_junction, node) in is_junction.iter_mut().zip(0..) {
            let is_passed = pieces.passes_through(node)
                && (stretches.is_inner(node)
                    || !pieces.at(node).iter().any(|&by| stretches.is_marked_for_u_turns(&pieces, by)));
            *is_junction |= !is_passed;
        }
        let waits_ds = |node: u32, ends: [u32; 2]| waits_ds(&stretches, &extract.obstacles, node, ends);
        let points = std::mem::take(&mut extract.points);
        let mut network = Network::of(points, &pieces, &mut is_junction, &waits_ds);
        if network.segments.is_empty() {
            return Err(BuildError::NoRoads { profile, files: files.to_vec() });
        }
        network.sort_along_curve();
        let (segments, mut edges) = edges(&network);
        let legs = Legs::of(&network, &pieces, &segments);
        let streets =
            Streets::of(&pieces, &stretches, &network.points, &extract.labels, &extract.obstacles, restrictions);
        let turns = Turns::of(&Junctions {
            rules: profile.rules(),
            streets: &streets,
            legs: &legs,
            is_junction: &is_junction,
            obstacles: &extract.obstacles,
            restrictions,
            edges: edges.len(),
        });
        for &original in &turns.copies {
            edges.extend(edges.get(original as usize).copied());
        }
        components::mark(&mut edges, &turns);
        let too_large = |what, limit| BuildError::TooLarge { what, limit, files: files.to_vec() };
        for (what, count) in [("edges", edges.len()), ("turns", turns.arcs.len()), ("points", network.nodes.len())] {
            // Numbers of edges are doubled, and the highest bit has a meaning.
            let limit = 1 << 30;
            if count >= limit as usize {
                return Err(too_large(what, limit));
            }
        }
        let hierarchy = Hierarchy::of(&edges, &turns)
            .map_err(|_| too_large("centimetres or tenths of a second along one way", u32::MAX))?;
        let parts = Self { hierarchy, ..Self::packed(network, segments, edges, turns, &extract, restrictions.len()) };
        // Ferries alone, say, which lead from nowhere to nowhere.
        if parts.leaves.is_empty() {
            return Err(BuildError::NoRoads { profile, files: files.to_vec() });
        }
        Ok(parts)
    }

    fn packed(
        network: Network,
        segments: Vec<Segment>,
        edges: Vec<Edge>,
        turns: Turns,
        extract: &Extract,
        restrictions: usize,
    ) -> Self {
        let points: Vec<Point> =
            network.nodes.iter().filter_map(|&node| network.points.get(node as usize).copied()).collect();
        let pieces = network.oriented.iter().map(|piece| piece.road << 1 | u32::from(piece.is_reversed)).collect();
        let mut leaves = Vec::with_capacity(points.len());
        for (number, pair) in segments.windows(2).enumerate() {
            if let [this, next] = pair {
                let starts = this.first_point..next.first_point - 1;
                leaves.extend(starts.map(|point| Leaf { point, segment: number as u32 }));
            }
        }
        leaves.retain(|leaf| {
            let piece = network.oriented.get(leaf.point as usize);
            piece.and_then(|piece| network.roads.get(piece.road as usize)).is_some_and(Road::is_start)
        });
        let boxes = pack(&mut leaves, &points);
        let (name_ends, name_text) = names(&extract.names);
        Self {
            points,
            pieces,
            segments,
            edges,
            turns,
            hierarchy: Hierarchy::default(),
            roads: network.roads,
            name_ends,
            name_text,
            boxes,
            leaves,
            restrictions,
            taken_at: extract.taken_at,
        }
    }

    fn writer(&self) -> Writer<'_> {
        let mut writer = Writer::default();
        writer.add(Kind::Points, &self.points);
        writer.add(Kind::Pieces, &self.pieces);
        writer.add(Kind::Segments, &self.segments);
        writer.add(Kind::Edges, &self.edges);
        writer.add(Kind::FirstArcs, &self.turns.first);
        writer.add(Kind::Arcs, &self.turns.arcs);
        writer.add(Kind::Roads, &self.roads);
        writer.add(Kind::NameEnds, &self.name_ends);
        writer.add(Kind::NameText, &self.name_text);
        writer.add(Kind::Copies, &self.turns.copies);
        writer.add(Kind::Boxes, &self.boxes);
        writer.add(Kind::Leaves, &self.leaves);
        writer.add(Kind::Order, &self.hierarchy.order);
        writer.add(Kind::Ranks, &self.hierarchy.ranks);
        writer.add(Kind::Steps, &self.hierarchy.steps);
        writer.add(Kind::Climbs, &self.hierarchy.climbs);
        writer.add(Kind::Middles, &self.hierarchy.middles);
        writer
    }

    /// South, west, north, east.
    fn bounds(&self) -> [i32; 4] {
        self.points.iter().fold([i32::MAX, i32::MAX, i32::MIN, i32::MIN], |[south, west, north, east], point| {
            [south.min(point.lat), west.min(point.lng), north.max(point.lat), east.max(point.lng)]
        })
    }
}

/// Tenths of a second lost at a node within a segment, by who comes by the first end and by who comes by the second.
fn waits_ds(stretches: &Stretches, obstacles: &[(u32, Obstacle)], node: u32, [a, b]: [u32; 2]) -> [u32; 2] {
    if stretches.is_inner(node) {
        return [a, b].map(|by| stretches.wait_ds(node, by));
    }
    let first = obstacles.partition_point(|(other, _)| *other < node);
    let present: Vec<_> = obstacles.iter().skip(first).take_while(|(other, _)| *other == node).copied().collect();
    if present.is_empty() {
        return [0, 0];
    }
    [(a, b), (b, a)].map(|(by, on)| {
        let passing = Passing {
            is_forward: Pieces::towards(by) == 0,
            roads: 2,
            comes_from_minor_road: stretches.speed_kmh(on) > stretches.speed_kmh(stretches.other(by)),
            from_m: stretches.length_m(by),
            to_m: stretches.length_m(on),
        };
        (wait_s(&present, &passing) * 10.0) as u32
    })
}

fn mark(is_junction: &mut [bool], nodes: impl Iterator<Item = u32>) {
    for node in nodes {
        if let Some(mark) = is_junction.get_mut(node as usize) {
            *mark = true;
        }
    }
}

/// The directions of all segments, with what it takes to drive them.
fn edges(network: &Network) -> (Vec<Segment>, Vec<Edge>) {
    let mut segments = Vec::with_capacity(network.segments.len() + 1);
    let mut edges = Vec::with_capacity(2 * network.segments.len());
    for (number, &segment) in network.segments.iter().enumerate() {
        let mut sides = [Some(Edge::default()), Some(Edge::default())];
        let points = network.segment_nodes(segment).iter().filter_map(|&node| network.points.get(node as usize));
        for ((a, b), piece) in points.clone().zip(points.skip(1)).zip(network.segment_pieces(segment)) {
            let length_m = distance_m(*a, *b);
            let road = network.roads.get(piece.road as usize);
            for (side, edge) in sides.iter_mut().enumerate() {
                let cost = road.and_then(|road| road.cost_ds(piece.side(side), length_m));
                *edge = edge.zip(cost).map(|(edge, (weight_ds, duration_ds))| Edge {
                    segment: (number as u32) << 1 | side as u32,
                    weight_ds: edge.weight_ds.saturating_add(weight_ds),
                    duration_ds: edge.duration_ds.saturating_add(duration_ds),
                    length_cm: edge.length_cm.saturating_add((length_m * 100.0).round() as u32),
                    component: 0,
                });
            }
        }
        let mut numbers = [NONE; 2];
        for (number, edge) in numbers.iter_mut().zip(sides) {
            if let Some(edge) = edge {
                *number = edges.len() as u32;
                edges.push(edge);
            }
        }
        segments.push(Segment { first_point: segment.first, edges: numbers });
    }
    segments.push(Segment { first_point: network.nodes.len() as u32, edges: [NONE; 2] });
    (segments, edges)
}

fn names(names: &Names) -> (Vec<u32>, Vec<u8>) {
    let mut ends = Vec::with_capacity(names.texts().len());
    let mut text = Vec::new();
    for name in names.texts() {
        text.extend_from_slice(name.as_bytes());
        ends.push(text.len() as u32);
    }
    (ends, text)
}

#[cfg(test)]
mod tests;
