use std::cmp::Reverse;
use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use routemate_domain::{DriverId, Itinerary, Route, RouteId, RouteStatus, Stop, StopId, StopSource, StopStatus};
use uuid::Uuid;

use super::Scope;
use super::jobs::OVER;
use crate::StoreError;
use crate::rows::{RouteRow, StopProgress, StopRow, source_key};
use crate::schema::{routes, stops};
use crate::sql_types::{DbId, DbInstant};
use crate::tx::on;

/// Which time a list of routes is ordered and bounded by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RouteSort {
    /// When they were made.
    CreatedAt,
    /// When the planner last changed them.
    UpdatedAt,
}

/// Which routes are listed: newest first, those of one instant by their ids from the greatest down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteQuery {
    /// The time that orders, and that `from` and `until` bound.
    pub sort: RouteSort,
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this, which itself is left out.
    pub until: Option<Timestamp>,
    /// Whether archived ones are listed too.
    pub include_archived: bool,
    /// Only what comes after the route that has this time and id.
    pub after: Option<(Timestamp, RouteId)>,
    /// So many at most.
    pub most: i64,
}

/// Where a stop has got to that was made from something else.
#[derive(Debug, Clone, PartialEq)]
pub struct RoutedStop {
    /// The route.
    pub route_id: RouteId,
    /// How it stands.
    pub route_status: RouteStatus,
    /// The stop on it.
    pub stop_id: StopId,
    /// How that stands.
    pub status: StopStatus,
}

/// The earliest time that both databases take: PostgreSQL's begin 4713 BC, jiff's earlier.
pub(super) const EARLIEST: Timestamp = Timestamp::constant(-62_135_596_800, 0);

/// Keys in one statement: SQLite takes 32,766 binds.
const MOST: usize = 1_000;

impl RouteQuery {
    fn from(&self) -> DbInstant {
        DbInstant(self.from.unwrap_or(EARLIEST).max(EARLIEST))
    }

    /// The latest that a route on the page may be, and where it is just that its id has to be smaller than this.
    ///
    /// One bound: of two, SQLite looks for the first, and goes through all routes between them.
    fn before(&self) -> (DbInstant, DbId) {
        let until = self.until.unwrap_or(Timestamp::MAX).max(EARLIEST);
        // No id is smaller than the smallest one: nothing of that very instant.
        let end = (until, self.until.map_or(Uuid::max(), |_| Uuid::nil()));
        let after = self.after.map_or((Timestamp::MAX, Uuid::max()), |(at, id)| (at.max(EARLIEST), id.to_uuid()));
        let (at, id) = end.min(after);
        (DbInstant(at), DbId(id))
    }
}

/// A page of routes in the order of one column of times.
macro_rules! page {
    ($tx:expr, $organization:expr, $query:expr, $time:expr) => {{
        let (from, (at, id)) = ($query.from(), $query.before());
        on!($tx, c => routes::table
            .filter(routes::organization_id.eq($organization))
            .filter($time.ge(from))
            .filter($time.le(at))
            .filter($time.lt(at).or(routes::id.lt(id)))
            .filter(routes::archived_at.is_null().or($query.include_archived.into_sql::<diesel::sql_types::Bool>()))
            .order(($time.desc(), routes::id.desc()))
            .limit($query.most)
            .select(RouteRow::as_select()).load::<RouteRow>(c).await)
    }};
}

