//! Routes that planners make and change.

use std::sync::{Arc, Mutex};

use futures_util::future::{join, join_all};
use jiff::SignedDuration;
use routemate_app::{
    CreateRoute, DriverAct, DriverChange, ErrorKind, Idempotency, NewStop, Noun, Principal, Replay, RouteChange,
    RouteView, StopOrder, TerminalRequest, WorkOutcome,
};
use routemate_domain::{
    Address, Contact, Item, Location, Priority, ProofOfDelivery, RouteStatus, StopId, StopKind, StopRequest, StopStatus,
};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{START, TestApp, Trouble, position, text};
use routemate_units::{LatLng, Meters};

use crate::facts::{audited, order, refusal, texts};

fn on_line(place: u32) -> LatLng {
    position(60.10 + 0.01 * f64::from(place), 24.94)
}

/// A stop that is known by its place on a line to the north.
pub(crate) fn request(place: u32) -> StopRequest {
    StopRequest {
        external_id: Some(text(format!("{place}"))),
        kind: StopKind::Delivery,
        address: Address::one_line(format!("place {place}")),
        position: Some(on_line(place)),
        contact: Contact::default(),
        note: None,
        service_time: None,
        windows: Vec::new(),
        delivery_date: None,
        priority: Priority::one_to_ten(0).unwrap(),
        items: vec![Item { name: "Bananas".into(), quantity: 5, grams: 500 }],
        order_name: None,
        attributes: Vec::new(),
        tags: Vec::new(),
        tasks: Vec::new(),
    }
}

pub(crate) fn inline(request: StopRequest) -> NewStop {
    NewStop::Inline(Box::new(request))
}

pub(crate) fn command(places: &[u32], order: StopOrder) -> CreateRoute {
    CreateRoute {
        name: text("Morning route"),
        scheduled_for: None,
        driver: None,
        start: TerminalRequest::default(),
        end: TerminalRequest::default(),
        stops: places.iter().map(|&place| inline(request(place))).collect(),
        order,
    }
}

/// A route of these stops.
pub(crate) async fn with_stops(app: &TestApp, who: &Principal, stops: Vec<NewStop>, order: StopOrder) -> RouteView {
    created(app, who, CreateRoute { stops, ..command(&[], order) }).await
}

pub(crate) async fn created(app: &TestApp, who: &Principal, command: CreateRoute) -> RouteView {
    let seen: Arc<Mutex<Option<RouteView>>> = Arc::default();
    let kept = Arc::clone(&seen);
    let render = Arc::new(move |view: &RouteView| {
        *kept.lock().unwrap() = Some(view.clone());
        Vec::new()
    });
    app.create_route(who, command, None, render).await.unwrap();
    seen.lock().unwrap().take().unwrap()
}

pub(crate) fn stop_id(view: &RouteView, external_id: &str) -> StopId {
    let found = view.itinerary.stops.iter().find(|stop| stop.external_id.as_ref().unwrap().as_str() == external_id);
    found.unwrap().id
}

async fn change(app: &TestApp, who: &Principal, view: &RouteView, change: RouteChange) -> RouteView {
    let changed = app.change_route(who, view.itinerary.route.id, change, None).await.unwrap();
    assert_eq!(app.route(who, changed.itinerary.route.id).await.unwrap(), changed, "what is answered is stored");
    assert_eq!(changed.itinerary.route.version, view.itinerary.route.version + 1);
    changed
}

/// All events, oldest first.
async fn told(app: &TestApp) -> Vec<String> {
    texts(&app.store, "SELECT event AS value FROM outbox ORDER BY created_at, id").await
}

