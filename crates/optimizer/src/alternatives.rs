//! Why a stop is where it is: what leaving it out would save, what every other place would cost, and putting one in.

mod error;
mod fixed;
mod hours;
mod place;
mod route;
mod trial;

pub use error::AlternativesError;
pub use place::{Alternative, Change, Place};

use crate::alternatives::fixed::check_places;
use crate::alternatives::route::Route;
use crate::alternatives::trial::{Best, Rank, Trial};
use crate::answer::drive::{Drive, Obstacle, drive};
use crate::answer::places::Places;
use crate::answer::{balance_cost, reasons, state_as_it_is};
use crate::costs::Costs;
use crate::model::Timing;
use crate::problem::{Objective, Problem};
use crate::solution::Solution;
use crate::vehicle::VehicleId;
use crate::visit::VisitId;
use std::fmt;

/// Tours as they are, and what would become of them if one visit, or one shipment with both its ends, were elsewhere.
///
/// All changes are against the tours as they are now; nothing is optimised on the way. Everything that is asked about an end
/// of a shipment is answered for the whole shipment.
///
/// Cost: O(n) to make. [`best_place`](Self::best_place) takes some microseconds for a few hundred visits: a place is judged
/// in constant time where nobody gets late. Only where every place makes somebody late, where a longest duration may be
/// exceeded, or where balance counts, are tours driven to the end. A shipment has O(n²) places in a tour of n stops.
///
/// Source: M. W. P. Savelsbergh, "The vehicle routing problem with time windows: minimizing route duration", ORSA Journal
/// on Computing 4 (1992), for what is known beforehand about each place.
///
/// ```
/// use routemate_optimizer::{Alternatives, CostTable, ProblemBuilder, Terminal, Vehicle, VehicleId, Visit, check};
/// use routemate_units::{Meters, Seconds};
/// // Places a minute apart along a road.
/// let costs = CostTable::from_fn(10, |a, b| Some((Seconds::new(60 * a.abs_diff(b) as u32), Meters::ZERO)));
/// let mut builder = ProblemBuilder::new(&costs);
/// let [near, far, caller] = [2, 6, 5].map(|location| builder.visit(Visit::at(location)));
/// builder.vehicle(Vehicle::new().with_start(Terminal::Location(0)).with_end(Terminal::Location(9)));
/// let problem = builder.build()?;
///
/// // The driver is told near, then far. Somebody calls.
/// let mut alternatives = Alternatives::of(&problem, [vec![near, far]])?;
/// let best = alternatives.best_place(caller).expect("there is room");
/// assert_eq!((best.place.vehicle, best.place.position), (VehicleId::new(0), 1));
/// assert_eq!(best.outcome.map(|change| change.total), Ok(0));
/// // Everywhere else it would be a detour.
/// let seconds: Vec<_> = alternatives.places(caller).iter().map(|at| at.outcome.map(|it| it.duration_s)).collect();
/// assert_eq!(seconds, [Ok(2 * 3 * 60), Ok(0), Ok(2 * 60)]);
///
/// alternatives.insert(&best.place)?;
/// let solution = alternatives.solution();
/// assert_eq!(solution.tours[0].visits().collect::<Vec<_>>(), [near, caller, far]);
/// assert!(check(&problem, &solution).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Alternatives<'p, C: Costs> {
    problem: &'p Problem<'p, C>,
    /// By visit.
    timing: Timing,
    places: Places,
    /// One for each vehicle.
    routes: Vec<Route>,
    /// Per visit: the vehicle that serves it.
    served_by: Vec<Option<VehicleId>>,
}

impl<C: Costs> fmt::Debug for Alternatives<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alternatives").field("tours", &self.tours()).finish_non_exhaustive()
    }
}

