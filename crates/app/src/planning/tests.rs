//! Whatever the route, its plan is one of it.

use jiff::civil::{date, time};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use routemate_domain::{
    DayWindow, Location, Outcome, ProofOfDelivery, Route, RouteEnds, RouteStatus, Stop, StopId, StopKind, StopStatus,
    Terminal, ZoneName,
};
use routemate_test_support::samples;
use routemate_travel::{Leg, Matrix, Quality, TravelPath};
use routemate_units::{LatLng, Meters, Seconds};
use uuid::Uuid;

use super::*;
use crate::solver::Solved;

const NOON: &str = "2026-03-28T10:00:00Z";

fn route(ends: RouteEnds) -> Route {
    let zone = ZoneName::parse("Europe/Helsinki").unwrap();
    Route { ends, timezone: zone, ..samples::view(Vec::new()).itinerary.route }
}

fn place(lat: f64, lng: f64) -> LatLng {
    LatLng::new(lat, lng).unwrap()
}

fn stop(number: u32, location: Location) -> Stop {
    Stop {
        id: StopId::from_uuid(Uuid::from_u128(u128::from(number) + 1)),
        given_position: number,
        ..samples::stop(&format!("S{number}"), location)
    }
}

fn pause(number: u32, minutes: u32) -> Stop {
    let service_time = Some(Seconds::new(60 * minutes));
    Stop { kind: StopKind::Break, service_time, ..stop(number, Location::Anywhere) }
}

fn done(stop: Stop, at: Timestamp) -> Stop {
    let outcome = Outcome::Completed { at, proof: ProofOfDelivery::default() };
    Stop { status: StopStatus::Ended { arrived_at: None, outcome }, ..stop }
}

/// Ways as the crow flies, 36 km/h.
fn ways(points: &[LatLng]) -> Matrix {
    Matrix::from_fn(points.len(), Quality::Roads, |from, to| {
        let (from, to) = (points[from], points[to]);
        let apart = (from.lat() - to.lat()).hypot((from.lng() - to.lng()) / 2.0) * 111_000.0;
        Some(Leg { duration: Seconds::new((apart / 10.0) as u32), distance: Meters::new(apart as u32) })
    })
}

/// What [`App::plan`] does, on the spot.
fn plan(itinerary: Itinerary, order: StopOrder, day: Option<Date>) -> Itinerary {
    let situation = Situation::of(itinerary, order, day);
    if !situation.is_drivable() {
        return situation.unplanned();
    }
    let matrix = ways(&situation.points());
    let ordered = situation.assignment(order).order(&matrix, &Budget::of_iterations(200)).unwrap();
    let path = TravelPath { quality: Quality::Roads, legs: Vec::new(), geometry: Vec::new(), attribution: None };
    assembly::assemble(situation, &Solved { matrix, ordered, path })
}

fn ids(itinerary: &Itinerary) -> Vec<StopId> {
    itinerary.stops.iter().map(|stop| stop.id).collect()
}

fn arrivals(itinerary: &Itinerary) -> Vec<Timestamp> {
    itinerary.stops.iter().filter_map(|stop| stop.planned?.arrival).collect()
}

fn any_ends() -> impl Strategy<Value = RouteEnds> {
    prop::sample::select(RouteEnds::ALL.to_vec())
}

/// Stops with places, some without; some with windows, stays and importance; breaks.
fn any_stops() -> impl Strategy<Value = Vec<Stop>> {
    let one =
        (60.1..60.3_f64, 24.8..25.2_f64, 0..10_u8, prop::option::of((6..20_i8, 0..4_i8)), 0..1_800_u32, 0..=10_u8);
    prop::collection::vec(one, 1..9).prop_map(|drawn| {
        let stops = (0..).zip(drawn).map(|(number, (lat, lng, kind, window, stay, priority))| {
            let location = match kind {
                0 => Location::unknown(),
                1 => return Stop { day_windows: day_window(12, 14), ..pause(number, 30) },
                2 => return pause(number, 15),
                _ => Location::Supplied(place(lat, lng)),
            };
            let day_windows = window.map_or_else(Vec::new, |(from, hours)| day_window(from, from + hours));
            let priority = routemate_domain::Priority::one_to_ten(priority).unwrap();
            Stop { day_windows, service_time: Some(Seconds::new(stay)), priority, ..stop(number, location) }
        });
        stops.collect()
    })
}

