//! What a tour becomes with something put into it: judged in constant time where nobody gets late, walked where it must be.
#![expect(clippy::indexing_slicing, reason = "places are at most the number of visits, groups have one or two")]

use crate::alternatives::hours::{Clock, deadline};
use crate::alternatives::route::{Detour, Route, Spot, Steps, Ways};
use crate::answer::drive::{Drive, Obstacle, drive};
use crate::answer::places::Places;
use crate::costs::Costs;
use crate::model::Timing;
use crate::problem::Problem;
use crate::solution::Limit;
use crate::vehicle::{Departure, Vehicle, VehicleId};

/// What is added to lateness × importance, to the total and to the other of duration and distance; in this order.
pub(super) type Rank = (i64, i64, i64);

/// One group, a visit or a shipment with both its ends, tried in one tour that does not have it.
pub(super) struct Trial<'a, C: Costs> {
    pub(super) problem: &'a Problem<'a, C>,
    pub(super) timing: &'a Timing,
    pub(super) places: &'a Places,
    pub(super) route: &'a Route,
    pub(super) group: &'a [usize],
}

impl<C: Costs> Trial<'_, C> {
    fn vehicle(&self) -> &Vehicle {
        &self.problem.vehicles[self.route.id.index()]
    }

    /// The first and the last place of a visit, given what is fixed.
    fn range(&self, order: &[usize], visit: usize, added: usize) -> (usize, usize) {
        if self.places.is_fixed(visit) {
            let range = Places::range(self.problem, self.route.id, order, visit);
            return (*range.start(), *range.end());
        }
        let (lowest, highest) = self.route.inner;
        (lowest, highest + added)
    }

    /// Every spot, in order.
    pub(super) fn spots(&self) -> Vec<Spot> {
        let (first, second) = (self.group[0], self.group.get(1).copied());
        let (lowest, highest) = self.range(&self.route.order, first, 0);
        let mut spots = Vec::with_capacity((highest + 1).saturating_sub(lowest));
        for place in lowest..=highest {
            match second {
                None => spots.push(Spot { first: place, second: None }),
                Some(second) => {
                    let with_first = self.order_with(Spot { first: place, second: None });
                    let (lowest, highest) = self.range(&with_first, second, 1);
                    let seconds = lowest.max(place + 1)..=highest;
                    spots.extend(seconds.map(|second| Spot { first: place, second: Some(second - 1) }));
                }
            }
        }
        spots
    }

    /// The order with the group put in.
    pub(super) fn order_with(&self, spot: Spot) -> Vec<usize> {
        let (head, tail) = self.route.order.split_at(spot.first);
        let mut order = Vec::with_capacity(self.route.order.len() + 2);
        order.extend_from_slice(head);
        order.push(self.group[0]);
        match (spot.second, self.group.get(1)) {
            (Some(second), Some(&visit)) => {
                order.extend_from_slice(&tail[..second - spot.first]);
                order.push(visit);
                order.extend_from_slice(&tail[second - spot.first..]);
            }
            _ => order.extend_from_slice(tail),
        }
        order
    }

    /// The ways there and back; the second where the ends of a shipment lie apart.
    fn detours(&self, spot: Spot) -> Option<(Detour, Option<Detour>)> {
        match spot.second {
            Some(second) if second > spot.first => Some((
                self.route.detour(self.problem, spot.first, &self.group[..1])?,
                Some(self.route.detour(self.problem, second, &self.group[1..])?),
            )),
            _ => Some((self.route.detour(self.problem, spot.first, self.group)?, None)),
        }
    }

    /// What it takes in all, or what stands against it, times aside.
    fn untimed(&self, spot: Spot, detour: &Detour) -> Result<Drive, Obstacle> {
        if !self.route.has_room(self.problem, self.group, spot) {
            return Err(Obstacle::Limit(Limit::Capacity));
        }
        let (vehicle, before) = (self.vehicle(), self.route.drive);
        if vehicle.max_visits().is_some_and(|most| self.route.order.len() + self.group.len() > most) {
            return Err(Obstacle::Limit(Limit::Visits));
        }
        let distance = before.distance.saturating_add_signed(detour.distance);
        if vehicle.max_distance().is_some_and(|most| distance > most.get().into()) {
            return Err(Obstacle::Limit(Limit::Distance));
        }
        let added = detour.weigh(self.problem.objective).0 + i64::from(self.fixed_cost());
        Ok(Drive {
            cost: before.cost.saturating_add_signed(added),
            duration: before.duration.saturating_add_signed(detour.duration),
            distance,
            ..before
        })
    }

    fn fixed_cost(&self) -> u32 {
        if self.route.order.is_empty() { self.vehicle().fixed_cost() } else { 0 }
    }

    /// The tour with the group there, or what first stands against it; its span only where balance asks for it.
    /// O(n) at most where there is nothing to choose about times; else O(n) at least.
    pub(super) fn drive(&self, spot: Spot) -> Result<Drive, Obstacle> {
        let departs_at_once = self.vehicle().departure() == Departure::SoonestFinish && self.problem.balance == 0;
        match &self.route.steps {
            Some(steps) if departs_at_once && !self.route.order.is_empty() => {
                let (first, second) = self.detours(spot).ok_or(Obstacle::Unreachable)?;
                let whole = second.as_ref().map_or(first, |second| first.and(second));
                let untimed = self.untimed(spot, &whole)?;
                let (late, finish) = self.walk(steps, spot, &first, second.as_ref())?;
                Ok(Drive { late, finish, ..untimed })
            }
            _ => drive(self.problem, self.route.id, &self.order_with(spot)),
        }
    }

    /// Drives on from the spot until nothing is changed any more: lateness × importance and the finish.
    fn walk(&self, steps: &Steps, spot: Spot, first: &Detour, second: Option<&Detour>) -> Result<(u64, u32), Obstacle> {
        let mut walk = Walk { time: steps.leaves[spot.first], late: steps.late[spot.first] };
        walk.serve(self, self.group[0], first.into)?;
        let (mut place, mut way) = (spot.first, first.out);
        if let (Some(end), Some(detour)) = (spot.second, second) {
            while place < end {
                walk.serve(self, self.route.order[place], way)?;
                place += 1;
                way = self.route.travel(place);
            }
            walk.serve(self, self.group[1], detour.into)?;
            way = detour.out;
        } else if let Some(&delivery) = self.group.get(1) {
            walk.serve(self, delivery, first.between)?;
        }
        let count = self.route.order.len();
        while place < count {
            walk.serve(self, self.route.order[place], way)?;
            place += 1;
            way = self.route.travel(place);
            if walk.time == steps.leaves[place] {
                return Ok((walk.late + self.route.drive.late - steps.late[place], self.route.drive.finish));
            }
        }
        let finish = walk.time.saturating_add(way);
        match self.vehicle().latest_finish() {
            Some(latest) if finish > latest.get() => Err(Obstacle::Limit(Limit::Shift)),
            _ => Ok((walk.late, finish)),
        }
    }
}

