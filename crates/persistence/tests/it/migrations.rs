//! Applying and reverting migrations.

use futures_util::future::join;
use jiff::Timestamp;
use routemate_persistence::migrations::{Migration, Migrations, Script};
use routemate_persistence::test_db::TestDb;
use routemate_persistence::{StoreError, database_tests};

use crate::notes;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const NOTHING: [&str; 0] = [];

fn migration(name: &str, up: &str, down: &str) -> Migration {
    let script = Script { up, down };
    Migration::new(name, script, script).unwrap()
}

fn two() -> Migrations {
    let notes =
        "CREATE TABLE notes (id BIGINT PRIMARY KEY NOT NULL);\n-- statement\nINSERT INTO notes (id) VALUES (1);";
    Migrations::new(vec![
        migration("0001_notes", notes, "DROP TABLE notes"),
        migration("0002_text", "ALTER TABLE notes ADD COLUMN text VARCHAR(9)", "ALTER TABLE notes DROP COLUMN text"),
    ])
    .unwrap()
}

database_tests! { bare
    async fn migrations_are_applied_once(db: &TestDb) {
        let migrations = two();
        assert_eq!(migrations.pending(db.store()).await.unwrap(), ["0001_notes", "0002_text"]);
        assert_eq!(migrations.apply(db.store(), NOW, "test").await.unwrap(), ["0001_notes", "0002_text"]);
        assert_eq!(migrations.pending(db.store()).await.unwrap(), NOTHING);
        assert_eq!(migrations.apply(db.store(), NOW, "test").await.unwrap(), NOTHING);
        assert_eq!(notes::ids(db.store()).await, [1]);
    }

    async fn migrations_go_up_down_and_up_again(db: &TestDb) {
        let migrations = two();
        migrations.apply(db.store(), NOW, "test").await.unwrap();
        assert_eq!(migrations.revert_all(db.store(), NOW, "test").await.unwrap(), ["0002_text", "0001_notes"]);
        assert_eq!(migrations.revert_all(db.store(), NOW, "test").await.unwrap(), NOTHING);
        assert_eq!(migrations.apply(db.store(), NOW, "test").await.unwrap(), ["0001_notes", "0002_text"]);
        assert_eq!(notes::ids(db.store()).await, [1]);
    }

    async fn what_an_older_release_has_stored_survives_the_upgrade(db: &TestDb) {
        let older = Migrations::new(two().iter().take(1).cloned().collect()).unwrap();
        older.apply(db.store(), NOW, "older").await.unwrap();
        notes::write(db.store(), 2).await.unwrap();
        assert_eq!(two().apply(db.store(), NOW, "newer").await.unwrap(), ["0002_text"]);
        assert_eq!(notes::ids(db.store()).await, [1, 2]);
        // The older release still works on the newer schema: upgrades roll.
        assert_eq!(older.apply(db.store(), NOW, "older").await.unwrap(), NOTHING);
        notes::write(db.store(), 3).await.unwrap();
        assert_eq!(notes::ids(db.store()).await, [1, 2, 3]);
    }

    async fn two_migrators_at_once_apply_each_migration_once(db: &TestDb) {
        let (migrations, other) = (two(), db.another_store().await);
        let (one, another) = join(migrations.apply(db.store(), NOW, "one"), migrations.apply(&other, NOW, "another")).await;
        let mut applied = [one.unwrap(), another.unwrap()].concat();
        applied.sort();
        assert_eq!(applied, ["0001_notes", "0002_text"]);
        assert_eq!(notes::ids(&other).await, [1]);
    }

    async fn a_failing_migration_leaves_nothing_of_itself(db: &TestDb) {
        let broken = "CREATE TABLE half (id BIGINT PRIMARY KEY NOT NULL);\n-- statement\nCREATE NONSENSE;";
        let mut all: Vec<Migration> = two().iter().cloned().collect();
        all.push(migration("0003_broken", broken, "DROP TABLE half"));
        let migrations = Migrations::new(all).unwrap();
        let outcome = migrations.apply(db.store(), NOW, "test").await;
        assert!(matches!(&outcome, Err(StoreError::Migration { name, .. }) if name == "0003_broken"), "{outcome:?}");
        assert_eq!(migrations.pending(db.store()).await.unwrap(), ["0003_broken"]);
        let half = db
            .store()
            .read(&(), |tx, ()| Box::pin(async move { tx.numbers_raw("SELECT id AS value FROM half").await }))
            .await;
        assert!(matches!(half, Err(StoreError::Query(_))), "{half:?}");
    }

    async fn the_database_of_a_newer_release_is_accepted(db: &TestDb) {
        two().apply(db.store(), NOW, "test").await.unwrap();
        let older = Migrations::new(two().iter().take(1).cloned().collect()).unwrap();
        assert_eq!(older.apply(db.store(), NOW, "test").await.unwrap(), NOTHING);
    }

    async fn who_migrated_when_stands_in_the_database(db: &TestDb) {
        two().apply(db.store(), "2025-11-21T10:20:30Z".parse().unwrap(), "host:1").await.unwrap();
        let lines = db
            .store()
            .read(&(), |tx, ()| {
                Box::pin(async move {
                    tx.texts_raw(
                        "SELECT owner || ' ' || substr(CAST(taken_at AS VARCHAR(30)), 1, 19) AS value FROM migration_lease \
                         UNION ALL SELECT version || ' ' || substr(CAST(run_on AS VARCHAR(30)), 1, 19) \
                         FROM __diesel_schema_migrations ORDER BY value",
                    )
                    .await
                })
            })
            .await
            .unwrap();
        let at = "2025-11-21 10:20:30";
        assert_eq!(lines, [format!("0001 {at}"), format!("0002 {at}"), format!("host:1 {at}")]);
    }
}
