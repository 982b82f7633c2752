//! Applies all migrations, reverts them, applies them again, on both databases: what is left must be the same each time.
//!
//! `ROUTEMATE_TEST_POSTGRES_URL=postgres://… cargo run -p routemate-persistence --features test-db --example migrate_check`

use std::error::Error;

use jiff::Timestamp;
use routemate_persistence::migrations::Migrations;
use routemate_persistence::schema_tools::introspect;
use routemate_persistence::test_db::{Fresh, TestDb};

const OWNER: &str = "migrate_check";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    check(&TestDb::sqlite_with(Fresh::Bare).await).await?;
    let postgres = TestDb::postgres_with(Fresh::Bare).await;
    check(&postgres.ok_or("`ROUTEMATE_TEST_POSTGRES_URL` names no PostgreSQL server")?).await?;
    Ok(())
}

async fn check(db: &TestDb) -> Result<(), Box<dyn Error>> {
    let (store, migrations, now) = (db.store(), Migrations::embedded()?, Timestamp::UNIX_EPOCH);
    migrations.apply(store, now, OWNER).await?;
    let first = introspect(store).await?;
    let reverted = migrations.revert_all(store, now, OWNER).await?;
    let left = introspect(store).await?;
    if !left.tables.is_empty() || !left.machinery.is_empty() {
        return Err(format!("reverting all migrations on {:?} leaves {left:#?}", store.kind()).into());
    }
    migrations.apply(store, now, OWNER).await?;
    if introspect(store).await? != first {
        return Err(format!("migrations applied again on {:?} give another schema", store.kind()).into());
    }
    eprintln!("{:?}: {} migrations up, down and up again", store.kind(), reverted.len());
    Ok(())
}
