use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use uuid::Uuid;

use super::Scope;
use crate::StoreError;
use crate::schema::audit_log;
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;

/// Something done that an organisation may want to account for.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// Its id.
    pub id: Uuid,
    /// Who did it: `integration:ID` or `operator`.
    pub actor: String,
    /// What was done.
    pub action: &'static str,
    /// To what: `driver:ID` and the like.
    pub subject: String,
    /// The rest, as JSON.
    pub detail: String,
}

impl Scope<'_> {
    /// Adds an entry to the audit log.
    pub async fn insert_audit(&mut self, entry: &AuditEntry, now: Timestamp) -> Result<(), StoreError> {
        let organization = self.key();
        on!(self.tx, c => diesel::insert_into(audit_log::table)
            .values((
                audit_log::organization_id.eq(organization),
                audit_log::id.eq(DbId(entry.id)),
                audit_log::at.eq(DbInstant(now)),
                audit_log::actor.eq(&entry.actor),
                audit_log::action.eq(entry.action),
                audit_log::subject.eq(&entry.subject),
                audit_log::detail.eq(&entry.detail),
            ))
            .execute(c).await)?;
        Ok(())
    }

    /// Actions and subjects of the audit log, newest first.
    pub async fn find_audit(&mut self, most: i64) -> Result<Vec<(String, String)>, StoreError> {
        let organization = self.key();
        Ok(on!(self.tx, c => audit_log::table
            .filter(audit_log::organization_id.eq(organization))
            .order((audit_log::at.desc(), audit_log::id.desc()))
            .limit(most)
            .select((audit_log::action, audit_log::subject)).load::<(String, String)>(c).await)?)
    }
}