fn day_window(from: i8, until: i8) -> Vec<DayWindow> {
    DayWindow::new(Some(time(from, 0, 0, 0)), Some(time(until, 0, 0, 0))).unwrap().into_iter().collect()
}

/// A route on one of the days on which clocks change, or on another one.
fn any_route() -> impl Strategy<Value = (Itinerary, Option<Date>)> {
    let days = prop::sample::select(vec![date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1)]);
    let ends = (60.1..60.3_f64, 24.8..25.2_f64, any::<(bool, bool)>());
    (any_stops(), any_ends(), prop::option::of(days), ends).prop_map(|(mut stops, kind, day, (lat, lng, has))| {
        let mut route = route(kind);
        let depot = |is_there: bool| Terminal {
            location: is_there.then(|| Location::Supplied(place(lat, lng))),
            ..Terminal::default()
        };
        (route.start, route.end) = (depot(has.0), depot(has.1));
        for stop in &mut stops {
            stop.fix_windows(day, &route.timezone);
        }
        (Itinerary { route, stops }, day)
    })
}

fn located(places: &[(f64, f64)]) -> Vec<Stop> {
    let places = (0..).zip(places);
    places.map(|(number, &(lat, lng))| stop(number, Location::Supplied(place(lat, lng)))).collect()
}

/// The least driving of all orders that are allowed, each tried.
fn least_driving(places: &[(f64, f64)], is_closed: bool, is_allowed: impl Fn(&[usize]) -> bool) -> Seconds {
    let matrix = ways(&places.iter().map(|&(lat, lng)| place(lat, lng)).collect::<Vec<_>>());
    let driving = |order: &[usize]| -> u32 {
        let closing = is_closed.then(|| (order[order.len() - 1], order[0]));
        let legs = order.windows(2).map(|leg| (leg[0], leg[1])).chain(closing);
        legs.map(|(from, to)| matrix.leg(from, to).map_or(0, |leg| leg.duration.get())).sum()
    };
    let mut least = u32::MAX;
    let mut orders = vec![Vec::new()];
    while let Some(order) = orders.pop() {
        if order.len() == places.len() {
            if is_allowed(&order) {
                least = least.min(driving(&order));
            }
            continue;
        }
        let next = (0..places.len()).filter(|number| !order.contains(number));
        orders.extend(next.map(|number| order.iter().copied().chain([number]).collect::<Vec<usize>>()));
    }
    Seconds::new(least)
}

