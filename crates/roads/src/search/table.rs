//! Many ways at once by the hierarchy.
//!
//! All edges from which a target can be reached downward are gathered once, with their climbs. Sources are then taken
//! by groups of neighbours: upward from all of a group, to no edge that none of them reaches, and downward over all
//! that was gathered. Both go in the order of ranks, without a queue, and do the same for every source of the group.
//!
//! Source: D. Delling, A. V. Goldberg, R. F. Werneck, "Faster Batched Shortest Paths in Road Networks", ATMOS 2011
//! (restricted PHAST), with searches upward restricted in the same way.

use std::sync::{Mutex, PoisonError};

use routemate_units::StopToken;

use super::route::{BACKWARD, FORWARD};
use super::{Climber, Cost, End, Key, Stopped, direct};
use crate::file::{Climb, NONE};

/// Sources that are taken at once.
const LANES: usize = 8;

type Lanes = [Key; LANES];

/// Edges by rank, in ascending order, each as soon as it is known that there are no more below it.
#[derive(Debug, Default)]
struct Marks {
    words: Vec<u64>,
}

impl Marks {
    fn start(&mut self, count: usize) {
        self.words.clear();
        self.words.resize(count.div_ceil(64), 0);
    }

    /// Whether it was not marked before.
    fn mark(&mut self, rank: u32) -> bool {
        let bit = 1 << (rank % 64);
        match self.words.get_mut((rank / 64) as usize) {
            Some(word) if *word & bit == 0 => {
                *word |= bit;
                true
            }
            _ => false,
        }
    }

    /// Takes out the least mark from this word on.
    fn take(&mut self, from_word: &mut usize) -> Option<u32> {
        loop {
            let word = self.words.get_mut(*from_word)?;
            if *word == 0 {
                *from_word += 1;
                continue;
            }
            let bit = word.trailing_zeros();
            *word &= *word - 1;
            return Some((*from_word * 64) as u32 + bit);
        }
    }
}

/// What is below the targets, from the most important edge to the least.
#[derive(Debug, Default)]
struct Below {
    /// Of each edge: where its climbs end.
    ends: Vec<u32>,
    /// From above, with the place of the edge above in this order instead of its rank.
    climbs: Vec<Climb>,
    /// By rank: the place in this order.
    places: Vec<u32>,
    /// The ranks in it.
    ranks: Vec<u32>,
}

/// Memory for the groups of a table.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    marks: Marks,
    /// Labels of the edges above a group.
    upward: Vec<Lanes>,
    /// By rank: which of them is its own. Means nothing where there is no mark.
    slots: Vec<u32>,
    /// By place below the targets: the same; [`NONE`] for none.
    entries: Vec<u32>,
    downward: Vec<Lanes>,
}

/// The ends of targets.
struct Goals {
    /// Place below, and the cost from there.
    ends: Vec<(u32, Key)>,
    /// Of target t: from `first[t]` to `first[t + 1]`.
    first: Vec<u32>,
    /// Edge and target, sorted: which targets are on an edge.
    by_edge: Vec<(u32, u32)>,
}

/// Some sources, with their rows of the answer.
type Group<'g, T> = Vec<(&'g [End], &'g mut [Option<T>])>;

