//! Addresses that are found after the import has answered.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::SignedDuration;
use routemate_app::{DriverAct, ImportJob, JobView, Principal, WorkOutcome};
use routemate_domain::{JobId, Location};
use routemate_persistence::test_db::TestDb;
use routemate_persistence::{StoreError, database_tests};
use routemate_test_support::{START, TestApp, Trouble, import_command, position, stop_command, text};
use routemate_units::{LatLng, Seconds};

use crate::facts::{audited, count, events, order};

/// Stops on a line to the north, in the order of `places`; those of `missing` have an address alone, `place N`.
fn line(places: &[u32], missing: &[u32]) -> ImportJob {
    let mut command = import_command(0);
    for (number, place) in places.iter().enumerate() {
        let mut stop = stop_command(number, on_line(*place));
        if missing.contains(place) {
            stop.position = None;
            stop.address = text(format!("place {place}"));
        }
        command.stops.push(stop);
    }
    command
}

fn on_line(place: u32) -> LatLng {
    position(60.10 + 0.01 * f64::from(place), 24.94)
}

/// An import while the geocoder is out of order; it knows the missing places once it works again.
async fn imported(app: &TestApp, places: &[u32], missing: &[u32]) -> (Principal, JobView) {
    app.geocoder.breaks_down(Trouble::Unavailable);
    for place in missing {
        app.geocoder.knows(&format!("place {place}"), on_line(*place));
    }
    let who = app.principal().await;
    let view = app.import(&who, line(places, missing)).await.unwrap().view;
    (who, view)
}

/// Does everything that is due, once.
async fn work(app: &TestApp) -> Vec<WorkOutcome> {
    let mut outcomes = Vec::new();
    for due in app.due_work(100).await.unwrap() {
        outcomes.push(app.do_work(due, app.new_uuid()).await.unwrap());
    }
    outcomes
}

async fn reoptimized(app: &TestApp, who: &Principal, job: JobId) -> usize {
    let names = events(&app.store, who.organization_id, job).await;
    names.iter().filter(|name| *name == "route.reoptimized").count()
}

