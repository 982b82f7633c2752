use super::route::Route;
use crate::visit::{Visit, VisitId};
use routemate_units::Seconds;

/// A tour driven from its departure, second by second as the problem says.
pub(super) struct Walk {
    pub(super) steps: Vec<Step>,
    pub(super) pauses: Vec<Pause>,
    pub(super) departure: u32,
    pub(super) finish: u32,
}

pub(super) struct Step {
    pub(super) visit: VisitId,
    pub(super) arrival: u32,
    pub(super) start: u32,
    pub(super) service: u32,
    pub(super) departure: u32,
    pub(super) late_by: u32,
}

/// Which of the vehicle's breaks is taken before the service of the stop at which place.
#[derive(Clone, Copy)]
pub(super) struct Placed {
    pub(super) number: usize,
    pub(super) before: usize,
}

/// A break as it comes to be.
pub(super) struct Pause {
    pub(super) number: usize,
    pub(super) before: usize,
    pub(super) start: u32,
    pub(super) is_in_window: bool,
    /// Whether it begins at the stop, not on the road.
    is_at_stop: bool,
}

/// When the service begins and by how much that is late, for a moment at which one is ready.
pub(super) fn serve(visit: &Visit, ready: u32) -> (u32, u32) {
    let Some(last) = visit.windows().last() else {
        return (ready, 0);
    };
    match visit.windows().iter().find(|window| ready <= window.end.get()) {
        Some(window) => (ready.max(window.start.get()), 0),
        None => (ready, ready - last.end.get()),
    }
}

/// Drives a route with its breaks, which come in the order of their places.
pub(super) fn walk(route: &Route<'_>, placed: &[Placed], departure: Seconds) -> Walk {
    let departure = departure.get();
    let mut walk =
        Walk { steps: Vec::with_capacity(route.visits.len()), pauses: Vec::new(), departure, finish: departure };
    walk.go_on(route, placed, 0, None);
    walk
}

/// Drives what comes from the stop at `place` on when one arrives there at `arrival`; `placed` are all breaks that are not
/// begun by then. Steps and pauses before it are missing.
pub(super) fn resume(route: &Route<'_>, placed: &[Placed], departure: u32, place: usize, arrival: u32) -> Walk {
    let mut walk = Walk { steps: Vec::new(), pauses: Vec::new(), departure, finish: arrival };
    walk.go_on(route, placed, place, Some(arrival));
    walk
}

impl Walk {
    /// From where the walk stands over all stops from `first` on; with an `arrival` it is there already.
    fn go_on(&mut self, route: &Route<'_>, placed: &[Placed], first: usize, arrival: Option<u32>) {
        let mut arrival = arrival;
        for place in first..=route.visits.len() {
            let arrived = arrival.take().unwrap_or_else(|| self.finish.saturating_add(route.leg(place)));
            let here = placed.iter().filter(|placed| placed.before == place);
            let (arrival, ready) = self.cross(route, here, arrived);
            let (Some(visit), Some(&id)) = (route.visits.get(place), route.order.get(place)) else {
                self.finish = ready;
                break;
            };
            let (start, late_by) = serve(visit, ready);
            let service = visit.service().get();
            let departure = start.saturating_add(service);
            self.steps.push(Step { visit: id, arrival, start, service, departure, late_by });
            self.finish = departure;
        }
    }

    /// Takes the breaks of one gap: gives the arrival, which those on the road have delayed, and when all are over.
    fn cross<'b>(
        &mut self,
        route: &Route<'_>,
        placed: impl Iterator<Item = &'b Placed>,
        mut arrival: u32,
    ) -> (u32, u32) {
        let (mut clock, mut ready) = (self.finish, arrival);
        for &Placed { number, before } in placed {
            let Some(pause) = route.vehicle.breaks().get(number) else { continue };
            let (opens, closes, duration) = (pause.window.start.get(), pause.window.end.get(), pause.duration.get());
            let start = clock.max(opens);
            let is_at_stop = start >= arrival;
            self.pauses.push(Pause { number, before, start, is_in_window: start <= closes, is_at_stop });
            clock = start.saturating_add(duration);
            ready = ready.max(opens).saturating_add(duration);
            if !is_at_stop {
                arrival = ready;
            }
        }
        (arrival, ready)
    }

    /// The breaks that are not begun when one arrives at the stop at `place`.
    pub(super) fn open_breaks(&self, place: usize) -> Vec<Placed> {
        let is_open = |pause: &&Pause| pause.before > place || (pause.before == place && pause.is_at_stop);
        self.pauses.iter().filter(is_open).map(|pause| Placed { number: pause.number, before: pause.before }).collect()
    }

    /// Σ lateness × importance.
    pub(super) fn weighted_lateness(&self, route: &Route<'_>) -> u128 {
        let weights = route.visits.iter().map(|visit| u128::from(visit.importance()));
        self.steps.iter().zip(weights).map(|(step, weight)| u128::from(step.late_by) * weight).sum()
    }

    pub(super) const fn length(&self) -> u32 {
        self.finish - self.departure
    }
}
