//! Stops that are kept to be used again: changed by version, looked for like imported ones, nobody else's.

use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use routemate_app::{
    CreateRoute, DriverAct, ErrorKind, Idempotency, NewStop, Noun, Principal, Replay, RouteView, SaveStop, StopOrder,
    TerminalRequest, WorkOutcome,
};
use routemate_domain::{Location, OrganizationId, RouteId, SavedStop, SavedStopId, StopRequest, StopSource, ZoneName};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{START, TestApp, position, text};
use uuid::Uuid;

use crate::facts::{audited, count, refusal};
use crate::stop_requests::{full_request, request, route_with, told, work};

const NOT_FOUND: ErrorKind = ErrorKind::NotFound(Noun::SavedStop);

fn save(name: &str, request: StopRequest) -> SaveStop {
    SaveStop { name: text(name), request }
}

/// Keeps a stop without an idempotency key and gives what its answer is made of.
pub(crate) async fn saved(app: &TestApp, who: &Principal, command: SaveStop) -> SavedStop {
    let seen: Arc<Mutex<Option<SavedStop>>> = Arc::default();
    let kept = Arc::clone(&seen);
    let render = Arc::new(move |stop: &SavedStop| {
        *kept.lock().unwrap() = Some(stop.clone());
        Vec::new()
    });
    app.save_stop(who, command, None, render).await.unwrap();
    seen.lock().unwrap().take().unwrap()
}

