//! Where people of an organisation have put its addresses, and what that changes.

use routemate_app::{ErrorKind, ImportJob, Noun, RememberAddress};
use routemate_domain::Location;
use routemate_geocoding::{Outcome, Query};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{TestApp, Trouble, import_command, position, stop_command, text};
use routemate_units::LatLng;

use crate::facts::{audited, count, named, refusal};

fn pin(number: usize) -> LatLng {
    position(60.10 + 0.01 * number as f64, 24.94)
}

fn remember(address: &str, position: LatLng) -> RememberAddress {
    RememberAddress { address: text(address), position }
}

/// A job of stops without coordinates.
fn addressed(name: &str, addresses: &[&str]) -> ImportJob {
    let mut command = named(name, import_command(0));
    for (number, &address) in addresses.iter().enumerate() {
        let mut stop = stop_command(number, None);
        stop.address = text(address);
        command.stops.push(stop);
    }
    command
}

database_tests! {
    async fn a_pin_that_was_set_wins_over_every_geocoder_from_then_on(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.knows("1 Main Street, Helsinki", pin(1));
        app.geocoder.knows("2 Main Street, Helsinki", pin(2));
        app.remember_address(&who, remember("1 Main Street, Helsinki", pin(7))).await.unwrap();
        let asked = app.geocoder.calls();
        let command = addressed("ONE", &["1 MAIN STREET  Helsinki", "2 Main Street, Helsinki"]);
        let stops = app.import(&who, command).await.unwrap().view.itinerary.stops;
        assert_eq!(stops.iter().map(|stop| stop.location.position()).collect::<Vec<_>>(), [Some(pin(7)), Some(pin(2))]);
        let Location::Geocoded(geocoded) = &stops[0].location else { panic!("{:?}", stops[0].location) };
        assert_eq!((geocoded.source.as_str(), geocoded.confidence, geocoded.is_approximate), ("memory", 1.0, false));
        assert_eq!(app.geocoder.calls(), asked + 1);
    }

    async fn a_pin_is_found_while_all_geocoders_are_down(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.breaks_down(Trouble::Unavailable);
        app.remember_address(&who, remember("Ärsytie 1", pin(1))).await.unwrap();
        let stops = app.import(&who, addressed("ONE", &["arsytie 1", "elsewhere"])).await.unwrap().view.itinerary.stops;
        assert_eq!(stops[0].location.position(), Some(pin(1)));
        assert_eq!(stops[1].location, Location::Searching);
    }

    async fn the_last_pin_counts_and_keeps_the_id_of_the_first(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let first = app.remember_address(&who, remember("1 Main Street", pin(1))).await.unwrap();
        app.clock.advance(jiff::SignedDuration::from_secs(60));
        let second = app.remember_address(&who, remember("1, main street", pin(2))).await.unwrap();
        assert_eq!((second.id, second.created_at, second.position), (first.id, first.created_at, pin(2)));
        assert!(second.updated_at > first.updated_at);
        assert_eq!(app.find_address(&who, "1 MAIN STREET").await.unwrap(), second);
        assert_eq!(count(&app.store, "remembered_addresses").await, 1);
    }

    async fn what_is_forgotten_is_asked_for_again(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.knows("1 Main Street", pin(1));
        let address = app.remember_address(&who, remember("1 Main Street", pin(7))).await.unwrap();
        app.forget_address(&who, address.id).await.unwrap();
        assert_eq!(refusal(app.forget_address(&who, address.id).await), ErrorKind::NotFound(Noun::Address));
        assert_eq!(refusal(app.find_address(&who, "1 Main Street").await), ErrorKind::NotFound(Noun::Address));
        let found = app.geocode(&who, &[Query::text("1 Main Street")]).await.unwrap();
        assert!(matches!(&found[0].outcome, Outcome::Found(best) if best.position == pin(1)));
    }

    async fn pins_are_of_one_organisation_alone_and_are_accounted_for(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, other) = (app.principal().await, app.principal().await);
        let address = app.remember_address(&who, remember("1 Main Street", pin(7))).await.unwrap();
        assert_eq!(refusal(app.find_address(&other, "1 Main Street").await), ErrorKind::NotFound(Noun::Address));
        assert_eq!(refusal(app.forget_address(&other, address.id).await), ErrorKind::NotFound(Noun::Address));
        let found = app.geocode(&other, &[Query::text("1 Main Street")]).await.unwrap();
        assert_eq!(found[0].outcome, Outcome::NotFound);
        app.forget_address(&who, address.id).await.unwrap();
        let own = audited(&app.store, who.organization_id).await;
        assert_eq!(own, ["address.forgotten", "address.remembered"]);
        assert!(audited(&app.store, other.organization_id).await.is_empty());
    }

    async fn one_answer_comes_for_each_question_in_its_order(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.knows("surely", pin(1));
        app.geocoder.guesses("about", pin(2), 0.5);
        app.geocoder.guesses("hardly", pin(3), 0.2);
        app.geocoder.fails("out of order", Trouble::Unavailable);
        app.remember_address(&who, remember("known", pin(4))).await.unwrap();
        let queries = ["about", "known", "out of order", "surely", "hardly", "nowhere", "known"].map(Query::text);
        let found = app.geocode(&who, &queries).await.unwrap();
        let shown: Vec<_> = found
            .iter()
            .map(|lookup| match &lookup.outcome {
                Outcome::Found(best) => format!("{} from {}", best.label, best.source),
                Outcome::Approximate(best) => format!("perhaps {}", best.label),
                Outcome::NotFound => format!("not found, {} like it", lookup.candidates.len()),
                Outcome::Unfinished => "unanswered".to_owned(),
            })
            .collect();
        let expected = [
            "perhaps about",
            "known from memory",
            "unanswered",
            "surely from fake",
            "not found, 1 like it",
            "not found, 0 like it",
            "known from memory",
        ];
        assert_eq!(shown, expected);
    }

    async fn what_an_unsure_address_may_mean_is_kept_with_the_stop(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.guesses("hardly", pin(3), 0.2);
        let view = app.import(&who, addressed("ONE", &["hardly", "nowhere"])).await.unwrap().view;
        let Location::NotFound { suggestions } = &view.itinerary.stops[0].location else { panic!("it was found") };
        assert_eq!(suggestions.iter().map(|one| (one.position, one.label.as_str())).collect::<Vec<_>>(), [(pin(3), "hardly")]);
        assert_eq!(view.itinerary.stops[1].location, Location::unknown());
        assert_eq!(app.job(&who, view.job.id).await.unwrap(), view);
    }
}
