//! The open transaction that query bodies work in, and the macros that compile one body for both databases.

use std::fmt;

use diesel_async::AsyncPgConnection;

use crate::postgres::PgLease;
use crate::sqlite::{SqliteConn, SqliteLease};

/// An open transaction on one of the two databases.
///
/// A body that gets an error from the database must return it: PostgreSQL has given the transaction up by then (the
/// store refuses to commit it), SQLite has not. Where a conflict is expected, `ON CONFLICT DO NOTHING` raises none.
#[expect(clippy::large_enum_variant, reason = "one per transaction, never kept in numbers")]
pub enum Tx {
    /// On PostgreSQL.
    Pg(PgTx),
    /// On SQLite.
    Sqlite(SqliteTx),
}

/// An open transaction on PostgreSQL.
pub struct PgTx(pub(crate) PgLease);

/// An open transaction on SQLite.
pub struct SqliteTx(pub(crate) SqliteLease);

impl PgTx {
    pub(crate) fn conn(&mut self) -> &mut AsyncPgConnection {
        self.0.conn()
    }
}

impl SqliteTx {
    pub(crate) fn conn(&mut self) -> &mut SqliteConn {
        self.0.conn()
    }
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tx::Pg(_) => "Tx::Pg",
            Tx::Sqlite(_) => "Tx::Sqlite",
        })
    }
}

impl fmt::Debug for PgTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PgTx")
    }
}

impl fmt::Debug for SqliteTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteTx")
    }
}

/// Runs one query body against whichever database `tx` is on: `on!(tx, c => jobs::table.load(c).await)`, or with an arm
/// per database where the SQL differs: `on!(tx, pg c => …, sqlite c => …)`.
macro_rules! on {
    ($tx:expr, $c:ident => $body:expr) => {
        $crate::tx::on!($tx, pg $c => $body, sqlite $c => $body)
    };
    ($tx:expr, pg $p:ident => $pg:expr, sqlite $s:ident => $sqlite:expr $(,)?) => {
        match $tx {
            $crate::Tx::Pg(lease) => {
                let $p = lease.conn();
                $pg
            }
            $crate::Tx::Sqlite(lease) => {
                let $s = lease.conn();
                $sqlite
            }
        }
    };
}
pub(crate) use on;

/// Rows per INSERT: with at most 32 columns a table, below SQLite's 32,766 and PostgreSQL's 65,535 binds.
pub(crate) const ROWS_PER_INSERT: usize = 1_000;

/// Inserts all `rows` (a `Vec` of an `Insertable + Clone + Send + 'static` row) and gives the number inserted as
/// `QueryResult<usize>`; no rows, no statement.
///
/// The row type needs `#[diesel(treat_none_as_default_value = false)]`: without it Diesel inserts row by row on SQLite,
/// in a transaction of its own, which fails inside ours.
macro_rules! insert_all {
    ($tx:expr, $table:expr, $rows:expr) => {{
        let mut rows = $rows;
        $crate::tx::on!(
            $tx,
            pg c => async {
                let mut inserted = 0;
                while !rows.is_empty() {
                    let rest = rows.split_off(rows.len().min($crate::tx::ROWS_PER_INSERT));
                    let chunk = std::mem::replace(&mut rows, rest);
                    inserted += diesel_async::RunQueryDsl::execute(diesel::insert_into($table).values(chunk), c).await?;
                }
                diesel::QueryResult::Ok(inserted)
            }
            .await,
            // Through the blocking thread: a batch does not compile against the asynchronous wrapper.
            sqlite c => c.spawn_blocking(move |c| {
                let mut inserted = 0;
                while !rows.is_empty() {
                    let rest = rows.split_off(rows.len().min($crate::tx::ROWS_PER_INSERT));
                    let chunk = std::mem::replace(&mut rows, rest);
                    inserted += diesel::RunQueryDsl::execute(diesel::insert_into($table).values(chunk), c)?;
                }
                diesel::QueryResult::Ok(inserted)
            })
            .await
        )
    }};
}
pub(crate) use insert_all;

/// Loads all rows of a query as `QueryResult<Vec<_>>`, for those that give many: on SQLite they are read on the blocking
/// thread, where the asynchronous wrapper would copy each value to carry it out first.
macro_rules! load_all {
    ($tx:expr, $query:expr) => {
        $crate::tx::on!(
            $tx,
            pg c => diesel_async::RunQueryDsl::load($query, c).await,
            sqlite c => c.spawn_blocking(move |c| diesel::RunQueryDsl::load($query, c)).await
        )
    };
}
pub(crate) use load_all;