database_tests! {
    async fn a_saved_stop_lives_and_changes_by_version(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let made = saved(&app, &who, save("Depot", full_request("D"))).await;
        assert_eq!(made.request, full_request("D"));
        assert_eq!((made.version, made.created_at, made.updated_at), (1, app.clock().now(), app.clock().now()));
        assert_eq!(app.saved_stop(who.organization_id, made.id).await.unwrap(), made);
        app.clock.advance(SignedDuration::from_secs(1));
        let new = save("Depot 2", request("", "Elsewhere 1"));
        let changed = app.change_saved_stop(&who, made.id, &new, Some(1)).await.unwrap();
        let expected = SavedStop {
            name: text("Depot 2"),
            request: request("", "Elsewhere 1"),
            location: Location::Searching,
            version: 2,
            updated_at: app.clock().now(),
            ..made.clone()
        };
        assert_eq!(changed, expected);
        assert_eq!(app.saved_stop(who.organization_id, made.id).await.unwrap(), expected);
        let stale = ErrorKind::Changed(Noun::SavedStop);
        assert_eq!(refusal(app.change_saved_stop(&who, made.id, &new, Some(1)).await), stale);
        assert_eq!(refusal(app.delete_saved_stop(&who, made.id, Some(1)).await), stale);
        assert_eq!(app.saved_stop(who.organization_id, made.id).await.unwrap(), expected);
        app.delete_saved_stop(&who, made.id, Some(2)).await.unwrap();
        assert_eq!(refusal(app.saved_stop(who.organization_id, made.id).await), NOT_FOUND);
        assert_eq!(refusal(app.delete_saved_stop(&who, made.id, None).await), NOT_FOUND);
        let done = ["saved_stop.deleted", "saved_stop.changed", "saved_stop.created"];
        assert_eq!(audited(&app.store, who.organization_id).await, done);
    }

    async fn the_address_of_a_saved_stop_is_found_in_the_background(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.knows("here", position(60.1, 24.9));
        let made = saved(&app, &who, save("Depot", request("", "here"))).await;
        assert_eq!(made.location, Location::Searching);
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        let found = app.saved_stop(who.organization_id, made.id).await.unwrap();
        assert_eq!((found.location.position(), found.version), (Some(position(60.1, 24.9)), 2));
        let renamed = app.change_saved_stop(&who, made.id, &save("Yard", request("", "here")), None).await.unwrap();
        assert_eq!(renamed.location, found.location, "the same address stays where it was found");
        assert_eq!(app.due_work(10).await.unwrap(), []);
    }

    async fn the_same_request_keeps_one_stop(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let render = || Arc::new(|stop: &SavedStop| stop.id.to_string().into_bytes());
        let key = |fingerprint| Idempotency { operation: "stop.save", key: "K".into(), fingerprint: [fingerprint; 32] };
        let make = |fingerprint| app.save_stop(&who, save("Depot", request("", "here")), Some(key(fingerprint)), render());
        let first = make(1).await.unwrap();
        let again = make(1).await.unwrap();
        assert_eq!((first.body, again.replay), (again.body, Replay::Same));
        assert_eq!(refusal(make(2).await), ErrorKind::KeyReused);
        assert_eq!(count(&app.store, "saved_stops").await, 1);
    }

    async fn saved_stops_are_found_by_name_address_and_contact(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let mut bakery = request("", "Unioninkatu 29");
        bakery.contact.company = "Leipomo Äyräs".into();
        let bakery = saved(&app, &who, save("Bakery 100%", bakery)).await;
        let depot = saved(&app, &who, save("Depot_1", request("", "Kaivokatu 1"))).await;
        let found = async |text: &str| -> Vec<SavedStopId> {
            let found = app.saved_stops(who.organization_id, Some(text), None, 10).await.unwrap();
            found.iter().map(|stop| stop.id).collect()
        };
        assert_eq!(found("KATU").await, [depot.id, bakery.id]);
        for text in ["bakery", "unioninkatu 29", "äyRÄS", "100%"] {
            assert_eq!(found(text).await, [bakery.id], "{text}");
        }
        // What would be a wildcard stands for itself.
        for (text, expected) in [("%", vec![bakery.id]), ("_", vec![depot.id]), ("\\", vec![]), ("\0", vec![])] {
            assert_eq!(found(text).await, expected, "{text}");
        }
        let renamed = save("Warehouse", depot.request.clone());
        app.change_saved_stop(&who, depot.id, &renamed, None).await.unwrap();
        assert_eq!((found("depot").await, found("warehouse").await), (vec![], vec![depot.id]));
    }

    async fn operators_keep_replace_and_delete_stops_of_organisations_that_are_there(db: &TestDb) {
        let app = TestApp::new(db);
        let organization = app.organization(|_| {}).await.id;
        let nowhere = OrganizationId::from_uuid(Uuid::nil());
        let depot = save("Depot", request("", "here"));
        let refused = app.save_stop_by_operator(nowhere, &depot).await;
        assert_eq!(refusal(refused), ErrorKind::NotFound(Noun::Organization));
        let made = app.save_stop_by_operator(organization, &depot).await.unwrap();
        let yard = save("Yard", request("", "here"));
        let changed = app.change_saved_stop_by_operator(organization, made.id, &yard).await.unwrap();
        assert_eq!((changed.name, changed.version), (text("Yard"), 2));
        app.delete_saved_stop_by_operator(organization, made.id).await.unwrap();
        assert_eq!(refusal(app.saved_stop(organization, made.id).await), NOT_FOUND);
        let done = ["saved_stop.deleted", "saved_stop.changed", "saved_stop.created"];
        assert_eq!(audited(&app.store, organization).await, done);
    }

    async fn a_route_is_made_of_saved_stops_and_follows_them_until_its_driver_has_set_out(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        for (address, lat) in [("here", 60.1), ("there", 60.2), ("elsewhere", 60.3)] {
            app.geocoder.knows(address, position(lat, 24.9));
        }
        let made = saved(&app, &who, save("Depot", request("", "here"))).await;
        let command = CreateRoute {
            name: text("Morning"),
            scheduled_for: None,
            driver: None,
            start: TerminalRequest::default(),
            end: TerminalRequest::default(),
            stops: vec![NewStop::Saved(made.id), NewStop::Saved(made.id)],
            order: StopOrder::Given,
        };
        let render = || Arc::new(|view: &RouteView| view.itinerary.route.id.to_string().into_bytes());
        let mut routes: Vec<RouteId> = Vec::new();
        for _ in 0..2 {
            let answer = app.create_route(&who, command.clone(), None, render()).await.unwrap();
            routes.push(String::from_utf8(answer.body).unwrap().parse().unwrap());
        }
        app.act_on_route(who.organization_id, routes[1], DriverAct::Start).await.unwrap();
        app.change_saved_stop(&who, made.id, &save("Depot", request("", "there")), None).await.unwrap();
        app.clock.advance(SignedDuration::from_mins(1));
        work(&app).await;
        let places = async |route| -> Vec<f64> {
            let stops = app.route(&who, route).await.unwrap().itinerary.stops;
            stops.iter().map(|stop| stop.location.position().unwrap().lat()).collect()
        };
        assert_eq!(places(routes[0]).await, [60.2, 60.2]);
        assert_eq!(places(routes[1]).await, [60.1, 60.1], "whoever has set out drives where the stops were");
        let unknown = CreateRoute { stops: vec![NewStop::Saved(SavedStopId::from_uuid(Uuid::nil()))], ..command };
        let refused = refusal(app.create_route(&who, unknown, None, render()).await);
        assert!(matches!(refused, ErrorKind::Invalid(problems) if problems[0].to_string() == "stops[0].savedStopId is not known"));
    }

    async fn unstarted_routes_take_over_a_changed_saved_stop(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let made = saved(&app, &who, save("Depot", request("", "here"))).await;
        let (source, place) = (StopSource::SavedStop(made.id), made.location.clone());
        let stop = made.request.to_stop(source, place, (None, &ZoneName::utc()), START, || app.new_uuid());
        let route = route_with(&app, &who, vec![stop], |_| {}).await;
        app.change_saved_stop(&who, made.id, &save("Depot", request("", "there")), None).await.unwrap();
        let itinerary = app.route(&who, route).await.unwrap().itinerary;
        assert_eq!(itinerary.stops[0].address.line1, "there");
        assert_eq!(told(&app).await, ["route.updated"]);
        app.delete_saved_stop(&who, made.id, None).await.unwrap();
        assert_eq!(app.route(&who, route).await.unwrap().itinerary, itinerary);
    }

    async fn saved_stops_are_listed_newest_first_and_only_ones_own(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, stranger) = (app.principal().await, app.principal().await);
        let mut made: Vec<SavedStopId> = Vec::new();
        for name in ["a", "b", "c"] {
            made.push(saved(&app, &who, save(name, request("", name))).await.id);
        }
        made.reverse();
        let list = async |before, most| -> Vec<SavedStopId> {
            app.saved_stops(who.organization_id, None, before, most).await.unwrap().iter().map(|stop| stop.id).collect()
        };
        assert_eq!(list(None, 10).await, made);
        assert_eq!(list(Some(made[0]), 1).await, [made[1]]);
        assert_eq!(list(Some(made[2]), 1).await, []);
        assert_eq!(app.saved_stops(stranger.organization_id, None, None, 10).await.unwrap(), []);
        assert_eq!(refusal(app.saved_stop(stranger.organization_id, made[0]).await), NOT_FOUND);
        assert_eq!(refusal(app.delete_saved_stop(&stranger, made[0], None).await), NOT_FOUND);
        let change = save("x", request("", "x"));
        assert_eq!(refusal(app.change_saved_stop(&stranger, made[0], &change, None).await), NOT_FOUND);
    }
}
