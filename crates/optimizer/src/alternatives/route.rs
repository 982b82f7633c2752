//! A tour with all that is known beforehand about putting something into it.
#![expect(clippy::indexing_slicing, reason = "places are at most the number of visits, legs one more")]

use crate::alternatives::hours::{Clock, Courses, Hours, deadline, over_before};
use crate::answer::drive::{Drive, Obstacle, drive, shipped};
use crate::builder::fixed_first;
use crate::costs::Costs;
use crate::model::Timing;
use crate::problem::{Objective, Problem};
use crate::schedule::{leg, terminal_location};
use crate::vehicle::{Terminal, Vehicle, VehicleId};
use crate::visit::VisitId;
use routemate_units::Seconds;

pub(super) struct Route {
    pub(super) id: VehicleId,
    pub(super) order: Vec<usize>,
    pub(super) drive: Drive,
    /// Start, visits, end; `None` for a free end.
    locations: Vec<Option<usize>>,
    /// Seconds of each leg, one more than visits; none is driven without any.
    travel: Vec<u32>,
    meters: Vec<u32>,
    /// By when each service has to begin so that nobody is later than now.
    deadlines: Vec<u32>,
    loads: Vec<Load>,
    courses: Courses,
    /// When the tour is where so that nobody is later than now; `None` where that cannot be told.
    in_time: Option<Hours>,
    pub(super) steps: Option<Steps>,
    /// The lowest and the highest place of a visit that is not fixed.
    pub(super) inner: (usize, usize),
}

/// Loads of one dimension.
struct Load {
    dimension: usize,
    capacity: i64,
    /// At the start and after each visit.
    at: Vec<i64>,
    /// The greatest from the start to each place, and from each place to the end.
    until: Vec<i64>,
    from: Vec<i64>,
}

/// The times of a tour whose order leaves nothing to choose: it takes no breaks and has no longest duration.
pub(super) struct Steps {
    /// When each service may begin, and at last when the tour finishes.
    pub(super) ready: Vec<u32>,
    /// When the start and each stop are left.
    pub(super) leaves: Vec<u32>,
    /// Σ lateness × importance before each place.
    pub(super) late: Vec<u64>,
}

/// The ways to a visit and on from there.
#[derive(Clone, Copy)]
pub(super) struct Ways {
    pub(super) into: u32,
    pub(super) out: u32,
    pub(super) cost: i64,
}

/// What putting something between two stops changes, times aside.
#[derive(Clone, Copy)]
pub(super) struct Detour {
    /// Seconds of the ways there, from the first to the second visit, and on from the last.
    pub(super) into: u32,
    pub(super) between: u32,
    pub(super) out: u32,
    pub(super) duration: i64,
    pub(super) distance: i64,
    /// Changes of the plan in force.
    pub(super) changes: i64,
}

impl Route {
    /// The tour of a vehicle. O(n) and once more for each break.
    pub(super) fn of<C: Costs>(
        problem: &Problem<'_, C>,
        timing: &Timing,
        id: VehicleId,
        order: Vec<usize>,
    ) -> Result<Self, Obstacle> {
        let known = drive(problem, id, &order)?;
        let vehicle = &problem.vehicles[id.index()];
        let stops = order.iter().map(|&visit| Some(problem.visits[visit].location()));
        let locations: Vec<Option<usize>> = [terminal_location(vehicle.start())]
            .into_iter()
            .chain(stops)
            .chain([terminal_location(vehicle.end())])
            .collect();
        let pairs = locations.iter().zip(locations.iter().skip(1));
        let legs = pairs.map(|(&from, &to)| leg(problem, from, to).filter(|_| !order.is_empty()).unwrap_or_default());
        let (travel, meters): (Vec<u32>, Vec<u32>) = legs.map(|(time, way)| (time.get(), way.get())).unzip();
        let has_choice = !vehicle.breaks().is_empty() || vehicle.max_duration().is_some();
        let steps = (!has_choice).then(|| Steps::of(timing, vehicle.earliest_start().get(), &order, &travel));
        // Whoever is late already may be as late as that.
        let present = |place: usize| steps.as_ref().map_or(0, |steps| steps.ready[place]);
        let deadlines: Vec<u32> =
            order.iter().enumerate().map(|(place, &visit)| deadline(timing, visit).max(present(place))).collect();
        // With a longest duration: what is over so soon takes no longer, however late it departs.
        let longest = vehicle.max_duration().map(|longest| vehicle.earliest_start().saturating_add(longest));
        let courses = Courses::of(vehicle, over_before([vehicle.latest_finish(), longest]));
        let is_known = steps.is_some() || known.late == 0;
        let in_time = is_known.then(|| Hours::of(Clock { timing, courses: &courses }, &order, &travel, &deadlines));
        let loads = Load::all(problem, vehicle, &order);
        let inner = inner_places(vehicle, &order);
        Ok(Self {
            id,
            order,
            drive: known,
            locations,
            travel,
            meters,
            deadlines,
            loads,
            courses,
            in_time,
            steps,
            inner,
        })
    }

