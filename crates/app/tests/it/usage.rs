//! What integrations have asked for is counted, written, added up over processes, and deleted in the end.

use jiff::SignedDuration;
use routemate_app::{EndedRequest, JobPage, JobQuery, OrganizationUsage, Principal, UsageQuery};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{TestApp, import_command};

use crate::facts::{count, named};

fn ended(who: &Principal, status: u16, error: Option<&str>, request_id: &str) -> EndedRequest {
    EndedRequest {
        organization_id: who.organization_id,
        integration_id: who.integration_id,
        request_id: request_id.to_owned(),
        method: "POST".to_owned(),
        route: "/v1/integration-import".to_owned(),
        status,
        error: error.map(str::to_owned),
    }
}

async fn usage(app: &TestApp, who: &Principal, request_id: Option<&str>) -> OrganizationUsage {
    let query = UsageQuery {
        organization_id: Some(who.organization_id),
        days: 7,
        request_id: request_id.map(str::to_owned),
        errors: 100,
    };
    app.usage(query).await.unwrap().remove(0)
}

database_tests! {
    async fn requests_and_imports_are_added_up_by_day_over_all_processes(db: &TestDb) {
        let app = TestApp::new(db);
        let another = app.another(db.another_store().await);
        let who = app.principal().await;
        app.import(&who, import_command(3)).await.unwrap();
        for (status, error) in [(200, None), (400, Some("2 problems")), (429, Some("too many")), (503, Some("busy"))] {
            app.count_request(ended(&who, status, error, "r"));
        }
        assert_eq!(count(&app.store, "usage_days").await, 0, "only in memory");
        app.write_usage().await.unwrap();
        another.count_request(ended(&who, 200, None, "r"));
        another.write_usage().await.unwrap();
        app.clock.advance(SignedDuration::from_hours(24));
        app.count_request(ended(&who, 200, None, "r"));
        app.write_usage().await.unwrap();
        app.write_usage().await.unwrap();

        let days = usage(&app, &who, None).await.days;
        let counts: Vec<_> = days
            .iter()
            .map(|day| (day.requests, day.refused, day.limited, day.failed, day.imports, day.imported_stops))
            .collect();
        assert_eq!(counts, [(5, 1, 1, 1, 1, 3), (1, 0, 0, 0, 0, 0)]);
        let listed = app.integrations(who.organization_id, None, 10).await.unwrap();
        assert_eq!(listed[0].last_request_at, Some(days[1].last_request_at));
    }

    async fn a_replay_is_no_second_import(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        for _ in 0..3 {
            app.import_keyed(&who, import_command(2), "key").await.unwrap();
        }
        app.write_usage().await.unwrap();
        assert_eq!(usage(&app, &who, None).await.days[0].imports, 1);
    }

    async fn errors_are_found_by_their_request_and_only_by_their_organisation(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, other) = (app.principal().await, app.principal().await);
        app.count_request(ended(&who, 400, Some("1 problems in the input"), "req-1"));
        app.count_request(ended(&who, 503, Some("not available"), "req-2"));
        app.count_request(ended(&other, 503, Some("theirs"), "req-2"));
        app.write_usage().await.unwrap();
        let errors = usage(&app, &who, None).await.errors;
        let seen: Vec<_> = errors.iter().map(|error| (error.request_id.as_str(), error.status)).collect();
        assert_eq!(seen, [("req-2", 503), ("req-1", 400)]);
        let found = usage(&app, &who, Some("req-2")).await.errors;
        assert_eq!(found.iter().map(|error| error.error.as_str()).collect::<Vec<_>>(), ["not available"]);
        assert!(usage(&app, &who, Some("req-3")).await.errors.is_empty());
    }

    async fn one_that_fails_all_the_time_fills_neither_memory_nor_table(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        for round in 0..25 {
            for number in 0..60 {
                app.count_request(ended(&who, 400, Some("no"), &format!("{round}-{number}")));
            }
            app.write_usage().await.unwrap();
        }
        assert_eq!(count(&app.store, "request_errors").await, 1_000);
        let found = usage(&app, &who, None).await;
        assert_eq!(found.days[0].refused, 25 * 60);
        assert_eq!(found.errors[0].request_id, "24-49", "the latest stay");
    }

    async fn what_is_old_is_deleted(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        app.count_request(ended(&who, 400, Some("no"), "req"));
        app.write_usage().await.unwrap();
        app.clock.advance(SignedDuration::from_hours(24 * 31));
        let swept = app.sweep().await.unwrap();
        assert_eq!((swept.request_errors, swept.usage_days), (1, 0));
        app.clock.advance(SignedDuration::from_hours(24 * 400));
        let swept = app.sweep().await.unwrap();
        assert_eq!((swept.request_errors, swept.usage_days), (0, 1));
    }

    async fn jobs_are_listed_with_the_latest_first(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        for name in ["A", "B", "C"] {
            app.import(&who, named(name, import_command(2))).await.unwrap();
        }
        let names = |page: &JobPage| -> Vec<String> {
            page.jobs.iter().map(|listed| listed.job.external_job_id.as_str().to_owned()).collect()
        };
        let list = async |organization, before| {
            let query = JobQuery { before, ..JobQuery::default() };
            app.jobs_of_anybody(organization, None, &query, 2).await.unwrap()
        };
        let first = list(who.organization_id, None).await;
        assert_eq!(names(&first), ["C", "B"]);
        assert_eq!((first.jobs[0].stops, first.jobs[0].status.as_str()), (2, "pending"));
        let rest = list(who.organization_id, first.next).await;
        assert_eq!((names(&rest), rest.next), (vec!["A".to_owned()], None));
        let stranger = app.principal().await;
        assert_eq!(list(stranger.organization_id, None).await, JobPage::default());
    }
}
