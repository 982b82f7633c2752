use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_domain::{DriverId, Itinerary, JobId, Route, RouteId, Stop};

use super::Scope;
use crate::StoreError;
use crate::rows::{RouteRow, StopProgress, StopRow, StopSequence};
use crate::schema::{jobs, routes, stops};
use crate::sql_types::{DbId, DbInstant};
use crate::tx::{insert_all, on};

impl Scope<'_> {
    /// Adds a route.
    pub async fn insert_route(&mut self, route: &Route) -> Result<(), StoreError> {
        let row = RouteRow::from_domain(route);
        on!(self.tx, c => diesel::insert_into(routes::table).values(row).execute(c).await)?;
        Ok(())
    }

    /// Adds the stops of a route, in its order.
    pub async fn insert_stops(&mut self, route: RouteId, job: Option<JobId>, stops: &[Stop]) -> Result<(), StoreError> {
        let organization = self.organization;
        let rows = stops
            .iter()
            .enumerate()
            .map(|(position, stop)| StopRow::from_domain(organization, route, job, position, stop))
            .collect::<Result<Vec<_>, _>>()?;
        insert_all!(self.tx, stops::table, rows)?;
        Ok(())
    }

    /// A route with its stops in order.
    pub async fn find_itinerary(&mut self, id: RouteId) -> Result<Option<Itinerary>, StoreError> {
        let (organization, id) = (self.key(), DbId(id.to_uuid()));
        let route = on!(self.tx, c => routes::table
            .find((organization, id)).select(RouteRow::as_select()).first(c).await.optional())?;
        let Some(route) = route else { return Ok(None) };
        let rows = on!(self.tx, c => stops::table
            .filter(stops::organization_id.eq(organization))
            .filter(stops::route_id.eq(id))
            .order((stops::position, stops::id))
            .select(StopRow::as_select()).load(c).await)?;
        let stops = rows.into_iter().map(StopRow::into_domain).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(Itinerary { route: route.into_domain()?, stops }))
    }

    /// Keeps everyone else from changing a route until this transaction ends, so that acts wait for each other instead of
    /// overtaking. SQLite has a single writer anyway.
    pub async fn lock_route(&mut self, id: RouteId) -> Result<(), StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        on!(self.tx,
            pg c => routes::table.find(key).select(routes::id).for_no_key_update().load::<DbId>(c).await.map(drop),
            sqlite _c => Ok(())
        )?;
        Ok(())
    }

    /// Overwrites a route's row where it still has the version it was read with, and counts the version up.
    ///
    /// Gives whether it did: `false` means that somebody else was faster.
    pub async fn update_route(&mut self, route: &Route) -> Result<bool, StoreError> {
        let key = (self.key(), DbId(route.id.to_uuid()));
        let mut row = RouteRow::from_domain(route);
        row.version = route.version + 1;
        let changed = on!(self.tx, c => diesel::update(routes::table.find(key))
            .filter(routes::version.eq(route.version))
            .set(row).execute(c).await)?;
        Ok(changed == 1)
    }

    /// Writes what planning changed of a stop: where it is and its place in the order.
    pub async fn update_stop_sequence(&mut self, position: usize, stop: &Stop) -> Result<(), StoreError> {
        let key = (self.key(), DbId(stop.id.to_uuid()));
        let row = StopSequence::from_domain(stop, position)?;
        let updated_at = stops::updated_at.eq(DbInstant(stop.updated_at));
        on!(self.tx, c => diesel::update(stops::table.find(key)).set((row, updated_at)).execute(c).await)?;
        Ok(())
    }

    /// Writes what driving changed of a stop: how it stands.
    pub async fn update_stop_progress(&mut self, stop: &Stop) -> Result<(), StoreError> {
        let key = (self.key(), DbId(stop.id.to_uuid()));
        let row = StopProgress::from_domain(stop)?;
        on!(self.tx, c => diesel::update(stops::table.find(key)).set(row).execute(c).await)?;
        Ok(())
    }

    /// Gives waiting routes, and the jobs they belong to, to a driver.
    pub async fn assign_routes(
        &mut self,
        waiting: &[(JobId, RouteId)],
        driver: DriverId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let organization = self.key();
        for chunk in waiting.chunks(500) {
            let route_ids: Vec<DbId> = chunk.iter().map(|(_, route)| DbId(route.to_uuid())).collect();
            let job_ids: Vec<DbId> = chunk.iter().map(|(job, _)| DbId(job.to_uuid())).collect();
            on!(self.tx, c => diesel::update(routes::table)
                .filter(routes::organization_id.eq(organization))
                .filter(routes::id.eq_any(route_ids))
                .set((
                    routes::driver_id.eq(DbId(driver.to_uuid())),
                    routes::version.eq(routes::version + 1),
                    routes::updated_at.eq(DbInstant(now)),
                ))
                .execute(c).await)?;
            on!(self.tx, c => diesel::update(jobs::table)
                .filter(jobs::organization_id.eq(organization))
                .filter(jobs::id.eq_any(job_ids))
                .set(jobs::updated_at.eq(DbInstant(now)))
                .execute(c).await)?;
        }
        Ok(())
    }
}
