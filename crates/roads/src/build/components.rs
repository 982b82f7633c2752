//! Which edges can be reached from each other.
#![expect(clippy::indexing_slicing, reason = "indices are made here, from the vectors they index")]

use crate::file::Edge;

use super::turns::Turns;

/// A part of at least so many edges is worth driving to. OSRM draws the line at the same size. On maps where nothing is
/// that large, half of the largest part will do: of two small islands neither is a slip in the map of the other.
const LARGE: u32 = 1000;

/// Numbers the strongly connected components in `Edge::component`, and marks those that are large.
///
/// Source: R. E. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Computing 1 (1972), without recursion.
pub(super) fn mark(edges: &mut [Edge], turns: &Turns) {
    const UNSEEN: u32 = u32::MAX;
    let mut index = vec![UNSEEN; edges.len()];
    let mut low = vec![0_u32; edges.len()];
    let mut is_open = vec![false; edges.len()];
    let mut open = Vec::new();
    let mut sizes: Vec<u32> = Vec::new();
    let mut next_index = 0;
    let mut path: Vec<(usize, u32)> = Vec::new();
    for root in 0..edges.len() {
        if index[root] == UNSEEN {
            path.push((root, turns.first[root]));
        }
        while let Some((edge, arc)) = path.pop() {
            if index[edge] == UNSEEN {
                index[edge] = next_index;
                low[edge] = next_index;
                next_index += 1;
                open.push(edge);
                is_open[edge] = true;
            }
            if arc < turns.first[edge + 1] {
                path.push((edge, arc + 1));
                let to = turns.arcs[arc as usize].to as usize;
                if index[to] == UNSEEN {
                    path.push((to, turns.first[to]));
                } else if is_open[to] {
                    low[edge] = low[edge].min(index[to]);
                }
                continue;
            }
            if low[edge] == index[edge] {
                let mut size = 0;
                while let Some(member) = open.pop() {
                    is_open[member] = false;
                    edges[member].component = sizes.len() as u32;
                    size += 1;
                    if member == edge {
                        break;
                    }
                }
                sizes.push(size);
            }
            if let Some(&(parent, _)) = path.last() {
                low[parent] = low[parent].min(low[edge]);
            }
        }
    }
    let largest = sizes.iter().copied().max().unwrap_or(0);
    for edge in edges {
        let size = sizes[edge.component as usize];
        if size >= LARGE.min(largest.div_ceil(2)) {
            edge.component |= Edge::LARGE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::Arc;

    #[test]
    fn ring_is_one_component_and_its_exit_another() {
        // 0 → 1 → 2 → 0, and 2 → 3.
        let arc = |to| Arc { to, weight_ds: 0, duration_ds: 0 };
        let turns =
            Turns { first: vec![0, 1, 2, 4, 4], arcs: vec![arc(1), arc(2), arc(0), arc(3)], copies: Vec::new() };
        let mut edges = vec![Edge::default(); 4];
        mark(&mut edges, &turns);
        assert!(edges[..3].iter().all(|edge| edge.component == edges[0].component && edge.is_large()));
        assert_ne!(edges[3].component(), edges[0].component());
        assert!(!edges[3].is_large());
    }
}
