//! Stops that are handed in from outside: replaced as a whole, listed in a stable order, nobody else's.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::future::join_all;
use jiff::SignedDuration;
use routemate_app::{ErrorKind, ImportedStopKey, Noun, Principal};
use routemate_domain::{ImportedStop, ImportedStopId, Location, StopRequest};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{TestApp, position};
use uuid::Uuid;

use crate::facts::{audited, count, refusal};
use crate::stop_requests::{full_request, request};

const NOT_FOUND: ErrorKind = ErrorKind::NotFound(Noun::ImportedStop);

async fn import(app: &TestApp, who: &Principal, requests: &[StopRequest]) -> Vec<ImportedStop> {
    app.import_stops(who, requests.to_vec()).await.unwrap()
}

fn client_id(text: &str) -> ImportedStopKey {
    ImportedStopKey::ClientStopId(text.to_owned())
}

/// All of them, `most` at a time.
async fn pages(app: &TestApp, who: &Principal, most: usize) -> Vec<ImportedStopId> {
    let mut seen: Vec<ImportedStopId> = Vec::new();
    loop {
        let page = app.imported_stops(who, seen.last().copied(), most).await.unwrap();
        assert!(page.len() <= most);
        if page.is_empty() {
            return seen;
        }
        seen.extend(page.iter().map(|stop| stop.id));
    }
}

