//! The two column types that SQLite and PostgreSQL store differently, and the Rust values that travel through them.
//!
//! JSON needs no type of its own: it is stored as `Text` on both databases, kept to the byte.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, SqlType};
use diesel::sqlite::Sqlite;
use jiff::Timestamp;
use uuid::Uuid;

/// The SQL type of ids: `uuid` on PostgreSQL, 16 bytes of `BLOB` on SQLite.
// Fixed oids: by name, every new connection would ask the catalogue first.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct Id;

/// The SQL type of points in time: `timestamptz` on PostgreSQL, `BIGINT` microseconds since 1970 on SQLite.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Long"))]
pub struct Instant;

/// An id on its way to or from the database; rows convert it from and into the domain's own id types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Id)]
pub struct DbId(pub Uuid);

/// A point in time on its way to or from the database, cut to whole microseconds when it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Instant)]
pub struct DbInstant(pub Timestamp);

impl From<Uuid> for DbId {
    fn from(id: Uuid) -> DbId {
        DbId(id)
    }
}

impl From<DbId> for Uuid {
    fn from(id: DbId) -> Uuid {
        id.0
    }
}

impl From<Timestamp> for DbInstant {
    fn from(at: Timestamp) -> DbInstant {
        DbInstant(at)
    }
}

impl From<DbInstant> for Timestamp {
    fn from(at: DbInstant) -> Timestamp {
        at.0
    }
}

/// `at` without what the database would drop, so that a value compares equal after a round trip.
pub fn to_stored_precision(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(stored_us(at)).unwrap_or(at)
}

/// Microseconds since 1970. Jiff reads no microseconds back that lie within the last second that it knows, where
/// [`Timestamp::MAX`] is: what is that late becomes the beginning of that second.
fn stored_us(at: Timestamp) -> i64 {
    at.as_microsecond().min(Timestamp::MAX.as_second().saturating_mul(1_000_000))
}

impl ToSql<Id, Pg> for DbId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        use std::io::Write;
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<Id, Sqlite> for DbId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<Id, Pg> for DbId {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(DbId(Uuid::from_slice(value.as_bytes())?))
    }
}

impl FromSql<Id, Sqlite> for DbId {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(DbId(Uuid::from_slice(&bytes)?))
    }
}

/// PostgreSQL counts microseconds from 2000-01-01.
const PG_EPOCH_US: i64 = 946_684_800_000_000;

impl ToSql<Instant, Pg> for DbInstant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        use std::io::Write;
        out.write_all(&(stored_us(self.0) - PG_EPOCH_US).to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<Instant, Sqlite> for DbInstant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(stored_us(self.0));
        Ok(IsNull::No)
    }
}

impl FromSql<Instant, Pg> for DbInstant {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let since_2000 = i64::from_be_bytes(value.as_bytes().try_into()?);
        // `infinity` and `-infinity` are the extreme values.
        let since_1970 = since_2000.checked_add(PG_EPOCH_US).ok_or("timestamptz out of range")?;
        Ok(DbInstant(Timestamp::from_microsecond(since_1970)?))
    }
}

impl FromSql<Instant, Sqlite> for DbInstant {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let since_1970 = <i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?;
        Ok(DbInstant(Timestamp::from_microsecond(since_1970)?))
    }
}

#[cfg(test)]
mod tests {
    use diesel::{ExpressionMethods, Insertable, QueryDsl, Queryable, Selectable, SelectableHelper};
    use diesel_async::RunQueryDsl;

    use super::*;
    use crate::error::StoreError;
    use crate::store::DatabaseKind;
    use crate::test_db::TestDb;
    use crate::tx::{insert_all, on};

    diesel::table! {
        use diesel::sql_types::*;
        use super::{Id, Instant};

        marks (id) {
            id -> Id,
            at -> Instant,
            parent -> Nullable<Id>,
            seen_at -> Nullable<Instant>,
        }
    }

    #[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
    #[diesel(table_name = marks, check_for_backend(Pg, Sqlite), treat_none_as_default_value = false)]
    struct Mark {
        id: DbId,
        at: DbInstant,
        parent: Option<DbId>,
        seen_at: Option<DbInstant>,
    }

    fn mark(id: u128, at: &str) -> Mark {
        Mark { id: DbId(Uuid::from_u128(id)), at: DbInstant(at.parse().unwrap()), parent: None, seen_at: None }
    }

    async fn create(db: &TestDb) {
        let sql = match db.store().kind() {
            DatabaseKind::Sqlite => {
                "CREATE TABLE marks (id BLOB NOT NULL PRIMARY KEY, at BIGINT NOT NULL, parent BLOB, seen_at BIGINT)"
            }
            DatabaseKind::Postgres => {
                "CREATE TABLE marks (id uuid NOT NULL PRIMARY KEY, at timestamptz NOT NULL, parent uuid, seen_at timestamptz)"
            }
        };
        db.store().write(sql, |tx, sql| Box::pin(async move { tx.execute_raw(sql).await })).await.unwrap();
    }

