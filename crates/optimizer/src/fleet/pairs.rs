//! The cheapest places for a pickup and its delivery in one tour.
#![expect(clippy::indexing_slicing, reason = "places are below the number of arcs of their tour")]

use crate::fleet::insertion::{Place, Terms, is_intricate, leaving, rest_fits};
use crate::fleet::model::{FORBIDDEN, FOREVER, Model, Vehicle};
use crate::fleet::route::Route;
use crate::fleet::times::{Clock, MOST_STATES, drive, meets, serve};

/// Lists that are used again and again.
#[derive(Debug, Default)]
pub(crate) struct PairScratch {
    /// What the delivery adds after each node.
    added: Vec<i64>,
    /// The least of it from there on.
    least: Vec<i64>,
}

/// The cheapest places that together cost less than `limit`. O(m²) in the visits of the tour, most of it skipped by cost.
pub(crate) fn cheapest_pair(
    model: &Model,
    vehicle: &Vehicle,
    route: &Route,
    (first, second): (usize, usize),
    limit: i64,
    terms: &mut Terms<'_>,
    scratch: &mut PairScratch,
) -> Option<Place> {
    if route.visits() + 2 > vehicle.part.max_visits {
        return None;
    }
    let search = PairSearch { model, vehicle, route, first, second };
    if vehicle.breaks.is_empty() {
        search.run::<1>(limit, terms, scratch)
    } else {
        search.run::<MOST_STATES>(limit, terms, scratch)
    }
}

/// The costs of coming to a visit and going on.
struct Way<'m> {
    visit: usize,
    onward: &'m [u32],
    back: Option<&'m [u32]>,
}

impl<'m> Way<'m> {
    fn of(model: &'m Model, visit: usize) -> Self {
        Self { visit, onward: model.onward(visit), back: model.back(visit) }
    }

    #[inline]
    fn onward(&self, to: usize) -> i64 {
        i64::from(self.onward[to])
    }

    #[inline]
    fn back(&self, model: &Model, from: usize) -> i64 {
        i64::from(self.back.map_or_else(|| model.cost(from, self.visit), |back| back[from]))
    }
}

struct PairSearch<'a> {
    model: &'a Model,
    vehicle: &'a Vehicle,
    route: &'a Route,
    first: usize,
    second: usize,
}

