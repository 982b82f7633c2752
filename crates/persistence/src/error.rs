//! What can go wrong in the store, sorted by what the caller can do about it.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use diesel::result::{DatabaseErrorKind, DeserializeFieldError, Error as DieselError};

/// A cause that several members of one group commit can hold.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// What can go wrong in the store.
///
/// Only [`StoreError::Contended`] and [`StoreError::ConnectionLost`] are worth running again, and the store has done so
/// before it hands them out.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The URL or another setting names no database that this store can open.
    #[error("database `{url}` cannot be used: {reason}")]
    Config {
        /// The URL without its password.
        url: String,
        /// What is wrong with it.
        reason: Cow<'static, str>,
    },
    /// No connection could be had, or the store has been closed; nothing was written.
    #[error("the database is not available: {what}")]
    Unavailable {
        /// What was being attempted.
        what: Cow<'static, str>,
        #[source]
        source: Option<Cause>,
    },
    /// Another transaction stood in the way (40001, 40P01, SQLITE_BUSY, SQLITE_LOCKED); nothing was written.
    #[error("gave way to a concurrent transaction")]
    Contended(#[source] Cause),
    /// The connection ended before COMMIT was sent; nothing was written.
    #[error("the connection to the database was lost")]
    ConnectionLost(#[source] Cause),
    /// COMMIT was sent and its answer is not known: read again by key, never run blindly again.
    #[error("it is not known whether the transaction was committed")]
    UnknownOutcome(#[source] Cause),
    /// A row with the same key exists (23505; SQLite 1555, 2067).
    #[error("a row with the same key exists")]
    UniqueViolation(#[source] Cause),
    /// A stored row does not read back as what it should be.
    #[error("stored value in `{table}.{column}` cannot be read back")]
    Corrupt {
        /// The table, or `?` where the database layer did not say.
        table: Cow<'static, str>,
        /// The column, or `?`.
        column: Cow<'static, str>,
        #[source]
        source: Cause,
    },
    /// A migration is malformed or failed; it left nothing behind.
    #[error("migration `{name}` failed")]
    Migration {
        /// The migration's folder name.
        name: String,
        #[source]
        source: Cause,
    },
    /// A transaction was begun inside the body of another one, which would wait for itself.
    #[error("a transaction was begun inside another one: pass its `Tx` down instead")]
    Nested,
    /// A statement failed for a reason that running it again does not cure.
    #[error("a statement failed")]
    Query(#[source] Cause),
}

impl StoreError {
    /// The row of `table` holds something in `column` that its type does not allow.
    pub fn corrupt(
        table: &'static str,
        column: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> StoreError {
        StoreError::Corrupt { table: table.into(), column: column.into(), source: Arc::from(source.into()) }
    }

    /// Whether the same body may succeed when run again, nothing of it having been written.
    pub fn is_retryable(&self) -> bool {
        matches!(self, StoreError::Contended(_) | StoreError::ConnectionLost(_))
    }

    /// Whether the caller should say "try later" rather than "this is a fault".
    pub fn is_transient(&self) -> bool {
        self.is_retryable() || matches!(self, StoreError::Unavailable { .. })
    }

    pub(crate) fn unavailable(
        what: impl Into<Cow<'static, str>>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> StoreError {
        StoreError::Unavailable { what: what.into(), source: Some(Arc::from(source.into())) }
    }

    pub(crate) fn closed() -> StoreError {
        StoreError::Unavailable { what: "the store has been closed".into(), source: None }
    }

    pub(crate) fn migration(name: &str, source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
        StoreError::Migration { name: name.to_owned(), source: Arc::from(source.into()) }
    }
}

/// An error that a transaction's body may return.
///
/// The store asks it whether a store error is inside, to know whether the body is to run again. An explicit question
/// rather than a walk along `source()`: `#[error(transparent)]` hides the wrapped error from such a walk.
pub trait TxError: From<StoreError> + Send {
    /// The store error that this error wraps, where it wraps one.
    fn store_error(&self) -> Option<&StoreError>;
}

impl TxError for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> StoreError {
        match classify(&error) {
            Class::Unique => StoreError::UniqueViolation(Arc::new(error)),
            Class::Contended => StoreError::Contended(Arc::new(error)),
            Class::Lost => StoreError::ConnectionLost(Arc::new(error)),
            Class::Waited => StoreError::unavailable("a lock did not become free in time", error),
            Class::Full => StoreError::unavailable("the disk is full", error),
            Class::Corrupt(column) => {
                StoreError::Corrupt { table: "?".into(), column: column.into(), source: Arc::new(error) }
            }
            Class::Other => StoreError::Query(Arc::new(error)),
        }
    }
}

enum Class {
    Unique,
    Contended,
    Lost,
    /// In a queue that is too long to run again and join it at its end.
    Waited,
    /// Nothing can be written until there is room.
    Full,
    Corrupt(String),
    Other,
}

fn classify(error: &DieselError) -> Class {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Class::Unique,
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Class::Contended,
        DieselError::DatabaseError(DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection, _) => {
            Class::Lost
        }
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, info)
            if is_deadlock(info.message(), info.details()) || is_sqlite_lock(info.message()) =>
        {
            Class::Contended
        }
        // Its SQLSTATE, 55P03, is dropped as well. In another language it counts as a fault.
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, info)
            if info.message() == "canceling statement due to lock timeout" =>
        {
            Class::Waited
        }
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, info) if is_full_disk(info.message()) => Class::Full,
        DieselError::DeserializationError(inner) => Class::Corrupt(
            inner
                .downcast_ref::<DeserializeFieldError>()
                .and_then(|field| field.field_name.clone())
                .unwrap_or_else(|| "?".to_owned()),
        ),
        _ => Class::Other,
    }
}