    /// The seconds to a visit at a place and on from there, and what both cost as the objective says; `None` where that
    /// cannot be. Reads no more than that, for most places are out of the question then.
    pub(super) fn ways<C: Costs>(&self, problem: &Problem<'_, C>, place: usize, here: usize) -> Option<Ways> {
        let way = |from: Option<usize>, to: Option<usize>| {
            let (Some(from), Some(to)) = (from, to) else { return Some((0, 0)) };
            let time = problem.costs.duration(from, to)?.get();
            Some(match problem.objective {
                Objective::Duration => (time, time),
                Objective::Distance => (time, problem.costs.distance(from, to)?.get()),
            })
        };
        let (into, out) = (way(self.locations[place], Some(here))?, way(Some(here), self.locations[place + 1])?);
        Some(Ways { into: into.0, out: out.0, cost: i64::from(into.1) + i64::from(out.1) })
    }

    /// What driving past a place costs now, as the objective says.
    pub(super) fn direct(&self, objective: Objective, place: usize) -> i64 {
        match objective {
            Objective::Duration => self.travel[place].into(),
            Objective::Distance => self.meters[place].into(),
        }
    }

    /// The visits before and at a place.
    fn around(&self, place: usize) -> (Option<VisitId>, Option<VisitId>) {
        let visit = |place: usize| self.order.get(place).copied().map(VisitId::new);
        (place.checked_sub(1).and_then(visit), visit(place))
    }

    /// What it takes to put visits, one after the other, at a place; `None` where they cannot be driven to.
    pub(super) fn detour<C: Costs>(&self, problem: &Problem<'_, C>, place: usize, group: &[usize]) -> Option<Detour> {
        let (before, next) = self.around(place);
        let (mut from, mut follows) = (self.locations[place], before);
        let (duration, distance) = (-i64::from(self.travel[place]), -i64::from(self.meters[place]));
        let mut detour = Detour { into: 0, between: 0, out: 0, duration, distance, changes: 0 };
        if let Some(next) = next {
            detour.changes -= i64::from(problem.change_cost(self.id, before, next));
        }
        for (number, &visit) in group.iter().enumerate() {
            let here = Some(problem.visits[visit].location());
            let (time, meters) = leg(problem, from, here)?;
            if number == 0 {
                detour.into = time.get();
            } else {
                detour.between = time.get();
            }
            detour.add(time, meters.get());
            detour.changes += i64::from(problem.change_cost(self.id, follows, VisitId::new(visit)));
            (from, follows) = (here, Some(VisitId::new(visit)));
        }
        let (time, meters) = leg(problem, from, self.locations[place + 1])?;
        detour.out = time.get();
        detour.add(time, meters.get());
        if let Some(next) = next {
            detour.changes += i64::from(problem.change_cost(self.id, follows, next));
        }
        Some(detour)
    }

    /// Whether a group still fits in, in every dimension.
    pub(super) fn has_room<C: Costs>(&self, problem: &Problem<'_, C>, group: &[usize], spot: Spot) -> bool {
        self.loads.iter().all(|load| load.has_room(problem, group, spot))
    }

    /// Whether the group put there makes nobody late, or later than now, and keeps every limit on time; `false` also where
    /// that is not easily told. `from`: when the service of its last visit is left, which is put before `place`.
    pub(super) fn stays_in_time(&self, clock: Clock<'_>, from: &[u32], out: u32, place: usize) -> bool {
        let may_be_earlier = match &self.steps {
            // Whoever is late now might become less so.
            Some(steps) if steps.late[place] < self.drive.late => {
                from.first().is_none_or(|&leaves| leaves.saturating_add(out) < steps.ready[place])
            }
            Some(_) | None => false,
        };
        !may_be_earlier && self.in_time.as_ref().is_some_and(|hours| hours.reaches(clock, from, out, place))
    }

    pub(super) const fn clock<'a>(&'a self, timing: &'a Timing) -> Clock<'a> {
        Clock { timing, courses: &self.courses }
    }

    /// When the stop before a place is left, for each way to take breaks; `None` where it is not known.
    pub(super) fn leaves(&self, place: usize) -> Option<&[u32]> {
        Some(self.in_time.as_ref()?.leaves(place))
    }

    /// Goes on with the stop at `place`, reached over a way that takes so long.
    pub(super) fn serve(&self, clock: Clock<'_>, from: &[u32], travel: u32, place: usize, to: &mut [u32]) {
        clock.serve(from, travel, self.order[place], self.deadlines[place], to);
    }