impl PairSearch<'_> {
    fn run<const K: usize>(&self, limit: i64, terms: &mut Terms<'_>, scratch: &mut PairScratch) -> Option<Place> {
        let (model, route, breaks) = (self.model, self.route, self.vehicle.breaks.as_slice());
        let states = breaks.len() + 1;
        let lowest = self.vehicle.part.head.len();
        let highest = route.nodes.len() - 2 - usize::from(self.vehicle.part.tail.is_some());
        scratch.added.clear();
        let [first_way, second_way] = [self.first, self.second].map(|visit| Way::of(model, visit));
        let added = |way: &Way<'_>, after: usize| {
            let (from, to) = (route.nodes[after] as usize, route.nodes[after + 1] as usize);
            way.back(model, from) + way.onward(to) - i64::from(route.arcs[after])
        };
        scratch.added.extend((0..=highest).map(|after| added(&second_way, after)));
        scratch.least.clear();
        scratch.least.resize(highest + 2, i64::MAX / 4);
        for after in (lowest..=highest).rev() {
            scratch.least[after] = scratch.least[after + 1].min(scratch.added[after]);
        }
        let between = first_way.onward(self.second);
        let stop = &model.stops[self.first];
        let (closes, earliest_leave) = (stop.closes, stop.opens + stop.service);
        let second_closes = model.stops[self.second].closes;
        let mut best = limit;
        let mut found = None;
        for after in lowest..=highest {
            let (from, to) = (route.nodes[after] as usize, route.nodes[after + 1] as usize);
            if K == 1 {
                if route.leaving[after] > closes {
                    break;
                }
                if route.latest[after + 1] < earliest_leave {
                    continue;
                }
            }
            let own = added(&first_way, after);
            // Directly one after the other, the two may cost less than what each costs alone.
            let together = first_way.back(model, from) + between + second_way.onward(to) - i64::from(route.arcs[after]);
            if own + scratch.least[after + 1] >= best && together >= best {
                continue;
            }
            if self.is_forbidden(from, self.first) || !self.carries(after, after) {
                continue;
            }
            let ready = drive(breaks, &leaving::<K>(route, after, states), model.time(from, self.first));
            let mut clock: Clock<K> = serve(model, self.first, &ready);
            if clock.iter().all(|&leave| leave >= FOREVER) {
                continue;
            }
            if together < best
                && self.delivers(&clock, self.first, after)
                && !terms.blinks()
                && let Some(added) = self.whole_cost(after, after, together, terms, best)
            {
                best = added;
                found = Some((after, after));
            }
            if self.is_forbidden(self.first, to) {
                continue;
            }
            let mut here = self.first;
            for next in after + 1..=highest {
                if own + scratch.least[next] >= best {
                    break;
                }
                let node = route.nodes[next] as usize;
                let ready = drive(breaks, &clock, model.time(here, node));
                if !meets(&ready, &route.latest[next * states..(next + 1) * states]) || !self.carries(after, next) {
                    break;
                }
                clock = serve(model, node, &ready);
                here = node;
                if K == 1 && clock[0] > second_closes {
                    break;
                }
                let added = own + scratch.added[next];
                if added < best
                    && self.is_near_enough(after, next)
                    && self.delivers(&clock, node, next)
                    && !terms.blinks()
                    && let Some(added) = self.whole_cost(after, next, added, terms, best)
                {
                    best = added;
                    found = Some((after, next));
                }
            }
        }
        found.map(|(after, second_after)| Place { added: best, after, second_after })
    }

    /// The cost with lateness, where that is less than `best` and the duration is kept.
    fn whole_cost(&self, after: usize, second_after: usize, added: i64, terms: &Terms<'_>, best: i64) -> Option<i64> {
        let mut added = added;
        let visits = [(after, self.first), (second_after, self.second)];
        let fits = !is_intricate(self.model, self.vehicle)
            || rest_fits(self.model, self.vehicle, self.route, &visits, terms, &mut added, best);
        fits.then_some(added)
    }

    fn is_forbidden(&self, from: usize, to: usize) -> bool {
        self.model.has_forbidden && self.model.cost(from, to) == FORBIDDEN
    }

    /// Whether the delivery fits after node `after`, which `here` is left for at these times.
    fn delivers<const K: usize>(&self, clock: &Clock<K>, here: usize, after: usize) -> bool {
        let to = self.route.nodes[after + 1] as usize;
        if self.is_forbidden(here, self.second) || self.is_forbidden(self.second, to) {
            return false;
        }
        if !self.unloads(after) || (here == self.first && !self.is_near_enough(after, after)) {
            return false;
        }
        let (breaks, states) = (self.vehicle.breaks.as_slice(), self.vehicle.breaks.len() + 1);
        let ready = drive(breaks, clock, self.model.time(here, self.second));
        let clock: Clock<K> = serve(self.model, self.second, &ready);
        let ready = drive(breaks, &clock, self.model.time(self.second, to));
        meets(&ready, &self.route.latest[(after + 1) * states..(after + 2) * states])
    }

    fn is_near_enough(&self, after: usize, second_after: usize) -> bool {
        let most = self.vehicle.part.max_distance;
        if most >= FOREVER {
            return true;
        }
        let node = |place: usize| self.route.nodes[place] as usize;
        let way = |from, to| self.model.distance(from, to);
        let direct = |place| if self.route.visits() == 0 { 0 } else { way(node(place), node(place + 1)) };
        let around = |place: usize, visit| way(node(place), visit) + way(visit, node(place + 1)) - direct(place);
        let added = if after == second_after {
            way(node(after), self.first) + way(self.first, self.second) + way(self.second, node(after + 1))
                - direct(after)
        } else {
            around(after, self.first) + around(second_after, self.second)
        };
        self.route.distance + added <= most
    }

    /// Whether the loads allow the pickup after `after`, and what it brings to be still on board after `place`.
    fn carries(&self, after: usize, place: usize) -> bool {
        let dimensions = self.model.dimensions;
        let ((initial, change), (more_initial, _)) = (self.model.amounts(self.first), self.model.amounts(self.second));
        (0..dimensions).all(|at| {
            let capacity = self.vehicle.capacity[at];
            let outset = initial[at] + more_initial[at];
            let load = self.route.loads[place * dimensions + at];
            self.route.before[after * dimensions + at] + outset <= capacity && load + outset + change[at] <= capacity
        })
    }

    /// Whether the loads allow the delivery after `place`.
    fn unloads(&self, place: usize) -> bool {
        let dimensions = self.model.dimensions;
        let ((initial, change), (more_initial, more_change)) =
            (self.model.amounts(self.first), self.model.amounts(self.second));
        (0..dimensions).all(|at| {
            let end = initial[at] + more_initial[at] + change[at] + more_change[at];
            self.route.after[place * dimensions + at] + end <= self.vehicle.capacity[at]
        })
    }
}
