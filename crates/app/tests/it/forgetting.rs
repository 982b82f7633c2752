//! Places that a geocoder lends for thirty days: nothing of them is left behind, whatever holds them.

use jiff::SignedDuration;
use routemate_app::{DriverAct, ImportedStopKey, JobView, NewStop, Principal, SaveStop, StopOrder, WorkOutcome};
use routemate_domain::{ImportedStop, Location, ProofOfDelivery, StopId};
use routemate_persistence::test_db::TestDb;
use routemate_persistence::{DatabaseKind, database_tests};
use routemate_test_support::{TestApp, Trouble, import_command, position, stop_command, text};
use routemate_units::LatLng;

use crate::facts::{audited, count, order, texts};
use crate::route_changes::with_stops;
use crate::saved_stops::saved;
use crate::stop_requests::{request, work};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The longest that a place stands in the database: thirty days, less the one that an answer may have waited in memory.
const LENT: SignedDuration = SignedDuration::from_hours(24 * 29);

fn on_line(place: u32) -> LatLng {
    position(60.10 + 0.01 * f64::from(place), 24.94)
}

/// A job whose stops were found by these geocoders, on a line to the north.
async fn found_by(app: &TestApp, who: &Principal, sources: &[&'static str]) -> JobView {
    let mut command = import_command(0);
    for (number, source) in sources.iter().enumerate() {
        let address = format!("place {number}");
        app.geocoder.has_from(source, &address, on_line(number as u32));
        let mut stop = stop_command(number, None);
        stop.address = text(&address);
        command.stops.push(stop);
    }
    app.import(who, command).await.unwrap().view
}

async fn deliver(app: &TestApp, who: &Principal, view: &JobView, stop: StopId) {
    let act = DriverAct::Complete(stop, ProofOfDelivery::default());
    app.act(who.organization_id, view.job.id, act).await.unwrap();
}

/// What is written anywhere about places, as text.
async fn written(app: &TestApp) -> String {
    let mut all = Vec::new();
    for sql in [
        "SELECT coalesce(geocoded, '') || coalesce(cast(lat AS TEXT), '') AS value FROM stops",
        "SELECT terminals AS value FROM routes",
        "SELECT location AS value FROM imported_stops",
        "SELECT location AS value FROM saved_stops",
        "SELECT line AS value FROM route_lines",
    ] {
        all.extend(texts(&app.store, sql).await);
    }
    all.concat()
}

async fn swept(app: &TestApp) -> usize {
    app.sweep().await.unwrap().lent_places
}

async fn imported(app: &TestApp, who: &Principal, address: &str) -> ImportedStop {
    let stops = app.import_stops(who, vec![request(address, address)]).await.unwrap();
    assert_eq!(work(app).await, [WorkOutcome::Done]);
    app.imported_stop(who, &ImportedStopKey::Id(stops[0].id)).await.unwrap()
}

database_tests! {
    async fn what_is_delivered_loses_the_places_that_were_lent_and_keeps_the_others(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let view = found_by(&app, &who, &["google", "nominatim", "here"]).await;
        for stop in &view.itinerary.stops {
            deliver(&app, &who, &view, stop.id).await;
        }
        app.clock.advance(LENT - SignedDuration::from_secs(1));
        assert_eq!(swept(&app).await, 0);
        assert!(written(&app).await.contains("google"));
        let before = app.job(&who, view.job.id).await.unwrap();

        app.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(swept(&app).await, 1);
        let after = app.job(&who, view.job.id).await.unwrap();
        assert_eq!(order(&after.itinerary), order(&before.itinerary));
        let places: Vec<_> = after.itinerary.stops.iter().map(|stop| stop.location.clone()).collect();
        let kept = before.itinerary.stops[1].location.clone();
        assert_eq!(places, [Location::Forgotten, kept, Location::Forgotten]);
        let left = written(&app).await;
        assert!(!left.contains("google") && !left.contains("here"), "{left}");
        assert_eq!(after.itinerary.route.totals.polyline, "", "its line began and ended there");
        assert_eq!(after.itinerary.route.totals.distance, before.itinerary.route.totals.distance);
        assert!(after.itinerary.stops.iter().zip(&before.itinerary.stops).all(|(a, b)| a.status == b.status));
        assert_eq!(audited(&app.store, who.organization_id).await[0], "places.forgotten");
        assert_eq!((count(&app.store, "places_to_forget").await, app.due_work(9).await.unwrap().len()), (0, 0));
        assert_eq!(swept(&app).await, 0);
    }

    async fn what_is_still_to_be_driven_is_looked_for_again(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let view = found_by(&app, &who, &["google", "google", "google"]).await;
        app.clock.advance(LENT);
        assert_eq!(swept(&app).await, 1);
        let after = app.job(&who, view.job.id).await.unwrap();
        assert!(after.itinerary.stops.iter().all(|stop| stop.location == Location::Searching));

        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        let again = app.job(&who, view.job.id).await.unwrap();
        assert_eq!(order(&again.itinerary), order(&view.itinerary));
        assert_eq!(again.itinerary.route.totals, view.itinerary.route.totals);
        for stop in &again.itinerary.stops {
            let Location::Geocoded(geocoded) = &stop.location else { panic!("{:?}", stop.location) };
            assert_eq!((geocoded.found_at, geocoded.forget_at), (Some(app.clock().now()), Some(app.clock().now() + LENT)));
        }
        app.clock.advance(LENT);
        assert_eq!(swept(&app).await, 1, "and forgotten again in its time");
    }

    async fn of_a_started_route_the_delivered_stops_are_forgotten_and_the_others_looked_for(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let view = found_by(&app, &who, &["google", "google"]).await;
        deliver(&app, &who, &view, view.itinerary.stops[0].id).await;
        app.clock.advance(LENT);
        app.geocoder.breaks_down(Trouble::Unavailable);
        assert_eq!(swept(&app).await, 1);
        assert_eq!(work(&app).await, [WorkOutcome::Retried]);
        let between = app.job(&who, view.job.id).await.unwrap();
        assert_eq!(between.itinerary.stops[0].location, Location::Forgotten);
        assert_eq!(between.itinerary.stops[1].location, Location::Searching);
        assert!(between.itinerary.stops[1].planned.is_some(), "when the driver comes is still known");
        app.geocoder.recovers();
        app.clock.advance(SignedDuration::from_mins(1));
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        let after = app.job(&who, view.job.id).await.unwrap();
        assert_eq!(after.itinerary.stops[0].location, Location::Forgotten);
        assert_eq!(after.itinerary.stops[1].location.position(), Some(on_line(1)));
    }

    async fn what_may_be_kept_for_good_costs_no_row(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let view = found_by(&app, &who, &["embedded", "nominatim", "memory"]).await;
        assert_eq!(count(&app.store, "places_to_forget").await, 0);
        app.clock.advance(DAY * 9_000);
        assert_eq!(swept(&app).await, 0);
        assert_eq!(app.job(&who, view.job.id).await.unwrap().itinerary.stops, view.itinerary.stops);
    }

    async fn candidates_that_nobody_was_sure_of_are_lent_too(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.has_from("google", "unsure", on_line(0));
        app.geocoder.doubts("unsure");
        let stop = imported(&app, &who, "unsure").await;
        assert!(matches!(&stop.location, Location::NotFound { suggestions } if suggestions.len() == 1));
        app.clock.advance(LENT);
        assert_eq!(swept(&app).await, 1);
        let after = app.imported_stop(&who, &ImportedStopKey::Id(stop.id)).await.unwrap();
        assert_eq!(after.location, Location::unknown());
    }

    async fn stops_beside_routes_are_forgotten_and_looked_for_when_they_are_put_on_one(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.has_from("google", "shop", on_line(0));
        app.geocoder.has_from("here", "depot", on_line(1));
        let stop = imported(&app, &who, "shop").await;
        let kept = saved(&app, &who, SaveStop { name: text("Depot"), request: request("", "depot") }).await;
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        app.clock.advance(LENT - DAY);
        // A copy is no younger than what it was made from.
        let old = with_stops(&app, &who, vec![NewStop::Imported(stop.id)], StopOrder::Given).await;
        app.clock.advance(DAY);
        assert_eq!(swept(&app).await, 3);
        assert_eq!(app.imported_stop(&who, &ImportedStopKey::Id(stop.id)).await.unwrap().location, Location::Forgotten);
        assert_eq!(app.saved_stop(who.organization_id, kept.id).await.unwrap().location, Location::Forgotten);
        let itinerary = app.route(&who, old.itinerary.route.id).await.unwrap().itinerary;
        assert_eq!(itinerary.stops[0].location, Location::Searching);

        let wanted = vec![NewStop::Imported(stop.id), NewStop::Saved(kept.id)];
        let view = with_stops(&app, &who, wanted, StopOrder::Given).await;
        let places: Vec<_> = view.itinerary.stops.iter().map(|stop| stop.location.position()).collect();
        assert_eq!(places, [Some(on_line(0)), Some(on_line(1))]);
        app.import_stops(&who, vec![request("shop", "shop")]).await.unwrap();
        assert!(work(&app).await.contains(&WorkOutcome::Done));
        let again = app.imported_stop(&who, &ImportedStopKey::Id(stop.id)).await.unwrap();
        assert_eq!(again.location.position(), Some(on_line(0)));
    }

    async fn places_without_a_time_are_too_old(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let view = found_by(&app, &who, &["google", "nominatim"]).await;
        for stop in &view.itinerary.stops {
            deliver(&app, &who, &view, stop.id).await;
        }
        // As an earlier release has written it, with the row that the migration makes.
        let document = r#"{"match_type":"exact","confidence":0.9,"is_approximate":false,"source":"google"}"#;
        let sql = format!("UPDATE stops SET geocoded = '{document}' WHERE geocoded LIKE '%google%'");
        app.store.write(&sql, |tx, sql| Box::pin(tx.execute_raw(sql))).await.unwrap();
        let earlier = match app.store.kind() {
            DatabaseKind::Sqlite => "UPDATE places_to_forget SET forget_at = 0",
            DatabaseKind::Postgres => {
                "UPDATE places_to_forget SET forget_at = TIMESTAMPTZ '1970-01-01 00:00:00+00'"
            }
        };
        app.store.write(earlier, |tx, sql| Box::pin(tx.execute_raw(sql))).await.unwrap();
        assert_eq!(swept(&app).await, 1);
        let after = app.job(&who, view.job.id).await.unwrap();
        assert_eq!(after.itinerary.stops[0].location, Location::Forgotten);
        assert_eq!(after.itinerary.stops[1].location, view.itinerary.stops[1].location);
    }
}
