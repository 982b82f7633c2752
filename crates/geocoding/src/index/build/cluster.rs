//! What of one name belongs together.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::gathered::{Gathered, RawAddress};
use crate::index::street::Spot;
use crate::index::text::Fnv;

/// What is nearer than this, or a little more, is one street: the side of a cell in millionths of a degree of latitude.
const CELL: i32 = 4_000;

/// The same for addresses of one town where no source has the street's line and numbers may be few.
const SPARSE_CELL: i32 = 25_000;

/// Points along a line are no farther apart.
const STEP_M: f64 = 300.0;

/// Millionths of a degree that are less than a step anywhere.
const STEP_UNITS: u32 = 2_500;

/// Addresses and lines of one street, by their numbers among all that was gathered.
#[derive(Debug, Default, Clone)]
pub(super) struct Cluster {
    pub(super) addresses: Vec<u32>,
    pub(super) lines: Vec<u32>,
}

/// Parts what has one name into what hangs together, in a fixed order.
pub(super) fn clusters(gathered: &Gathered, addresses: &[u32], lines: &[u32]) -> Vec<Cluster> {
    let address = |at: usize| -> &RawAddress { &gathered.addresses[addresses[at] as usize] };
    let mut sets = Sets::new(addresses.len() + lines.len());
    let mut cells: HashMap<(i32, i32), usize, BuildHasherDefault<Fnv>> = HashMap::default();
    let mut touched: Vec<((i32, i32), usize)> = Vec::new();
    for at in 0..addresses.len() {
        touched.push((cell(address(at).spot, CELL), at));
    }
    for (at, line) in lines.iter().enumerate() {
        let member = addresses.len() + at;
        let mut last: Option<Spot> = None;
        for &point in &gathered.lines[*line as usize].points {
            // Long straight pieces are as much there as short ones.
            let long = last.filter(|last| !is_surely_short(*last, point));
            let steps = long.map_or(1.0, |last| (last.distance_m(point) / STEP_M).ceil().clamp(1.0, 1_000.0));
            for step in 1..=steps as u32 {
                let spot = last.map_or(point, |last| last.towards(point, f64::from(step) / steps));
                touched.push((cell(spot, CELL), member));
            }
            last = Some(point);
        }
    }
    for (cell, member) in &touched {
        let owner = *cells.entry(*cell).or_insert(*member);
        sets.join(owner, *member);
    }
    for ((lat, lng), member) in &touched {
        for neighbour in [(lat + 1, lng - 1), (lat + 1, *lng), (lat + 1, lng + 1), (*lat, lng + 1)] {
            if let Some(&other) = cells.get(&neighbour) {
                sets.join(*member, other);
            }
        }
    }
    if lines.is_empty() {
        let mut cells: HashMap<((i32, i32), u32), usize> = HashMap::default();
        for at in (0..addresses.len()).filter(|at| address(*at).city != 0) {
            let (lat, lng) = cell(address(at).spot, SPARSE_CELL);
            for neighbour in (-1..=1).flat_map(|north| (-1..=1).map(move |east| (lat + north, lng + east))) {
                if let Some(&other) = cells.get(&(neighbour, address(at).city)) {
                    sets.join(at, other);
                }
            }
            cells.entry(((lat, lng), address(at).city)).or_insert(at);
        }
    }
    let mut numbers: HashMap<usize, usize> = HashMap::default();
    let mut clusters: Vec<Cluster> = Vec::new();
    for member in 0..addresses.len() + lines.len() {
        let set = sets.find(member);
        let number = *numbers.entry(set).or_insert_with(|| {
            clusters.push(Cluster::default());
            clusters.len() - 1
        });
        match member.checked_sub(addresses.len()) {
            None => clusters[number].addresses.push(addresses[member]),
            Some(line) => clusters[number].lines.push(lines[line]),
        }
    }
    clusters
}

/// Whether a piece of a line is one step, told without its length.
fn is_surely_short(from: Spot, to: Spot) -> bool {
    from.lat.abs_diff(to.lat) + from.lng.abs_diff(to.lng) < STEP_UNITS
}

fn cell(spot: Spot, size: i32) -> (i32, i32) {
    let cosine = spot.lat_degrees().to_radians().cos();
    (spot.lat.div_euclid(size), ((f64::from(spot.lng) * cosine) as i32).div_euclid(size))
}

/// Disjoint sets.
struct Sets(Vec<u32>);

impl Sets {
    fn new(count: usize) -> Self {
        Self((0..count as u32).collect())
    }

    fn find(&mut self, member: usize) -> usize {
        let mut at = member;
        while self.0[at] as usize != at {
            self.0[at] = self.0[self.0[at] as usize];
            at = self.0[at] as usize;
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        // The smaller number stays, so that the order of joins does not matter.
        self.0[a.max(b)] = a.min(b) as u32;
    }
}