database_tests! {
    async fn what_was_not_found_in_time_is_placed_later_and_the_route_put_in_order_again(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, before) = imported(&app, &[0, 3, 2, 1, 4], &[0, 2]).await;
        let job = before.job.id;
        assert_eq!(order(&before.itinerary), ["STOP-1", "STOP-3", "STOP-4", "STOP-0", "STOP-2"]);
        assert_eq!(before.itinerary.stops[3].location, Location::Searching);
        assert_eq!(count(&app.store, "queue").await, 1);

        app.geocoder.recovers();
        app.clock.advance(SignedDuration::from_mins(2));
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        let after = app.job(&who, job).await.unwrap();
        // The first one as given is the first again, although it was missing.
        assert_eq!(order(&after.itinerary), ["STOP-0", "STOP-3", "STOP-2", "STOP-1", "STOP-4"]);
        assert!(after.itinerary.stops.iter().all(|stop| stop.planned.is_some()));
        assert!(matches!(after.itinerary.stops[0].location, Location::Geocoded(_)));
        let legs = after.itinerary.stops.iter().filter_map(|stop| stop.planned);
        assert_eq!(legs.map(|leg| leg.duration).sum::<Seconds>(), after.itinerary.route.totals.duration);
        assert_eq!(after.itinerary.route.version, before.itinerary.route.version + 1);
        assert_eq!(after.job.updated_at, START + SignedDuration::from_mins(2));
        assert_eq!(reoptimized(&app, &who, job).await, 1);
        assert_eq!(audited(&app.store, who.organization_id).await, ["route.addresses_found"]);
        assert_eq!(count(&app.store, "queue").await, 0);
        assert_eq!(work(&app).await, []);
    }

    async fn only_an_import_that_lacks_an_address_leaves_work(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.geocoder.knows("place 1", on_line(1));
        app.import(&who, line(&[0, 1, 2], &[1])).await.unwrap();
        assert_eq!(app.due_work(10).await.unwrap(), []);
    }

    async fn the_order_of_a_started_route_stays_and_the_stop_is_placed_at_its_end(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, before) = imported(&app, &[0, 3, 2, 1, 4], &[2]).await;
        let job = before.job.id;
        let started = app.act(who.organization_id, job, DriverAct::Start).await.unwrap();
        app.geocoder.recovers();
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        let after = app.job(&who, job).await.unwrap();
        assert_eq!(order(&after.itinerary), order(&before.itinerary));
        assert_eq!(after.itinerary.stops[4].location.position(), Some(on_line(2)));
        assert_eq!(after.itinerary.stops[4].planned, None);
        assert_eq!(after.itinerary.route.totals, started.itinerary.route.totals);
        assert_eq!(reoptimized(&app, &who, job).await, 0);
        assert_eq!(count(&app.store, "queue").await, 0);
    }

    async fn a_search_in_vain_is_tried_again_after_growing_pauses_and_given_up_in_the_end(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, before) = imported(&app, &[0, 1, 2], &[1]).await;
        let job = before.job.id;
        for pause_s in [5, 30, 120, 600, 1_800, 7_200, 21_600, 43_200] {
            assert_eq!(work(&app).await, [WorkOutcome::Retried]);
            app.clock.advance(SignedDuration::from_secs(pause_s - 1));
            assert_eq!(app.due_work(10).await.unwrap(), [], "{pause_s}");
            app.clock.advance(SignedDuration::from_secs(1));
        }
        assert_eq!(app.job(&who, job).await.unwrap(), before);
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        let after = app.job(&who, job).await.unwrap();
        assert_eq!(after.itinerary.stops[2].location, Location::unknown());
        assert_eq!(order(&after.itinerary), order(&before.itinerary));
        assert_eq!(after.itinerary.route.totals, before.itinerary.route.totals);
        assert_eq!(reoptimized(&app, &who, job).await, 0);
        assert_eq!(count(&app.store, "queue").await, 0);
    }

    async fn what_is_found_is_placed_at_once_while_the_rest_is_looked_for_again(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, before) = imported(&app, &[0, 1, 2, 3], &[1, 2]).await;
        app.geocoder.recovers();
        app.geocoder.fails("place 2", Trouble::TimedOut);
        assert_eq!(work(&app).await, [WorkOutcome::Retried]);
        let half = app.job(&who, before.job.id).await.unwrap();
        assert_eq!(order(&half.itinerary), ["STOP-0", "STOP-1", "STOP-3", "STOP-2"]);
        app.geocoder.recovers();
        app.clock.advance(SignedDuration::from_secs(5));
        let asked = app.geocoder.calls();
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        assert_eq!(app.geocoder.calls(), asked + 1);
        let whole = app.job(&who, before.job.id).await.unwrap();
        assert_eq!(order(&whole.itinerary), ["STOP-0", "STOP-1", "STOP-2", "STOP-3"]);
        assert_eq!(reoptimized(&app, &who, before.job.id).await, 2);
    }

    async fn of_two_workers_one_does_the_work(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let (who, before) = imported(&app, &[0, 1, 2], &[1]).await;
        app.geocoder.recovers();
        let due = app.due_work(10).await.unwrap()[0];
        let workers = (0..4).map(|_| {
            let app = Arc::clone(&app);
            tokio::spawn(async move { app.do_work(due, app.new_uuid()).await.unwrap() })
        });
        let outcomes: Vec<_> = join_all(workers).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == WorkOutcome::Done).count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == WorkOutcome::Lost).count(), 3, "{outcomes:?}");
        assert_eq!(reoptimized(&app, &who, before.job.id).await, 1);
    }

    async fn the_work_of_a_worker_that_died_is_done_by_another_when_its_lease_is_over(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, before) = imported(&app, &[0, 1, 2], &[1]).await;
        app.geocoder.recovers();
        let due = app.due_work(10).await.unwrap()[0];
        let plan = (due, app.new_uuid());
        let claimed: Result<_, StoreError> = app
            .store
            .write(&plan, |tx, (due, owner)| {
                Box::pin(async move {
                    let until = START + SignedDuration::from_secs(120);
                    tx.organization(due.organization_id).claim_work(due.id, *owner, START, until).await
                })
            })
            .await;
        assert!(claimed.unwrap().is_some());
        assert_eq!(app.due_work(10).await.unwrap(), []);
        assert_eq!(app.do_work(due, app.new_uuid()).await.unwrap(), WorkOutcome::Lost);
        app.clock.advance(SignedDuration::from_secs(121));
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        let after = app.job(&who, before.job.id).await.unwrap();
        assert_eq!(order(&after.itinerary), ["STOP-0", "STOP-1", "STOP-2"]);
    }

    async fn work_at_hand_belongs_to_its_worker_for_two_minutes(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let (who, before) = imported(&app, &[0, 1, 2], &[1]).await;
        app.geocoder.recovers();
        let hold = app.geocoder.holds("place 1");
        let other = app.another(app.store.clone());
        other.geocoder.knows("place 1", on_line(1));
        let due = app.due_work(10).await.unwrap()[0];
        let slow = {
            let app = Arc::clone(&app);
            tokio::spawn(async move { app.do_work(due, app.new_uuid()).await.unwrap() })
        };
        hold.reached().await;
        app.clock.advance(SignedDuration::from_secs(119));
        assert_eq!(other.due_work(10).await.unwrap(), []);
        assert_eq!(other.do_work(due, other.new_uuid()).await.unwrap(), WorkOutcome::Lost);
        app.clock.advance(SignedDuration::from_secs(2));
        assert_eq!(work(&other).await, [WorkOutcome::Done]);
        hold.open();
        assert_ne!(slow.await.unwrap(), WorkOutcome::Done);
        assert_eq!(reoptimized(&app, &who, before.job.id).await, 1);
        assert_eq!(count(&app.store, "queue").await, 0);
    }

    async fn a_driver_who_sets_out_during_the_search_keeps_the_order(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let (who, before) = imported(&app, &[0, 1, 2, 3], &[1]).await;
        let job = before.job.id;
        app.geocoder.recovers();
        let hold = app.geocoder.holds("place 1");
        let due = app.due_work(10).await.unwrap()[0];
        let worker = {
            let app = Arc::clone(&app);
            tokio::spawn(async move { app.do_work(due, app.new_uuid()).await.unwrap() })
        };
        hold.reached().await;
        app.act(who.organization_id, job, DriverAct::Start).await.unwrap();
        hold.open();
        assert_eq!(worker.await.unwrap(), WorkOutcome::Retried);
        assert_eq!(order(&app.job(&who, job).await.unwrap().itinerary), order(&before.itinerary));
        app.clock.advance(SignedDuration::from_secs(5));
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        let after = app.job(&who, job).await.unwrap();
        assert_eq!(order(&after.itinerary), order(&before.itinerary));
        assert_eq!(after.itinerary.stops[3].location.position(), Some(on_line(1)));
        assert_eq!(reoptimized(&app, &who, job).await, 0);
    }

    async fn a_stop_that_has_ended_is_not_looked_for(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, before) = imported(&app, &[0, 1, 2], &[1]).await;
        let missing = before.itinerary.stops[2].id;
        app.act(who.organization_id, before.job.id, DriverAct::Skip(missing)).await.unwrap();
        let asked = app.geocoder.calls();
        assert_eq!(work(&app).await, [WorkOutcome::Done]);
        assert_eq!(app.geocoder.calls(), asked);
        assert_eq!(count(&app.store, "queue").await, 0);
    }
}
