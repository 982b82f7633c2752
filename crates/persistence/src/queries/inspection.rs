use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double};
use diesel_async::RunQueryDsl;
use routemate_domain::{IntegrationId, OrganizationId};

use crate::schema::idempotency_keys as keys;
use crate::sql_types::DbId;
use crate::tx::on;
use crate::{StoreError, Tx};

/// An integration that sent different requests under one idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyMisuse {
    /// Whose.
    pub organization_id: OrganizationId,
    /// Which.
    pub integration_id: IntegrationId,
    /// Keys that were used so.
    pub keys: u64,
    /// Requests that got the answer to another one.
    pub replays: u64,
}

#[derive(QueryableByName)]
struct Seconds {
    #[diesel(sql_type = Double)]
    seconds: f64,
}

#[derive(QueryableByName)]
struct Connections {
    #[diesel(sql_type = BigInt)]
    most: i64,
    #[diesel(sql_type = BigInt)]
    used: i64,
}

impl Tx {
    /// Which integrations have sent different requests under one idempotency key, as far back as keys are kept, about
    /// `most` keys at most. Scans: not for requests.
    pub async fn system_find_key_misuse(&mut self, most: i64) -> Result<Vec<KeyMisuse>, StoreError> {
        let rows = on!(self, c => keys::table
            .filter(keys::mismatched_replays.gt(0))
            .order((keys::organization_id, keys::integration_id, keys::id))
            .limit(most)
            .select((keys::organization_id, keys::integration_id, keys::mismatched_replays))
            .load::<(DbId, DbId, i32)>(c).await)?;
        let mut found: Vec<KeyMisuse> = Vec::new();
        for (organization, integration, replays) in rows {
            let organization_id = OrganizationId::from_uuid(organization.0);
            let integration_id = IntegrationId::from_uuid(integration.0);
            let replays = u64::try_from(replays).unwrap_or_default();
            match found.last_mut() {
                Some(last) if last.organization_id == organization_id && last.integration_id == integration_id => {
                    last.keys += 1;
                    last.replays += replays;
                }
                _ => found.push(KeyMisuse { organization_id, integration_id, keys: 1, replays }),
            }
        }
        Ok(found)
    }

    /// What the database's own clock says, in seconds since 1970; `None` on SQLite, which has none but this machine's.
    pub async fn system_read_clock(&mut self) -> Result<Option<f64>, StoreError> {
        on!(self,
            pg c => {
                let sql = "SELECT extract(epoch FROM clock_timestamp())::double precision AS seconds";
                let row: Seconds = diesel::sql_query(sql).get_result(c).await?;
                Ok(Some(row.seconds))
            },
            sqlite _c => Ok(None)
        )
    }

    /// How many connections the server allows and how many are in use; `None` on SQLite.
    pub async fn system_count_connections(&mut self) -> Result<Option<(i64, i64)>, StoreError> {
        on!(self,
            pg c => {
                let sql = "SELECT current_setting('max_connections')::bigint AS most, count(*) AS used \
                           FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend'";
                let row: Connections = diesel::sql_query(sql).get_result(c).await?;
                Ok(Some((row.most, row.used)))
            },
            sqlite _c => Ok(None)
        )
    }
}
