use super::Day;
use super::route::Route;
use super::rules::Rules;
use super::walk::{Step, Walk};
use crate::costs::Costs;
use crate::problem::Problem;
use crate::solution::{Cost, Solution};
use crate::visit::VisitId;
use routemate_units::{Meters, Seconds};

/// What a tour costs as it is driven.
pub(super) fn priced<C: Costs>(problem: &Problem<'_, C>, rules: &Rules<'_>, route: &Route<'_>, walk: &Walk) -> Cost {
    let sum = |part: fn(&Step) -> u32| seconds(walk.steps.iter().map(part));
    let breaks = walk.pauses.iter().filter_map(|pause| route.vehicle.breaks().get(pause.number));
    let (service, breaks) = (sum(|step| step.service), seconds(breaks.map(|pause| pause.duration.get())));
    let busy = route.duration + u64::from(service.get()) + u64::from(breaks.get());
    let fixed = u64::from(route.vehicle.fixed_cost());
    let changes = rules.changes(route.id, &route.order);
    Cost {
        duration: Seconds::new(saturated(route.duration)),
        distance: Meters::new(saturated(route.distance)),
        // What the rest leaves; nothing where the tour runs past all times.
        waiting: Seconds::new(saturated(u64::from(walk.length()).saturating_sub(busy))),
        service,
        lateness: sum(|step| step.late_by),
        breaks,
        fixed,
        changes,
        prizes: 0,
        balance: 0,
        total: route.driven(problem.objective()) + fixed + changes,
    }
}

/// What all tours cost together, with what is left out and the longest of them.
pub(super) fn total<C: Costs>(problem: &Problem<'_, C>, days: &[Day<'_>], solution: &Solution) -> Cost {
    let prize = |visit: VisitId| problem.visits().get(visit.index()).and_then(|visit| visit.prize());
    let prizes = solution.unserved.iter().filter_map(|entry| prize(entry.visit)).map(u64::from).sum::<u64>();
    let balance = balance(problem, days.iter().map(|day| day.walk.length()).max().unwrap_or_default());
    let tours = days.iter().map(|day| day.cost).fold(Cost::default(), add);
    Cost { prizes, balance, total: tours.total + prizes + balance, ..tours }
}

/// What it costs that the longest tour takes so long, in seconds.
pub(super) fn balance<C: Costs>(problem: &Problem<'_, C>, longest: u32) -> u64 {
    u64::from(problem.balance()) * u64::from(longest) / 100
}

fn add(a: Cost, b: Cost) -> Cost {
    Cost {
        duration: a.duration.saturating_add(b.duration),
        distance: a.distance.saturating_add(b.distance),
        waiting: a.waiting.saturating_add(b.waiting),
        service: a.service.saturating_add(b.service),
        lateness: a.lateness.saturating_add(b.lateness),
        breaks: a.breaks.saturating_add(b.breaks),
        fixed: a.fixed + b.fixed,
        changes: a.changes + b.changes,
        prizes: 0,
        balance: 0,
        total: a.total + b.total,
    }
}

fn seconds(parts: impl Iterator<Item = u32>) -> Seconds {
    Seconds::new(saturated(parts.map(u64::from).sum()))
}

/// Saturates at the largest quantity.
fn saturated(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