proptest! {
    #[test]
    fn a_plan_has_every_stop_once_and_its_times_never_fall(
        (itinerary, day) in any_route(),
        order in prop::sample::select(vec![StopOrder::Given, StopOrder::Best]),
    ) {
        let planned = plan(itinerary.clone(), order, day);
        let (mut before, mut after) = (ids(&itinerary), ids(&planned));
        before.sort_unstable();
        after.sort_unstable();
        prop_assert_eq!(before, after);
        prop_assert!(arrivals(&planned).is_sorted());
        let legs = planned.stops.iter().filter_map(|stop| stop.planned).chain(planned.route.end_leg);
        let (distance, duration) = legs.fold((Meters::ZERO, Seconds::ZERO), |(distance, duration), leg| {
            (distance.saturating_add(leg.distance), duration.saturating_add(leg.duration))
        });
        prop_assert_eq!((distance, duration), (planned.route.totals.distance, planned.route.totals.duration));
        // Those without a plan come after all others.
        prop_assert!(planned.stops.iter().map(|stop| stop.planned.is_none()).is_sorted());
    }

    #[test]
    fn the_order_given_is_kept((itinerary, day) in any_route()) {
        let planned = plan(itinerary, StopOrder::Given, day);
        let in_turn = planned.stops.iter().filter(|stop| stop.planned.is_some());
        prop_assert!(in_turn.map(|stop| stop.given_position).is_sorted());
    }

    #[test]
    fn the_best_order_is_no_worse_than_the_one_given(stops in any_stops(), kind in any_ends()) {
        let stops: Vec<Stop> = stops.into_iter().filter(|stop| stop.kind != StopKind::Break).collect();
        let itinerary = Itinerary { route: route(kind), stops };
        let given = plan(itinerary.clone(), StopOrder::Given, None);
        let best = plan(itinerary, StopOrder::Best, None);
        prop_assert!(best.route.totals.duration <= given.route.totals.duration);
        // And what is planned again gets no worse.
        let again = plan(best.clone(), StopOrder::Best, None);
        prop_assert!(again.route.totals.duration <= best.route.totals.duration);
    }

    #[test]
    fn locked_stops_keep_their_places(stops in any_stops(), locked in any::<[bool; 9]>()) {
        let stops: Vec<Stop> = stops.into_iter().filter(|stop| stop.location.position().is_some()).collect();
        let mut given = plan(Itinerary { route: route(RouteEnds::Terminals), stops }, StopOrder::Given, None);
        for (stop, locked) in given.stops.iter_mut().zip(locked) {
            stop.is_locked = locked;
        }
        let best = plan(given.clone(), StopOrder::Best, None);
        for (old, new) in given.stops.iter().zip(&best.stops).filter(|(old, _)| old.is_locked) {
            prop_assert_eq!(old.id, new.id);
        }
        prop_assert!(best.route.totals.duration <= given.route.totals.duration);
    }

    #[test]
    fn ends_are_kept_at_the_least_that_any_order_takes(
        places in prop::collection::vec((60.1..60.3_f64, 24.8..25.2_f64), 1..8),
        kind in any_ends(),
    ) {
        let stops: Vec<Stop> = located(&places);
        let best = plan(Itinerary { route: route(kind), stops }, StopOrder::Best, None);
        let last = places.len() - 1;
        let are_kept = |order: &[usize]| match kind {
            RouteEnds::Fixed => order[0] == 0 && order[last] == last,
            RouteEnds::OpenEnd | RouteEnds::RoundTrip => order[0] == 0,
            RouteEnds::Terminals => true,
        };
        let least = least_driving(&places, kind == RouteEnds::RoundTrip, are_kept);
        prop_assert_eq!(best.route.totals.duration, least);
        let order: Vec<usize> = best.stops.iter().map(|stop| stop.given_position as usize).collect();
        prop_assert!(are_kept(&order), "{:?}", order);
    }

    #[test]
    fn locked_stops_keep_their_places_at_the_least_that_takes(
        places in prop::collection::vec((60.1..60.3_f64, 24.8..25.2_f64), 3..8),
        locked in any::<[bool; 8]>(),
        kind in any_ends(),
    ) {
        let mut given = plan(Itinerary { route: route(kind), stops: located(&places) }, StopOrder::Given, None);
        for (stop, locked) in given.stops.iter_mut().zip(locked) {
            stop.is_locked = locked;
        }
        let best = plan(given, StopOrder::Best, None);
        let last = places.len() - 1;
        let is_held = |place: usize| {
            locked[place]
                || (place == 0 && kind != RouteEnds::Terminals)
                || (place == last && kind == RouteEnds::Fixed)
        };
        let are_kept = |order: &[usize]| (0..=last).all(|place| !is_held(place) || order[place] == place);
        let least = least_driving(&places, kind == RouteEnds::RoundTrip, are_kept);
        prop_assert_eq!(best.route.totals.duration, least);
    }

    #[test]
    fn what_is_done_stays_and_the_rest_begins_there((itinerary, day) in any_route(), count in 0..9_usize) {
        let mut planned = plan(itinerary, StopOrder::Best, day);
        let at = |minutes: usize| NOON.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes as i64);
        let open = planned.stops.iter().filter(|stop| stop.planned.is_some()).count();
        let count = count.min(open);
        for (number, stop) in planned.stops.iter_mut().take(count).enumerate() {
            *stop = done(stop.clone(), at(number));
        }
        if count > 0 {
            planned.route.status = RouteStatus::Started { at: at(0) };
        }
        let again = plan(planned.clone(), StopOrder::Best, day);
        prop_assert_eq!(&planned.stops[..count], &again.stops[..count]);
        let (mut before, mut after) = (ids(&planned), ids(&again));
        before.sort_unstable();
        after.sort_unstable();
        prop_assert_eq!(before, after);
        let is_driven = again.stops[..count].iter().any(|stop| stop.location.position().is_some());
        if is_driven {
            let ahead = again.stops.iter().skip(count).filter_map(|stop| stop.planned?.arrival);
            let left = at(0);
            prop_assert!(ahead.into_iter().all(|arrival| arrival >= left));
        }
    }
}

