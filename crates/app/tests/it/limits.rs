//! The rate limit: exactly so many requests in any rolling minute.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use routemate_app::{Bucket, Clock, ErrorKind, Principal, RateState};
use routemate_domain::Plan;
use routemate_persistence::test_db::TestDb;
use routemate_persistence::{DatabaseKind, database_tests};
use routemate_test_support::TestApp;
use routemate_units::Seconds;

use crate::facts::count;

async fn limited(app: &TestApp, requests_per_minute: u32) -> Principal {
    let organization = app.organization(|new| new.requests_per_minute = Some(requests_per_minute)).await;
    app.principal_of(organization.id).await
}

/// `Ok((remaining, reset after))` or `Err(retry after)`, in seconds.
async fn ask(app: &TestApp, who: &Principal) -> Result<(u32, u32), u32> {
    match app.admit(who, Bucket::RouteMate).await {
        Ok(Some(RateState { remaining, reset_after, .. })) => Ok((remaining, reset_after.get())),
        Ok(None) => panic!("unlimited"),
        Err(error) => match error.kind() {
            ErrorKind::TooMany { retry_after, limit } => {
                assert_eq!(Some(*limit), who.limits.requests_per_minute);
                Err(retry_after.get())
            }
            other => panic!("{other:?}"),
        },
    }
}

database_tests! {
    async fn a_request_counts_for_one_minute_and_a_refused_one_not_at_all(db: &TestDb) {
        let app = TestApp::new(db);
        let who = limited(&app, 3).await;
        let calls = [
            (0, Ok((2, 60))),
            (10_000, Ok((1, 50))),
            (20_000, Ok((0, 40))),
            (30_000, Err(30)),
            (59_000, Err(1)),
            (59_999, Err(1)),
            (60_000, Ok((0, 10))),
            (60_001, Err(10)),
            (70_000, Ok((0, 10))),
            (200_000, Ok((2, 60))),
        ];
        let start = app.clock.now();
        for (ms, expected) in calls {
            app.clock.set(start + SignedDuration::from_millis(ms));
            assert_eq!(ask(&app, &who).await, expected, "at {ms} ms");
        }
    }

    async fn no_rolling_minute_holds_more_than_the_limit_and_no_refusal_is_needless(db: &TestDb) {
        let app = TestApp::new(db);
        let who = limited(&app, 7).await;
        let mut admitted: Vec<Timestamp> = Vec::new();
        for call in 0..150 {
            // Between 0 and 9.9 s, in no pattern that divides a minute.
            app.clock.advance(SignedDuration::from_millis(call * call * 37 % 9_941));
            let now = app.clock.now();
            let in_last_minute = admitted.iter().filter(|hit| hit.duration_until(now).as_secs() < 60).count();
            let outcome = ask(&app, &who).await;
            assert_eq!(outcome.is_ok(), in_last_minute < 7, "call {call}");
            if outcome.is_ok() {
                admitted.push(now);
            }
        }
        assert!(admitted.len() > 50);
    }

    async fn coming_back_after_the_pause_told_is_admitted(db: &TestDb) {
        let app = TestApp::new(db);
        let who = limited(&app, 2).await;
        for pause_ms in [0, 1, 700, 12_345, 59_999] {
            app.clock.advance(SignedDuration::from_mins(10));
            assert!(ask(&app, &who).await.is_ok());
            app.clock.advance(SignedDuration::from_millis(pause_ms));
            while let Ok(_admitted) = ask(&app, &who).await {}
            let retry_after_s = ask(&app, &who).await.unwrap_err();
            app.clock.advance(SignedDuration::from_secs(i64::from(retry_after_s)));
            assert!(ask(&app, &who).await.is_ok(), "{pause_ms}");
        }
    }

    async fn integrations_and_token_requests_have_windows_of_their_own(db: &TestDb) {
        let app = TestApp::new(db);
        let organization = app.organization(|new| new.requests_per_minute = Some(1)).await;
        let credentials = app.integration(organization.id).await;
        let token = app.token(&credentials).await.unwrap();
        let who = app.authenticate(Some(&token)).await.unwrap();
        let sibling = app.principal_of(who.organization_id).await;
        assert!(ask(&app, &who).await.is_ok());
        assert!(ask(&app, &who).await.is_err());
        assert!(ask(&app, &sibling).await.is_ok());
        assert!(app.token(&credentials).await.is_ok());
    }

    async fn the_plan_sets_the_limit(db: &TestDb) {
        let app = TestApp::new(db);
        let team = app.organization(|new| new.plan = Plan::Team).await;
        let team = app.principal_of(team.id).await;
        for number in 0..60 {
            assert_eq!(ask(&app, &team).await, Ok((59 - number, 60)));
        }
        assert_eq!(ask(&app, &team).await, Err(60));
        let enterprise = app.principal().await;
        for _ in 0..100 {
            assert_eq!(app.admit(&enterprise, Bucket::RouteMate).await.unwrap(), None);
        }
        let set_free = app.organization(|new| (new.plan, new.requests_per_minute) = (Plan::Team, Some(0))).await;
        let set_free = app.principal_of(set_free.id).await;
        assert_eq!(app.admit(&set_free, Bucket::RouteMate).await.unwrap(), None);
    }

    async fn an_import_has_a_largest_size_even_without_a_plans_limit(db: &TestDb) {
        let app = TestApp::with(db, |settings| settings.stops_per_import = 300);
        for (plan, set, limit) in [(Plan::Team, None, 200), (Plan::Enterprise, None, 300), (Plan::Team, Some(0), 300)] {
            let organization = app.organization(|new| (new.plan, new.stops_per_import) = (plan, set)).await;
            let who = app.principal_of(organization.id).await;
            assert_eq!(who.limits.stops_per_import, Some(limit), "{plan:?} {set:?}");
        }
    }

    async fn two_processes_on_one_server_share_a_window(db: &TestDb) {
        // SQLite has one process that serves.
        if db.store().kind() == DatabaseKind::Sqlite {
            return;
        }
        let one = Arc::new(TestApp::new(db));
        let two = Arc::new(one.another(db.another_store().await));
        let who = limited(&one, 15).await;
        let call = |app: &Arc<TestApp>| {
            let (app, who) = (Arc::clone(app), who.clone());
            tokio::spawn(async move { ask(&app, &who).await })
        };
        let calls = (0..20).flat_map(|_| [call(&one), call(&two)]);
        let outcomes: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
        let mut remaining: Vec<u32> =
            outcomes.iter().filter_map(|outcome| outcome.ok()).map(|(left, _)| left).collect();
        remaining.sort_unstable();
        assert_eq!(remaining, (0..15).collect::<Vec<_>>());
        one.clock.advance(SignedDuration::from_secs(60));
        assert!(ask(&two, &who).await.is_ok());
        assert_eq!(count(&one.store, "rate_windows WHERE bucket = 'routemate'").await, 1);
        assert_eq!(ask(&one, &who).await, Ok((13, Seconds::new(60).get())));
    }
}
