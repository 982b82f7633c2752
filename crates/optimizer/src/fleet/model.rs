//! Vehicles and visits as the fleet search sees them: everything in flat arrays over nodes.
#![expect(clippy::indexing_slicing, reason = "nodes are below `count`, vehicles and dimensions below their numbers")]

use crate::fleet::parts::{Break, Parts, VehiclePart, VisitPart};
use crate::pace::Pace;

/// Marks what is not there: no partner, no tour, no place.
pub(crate) const NONE: u32 = u32::MAX;
/// The cost and time of an arc that cannot be driven.
pub(crate) const FORBIDDEN: u32 = u32::MAX;
/// Later than any time; sums of a few do not overflow.
pub(crate) const FOREVER: i64 = i64::MAX / 8;
/// The prize of a visit that has to be served.
pub(crate) const MANDATORY: i64 = i64::MAX / 8;

/// One arc: cost, time and distance.
pub(crate) type Arc = (u32, u32, u32);

pub(crate) struct Vehicle {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) part: VehiclePart,
    /// Vehicles of one kind can stand in for one another.
    pub(crate) kind: usize,
    /// Those breaks that may be due.
    pub(crate) breaks: Vec<Break>,
    /// Per dimension.
    pub(crate) capacity: Vec<i64>,
}

/// What a node asks for in time. Terminals ask for nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stop {
    /// The beginning of the first window.
    pub(crate) opens: i64,
    /// The last moment at which the service may begin.
    pub(crate) closes: i64,
    /// The end of the last window: what comes after is late.
    pub(crate) due: i64,
    pub(crate) service: i64,
    /// The range of its windows, where there are several.
    first_window: u32,
    windows: u32,
}

pub(crate) struct Model {
    /// The number of visits: nodes below it are visits, those from it on are terminals.
    pub(crate) visits: usize,
    pub(crate) count: usize,
    cost: Vec<u32>,
    /// The cost by columns where it is asymmetric and there is room for it.
    columns: Vec<u32>,
    is_symmetric: bool,
    /// Where time is not the cost.
    time: Vec<u32>,
    /// Where distances are limited.
    distance: Vec<u32>,
    pub(crate) has_forbidden: bool,
    pub(crate) stops: Vec<Stop>,
    windows: Vec<(i64, i64)>,
    pub(crate) dimensions: usize,
    /// Visit × dimension: on board from the start of the tour.
    pub(crate) initial: Vec<i64>,
    /// Visit × dimension: by how much the load changes there.
    pub(crate) change: Vec<i64>,
    /// Whether nothing is ever loaded on the way, so that the start has the greatest load.
    pub(crate) only_unloads: bool,
    /// The other half of a pair, or [`NONE`].
    pub(crate) partner: Vec<u32>,
    /// Whether a visit is the second half of a pair.
    pub(crate) is_second: Vec<bool>,
    /// What weighs its lateness.
    pub(crate) importance: Vec<i64>,
    /// The importance that is left out with a visit. A pair's is at its pickup.
    pub(crate) missed: Vec<i64>,
    /// What leaving it out costs, or [`MANDATORY`]. A pair's is at its pickup.
    pub(crate) prize: Vec<i64>,
    refuses_lateness: Vec<bool>,
    /// Whether lateness is allowed where it is not refused.
    pub(crate) is_soft: bool,
    pub(crate) vehicles: Vec<Vehicle>,
    pub(crate) kinds: usize,
    /// Visit × vehicle; empty where everybody may serve everyone.
    allowed: Vec<bool>,
    /// Whether a visit is in a head or tail and never moves.
    pub(crate) is_fixed: Vec<bool>,
    pub(crate) balance: i64,
    pub(crate) plan: Vec<Vec<usize>>,
}

/// The most nodes whose asymmetric costs are also kept by columns: 16 MB.
const MOST_WITH_COLUMNS: usize = 2_000;

/// So many nodes are read however little time there is: some milliseconds.
const MOST_READ_ANYWAY: usize = 1_500;

