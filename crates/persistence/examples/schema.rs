//! Writes `schema.rs` to standard output from the migrations, or says where the two databases disagree.
//!
//! `ROUTEMATE_TEST_POSTGRES_URL=postgres://… cargo run -p routemate-persistence --features test-db --example schema`

use std::process::ExitCode;

use routemate_persistence::schema_tools::{introspect, merge, render};
use routemate_persistence::test_db::TestDb;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "standard output is the product")]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let sqlite = TestDb::sqlite().await;
    let postgres = TestDb::postgres().await.ok_or("`ROUTEMATE_TEST_POSTGRES_URL` names no PostgreSQL server")?;
    let (sqlite, postgres) = (introspect(sqlite.store()).await?, introspect(postgres.store()).await?);
    match merge(&sqlite, &postgres) {
        Ok(schema) => {
            print!("{}", render(&schema));
            Ok(ExitCode::SUCCESS)
        }
        Err(differences) => {
            for difference in differences {
                eprintln!("{difference}");
            }
            Ok(ExitCode::FAILURE)
        }
    }
}
