//! Credentials and tokens: who gets in, and for how long.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use routemate_app::{ErrorKind, TokenRequest, Unauthenticated};
use routemate_domain::OrganizationStatus;
use routemate_persistence::test_db::TestDb;
use routemate_persistence::{DatabaseKind, database_tests};
use routemate_test_support::{Credentials, TestApp};

use crate::facts::{audited, refusal, texts};

const INVALID_CREDENTIALS: ErrorKind = ErrorKind::Unauthenticated(Unauthenticated::InvalidCredentials);
const INVALID_TOKEN: ErrorKind = ErrorKind::Unauthenticated(Unauthenticated::InvalidToken);

async fn credentials(app: &TestApp) -> Credentials {
    let organization = app.organization(|_| {}).await;
    app.integration(organization.id).await
}

/// How often each statement was executed.
fn executed(db: &TestDb) -> BTreeMap<String, usize> {
    db.config().statements.as_ref().expect("a watched store").executed()
}

/// Whether a token lets its bearer in.
async fn works(app: &TestApp, token: &str) -> Result<(), ErrorKind> {
    let outcome = app.authenticate(Some(token)).await;
    outcome.map(drop).map_err(|error| error.kind().clone())
}

database_tests! {
    async fn the_right_secret_gets_a_token_for_an_hour_that_speaks_for_the_integration(db: &TestDb) {
        let app = TestApp::new(db);
        let credentials = credentials(&app).await;
        let request = TokenRequest {
            client_id: credentials.client_id.clone(),
            client_secret: credentials.client_secret.clone().into(),
            address: [192, 0, 2, 1].into(),
        };
        let issued = app.issue_token(request).await.unwrap();
        assert_eq!(issued.expires_in.get(), 3600);
        let who = app.authenticate(Some(issued.access_token.reveal())).await.unwrap();
        assert_eq!(who.organization_id, credentials.organization_id);
        assert_eq!(who.timezone.as_str(), "Europe/Helsinki");
        assert_eq!(who.limits.requests_per_minute, None);
    }

    async fn an_unknown_client_asks_the_database_what_a_wrong_secret_does(db: &TestDb) {
        let app = TestApp::new(db);
        let (mine, other) = (credentials(&app).await, credentials(&app).await);
        let unknown = format!("rm_ci_{}", "0".repeat(mine.client_id.len() - "rm_ci_".len()));
        let mut asked = Vec::new();
        for client_id in [mine.client_id, unknown] {
            let before = executed(db);
            let client_secret = other.client_secret.clone();
            let credentials = Credentials { client_id, client_secret, organization_id: other.organization_id };
            assert_eq!(refusal(app.token(&credentials).await), INVALID_CREDENTIALS);
            let mut more = executed(db);
            more.retain(|sql, count| before.get(sql) != Some(&*count));
            asked.push(more.into_keys().collect::<Vec<_>>());
        }
        assert!(asked[0].len() >= 3, "{asked:?}");
        assert_eq!(asked[0], asked[1]);
    }

    async fn credentials_that_are_not_right_are_refused_alike(db: &TestDb) {
        let app = TestApp::new(db);
        let (mine, other) = (credentials(&app).await, credentials(&app).await);
        let mistyped = format!("{}0", &mine.client_secret[..mine.client_secret.len() - 1]);
        let mistyped = if mistyped == mine.client_secret { mistyped.replace("0", "1") } else { mistyped };
        let unknown = "rm_ci_00000000000000000000000000000000";
        let pairs = [
            (mine.client_id.as_str(), other.client_secret.as_str()),
            (&mine.client_id, &mistyped),
            (&mine.client_id, "secret"),
            (&mine.client_id, ""),
            (&mine.client_id, &mine.client_id),
            (unknown, &mine.client_secret),
            ("", &mine.client_secret),
            ("rm_ci_\0", &mine.client_secret),
            (&mine.client_secret, &mine.client_secret),
            (&mine.client_id.to_uppercase(), &mine.client_secret),
            (&"x".repeat(100_000), &"y".repeat(100_000)),
        ];
        for (client_id, client_secret) in pairs {
            let wrong = Credentials {
                organization_id: mine.organization_id,
                client_id: client_id.to_owned(),
                client_secret: client_secret.to_owned(),
            };
            assert_eq!(refusal(app.token(&wrong).await), INVALID_CREDENTIALS, "{client_id:.80}");
        }
    }

    async fn a_disabled_integration_is_told_so_only_with_the_right_secret(db: &TestDb) {
        let app = TestApp::new(db);
        let (mut mine, other) = (credentials(&app).await, credentials(&app).await);
        app.disable_integration(&mine.client_id).await.unwrap();
        assert_eq!(refusal(app.token(&mine).await), ErrorKind::Disabled);
        mine.client_secret = other.client_secret;
        assert_eq!(refusal(app.token(&mine).await), INVALID_CREDENTIALS);
    }

    async fn a_live_token_of_a_disabled_integration_is_refused_until_it_is_enabled(db: &TestDb) {
        let app = TestApp::new(db);
        let other_process = app.another(app.store.clone());
        let credentials = credentials(&app).await;
        let token = app.token(&credentials).await.unwrap();
        app.disable_integration(&credentials.client_id).await.unwrap();
        assert_eq!(works(&app, &token).await, Err(ErrorKind::Disabled));
        assert_eq!(works(&other_process, &token).await, Err(ErrorKind::Disabled));
        app.enable_integration(&credentials.client_id).await.unwrap();
        assert_eq!(works(&app, &token).await, Ok(()));
        assert_eq!(works(&other_process, &token).await, Ok(()));
        let actions = audited(&app.store, credentials.organization_id).await;
        assert_eq!(actions.len(), 2, "{actions:?}");
    }

    async fn a_token_dies_after_an_hour_to_the_second(db: &TestDb) {
        let app = TestApp::new(db);
        let token = app.token(&credentials(&app).await).await.unwrap();
        app.clock.advance(SignedDuration::from_secs(3599));
        assert_eq!(works(&app, &token).await, Ok(()));
        app.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(works(&app, &token).await, Err(INVALID_TOKEN));
    }

    async fn revoking_kills_the_tokens_there_are_and_none_that_come_later(db: &TestDb) {
        let app = TestApp::new(db);
        let (mine, other) = (credentials(&app).await, credentials(&app).await);
        let (first, second) = (app.token(&mine).await.unwrap(), app.token(&mine).await.unwrap());
        let bystander = app.token(&other).await.unwrap();
        app.revoke_tokens(&mine.client_id).await.unwrap();
        assert_eq!(works(&app, &first).await, Err(INVALID_TOKEN));
        assert_eq!(works(&app, &second).await, Err(INVALID_TOKEN));
        assert_eq!(works(&app, &bystander).await, Ok(()));
        let later = app.token(&mine).await.unwrap();
        assert_eq!(works(&app, &later).await, Ok(()));
    }

    async fn a_rotated_secret_dies_at_once_and_tokens_live_on(db: &TestDb) {
        let app = TestApp::new(db);
        let old = credentials(&app).await;
        let token = app.token(&old).await.unwrap();
        let new = app.rotate_secret(&old.client_id, None).await.unwrap();
        let new = Credentials::of(old.organization_id, new);
        assert_eq!(refusal(app.token(&old).await), INVALID_CREDENTIALS);
        assert!(app.token(&new).await.is_ok());
        assert_eq!(works(&app, &token).await, Ok(()));
    }

    async fn a_secret_rotated_with_overlap_lives_until_the_overlap_ends(db: &TestDb) {
        let app = TestApp::new(db);
        let old = credentials(&app).await;
        let overlap = SignedDuration::from_hours(24);
        let new = app.rotate_secret(&old.client_id, Some(overlap)).await.unwrap();
        let new = Credentials::of(old.organization_id, new);
        app.clock.advance(overlap - SignedDuration::from_secs(1));
        assert!(app.token(&old).await.is_ok());
        assert!(app.token(&new).await.is_ok());
        app.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(refusal(app.token(&old).await), INVALID_CREDENTIALS);
        assert!(app.token(&new).await.is_ok());
    }

    async fn a_second_token_leaves_the_first_alive(db: &TestDb) {
        let app = TestApp::new(db);
        let credentials = credentials(&app).await;
        let (first, second) = (app.token(&credentials).await.unwrap(), app.token(&credentials).await.unwrap());
        assert_ne!(first, second);
        assert_eq!(works(&app, &first).await, Ok(()));
        assert_eq!(works(&app, &second).await, Ok(()));
    }

    async fn what_is_no_live_token_is_refused(db: &TestDb) {
        let app = TestApp::new(db);
        let missing = ErrorKind::Unauthenticated(Unauthenticated::MissingToken);
        assert_eq!(refusal(app.authenticate(None).await), missing);
        for token in ["", "x", "rm_at_", "rm_at_0000000000000000000000000000000000000000", "rm_at_\0"] {
            assert_eq!(works(&app, token).await, Err(INVALID_TOKEN), "{token:?}");
        }
    }

    async fn a_suspended_organization_is_refused_until_it_is_active_again(db: &TestDb) {
        let app = TestApp::new(db);
        let credentials = credentials(&app).await;
        let token = app.token(&credentials).await.unwrap();
        let organization = credentials.organization_id;
        app.set_organization_status(organization, OrganizationStatus::Suspended).await.unwrap();
        assert_eq!(refusal(app.token(&credentials).await), ErrorKind::Disabled);
        assert_eq!(works(&app, &token).await, Err(ErrorKind::Disabled));
        app.set_organization_status(organization, OrganizationStatus::Active).await.unwrap();
        assert!(app.token(&credentials).await.is_ok());
        assert_eq!(works(&app, &token).await, Ok(()));
    }

    async fn what_names_no_integration_is_not_found(db: &TestDb) {
        let app = TestApp::new(db);
        let not_found = ErrorKind::NotFound(routemate_app::Noun::Integration);
        for client_id in ["", "rm_ci_00000000000000000000000000000000"] {
            assert_eq!(refusal(app.disable_integration(client_id).await), not_found);
            assert_eq!(refusal(app.revoke_tokens(client_id).await), not_found);
            assert_eq!(refusal(app.rotate_secret(client_id, None).await), not_found);
        }
    }

    async fn the_database_holds_neither_secrets_nor_tokens(db: &TestDb) {
        let app = TestApp::new(db);
        let old = credentials(&app).await;
        let new = app.rotate_secret(&old.client_id, Some(SignedDuration::from_hours(1))).await.unwrap();
        let new = Credentials::of(old.organization_id, new);
        let token = app.token(&new).await.unwrap();
        let stored = everything_stored(db).await;
        assert!(holds(&stored, &old.client_id), "the search finds what is there");
        for secret in [&old.client_secret, &new.client_secret, &token] {
            let random = secret.rsplit('_').next().unwrap();
            assert!(!holds(&stored, random), "{secret}");
            assert!(!holds(&stored, &hex(secret.as_bytes())), "{secret}");
            assert!(!contains(&stored, &unhex(random)), "{secret}");
            assert!(!holds(&stored, &random[..40.min(random.len())]), "{secret}");
        }
    }
}

