//! What the tests of this crate are about.

use routemate_app::{DriverResolution, ImportedJob, Principal};
use routemate_domain::{AutoAdd, IntegrationId, Limits, OrganizationId, PlannedLeg, RouteEnds, Stop, ZoneName};
pub(crate) use routemate_test_support::at;
pub(crate) use routemate_test_support::samples::{geocoded, stop, supplied, view};
use routemate_units::{Meters, Seconds};
use uuid::Uuid;

pub(crate) fn principal(stops_per_import: Option<u32>) -> Principal {
    Principal {
        organization_id: OrganizationId::from_uuid(Uuid::from_u128(1)),
        integration_id: IntegrationId::from_uuid(Uuid::from_u128(2)),
        limits: Limits { requests_per_minute: Some(60), stops_per_import },
        timezone: ZoneName::parse("Europe/Helsinki").expect("a zone"),
        auto_add: AutoAdd::On,
        vehicle: routemate_units::VehicleKind::Car,
        route_ends: RouteEnds::Fixed,
    }
}

pub(crate) fn late(stop: Stop, lateness: u32) -> Stop {
    let planned = PlannedLeg {
        distance: Meters::new(800),
        duration: Seconds::new(120),
        arrival: None,
        lateness: Seconds::new(lateness),
    };
    Stop { planned: Some(planned), ..stop }
}

pub(crate) fn imported(stops: Vec<Stop>) -> ImportedJob {
    ImportedJob { view: view(stops), is_kept: true, driver: DriverResolution::Member }
}
