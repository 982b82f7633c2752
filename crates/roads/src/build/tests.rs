//! Random streets with random restrictions, against a search that knows nothing of edges' copies.

use std::collections::{BTreeMap, BinaryHeap};

use proptest::prelude::*;
use routemate_units::StopToken;

use super::read::{RawRestriction, RawWay, Via};
use super::*;
use crate::file::{Arc, GraphFile};
use crate::rules::look::Look;
use crate::rules::{CAR, Tags};
use crate::search::{Cost, Dijkstra, End, Search};

/// Streets of a square town: `streets` say for each of its blocks' sides whether it is there, and one-way.
#[derive(Debug, Clone)]
struct Town {
    side: usize,
    streets: Vec<u8>,
    /// Only or no; over which nodes.
    restrictions: Vec<(bool, Vec<u32>)>,
}

fn towns() -> impl Strategy<Value = Town> {
    (3_usize..5).prop_flat_map(|side| {
        let streets = prop::collection::vec(0..6_u8, 2 * side * side);
        let walk = (0..side * side, prop::collection::vec(0..4_u8, 2..5), any::<bool>());
        (streets, prop::collection::vec(walk, 0..12)).prop_map(move |(streets, walks)| {
            let restrictions = walks.into_iter().filter_map(|(start, steps, is_only)| {
                let mut nodes = vec![start as u32];
                for step in steps {
                    let (x, y) = (*nodes.last()? as usize % side, *nodes.last()? as usize / side);
                    let (x, y) = match step {
                        0 => (x + 1, y),
                        1 => (x, y + 1),
                        2 => (x.checked_sub(1)?, y),
                        _ => (x, y.checked_sub(1)?),
                    };
                    if x >= side || y >= side || nodes.contains(&((y * side + x) as u32)) {
                        return None;
                    }
                    nodes.push((y * side + x) as u32);
                }
                Some((is_only, nodes))
            });
            Town { side, streets, restrictions: restrictions.collect() }
        })
    })
}

impl Town {
    fn ways(&self) -> Vec<(u32, u32, u8)> {
        let mut ways = Vec::new();
        for node in 0..self.side * self.side {
            let (x, y) = (node % self.side, node / self.side);
            for (number, has, to) in [(0, x + 1 < self.side, node + 1), (1, y + 1 < self.side, node + self.side)] {
                let kind = self.streets[2 * node + number];
                if has && kind > 0 {
                    ways.push((node as u32, to as u32, kind));
                }
            }
        }
        ways
    }

    /// Each street is a way of its own, from node to node.
    fn extract(&self, with_restrictions: bool) -> Extract {
        let mut extract = Extract::default();
        for node in 0..self.side * self.side {
            let (x, y) = ((node % self.side) as i32, (node / self.side) as i32);
            // Streets of uneven length, so that there are no ties.
            extract
                .points
                .push(Point { lat: 600_000_000 + 9000 * y + 313 * x * y, lng: 250_000_000 + 17_000 * x + 711 * y * y });
        }
        for (number, (from, to, kind)) in self.ways().into_iter().enumerate() {
            let oneway = if kind == 1 { "yes" } else { "no" };
            let tags: Tags<'_> = [("highway", "residential"), ("oneway", oneway)].into_iter().collect();
            let first_ref = extract.refs.len();
            extract.refs.extend([from, to]);
            let drive = CAR.way(&tags).unwrap();
            let look = Look::of(&tags, &drive);
            extract.ways.push(RawWay { id: number as i64, first_ref, ref_count: 2, drive, look, name: 0, label: 0 });
        }
        if with_restrictions {
            extract.restrictions = self.raw_restrictions();
        }
        extract
    }

    fn way_id(&self, a: u32, b: u32) -> Option<i64> {
        let number = self.ways().iter().position(|&(from, to, _)| (from, to) == (a, b) || (from, to) == (b, a))?;
        Some(number as i64)
    }

    fn raw_restrictions(&self) -> Vec<RawRestriction> {
        let raw = |(is_only, nodes): &(bool, Vec<u32>)| {
            let ways: Option<Vec<i64>> = nodes.windows(2).map(|pair| self.way_id(pair[0], pair[1])).collect();
            let ways = ways?;
            let (from, rest) = ways.split_first()?;
            let (to, via) = rest.split_last()?;
            let via = if via.is_empty() { Via::Node(nodes[1]) } else { Via::Ways(via.to_vec()) };
            Some(RawRestriction { is_only: *is_only, from: vec![*from], via, to: vec![*to] })
        };
        self.restrictions.iter().filter_map(raw).collect()
    }
}

fn graph(extract: Extract) -> Option<GraphFile> {
    written(Parts::from_extract(extract, Profile::Car, &[]).ok()?)
}

fn written(parts: Parts) -> Option<GraphFile> {
    let mut bytes = Vec::new();
    parts.writer().write_to(Profile::Car, parts.bounds(), None, &mut bytes).unwrap();
    Some(GraphFile::from_bytes(&bytes).unwrap())
}

/// The nodes of the town along an edge.
fn nodes(file: &GraphFile, town: &Town, edge: u32) -> Vec<u32> {
    let view = file.view();
    let found = view.edge(edge).unwrap();
    let points = &town.extract(false).points;
    let node = |point: &Point| points.iter().position(|other| other == point).unwrap() as u32;
    let mut nodes: Vec<u32> = view.points[view.point_range(found.segment / 2)].iter().map(node).collect();
    if found.side() == 1 {
        nodes.reverse();
    }
    nodes
}