database_tests! {
    async fn a_stop_comes_back_as_it_went_in(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let full = full_request("mystopid-123");
        let imported = import(&app, &who, &[full.clone(), request("", "Unioninkatu 29")]).await;
        assert_eq!(imported[0].request, full);
        assert_eq!(imported[0].location, Location::Supplied(full.position.unwrap()));
        assert_eq!(imported[1].location, Location::Searching);
        for stop in &imported {
            assert_eq!((stop.version, stop.imported_at, stop.created_at), (1, app.clock().now(), app.clock().now()));
            assert_eq!(app.imported_stop(&who, &ImportedStopKey::Id(stop.id)).await.unwrap(), *stop);
        }
        assert_eq!(app.imported_stop(&who, &client_id("mystopid-123")).await.unwrap(), imported[0]);
        assert_eq!(audited(&app.store, who.organization_id).await, ["stops.imported"]);
    }

    async fn a_known_client_id_replaces_everything_but_the_id(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let first = import(&app, &who, &[full_request("A")]).await.remove(0);
        let other = import(&app, &who, &[request("B", "b")]).await.remove(0);
        app.clock.advance(SignedDuration::from_mins(5));
        let again = import(&app, &who, &[request("A", "Elsewhere 1")]).await.remove(0);
        assert_eq!(again.request, request("A", "Elsewhere 1"));
        assert_eq!((again.id, again.version, again.created_at), (first.id, 2, first.created_at));
        assert_eq!(again.imported_at, app.clock().now());
        assert_eq!(app.imported_stop(&who, &client_id("A")).await.unwrap(), again);
        assert_eq!(pages(&app, &who, 10).await, [other.id, first.id], "it keeps its place in the list");
    }

    async fn without_a_client_id_every_stop_is_new(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let same = request("", "Unioninkatu 29");
        let imported = import(&app, &who, &[same.clone(), same]).await;
        assert_ne!(imported[0].id, imported[1].id);
        assert_eq!(count(&app.store, "imported_stops").await, 2);
    }

    async fn of_one_client_id_in_a_batch_the_last_counts_and_each_is_answered(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let batch = [request("A", "first"), request("", "between"), request("A", "last"), request("B", "b")];
        let answers = import(&app, &who, &batch).await;
        let addresses: Vec<&str> = answers.iter().map(|stop| stop.request.address.line1.as_str()).collect();
        assert_eq!(addresses, ["last", "between", "last", "b"]);
        assert_eq!(answers[0], answers[2]);
        assert_eq!(answers[0].version, 1);
        assert_eq!(count(&app.store, "imported_stops").await, 3);
        assert_eq!(import(&app, &who, &[]).await, []);
    }

    async fn doing_it_again_changes_nothing_but_the_time(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let batch = [full_request("A"), request("B", "b")];
        let first = import(&app, &who, &batch).await;
        app.clock.advance(SignedDuration::from_secs(1));
        let again = import(&app, &who, &batch).await;
        for (first, again) in first.iter().zip(&again) {
            let expected = ImportedStop { version: 2, imported_at: app.clock().now(), ..first.clone() };
            assert_eq!(*again, expected);
        }
    }

    async fn imports_of_the_same_client_ids_at_once_make_no_doubles(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let tasks = (0..12_u32).map(|number| {
            let (app, who) = (Arc::clone(&app), who.clone());
            tokio::spawn(async move {
                // Half of them the other way round.
                let mut ids = ["A", "B", "C", "D"];
                if number % 2 == 1 {
                    ids.reverse();
                }
                let batch: Vec<_> = ids.iter().map(|id| request(id, &format!("place {number}"))).collect();
                import(&app, &who, &batch).await
            })
        });
        let answers: Vec<Vec<ImportedStop>> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
        let ids: HashSet<_> = answers.iter().flatten().map(|stop| stop.id).collect();
        assert_eq!(ids.len(), 4);
        assert_eq!(count(&app.store, "imported_stops").await, 4);
        for id in ["A", "B", "C", "D"] {
            let stop = app.imported_stop(&who, &client_id(id)).await.unwrap();
            assert_eq!(stop.version, 12, "{id}");
            let told = answers.iter().flatten().filter(|answer| answer.id == stop.id);
            let versions: HashSet<_> = told.map(|answer| answer.version).collect();
            assert_eq!(versions.len(), 12, "each import has its own version of {id}");
        }
    }

    async fn large_batches_are_taken_in(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let batch: Vec<_> = (0..2_500).map(|number| request(&format!("S{number}"), "one place")).collect();
        let imported = import(&app, &who, &batch).await;
        assert_eq!(imported.len(), 2_500);
        assert!(imported.iter().zip(&batch).all(|(stop, request)| stop.request == *request));
        let again = import(&app, &who, &batch).await;
        assert!(again.iter().zip(&imported).all(|(again, first)| again.id == first.id && again.version == 2));
        assert_eq!(count(&app.store, "imported_stops").await, 2_500);
    }

    async fn a_text_may_be_our_id_or_the_clients(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let ours = import(&app, &who, &[request("", "a")]).await.remove(0);
        let text = format!("ist-{}", ours.id);
        // Another stop that the client has given just this name.
        let namesake = import(&app, &who, &[request(&text, "b")]).await.remove(0);
        let either = ImportedStopKey::Either(ours.id, text.clone());
        assert_eq!(app.imported_stop(&who, &either).await.unwrap().id, ours.id);
        app.delete_imported_stop(&who, &either).await.unwrap();
        assert_eq!(app.imported_stop(&who, &either).await.unwrap().id, namesake.id);
        for weird in ["", "ä/ö ?#%2F", "\u{1f600}", "nul\0nul", "' OR 1=1 --"] {
            assert_eq!(refusal(app.imported_stop(&who, &client_id(weird)).await), NOT_FOUND, "{weird:?}");
        }
        for weird in ["ä/ö ?#%2F", "\u{1f600}", "' OR 1=1 --"] {
            let made = import(&app, &who, &[request(weird, "c")]).await.remove(0);
            assert_eq!(app.imported_stop(&who, &client_id(weird)).await.unwrap(), made, "{weird:?}");
        }
    }

    async fn what_is_deleted_is_gone_and_its_client_id_free(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let stop = import(&app, &who, &[request("A", "a")]).await.remove(0);
        app.delete_imported_stop(&who, &client_id("A")).await.unwrap();
        assert_eq!(refusal(app.delete_imported_stop(&who, &client_id("A")).await), NOT_FOUND);
        assert_eq!(refusal(app.imported_stop(&who, &ImportedStopKey::Id(stop.id)).await), NOT_FOUND);
        assert_eq!(audited(&app.store, who.organization_id).await, ["imported_stop.deleted", "stops.imported"]);
        let again = import(&app, &who, &[request("A", "a")]).await.remove(0);
        assert_ne!(again.id, stop.id);
        assert_eq!(again.version, 1);
    }

    async fn another_organisations_stops_are_not_there(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, stranger) = (app.principal().await, app.principal().await);
        let sibling = app.principal_of(who.organization_id).await;
        let mine = import(&app, &who, &[request("A", "mine")]).await.remove(0);
        let key = ImportedStopKey::Id(mine.id);
        for key in [&key, &client_id("A"), &ImportedStopKey::Either(mine.id, "A".to_owned())] {
            assert_eq!(refusal(app.imported_stop(&stranger, key).await), NOT_FOUND);
            assert_eq!(refusal(app.delete_imported_stop(&stranger, key).await), NOT_FOUND);
        }
        assert_eq!(app.imported_stops(&stranger, None, 10).await.unwrap(), []);
        assert_eq!(app.routes_of_imported_stop(&stranger, mine.id).await.unwrap(), []);
        // The same client's id is another stop there.
        let theirs = import(&app, &stranger, &[request("A", "theirs")]).await.remove(0);
        assert_ne!(theirs.id, mine.id);
        assert_eq!(app.imported_stop(&who, &client_id("A")).await.unwrap(), mine);
        // What belongs to an organisation is seen by all of its integrations.
        assert_eq!(app.imported_stop(&sibling, &client_id("A")).await.unwrap(), mine);
        assert_eq!(import(&app, &sibling, &[request("A", "ours")]).await[0].id, mine.id);
    }

    async fn pages_hold_every_stop_once_while_others_come_and_go(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let batch: Vec<_> = (0..40).map(|number| request(&format!("S{number}"), "a")).collect();
        let stops = import(&app, &who, &batch).await;
        let mut seen: Vec<ImportedStopId> = Vec::new();
        let (mut made, mut deleted) = (Vec::new(), HashSet::new());
        for turn in 0.. {
            let page = app.imported_stops(&who, seen.last().copied(), 7).await.unwrap();
            if page.is_empty() {
                break;
            }
            seen.extend(page.iter().map(|stop| stop.id));
            // One is made, one replaced, the last one seen and one not seen yet are deleted.
            made.extend(import(&app, &who, &[request(&format!("N{turn}"), "new")]).await);
            import(&app, &who, &[request(&format!("S{turn}"), "changed")]).await;
            let unseen = stops.iter().find(|stop| !seen.contains(&stop.id) && !deleted.contains(&stop.id));
            for id in [seen.last().copied(), unseen.map(|stop| stop.id)].into_iter().flatten() {
                app.delete_imported_stop(&who, &ImportedStopKey::Id(id)).await.unwrap();
                deleted.insert(id);
            }
        }
        let distinct: HashSet<_> = seen.iter().copied().collect();
        assert_eq!(distinct.len(), seen.len(), "none comes twice");
        assert!(seen.is_sorted_by(|a, b| a > b), "newest first");
        for stop in stops.iter().filter(|stop| !deleted.contains(&stop.id)) {
            assert!(distinct.contains(&stop.id), "{:?}", stop.request.external_id);
        }
        assert!(made.iter().all(|stop| !distinct.contains(&stop.id)), "new ones are before the first page");
    }

    async fn pages_hold_every_stop_once_beside_a_busy_writer(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let who = app.principal().await;
        let batch: Vec<_> = (0..60).map(|number| request(&format!("S{number}"), "a")).collect();
        let stops: HashSet<_> = import(&app, &who, &batch).await.into_iter().map(|stop| stop.id).collect();
        let writer = {
            let (app, who) = (Arc::clone(&app), who.clone());
            tokio::spawn(async move {
                for number in 0..30 {
                    let made = import(&app, &who, &[request("", "new"), request(&format!("S{number}"), "again")]).await;
                    app.delete_imported_stop(&who, &ImportedStopKey::Id(made[0].id)).await.unwrap();
                }
            })
        };
        for _ in 0..5 {
            let seen = pages(&app, &who, 9).await;
            let distinct: HashSet<_> = seen.iter().copied().collect();
            assert_eq!(distinct.len(), seen.len());
            assert!(stops.is_subset(&distinct));
        }
        writer.await.unwrap();
    }

    async fn unknown_ids_are_not_found(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let nobody = ImportedStopId::from_uuid(Uuid::nil());
        assert_eq!(refusal(app.imported_stop(&who, &ImportedStopKey::Id(nobody)).await), NOT_FOUND);
        assert_eq!(app.imported_stops(&who, Some(nobody), 10).await.unwrap(), []);
        let supplied = StopRequest { position: Some(position(1.0, 2.0)), ..request("X", "x") };
        let stop = import(&app, &who, &[supplied]).await.remove(0);
        assert_eq!(app.imported_stops(&who, Some(ImportedStopId::from_uuid(Uuid::max())), 10).await.unwrap(), [stop]);
    }
}