impl<'p, C: Costs> Alternatives<'p, C> {
    /// The alternatives to these tours: a list of visits for each vehicle, in the order of both; vehicles that are not given
    /// have none. Visits in no list are not served.
    ///
    /// # Errors
    /// Where the tours name what does not exist, serve somebody twice, or break a limit. See [`AlternativesError`].
    pub fn of(
        problem: &'p Problem<'p, C>,
        tours: impl IntoIterator<Item = Vec<VisitId>>,
    ) -> Result<Self, AlternativesError> {
        let places = Places::of(problem);
        let all: Vec<usize> = (0..problem.visits.len()).collect();
        let timing = Timing::of(problem, &all, Vec::new());
        let mut tours: Vec<Vec<VisitId>> = tours.into_iter().collect();
        let vehicles = problem.vehicles.len();
        if tours.len() > vehicles {
            return Err(AlternativesError::Vehicles { tours: tours.len(), vehicles });
        }
        tours.resize(vehicles, Vec::new());
        let mut served_by = vec![None; all.len()];
        for (vehicle, &visit) in
            tours.iter().enumerate().flat_map(|(vehicle, tour)| tour.iter().map(move |v| (vehicle, v)))
        {
            match served_by.get_mut(visit.index()) {
                None => return Err(AlternativesError::UnknownVisit { visit }),
                Some(Some(_)) => return Err(AlternativesError::ServedTwice { visit }),
                Some(known) => *known = Some(VehicleId::new(vehicle)),
            }
        }
        let mut routes = Vec::with_capacity(vehicles);
        for (index, tour) in tours.iter().enumerate() {
            let vehicle = VehicleId::new(index);
            check_places(problem, &places, vehicle, tour)?;
            let order = tour.iter().map(|visit| visit.index()).collect();
            let route = Route::of(problem, &timing, vehicle, order);
            routes.push(route.map_err(|obstacle| AlternativesError::Obstacle { vehicle, obstacle })?);
        }
        Ok(Self { problem, timing, places, routes, served_by })
    }

    /// The alternatives to an answer.
    ///
    /// # Errors
    /// As [`of`](Self::of): never for an answer of [`solve`](crate::solve) to this problem.
    pub fn of_solution(problem: &'p Problem<'p, C>, solution: &Solution) -> Result<Self, AlternativesError> {
        let mut tours = vec![Vec::new(); problem.vehicles.len()];
        for tour in &solution.tours {
            let index = tour.vehicle.index();
            let unknown = AlternativesError::Vehicles { tours: index + 1, vehicles: tours.len() };
            *tours.get_mut(index).ok_or(unknown)? = tour.visits().collect();
        }
        Self::of(problem, tours)
    }

    /// The visits of each vehicle as they are now.
    #[must_use]
    pub fn tours(&self) -> Vec<Vec<VisitId>> {
        self.routes.iter().map(|route| route.order.iter().copied().map(VisitId::new).collect()).collect()
    }

    /// What leaving a visit out would change: its marginal cost with the signs turned. Nothing where it is not served.
    ///
    /// # Errors
    /// Where the tour could not be driven without it: there is no way past it, or only one that breaks a limit.
    pub fn without(&self, visit: VisitId) -> Result<Change, Obstacle> {
        let group = self.group(visit);
        let rest = self.taken_out(&group).map(|taken| taken.rest).transpose()?;
        Ok(rest.map_or_else(Change::default, |rest| self.change_to_rest(&group, &rest)))
    }

    /// Every place of every vehicle that may serve a visit, in the order of vehicles and stops; none where no vehicle may.
    ///
    /// A visit that is served is taken out first: its present place is among them and changes nothing. Where its tour cannot
    /// be driven without it, that stands against all places in other tours.
    #[must_use]
    pub fn places(&self, visit: VisitId) -> Vec<Alternative> {
        let group = self.group(visit);
        let taken = self.taken_out(&group);
        let mut alternatives = Vec::new();
        if group.is_empty() {
            return alternatives;
        }
        for id in self.places.vehicles(self.problem, &group) {
            let mut note = |place: Option<Place>, tour: Result<Drive, Obstacle>| {
                let Some(place) = place else { return };
                let outcome = tour.and_then(|tour| self.outcome((id, tour), &group, taken.as_ref()));
                alternatives.push(Alternative { place, is_present: self.is_present(&place), outcome });
            };
            match self.route_without(id, taken.as_ref()) {
                Ok(route) => {
                    let trial = self.trial(route, &group);
                    trial.spots().into_iter().for_each(|spot| note(Place::at(id, &group, spot), trial.drive(spot)));
                }
                Err(rest) => Places::orders_with(self.problem, id, rest, &group)
                    .for_each(|order| note(Place::in_order(id, &group, &order), drive(self.problem, id, &order))),
            }
        }
        alternatives
    }