    /// How long the leg to the stop at `place`, or to the end, takes.
    pub(super) fn travel(&self, place: usize) -> u32 {
        self.travel[place]
    }
}

/// A place before that of a present stop, or the end; for a shipment a second one for its delivery, not before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) first: usize,
    pub(super) second: Option<usize>,
}

impl Detour {
    fn add(&mut self, time: Seconds, meters: u32) {
        self.duration += i64::from(time.get());
        self.distance += i64::from(meters);
    }

    /// Both.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self {
            into: self.into,
            between: self.between,
            out: other.out,
            duration: self.duration + other.duration,
            distance: self.distance + other.distance,
            changes: self.changes + other.changes,
        }
    }

    /// In the order in which they count: what the objective and the plan in force say, and the other of duration and
    /// distance.
    pub(super) fn weigh(&self, objective: Objective) -> (i64, i64) {
        match objective {
            Objective::Duration => (self.duration + self.changes, self.distance),
            Objective::Distance => (self.distance + self.changes, self.duration),
        }
    }
}

impl Load {
    fn all<C: Costs>(problem: &Problem<'_, C>, vehicle: &Vehicle, order: &[usize]) -> Vec<Self> {
        let capacities = vehicle.capacity().iter().enumerate();
        capacities.map(|(dimension, &capacity)| Self::of(problem, dimension, capacity.into(), order)).collect()
    }

    fn of<C: Costs>(problem: &Problem<'_, C>, dimension: usize, capacity: i64, order: &[usize]) -> Self {
        let mut load: i64 = order.iter().map(|&visit| amount(problem.visits[visit].delivery(), dimension)).sum();
        let mut at = vec![load];
        for &index in order {
            let visit = &problem.visits[index];
            load += amount(visit.pickup(), dimension) - amount(visit.delivery(), dimension);
            load += shipped(problem, index, dimension);
            at.push(load);
        }
        let greatest = |most: &mut i64, &load: &i64| {
            *most = load.max(*most);
            Some(*most)
        };
        let until = at.iter().scan(i64::MIN, greatest).collect();
        let mut from: Vec<i64> = at.iter().rev().scan(i64::MIN, greatest).collect();
        from.reverse();
        Self { dimension, capacity, at, until, from }
    }

    fn has_room<C: Costs>(&self, problem: &Problem<'_, C>, group: &[usize], spot: Spot) -> bool {
        let visits = || group.iter().map(|&visit| &problem.visits[visit]);
        let delivered: i64 = visits().map(|visit| amount(visit.delivery(), self.dimension)).sum();
        let picked_up: i64 = visits().map(|visit| amount(visit.pickup(), self.dimension)).sum();
        let second = spot.second.unwrap_or(spot.first);
        let between = group.first().filter(|_| spot.second.is_some()).map_or(i64::MIN, |&first| {
            let visit = &problem.visits[first];
            let own = amount(visit.pickup(), self.dimension) - amount(visit.delivery(), self.dimension);
            let most = self.at[spot.first..=second].iter().copied().max().unwrap_or_default();
            most + delivered + own + shipped(problem, first, self.dimension)
        });
        let most = (self.until[spot.first] + delivered).max(between).max(self.from[second] + picked_up);
        most <= self.capacity
    }
}

fn amount(amounts: &[u32], dimension: usize) -> i64 {
    amounts.get(dimension).map_or(0, |&amount| amount.into())
}

impl Steps {
    fn of(timing: &Timing, begin: u32, order: &[usize], travel: &[u32]) -> Self {
        let mut steps = Self { ready: Vec::new(), leaves: vec![begin], late: vec![0] };
        let (mut time, mut late) = (begin, 0);
        for (&visit, &travel) in order.iter().zip(travel) {
            let ready = time.saturating_add(travel);
            let (start, own) = timing.serve(visit, ready);
            time = start.saturating_add(timing.service(visit));
            late += own;
            steps.ready.push(ready);
            steps.leaves.push(time);
            steps.late.push(late);
        }
        steps.ready.push(time.saturating_add(travel[order.len()]));
        steps
    }
}

/// Where visits may go that are neither an end nor in the prefix.
fn inner_places(vehicle: &Vehicle, order: &[usize]) -> (usize, usize) {
    let mut fixed = fixed_first(vehicle).map(VisitId::index);
    let lowest = order.iter().take_while(|&&visit| fixed.any(|fixed| fixed == visit)).count();
    let is_last = |visit: VisitId| order.last() == Some(&visit.index());
    let ends_fixed = matches!(vehicle.end(), Terminal::Visit(visit) if is_last(visit));
    (lowest, order.len() - usize::from(ends_fixed))
}
