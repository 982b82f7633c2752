//! Random graphs, sound and damaged, against the plain search.

use proptest::prelude::*;
use routemate_units::StopToken;

use super::*;
use crate::file::{Arc, View};
use crate::search::{Climber, Cost, Dijkstra, End, Pool, Search, Trip};
use crate::tree::TreeView;

/// Edges and turns without a place on the map.
#[derive(Debug)]
struct Town {
    edges: Vec<Edge>,
    turns: Turns,
}

/// Small numbers, so that there are ties of all kinds, and zeros.
fn towns() -> impl Strategy<Value = Town> {
    (1_usize..30, 0_usize..5).prop_flat_map(|(plain, copies)| {
        let edge = (0..5_u32, 0..3_u32, 0..4_u32);
        let arc = (0..plain + copies, 0..plain + copies, 0..3_u16, 0..3_u16);
        let edges = prop::collection::vec(edge, plain);
        let arcs = prop::collection::vec(arc, 0..3 * (plain + copies));
        let originals = prop::collection::vec(0..plain as u32, copies);
        (edges, arcs, originals).prop_map(move |(edges, mut arcs, mut originals)| {
            originals.sort_unstable();
            let mut edges: Vec<Edge> = edges
                .into_iter()
                .map(|(weight_ds, duration_ds, length_cm)| Edge {
                    weight_ds,
                    duration_ds,
                    length_cm,
                    ..Edge::default()
                })
                .collect();
            for &original in &originals {
                edges.push(edges[original as usize]);
            }
            arcs.sort_unstable();
            let first = (0..=edges.len()).map(|edge| arcs.partition_point(|arc| arc.0 < edge) as u32).collect();
            let arcs =
                arcs.into_iter().map(|(_, to, weight_ds, duration_ds)| Arc { to: to as u32, weight_ds, duration_ds });
            Town { turns: Turns { first, arcs: arcs.collect(), copies: originals }, edges }
        })
    })
}

impl Town {
    fn view<'v>(&'v self, hierarchy: &'v Hierarchy) -> View<'v> {
        View {
            points: &[],
            pieces: &[],
            segments: &[],
            edges: &self.edges,
            first_arcs: &self.turns.first,
            arcs: &self.turns.arcs,
            roads: &[],
            name_ends: &[],
            name_text: &[],
            copies: &self.turns.copies,
            tree: TreeView::new(&[], &[]),
            order: &hierarchy.order,
            ranks: &hierarchy.ranks,
            steps: &hierarchy.steps,
            climbs: &hierarchy.climbs,
            middles: &hierarchy.middles,
        }
    }

    /// The place at this share of an edge that is no copy.
    fn end(&self, edge: usize, share: f64) -> End {
        let number = edge % (self.edges.len() - self.turns.copies.len());
        let whole = Cost::of_edge(&self.edges[number]);
        let part = |all: i64| (all as f64 * share).round() as i64;
        let before = Cost { weight: part(whole.weight), duration: part(whole.duration), length: part(whole.length) };
        End { edge: number as u32, before }
    }

    /// What it takes to drive along these edges, if the turns allow it.
    fn cost(&self, trip: &Trip, from: &[End], to: &[End]) -> Option<Cost> {
        let copied = |edge: u32| {
            let plain = self.edges.len() - self.turns.copies.len();
            (edge as usize).checked_sub(plain).map_or(edge, |copy| self.turns.copies[copy])
        };
        let start = from.iter().find(|end| end.edge == trip.edges[0])?;
        let end = to.iter().find(|end| Some(end.edge) == trip.edges.last().map(|edge| copied(*edge)))?;
        let mut cost = end.before.minus(start.before);
        for pair in trip.edges.windows(2) {
            let (first, until) = (self.turns.first[pair[0] as usize], self.turns.first[pair[0] as usize + 1]);
            let arcs = &self.turns.arcs[first as usize..until as usize];
            let turn = arcs.iter().filter(|arc| arc.to == pair[1]).map(|arc| (arc.weight_ds, arc.duration_ds)).min()?;
            cost = cost.plus(Cost::of_edge(&self.edges[pair[0] as usize])).plus(Cost {
                weight: turn.0.into(),
                duration: turn.1.into(),
                length: 0,
            });
        }
        Some(cost.max_each(Cost::default()))
    }
}

