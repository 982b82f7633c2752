//! What drivers do on the road, and what becomes of the job.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::SignedDuration;
use routemate_app::DriverAct::{self, Arrive, Complete, Fail, Skip, Start};
use routemate_app::{ErrorKind, JobView, Noun, Principal};
use routemate_domain::{AttemptedReason, JobId, JobStatus, Outcome, ProofOfDelivery, RouteStatus, StopId, StopStatus};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{START, TestApp, import_command, position};
use uuid::Uuid;

use crate::facts::{events, refusal, texts};

/// A job of so many stops that somebody drives.
async fn assigned(app: &TestApp, stops: usize) -> (Principal, JobView) {
    let who = app.principal().await;
    app.driver(who.organization_id, "driver@example.com").await;
    let view = app.import(&who, import_command(stops)).await.unwrap().view;
    (who, view)
}

fn complete(stop: StopId) -> DriverAct {
    Complete(stop, ProofOfDelivery::default())
}

fn fail(stop: StopId) -> DriverAct {
    Fail {
        stop,
        reason: AttemptedReason::NotAvailable,
        note: Some("nobody there".to_owned()),
        proof: ProofOfDelivery { position: Some(position(60.17, 24.94)), note: Some("left a card".to_owned()) },
    }
}

fn ids(view: &JobView) -> Vec<StopId> {
    view.itinerary.stops.iter().map(|stop| stop.id).collect()
}