database_tests! {
    async fn a_route_is_made_in_the_order_given_or_the_best(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let given = created(&app, &who, command(&[0, 3, 1, 2], StopOrder::Given)).await;
        assert_eq!(order(&given.itinerary), ["0", "3", "1", "2"]);
        assert_eq!(given.itinerary.route.optimality, None);
        let best = created(&app, &who, command(&[0, 3, 1, 2], StopOrder::Best)).await;
        assert!(best.itinerary.route.totals.duration < given.itinerary.route.totals.duration);
        assert!(best.itinerary.route.optimality.is_some_and(|known| known.is_proven));
        assert_eq!(app.route(&who, best.itinerary.route.id).await.unwrap(), best);
        assert_eq!(audited(&app.store, who.organization_id).await, ["route.created", "route.created"]);
        assert_eq!(told(&app).await, ["route.created", "route.created"]);
    }

    async fn a_route_begins_and_ends_where_it_was_said_with_its_driver_at_its_time(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let driver = app.driver(who.organization_id, "ann@example.com").await;
        app.geocoder.knows("Depot 1", on_line(9));
        let view = created(&app, &who, CreateRoute {
            driver: Some(driver.driver.id),
            scheduled_for: Some(START + SignedDuration::from_hours(2)),
            start: TerminalRequest { address: Address::one_line("Depot 1"), ..TerminalRequest::default() },
            end: TerminalRequest { position: Some(on_line(0)), ..TerminalRequest::default() },
            ..command(&[1, 3, 2], StopOrder::Best)
        }).await;
        assert_eq!(order(&view.itinerary), ["3", "2", "1"]);
        let route = &view.itinerary.route;
        assert!(matches!(route.start.location, Some(Location::Geocoded(_))));
        assert_eq!(route.departure_at, route.scheduled_for);
        assert!(view.itinerary.stops[0].planned.unwrap().distance > Meters::ZERO);
        assert!(route.end_leg.unwrap().arrival > view.itinerary.stops[2].planned.unwrap().arrival);
        assert_eq!(view.driver.unwrap().id, driver.driver.id);
        assert_eq!(told(&app).await, ["route.created", "job.assigned"]);
    }

    async fn stops_are_added_moved_and_removed_where_the_planner_says(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let view = created(&app, &who, command(&[0, 1, 2], StopOrder::Given)).await;
        let add = |places: &[u32], position| RouteChange::AddStops {
            stops: places.iter().map(|&place| inline(request(place))).collect(),
            position,
            order: StopOrder::Given,
        };
        let view = change(&app, &who, &view, add(&[8, 7], Some(1))).await;
        assert_eq!(order(&view.itinerary), ["0", "8", "7", "1", "2"]);
        let view = change(&app, &who, &view, add(&[9], None)).await;
        assert_eq!(order(&view.itinerary), ["0", "8", "7", "1", "2", "9"]);
        let (first, eighth) = (stop_id(&view, "0"), stop_id(&view, "8"));
        let view = change(&app, &who, &view, RouteChange::MoveStop { stop: first, position: 99 }).await;
        assert_eq!(order(&view.itinerary), ["8", "7", "1", "2", "9", "0"]);
        let gone = RouteChange::RemoveStops { stops: vec![eighth], order: StopOrder::Given };
        let view = change(&app, &who, &view, gone).await;
        assert_eq!(order(&view.itinerary), ["7", "1", "2", "9", "0"]);
        let view = change(&app, &who, &view, RouteChange::Reoptimize).await;
        assert!(order(&view.itinerary) == ["0", "1", "2", "7", "9"] || order(&view.itinerary) == ["9", "7", "2", "1", "0"]);
        let unknown = RouteChange::RemoveStops { stops: vec![eighth], order: StopOrder::Given };
        let refused = refusal(app.change_route(&who, view.itinerary.route.id, unknown, None).await);
        assert_eq!(refused, ErrorKind::NotFound(Noun::Stop));
        assert!(told(&app).await.contains(&"route.reoptimized".to_owned()));
    }

    async fn a_locked_stop_keeps_its_place_and_items_are_replaced(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let view = created(&app, &who, command(&[0, 5, 1, 2, 3], StopOrder::Given)).await;
        let far = stop_id(&view, "5");
        let view = change(&app, &who, &view, RouteChange::LockStop { stop: far, is_locked: true }).await;
        let view = change(&app, &who, &view, RouteChange::Reoptimize).await;
        assert_eq!(view.itinerary.stops[1].id, far);
        let items = vec![Item { name: "Pears".into(), quantity: 2, grams: 80 }];
        let view = change(&app, &who, &view, RouteChange::ReplaceItems { stop: far, items: items.clone() }).await;
        assert_eq!(view.itinerary.stops[1].items, items);
    }

    async fn what_is_done_stays_on_a_started_route(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let driver = app.driver(who.organization_id, "ann@example.com").await;
        let view = created(&app, &who, CreateRoute {
            driver: Some(driver.driver.id),
            ..command(&[0, 4, 3, 2, 1], StopOrder::Given)
        }).await;
        let route = view.itinerary.route.id;
        app.clock.advance(SignedDuration::from_mins(5));
        let done = |id| DriverAct::Complete(id, ProofOfDelivery::default());
        let view = app.act_on_route(who.organization_id, route, done(stop_id(&view, "0"))).await.unwrap();
        let updated_at = view.itinerary.route.updated_at;
        assert_eq!(updated_at, START, "a driver's progress is no change of the planner's");
        let planned = view.itinerary.stops[0].clone();
        let view = change(&app, &who, &view, RouteChange::Reoptimize).await;
        assert_eq!(order(&view.itinerary), ["0", "1", "2", "3", "4"]);
        assert_eq!(view.itinerary.stops[0], planned);
        assert!(view.itinerary.stops[1].planned.unwrap().arrival.unwrap() > START + SignedDuration::from_mins(5));
        for refused in [
            RouteChange::RemoveStops { stops: vec![stop_id(&view, "0")], order: StopOrder::Given },
            RouteChange::MoveStop { stop: stop_id(&view, "4"), position: 0 },
            RouteChange::Unassign,
            RouteChange::Archive,
        ] {
            assert!(matches!(refusal(app.change_route(&who, route, refused, None).await), ErrorKind::Refused(_)));
        }
        assert!(matches!(refusal(app.delete_route(&who, route, None).await), ErrorKind::Refused(_)));
        // Without what is left, all is done.
        let left = view.itinerary.stops[1..].iter().map(|stop| stop.id).collect();
        let gone = RouteChange::RemoveStops { stops: left, order: StopOrder::Given };
        let view = change(&app, &who, &view, gone).await;
        assert!(matches!(view.itinerary.route.status, RouteStatus::Completed { .. }));
        app.delete_route(&who, route, None).await.unwrap();
        assert_eq!(refusal(app.route(&who, route).await), ErrorKind::NotFound(Noun::Route));
        assert_eq!(refusal(app.delete_route(&who, route, None).await), ErrorKind::NotFound(Noun::Route));
    }

    async fn a_driver_gets_sees_and_loses_a_route(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let ann = app.driver(who.organization_id, "ann@example.com").await.driver.id;
        let view = created(&app, &who, command(&[0, 1], StopOrder::Given)).await;
        let route = view.itinerary.route.id;
        let until = START + SignedDuration::from_hours(1);
        let dispatch = || RouteChange::Dispatch { until };
        assert!(matches!(refusal(app.change_route(&who, route, dispatch(), None).await), ErrorKind::Refused(_)));
        let view = change(&app, &who, &view, RouteChange::Assign(ann)).await;
        assert_eq!(view.driver.as_ref().map(|driver| driver.id), Some(ann));
        let view = change(&app, &who, &view, dispatch()).await;
        assert_eq!(view.itinerary.route.dispatched_until, Some(until));
        let view = change(&app, &who, &view, RouteChange::Undispatch).await;
        assert_eq!(view.itinerary.route.dispatched_until, None);
        let view = change(&app, &who, &view, RouteChange::Unassign).await;
        assert_eq!((view.driver.clone(), view.itinerary.route.driver_id), (None, None));
        let view = change(&app, &who, &view, RouteChange::Archive).await;
        assert_eq!(view.itinerary.route.archived_at, Some(START));
        let refused = refusal(app.change_route(&who, route, RouteChange::Assign(ann), None).await);
        assert!(matches!(refused, ErrorKind::Refused(_)));
        let view = change(&app, &who, &view, RouteChange::Unarchive).await;
        app.change_driver_by_operator(who.organization_id, ann, &DriverChange::Deactivate).await.unwrap();
        let refused = refusal(app.change_route(&who, route, RouteChange::Assign(ann), None).await);
        assert!(matches!(refused, ErrorKind::Refused(_)));
        assert_eq!(view.itinerary.route.archived_at, None);
        assert_eq!(told(&app).await.iter().filter(|event| *event == "job.assigned").count(), 1);
    }

    async fn a_named_version_is_the_one_that_counts_and_others_take_turns(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let view = created(&app, &who, command(&[0, 1], StopOrder::Given)).await;
        let route = view.itinerary.route.id;
        let add = |place| RouteChange::AddStops {
            stops: vec![inline(request(place))],
            position: None,
            order: StopOrder::Given,
        };
        app.change_route(&who, route, add(2), Some(1)).await.unwrap();
        let stale = refusal(app.change_route(&who, route, add(3), Some(1)).await);
        assert_eq!(stale, ErrorKind::Changed(Noun::Route));
        assert_eq!(refusal(app.delete_route(&who, route, Some(1)).await), ErrorKind::Changed(Noun::Route));
        // More than would be begun anew, and one of them takes longer than the others.
        let slow = app.change_route(&who, route, RouteChange::Reoptimize, None);
        let quick = join_all((4..24).map(|place| app.change_route(&who, route, add(place), None)));
        let (slow, quick) = join(slow, quick).await;
        assert!(slow.is_ok() && quick.iter().all(Result::is_ok), "{slow:?} {quick:?}");
        let after = app.route(&who, route).await.unwrap();
        assert_eq!(after.itinerary.stops.len(), 23, "no writer overwrites another");
        assert_eq!(after.itinerary.route.version, 23);
    }

    async fn nobody_elses_route_is_found(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, other) = (app.principal().await, app.principal().await);
        let view = created(&app, &who, command(&[0, 1], StopOrder::Given)).await;
        let route = view.itinerary.route.id;
        let missing = ErrorKind::NotFound(Noun::Route);
        assert_eq!(refusal(app.change_route(&other, route, RouteChange::Archive, None).await), missing);
        assert_eq!(refusal(app.delete_route(&other, route, None).await), missing);
        let act = app.act_on_route(other.organization_id, route, DriverAct::Start).await;
        assert_eq!(refusal(act), missing);
    }

    async fn the_same_request_makes_one_route(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let render = || Arc::new(|view: &RouteView| view.itinerary.route.id.to_string().into_bytes());
        let key = |fingerprint| Idempotency { operation: "route.create", key: "K".into(), fingerprint: [fingerprint; 32] };
        let make = |fingerprint| app.create_route(&who, command(&[0, 1], StopOrder::Best), Some(key(fingerprint)), render());
        let first = make(1).await.unwrap();
        let again = make(1).await.unwrap();
        assert_eq!((first.body, again.replay), (again.body, Replay::Same));
        assert_eq!(refusal(make(2).await), ErrorKind::KeyReused);
        assert_eq!(crate::facts::count(&app.store, "routes").await, 1);
    }

    async fn what_is_not_found_in_time_is_placed_later(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.breaks_down(Trouble::Unavailable);
        app.geocoder.knows("place 1", on_line(1));
        let mut wanted = command(&[0, 2], StopOrder::Given);
        wanted.stops.insert(1, inline(StopRequest { position: None, ..request(1) }));
        let view = created(&app, &who, wanted).await;
        assert_eq!(order(&view.itinerary), ["0", "2", "1"]);
        app.geocoder.recovers();
        app.clock.advance(SignedDuration::from_mins(2));
        for due in app.due_work(10).await.unwrap() {
            assert_eq!(app.do_work(due, app.new_uuid()).await.unwrap(), WorkOutcome::Done);
        }
        let found = app.route(&who, view.itinerary.route.id).await.unwrap();
        assert_eq!(order(&found.itinerary), ["0", "1", "2"]);
        assert!(found.itinerary.stops.iter().all(|stop| stop.planned.is_some()));
        assert!(found.itinerary.stops.iter().all(|stop| stop.status == StopStatus::Pending));
    }
}
