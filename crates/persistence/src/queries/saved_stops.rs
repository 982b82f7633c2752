use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use routemate_domain::{Location, SavedStop, SavedStopId};
use uuid::Uuid;

use super::Scope;
use super::places::PlaceHolder;
use super::text_search::pattern;
use crate::StoreError;
use crate::rows::SavedStopRow;
use crate::schema::saved_stops;
use crate::sql_types::DbId;
use crate::tx::on;

impl Scope<'_> {
    /// Adds a saved stop.
    pub async fn insert_saved_stop(&mut self, stop: &SavedStop) -> Result<(), StoreError> {
        let row = SavedStopRow::from_domain(stop)?;
        on!(self.tx, c => diesel::insert_into(saved_stops::table).values(row).execute(c).await)?;
        self.note_places(PlaceHolder::SavedStop(stop.id), [&stop.location]).await
    }

    /// The saved stop, if it is one of this organisation's.
    pub async fn find_saved_stop(&mut self, id: SavedStopId) -> Result<Option<SavedStop>, StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        let row = on!(self.tx, c => saved_stops::table
            .find(key).select(SavedStopRow::as_select()).first(c).await.optional())?;
        row.map(SavedStopRow::into_domain).transpose()
    }

    /// Those of these saved stops that there are, in the order of their ids.
    pub async fn find_saved_stops_by_ids(&mut self, ids: &[SavedStopId]) -> Result<Vec<SavedStop>, StoreError> {
        let key = self.key();
        let ids: Vec<DbId> = ids.iter().map(|id| DbId(id.to_uuid())).collect();
        let rows = on!(self.tx, c => saved_stops::table
            .filter(saved_stops::organization_id.eq(key))
            .filter(saved_stops::id.eq_any(ids))
            .order(saved_stops::id)
            .select(SavedStopRow::as_select()).load(c).await)?;
        rows.into_iter().map(SavedStopRow::into_domain).collect()
    }

    /// As [`find_saved_stops_by_ids`](Self::find_saved_stops_by_ids), and nobody replaces them until this transaction ends:
    /// what is copied from them now is refreshed by whoever replaces them next. SQLite has a single writer anyway.
    pub async fn lock_saved_stops(&mut self, ids: &[SavedStopId]) -> Result<Vec<SavedStop>, StoreError> {
        let key = self.key();
        let keys: Vec<DbId> = ids.iter().map(|id| DbId(id.to_uuid())).collect();
        on!(self.tx,
            pg c => saved_stops::table
                .filter(saved_stops::organization_id.eq(key))
                .filter(saved_stops::id.eq_any(keys))
                .order(saved_stops::id)
                .select(saved_stops::id).for_share().load::<DbId>(c).await.map(drop),
            sqlite _c => { drop(keys); Ok(()) }
        )?;
        self.find_saved_stops_by_ids(ids).await
    }

    /// Saved stops, the latest made first, so many at most; only those made before one where it is given, and with `text`
    /// in name, address or contact where that is, case ignored.
    pub async fn find_saved_stops(
        &mut self,
        text: Option<&str>,
        before: Option<SavedStopId>,
        most: i64,
    ) -> Result<Vec<SavedStop>, StoreError> {
        let pattern = pattern(text);
        let (key, before) = (self.key(), DbId(before.map_or(Uuid::max(), SavedStopId::to_uuid)));
        let rows = on!(self.tx, c => saved_stops::table
            .filter(saved_stops::organization_id.eq(key))
            .filter(saved_stops::id.lt(before))
            .filter(saved_stops::search.like(pattern).escape('\\'))
            .order(saved_stops::id.desc())
            .limit(most)
            .select(SavedStopRow::as_select()).load(c).await)?;
        rows.into_iter().map(SavedStopRow::into_domain).collect()
    }

    /// Overwrites a saved stop where it still has the version it was read with, and counts the version up.
    ///
    /// Gives whether it did: `false` means that somebody else was faster.
    pub async fn update_saved_stop(&mut self, stop: &SavedStop) -> Result<bool, StoreError> {
        let key = (self.key(), DbId(stop.id.to_uuid()));
        let mut row = SavedStopRow::from_domain(stop)?;
        row.version = stop.version + 1;
        let changed = on!(self.tx, c => diesel::update(saved_stops::table.find(key))
            .filter(saved_stops::version.eq(stop.version))
            .set(row).execute(c).await)?;
        if changed == 1 {
            self.note_places(PlaceHolder::SavedStop(stop.id), [&stop.location]).await?;
        }
        Ok(changed == 1)
    }

    /// Writes where a saved stop is, if it still has this version, and counts the version up.
    ///
    /// Gives whether it did: `false` means that it was changed or deleted meanwhile.
    pub async fn place_saved_stop(
        &mut self,
        id: SavedStopId,
        version: i64,
        location: &Location,
    ) -> Result<bool, StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        let text = SavedStopRow::location(location)?;
        let changed = on!(self.tx, c => diesel::update(saved_stops::table.find(key))
            .filter(saved_stops::version.eq(version))
            .set((saved_stops::location.eq(text), saved_stops::version.eq(version + 1)))
            .execute(c).await)?;
        if changed == 1 {
            self.note_places(PlaceHolder::SavedStop(id), [location]).await?;
        }
        Ok(changed == 1)
    }

    /// Deletes a saved stop where it still has this version; gives whether it did. Stops on routes that were made from it
    /// stay.
    pub async fn delete_saved_stop(&mut self, id: SavedStopId, version: i64) -> Result<bool, StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        let deleted = on!(self.tx, c => diesel::delete(saved_stops::table.find(key))
            .filter(saved_stops::version.eq(version)).execute(c).await)?;
        Ok(deleted == 1)
    }
}
