//! One job for tests that need no database: Helsinki, one driver, as many stops as wanted.

use routemate_app::JobView;
use routemate_domain::{
    Address, Contact, DriverId, Email, Geocoded, IntegrationId, Item, Itinerary, Job, JobId, JsonText, Location,
    OrganizationId, Priority, Route, RouteEnds, RouteId, RouteStatus, RouteTotals, Stop, StopId, StopKind, StopSource,
    StopStatus, Terminal, Text, TravelQuality, UserId, ZoneName,
};
use routemate_units::{LatLng, Meters, Seconds};
use uuid::Uuid;

use crate::fixtures::at;

/// Where the client said.
pub fn supplied() -> Location {
    Location::Supplied(LatLng::new(60.1695, 24.9525).expect("a position"))
}

/// Where a geocoder found the street.
pub fn geocoded(is_approximate: bool) -> Location {
    Location::Geocoded(Geocoded {
        access: None,
        position: LatLng::new(60.17, 24.94).expect("a position"),
        match_type: "street".to_owned(),
        confidence: 0.7,
        is_approximate,
        source: "embedded".to_owned(),
        attribution: "© OpenStreetMap contributors".to_owned(),
        found_at: Some(at("2026-03-09T08:30:00Z")),
        forget_at: None,
    })
}

/// A stop with nothing special about it.
pub fn stop(id: &str, location: Location) -> Stop {
    Stop {
        id: StopId::from_uuid(Uuid::from_u128(9)),
        external_id: Some(Text::parse(id).expect("an id")),
        kind: StopKind::Delivery,
        source: StopSource::Job,
        address: Address::one_line("Unioninkatu 29, Helsinki"),
        location,
        given_position: 0,
        contact: Contact::default(),
        note: None,
        service_type: None,
        service_time: None,
        windows: Vec::new(),
        day_windows: Vec::new(),
        delivery_date: None,
        priority: Priority::default(),
        items: vec![Item::parcels(1)],
        order_name: None,
        attributes: Vec::new(),
        tags: Vec::new(),
        metadata: JsonText::default(),
        tasks: Vec::new(),
        is_locked: false,
        planned: None,
        shortfall: None,
        status: StopStatus::Pending,
        updated_at: at("2026-03-09T08:30:00Z"),
    }
}

/// A job assigned to a driver, with these stops in this order.
pub fn view(stops: Vec<Stop>) -> JobView {
    let organization_id = OrganizationId::from_uuid(Uuid::from_u128(1));
    let route_id = RouteId::from_uuid(Uuid::from_u128(4));
    let now = at("2026-03-09T08:30:00Z");
    let route = Route {
        organization_id,
        id: route_id,
        name: Text::parse("Morning").expect("a name"),
        driver_id: Some(DriverId::from_uuid(Uuid::from_u128(5))),
        status: RouteStatus::Planned,
        timezone: ZoneName::utc(),
        scheduled_for: None,
        ends: RouteEnds::Fixed,
        start: Terminal::default(),
        end: Terminal::default(),
        end_leg: None,
        departure_at: None,
        totals: RouteTotals {
            distance: Meters::new(12_440),
            duration: Seconds::new(1_480),
            polyline: "fvmfDqmfe\\bPtA".to_owned(),
            quality: TravelQuality::Roads,
            attribution: Some("© OpenStreetMap contributors".to_owned()),
        },
        optimality: None,
        dispatched_until: None,
        archived_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let job = Job {
        organization_id,
        id: JobId::from_uuid(Uuid::from_u128(3)),
        integration_id: IntegrationId::from_uuid(Uuid::from_u128(2)),
        external_job_id: Text::parse("BATCH-1").expect("an id"),
        title: Text::parse("Morning").expect("a title"),
        driver_email: "Ann@example.com".to_owned(),
        driver_key: Email::parse("ann@example.com").expect("an address"),
        scheduled_date: None,
        timezone: None,
        metadata: JsonText::default(),
        route_id,
        created_at: now,
        updated_at: at("2026-03-09T10:15:00.1239Z"),
    };
    JobView { job, itinerary: Itinerary { route, stops }, driver_user_id: Some(UserId::from_uuid(Uuid::from_u128(6))) }
}