#[test]
fn ends_are_those_of_the_route() {
    let at = |number: u32, lng: f64| stop(number, Location::Supplied(place(60.1, lng)));
    // Given as 0 3 1 2 along a road.
    let stops = || vec![at(0, 25.0), at(1, 25.3), at(2, 25.1), at(3, 25.2)];
    let planned = |ends| {
        let planned = plan(Itinerary { route: route(ends), stops: stops() }, StopOrder::Best, None);
        let order: Vec<u32> = planned.stops.iter().map(|stop| stop.given_position).collect();
        (order, planned.route.end_leg.is_some())
    };
    assert_eq!(planned(RouteEnds::Fixed), (vec![0, 2, 1, 3], false));
    assert_eq!(planned(RouteEnds::OpenEnd), (vec![0, 2, 3, 1], false));
    let (order, is_closed) = planned(RouteEnds::RoundTrip);
    assert_eq!((order[0], is_closed), (0, true));
    assert_eq!(planned(RouteEnds::Terminals).0.len(), 4);
    let mut depot = route(RouteEnds::Terminals);
    depot.start.location = Some(Location::Supplied(place(60.1, 25.4)));
    depot.end.location = Some(Location::Supplied(place(60.1, 24.9)));
    let planned = plan(Itinerary { route: depot, stops: stops() }, StopOrder::Best, None);
    let order: Vec<u32> = planned.stops.iter().map(|stop| stop.given_position).collect();
    assert_eq!(order, [1, 3, 2, 0]);
    assert!(planned.stops[0].planned.unwrap().distance > Meters::ZERO, "the way from the depot counts");
    assert!(planned.route.end_leg.unwrap().distance > Meters::ZERO, "and the one to its end");
}

#[test]
fn a_scheduled_driver_leaves_then_and_tours_may_last_for_days() {
    let mut route = route(RouteEnds::Terminals);
    route.scheduled_for = Some(NOON.parse().unwrap());
    route.start.location = Some(Location::Supplied(place(60.1, 25.0)));
    let stay = |number: u32| Stop {
        service_time: Some(Seconds::new(20 * 3_600)),
        ..stop(number, Location::Supplied(place(60.1, 25.0 + 0.01 * f64::from(number))))
    };
    let planned = plan(Itinerary { route, stops: (1..6).map(stay).collect() }, StopOrder::Given, None);
    assert_eq!(planned.route.departure_at, Some(NOON.parse().unwrap()));
    let arrivals = arrivals(&planned);
    assert!(arrivals[4].duration_since(arrivals[0]) > SignedDuration::from_hours(80));
}

#[test]
fn a_route_without_places_is_for_its_day_from_midnight_on() {
    let itinerary =
        |route| Itinerary { route, stops: vec![stop(0, Location::Searching), stop(1, Location::unknown())] };
    let departure = |route, day| plan(itinerary(route), StopOrder::Best, day).route.departure_at;
    let midnight = "2026-03-27T22:00:00Z".parse().unwrap();
    assert_eq!(departure(route(RouteEnds::Fixed), Some(date(2026, 3, 28))), Some(midnight));
    assert_eq!(departure(route(RouteEnds::Fixed), None), None);
    let scheduled = Route { scheduled_for: Some(NOON.parse().unwrap()), ..route(RouteEnds::Terminals) };
    assert_eq!(departure(scheduled, None), Some(NOON.parse().unwrap()));
}

#[test]
fn a_break_is_taken_in_its_window_and_one_without_keeps_its_rank() {
    let at = |number: u32, lng: f64| Stop {
        service_time: Some(Seconds::new(3_600)),
        ..stop(number, Location::Supplied(place(60.1, lng)))
    };
    let mut lunch = Stop { day_windows: day_window(12, 13), ..pause(0, 30) };
    let mut route = route(RouteEnds::Terminals);
    route.scheduled_for = Some("2026-03-28T08:00:00Z".parse().unwrap());
    lunch.fix_windows(Some(date(2026, 3, 28)), &route.timezone);
    let stops = vec![lunch, at(1, 25.0), at(2, 25.01), pause(3, 10), at(4, 25.02), at(5, 25.03)];
    let planned = plan(Itinerary { route, stops }, StopOrder::Best, None);
    let lunch = planned.stops.iter().find(|stop| stop.given_position == 0).unwrap().planned.unwrap();
    // Noon in Helsinki, before clocks change.
    let window = ["2026-03-28T10:00:00Z", "2026-03-28T11:00:00Z"].map(|at| at.parse::<Timestamp>().unwrap());
    assert!(lunch.arrival.is_some_and(|at| window[0] <= at && at <= window[1]), "{lunch:?}");
    assert_eq!(lunch.lateness, Seconds::ZERO);
    let rest = planned.stops.iter().filter(|stop| stop.given_position != 0);
    assert_eq!(rest.map(|stop| stop.given_position).nth(2), Some(3));
}