    /// The best place of a visit: the least lateness × importance, then the smallest total, then the least of what the
    /// objective does not measure, then the first. For one that is served that may be where it is.
    ///
    /// `None` where it fits nowhere. An optional visit may be better left out: then its change is not
    /// [better](Change::is_better).
    #[must_use]
    pub fn best_place(&self, visit: VisitId) -> Option<Alternative> {
        let group = Some(self.group(visit)).filter(|group| !group.is_empty())?;
        let taken = self.taken_out(&group);
        if taken.as_ref().is_some_and(|taken| taken.rest.is_err()) {
            let places = self.places(visit).into_iter().filter_map(|it| Some((self.rank(&it.outcome.ok()?), it)));
            return places.min_by_key(|(rank, _)| *rank).map(|(_, it)| it);
        }
        let base = match &taken {
            Some(Taken { rest: Ok(rest), .. }) => self.rank(&self.change(&[&(rest.id, rest.drive)], 0)),
            _ => (0, -(reasons::prize(self.problem, &group) as i64), 0),
        };
        let mut best = Best::default();
        for id in self.places.vehicles(self.problem, &group) {
            if let Ok(route) = self.route_without(id, taken.as_ref()) {
                best.look(&self.trial(route, &group), base);
            }
        }
        for (id, spot) in best.take_doubtful() {
            let Ok(route) = self.route_without(id, taken.as_ref()) else { continue };
            let trial = self.trial(route, &group);
            if best.is_too_late(&trial, base) {
                continue;
            }
            let outcome = trial.drive(spot).and_then(|tour| self.outcome((id, tour), &group, taken.as_ref()));
            if let Ok(change) = outcome {
                best.take(id, spot, self.rank(&change));
            }
        }
        let (_, id, spot) = best.found?;
        let tour = self.trial(self.route_without(id, taken.as_ref()).ok()?, &group).drive(spot);
        let outcome = tour.and_then(|tour| self.outcome((id, tour), &group, taken.as_ref()));
        let place = Place::at(id, &group, spot)?;
        Some(Alternative { place, is_present: self.is_present(&place), outcome })
    }

    /// Puts a visit in a place; one that is served is moved there. Later questions are about the new tours. O(n) in the
    /// tours that change.
    ///
    /// # Errors
    /// Where the visit may not stand there or a tour could not be driven: never for a place that was just found to be
    /// possible. Nothing is changed then.
    pub fn insert(&mut self, place: &Place) -> Result<Change, AlternativesError> {
        let Place { visit, vehicle, .. } = *place;
        let refusal = AlternativesError::NoPlace { visit, vehicle };
        let group = self.group(visit);
        let delivery = place.delivery.map(|(delivery, _)| delivery.index());
        if group.first() != Some(&visit.index()) || group.get(1).copied() != delivery {
            return Err(refusal);
        }
        let taken = self.taken_out(&group);
        let rest =
            self.route_without(vehicle, taken.as_ref()).map_or_else(<[usize]>::to_vec, |route| route.order.clone());
        let mut order = rest;
        for (position, visit) in [place.position].into_iter().chain(place.delivery.map(|(_, at)| at)).zip(&group) {
            if position > order.len() {
                return Err(refusal);
            }
            order.insert(position, *visit);
        }
        let ids: Vec<VisitId> = order.iter().copied().map(VisitId::new).collect();
        check_places(self.problem, &self.places, vehicle, &ids)?;
        let route = Route::of(self.problem, &self.timing, vehicle, order)
            .map_err(|obstacle| AlternativesError::Obstacle { vehicle, obstacle })?;
        let left = taken.as_ref().map_or(vehicle, |taken| taken.id);
        let change = self
            .outcome((vehicle, route.drive), &group, taken.as_ref())
            .map_err(|obstacle| AlternativesError::Obstacle { vehicle: left, obstacle })?;
        if let Some(Taken { rest: Ok(rest), .. }) = taken {
            self.replace(rest);
        }
        self.replace(route);
        for visit in group {
            if let Some(known) = self.served_by.get_mut(visit) {
                *known = Some(vehicle);
            }
        }
        Ok(change)
    }

    /// Leaves a visit out; nothing where it is not served.
    ///
    /// # Errors
    /// As [`without`](Self::without). Nothing is changed then.
    pub fn leave_out(&mut self, visit: VisitId) -> Result<Change, Obstacle> {
        let group = self.group(visit);
        let Some(taken) = self.taken_out(&group) else {
            return Ok(Change::default());
        };
        let rest = taken.rest?;
        let change = self.change_to_rest(&group, &rest);
        self.replace(rest);
        for visit in group {
            if let Some(known) = self.served_by.get_mut(visit) {
                *known = None;
            }
        }
        Ok(change)
    }

    /// The tours as they are, as an answer: with times, costs and every reason that holds for them. What a search would still
    /// better is stated as [`SearchStopped`](crate::UnservedReason::SearchStopped). Not a matter of microseconds where visits
    /// are left out or late.
    #[must_use]
    pub fn solution(&self) -> Solution {
        state_as_it_is(self.problem, self.routes.iter().map(|route| route.order.clone()).collect())
    }

    fn replace(&mut self, route: Route) {
        if let Some(known) = self.routes.get_mut(route.id.index()) {
            *known = route;
        }
    }