impl Model {
    /// Reads all arcs between `None`, which is nowhere and reached at no cost, and locations; `None` where the time ran out.
    pub(crate) fn of(
        parts: Parts,
        time_is_cost: bool,
        arc: impl Fn(usize, usize) -> Option<Arc>,
        pace: &Pace<'_>,
    ) -> Option<Self> {
        let visits = parts.visits.len();
        let mut locations: Vec<Option<usize>> = parts.visits.iter().map(|visit| Some(visit.location)).collect();
        let has_plan = parts.change_cost > 0 && !parts.plan.is_empty();
        let mut terminal = |location: Option<usize>, is_own: bool| {
            let known = locations.iter().skip(visits).position(|&other| other == location).filter(|_| !is_own);
            known.map_or_else(
                || {
                    locations.push(location);
                    locations.len() - 1
                },
                |known| visits + known,
            )
        };
        // The way from a start tells vehicles apart where changes of the plan cost.
        let ends: Vec<(usize, usize)> = parts
            .vehicles
            .iter()
            .map(|vehicle| (terminal(vehicle.start, has_plan), terminal(vehicle.end, false)))
            .collect();
        let count = locations.len();
        let mut model = Self::without_arcs(&parts, count, &ends);
        let wants_distance = parts.vehicles.iter().any(|vehicle| vehicle.max_distance < FOREVER);
        let wants_time = !time_is_cost || has_plan;
        model.cost = vec![0; count * count];
        model.time = if wants_time { vec![0; count * count] } else { Vec::new() };
        model.distance = if wants_distance { vec![0; count * count] } else { Vec::new() };
        for from in 0..count {
            if count > MOST_READ_ANYWAY && pace.is_over() {
                return None;
            }
            for to in 0..count {
                let cell = from * count + to;
                let found = match (locations[from], locations[to]) {
                    _ if from == to => Some((0, 0, 0)),
                    (Some(a), Some(b)) => arc(a, b),
                    _ => Some((0, 0, 0)),
                };
                let (cost, time, distance) = found.unwrap_or((FORBIDDEN, FORBIDDEN, 0));
                model.has_forbidden |= found.is_none();
                model.cost[cell] = if found.is_some() { cost.min(FORBIDDEN - 1) } else { cost };
                if wants_time {
                    model.time[cell] = if found.is_some() { time.min(FORBIDDEN - 1) } else { time };
                }
                if wants_distance {
                    model.distance[cell] = distance;
                }
            }
        }
        if has_plan {
            model.charge_changes(&parts);
        }
        model.is_symmetric = (0..count).all(|a| (0..a).all(|b| model.cost[a * count + b] == model.cost[b * count + a]));
        if !model.is_symmetric && count <= MOST_WITH_COLUMNS {
            model.columns = (0..count * count).map(|cell| model.cost[cell % count * count + cell / count]).collect();
        }
        Some(model)
    }

    fn without_arcs(parts: &Parts, count: usize, ends: &[(usize, usize)]) -> Self {
        let visits = parts.visits.len();
        let dimensions = parts.vehicles.iter().map(|vehicle| vehicle.capacity.len()).max().unwrap_or(0);
        let amounts = |list: &[i64]| (0..dimensions).map(|at| list.get(at).copied().unwrap_or(0)).collect::<Vec<_>>();
        let mut initial: Vec<i64> = parts.visits.iter().flat_map(|visit| amounts(&visit.delivery)).collect();
        let loaded: Vec<i64> = parts.visits.iter().flat_map(|visit| amounts(&visit.pickup)).collect();
        let mut change: Vec<i64> = loaded.iter().zip(&initial).map(|(loaded, unloaded)| loaded - unloaded).collect();
        let mut partner = vec![NONE; visits];
        let mut is_second = vec![false; visits];
        let importance: Vec<i64> = parts.visits.iter().map(|visit| visit.importance).collect();
        let mut missed = importance.clone();
        let mut prize: Vec<i64> = parts.visits.iter().map(|visit| visit.prize.unwrap_or(MANDATORY)).collect();
        let mut is_fixed = vec![false; visits];
        for vehicle in &parts.vehicles {
            vehicle.head.iter().chain(&vehicle.tail).for_each(|&visit| is_fixed[visit] = true);
        }
        for (first, second, amount) in &parts.pairs {
            for (dimension, amount) in amounts(amount).into_iter().enumerate() {
                change[first * dimensions + dimension] += amount;
                change[second * dimensions + dimension] -= amount;
            }
            if is_fixed[*first] && is_fixed[*second] {
                continue;
            }
            // A pair is optional where one half is, and left out as a whole.
            let (unit, other) = if is_fixed[*first] { (*second, *first) } else { (*first, *second) };
            let prizes: Vec<i64> = [unit, other].iter().filter_map(|&half| parts.visits[half].prize).collect();
            prize[unit] = if prizes.is_empty() { MANDATORY } else { prizes.iter().sum() };
            missed[unit] += importance[other];
            // Where one half is fixed, only the other is sought a place for, behind the head and before the tail.
            if is_fixed[other] {
                continue;
            }
            (partner[*first], partner[*second]) = (*second as u32, *first as u32);
            is_second[*second] = true;
        }
        let only_unloads = change.iter().zip(&initial).all(|(&change, &initial)| change <= 0 && initial >= 0)
            && partner.iter().all(|&partner| partner == NONE);
        if dimensions == 0 {
            initial.clear();
            change.clear();
        }
        let mut windows = Vec::new();
        let mut stops: Vec<Stop> = parts.visits.iter().map(|visit| Stop::of(visit, &mut windows)).collect();
        stops.resize(count, Stop { opens: 0, closes: FOREVER, due: FOREVER, service: 0, first_window: 0, windows: 0 });
        let (vehicles, kinds) = vehicles(parts, ends, dimensions);
        Self {
            visits,
            count,
            cost: Vec::new(),
            columns: Vec::new(),
            is_symmetric: false,
            time: Vec::new(),
            distance: Vec::new(),
            has_forbidden: false,
            stops,
            windows,
            dimensions,
            initial,
            change,
            only_unloads,
            partner,
            is_second,
            importance,
            missed,
            prize,
            refuses_lateness: parts.visits.iter().map(|visit| visit.refuses_lateness).collect(),
            is_soft: false,
            vehicles,
            kinds,
            allowed: allowed(parts),
            is_fixed,
            balance: parts.balance,
            plan: parts.plan.clone(),
        }
    }

