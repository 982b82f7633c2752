//! Random problems with several vehicles and every limit.

use routemate_optimizer::{
    Break, CostTable, Departure, Objective, Plan, Problem, ProblemBuilder, Terminal, Vehicle, Visit, VisitId, Window,
};
use routemate_units::{Meters, Seconds};

/// Numbers that a seed determines.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) const fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// 0..`limit`. Source: G. Steele et al., "Fast splittable pseudorandom number generators", 2014 (SplitMix64).
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit.max(1) as u64) as usize
    }

    pub(crate) fn number(&mut self, limit: u32) -> u32 {
        self.below(limit as usize) as u32
    }

    pub(crate) fn seconds(&mut self, limit: u32) -> Seconds {
        Seconds::new(self.number(limit))
    }

    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.number(100) < percent
    }

    fn window(&mut self, limit: u32, length: u32) -> Window {
        let start = self.number(limit);
        Window::new(Seconds::new(start), Seconds::new(start + self.number(length)))
    }
}

/// Everything that a problem is made of, owned.
pub(crate) struct Fleet {
    costs: CostTable,
    visits: Vec<Visit>,
    vehicles: Vec<Vehicle>,
    shipments: Vec<(VisitId, VisitId, u32)>,
    plan: Option<Plan>,
    objective: Objective,
    balance: u32,
}

const LOCATIONS: usize = 9;

impl Fleet {
    /// One to three vehicles and a few visits; each kind of limit is there or not.
    pub(crate) fn drawn(draw: &mut Draw) -> Self {
        let unreachable = if draw.chance(30) { 5 } else { 0 };
        let costs = CostTable::from_fn(LOCATIONS, |_, _| {
            let pair = (Seconds::new(draw.number(60)), Meters::new(draw.number(60)));
            (!draw.chance(unreachable)).then_some(pair)
        });
        let [has_windows, refuses, has_loads, has_skills, has_prizes] = [60, 40, 50, 20, 30].map(|it| draw.chance(it));
        let count = 1 + draw.below(8);
        let visits: Vec<Visit> = (0..count)
            .map(|_| {
                let mut visit = Visit::at(draw.below(LOCATIONS))
                    .with_service(draw.seconds(20))
                    .with_importance(1 + draw.number(4) as u16);
                for _ in 0..if has_windows { draw.below(3) } else { 0 } {
                    visit = visit.with_window(draw.window(300, 100));
                }
                if refuses && draw.chance(50) {
                    visit = visit.with_lateness_refused();
                }
                if has_loads {
                    visit = visit.with_delivery([draw.number(4), draw.number(3)]).with_pickup([draw.number(3)]);
                }
                if has_skills && draw.chance(30) {
                    visit = visit.with_skill(1);
                }
                if has_prizes && draw.chance(50) { visit.with_prize(draw.number(120)) } else { visit }
            })
            .collect();
        let mut shipments = Vec::new();
        if count >= 4 && draw.chance(40) {
            // The last is kept for fixed ends.
            shipments.push((VisitId::new(1), VisitId::new(2), draw.number(5)));
        }
        let vehicles: Vec<Vehicle> =
            (0..1 + draw.below(3)).map(|index| vehicle(draw, index, count, has_loads)).collect();
        let plan = draw.chance(40).then(|| {
            let order: Vec<VisitId> = (0..count).rev().filter(|_| draw.chance(70)).map(VisitId::new).collect();
            Plan::new([order]).with_change_cost(draw.number(40))
        });
        let objective = if draw.chance(50) { Objective::Duration } else { Objective::Distance };
        let balance = if draw.chance(20) { draw.number(200) } else { 0 };
        Self { costs, visits, vehicles, shipments, plan, objective, balance }
    }

    pub(crate) fn problem(&self) -> Problem<'_, CostTable> {
        let mut builder = ProblemBuilder::new(&self.costs);
        for visit in &self.visits {
            builder.visit(visit.clone());
        }
        for vehicle in &self.vehicles {
            builder.vehicle(vehicle.clone());
        }
        for &(pickup, delivery, amount) in &self.shipments {
            builder.shipment(pickup, delivery, [0, amount]);
        }
        if let Some(plan) = &self.plan {
            builder.plan_in_force(plan.clone());
        }
        builder.objective(self.objective).balance(self.balance);
        builder.build().expect("drawn problems are valid")
    }
}

fn vehicle(draw: &mut Draw, index: usize, visits: usize, has_loads: bool) -> Vehicle {
    let terminal = |draw: &mut Draw| match draw.below(3) {
        0 => Terminal::Anywhere,
        _ => Terminal::Location(draw.below(LOCATIONS)),
    };
    let mut vehicle = Vehicle::new()
        .with_start(terminal(draw))
        .with_end(terminal(draw))
        .with_earliest_start(draw.seconds(50))
        .with_fixed_cost(draw.number(30));
    if index == 0 && visits > 4 {
        // Fixed to the first vehicle: the first visit at the beginning, the last at the end.
        match draw.below(4) {
            0 => vehicle = vehicle.with_start(Terminal::Visit(VisitId::new(0))),
            1 => vehicle = vehicle.with_prefix([VisitId::new(0), VisitId::new(3)]),
            _ => {}
        }
        if draw.chance(30) {
            vehicle = vehicle.with_end(Terminal::Visit(VisitId::new(visits - 1)));
        }
    }
    if draw.chance(30) {
        vehicle = vehicle.with_departure(Departure::LatestInTime);
    }
    if draw.chance(20) {
        vehicle = vehicle.with_latest_start(Seconds::new(50 + draw.number(100)));
    }
    if draw.chance(30) {
        vehicle = vehicle.with_latest_finish(Seconds::new(150 + draw.number(300)));
    }
    if draw.chance(20) {
        vehicle = vehicle.with_max_duration(Seconds::new(100 + draw.number(200)));
    }
    if draw.chance(20) {
        vehicle = vehicle.with_max_distance(Meters::new(50 + draw.number(250)));
    }
    if draw.chance(20) {
        vehicle = vehicle.with_max_visits(1 + draw.below(6));
    }
    for _ in 0..draw.below(6).saturating_sub(3) {
        let window = draw.window(250, 80);
        vehicle = vehicle.with_break(Break::new(draw.seconds(40), window));
    }
    if has_loads {
        vehicle = vehicle.with_capacity([4 + draw.number(12), 3 + draw.number(8)]);
    }
    if draw.chance(60) { vehicle.with_skill(1) } else { vehicle }
}
