//! SQL as text, for tests and for the tools that look at live schemas.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use crate::error::StoreError;
use crate::tx::{Tx, on};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    value: String,
}

impl Tx {
    /// Runs `sql` as it stands and gives the number of rows it changed.
    pub async fn execute_raw(&mut self, sql: &str) -> Result<usize, StoreError> {
        Ok(on!(self, c => diesel::sql_query(sql).execute(c).await)?)
    }

    /// Runs several statements, set apart by semicolons.
    pub async fn execute_raw_batch(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(on!(self, c => c.batch_execute(sql).await)?)
    }

    /// The column `value` (a 64-bit integer) of what `sql` selects.
    pub async fn numbers_raw(&mut self, sql: &str) -> Result<Vec<i64>, StoreError> {
        let rows: Vec<Number> = on!(self, c => diesel::sql_query(sql).load(c).await)?;
        Ok(rows.into_iter().map(|row| row.value).collect())
    }

    /// The column `value` (a text) of what `sql` selects.
    pub async fn texts_raw(&mut self, sql: &str) -> Result<Vec<String>, StoreError> {
        let rows: Vec<Line> = on!(self, c => diesel::sql_query(sql).load(c).await)?;
        Ok(rows.into_iter().map(|row| row.value).collect())
    }
}