/// The turn back that is allowed where every other turn is forbidden.
fn way_back(free: &GraphFile, town: &Town, resolved: &[Restriction], edge: u32) -> Option<Arc> {
    const U_TURN_DS: u16 = 274;
    let view = free.view();
    let own = view.edge(edge)?;
    let to = view.edges.iter().position(|other| other.segment == own.segment ^ 1)? as u32;
    let trail = nodes(free, town, edge);
    let is_forbidden = |to: u32| {
        let chain = [&trail[trail.len() - 2..], &nodes(free, town, to)[1..2]].concat();
        resolved.iter().any(|restriction| !restriction.is_only && restriction.nodes == chain)
    };
    let is_needed = view.arcs(edge).iter().all(|arc| arc.to != to && is_forbidden(arc.to));
    is_needed.then_some(Arc { to, weight_ds: U_TURN_DS, duration_ds: U_TURN_DS })
}

/// Least weights from the beginning of an edge to the beginning of all: states are all nodes driven so far, cut to what
/// a restriction can look back on. `free` is the graph of the same town without restrictions.
fn reference(free: &GraphFile, town: &Town, resolved: &[Restriction], start: u32) -> BTreeMap<u32, i64> {
    let view = free.view();
    let longest = resolved.iter().map(|restriction| restriction.nodes.len()).max().unwrap_or(3);
    let mut best: BTreeMap<u32, i64> = BTreeMap::new();
    let mut seen: BTreeMap<(u32, Vec<u32>), i64> = BTreeMap::new();
    let mut queue = BinaryHeap::new();
    queue.push((0_i64, start, nodes(free, town, start)));
    while let Some((negative, edge, trail)) = queue.pop() {
        let weight = -negative;
        if seen.get(&(edge, trail.clone())).is_some_and(|&known| known <= weight) {
            continue;
        }
        seen.insert((edge, trail.clone()), weight);
        if trail.len() > nodes(free, town, edge).len() || edge != start || weight > 0 {
            let known = best.entry(edge).or_insert(weight);
            *known = (*known).min(weight);
        }
        for arc in view.arcs(edge).iter().copied().chain(way_back(free, town, resolved, edge)) {
            let next = nodes(free, town, arc.to);
            let step = next[1];
            let may = resolved.iter().all(|restriction| {
                let (before, to) = restriction.nodes.split_at(restriction.nodes.len() - 1);
                !trail.ends_with(before) || (restriction.is_only == (to[0] == step))
            });
            // Several demands at one place add up to a choice.
            let demands = resolved.iter().filter(|restriction| {
                restriction.is_only && trail.ends_with(&restriction.nodes[..restriction.nodes.len() - 1])
            });
            let fits = demands.clone().any(|restriction| restriction.nodes.last() == Some(&step));
            let is_forbidden = resolved.iter().any(|restriction| {
                let (before, to) = restriction.nodes.split_at(restriction.nodes.len() - 1);
                !restriction.is_only && trail.ends_with(before) && to[0] == step
            });
            let same_length =
                demands.clone().map(|restriction| restriction.nodes.len()).collect::<std::collections::BTreeSet<_>>();
            let is_allowed = may || (fits && !is_forbidden && same_length.len() == 1);
            if is_allowed {
                let mut trail = [trail.as_slice(), &next[1..]].concat();
                let cut = trail.len().saturating_sub(longest);
                trail.drain(..cut);
                let cost = weight + i64::from(view.edge(edge).unwrap().weight_ds) + i64::from(arc.weight_ds);
                queue.push((-cost, arc.to, trail));
            }
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn ways_keep_to_restrictions_and_are_the_shortest_that_do(town in towns()) {
        let restricted = town.extract(true);
        let resolved = restrictions::resolve(&restricted);
        // The same junctions without what is forbidden there.
        let open = town.extract(false);
        let mut is_kept = vec![false; open.points.len()];
        mark(&mut is_kept, resolved.iter().flat_map(Restriction::junctions));
        let open = Parts::of(open, Profile::Car, &[], &[], is_kept).ok().and_then(written);
        let (Some(file), Some(free)) = (graph(restricted), open) else { return Ok(()) };
        // What leads over a closed street, or into one, restricts nothing.
        let is_open = |pair: &[u32]| {
            town.ways().iter().any(|&(from, to, kind)| (from, to) == (pair[0], pair[1]) || (kind != 1 && (to, from) == (pair[0], pair[1])))
        };
        let resolved: Vec<Restriction> =
            resolved.into_iter().filter(|restriction| restriction.nodes.windows(2).all(is_open)).collect();
        let (view, free_view) = (file.view(), free.view());
        let plain = view.edges.len() - view.copies.len();
        prop_assert_eq!(plain, free_view.edges.len());
        let ends: Vec<Vec<End>> = (0..plain as u32).map(|edge| vec![End { edge, before: Cost::default() }]).collect();
        let all: Vec<Option<Cost>> = Dijkstra(view).costs(&ends, &ends, &StopToken::never()).unwrap();
        for start in 0..plain as u32 {
            let expected = reference(&free, &town, &resolved, start);
            for to in (0..plain as u32).filter(|to| *to != start) {
                let found = all[start as usize * plain + to as usize].map(|cost| cost.weight);
                prop_assert_eq!(found, expected.get(&to).copied(), "{} to {}", start, to);
                let trip = Dijkstra(view).trip(&ends[start as usize], &ends[to as usize], &StopToken::never()).unwrap();
                prop_assert_eq!(trip.map(|trip| trip.cost.weight), found);
            }
        }
    }
}
