use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_domain::{DriverId, Itinerary, JobId, Route, RouteId, Stop, StopId};

use super::Scope;
use super::jobs::OVER;
use super::places::PlaceHolder;
use crate::StoreError;
use crate::rows::{LineRow, RouteRow, StopProgress, StopRow, StopSequence};
use crate::schema::{jobs, route_lines, routes, stops};
use crate::sql_types::{DbId, DbInstant};
use crate::tx::{insert_all, load_all, on};

impl Scope<'_> {
    /// Adds a route with its line.
    pub async fn insert_route(&mut self, route: &Route) -> Result<(), StoreError> {
        let row = RouteRow::from_domain(route)?;
        on!(self.tx, c => diesel::insert_into(routes::table).values(row).execute(c).await)?;
        self.note_ends(route).await?;
        self.insert_line(route).await
    }

    async fn note_ends(&mut self, route: &Route) -> Result<(), StoreError> {
        let ends = [&route.start, &route.end].into_iter().filter_map(|end| end.location.as_ref());
        self.note_places(PlaceHolder::Route(route.id), ends).await
    }

    async fn insert_line(&mut self, route: &Route) -> Result<(), StoreError> {
        insert_all!(self.tx, route_lines::table, LineRow::from_domain(route))?;
        Ok(())
    }

    async fn find_line(&mut self, id: RouteId) -> Result<String, StoreError> {
        let organization = self.key();
        let parts = on!(self.tx, c => route_lines::table
            .filter(route_lines::organization_id.eq(organization))
            .filter(route_lines::route_id.eq(DbId(id.to_uuid())))
            .order(route_lines::part)
            .select(route_lines::line).load::<String>(c).await)?;
        Ok(parts.concat())
    }

    /// Puts the route's line in the place of the one it had.
    pub async fn replace_line(&mut self, route: &Route) -> Result<(), StoreError> {
        let organization = self.key();
        on!(self.tx, c => diesel::delete(route_lines::table)
            .filter(route_lines::organization_id.eq(organization))
            .filter(route_lines::route_id.eq(DbId(route.id.to_uuid())))
            .execute(c).await)?;
        self.insert_line(route).await
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
        self.note_places(PlaceHolder::Route(route), stops.iter().map(|stop| &stop.location)).await
    }

    /// Adds one stop to a route, at a place in its order.
    pub async fn insert_stop(
        &mut self,
        route: RouteId,
        job: Option<JobId>,
        position: usize,
        stop: &Stop,
    ) -> Result<(), StoreError> {
        let row = StopRow::from_domain(self.organization, route, job, position, stop)?;
        on!(self.tx, c => diesel::insert_into(stops::table).values(row).execute(c).await)?;
        self.note_places(PlaceHolder::Route(route), [&stop.location]).await
    }

    /// Forgets a stop.
    pub async fn delete_stop(&mut self, id: StopId) -> Result<(), StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        on!(self.tx, c => diesel::delete(stops::table.find(key)).execute(c).await)?;
        Ok(())
    }

    /// Forgets a route where it still has this version, with its stops, its line and the job it belongs to.
    ///
    /// Gives whether it did: `false` means that somebody else has changed it.
    pub async fn delete_route(&mut self, id: RouteId, version: i64) -> Result<bool, StoreError> {
        let key = (self.key(), DbId(id.to_uuid()));
        let deleted = on!(self.tx, c => diesel::delete(routes::table.find(key))
            .filter(routes::version.eq(version)).execute(c).await)?;
        Ok(deleted == 1)
    }

    /// A route with its stops in order.
    pub async fn find_itinerary(&mut self, id: RouteId) -> Result<Option<Itinerary>, StoreError> {
        let (organization, key) = (self.key(), DbId(id.to_uuid()));
        let route = on!(self.tx, c => routes::table
            .find((organization, key)).select(RouteRow::as_select()).first(c).await.optional())?;
        let Some(route) = route else { return Ok(None) };
        let route = route.into_domain(self.find_line(id).await?)?;
        let rows: Vec<StopRow> = load_all!(
            self.tx,
            stops::table
                .filter(stops::organization_id.eq(organization))
                .filter(stops::route_id.eq(key))
                .order((stops::position, stops::id))
                .select(StopRow::as_select())
        )?;
        let stops = rows.into_iter().map(StopRow::into_domain).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(Itinerary { route, stops }))
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

    /// Overwrites a route's row where it still has the version it was read with, and counts the version up. Its line stays
    /// as it is.
    ///
    /// Gives whether it did: `false` means that somebody else was faster.
    pub async fn update_route(&mut self, route: &Route) -> Result<bool, StoreError> {
        let key = (self.key(), DbId(route.id.to_uuid()));
        let mut row = RouteRow::from_domain(route)?;
        row.version = route.version + 1;
        let changed = on!(self.tx, c => diesel::update(routes::table.find(key))
            .filter(routes::version.eq(route.version))
            .set(row).execute(c).await)?;
        if changed == 1 {
            self.note_ends(route).await?;
        }
        Ok(changed == 1)
    }

    /// Overwrites a stop with all that is wanted there; which job it belongs to stays.
    pub async fn update_stop(&mut self, route: RouteId, position: usize, stop: &Stop) -> Result<(), StoreError> {
        let key = (self.key(), DbId(stop.id.to_uuid()));
        let job = on!(self.tx, c => stops::table
            .find(key).select(stops::job_id).first::<Option<DbId>>(c).await.optional())?;
        let job = job.flatten().map(|job| JobId::from_uuid(job.0));
        let row = StopRow::from_domain(self.organization, route, job, position, stop)?;
        on!(self.tx, c => diesel::update(stops::table.find(key)).set(row).execute(c).await)?;
        self.note_places(PlaceHolder::Route(route), [&stop.location]).await
    }

    /// Writes what planning changed of a stop: where it is and its place in the order.
    pub async fn update_stop_sequence(&mut self, position: usize, stop: &Stop) -> Result<(), StoreError> {
        let key = (self.key(), DbId(stop.id.to_uuid()));
        let row = StopSequence::from_domain(stop, position)?;
        let updated_at = stops::updated_at.eq(DbInstant(stop.updated_at));
        on!(self.tx, c => diesel::update(stops::table.find(key)).set((row, updated_at)).execute(c).await)?;
        self.note_place_of_stop(stop).await
    }

    /// Writes what driving changed of a stop: how it stands.
    pub async fn update_stop_progress(&mut self, stop: &Stop) -> Result<(), StoreError> {
        let key = (self.key(), DbId(stop.id.to_uuid()));
        let row = StopProgress::from_domain(stop)?;
        on!(self.tx, c => diesel::update(stops::table.find(key)).set(row).execute(c).await)?;
        Ok(())
    }

    /// Gives routes, and the jobs they belong to, to a driver, and tells which: one that has been given away or completed
    /// since it was found to wait is left alone.
    pub async fn assign_routes(
        &mut self,
        waiting: &[RouteId],
        driver: DriverId,
        now: Timestamp,
    ) -> Result<Vec<RouteId>, StoreError> {
        let organization = self.key();
        let waiting: Vec<DbId> = waiting.iter().map(|route| DbId(route.to_uuid())).collect();
        let assigned = on!(self.tx, c => diesel::update(routes::table)
            .filter(routes::organization_id.eq(organization))
            .filter(routes::id.eq_any(waiting))
            .filter(routes::driver_id.is_null())
            .filter(routes::status.ne_all(OVER))
            .set((
                routes::driver_id.eq(DbId(driver.to_uuid())),
                routes::version.eq(routes::version + 1),
                routes::updated_at.eq(DbInstant(now)),
            ))
            .returning(routes::id)
            .get_results::<DbId>(c).await)?;
        on!(self.tx, c => diesel::update(jobs::table)
            .filter(jobs::organization_id.eq(organization))
            .filter(jobs::route_id.eq_any(assigned.clone()))
            .set(jobs::updated_at.eq(DbInstant(now)))
            .execute(c).await)?;
        Ok(assigned.into_iter().map(|route| RouteId::from_uuid(route.0)).collect())
    }
}
