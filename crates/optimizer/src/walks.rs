//! Where two paths differ: closed walks that follow an edge of the one and an edge of the other in turn.
//!
//! Source: Y. Nagata, S. Kobayashi, "A powerful genetic algorithm using edge assembly crossover for the traveling salesman
//! problem", INFORMS J. on Computing 25 (2013), section 2.
#![expect(clippy::indexing_slicing, reason = "nodes and positions are below `count` by construction")]

use crate::member::Member;
use crate::random::Random;

/// What an edge is the same as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// The same edge driven the other way. Suits costs that are nearly symmetric.
    Ignored,
    /// Only itself.
    Kept,
}

/// The closed walks between two paths. Taking a walk's edges of the second path for those of the first gives
/// a path that may have cycles beside it.
pub(crate) struct Walks {
    /// Edges of the first path, by the position they begin at, walk after walk.
    cuts: Vec<u32>,
    /// As many edges of the second path.
    edges: Vec<(u32, u32)>,
    /// Where each walk begins in both, and where the last ends.
    begins: Vec<u32>,
    /// Per node its edges that only the first path has, as position and other node, and that only the second has.
    first: Vec<Own>,
    second: Vec<Own>,
    /// The walk that is not yet closed: nodes in their order, with the edge that leaves each.
    trail: Vec<Step>,
    /// Per node where it stands on the trail before an edge of the first path, and before one of the second.
    seen: Vec<[u32; 2]>,
    nodes: Vec<u32>,
}

const NONE: u32 = u32::MAX;

/// The edges of one node that the other path has not.
#[derive(Clone, Copy, Default)]
struct Own {
    count: u8,
    /// Other node and position of the edge.
    edges: [(u32, u32); 2],
}

impl Own {
    fn add(&mut self, node: u32, at: u32) {
        self.edges[usize::from(self.count)] = (node, at);
        self.count += 1;
    }

    fn remove(&mut self, at: u32) {
        self.count -= 1;
        if self.edges[0].1 == at {
            self.edges[0] = self.edges[1];
        }
    }
}

#[derive(Clone, Copy)]
struct Step {
    from: u32,
    to: u32,
    /// The position of the edge in its path.
    at: u32,
}

impl Walks {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            cuts: Vec::new(),
            edges: Vec::new(),
            begins: vec![0],
            first: vec![Own::default(); count],
            second: vec![Own::default(); count],
            trail: Vec::new(),
            seen: vec![[NONE; 2]; count],
            nodes: Vec::new(),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.begins.len() - 1
    }

    /// The edges that a walk takes from the first path, as positions, and those of the second path in their place.
    pub(crate) fn walk(&self, index: usize) -> (&[u32], &[(u32, u32)]) {
        let range = self.begins[index] as usize..self.begins[index + 1] as usize;
        (&self.cuts[range.clone()], &self.edges[range])
    }

    /// Finds the walks between two paths. O(n).
    pub(crate) fn find(&mut self, first: &Member, second: &Member, direction: Direction, random: &mut Random) {
        self.cuts.clear();
        self.edges.clear();
        self.begins.clear();
        self.begins.push(0);
        match direction {
            Direction::Ignored => self.find_undirected(first, second, random),
            Direction::Kept => self.find_directed(first, second),
        }
    }

    /// From every node forwards along the first path and backwards along the second: one way only.
    fn find_directed(&mut self, first: &Member, second: &Member) {
        let count = first.order.len();
        let differs = |at: usize| first.order[at + 1] != second.after(first.order[at]);
        self.seen.fill([NONE; 2]);
        for start in 0..count - 1 {
            let mut at = start;
            if self.seen[at][0] != NONE || !differs(at) {
                continue;
            }
            while self.seen[at][0] == NONE {
                self.seen[at][0] = 0;
                let node = first.order[at];
                self.cuts.push(at as u32);
                self.edges.push((node, second.after(node)));
                at = first.position[second.before(first.order[at + 1]) as usize] as usize;
            }
            self.begins.push(self.cuts.len() as u32);
        }
        self.seen.fill([NONE; 2]);
    }

    fn find_undirected(&mut self, first: &Member, second: &Member, random: &mut Random) {
        self.nodes.clear();
        collect_own(first, second, &mut self.first, Some(&mut self.nodes));
        collect_own(second, first, &mut self.second, None);
        while let Some(&start) = self.nodes.last() {
            if self.first[start as usize].count == 0 {
                self.nodes.pop();
                continue;
            }
            self.trail.clear();
            self.seen[start as usize][0] = 0;
            let mut node = start;
            loop {
                let parity = self.trail.len() % 2;
                let own = if parity == 0 { &mut self.first } else { &mut self.second };
                let edges = own[node as usize];
                let pick = if edges.count == 2 { (random.next() & 1) as usize } else { 0 };
                let (to, at) = edges.edges[pick];
                own[node as usize].remove(at);
                own[to as usize].remove(at);
                self.trail.push(Step { from: node, to, at });
                node = to;
                let parity = self.trail.len() % 2;
                let begin = self.seen[node as usize][parity];
                if begin == NONE {
                    self.seen[node as usize][parity] = self.trail.len() as u32;
                    continue;
                }
                self.close(begin as usize);
                if self.trail.is_empty() {
                    self.seen[start as usize][0] = NONE;
                    break;
                }
            }
        }
    }

    /// Takes the end of the trail from `begin` on as a walk.
    fn close(&mut self, begin: usize) {
        for index in (begin..self.trail.len()).rev() {
            let Step { from, to, at } = self.trail[index];
            if index > begin {
                self.seen[from as usize][index % 2] = NONE;
            }
            if index % 2 == 0 { self.cuts.push(at) } else { self.edges.push((from, to)) }
        }
        self.trail.truncate(begin);
        self.begins.push(self.cuts.len() as u32);
    }
}

/// The edges of `path` that `other` has in neither direction.
fn collect_own(path: &Member, other: &Member, own: &mut [Own], mut nodes: Option<&mut Vec<u32>>) {
    for (at, pair) in path.order.windows(2).enumerate() {
        let (a, b) = (pair[0], pair[1]);
        if !other.has_edge(a, b) {
            own[a as usize].add(b, at as u32);
            own[b as usize].add(a, at as u32);
            if let Some(nodes) = &mut nodes {
                nodes.push(a);
            }
        }
    }
}
