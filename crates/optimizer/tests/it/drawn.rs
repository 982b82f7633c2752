//! Problems of every kind drawn from bytes: by the tests from random ones, by the fuzz target from whatever it tries.

use routemate_optimizer::{
    Break, CostTable, Departure, Objective, Plan, Problem, ProblemBuilder, ProblemError, Terminal, Vehicle, VehicleId,
    Visit, VisitId, Window,
};
use routemate_units::{Meters, Seconds};

/// What a drawn problem may have, as bits.
pub(crate) mod with {
    pub(crate) const CAPACITY: u32 = 1;
    pub(crate) const PICKUPS: u32 = 1 << 1;
    pub(crate) const SHIPMENTS: u32 = 1 << 2;
    pub(crate) const SKILLS: u32 = 1 << 3;
    pub(crate) const LOCKS: u32 = 1 << 4;
    pub(crate) const PRIZES: u32 = 1 << 5;
    pub(crate) const WINDOWS: u32 = 1 << 6;
    pub(crate) const REFUSED_LATENESS: u32 = 1 << 7;
    pub(crate) const BREAKS: u32 = 1 << 8;
    pub(crate) const SHIFTS: u32 = 1 << 9;
    pub(crate) const MAX_DISTANCE: u32 = 1 << 10;
    pub(crate) const MAX_VISITS: u32 = 1 << 11;
    pub(crate) const FIXED_COSTS: u32 = 1 << 12;
    pub(crate) const BALANCE: u32 = 1 << 13;
    pub(crate) const PLAN: u32 = 1 << 14;
    pub(crate) const PREFIXES: u32 = 1 << 15;
    pub(crate) const FIXED_ENDS: u32 = 1 << 16;
    pub(crate) const UNREACHABLE: u32 = 1 << 17;
    pub(crate) const LATEST_STARTS: u32 = 1 << 18;
    pub(crate) const LATE_DEPARTURES: u32 = 1 << 19;
    pub(crate) const EVERYTHING: u32 = (1 << 20) - 1;
}

/// How large a drawn problem is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) visits: u32,
    pub(crate) vehicles: u32,
    /// The longest drive; other times are small multiples of it.
    pub(crate) longest: u32,
}

/// Everything a problem of several vehicles is made of, owned.
#[derive(Debug, Clone)]
pub(crate) struct Fleet {
    pub(crate) costs: CostTable,
    pub(crate) visits: Vec<Visit>,
    pub(crate) vehicles: Vec<Vehicle>,
    pub(crate) shipments: Vec<(VisitId, VisitId, Vec<u32>)>,
    pub(crate) objective: Objective,
    pub(crate) balance: u32,
    pub(crate) plan: Option<Plan>,
}

impl Fleet {
    pub(crate) fn problem(&self) -> Result<Problem<'_, CostTable>, ProblemError> {
        let mut builder = ProblemBuilder::new(&self.costs);
        for visit in &self.visits {
            builder.visit(visit.clone());
        }
        for vehicle in &self.vehicles {
            builder.vehicle(vehicle.clone());
        }
        for (pickup, delivery, amounts) in &self.shipments {
            builder.shipment(*pickup, *delivery, amounts.clone());
        }
        if let Some(plan) = &self.plan {
            builder.plan_in_force(plan.clone());
        }
        builder.objective(self.objective).balance(self.balance);
        builder.build()
    }
}

/// Bytes as a source of choices; zeros come after the last.
pub(crate) struct Bytes<'b> {
    rest: &'b [u8],
}

impl<'b> Bytes<'b> {
    pub(crate) const fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    fn byte(&mut self) -> u32 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        u32::from(*first)
    }

    /// A number up to and including `most`.
    pub(crate) fn up_to(&mut self, most: u32) -> u32 {
        let bytes = match most {
            0 => return 0,
            1..=0xff => 1,
            0x100..=0xffff => 2,
            _ => 4,
        };
        let number = (0..bytes).fold(0_u64, |number, _| number << 8 | u64::from(self.byte()));
        (number % (u64::from(most) + 1)) as u32
    }

    fn percent(&mut self, percent: u32) -> bool {
        self.byte() * 100 >= 256 * (100 - percent)
    }

    fn amounts(&mut self, dimensions: u32, most: u32) -> Vec<u32> {
        (0..dimensions).map(|_| self.up_to(most)).collect()
    }

    fn window(&mut self, longest: u32) -> Window {
        let start = self.up_to(longest.saturating_mul(6));
        let end = start.saturating_add(self.up_to(longest.saturating_mul(3)));
        Window::new(Seconds::new(start), Seconds::new(end))
    }
}

