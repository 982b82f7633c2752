//! What a problem may not be: each error once.

use routemate_optimizer::{
    Break, CostTable, Plan, ProblemBuilder, ProblemError, Terminal, TourEnd, Vehicle, VehicleId, Visit, VisitId, Window,
};
use routemate_units::{Meters, Seconds};

type Builder<'c> = ProblemBuilder<'c, CostTable>;

const fn visit(index: usize) -> VisitId {
    VisitId::new(index)
}

const fn vehicle(index: usize) -> VehicleId {
    VehicleId::new(index)
}

const BACKWARDS: Window = Window::new(Seconds::new(9), Seconds::new(8));

/// A problem of three visits at three places, with more.
#[track_caller]
fn check(add: impl FnOnce(&mut Builder<'_>), expected: &ProblemError, message: &str) {
    let costs = CostTable::from_fn(3, |_, _| Some((Seconds::new(1), Meters::new(1))));
    let mut builder = ProblemBuilder::new(&costs);
    for location in 0..3 {
        builder.visit(Visit::at(location));
    }
    add(&mut builder);
    let error = builder.build().expect_err("it is wrong");
    assert_eq!(&error, expected);
    assert_eq!(error.to_string(), message);
}

fn fixed(start: usize, end: usize) -> Vehicle {
    Vehicle::new().with_start(Terminal::Visit(visit(start))).with_end(Terminal::Visit(visit(end)))
}

#[test]
fn visits_that_cannot_be() {
    check(
        |it| (0..32_000).for_each(|_| _ = it.visit(Visit::at(0))),
        &ProblemError::TooManyVisits { visits: 32_003 },
        "`32003` visits are more than 32000",
    );
    check(
        |it| _ = it.visit(Visit::at(3)),
        &ProblemError::VisitLocation { visit: visit(3), location: 3, len: 3 },
        "visit 3 is at location `3` but there are 3 locations",
    );
    check(
        |it| _ = it.visit(Visit::at(0).with_importance(0)),
        &ProblemError::ZeroImportance { visit: visit(3) },
        "importance of visit 3 is `0`, it must be at least 1",
    );
    check(
        |it| _ = it.visit(Visit::at(0).with_vehicle(vehicle(1))),
        &ProblemError::LockedToNoVehicle { visit: visit(3), vehicle: vehicle(1), vehicles: 1 },
        "visit 3 is locked to `vehicle 1` but there are 1 vehicles",
    );
    check(
        |it| _ = it.visit(Visit::at(0).with_window(BACKWARDS)),
        &ProblemError::WindowEndsBeforeStart { visit: visit(3), window: BACKWARDS },
        "window `9..=8` of visit 3 ends before it starts",
    );
}

#[test]
fn ends_and_prefixes_that_cannot_be() {
    check(
        |it| _ = it.vehicle(Vehicle::new().with_start(Terminal::Location(3))),
        &ProblemError::TerminalLocation { vehicle: vehicle(0), end: TourEnd::Start, location: 3, len: 3 },
        "the start of vehicle 0 is at location `3` but there are 3 locations",
    );
    check(
        |it| _ = it.vehicle(Vehicle::new().with_end(Terminal::Visit(visit(3)))),
        &ProblemError::TerminalVisit { vehicle: vehicle(0), end: TourEnd::Finish, visit: visit(3), visits: 3 },
        "the end of vehicle 0 is fixed at `visit 3` but there are 3 visits",
    );
    check(
        |it| _ = it.vehicle(fixed(1, 1)),
        &ProblemError::OneVisitAtBothEnds { visit: visit(1) },
        "`visit 1` is fixed at both ends but is not the only one",
    );
    check(
        |it| _ = it.vehicle(Vehicle::new().with_prefix([visit(1), visit(3)])),
        &ProblemError::PrefixVisit { vehicle: vehicle(0), visit: visit(3), visits: 3 },
        "the prefix of vehicle 0 names `visit 3` but there are 3 visits",
    );
    for twice in [
        fixed(0, 1).with_prefix([visit(2), visit(0)]),
        fixed(0, 1).with_prefix([visit(0), visit(1)]),
        Vehicle::new().with_prefix([visit(1), visit(1)]),
    ] {
        let named = if twice.prefix() == [visit(2), visit(0)] { visit(0) } else { visit(1) };
        let message = format!("`{named}` is fixed at two places");
        check(|it| _ = it.vehicle(twice), &ProblemError::FixedTwice { visit: named }, &message);
    }
    check(
        |it| {
            it.vehicle(fixed(0, 1));
            it.vehicle(fixed(2, 0));
        },
        &ProblemError::FixedTwice { visit: visit(0) },
        "`visit 0` is fixed at two places",
    );
    check(
        |it| {
            it.visit(Visit::at(0).with_vehicle(vehicle(1)));
            it.vehicle(Vehicle::new().with_prefix([visit(3)]));
            it.vehicle(Vehicle::new());
        },
        &ProblemError::FixedElsewhere { visit: visit(3), vehicle: vehicle(0) },
        "`visit 3` is fixed on the tour of vehicle 0 but locked to another",
    );
}

#[test]
fn times_that_cannot_be() {
    let from_five = || Vehicle::new().with_earliest_start(Seconds::new(5));
    check(
        |it| _ = it.vehicle(from_five().with_latest_start(Seconds::new(4))),
        &ProblemError::StartEndsBeforeItBegins { vehicle: vehicle(0) },
        "the latest start of `vehicle 0` lies before its earliest",
    );
    check(
        |it| _ = it.vehicle(from_five().with_latest_finish(Seconds::new(4))),
        &ProblemError::ShiftEndsBeforeItBegins { vehicle: vehicle(0) },
        "the latest finish of `vehicle 0` lies before its earliest start",
    );
    check(
        |it| _ = it.vehicle(Vehicle::new().with_break(Break::new(Seconds::new(1), BACKWARDS))),
        &ProblemError::BreakWindowEndsBeforeStart { vehicle: vehicle(0), window: BACKWARDS },
        "window `9..=8` of a break of vehicle 0 ends before it starts",
    );
}

#[test]
fn shipments_that_cannot_be() {
    check(
        |it| _ = it.shipment(visit(0), visit(3), [1]),
        &ProblemError::ShipmentVisit { visit: visit(3), visits: 3 },
        "a shipment names `visit 3` but there are 3 visits",
    );
    check(
        |it| _ = it.shipment(visit(0), visit(1), [1]).shipment(visit(2), visit(0), [1]),
        &ProblemError::TwoShipments { visit: visit(0) },
        "`visit 0` is named by more than one end of a shipment",
    );
    check(
        |it| _ = it.shipment(visit(0), visit(0), [1]),
        &ProblemError::TwoShipments { visit: visit(0) },
        "`visit 0` is named by more than one end of a shipment",
    );
    let against_order = ProblemError::ShipmentAgainstOrder { pickup: visit(0), delivery: visit(1) };
    let message = "what is fixed rules out loading at `visit 0` and unloading later at `visit 1`";
    for vehicle in [
        Vehicle::new().with_prefix([visit(1), visit(0)]),
        Vehicle::new().with_prefix([visit(1)]),
        Vehicle::new().with_end(Terminal::Visit(visit(0))),
    ] {
        let add = |it: &mut Builder<'_>| {
            it.vehicle(vehicle);
            it.shipment(visit(0), visit(1), [1]);
        };
        check(add, &against_order, message);
    }
}

#[test]
fn plans_that_cannot_be() {
    let plan = |tours: &[&[usize]]| {
        Plan::new(tours.iter().map(|tour| tour.iter().map(|&index| visit(index)).collect()).collect::<Vec<_>>())
    };
    check(
        |it| _ = it.plan_in_force(plan(&[&[0], &[1]])),
        &ProblemError::PlanVehicles { tours: 2, vehicles: 1 },
        "the plan in force has `2` tours but there are 1 vehicles",
    );
    check(
        |it| _ = it.plan_in_force(plan(&[&[0, 3]])),
        &ProblemError::PlanVisit { visit: visit(3), visits: 3 },
        "the plan in force names `visit 3` but there are 3 visits",
    );
    check(
        |it| _ = it.plan_in_force(plan(&[&[0, 1, 0]])),
        &ProblemError::PlannedTwice { visit: visit(0) },
        "`visit 0` stands twice in the plan in force",
    );
}
