use diesel::prelude::*;
use routemate_domain::{
    DriverId, Optimality, OrganizationId, Route, RouteEnds, RouteId, RouteStatus, RouteTotals, Text, TravelQuality,
    ZoneName,
};
use routemate_units::{Meters, Seconds};

use super::terminals::TerminalsDocument;
use super::{UnknownValue, parse_name, required, to_u32};
use crate::StoreError;
use crate::schema::{route_lines, routes};
use crate::sql_types::{DbId, DbInstant};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = routes, primary_key(organization_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct RouteRow {
    organization_id: DbId,
    id: DbId,
    name: String,
    driver_id: Option<DbId>,
    status: String,
    timezone: String,
    scheduled_for: Option<DbInstant>,
    ends: String,
    terminals: String,
    departure_at: Option<DbInstant>,
    distance_m: i64,
    duration_s: i64,
    quality: String,
    attribution: Option<String>,
    is_proven_optimal: Option<bool>,
    bound_s: Option<i64>,
    started_at: Option<DbInstant>,
    completed_at: Option<DbInstant>,
    dispatched_until: Option<DbInstant>,
    archived_at: Option<DbInstant>,
    pub(crate) version: i64,
    created_at: DbInstant,
    updated_at: DbInstant,
    search: String,
}

impl RouteRow {
    pub(crate) fn from_domain(route: &Route) -> Result<Self, StoreError> {
        let completed_at = match route.status {
            RouteStatus::Completed { at, .. } | RouteStatus::Cancelled { at, .. } => Some(DbInstant(at)),
            RouteStatus::Planned | RouteStatus::Started { .. } => None,
        };
        let terminals = serde_json::to_string(&TerminalsDocument::from(route))
            .map_err(|error| StoreError::corrupt("routes", "terminals", error))?;
        Ok(Self {
            organization_id: DbId(route.organization_id.to_uuid()),
            id: DbId(route.id.to_uuid()),
            name: route.name.as_str().to_owned(),
            driver_id: route.driver_id.map(|driver| DbId(driver.to_uuid())),
            status: route.status.as_str().to_owned(),
            timezone: route.timezone.as_str().to_owned(),
            scheduled_for: route.scheduled_for.map(DbInstant),
            ends: route.ends.as_str().to_owned(),
            terminals,
            departure_at: route.departure_at.map(DbInstant),
            distance_m: i64::from(route.totals.distance.get()),
            duration_s: i64::from(route.totals.duration.get()),
            quality: route.totals.quality.as_str().to_owned(),
            attribution: route.totals.attribution.clone(),
            is_proven_optimal: route.optimality.map(|optimality| optimality.is_proven),
            bound_s: route.optimality.and_then(|optimality| optimality.bound).map(|bound| i64::from(bound.get())),
            started_at: route.status.started_at().map(DbInstant),
            completed_at,
            dispatched_until: route.dispatched_until.map(DbInstant),
            archived_at: route.archived_at.map(DbInstant),
            version: route.version,
            created_at: DbInstant(route.created_at),
            updated_at: DbInstant(route.updated_at),
            search: route.name.as_str().to_lowercase(),
        })
    }

    /// The route whose line is `polyline`.
    pub(crate) fn into_domain(self, polyline: String) -> Result<Route, StoreError> {
        const TABLE: &str = "routes";
        let status = match self.status.as_str() {
            "planned" => RouteStatus::Planned,
            "started" => RouteStatus::Started { at: required(TABLE, "started_at", self.started_at)? },
            "completed" => RouteStatus::Completed {
                started_at: required(TABLE, "started_at", self.started_at)?,
                at: required(TABLE, "completed_at", self.completed_at)?,
            },
            "cancelled" => RouteStatus::Cancelled {
                started_at: self.started_at.map(Into::into),
                at: required(TABLE, "completed_at", self.completed_at)?,
            },
            other => return Err(StoreError::corrupt(TABLE, "status", UnknownValue(other.to_owned()))),
        };
        let terminals: TerminalsDocument =
            serde_json::from_str(&self.terminals).map_err(|error| StoreError::corrupt(TABLE, "terminals", error))?;
        let (start, end, end_leg) = terminals.terminals()?;
        let bound = self.bound_s.map(|bound| to_u32(TABLE, "bound_s", bound).map(Seconds::new)).transpose()?;
        Ok(Route {
            organization_id: OrganizationId::from_uuid(self.organization_id.0),
            id: RouteId::from_uuid(self.id.0),
            name: Text::parse(self.name).map_err(|error| StoreError::corrupt(TABLE, "name", error))?,
            driver_id: self.driver_id.map(|id| DriverId::from_uuid(id.0)),
            status,
            timezone: ZoneName::parse(&self.timezone).map_err(|error| StoreError::corrupt(TABLE, "timezone", error))?,
            scheduled_for: self.scheduled_for.map(Into::into),
            ends: parse_name(TABLE, "ends", &self.ends, &RouteEnds::ALL, RouteEnds::as_str)?,
            start,
            end,
            end_leg,
            departure_at: self.departure_at.map(Into::into),
            totals: RouteTotals {
                distance: Meters::new(to_u32(TABLE, "distance_m", self.distance_m)?),
                duration: Seconds::new(to_u32(TABLE, "duration_s", self.duration_s)?),
                polyline,
                quality: parse_name(
                    TABLE,
                    "quality",
                    &self.quality,
                    &[TravelQuality::Roads, TravelQuality::Estimated],
                    TravelQuality::as_str,
                )?,
                attribution: self.attribution,
            },
            optimality: self.is_proven_optimal.map(|is_proven| Optimality { is_proven, bound }),
            dispatched_until: self.dispatched_until.map(Into::into),
            archived_at: self.archived_at.map(Into::into),
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

/// A part of a route's line, which may be far longer than a row should be.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = route_lines, treat_none_as_default_value = false)]
pub(crate) struct LineRow {
    organization_id: DbId,
    route_id: DbId,
    part: i32,
    line: String,
}

/// Characters in a part. A polyline is ASCII: as many bytes.
const PART_CHARS: usize = 32_000;

impl LineRow {
    /// The parts in order; none of an empty line.
    pub(crate) fn from_domain(route: &Route) -> Vec<Self> {
        let mut rest = route.totals.polyline.chars().peekable();
        let parts = std::iter::from_fn(|| rest.peek().is_some().then(|| rest.by_ref().take(PART_CHARS).collect()));
        let row = |(part, line)| Self {
            organization_id: DbId(route.organization_id.to_uuid()),
            route_id: DbId(route.id.to_uuid()),
            part,
            line,
        };
        (0..).zip(parts).map(row).collect()
    }
}
