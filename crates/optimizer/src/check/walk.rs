use crate::costs::Costs;
use crate::problem::Problem;
use crate::vehicle::Terminal;
use crate::visit::{Visit, VisitId};
use routemate_units::Seconds;

/// A tour driven from its departure, second by second as the problem says.
pub(super) struct Walk {
    pub(super) steps: Vec<Step>,
    pub(super) finish: u32,
    pub(super) duration: u64,
    pub(super) distance: u64,
}

pub(super) struct Step {
    pub(super) visit: VisitId,
    pub(super) arrival: u32,
    pub(super) start: u32,
    pub(super) service: u32,
    pub(super) departure: u32,
    pub(super) late_by: u32,
    /// Driving time from here to what comes next, zero where nothing does.
    onward: u32,
}

/// A pair of locations without a way.
pub(super) struct NoWay {
    pub(super) from: usize,
    pub(super) to: usize,
}

pub(super) fn leg<C: Costs>(problem: &Problem<'_, C>, from: usize, to: usize) -> Result<(u32, u32), NoWay> {
    let costs = problem.costs();
    match (costs.duration(from, to), costs.distance(from, to)) {
        (Some(duration), Some(distance)) => Ok((duration.get(), distance.get())),
        _ => Err(NoWay { from, to }),
    }
}

pub(super) fn visit<'p, C: Costs>(problem: &'p Problem<'_, C>, id: VisitId) -> Option<&'p Visit> {
    problem.visits().get(id.index())
}

/// When the service begins and by how much that is late, for an arrival.
pub(super) fn serve(visit: &Visit, arrival: u32) -> (u32, u32) {
    let Some(last) = visit.windows().last() else {
        return (arrival, 0);
    };
    match visit.windows().iter().find(|window| arrival <= window.end.get()) {
        Some(window) => (arrival.max(window.start.get()), 0),
        None => (arrival, arrival - last.end.get()),
    }
}

pub(super) fn walk<C: Costs>(problem: &Problem<'_, C>, order: &[VisitId], departure: Seconds) -> Result<Walk, NoWay> {
    let mut walk = Walk { steps: Vec::with_capacity(order.len()), finish: departure.get(), duration: 0, distance: 0 };
    let mut here = match problem.vehicle().start() {
        Terminal::Location(location) => Some(location),
        Terminal::Anywhere | Terminal::Visit(_) => None,
    };
    for (id, visit) in order.iter().filter_map(|&id| visit(problem, id).map(|visit| (id, visit))) {
        let arrival = walk.drive(problem, here, visit.location())?;
        let (start, late_by) = serve(visit, arrival);
        let departure = start.saturating_add(visit.service().get());
        let service = visit.service().get();
        walk.steps.push(Step { visit: id, arrival, start, service, departure, late_by, onward: 0 });
        walk.finish = departure;
        here = Some(visit.location());
    }
    if let Terminal::Location(end) = problem.vehicle().end() {
        walk.finish = walk.drive(problem, here, end)?;
    }
    Ok(walk)
}

impl Walk {
    fn drive<C: Costs>(&mut self, problem: &Problem<'_, C>, from: Option<usize>, to: usize) -> Result<u32, NoWay> {
        let (duration, distance) = match from {
            Some(from) => leg(problem, from, to)?,
            None => (0, 0),
        };
        self.duration += u64::from(duration);
        self.distance += u64::from(distance);
        if let Some(previous) = self.steps.last_mut() {
            previous.onward = duration;
        }
        Ok(self.finish.saturating_add(duration))
    }

    /// Whether arriving at stop `index` later by `delay` makes nobody from there on later than they are.
    pub(super) fn stays_in_time<C: Costs>(&self, problem: &Problem<'_, C>, index: usize, delay: u32) -> bool {
        let rest = self.steps.get(index..).unwrap_or_default();
        let mut arrival = rest.first().map_or(0, |step| step.arrival.saturating_add(delay));
        for step in rest {
            let Some(visit) = visit(problem, step.visit) else {
                return false;
            };
            let (start, late_by) = serve(visit, arrival);
            if late_by > step.late_by {
                return false;
            }
            arrival = start.saturating_add(step.service).saturating_add(step.onward);
        }
        true
    }

    pub(super) fn nobody_can_be_late_from<C: Costs>(&self, problem: &Problem<'_, C>, index: usize) -> bool {
        let mut rest = self.steps.iter().skip(index).filter_map(|step| visit(problem, step.visit));
        rest.all(|visit| visit.windows().last().is_none_or(|window| window.end == Seconds::MAX))
    }

    /// Σ lateness × importance.
    pub(super) fn weighted_lateness<C: Costs>(&self, problem: &Problem<'_, C>) -> u128 {
        let weight = |step: &Step| visit(problem, step.visit).map_or(0, |visit| u128::from(visit.importance()));
        self.steps.iter().map(|step| u128::from(step.late_by) * weight(step)).sum()
    }
}