struct Walk {
    time: u32,
    late: u64,
}

impl Walk {
    fn serve<C: Costs>(&mut self, trial: &Trial<'_, C>, visit: usize, travel: u32) -> Result<(), Obstacle> {
        let (start, late) = trial.timing.serve(visit, self.time.saturating_add(travel));
        if late > 0 && trial.problem.visits[visit].refuses_lateness() {
            return Err(Obstacle::Limit(Limit::Window));
        }
        self.time = start.saturating_add(trial.timing.service(visit));
        self.late += late;
        Ok(())
    }
}

/// The best spot so far, and those that have to be looked at more closely.
#[derive(Default)]
pub(super) struct Best {
    pub(super) found: Option<(Rank, VehicleId, Spot)>,
    doubtful: Vec<(VehicleId, Spot)>,
    /// Scratch rows: leaving times for each way to take breaks.
    rows: [Vec<u32>; 3],
    /// Scratch: the ways to the visit and on at each place.
    ways: Vec<Option<Ways>>,
}

impl Best {
    fn beats(&self, rank: Rank) -> bool {
        self.found.is_some_and(|(known, ..)| known <= rank)
    }

    /// Tries all spots where nobody gets late; the others are noted. `base`: what is added elsewhere.
    pub(super) fn look<C: Costs>(&mut self, trial: &Trial<'_, C>, base: Rank) {
        let clock = trial.route.clock(trial.timing);
        for row in &mut self.rows {
            row.resize(clock.width(), 0);
        }
        match trial.group {
            [visit] => self.look_for_visit(trial, clock, base, *visit),
            [pickup, delivery] => self.look_for_shipment(trial, clock, base, [*pickup, *delivery]),
            _ => {}
        }
    }

    fn look_for_visit<C: Costs>(&mut self, trial: &Trial<'_, C>, clock: Clock<'_>, base: Rank, visit: usize) {
        let (lowest, highest) = trial.range(&trial.route.order, visit, 0);
        let deadline = deadline(trial.timing, visit);
        let here = trial.problem.visits[visit].location();
        // Reading costs is most of the work where there are many: all at once, so that one need not wait for the other.
        let mut ways = std::mem::take(&mut self.ways);
        // An arc of the plan in force that was given up already may be given up for less.
        let most_saved = trial.problem.plan.as_ref().map_or(0, |plan| i64::from(plan.each_change()));
        ways.clear();
        ways.extend((lowest..=highest).map(|place| trial.route.ways(trial.problem, place, here)));
        for (place, &way) in (lowest..=highest).zip(&ways) {
            let Some(way) = way else { continue };
            let direct = trial.route.direct(trial.problem.objective, place);
            let least = way.cost - direct - most_saved + i64::from(trial.fixed_cost());
            if self.is_beaten(trial, (base.0, base.1 + least, i64::MIN)) {
                continue;
            }
            let spot = Spot { first: place, second: None };
            let is_in_time = trial.route.leaves(place).is_some_and(|leaves| {
                clock.serve(leaves, way.into, visit, deadline, &mut self.rows[0]);
                trial.route.stays_in_time(clock, &self.rows[0], way.out, place)
            });
            if !is_in_time && self.is_too_late(trial, base) {
                continue;
            }
            let Some(detour) = trial.route.detour(trial.problem, place, trial.group) else { continue };
            if let Some(rank) = self.worth_a_look(trial, spot, &detour, base) {
                self.note(trial, spot, rank, is_in_time);
            }
        }
        self.ways = ways;
    }