/// Diesel drops the SQLSTATE 40P01. The message may be translated, but its detail names lock modes, one line per waiter,
/// in every language.
fn is_deadlock(message: &str, details: Option<&str>) -> bool {
    message == "deadlock detected"
        || details.is_some_and(|details| {
            details.lines().count() >= 2
                && details.lines().all(|line| line.contains("ShareLock") || line.contains("ExclusiveLock"))
        })
}

/// SQLite's own text for SQLITE_FULL, and the end of what PostgreSQL says where a file cannot grow (53100; the system's
/// words for it, in the language of the server's messages).
fn is_full_disk(message: &str) -> bool {
    message == "database or disk is full" || message.ends_with("No space left on device")
}

/// Diesel drops SQLite's result code too; these are the library's own texts for SQLITE_BUSY and SQLITE_LOCKED.
fn is_sqlite_lock(message: &str) -> bool {
    message == "database is locked"
        || message.starts_with("database table is locked")
        || message.starts_with("database schema is locked")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database_error(kind: DatabaseErrorKind, message: &str) -> StoreError {
        DieselError::DatabaseError(kind, Box::new(message.to_owned())).into()
    }

    #[test]
    fn lock_conflicts_are_contention() {
        for message in ["deadlock detected", "database is locked", "database table is locked: jobs"] {
            let error = database_error(DatabaseErrorKind::Unknown, message);
            assert!(matches!(error, StoreError::Contended(_)), "{message}: {error:?}");
        }
    }

    #[test]
    fn translated_deadlocks_are_recognised_by_their_detail() {
        let detail = "Prozess 1 wartet auf ShareLock-Sperre auf Transaktion 9; blockiert von Prozess 2.\n\
                      Prozess 2 wartet auf ShareLock-Sperre auf Transaktion 8; blockiert von Prozess 1.";
        assert!(is_deadlock("Verklemmung (Deadlock) entdeckt", Some(detail)));
        assert!(!is_deadlock("canceling statement due to lock timeout", None));
    }

    #[test]
    fn waiting_too_long_for_a_lock_is_no_fault_and_not_tried_again() {
        let error = database_error(DatabaseErrorKind::Unknown, "canceling statement due to lock timeout");
        assert!(error.is_transient() && !error.is_retryable(), "{error:?}");
    }

    #[test]
    fn a_full_disk_is_no_fault_and_not_tried_again() {
        for message in ["database or disk is full", "could not extend file \"base/5/16402\": No space left on device"] {
            let error = database_error(DatabaseErrorKind::Unknown, message);
            assert!(error.is_transient() && !error.is_retryable(), "{error:?}");
        }
    }

    #[test]
    fn only_contention_and_lost_connections_are_retried() {
        assert!(database_error(DatabaseErrorKind::SerializationFailure, "x").is_retryable());
        assert!(database_error(DatabaseErrorKind::UnableToSendCommand, "x").is_retryable());
        assert!(!database_error(DatabaseErrorKind::UniqueViolation, "x").is_retryable());
        assert!(!database_error(DatabaseErrorKind::Unknown, "database or disk is full").is_retryable());
        assert!(!StoreError::UnknownOutcome(Arc::new(DieselError::NotFound)).is_retryable());
    }
}
