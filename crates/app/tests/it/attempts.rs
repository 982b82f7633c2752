//! Limits on token requests: they slow guessing down and lock nobody out.

use std::net::IpAddr;

use jiff::SignedDuration;
use routemate_app::{Error, ErrorKind, Unauthenticated};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::{Credentials, TestApp};
use routemate_units::Seconds;

const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));
const OTHER_ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9));

async fn credentials(app: &TestApp) -> Credentials {
    let organization = app.organization(|_| {}).await;
    app.integration(organization.id).await
}

fn wrong(client_id: &str) -> Credentials {
    Credentials {
        organization_id: "00000000-0000-0000-0000-000000000000".parse().unwrap(),
        client_id: client_id.to_owned(),
        client_secret: "wrong".to_owned(),
    }
}

#[track_caller]
fn check_wrong(outcome: Result<String, Error>) {
    let kind = outcome.expect_err("a refusal").kind().clone();
    assert_eq!(kind, ErrorKind::Unauthenticated(Unauthenticated::InvalidCredentials));
}

#[track_caller]
fn check_too_many(outcome: Result<String, Error>, limit: u32, retry_after_s: u32) {
    let kind = outcome.expect_err("a refusal").kind().clone();
    let retry_after = Seconds::new(retry_after_s);
    assert_eq!(kind, ErrorKind::TooMany { retry_after, limit });
}

database_tests! {
    async fn ten_wrong_secrets_a_minute_are_heard_for_one_client_from_one_address(db: &TestDb) {
        let app = TestApp::new(db);
        let (guessed, other) = (wrong("rm_ci_1"), wrong("rm_ci_2"));
        for _ in 0..10 {
            check_wrong(app.token_from(ADDRESS, &guessed).await);
        }
        app.clock.advance(SignedDuration::from_secs(20));
        check_too_many(app.token_from(ADDRESS, &guessed).await, 10, 40);
        check_wrong(app.token_from(OTHER_ADDRESS, &guessed).await);
        check_wrong(app.token_from(ADDRESS, &other).await);
        app.clock.advance(SignedDuration::from_secs(40));
        check_wrong(app.token_from(ADDRESS, &guessed).await);
    }

    async fn a_hundred_wrong_secrets_a_minute_are_heard_from_one_address(db: &TestDb) {
        let app = TestApp::new(db);
        for client in 0..100 {
            check_wrong(app.token_from(ADDRESS, &wrong(&format!("rm_ci_{client}"))).await);
        }
        check_too_many(app.token_from(ADDRESS, &wrong("rm_ci_next")).await, 100, 60);
        check_wrong(app.token_from(OTHER_ADDRESS, &wrong("rm_ci_next")).await);
    }

    async fn the_right_secret_passes_however_many_wrong_ones_came_before(db: &TestDb) {
        let app = TestApp::new(db);
        let credentials = credentials(&app).await;
        for _ in 0..150 {
            app.token_from(ADDRESS, &wrong(&credentials.client_id)).await.expect_err("a wrong secret");
        }
        assert!(app.token_from(ADDRESS, &credentials).await.is_ok());
    }

    async fn a_client_gets_sixty_tokens_a_minute_from_wherever(db: &TestDb) {
        let app = TestApp::new(db);
        let (busy, other) = (credentials(&app).await, credentials(&app).await);
        for number in 0..60 {
            let address = if number % 2 == 0 { ADDRESS } else { OTHER_ADDRESS };
            assert!(app.token_from(address, &busy).await.is_ok(), "{number}");
        }
        check_too_many(app.token_from(ADDRESS, &busy).await, 60, 60);
        assert!(app.token_from(ADDRESS, &other).await.is_ok());
        app.clock.advance(SignedDuration::from_secs(60));
        assert!(app.token_from(ADDRESS, &busy).await.is_ok());
    }

    async fn an_address_gets_six_hundred_tokens_a_minute(db: &TestDb) {
        let app = TestApp::new(db);
        for client in 0..10 {
            let credentials = credentials(&app).await;
            for number in 0..60 {
                assert!(app.token_from(ADDRESS, &credentials).await.is_ok(), "{client} {number}");
            }
        }
        let late = credentials(&app).await;
        check_too_many(app.token_from(ADDRESS, &late).await, 600, 60);
        assert!(app.token_from(OTHER_ADDRESS, &late).await.is_ok());
    }
}