    fn look_for_shipment<C: Costs>(
        &mut self,
        trial: &Trial<'_, C>,
        clock: Clock<'_>,
        base: Rank,
        [pickup, delivery]: [usize; 2],
    ) {
        let deadlines = [deadline(trial.timing, pickup), deadline(trial.timing, delivery)];
        // What a pickup makes earlier or later is followed only in tours that are in time.
        let is_known = trial.route.drive.late == 0;
        let mut at = usize::MAX;
        let mut passed = 0;
        let mut first = None;
        for spot in trial.spots() {
            let second = spot.second.unwrap_or(spot.first);
            if spot.first != at {
                (at, passed) = (spot.first, spot.first);
                first = trial.route.detour(trial.problem, at, &[pickup]);
                // The way on from the pickup may lead nowhere but to the delivery.
                let way = first.or_else(|| trial.route.detour(trial.problem, at, trial.group));
                if let (Some(detour), Some(leaves)) = (way, trial.route.leaves(at)) {
                    clock.serve(leaves, detour.into, pickup, deadlines[0], &mut self.rows[0]);
                }
            }
            while passed < second {
                let way = match &first {
                    Some(detour) if passed == at => detour.out,
                    _ => trial.route.travel(passed),
                };
                let [from, to, _] = &mut self.rows;
                trial.route.serve(clock, from, way, passed, to);
                self.rows.swap(0, 1);
                passed += 1;
            }
            let Some((own, apart)) = trial.detours(spot) else { continue };
            let whole = apart.as_ref().map_or(own, |apart| own.and(apart));
            let Some(rank) = self.worth_a_look(trial, spot, &whole, base) else { continue };
            let is_in_time = is_known && trial.route.leaves(at).is_some() && {
                let into = apart.as_ref().map_or(own.between, |apart| apart.into);
                let [from, _, to] = &mut self.rows;
                clock.serve(from, into, delivery, deadlines[1], to);
                trial.route.stays_in_time(clock, to, whole.out, second)
            };
            self.note(trial, spot, rank, is_in_time);
        }
    }

    /// Whether a spot that ranks so, if it makes nobody late, is out of the question.
    fn is_beaten<C: Costs>(&self, trial: &Trial<'_, C>, rank: Rank) -> bool {
        let may_rank_better = trial.route.drive.late > 0 || trial.problem.balance > 0;
        !may_rank_better && self.beats(rank)
    }

    /// How a spot ranks if it makes nobody late, unless it is out of the question.
    fn worth_a_look<C: Costs>(&self, trial: &Trial<'_, C>, spot: Spot, detour: &Detour, base: Rank) -> Option<Rank> {
        let (total, other) = detour.weigh(trial.problem.objective);
        let rank = (base.0, base.1 + total + i64::from(trial.fixed_cost()), base.2 + other);
        (!self.is_beaten(trial, rank) && trial.untimed(spot, detour).is_ok()).then_some(rank)
    }

    fn note<C: Costs>(&mut self, trial: &Trial<'_, C>, spot: Spot, rank: Rank, is_in_time: bool) {
        if !is_in_time || trial.problem.balance > 0 {
            self.doubtful.push((trial.route.id, spot));
        } else {
            self.take(trial.route.id, spot, rank);
        }
    }

    /// The spots that are left to be looked at more closely, with the vehicle of their tour.
    pub(super) fn take_doubtful(&mut self) -> Vec<(VehicleId, Spot)> {
        std::mem::take(&mut self.doubtful)
    }

    /// Whether a spot that is in doubt makes somebody late, while one is known that does not.
    pub(super) fn is_too_late<C: Costs>(&self, trial: &Trial<'_, C>, base: Rank) -> bool {
        let is_in_doubt_for_lateness =
            trial.route.drive.late == 0 && trial.problem.balance == 0 && trial.vehicle().max_duration().is_none();
        is_in_doubt_for_lateness && self.found.is_some_and(|(known, ..)| known.0 <= base.0)
    }

    /// Takes a spot if it is better.
    pub(super) fn take(&mut self, id: VehicleId, spot: Spot, rank: Rank) {
        if !self.beats(rank) {
            self.found = Some((rank, id, spot));
        }
    }
}
