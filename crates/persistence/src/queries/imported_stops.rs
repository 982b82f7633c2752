use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use routemate_domain::{ImportedStop, ImportedStopId, Location};
use uuid::Uuid;

use super::Scope;
use super::places::PlaceHolder;
use crate::StoreError;
use crate::rows::ImportedStopRow;
use crate::schema::imported_stops;
use crate::sql_types::DbId;
use crate::tx::on;

/// Keys in one statement: SQLite takes 32,766 binds.
const MOST: usize = 1_000;

/// Writes rows over those of the same ids, or beside them, within one statement.
macro_rules! upsert {
    ($rows:expr) => {
        diesel::insert_into(imported_stops::table)
            .values($rows)
            .on_conflict((imported_stops::organization_id, imported_stops::id))
            .do_update()
            .set((
                imported_stops::request.eq(excluded(imported_stops::request)),
                imported_stops::location.eq(excluded(imported_stops::location)),
                imported_stops::version.eq(excluded(imported_stops::version)),
                imported_stops::imported_at.eq(excluded(imported_stops::imported_at)),
            ))
    };
}

impl Scope<'_> {
    /// The imported stop, if it is one of this organisation's.
    pub async fn find_imported_stop(&mut self, id: ImportedStopId) -> Result<Option<ImportedStop>, StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        let row = on!(self.tx, c => imported_stops::table
            .find(key).select(ImportedStopRow::as_select()).first(c).await.optional())?;
        row.map(ImportedStopRow::into_domain).transpose()
    }

    /// The imported stop that the client knows by this id.
    pub async fn find_imported_stop_by_client_id(
        &mut self,
        client_stop_id: &str,
    ) -> Result<Option<ImportedStop>, StoreError> {
        let key = self.key();
        let row = on!(self.tx, c => imported_stops::table
            .filter(imported_stops::organization_id.eq(key))
            .filter(imported_stops::client_stop_id.eq(client_stop_id))
            .select(ImportedStopRow::as_select()).first(c).await.optional())?;
        row.map(ImportedStopRow::into_domain).transpose()
    }

    /// Imported stops, the latest made first, so many at most and only those made before one where it is given.
    pub async fn find_imported_stops(
        &mut self,
        before: Option<ImportedStopId>,
        most: i64,
    ) -> Result<Vec<ImportedStop>, StoreError> {
        // Ids are in the order of time, and keep it whatever else changes.
        let (key, before) = (self.key(), DbId(before.map_or(Uuid::max(), ImportedStopId::to_uuid)));
        let rows = on!(self.tx, c => imported_stops::table
            .filter(imported_stops::organization_id.eq(key))
            .filter(imported_stops::id.lt(before))
            .order(imported_stops::id.desc())
            .limit(most)
            .select(ImportedStopRow::as_select()).load(c).await)?;
        rows.into_iter().map(ImportedStopRow::into_domain).collect()
    }

    /// Imported stops in the order they were made, so many at most and only those made after one where it is given.
    pub async fn find_imported_stops_after(
        &mut self,
        after: Option<ImportedStopId>,
        most: i64,
    ) -> Result<Vec<ImportedStop>, StoreError> {
        let (key, after) = (self.key(), DbId(after.map_or(Uuid::nil(), ImportedStopId::to_uuid)));
        let rows = on!(self.tx, c => imported_stops::table
            .filter(imported_stops::organization_id.eq(key))
            .filter(imported_stops::id.gt(after))
            .order(imported_stops::id)
            .limit(most)
            .select(ImportedStopRow::as_select()).load(c).await)?;
        rows.into_iter().map(ImportedStopRow::into_domain).collect()
    }

    /// How many of these client's ids are known; each is given once.
    pub async fn count_imported_stops_by_client_ids(&mut self, client_stop_ids: &[&str]) -> Result<u64, StoreError> {
        let key = self.key();
        let mut known = 0;
        for ids in client_stop_ids.chunks(MOST) {
            let ids: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
            let count: i64 = on!(self.tx, c => imported_stops::table
                .filter(imported_stops::organization_id.eq(key))
                .filter(imported_stops::client_stop_id.eq_any(ids))
                .count().get_result(c).await)?;
            known += u64::try_from(count).unwrap_or_default();
        }
        Ok(known)
    }

    /// Those of these imported stops that there are, in the order of their ids.
    pub async fn find_imported_stops_by_ids(
        &mut self,
        ids: &[ImportedStopId],
    ) -> Result<Vec<ImportedStop>, StoreError> {
        let key = self.key();
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(MOST) {
            let ids: Vec<DbId> = ids.iter().map(|id| DbId(id.to_uuid())).collect();
            let rows = on!(self.tx, c => imported_stops::table
                .filter(imported_stops::organization_id.eq(key))
                .filter(imported_stops::id.eq_any(ids))
                .order(imported_stops::id)
                .select(ImportedStopRow::as_select()).load(c).await)?;
            for row in rows {
                found.push(row.into_domain()?);
            }
        }
        Ok(found)
    }

    /// As [`find_imported_stops_by_ids`](Self::find_imported_stops_by_ids), and nobody replaces them until this transaction
    /// ends: what is copied from them now is refreshed by whoever replaces them next. SQLite has a single writer anyway.
    pub async fn lock_imported_stops(&mut self, ids: &[ImportedStopId]) -> Result<Vec<ImportedStop>, StoreError> {
        let key = self.key();
        for ids in ids.chunks(MOST) {
            let ids: Vec<DbId> = ids.iter().map(|id| DbId(id.to_uuid())).collect();
            on!(self.tx,
                pg c => imported_stops::table
                    .filter(imported_stops::organization_id.eq(key))
                    .filter(imported_stops::id.eq_any(ids))
                    .order(imported_stops::id)
                    .select(imported_stops::id).for_share().load::<DbId>(c).await.map(drop),
                sqlite _c => { drop(ids); Ok(()) }
            )?;
        }
        self.find_imported_stops_by_ids(ids).await
    }

    /// Those imported stops that the client knows by these ids, in no order, kept from everyone else until this transaction
    /// ends.
    pub async fn lock_imported_stops_by_client_ids(
        &mut self,
        client_stop_ids: &[&str],
    ) -> Result<Vec<ImportedStop>, StoreError> {
        let key = self.key();
        let mut found = Vec::new();
        for ids in client_stop_ids.chunks(MOST) {
            let ids: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
            let wanted = imported_stops::table
                .filter(imported_stops::organization_id.eq(key))
                .filter(imported_stops::client_stop_id.eq_any(ids));
            // Locked and read by one statement: one that comes to be between two would be read and not locked. In one order,
            // so that two batches wait for each other at most one way round. Where nobody waits there is no order: SQLite would
            // read all of an organisation's stops for it.
            let rows = on!(self.tx,
                pg c => wanted
                    .order(imported_stops::id).for_update()
                    .select(ImportedStopRow::as_select()).load(c).await,
                sqlite c => wanted.select(ImportedStopRow::as_select()).load(c).await
            )?;
            for row in rows {
                found.push(row.into_domain()?);
            }
        }
        Ok(found)
    }

    /// Writes imported stops: over those of the same ids, or beside them.
    ///
    /// A new one whose client's id was taken meanwhile is a [`StoreError::UniqueViolation`].
    pub async fn upsert_imported_stops(&mut self, stops: &[ImportedStop]) -> Result<(), StoreError> {
        let mut rows = stops.iter().map(ImportedStopRow::from_domain).collect::<Result<Vec<_>, _>>()?;
        on!(self.tx,
            pg c => async {
                while !rows.is_empty() {
                    let rest = rows.split_off(rows.len().min(MOST));
                    let chunk = std::mem::replace(&mut rows, rest);
                    upsert!(chunk).execute(c).await?;
                }
                QueryResult::Ok(())
            }
            .await,
            sqlite c => c.spawn_blocking(move |c| {
                for row in rows {
                    diesel::RunQueryDsl::execute(upsert!(row), c)?;
                }
                QueryResult::Ok(())
            })
            .await
        )?;
        for stop in stops {
            self.note_places(PlaceHolder::ImportedStop(stop.id), [&stop.location]).await?;
        }
        Ok(())
    }

    /// Writes where an imported stop is, if it still has this version, and counts the version up.
    ///
    /// Gives whether it did: `false` means that it was replaced or deleted meanwhile.
    pub async fn place_imported_stop(
        &mut self,
        id: ImportedStopId,
        version: i64,
        location: &Location,
    ) -> Result<bool, StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        let text = ImportedStopRow::location(location)?;
        let changed = on!(self.tx, c => diesel::update(imported_stops::table.find(key))
            .filter(imported_stops::version.eq(version))
            .set((imported_stops::location.eq(text), imported_stops::version.eq(version + 1)))
            .execute(c).await)?;
        if changed == 1 {
            self.note_places(PlaceHolder::ImportedStop(id), [location]).await?;
        }
        Ok(changed == 1)
    }

    /// Deletes an imported stop; `false` where there is none of this id. Stops on routes that were made from it stay.
    pub async fn delete_imported_stop(&mut self, id: ImportedStopId) -> Result<bool, StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        let deleted = on!(self.tx, c => diesel::delete(imported_stops::table.find(key)).execute(c).await)?;
        Ok(deleted == 1)
    }
}
