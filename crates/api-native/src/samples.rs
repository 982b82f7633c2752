//! What the tests of this crate are about.

use routemate_app::JobView;
use routemate_domain::{Location, PlannedLeg, Stop, ZoneName};
pub(crate) use routemate_test_support::at;
use routemate_test_support::samples;
pub(crate) use routemate_test_support::samples::{stop, supplied};
use routemate_units::{Meters, Seconds};

pub(crate) fn geocoded() -> Location {
    samples::geocoded(true)
}

pub(crate) fn planned_at(arrival: &str, lateness: u32) -> PlannedLeg {
    PlannedLeg {
        distance: Meters::new(800),
        duration: Seconds::new(120),
        arrival: Some(at(arrival)),
        lateness: Seconds::new(lateness),
    }
}

/// In a zone that is not UTC, and changed a few times.
pub(crate) fn view(stops: Vec<Stop>) -> JobView {
    let mut view = samples::view(stops);
    view.itinerary.route.timezone = ZoneName::parse("Europe/Helsinki").expect("a zone");
    view.itinerary.route.version = 7;
    view
}