    /// A visit, or both ends of its shipment; empty where it does not exist.
    fn group(&self, visit: VisitId) -> Vec<usize> {
        match self.problem.shipment_of(visit.index()) {
            Some(shipment) => vec![shipment.pickup().index(), shipment.delivery().index()],
            None => Some(visit.index()).filter(|&index| index < self.problem.visits.len()).into_iter().collect(),
        }
    }

    fn trial<'a>(&'a self, route: &'a Route, group: &'a [usize]) -> Trial<'a, C> {
        Trial { problem: self.problem, timing: &self.timing, places: &self.places, route, group }
    }

    /// What is changed where a tour goes without the group, which is left out.
    fn change_to_rest(&self, group: &[usize], rest: &Route) -> Change {
        let change = self.change(&[&(rest.id, rest.drive)], reasons::prize(self.problem, group) as i64);
        let span = self.routes.get(rest.id.index()).map_or(0, |route| i64::from(route.drive.span));
        if rest.order.is_empty() { Change { finish_s: -span, ..change } } else { change }
    }

    /// `None` where the group is not served.
    fn taken_out(&self, group: &[usize]) -> Option<Taken> {
        let id = self.served_by.get(*group.first()?).copied().flatten()?;
        let mut order = self.routes.get(id.index())?.order.clone();
        order.retain(|visit| !group.contains(visit));
        let rest = Route::of(self.problem, &self.timing, id, order.clone());
        Some(Taken { id, order, rest })
    }

    /// The tour of a vehicle without what is taken out of it; only its order where it cannot be driven.
    fn route_without<'a>(&'a self, id: VehicleId, taken: Option<&'a Taken>) -> Result<&'a Route, &'a [usize]> {
        match taken.filter(|taken| taken.id == id) {
            Some(Taken { rest, order, .. }) => rest.as_ref().map_err(|_| &order[..]),
            None => self.routes.get(id.index()).ok_or(&[]),
        }
    }

    /// What is changed where one tour takes the group and the other goes without it.
    fn outcome(&self, tour: (VehicleId, Drive), group: &[usize], taken: Option<&Taken>) -> Result<Change, Obstacle> {
        match taken {
            None => Ok(self.change(&[&tour], -(reasons::prize(self.problem, group) as i64))),
            Some(taken) if taken.id == tour.0 => Ok(self.change(&[&tour], 0)),
            Some(taken) => {
                let rest = taken.rest.as_ref().map_err(|obstacle| *obstacle)?;
                Ok(self.change(&[&tour, &(rest.id, rest.drive)], 0))
            }
        }
    }

    /// What is changed by other tours; the finish is that of the first. `prizes`: the change of what is lost.
    fn change(&self, tours: &[&(VehicleId, Drive)], prizes: i64) -> Change {
        let mut change = Change { total: prizes, ..Change::default() };
        for (number, (id, new)) in tours.iter().enumerate() {
            let Some(route) = self.routes.get(id.index()) else { continue };
            let old = route.drive;
            change.weighted_lateness += new.late as i64 - old.late as i64;
            change.total += new.cost as i64 - old.cost as i64;
            change.duration_s += new.duration as i64 - old.duration as i64;
            change.distance_m += new.distance as i64 - old.distance as i64;
            if number == 0 {
                let later = i64::from(new.finish) - i64::from(old.finish);
                change.finish_s = if route.order.is_empty() { new.span.into() } else { later };
            }
        }
        if self.problem.balance > 0 {
            let new = |id: VehicleId| tours.iter().find(|tour| tour.0 == id).map(|tour| tour.1.span);
            let old = self.routes.iter().map(|route| route.drive.span).max().unwrap_or_default();
            let spans = self.routes.iter().map(|route| new(route.id).unwrap_or(route.drive.span));
            let costs = [spans.max().unwrap_or_default(), old].map(|longest| balance_cost(self.problem, longest));
            change.total += costs[0] as i64 - costs[1] as i64;
        }
        change
    }

    fn rank(&self, change: &Change) -> Rank {
        let other = match self.problem.objective {
            Objective::Duration => change.distance_m,
            Objective::Distance => change.duration_s,
        };
        (change.weighted_lateness, change.total, other)
    }

    fn is_present(&self, place: &Place) -> bool {
        let stands = |visit: VisitId, position: usize| {
            let route = self.routes.get(place.vehicle.index());
            route.and_then(|route| route.order.get(position)) == Some(&visit.index())
        };
        stands(place.visit, place.position) && place.delivery.is_none_or(|(visit, position)| stands(visit, position))
    }
}

/// A group that is taken out of its tour.
struct Taken {
    id: VehicleId,
    /// What stays of the tour.
    order: Vec<usize>,
    rest: Result<Route, Obstacle>,
}