/// A problem that has nothing but what `kinds` allows.
pub(crate) fn fleet(bytes: &mut Bytes<'_>, size: Size, kinds: u32) -> Fleet {
    let has = |kind: u32| kinds & kind != 0;
    let visits = bytes.up_to(size.visits);
    let vehicles = 1 + bytes.up_to(size.vehicles - 1);
    let dimensions = if has(with::CAPACITY) { 1 + bytes.up_to(1) } else { 0 };
    let locations = visits + 2;
    let mut fleet = Fleet {
        costs: costs(bytes, locations as usize, size.longest, has(with::UNREACHABLE)),
        visits: Vec::new(),
        vehicles: Vec::new(),
        shipments: Vec::new(),
        objective: if bytes.percent(50) { Objective::Distance } else { Objective::Duration },
        balance: if has(with::BALANCE) { bytes.up_to(300) } else { 0 },
        plan: None,
    };
    for _ in 0..visits {
        fleet.visits.push(visit(bytes, (locations, dimensions, size.longest), kinds));
    }
    let mut free: Vec<VisitId> = (0..visits as usize).map(VisitId::new).collect();
    for _ in 0..vehicles {
        let vehicle = vehicle(bytes, (locations, dimensions, size.longest), kinds);
        fleet.vehicles.push(fix(bytes, vehicle, &mut free, kinds));
    }
    if has(with::SHIPMENTS) {
        for _ in 0..bytes.up_to(2) {
            if let (Some(pickup), Some(delivery)) = (take(bytes, &mut free), take(bytes, &mut free)) {
                fleet.shipments.push((pickup, delivery, bytes.amounts(dimensions, 6)));
            }
        }
    }
    if has(with::LOCKS) {
        for id in free {
            if bytes.percent(25) {
                let vehicle = VehicleId::new(bytes.up_to(vehicles - 1) as usize);
                let visit = &mut fleet.visits[id.index()];
                *visit = visit.clone().with_vehicle(vehicle);
            }
        }
    }
    if has(with::PLAN) {
        let mut tours = vec![Vec::new(); vehicles as usize];
        let mut left: Vec<VisitId> = (0..visits as usize).map(VisitId::new).collect();
        for _ in 0..bytes.up_to(visits) {
            let tour = bytes.up_to(vehicles - 1) as usize;
            tours[tour].extend(take(bytes, &mut left));
        }
        fleet.plan = Some(Plan::new(tours).with_change_cost(bytes.up_to(2 * size.longest.min(1000))));
    }
    fleet
}

fn take(bytes: &mut Bytes<'_>, free: &mut Vec<VisitId>) -> Option<VisitId> {
    let last = free.len().checked_sub(1)?;
    Some(free.swap_remove(bytes.up_to(last as u32) as usize))
}

fn costs(bytes: &mut Bytes<'_>, locations: usize, longest: u32, has_gaps: bool) -> CostTable {
    let gaps = if has_gaps { bytes.up_to(40) } else { 0 };
    CostTable::from_fn(locations, |_, _| {
        let (duration, distance) = (bytes.up_to(longest), bytes.up_to(longest));
        let is_gap = gaps > 0 && bytes.percent(gaps);
        (!is_gap).then_some((Seconds::new(duration), Meters::new(distance)))
    })
}