    async fn insert(db: &TestDb, marks: &[Mark]) -> usize {
        db.store()
            .write(marks, |tx, marks| {
                Box::pin(async move { Ok::<_, StoreError>(insert_all!(tx, marks::table, marks.to_vec())?) })
            })
            .await
            .unwrap()
    }

    async fn load(db: &TestDb) -> Result<Vec<Mark>, StoreError> {
        db.store()
            .read(&(), |tx, ()| {
                Box::pin(async move {
                    Ok(on!(tx, c => marks::table.order(marks::id.asc()).select(Mark::as_select()).load(c).await)?)
                })
            })
            .await
    }

    crate::database_tests! { bare
        async fn ids_and_instants_come_back_as_they_went(db: &TestDb) {
            create(db).await;
            let marks = [
                mark(0, "1969-12-31T23:59:59.999999Z"),
                mark(1, "2025-11-21T10:20:30.123456Z"),
                Mark {
                    parent: Some(DbId(Uuid::from_u128(1))),
                    seen_at: Some(DbInstant(Timestamp::UNIX_EPOCH)),
                    ..mark(u128::MAX, "9000-01-01T00:00:00Z")
                },
            ];
            assert_eq!(insert(db, &marks).await, 3);
            assert_eq!(load(db).await.unwrap(), marks);
        }

        async fn what_is_below_a_microsecond_is_cut_off(db: &TestDb) {
            create(db).await;
            let fine: Timestamp = "2025-11-21T10:20:30.123456789Z".parse().unwrap();
            insert(db, &[Mark { at: DbInstant(fine), ..mark(1, "2025-01-01T00:00:00Z") }]).await;
            let stored = load(db).await.unwrap().remove(0).at;
            assert_eq!(stored.0, to_stored_precision(fine));
            assert_eq!(stored.0.to_string(), "2025-11-21T10:20:30.123456Z");
        }

        async fn the_end_of_time_can_be_read_back(db: &TestDb) {
            create(db).await;
            insert(db, &[Mark { at: DbInstant(Timestamp::MAX), ..mark(1, "2025-01-01T00:00:00Z") }]).await;
            let stored = load(db).await.unwrap().remove(0).at;
            assert_eq!(stored.0, to_stored_precision(Timestamp::MAX));
            assert_eq!(stored.0.as_second(), Timestamp::MAX.as_second());
        }

        async fn instants_order_and_compare_as_time_does(db: &TestDb) {
            create(db).await;
            insert(db, &[mark(1, "1960-01-01T00:00:00Z"), mark(2, "2025-01-01T00:00:00Z"), mark(3, "1999-12-31T00:00:00Z")]).await;
            let until = DbInstant("2000-01-01T00:00:00Z".parse().unwrap());
            let found: Vec<DbId> = db
                .store()
                .read(&until, |tx, until| {
                    Box::pin(async move {
                        let query = marks::table.filter(marks::at.lt(until)).order(marks::at.desc()).select(marks::id);
                        Ok::<_, StoreError>(on!(tx, c => query.load(c).await)?)
                    })
                })
                .await
                .unwrap();
            assert_eq!(found, [3, 1].map(|id| DbId(Uuid::from_u128(id))));
        }

        async fn batches_of_any_size_are_inserted(db: &TestDb) {
            create(db).await;
            assert_eq!(insert(db, &[]).await, 0);
            // More binds than one statement may hold on either database.
            let marks: Vec<Mark> = (0..20_000).map(|id| mark(id, "2025-01-01T00:00:00Z")).collect();
            assert_eq!(insert(db, &marks).await, 20_000);
            assert_eq!(load(db).await.unwrap().len(), 20_000);
        }

        async fn a_batch_with_a_repeated_key_leaves_nothing(db: &TestDb) {
            create(db).await;
            let marks = [mark(1, "2025-01-01T00:00:00Z"), mark(1, "2025-01-01T00:00:00Z")];
            let outcome = db
                .store()
                .write(&marks[..], |tx, marks| {
                    Box::pin(async move { Ok::<_, StoreError>(insert_all!(tx, marks::table, marks.to_vec())?) })
                })
                .await;
            assert!(matches!(outcome, Err(StoreError::UniqueViolation(_))), "{outcome:?}");
            assert_eq!(load(db).await.unwrap(), []);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_id_that_is_none_is_named_by_its_column() {
        let db = TestDb::sqlite_with(crate::test_db::Fresh::Bare).await;
        create(&db).await;
        let sql = "INSERT INTO marks (id, at) VALUES (x'01', 0)";
        db.store().write(sql, |tx, sql| Box::pin(async move { tx.execute_raw(sql).await })).await.unwrap();
        let error = load(&db).await.unwrap_err();
        assert!(matches!(&error, StoreError::Corrupt { column, .. } if column == "id"), "{error:?}");
    }
}