impl Scope<'_> {
    /// A page of routes with their stops in order. Their lines are left out: those are long, and nobody draws them from a
    /// list.
    pub async fn find_itineraries(&mut self, query: &RouteQuery) -> Result<Vec<Itinerary>, StoreError> {
        let organization = self.key();
        let rows = match query.sort {
            RouteSort::CreatedAt => page!(self.tx, organization, query, routes::created_at),
            RouteSort::UpdatedAt => page!(self.tx, organization, query, routes::updated_at),
        }?;
        let listed =
            rows.into_iter().map(|row| row.into_domain(String::new())).collect::<Result<Vec<Route>, StoreError>>()?;
        let ids: Vec<RouteId> = listed.iter().map(|route| route.id).collect();
        let mut stops = self.find_stops_of_routes(&ids).await?;
        let itinerary = |route: Route| Itinerary { stops: stops.remove(&route.id).unwrap_or_default(), route };
        Ok(listed.into_iter().map(itinerary).collect())
    }

    /// The stops of several routes, in order.
    async fn find_stops_of_routes(&mut self, ids: &[RouteId]) -> Result<HashMap<RouteId, Vec<Stop>>, StoreError> {
        let organization = self.key();
        let mut found: HashMap<RouteId, Vec<Stop>> = HashMap::new();
        for ids in ids.chunks(MOST) {
            let ids: Vec<DbId> = ids.iter().map(|id| DbId(id.to_uuid())).collect();
            let rows = on!(self.tx, c => stops::table
                .filter(stops::organization_id.eq(organization))
                .filter(stops::route_id.eq_any(ids))
                .order((stops::route_id, stops::position, stops::id))
                .select((stops::route_id, StopRow::as_select())).load::<(DbId, StopRow)>(c).await)?;
            for (route, row) in rows {
                found.entry(RouteId::from_uuid(route.0)).or_default().push(row.into_domain()?);
            }
        }
        Ok(found)
    }

    /// The stops on routes that were made from `source`, those that were taken off again left out, on routes that the
    /// planner has changed since `since`: the latest changed route first.
    pub async fn find_routed_stops(
        &mut self,
        source: StopSource,
        since: Timestamp,
    ) -> Result<Vec<RoutedStop>, StoreError> {
        let organization = self.key();
        let rows = on!(self.tx, c => stops::table
            .inner_join(routes::table.on(
                routes::organization_id.eq(stops::organization_id).and(routes::id.eq(stops::route_id))))
            .filter(stops::organization_id.eq(organization))
            .filter(stops::source.eq(source.as_str()))
            .filter(stops::source_key.eq(source_key(source)))
            .filter(stops::status.ne(StopStatus::Removed.as_str()))
            .select((stops::id, stops::position, StopProgress::as_select(), RouteRow::as_select()))
            .load::<(DbId, i32, StopProgress, RouteRow)>(c).await)?;
        // Bounded and ordered here, because a stop is on few routes: SQLite would go through all that were changed since.
        let mut routed = Vec::with_capacity(rows.len());
        for (stop, position, progress, route) in rows {
            let route = route.into_domain(String::new())?;
            let stop_id = StopId::from_uuid(stop.0);
            if route.updated_at >= since {
                let place = (Reverse((route.updated_at, route.id)), position, stop_id);
                let (route_id, route_status) = (route.id, route.status);
                routed.push((place, RoutedStop { route_id, route_status, stop_id, status: progress.status()? }));
            }
        }
        routed.sort_unstable_by_key(|(place, _)| *place);
        Ok(routed.into_iter().map(|(_, stop)| stop).collect())
    }

    /// The routes of a driver that are still to be driven, or are being driven, in the order they were made; those put away
    /// are left out, and so are their lines.
    pub async fn find_open_routes_of_driver(&mut self, driver: DriverId) -> Result<Vec<Route>, StoreError> {
        let organization = self.key();
        let rows = on!(self.tx, c => routes::table
            .filter(routes::organization_id.eq(organization))
            .filter(routes::driver_id.eq(DbId(driver.to_uuid())))
            .filter(routes::status.ne_all(OVER))
            .filter(routes::archived_at.is_null())
            .order(routes::id)
            .select(RouteRow::as_select()).load::<RouteRow>(c).await)?;
        rows.into_iter().map(|row| row.into_domain(String::new())).collect()
    }

    /// The routes, completed ones left out, that hold a stop made from one of `sources`, in the order of their ids.
    pub async fn find_open_routes_with(&mut self, sources: &[StopSource]) -> Result<Vec<RouteId>, StoreError> {
        let organization = self.key();
        let mut keys: HashMap<&'static str, Vec<String>> = HashMap::new();
        for &source in sources {
            keys.entry(source.as_str()).or_default().extend(source_key(source));
        }
        let mut found = Vec::new();
        for (source, keys) in keys {
            for keys in keys.chunks(MOST) {
                let rows = on!(self.tx, c => stops::table
                    .inner_join(routes::table.on(
                        routes::organization_id.eq(stops::organization_id).and(routes::id.eq(stops::route_id))))
                    .filter(stops::organization_id.eq(organization))
                    .filter(stops::source.eq(source))
                    .filter(stops::source_key.eq_any(keys))
                    .filter(stops::status.ne(StopStatus::Removed.as_str()))
                    .filter(routes::status.ne_all(OVER))
                    .select(stops::route_id).load::<DbId>(c).await)?;
                found.extend(rows.into_iter().map(|id| RouteId::from_uuid(id.0)));
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}