fn visit(bytes: &mut Bytes<'_>, (locations, dimensions, longest): (u32, u32, u32), kinds: u32) -> Visit {
    let has = |kind: u32| kinds & kind != 0;
    let mut visit = Visit::at(bytes.up_to(locations - 1) as usize)
        .with_service(Seconds::new(bytes.up_to(longest / 3)))
        .with_importance(1 + bytes.up_to(3) as u16);
    if has(with::CAPACITY) {
        visit = visit.with_delivery(bytes.amounts(dimensions, 5));
    }
    if has(with::PICKUPS) && bytes.percent(50) {
        visit = visit.with_pickup(bytes.amounts(dimensions, 5));
    }
    if has(with::SKILLS) && bytes.percent(40) {
        visit = visit.with_skill(bytes.up_to(2));
    }
    if has(with::PRIZES) && bytes.percent(50) {
        visit = visit.with_prize(bytes.up_to(longest.saturating_mul(2)));
    }
    if has(with::WINDOWS) && bytes.percent(60) {
        for _ in 0..=bytes.up_to(1) {
            visit = visit.with_window(bytes.window(longest));
        }
        if has(with::REFUSED_LATENESS) && bytes.percent(50) {
            visit = visit.with_lateness_refused();
        }
    }
    visit
}

fn vehicle(bytes: &mut Bytes<'_>, (locations, dimensions, longest): (u32, u32, u32), kinds: u32) -> Vehicle {
    let has = |kind: u32| kinds & kind != 0;
    let seconds = Seconds::new;
    let earliest = bytes.up_to(longest);
    let mut vehicle = Vehicle::new().with_earliest_start(seconds(earliest));
    if bytes.percent(70) {
        vehicle = vehicle.with_start(Terminal::Location(bytes.up_to(locations - 1) as usize));
    }
    if bytes.percent(50) {
        vehicle = vehicle.with_end(Terminal::Location(bytes.up_to(locations - 1) as usize));
    }
    if has(with::CAPACITY) {
        let dimensions = bytes.up_to(dimensions);
        vehicle = vehicle.with_capacity(bytes.amounts(dimensions, 12));
    }
    if has(with::SKILLS) {
        vehicle = (0..2).fold(vehicle, |vehicle, _| vehicle.with_skill(bytes.up_to(2)));
    }
    if has(with::FIXED_COSTS) {
        vehicle = vehicle.with_fixed_cost(bytes.up_to(longest.saturating_mul(3)));
    }
    if has(with::MAX_VISITS) && bytes.percent(50) {
        vehicle = vehicle.with_max_visits(bytes.up_to(4) as usize);
    }
    if has(with::MAX_DISTANCE) && bytes.percent(50) {
        vehicle = vehicle.with_max_distance(Meters::new(bytes.up_to(longest.saturating_mul(4))));
    }
    if has(with::LATEST_STARTS) && bytes.percent(50) {
        vehicle = vehicle.with_latest_start(seconds(earliest.saturating_add(bytes.up_to(longest.saturating_mul(3)))));
    }
    if has(with::LATE_DEPARTURES) && bytes.percent(50) {
        vehicle = vehicle.with_departure(Departure::LatestInTime);
    }
    if has(with::SHIFTS) {
        if bytes.percent(50) {
            let finish = earliest.saturating_add(bytes.up_to(longest.saturating_mul(8)));
            vehicle = vehicle.with_latest_finish(seconds(finish));
        }
        if bytes.percent(40) {
            vehicle = vehicle.with_max_duration(seconds(bytes.up_to(longest.saturating_mul(5))));
        }
    }
    if has(with::BREAKS) {
        let mut windows: Vec<Window> = (0..bytes.up_to(2)).map(|_| bytes.window(longest)).collect();
        windows.sort_unstable_by_key(|window| (window.end, window.start));
        for window in windows {
            vehicle = vehicle.with_break(Break::new(seconds(bytes.up_to(longest / 2)), window));
        }
    }
    vehicle
}

/// Fixes visits at the ends and in the prefix of a vehicle.
fn fix(bytes: &mut Bytes<'_>, mut vehicle: Vehicle, free: &mut Vec<VisitId>, kinds: u32) -> Vehicle {
    if kinds & with::FIXED_ENDS != 0 {
        if bytes.percent(25)
            && let Some(first) = take(bytes, free)
        {
            vehicle = vehicle.with_start(Terminal::Visit(first));
        }
        if bytes.percent(25)
            && let Some(last) = take(bytes, free)
        {
            vehicle = vehicle.with_end(Terminal::Visit(last));
        }
    }
    if kinds & with::PREFIXES != 0 && bytes.percent(50) {
        let prefix: Vec<VisitId> = (0..bytes.up_to(2)).filter_map(|_| take(bytes, free)).collect();
        vehicle = vehicle.with_prefix(prefix);
    }
    vehicle
}