/// The file and its log on SQLite, every row of every table as text on PostgreSQL.
async fn everything_stored(db: &TestDb) -> Vec<u8> {
    if db.store().kind() == DatabaseKind::Sqlite {
        let path = db.url().strip_prefix("sqlite://").unwrap();
        return ["", "-wal"]
            .iter()
            .flat_map(|suffix| std::fs::read(format!("{path}{suffix}")).unwrap_or_default())
            .collect();
    }
    let tables = "SELECT table_name::text AS value FROM information_schema.tables WHERE table_schema = 'public'";
    let mut stored = Vec::new();
    for table in texts(db.store(), tables).await {
        let rows = texts(db.store(), &format!("SELECT t::text AS value FROM {table} t")).await;
        stored.extend(rows.join("\n").into_bytes());
    }
    stored
}

fn holds(stored: &[u8], text: &str) -> bool {
    contains(stored, text.as_bytes())
}

fn contains(stored: &[u8], wanted: &[u8]) -> bool {
    stored.windows(wanted.len()).any(|window| window == wanted)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> Vec<u8> {
    let digit = |digit: u8| (digit as char).to_digit(16).unwrap() as u8;
    digits.as_bytes().chunks(2).map(|pair| 16 * digit(pair[0]) + digit(pair[1])).collect()
}