/// Places with one direction or two.
fn places() -> impl Strategy<Value = Vec<Vec<(usize, f64)>>> {
    prop::collection::vec(prop::collection::vec((0..100_usize, 0.0..=1.0_f64), 1..3), 0..20)
}

/// No place is on an edge twice.
fn ends(town: &Town, places: &[Vec<(usize, f64)>]) -> Vec<Vec<End>> {
    let ends = |place: &Vec<(usize, f64)>| {
        let mut ends: Vec<End> = place.iter().map(|&(edge, share)| town.end(edge, share)).collect();
        ends.dedup_by_key(|end| end.edge);
        ends
    };
    places.iter().map(ends).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn hierarchy_answers_like_the_plain_search(town in towns(), from in places(), to in places()) {
        let hierarchy = Hierarchy::of(&town.edges, &town.turns).unwrap();
        let view = town.view(&hierarchy);
        let (pool, stop) = (Pool::default(), StopToken::never());
        let (climber, plain) = (Climber::new(view, &pool), Dijkstra(view));
        let (from, to) = (ends(&town, &from), ends(&town, &to));
        let expected: Vec<Option<Cost>> = plain.costs(&from, &to, &stop).unwrap();
        let found: Vec<Option<Cost>> = climber.costs(&from, &to, &stop).unwrap();
        prop_assert_eq!(&found, &expected);
        let pairs = from.iter().flat_map(|from| to.iter().map(move |to| (from, to)));
        for ((from, to), expected) in pairs.zip(expected) {
            let trip = climber.trip(from, to, &stop).unwrap();
            prop_assert_eq!(trip.as_ref().map(|trip| trip.cost), expected);
            if let Some(trip) = trip {
                prop_assert_eq!(town.cost(&trip, from, to), expected, "{:?}", trip);
            }
        }
    }

    #[test]
    fn way_over_a_place_is_no_shorter_than_the_best(town in towns(), over in prop::collection::vec((0..100_usize, 0.0..=1.0_f64), 3)) {
        let town = Town { turns: Turns { copies: Vec::new(), ..town.turns }, ..town };
        let hierarchy = Hierarchy::of(&town.edges, &town.turns).unwrap();
        let pool = Pool::default();
        let places = ends(&town, &over.iter().map(|place| vec![*place]).collect::<Vec<_>>());
        let climber = Climber::new(town.view(&hierarchy), &pool);
        let costs: Vec<Option<Cost>> = climber.costs(&places, &places, &StopToken::never()).unwrap();
        if let (Some(first), Some(second)) = (costs[1], costs[5]) {
            prop_assert!(costs[2].is_some_and(|whole| whole.weight <= first.plus(second).weight));
        }
    }

    #[test]
    fn damaged_hierarchy_neither_panics_nor_goes_on_for_ever(
        town in towns(),
        from in places(),
        to in places(),
        damage in prop::collection::vec((0..9_usize, any::<prop::sample::Index>(), prop_oneof![0..40_u32, any::<u32>()]), 1..60),
    ) {
        let mut hierarchy = Hierarchy::of(&town.edges, &town.turns).unwrap();
        for (what, at, value) in damage {
            let Hierarchy { order, ranks, steps, climbs, middles } = &mut hierarchy;
            let (edge, step) = (at.index(town.edges.len()), at.index(town.edges.len() + 1));
            let climb = if climbs.is_empty() { 0 } else { at.index(climbs.len()) };
            match what {
                0 => order[edge] = value,
                1 => ranks[edge] = value,
                2 => steps[step].forward = value,
                3 => steps[step].backward = value,
                _ if climbs.is_empty() => {}
                4 => climbs[climb].to = value,
                5 => climbs[climb].weight_ds = value,
                6 => climbs[climb].duration_ds = value,
                7 => climbs[climb].length_cm = value,
                _ => middles[climb] = value,
            }
        }
        let (pool, stop) = (Pool::default(), StopToken::never());
        let climber = Climber::new(town.view(&hierarchy), &pool);
        let (from, to) = (ends(&town, &from), ends(&town, &to));
        let _: Vec<Option<Cost>> = climber.costs(&from, &to, &stop).unwrap();
        for (from, to) in from.iter().zip(&to) {
            let trip = climber.trip(from, to, &stop).unwrap();
            prop_assert!(trip.is_none_or(|trip| trip.edges.len() <= 2 * town.edges.len() + 2));
        }
    }
}
