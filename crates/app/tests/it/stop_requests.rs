//! Stops to import, and routes that hold them.

use jiff::Timestamp;
use jiff::civil::{date, time};
use routemate_app::Principal;
use routemate_domain::{
    Address, Attribute, Contact, DayWindow, Event, ImportedStop, Item, Itinerary, Priority, Route, RouteId, Stop,
    StopKind, StopRequest, StopSource, TaskTemplate, TaskTemplateKind,
};
use routemate_persistence::StoreError;
use routemate_test_support::{TestApp, position, samples, text};
use routemate_units::Seconds;

/// A stop with an address alone; without a client's id where `client_stop_id` is empty.
pub(crate) fn request(client_stop_id: &str, address: &str) -> StopRequest {
    StopRequest {
        external_id: (!client_stop_id.is_empty()).then(|| text(client_stop_id)),
        kind: StopKind::Delivery,
        address: Address::one_line(address),
        position: None,
        contact: Contact::default(),
        note: None,
        service_time: None,
        windows: Vec::new(),
        delivery_date: None,
        priority: Priority::one_to_ten(0).unwrap(),
        items: Vec::new(),
        order_name: None,
        attributes: Vec::new(),
        tags: Vec::new(),
        tasks: Vec::new(),
    }
}

/// A stop in which nothing is left out.
pub(crate) fn full_request(client_stop_id: &str) -> StopRequest {
    let task = |title: &str, kind, is_required_to_complete| TaskTemplate {
        title: title.to_owned(),
        kind,
        is_required_to_complete,
        is_required_to_fail: !is_required_to_complete,
    };
    let window = |start, end| DayWindow::new(start, end).unwrap().unwrap();
    StopRequest {
        kind: StopKind::Pickup,
        address: Address {
            line1: "Unioninkatu 29".to_owned(),
            line2: "A 4".to_owned(),
            city: "Helsinki".to_owned(),
            province_code: "18".to_owned(),
            country_code: "FI".to_owned(),
            zip: "00170".to_owned(),
        },
        position: Some(position(60.1695, 24.9525)),
        contact: Contact {
            first_name: "Äino".to_owned(),
            last_name: "O'Neil \"x\"".to_owned(),
            company: "Oy \u{0000} Ab".to_owned(),
            phone: "not a number".to_owned(),
            email: "aino@example.com".to_owned(),
        },
        note: Some(text("Leave at front door")),
        service_time: Some(Seconds::new(300)),
        windows: vec![window(Some(time(9, 0, 0, 0)), Some(time(12, 30, 15, 0))), window(Some(time(14, 0, 0, 0)), None)],
        delivery_date: Some(date(2026, 3, 29)),
        priority: Priority::one_to_ten(9).unwrap(),
        items: vec![Item { name: "Bananas".to_owned(), quantity: 5, grams: 500 }],
        order_name: Some("#123".to_owned()),
        attributes: vec![Attribute { key: "k".to_owned(), value: "\u{1f34c}".to_owned() }],
        tags: vec!["cold".to_owned(), String::new()],
        tasks: vec![
            task("List", TaskTemplateKind::Checkboxes(vec!["a".to_owned(), "b".to_owned()]), true),
            task("Choose", TaskTemplateKind::RadioButtons(vec!["c".to_owned()]), false),
            task("Write", TaskTemplateKind::Text, true),
            task("Weigh", TaskTemplateKind::Decimal, false),
            task("Scan", TaskTemplateKind::Scanner, true),
        ],
        ..request(client_stop_id, "")
    }
}

/// A stop on no route yet, made from an imported one.
pub(crate) fn stop_of(app: &TestApp, imported: &ImportedStop, now: Timestamp) -> Stop {
    let source = StopSource::ImportedStop(imported.id);
    let zone = routemate_domain::ZoneName::utc();
    imported.request.to_stop(source, imported.location.clone(), (None, &zone), now, || app.new_uuid())
}

/// A route of the caller's organisation with these stops, made and changed now; `change` says what else is different.
pub(crate) async fn route_with(
    app: &TestApp,
    who: &Principal,
    stops: Vec<Stop>,
    change: impl FnOnce(&mut Route),
) -> RouteId {
    let now = app.clock().now();
    let mut route = Route {
        organization_id: who.organization_id,
        id: RouteId::from_uuid(app.new_uuid()),
        driver_id: None,
        created_at: now,
        updated_at: now,
        ..samples::view(Vec::new()).itinerary.route
    };
    change(&mut route);
    let id = route.id;
    let stored: Result<(), StoreError> = app
        .store
        .write(&Itinerary { route, stops }, |tx, itinerary| {
            Box::pin(async move {
                let mut scope = tx.organization(itinerary.route.organization_id);
                scope.insert_route(&itinerary.route).await?;
                scope.insert_stops(itinerary.route.id, None, &itinerary.stops).await
            })
        })
        .await;
    stored.unwrap();
    id
}

/// Does everything that is due, once, and tells how each ended.
pub(crate) async fn work(app: &TestApp) -> Vec<routemate_app::WorkOutcome> {
    let mut outcomes = Vec::new();
    for due in app.due_work(1_000).await.unwrap() {
        outcomes.push(app.do_work(due, app.new_uuid()).await.unwrap());
    }
    outcomes
}

/// The events that were told of routes, oldest first.
pub(crate) async fn told(app: &TestApp) -> Vec<String> {
    let sql = "SELECT event AS value FROM outbox ORDER BY created_at, id";
    let names = crate::facts::texts(&app.store, sql).await;
    names.into_iter().filter(|name| name != Event::JobCompleted.name()).collect()
}
