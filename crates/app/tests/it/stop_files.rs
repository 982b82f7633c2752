//! Whole files of stops: taken in at once however many there are, told once under a key, read out in order.

use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use routemate_app::{Answer, Error, ErrorKind, Idempotency, ImportStopFile, Noun, Principal, Replay, TakenStops};
use routemate_domain::{OrganizationId, StopRequest, StopSource};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{START, TestApp};
use uuid::Uuid;

use crate::facts::{audited, count, refusal};
use crate::stop_requests::{full_request, request, route_with, stop_of};

fn key(text: &str, fingerprint: u8) -> Option<Idempotency> {
    Some(Idempotency { operation: "imported-stops.csv", key: text.to_owned(), fingerprint: [fingerprint; 32] })
}

async fn take(
    app: &TestApp,
    who: &Principal,
    requests: &[StopRequest],
    idempotency: Option<Idempotency>,
) -> Result<Answer, Error> {
    let render = Arc::new(|taken: &TakenStops| format!("{} {}", taken.created, taken.replaced).into_bytes());
    app.import_stop_file(who, ImportStopFile { requests: requests.to_vec(), idempotency, render }).await
}

fn many(count: usize) -> Vec<StopRequest> {
    (0..count).map(|number| request(&format!("S{number}"), &format!("{number} Canal Road"))).collect()
}

database_tests! {
    async fn a_file_is_taken_in_and_read_out_in_its_order(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let file = many(2_500);
        assert_eq!(take(&app, &who, &file, None).await.unwrap().body, b"2500 0");
        assert_eq!(take(&app, &who, &many(2_501), None).await.unwrap().body, b"1 2500");
        assert_eq!(count(&app.store, "imported_stops").await, 2_501);
        assert_eq!(audited(&app.store, who.organization_id).await, ["stops.imported"; 2]);
        let (mut last, mut exported) = (None, Vec::new());
        loop {
            let page = app.export_stops(who.organization_id, last, 1_000).await.unwrap();
            last = page.last().map(|stop| stop.id);
            exported.extend(page);
            if exported.len() % 1_000 != 0 || last.is_none() {
                break;
            }
        }
        assert!(exported.iter().map(|stop| &stop.request).eq(&many(2_501)));
        let stranger = app.principal().await;
        assert_eq!(app.export_stops(stranger.organization_id, None, 10).await.unwrap(), []);
    }

    async fn of_one_client_id_the_last_counts_in_whatever_piece_it_is(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let mut file = many(1_500);
        file.push(full_request("S3"));
        let ids: Vec<_> = file.iter().map(|request| request.external_id.as_ref()).chain([None]).collect();
        let foreseen = app.try_stop_file(who.organization_id, &ids).await.unwrap();
        assert_eq!(foreseen, TakenStops { created: 1_501, replaced: 0 });
        assert_eq!(take(&app, &who, &file, None).await.unwrap().body, b"1500 0");
        let kept = app.export_stops(who.organization_id, None, 10).await.unwrap();
        assert_eq!(kept[3].request, full_request("S3"));
        let foreseen = app.try_stop_file(who.organization_id, &ids).await.unwrap();
        assert_eq!(foreseen, TakenStops { created: 1, replaced: 1_500 });
        let stranger = app.principal().await;
        let foreseen = app.try_stop_file(stranger.organization_id, &ids).await.unwrap();
        assert_eq!(foreseen.replaced, 0);
    }

    async fn a_key_is_answered_once(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let file = [request("", "Canal Road 1"), request("", "Canal Road 2")];
        let first = take(&app, &who, &file, key("k", 1)).await.unwrap();
        assert_eq!((first.replay, first.body.as_slice()), (Replay::No, b"2 0".as_slice()));
        let again = take(&app, &who, &file, key("k", 1)).await.unwrap();
        assert_eq!((again.replay, again.body), (Replay::Same, first.body));
        assert_eq!(refusal(take(&app, &who, &file, key("k", 2)).await), ErrorKind::KeyReused);
        assert_eq!(count(&app.store, "imported_stops").await, 2);
        app.clock.advance(SignedDuration::from_hours(25));
        take(&app, &who, &file, key("k", 1)).await.unwrap();
        assert_eq!(count(&app.store, "imported_stops").await, 4);
    }

    async fn a_file_that_cannot_be_stored_leaves_nothing(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let nobody = Principal { organization_id: OrganizationId::from_uuid(Uuid::from_u128(1)), ..who.clone() };
        assert!(take(&app, &nobody, &many(1_200), None).await.is_err());
        assert_eq!((count(&app.store, "imported_stops").await, count(&app.store, "queue").await), (0, 0));
        let refused = app.import_stop_file_of(nobody.organization_id, many(1), &|_| {}).await;
        assert_eq!(refusal(refused), ErrorKind::NotFound(Noun::Organization));
    }

    async fn an_operator_is_told_how_far_it_is(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let told = Mutex::new(Vec::new());
        let taken = app.import_stop_file_of(who.organization_id, many(2_300), &|done| told.lock().unwrap().push(done)).await;
        assert_eq!(taken.unwrap(), TakenStops { created: 2_300, replaced: 0 });
        assert_eq!(*told.lock().unwrap(), [1_000, 2_000, 2_300]);
    }

    async fn routes_are_brought_up_to_it_once(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let imported = app.import_stops(&who, many(1_200)).await.unwrap();
        let stops = [&imported[0], &imported[1_100]].map(|stop| stop_of(&app, stop, START)).to_vec();
        let route = route_with(&app, &who, stops, |_| {}).await;
        let mut file = many(1_200);
        for (at, address) in [(0, "Elsewhere 1"), (1_100, "Elsewhere 2")] {
            file[at] = request(&format!("S{at}"), address);
        }
        take(&app, &who, &file, None).await.unwrap();
        let after = app.route(&who, route).await.unwrap().itinerary;
        let told: Vec<_> = after.stops.iter().map(|stop| (stop.source, stop.address.line1.as_str())).collect();
        let source = |at: usize| StopSource::ImportedStop(imported[at].id);
        assert_eq!(told, [(source(0), "Elsewhere 1"), (source(1_100), "Elsewhere 2")]);
        let audits = audited(&app.store, who.organization_id).await;
        assert_eq!(audits.iter().filter(|action| *action == "route.stops_refreshed").count(), 1);
    }
}
