//! The import without coordinates: what is found, what is not, and where that leaves a stop.

use std::time::Duration;

use routemate_app::ImportJob;
use routemate_domain::{Geocoded, Location, Stop};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{TestApp, Trouble, import_command, position, stop_command, text};
use routemate_units::{LatLng, Meters, Seconds};

use crate::facts::{count, named, order};

/// Four places on a line to the north.
fn place(number: usize) -> LatLng {
    position(60.10 + 0.01 * number as f64, 24.94)
}

/// Stops without coordinates, by the text of their address.
fn addressed(addresses: &[&str]) -> ImportJob {
    let mut command = import_command(0);
    for (number, &address) in addresses.iter().enumerate() {
        let mut stop = stop_command(number, None);
        stop.address = text(address);
        command.stops.push(stop);
    }
    command
}

fn shown(stop: &Stop) -> &'static str {
    match &stop.location {
        Location::Supplied(_) => "supplied",
        Location::Geocoded(geocoded) if geocoded.is_approximate => "approximate",
        Location::Geocoded(_) => "geocoded",
        Location::Searching => "searching",
        Location::NotFound { .. } => "not found",
        Location::Forgotten => "forgotten",
        Location::Anywhere => "anywhere",
    }
}

fn locations(stops: &[Stop]) -> Vec<(&str, &str)> {
    stops.iter().map(|stop| (stop.external_id.as_ref().unwrap().as_str(), shown(stop))).collect()
}

database_tests! {
    async fn an_address_is_found_surely_or_about_or_not_or_not_in_time(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.knows("surely", place(1));
        app.geocoder.guesses("about", place(0), 0.5);
        app.geocoder.guesses("hardly", place(2), 0.39);
        app.geocoder.fails("out of order", Trouble::Unavailable);
        app.geocoder.fails("too slow", Trouble::TimedOut);
        app.geocoder.fails("turned away", Trouble::Refused);
        app.geocoder.fails("garbled", Trouble::Invalid);
        let mut command =
            addressed(&["too slow", "about", "nowhere", "surely", "out of order", "hardly", "turned away", "garbled"]);
        command.stops.push(stop_command(8, place(3)));
        let view = app.import(&who, command).await.unwrap().view;
        assert_eq!(
            locations(&view.itinerary.stops),
            [
                ("STOP-1", "approximate"),
                ("STOP-3", "geocoded"),
                ("STOP-8", "supplied"),
                ("STOP-0", "searching"),
                ("STOP-2", "not found"),
                ("STOP-4", "searching"),
                ("STOP-5", "not found"),
                ("STOP-6", "searching"),
                ("STOP-7", "not found"),
            ]
        );
        let found = Geocoded {
            position: place(0),
            access: None,
            match_type: "street".to_owned(),
            confidence: 0.5,
            is_approximate: true,
            source: "fake".to_owned(),
            attribution: String::new(),
            found_at: Some(app.clock().now()),
            forget_at: None,
        };
        assert_eq!(view.itinerary.stops[0].location, Location::Geocoded(found));
        assert!(view.itinerary.stops[3..].iter().all(|stop| stop.planned.is_none()));
        assert_eq!(app.job(&who, view.job.id).await.unwrap(), view);
        assert_eq!(count(&app.store, "queue").await, 1);
    }

    async fn the_first_and_last_located_stops_are_the_ends(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        for number in 0..4 {
            app.geocoder.knows(&format!("place {number}"), place(number));
        }
        let command = addressed(&["nowhere", "place 3", "place 1", "place 2", "place 0", "gone"]);
        let itinerary = app.import(&who, command).await.unwrap().view.itinerary;
        assert_eq!(order(&itinerary), ["STOP-1", "STOP-3", "STOP-2", "STOP-4", "STOP-0", "STOP-5"]);
    }

    async fn with_fewer_than_two_places_there_is_no_route_to_speak_of(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.knows("place", place(1));
        for (name, addresses, expected) in [
            ("NONE", vec!["x", "y", "z"], vec!["STOP-0", "STOP-1", "STOP-2"]),
            ("ONE", vec!["x", "place", "z"], vec!["STOP-1", "STOP-0", "STOP-2"]),
            ("ALONE", vec!["place"], vec!["STOP-0"]),
        ] {
            let command = named(name, addressed(&addresses));
            let view = app.import(&who, command).await.unwrap().view;
            assert_eq!(order(&view.itinerary), expected, "{name}");
            let totals = &view.itinerary.route.totals;
            assert_eq!((totals.distance, totals.duration), (Meters::ZERO, Seconds::ZERO), "{name}");
            assert_eq!((totals.polyline.as_str(), view.itinerary.route.optimality), ("", None), "{name}");
            assert!(view.itinerary.stops.iter().all(|stop| stop.planned.is_none()), "{name}");
            assert_eq!(app.job(&who, view.job.id).await.unwrap(), view, "{name}");
        }
    }

    async fn an_import_waits_for_addresses_no_longer_than_its_deadline(db: &TestDb) {
        let app = TestApp::with(db, |settings| settings.geocoding_deadline = Duration::from_millis(50));
        let who = app.principal().await;
        app.geocoder.knows("place 1", place(1));
        app.geocoder.knows("place 2", place(2));
        app.geocoder.fails("place 2", Trouble::Hangs);
        let stops = app.import(&who, addressed(&["place 1", "place 2"])).await.unwrap().view.itinerary.stops;
        assert_eq!(locations(&stops), [("STOP-0", "geocoded"), ("STOP-1", "searching")]);
    }

    async fn coordinates_are_taken_without_asking_and_equal_addresses_asked_once(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.import(&who, import_command(3)).await.unwrap();
        assert_eq!(app.geocoder.calls(), 0);
        app.geocoder.knows("place", place(1));
        let command = named("SAME", addressed(&["place", " place ", "place"]));
        let stops = app.import(&who, command).await.unwrap().view.itinerary.stops;
        assert!(stops.iter().all(|stop| shown(stop) == "geocoded"));
        assert_eq!(app.geocoder.calls(), 1);
    }
}
