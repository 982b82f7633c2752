use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_domain::{ImportedStopId, Location, OrganizationId, RouteId, SavedStopId, Stop};
use uuid::Uuid;

use super::Scope;
use crate::schema::{places_to_forget as places, stops};
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;
use crate::{StoreError, Tx};

/// What holds places that may be kept for some days only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceHolder {
    /// A route: its stops and its ends.
    Route(RouteId),
    /// An imported stop.
    ImportedStop(ImportedStopId),
    /// A saved stop.
    SavedStop(SavedStopId),
    /// An order of a Shopify shop, by Shopify's number.
    ShopifyOrder(i64),
}

impl PlaceHolder {
    const ROUTE: &'static str = "route";
    const IMPORTED_STOP: &'static str = "imported_stop";
    const SAVED_STOP: &'static str = "saved_stop";
    const SHOPIFY_ORDER: &'static str = "shopify_order";

    const fn name(self) -> &'static str {
        match self {
            Self::Route(_) => Self::ROUTE,
            Self::ImportedStop(_) => Self::IMPORTED_STOP,
            Self::SavedStop(_) => Self::SAVED_STOP,
            Self::ShopifyOrder(_) => Self::SHOPIFY_ORDER,
        }
    }

    fn id(self) -> DbId {
        DbId(match self {
            Self::Route(id) => id.to_uuid(),
            Self::ImportedStop(id) => id.to_uuid(),
            Self::SavedStop(id) => id.to_uuid(),
            // A number is kept where others have their ids.
            Self::ShopifyOrder(number) => Uuid::from_u64_pair(0, number.cast_unsigned()),
        })
    }

    fn from_row(name: &str, id: Uuid) -> Result<Self, StoreError> {
        match name {
            Self::ROUTE => Ok(Self::Route(RouteId::from_uuid(id))),
            Self::IMPORTED_STOP => Ok(Self::ImportedStop(ImportedStopId::from_uuid(id))),
            Self::SAVED_STOP => Ok(Self::SavedStop(SavedStopId::from_uuid(id))),
            Self::SHOPIFY_ORDER => Ok(Self::ShopifyOrder(id.as_u64_pair().1.cast_signed())),
            other => Err(StoreError::corrupt("places_to_forget", "holder", format!("unknown value `{other}`"))),
        }
    }
}

impl Tx {
    /// What holds a place that is to be forgotten by now, in all organisations, the longest overdue first. Takes no locks.
    pub async fn system_find_places_to_forget(
        &mut self,
        now: Timestamp,
        most: i64,
    ) -> Result<Vec<(OrganizationId, PlaceHolder)>, StoreError> {
        let rows = on!(self, c => places::table
            .filter(places::forget_at.le(DbInstant(now)))
            .order((places::forget_at, places::organization_id, places::holder, places::holder_id))
            .limit(most)
            .select((places::organization_id, places::holder, places::holder_id))
            .load::<(DbId, String, DbId)>(c).await)?;
        let found = |(organization, holder, id): (DbId, String, DbId)| {
            Ok((OrganizationId::from_uuid(organization.0), PlaceHolder::from_row(&holder, id.0)?))
        };
        rows.into_iter().map(found).collect()
    }
}

impl Scope<'_> {
    /// Takes down when the first of these places is to be forgotten. Every function that writes places calls it; where all
    /// may be kept, which is the rule, it costs nothing.
    pub(super) async fn note_places<'l>(
        &mut self,
        holder: PlaceHolder,
        locations: impl IntoIterator<Item = &'l Location>,
    ) -> Result<(), StoreError> {
        match locations.into_iter().filter_map(Location::forget_at).min() {
            Some(forget_at) => self.note(holder, forget_at).await,
            None => Ok(()),
        }
    }

    /// As [`note_places`](Self::note_places), for a stop that is on some route.
    pub(super) async fn note_place_of_stop(&mut self, stop: &Stop) -> Result<(), StoreError> {
        let Some(forget_at) = stop.location.forget_at() else { return Ok(()) };
        let key = (self.key(), DbId(stop.id.to_uuid()));
        let route = on!(self.tx, c => stops::table
            .find(key).select(stops::route_id).first::<DbId>(c).await.optional())?;
        match route {
            Some(route) => self.note(PlaceHolder::Route(RouteId::from_uuid(route.0)), forget_at).await,
            None => Ok(()),
        }
    }

    async fn note(&mut self, holder: PlaceHolder, forget_at: Timestamp) -> Result<(), StoreError> {
        let (organization, name, id) = (self.key(), holder.name(), holder.id());
        let forget_at = DbInstant(forget_at);
        let key = (organization, name, id);
        let known = on!(self.tx, c => places::table
            .find(key).select(places::forget_at).first::<DbInstant>(c).await.optional())?;
        if known.is_some_and(|known| known.0 <= forget_at.0) {
            return Ok(());
        }
        on!(self.tx, c => diesel::insert_into(places::table)
            .values((
                places::organization_id.eq(organization),
                places::holder.eq(name),
                places::holder_id.eq(id),
                places::forget_at.eq(forget_at),
            ))
            .on_conflict((places::organization_id, places::holder, places::holder_id))
            .do_update()
            .set(places::forget_at.eq(forget_at))
            .execute(c).await)?;
        Ok(())
    }

    /// What is left of a holder's places is as they say: the next of them to be forgotten is the one that counts.
    pub async fn renote_places<'l>(
        &mut self,
        holder: PlaceHolder,
        locations: impl IntoIterator<Item = &'l Location>,
    ) -> Result<(), StoreError> {
        let key = (self.key(), holder.name(), holder.id());
        on!(self.tx, c => diesel::delete(places::table.find(key)).execute(c).await)?;
        self.note_places(holder, locations).await
    }
}
