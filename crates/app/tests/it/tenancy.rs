//! What others must not see, and links that show one job to whoever has them.

use jiff::SignedDuration;
use routemate_app::{ErrorKind, JobKey, Noun, SignedJobLink};
use routemate_domain::JobId;
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{TestApp, import_command};
use uuid::Uuid;

use crate::facts::{named, refusal};

const NOT_FOUND: ErrorKind = ErrorKind::NotFound(Noun::Job);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

database_tests! {
    async fn a_job_is_seen_by_the_integration_that_imported_it_alone(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let (sibling, stranger) = (app.principal_of(who.organization_id).await, app.principal().await);
        let job = app.import(&who, import_command(2)).await.unwrap().view.job.id;
        assert!(app.job(&who, job).await.is_ok());
        for other in [&sibling, &stranger] {
            for (job_id, external) in [(Some(job), None), (None, Some("JOB-1")), (Some(job), Some("JOB-1"))] {
                let key = JobKey { job_id, external_job_id: external.map(str::to_owned) };
                assert_eq!(refusal(app.find_job(other, key).await), NOT_FOUND, "{job_id:?} {external:?}");
            }
        }
    }

    async fn a_signed_link_opens_its_job_until_it_expires(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let view = app.import(&who, import_command(3)).await.unwrap().view;
        let link = app.sign_job_link(view.job.id, HOUR).await.unwrap();
        assert_eq!(app.open_job_link(&link).await.unwrap(), view);
        app.clock.advance(HOUR - SignedDuration::from_secs(1));
        assert_eq!(app.open_job_link(&link).await.unwrap(), view);
        app.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(refusal(app.open_job_link(&link).await), NOT_FOUND);
    }

    async fn a_link_that_was_not_signed_for_just_this_opens_nothing(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, stranger) = (app.principal().await, app.principal().await);
        let job = app.import(&who, import_command(2)).await.unwrap().view.job.id;
        let other_job = app.import(&who, named("JOB-2", import_command(2))).await.unwrap().view.job.id;
        let link = app.sign_job_link(job, HOUR).await.unwrap();
        let other = app.sign_job_link(other_job, HOUR).await.unwrap();
        assert_ne!(link.signature, other.signature);
        for forged in [
            SignedJobLink { job_id: other_job, ..link.clone() },
            SignedJobLink { organization_id: stranger.organization_id, ..link.clone() },
            SignedJobLink { expires_at: link.expires_at + HOUR, ..link.clone() },
            SignedJobLink { signature: other.signature, ..link.clone() },
            SignedJobLink { signature: String::new(), ..link.clone() },
            SignedJobLink { signature: "\0ä".to_owned(), ..link.clone() },
        ] {
            assert_eq!(refusal(app.open_job_link(&forged).await), NOT_FOUND, "{forged:?}");
        }
        let unknown = JobId::from_uuid(Uuid::nil());
        assert_eq!(refusal(app.sign_job_link(unknown, HOUR).await), NOT_FOUND);
    }

    async fn every_process_opens_the_links_of_every_other(db: &TestDb) {
        let app = TestApp::new(db);
        let other = app.another(app.store.clone());
        let who = app.principal().await;
        let view = app.import(&who, import_command(2)).await.unwrap().view;
        // Both make the key that they sign with, if they can.
        let (one, two) = tokio::join!(app.sign_job_link(view.job.id, HOUR), other.sign_job_link(view.job.id, HOUR));
        assert_eq!(one.unwrap(), two.unwrap());
        let restarted = app.another(db.reopen().await);
        let link = restarted.sign_job_link(view.job.id, HOUR).await.unwrap();
        assert_eq!(restarted.open_job_link(&link).await.unwrap(), view);
    }

    async fn a_link_may_live_as_long_as_it_likes(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let view = app.import(&who, import_command(2)).await.unwrap().view;
        let link = app.sign_job_link(view.job.id, SignedDuration::MAX).await.unwrap();
        assert_eq!(app.open_job_link(&link).await.unwrap(), view);
        let dead = app.sign_job_link(view.job.id, SignedDuration::ZERO).await.unwrap();
        assert_eq!(refusal(app.open_job_link(&dead).await), NOT_FOUND);
    }
}