    fn charge_changes(&mut self, parts: &Parts) {
        let mut before = vec![None; self.visits];
        for (vehicle, list) in parts.plan.iter().enumerate().take(self.vehicles.len()) {
            let mut previous = self.vehicles[vehicle].start;
            for &visit in list {
                before[visit] = Some(previous);
                previous = visit;
            }
        }
        let starts: Vec<usize> = self.vehicles.iter().map(|vehicle| vehicle.start).collect();
        let planned: Vec<(usize, usize)> =
            before.iter().enumerate().filter_map(|(visit, before)| before.map(|before| (visit, before))).collect();
        let extra = u32::try_from(parts.change_cost).unwrap_or(FORBIDDEN / 2).min(FORBIDDEN / 2);
        for &(visit, own) in &planned {
            for from in planned.iter().map(|&(other, _)| other).chain(starts.iter().copied()) {
                let cell = from * self.count + visit;
                if from != own && from != visit && self.cost[cell] != FORBIDDEN {
                    self.cost[cell] = self.cost[cell].saturating_add(extra).min(FORBIDDEN - 1);
                }
            }
        }
    }

    /// Whether a vehicle may serve a visit as far as skills and locks go.
    #[inline]
    pub(crate) fn allows(&self, vehicle: usize, visit: usize) -> bool {
        self.allowed.is_empty() || self.allowed[visit * self.vehicles.len() + vehicle]
    }

    #[inline]
    pub(crate) fn cost(&self, from: usize, to: usize) -> u32 {
        self.cost[from * self.count + to]
    }

    /// The costs from a node to all.
    #[inline]
    pub(crate) fn onward(&self, from: usize) -> &[u32] {
        &self.cost[from * self.count..(from + 1) * self.count]
    }

    /// The costs from all to a node; `None` where only [`cost`](Self::cost) knows them.
    #[inline]
    pub(crate) fn back(&self, to: usize) -> Option<&[u32]> {
        let range = to * self.count..(to + 1) * self.count;
        if self.is_symmetric {
            Some(&self.cost[range])
        } else if self.columns.is_empty() {
            None
        } else {
            Some(&self.columns[range])
        }
    }

    #[inline]
    pub(crate) fn time(&self, from: usize, to: usize) -> i64 {
        let cell = from * self.count + to;
        i64::from(if self.time.is_empty() { self.cost[cell] } else { self.time[cell] })
    }

    #[inline]
    pub(crate) fn time_is_cost(&self) -> bool {
        self.time.is_empty()
    }

    /// Zero where no distance is limited.
    #[inline]
    pub(crate) fn distance(&self, from: usize, to: usize) -> i64 {
        if self.distance.is_empty() { 0 } else { i64::from(self.distance[from * self.count + to]) }
    }

    /// When the service begins for an arrival; `None` where that is too late.
    #[inline]
    pub(crate) fn begin(&self, node: usize, arrival: i64) -> Option<i64> {
        let stop = &self.stops[node];
        if stop.windows > 1 {
            for &(opens, closes) in self.windows_of(stop) {
                if arrival <= closes {
                    return Some(arrival.max(opens));
                }
            }
        }
        (arrival <= stop.closes).then(|| arrival.max(stop.opens))
    }

    /// The latest arrival from which the service begins by `limit`; negative where there is none.
    #[inline]
    pub(crate) fn latest_arrival(&self, node: usize, limit: i64) -> i64 {
        let stop = &self.stops[node];
        if limit < stop.opens {
            return -1;
        }
        if stop.windows > 1 && limit <= stop.due {
            let open = self.windows_of(stop).iter().rev().find(|&&(opens, _)| opens <= limit);
            return open.map_or(-1, |&(_, closes)| closes.min(limit));
        }
        stop.closes.min(limit)
    }