impl Climber<'_> {
    pub(super) fn table<T: From<Cost> + Copy + Send>(
        &self,
        from: &[Vec<End>],
        to: &[Vec<End>],
        stop: &StopToken,
    ) -> Result<Vec<Option<T>>, Stopped> {
        let mut cells = vec![None; from.len() * to.len()];
        if stop.is_stopped() {
            return Err(Stopped);
        }
        if cells.is_empty() {
            return Ok(cells);
        }
        let (below, goals) = self.gather(to);
        let mut rows: Vec<_> = from.iter().map(Vec::as_slice).zip(cells.chunks_mut(to.len())).collect();
        // Edges are numbered along a curve over the map: what is near in this order shares most of its way up.
        rows.sort_by_key(|(ends, _)| ends.first().map(|end| end.edge));
        let mut groups = Vec::with_capacity(rows.len().div_ceil(LANES));
        while !rows.is_empty() {
            groups.push(rows.split_off(rows.len().saturating_sub(LANES)));
        }
        let groups = Mutex::new(groups);
        let work = || {
            self.pool.with(|scratch| {
                loop {
                    let Some(group) = groups.lock().unwrap_or_else(PoisonError::into_inner).pop() else {
                        return Ok(());
                    };
                    if stop.is_stopped() {
                        return Err(Stopped);
                    }
                    self.climb_from(&group, &below, &mut scratch.sweep);
                    scratch.sweep.descend(&below);
                    scratch.sweep.answer(group, to, &goals);
                }
            })
        };
        work()?;
        Ok(cells)
    }

    /// All edges that lead down to targets.
    fn gather(&self, to: &[Vec<End>]) -> (Below, Goals) {
        let count = self.view.edges.len();
        let mut below = Below::default();
        let mut goals = Goals { ends: Vec::new(), first: vec![0], by_edge: Vec::new() };
        let mut marks = Marks::default();
        marks.start(count);
        for (number, ends) in to.iter().enumerate() {
            goals.by_edge.extend(ends.iter().map(|end| (end.edge, number as u32)));
            for (rank, key) in self.goals(ends) {
                goals.ends.push((rank, key));
                marks.mark(rank);
            }
            goals.first.push(goals.ends.len() as u32);
        }
        goals.by_edge.sort_unstable();
        let mut word = 0;
        while let Some(rank) = marks.take(&mut word) {
            below.ranks.push(rank);
            for climb in self.climbs(rank, BACKWARD) {
                if climb.to > rank {
                    marks.mark(climb.to);
                }
            }
        }
        below.ranks.reverse();
        below.places = vec![NONE; count];
        for (place, &rank) in below.ranks.iter().enumerate() {
            if let Some(slot) = below.places.get_mut(rank as usize) {
                *slot = place as u32;
            }
            for climb in self.climbs(rank, BACKWARD) {
                let above = below.places.get(climb.to as usize).copied().filter(|_| climb.to > rank);
                below.climbs.extend(above.map(|to| Climb { to, ..*climb }));
            }
            below.ends.push(below.climbs.len() as u32);
        }
        for (rank, _) in &mut goals.ends {
            *rank = below.places.get(*rank as usize).copied().unwrap_or(NONE);
        }
        (below, goals)
    }

    fn climbs(&self, rank: u32, direction: usize) -> &[Climb] {
        let [forward, backward] = self.view.climb_ranges(rank);
        self.view.climbs.get(if direction == FORWARD { forward } else { backward }).unwrap_or_default()
    }

    /// Labels all edges above a group, and tells which of them are above targets.
    fn climb_from<T>(&self, group: &Group<'_, T>, below: &Below, sweep: &mut Sweep) {
        let count = self.view.edges.len();
        let Sweep { marks, upward, slots, entries, .. } = sweep;
        marks.start(count);
        slots.resize(count, NONE);
        upward.clear();
        entries.clear();
        entries.resize(below.ranks.len(), NONE);
        for (lane, (ends, _)) in group.iter().enumerate() {
            for (rank, key, _) in self.starts(ends) {
                let label = offered(rank, marks, upward, slots);
                if let Some(label) = label.and_then(|label| label.get_mut(lane)) {
                    *label = key.min(*label);
                }
            }
        }
        let mut word = 0;
        while let Some(rank) = marks.take(&mut word) {
            let Some(&slot) = slots.get(rank as usize) else { continue };
            let Some(&own) = upward.get(slot as usize) else { continue };
            if let Some(entry) = below.places.get(rank as usize).and_then(|place| entries.get_mut(*place as usize)) {
                *entry = slot;
            }
            for climb in self.climbs(rank, FORWARD) {
                if climb.to <= rank {
                    continue;
                }
                let key = climb.key();
                for (label, own) in offered(climb.to, marks, upward, slots).into_iter().flatten().zip(own) {
                    *label = own.plus(key).min(*label);
                }
            }
        }
    }
}

/// The labels of an edge, which it has from the time when it is marked.
fn offered<'s>(rank: u32, marks: &mut Marks, upward: &'s mut Vec<Lanes>, slots: &mut [u32]) -> Option<&'s mut Lanes> {
    let slot = slots.get_mut(rank as usize)?;
    if marks.mark(rank) {
        *slot = upward.len() as u32;
        upward.push([Key::UNREACHED; LANES]);
    }
    upward.get_mut(*slot as usize)
}

impl Sweep {
    /// Carries the labels down to the targets.
    fn descend(&mut self, below: &Below) {
        self.downward.clear();
        self.downward.reserve(below.ranks.len());
        let mut first = 0;
        for (&end, &entry) in below.ends.iter().zip(&self.entries) {
            let mut own = self.upward.get(entry as usize).copied().unwrap_or([Key::UNREACHED; LANES]);
            for climb in below.climbs.get(first as usize..end as usize).unwrap_or_default() {
                let key = climb.key();
                let Some(above) = self.downward.get(climb.to as usize) else { continue };
                for (own, above) in own.iter_mut().zip(above) {
                    *own = above.plus(key).min(*own);
                }
            }
            self.downward.push(own);
            first = end;
        }
    }

    fn answer<T: From<Cost> + Copy>(&self, mut group: Group<'_, T>, to: &[Vec<End>], goals: &Goals) {
        let mut straight = goals.straight(&group, to).into_iter().peekable();
        for (target, range) in goals.first.windows(2).enumerate() {
            let &[first, end] = range else { continue };
            let mut best = [Key::UNREACHED; LANES];
            for (place, key) in goals.ends.get(first as usize..end as usize).unwrap_or_default() {
                let Some(labels) = self.downward.get(*place as usize) else { continue };
                for (best, label) in best.iter_mut().zip(labels) {
                    *best = label.plus(*key).min(*best);
                }
            }
            while let Some((_, lane, key)) = straight.next_if(|(other, ..)| *other as usize == target) {
                if let Some(best) = best.get_mut(lane) {
                    *best = key.min(*best);
                }
            }
            for ((_, row), best) in group.iter_mut().zip(best) {
                if let Some(cell) = row.get_mut(target) {
                    *cell = best.cost().map(T::from);
                }
            }
        }
    }
}

impl Goals {
    /// The targets that are straight ahead of a source: target, source within the group, and cost.
    fn straight<T>(&self, group: &Group<'_, T>, to: &[Vec<End>]) -> Vec<(u32, usize, Key)> {
        let mut straight = Vec::new();
        for (lane, (from, _)) in group.iter().enumerate() {
            for end in *from {
                let begin = self.by_edge.partition_point(|(edge, _)| *edge < end.edge);
                let here = self.by_edge.iter().skip(begin).take_while(|(edge, _)| *edge == end.edge);
                straight.extend(here.filter_map(|&(_, target)| {
                    let (cost, _) = direct(from, to.get(target as usize)?)?;
                    Some((target, lane, Key::of(cost)))
                }));
            }
        }
        straight.sort_unstable();
        straight
    }
}
