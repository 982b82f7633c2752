use std::cmp::Ordering;

use routemate_domain::{Priority, Stop};

/// What a minute of lateness weighs at each stop: 1 at the least important ones, and at each more important rank four
/// times as much, or less where the ranks are many.
pub(super) fn weights(stops: &[Stop]) -> Vec<u16> {
    let mut ranks: Vec<Priority> = stops.iter().map(|stop| stop.priority).collect();
    ranks.sort_by(|a, b| a.importance_order(*b));
    ranks.dedup_by(|a, b| a.importance_order(*b) == Ordering::Equal);
    let top = ranks.len().saturating_sub(1);
    let bits_per_rank = if top == 0 { 0.0 } else { (15.0 / top as f64).min(2.0) };
    let weight = |rank: usize| (rank as f64 * bits_per_rank).exp2().round() as u16;
    stops
        .iter()
        .map(|stop| {
            let rank = ranks.partition_point(|rank| rank.importance_order(stop.priority) == Ordering::Less);
            weight(rank).max(1)
        })
        .collect()
}