    fn windows_of(&self, stop: &Stop) -> &[(i64, i64)] {
        &self.windows[stop.first_window as usize..(stop.first_window + stop.windows) as usize]
    }

    /// Whether there are tours to begin with.
    pub(crate) fn has_plan(&self) -> bool {
        !self.plan.is_empty()
    }

    /// Allows, or forbids again, lateness where it is not refused.
    pub(crate) fn set_soft(&mut self, is_soft: bool) {
        self.is_soft = is_soft;
        for (stop, &refuses) in self.stops.iter_mut().zip(&self.refuses_lateness) {
            stop.closes = if is_soft && !refuses { FOREVER } else { stop.due };
        }
    }

    /// Whether leaving lateness free could make a difference.
    pub(crate) fn has_soft_windows(&self) -> bool {
        self.refuses_lateness.iter().zip(&self.stops).any(|(&refuses, stop)| !refuses && stop.due < FOREVER)
    }

    /// The amounts a visit has on board from the start, and the change there.
    #[inline]
    pub(crate) fn amounts(&self, visit: usize) -> (&[i64], &[i64]) {
        let range = visit * self.dimensions..(visit + 1) * self.dimensions;
        (&self.initial[range.clone()], &self.change[range])
    }

    /// The other half of a pair.
    #[inline]
    pub(crate) fn partner_of(&self, visit: usize) -> Option<usize> {
        let partner = self.partner[visit];
        (partner != NONE).then_some(partner as usize)
    }

    /// The visit that stands for it among the absent: the pickup for a pair's delivery.
    #[inline]
    pub(crate) fn unit_of(&self, visit: usize) -> usize {
        if self.is_second[visit] { self.partner[visit] as usize } else { visit }
    }
}

impl Stop {
    fn of(visit: &VisitPart, windows: &mut Vec<(i64, i64)>) -> Self {
        let first_window = windows.len() as u32;
        windows.extend(&visit.windows);
        let due = visit.windows.last().map_or(FOREVER, |&(_, closes)| closes);
        Self {
            opens: visit.windows.first().map_or(0, |&(opens, _)| opens),
            closes: due,
            due,
            service: visit.service,
            first_window,
            windows: visit.windows.len() as u32,
        }
    }
}

fn allowed(parts: &Parts) -> Vec<bool> {
    let is_free = |visit: &VisitPart| visit.skills.is_empty() && visit.vehicle.is_none();
    if parts.visits.iter().all(is_free) {
        return Vec::new();
    }
    let alone = |visit: &VisitPart, index: usize, vehicle: &VehiclePart| {
        visit.vehicle.is_none_or(|own| own == index) && visit.skills.iter().all(|skill| vehicle.skills.contains(skill))
    };
    let mut allowed: Vec<bool> = parts
        .visits
        .iter()
        .flat_map(|visit| parts.vehicles.iter().enumerate().map(move |(index, vehicle)| alone(visit, index, vehicle)))
        .collect();
    let vehicles = parts.vehicles.len();
    for &(first, second, _) in &parts.pairs {
        for vehicle in 0..vehicles {
            let both = allowed[first * vehicles + vehicle] && allowed[second * vehicles + vehicle];
            (allowed[first * vehicles + vehicle], allowed[second * vehicles + vehicle]) = (both, both);
        }
    }
    allowed
}

fn vehicles(parts: &Parts, ends: &[(usize, usize)], dimensions: usize) -> (Vec<Vehicle>, usize) {
    let mut is_named = vec![false; parts.vehicles.len()];
    parts.visits.iter().filter_map(|visit| visit.vehicle).for_each(|vehicle| is_named[vehicle] = true);
    let mut first_of_kind: Vec<usize> = Vec::new();
    let mut vehicles: Vec<Vehicle> = Vec::with_capacity(parts.vehicles.len());
    for (index, part) in parts.vehicles.iter().enumerate() {
        let is_own = is_named[index] || !part.head.is_empty() || part.tail.is_some();
        let same = |&&other: &&usize| !is_named[other] && ends[other] == ends[index] && parts.vehicles[other] == *part;
        let known = first_of_kind.iter().find(same).filter(|_| !is_own).map(|&other| vehicles[other].kind);
        let kind = known.unwrap_or_else(|| {
            first_of_kind.push(index);
            first_of_kind.len() - 1
        });
        let breaks = part.breaks.iter().copied().filter(|pause| pause.closes >= part.earliest_start).collect();
        let capacity = (0..dimensions).map(|at| part.capacity.get(at).copied().unwrap_or(FOREVER)).collect();
        let (start, end) = ends[index];
        vehicles.push(Vehicle { start, end, part: part.clone(), kind, breaks, capacity });
    }
    (vehicles, first_of_kind.len())
}
