//! Turn restrictions as chains of nodes, whatever members they were drawn with.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use super::read::{Extract, MISSING, RawRestriction, Via};

/// Whoever drives along these nodes must (or must not) go on to the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Restriction {
    pub(super) is_only: bool,
    /// At least three: the one before the junction, the junction (or, over ways, all nodes up to the last junction), and
    /// the one after.
    pub(super) nodes: Vec<u32>,
}

impl Restriction {
    /// The first junction and the last: whatever lies between is passed through.
    pub(super) fn junctions(&self) -> impl Iterator<Item = u32> + use<> {
        [self.nodes[1], self.nodes[self.nodes.len() - 2]].into_iter()
    }
}

/// All restrictions that can be made out. Left out, as their meaning cannot be told: members that are not in the
/// extract, or that do not touch each other at their ends.
pub(super) fn resolve(extract: &Extract) -> Vec<Restriction> {
    let mut resolved = Vec::new();
    for restriction in &extract.restrictions {
        for &from in &restriction.from {
            for &to in &restriction.to {
                resolve_one(extract, restriction, from, to, &mut resolved);
            }
        }
    }
    resolved
}

fn resolve_one(extract: &Extract, restriction: &RawRestriction, from: i64, to: i64, resolved: &mut Vec<Restriction>) {
    let (Some(from), Some(to)) = (way(extract, from), way(extract, to)) else {
        return;
    };
    let middles = match &restriction.via {
        Via::Node(node) => vec![vec![*node]],
        Via::Ways(ways) => {
            let ways: Option<Vec<_>> = ways.iter().map(|&id| way(extract, id)).collect();
            let Some(ways) = ways else {
                return;
            };
            let backwards: Vec<_> = ways.iter().rev().copied().collect();
            let mut middles = joined(&ways);
            if ways.len() > 1 {
                middles.extend(joined(&backwards));
            }
            middles
        }
    };
    for middle in middles {
        let (first, last) = (middle[0], middle[middle.len() - 1]);
        for before in beside(from, first) {
            for after in beside(to, last) {
                let nodes = [&[before], middle.as_slice(), &[after]].concat();
                if !nodes.contains(&MISSING) {
                    resolved.push(Restriction { is_only: restriction.is_only, nodes });
                }
            }
        }
    }
}

fn way(extract: &Extract, id: i64) -> Option<&[u32]> {
    let way = &extract.ways[extract.ways.binary_search_by_key(&id, |way| way.id).ok()?];
    (way.ref_count >= 2).then(|| &extract.refs[way.first_ref..][..way.ref_count])
}

/// The nodes next to an end of a way.
fn beside(way: &[u32], end: u32) -> Vec<u32> {
    let mut found = Vec::new();
    if way[0] == end {
        found.push(way[1]);
    }
    if way[way.len() - 1] == end {
        found.push(way[way.len() - 2]);
    }
    found
}

/// The nodes of ways that follow each other, in both directions where there is one way only.
fn joined(ways: &[&[u32]]) -> Vec<Vec<u32>> {
    let Some((first, rest)) = ways.split_first() else {
        return Vec::new();
    };
    let mut chains = vec![first.to_vec(), first.iter().rev().copied().collect()];
    chains.retain_mut(|chain| {
        for way in rest {
            let last = chain[chain.len() - 1];
            if way[0] == last {
                chain.extend(&way[1..]);
            } else if way[way.len() - 1] == last {
                chain.extend(way[..way.len() - 1].iter().rev());
            } else {
                return false;
            }
        }
        chain[0] != chain[chain.len() - 1]
    });
    chains
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_joined_whatever_direction_they_are_drawn_in() {
        assert_eq!(joined(&[&[1, 2], &[5, 3, 2]]), [[1, 2, 3, 5]]);
        assert_eq!(joined(&[&[1, 2]]), [[1, 2], [2, 1]]);
        assert_eq!(joined(&[&[1, 2], &[7, 8]]), Vec::<Vec<u32>>::new());
    }

    #[test]
    fn closed_way_has_two_neighbours_of_its_end() {
        assert_eq!(beside(&[1, 2, 3, 1], 1), [2, 3]);
        assert_eq!(beside(&[1, 2, 3], 2), Vec::<u32>::new());
    }
}