database_tests! {
    async fn the_first_act_starts_a_job_and_the_last_one_completes_it_however_stops_end(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, view) = assigned(&app, 4).await;
        let (stop, job) = (ids(&view), view.job.id);
        assert_eq!(view.itinerary.job_status(), JobStatus::Assigned);
        for (act, status) in [
            (Arrive(stop[0]), JobStatus::InProgress),
            (complete(stop[0]), JobStatus::InProgress),
            (fail(stop[2]), JobStatus::InProgress),
            (Skip(stop[1]), JobStatus::InProgress),
            (complete(stop[3]), JobStatus::Completed),
        ] {
            app.clock.advance(SignedDuration::from_mins(10));
            let acted = app.act(who.organization_id, job, act).await.unwrap();
            assert_eq!(acted.itinerary.job_status(), status);
            assert_eq!(app.job(&who, job).await.unwrap(), acted);
        }
        assert_eq!(
            events(&app.store, who.organization_id, job).await,
            [
                "job.assigned",
                "stop.arrived",
                "stop.completed",
                "stop.failed",
                "stop.failed",
                "stop.completed",
                "job.completed",
            ]
        );
        let counts = "SELECT payload AS value FROM outbox WHERE event = 'job.completed'";
        let payload = &texts(&app.store, counts).await[0];
        assert!(payload.contains(r#""status_counts":{"completed":2,"failed":1,"skipped":1}"#), "{payload}");
    }

    async fn that_a_job_is_completed_is_told_after_its_last_stop(db: &TestDb) {
        let app = TestApp::new(db);
        for _ in 0..10 {
            let (who, view) = assigned(&app, 1).await;
            app.clock.advance(SignedDuration::from_secs(1));
            app.act(who.organization_id, view.job.id, complete(ids(&view)[0])).await.unwrap();
            let told = events(&app.store, who.organization_id, view.job.id).await;
            assert_eq!(told, ["job.assigned", "stop.completed", "job.completed"]);
        }
    }

    async fn everything_a_driver_says_is_kept(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, view) = assigned(&app, 3).await;
        let (stop, job) = (ids(&view), view.job.id);
        let minutes = |minutes| START + SignedDuration::from_mins(minutes);
        for (minute, act) in [(1, Arrive(stop[0])), (2, fail(stop[0])), (3, complete(stop[1])), (4, Skip(stop[2]))] {
            app.clock.set(minutes(minute));
            app.act(who.organization_id, job, act).await.unwrap();
        }
        let view = app.job(&who, job).await.unwrap();
        let status: Vec<_> = view.itinerary.stops.iter().map(|stop| stop.status.clone()).collect();
        let Fail { reason, note, proof, .. } = fail(stop[0]) else { panic!() };
        let ended = |arrived_at, outcome| StopStatus::Ended { arrived_at, outcome };
        assert_eq!(
            status,
            [
                ended(Some(minutes(1)), Outcome::Failed { at: minutes(2), reason, note, proof }),
                ended(None, Outcome::Completed { at: minutes(3), proof: ProofOfDelivery::default() }),
                ended(None, Outcome::Skipped { at: minutes(4) }),
            ]
        );
        assert_eq!(view.itinerary.route.status, RouteStatus::Completed { started_at: minutes(1), at: minutes(4) });
        assert_eq!((view.job.updated_at, view.itinerary.route.updated_at), (minutes(4), START));
        assert_eq!(view.itinerary.stops[1].updated_at, minutes(3));
    }

    async fn setting_out_starts_the_job_once(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, view) = assigned(&app, 2).await;
        let started = app.act(who.organization_id, view.job.id, Start).await.unwrap();
        assert_eq!(started.itinerary.job_status(), JobStatus::InProgress);
        app.clock.advance(SignedDuration::from_mins(1));
        let again = app.act(who.organization_id, view.job.id, Start).await.unwrap();
        assert_eq!(again.itinerary.route.status, RouteStatus::Started { at: START });
        assert_eq!(events(&app.store, who.organization_id, view.job.id).await, ["job.assigned"]);
    }

    async fn an_act_that_the_state_forbids_is_refused_and_changes_nothing(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, view) = assigned(&app, 2).await;
        let (stop, job) = (ids(&view), view.job.id);
        app.act(who.organization_id, job, complete(stop[0])).await.unwrap();
        let before = app.job(&who, job).await.unwrap();
        let elsewhere = StopId::from_uuid(Uuid::nil());
        for act in
            [Arrive(stop[0]), complete(stop[0]), fail(stop[0]), Skip(stop[0]), Arrive(elsewhere), complete(elsewhere)]
        {
            let refused = refusal(app.act(who.organization_id, job, act.clone()).await);
            assert!(matches!(refused, ErrorKind::Refused(_)), "{act:?}: {refused:?}");
        }
        assert_eq!(app.job(&who, job).await.unwrap(), before);
        app.act(who.organization_id, job, Skip(stop[1])).await.unwrap();
        assert!(matches!(refusal(app.act(who.organization_id, job, Start).await), ErrorKind::Refused(_)));
    }

    async fn a_job_of_another_organization_is_not_found(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, view) = assigned(&app, 2).await;
        let (stranger, stop) = (app.principal().await, ids(&view)[0]);
        let not_found = ErrorKind::NotFound(Noun::Job);
        assert_eq!(refusal(app.act(stranger.organization_id, view.job.id, complete(stop)).await), not_found);
        let unknown = JobId::from_uuid(Uuid::nil());
        assert_eq!(refusal(app.act(who.organization_id, unknown, Start).await), not_found);
        let (other_who, other) = assigned(&app, 2).await;
        let not_its_stop = app.act(other_who.organization_id, other.job.id, complete(stop)).await;
        assert!(matches!(refusal(not_its_stop), ErrorKind::Refused(_)));
    }

    async fn concurrent_acts_on_different_stops_all_happen(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let (who, view) = assigned(&app, 12).await;
        let acts = ids(&view).into_iter().map(|stop| {
            let (app, organization, job) = (Arc::clone(&app), who.organization_id, view.job.id);
            tokio::spawn(async move { app.act(organization, job, complete(stop)).await.map(drop) })
        });
        for acted in join_all(acts).await {
            acted.unwrap().unwrap();
        }
        let done = app.job(&who, view.job.id).await.unwrap();
        assert_eq!(done.itinerary.job_status(), JobStatus::Completed);
        let names = events(&app.store, who.organization_id, view.job.id).await;
        assert_eq!(names.iter().filter(|name| *name == "stop.completed").count(), 12);
        assert_eq!(names.iter().filter(|name| *name == "job.completed").count(), 1);
    }

    async fn of_concurrent_acts_on_one_stop_one_happens(db: &TestDb) {
        let app = Arc::new(TestApp::new(db));
        let (who, view) = assigned(&app, 2).await;
        let stop = ids(&view)[0];
        let acts = [complete(stop), fail(stop), Skip(stop)].map(|act| {
            let (app, organization, job) = (Arc::clone(&app), who.organization_id, view.job.id);
            tokio::spawn(async move { app.act(organization, job, act).await.is_ok() })
        });
        let outcomes = join_all(acts).await;
        assert_eq!(outcomes.into_iter().filter(|outcome| *outcome.as_ref().unwrap()).count(), 1);
        assert_eq!(events(&app.store, who.organization_id, view.job.id).await.len(), 2);
    }
}
