//! Several independent searches of one problem, of which the best answer counts.

use crate::model::Model;
use crate::pace::Pace;
use crate::random::Random;
use crate::search::Found;

/// Searches once for each island of the budget, each with a seed of its own, and keeps the best path, among equals that of
/// the first island. All rounds count. `None` where no island found any.
pub(crate) fn search_islands(
    model: &Model,
    pace: &Pace<'_>,
    seed: u64,
    search: impl Fn(&Pace<'_>, u64) -> Option<Found> + Sync,
) -> Option<Found> {
    let islands = pace.islands().max(1);
    if islands == 1 {
        return search(pace, seed);
    }
    let mut random = Random::from_seed(seed);
    // The first searches as if it were alone.
    let seeds: Vec<u64> = [seed].into_iter().chain(std::iter::repeat_with(|| random.next())).take(islands).collect();
    let found = on_all(&seeds, pace, search);
    let rounds = found.iter().flatten().map(|found| found.rounds).sum();
    let best = found.into_iter().flatten().min_by_key(|found| model.score(&found.path))?;
    Some(Found { rounds, ..best })
}

#[cfg(feature = "rayon")]
fn on_all(
    seeds: &[u64],
    pace: &Pace<'_>,
    search: impl Fn(&Pace<'_>, u64) -> Option<Found> + Sync,
) -> Vec<Option<Found>> {
    use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
    // Where there are fewer threads than islands, these share the time in turns.
    let threads = rayon::current_num_threads().max(1);
    let turns = seeds.len().div_ceil(threads);
    seeds.par_iter().enumerate().map(|(island, &seed)| search(&pace.turn(island / threads, turns), seed)).collect()
}

#[cfg(not(feature = "rayon"))]
fn on_all(
    seeds: &[u64],
    pace: &Pace<'_>,
    search: impl Fn(&Pace<'_>, u64) -> Option<Found> + Sync,
) -> Vec<Option<Found>> {
    seeds.iter().enumerate().map(|(island, &seed)| search(&pace.turn(island, seeds.len()), seed)).collect()
}
