use diesel::prelude::*;
use routemate_domain::{
    Address, ExternalId, FreeText, JobId, JsonText, Location, OrganizationId, Outcome, PlannedLeg, Priority,
    PriorityScale, ProofOfDelivery, RouteId, Shortfall, Stop, StopId, StopKind, StopSource, StopStatus, Text,
    TimeWindow,
};
use routemate_units::{Meters, Seconds};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::documents::{AddressDocument, OutcomeDocument, StopDetails, WindowDocument};
use super::place::LocationDocument;
use super::{UnknownValue, parse_name, required, to_u32};
use crate::StoreError;
use crate::schema::stops;
use crate::sql_types::{DbId, DbInstant};

const TABLE: &str = "stops";

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = stops, primary_key(organization_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct StopRow {
    organization_id: DbId,
    id: DbId,
    route_id: DbId,
    job_id: Option<DbId>,
    external_id: Option<String>,
    kind: String,
    source: String,
    source_key: Option<String>,
    address: String,
    note: Option<String>,
    service_s: Option<i64>,
    priority: f64,
    priority_scale: String,
    windows: String,
    details: String,
    metadata: String,
    #[diesel(embed)]
    sequence: StopSequence,
    #[diesel(embed)]
    progress: StopProgress,
}

/// What planning writes: where a stop is, and its place in the order.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = stops, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct StopSequence {
    position: i32,
    location_source: String,
    lat: Option<f64>,
    lng: Option<f64>,
    geocoded: Option<String>,
    leg_distance_m: Option<i64>,
    leg_duration_s: Option<i64>,
    planned_arrival: Option<DbInstant>,
    lateness_s: Option<i64>,
    shortfall: Option<String>,
    earliest_arrival: Option<DbInstant>,
}

/// What driving writes.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = stops, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct StopProgress {
    status: String,
    arrived_at: Option<DbInstant>,
    ended_at: Option<DbInstant>,
    outcome: Option<String>,
    updated_at: DbInstant,
}

fn to_json<T: Serialize>(column: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt(TABLE, column, error))
}

fn from_json<T: DeserializeOwned>(column: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(TABLE, column, error))
}

impl StopSequence {
    pub(crate) fn from_domain(stop: &Stop, position: usize) -> Result<Self, StoreError> {
        let LocationDocument { source, lat, lng, geocoded } = LocationDocument::from(&stop.location);
        Ok(Self {
            position: i32::try_from(position).map_err(|error| StoreError::corrupt(TABLE, "position", error))?,
            location_source: source,
            lat,
            lng,
            geocoded: geocoded.map(|document| to_json("geocoded", &document)).transpose()?,
            leg_distance_m: stop.planned.map(|leg| i64::from(leg.distance.get())),
            leg_duration_s: stop.planned.map(|leg| i64::from(leg.duration.get())),
            planned_arrival: stop.planned.and_then(|leg| leg.arrival).map(DbInstant),
            lateness_s: stop.planned.map(|leg| i64::from(leg.lateness.get())),
            shortfall: stop.shortfall.map(|shortfall| shortfall.as_str().to_owned()),
            earliest_arrival: match stop.shortfall {
                Some(Shortfall::TooFar { earliest }) => Some(DbInstant(earliest)),
                _ => None,
            },
        })
    }

    fn planned(&self) -> Result<Option<PlannedLeg>, StoreError> {
        let (Some(distance), Some(duration)) = (self.leg_distance_m, self.leg_duration_s) else {
            return Ok(None);
        };
        Ok(Some(PlannedLeg {
            distance: Meters::new(to_u32(TABLE, "leg_distance_m", distance)?),
            duration: Seconds::new(to_u32(TABLE, "leg_duration_s", duration)?),
            arrival: self.planned_arrival.map(Into::into),
            lateness: Seconds::new(to_u32(TABLE, "lateness_s", self.lateness_s.unwrap_or_default())?),
        }))
    }

    fn shortfall(&self) -> Result<Option<Shortfall>, StoreError> {
        let Some(name) = self.shortfall.as_deref() else {
            return Ok(None);
        };
        if let Some(earliest) = self.earliest_arrival {
            let too_far = Shortfall::TooFar { earliest: earliest.into() };
            return parse_name(TABLE, "shortfall", name, &[too_far], Shortfall::as_str).map(Some);
        }
        let others = [Shortfall::OthersFirst, Shortfall::Unreachable, Shortfall::SearchStopped];
        parse_name(TABLE, "shortfall", name, &others, Shortfall::as_str).map(Some)
    }

    fn location(&self) -> Result<Location, StoreError> {
        let geocoded = self.geocoded.as_deref().map(|text| from_json("geocoded", text)).transpose()?;
        let document =
            LocationDocument { source: self.location_source.clone(), lat: self.lat, lng: self.lng, geocoded };
        document.location(TABLE)
    }
}

impl StopProgress {
    pub(crate) fn from_domain(stop: &Stop) -> Result<Self, StoreError> {
        let (arrived_at, outcome) = match &stop.status {
            StopStatus::Pending | StopStatus::Removed => (None, None),
            StopStatus::Arrived { at } => (Some(*at), None),
            StopStatus::Ended { arrived_at, outcome } => (*arrived_at, Some(outcome)),
        };
        let document = match outcome {
            None => None,
            Some(Outcome::Completed { proof, .. }) => Some(OutcomeDocument::new(None, proof)),
            Some(Outcome::Failed { reason, note, proof, .. }) => {
                Some(OutcomeDocument::new(Some((*reason, note.clone())), proof))
            }
            Some(Outcome::Skipped { .. }) => Some(OutcomeDocument::new(None, &ProofOfDelivery::default())),
        };
        Ok(Self {
            status: stop.status.as_str().to_owned(),
            arrived_at: arrived_at.map(DbInstant),
            ended_at: outcome.map(|outcome| DbInstant(outcome.at())),
            outcome: document.map(|document| to_json("outcome", &document)).transpose()?,
            updated_at: DbInstant(stop.updated_at),
        })
    }

    pub(crate) fn status(&self) -> Result<StopStatus, StoreError> {
        let ended = |make: fn(jiff::Timestamp, OutcomeDocument) -> Outcome| {
            let document = from_json("outcome", self.outcome.as_deref().unwrap_or("{}"))?;
            Ok(StopStatus::Ended {
                arrived_at: self.arrived_at.map(Into::into),
                outcome: make(required(TABLE, "ended_at", self.ended_at)?, document),
            })
        };
        match self.status.as_str() {
            "pending" => Ok(StopStatus::Pending),
            "arrived" => Ok(StopStatus::Arrived { at: required(TABLE, "arrived_at", self.arrived_at)? }),
            "completed" => ended(|at, document| Outcome::Completed { at, proof: document.proof() }),
            "failed" => ended(|at, document| Outcome::Failed {
                at,
                reason: document.reason(),
                proof: document.proof(),
                note: document.note,
            }),
            "skipped" => ended(|at, _| Outcome::Skipped { at }),
            "removed" => Ok(StopStatus::Removed),
            other => Err(StoreError::corrupt(TABLE, "status", UnknownValue(other.to_owned()))),
        }
    }
}

impl StopRow {
    pub(crate) fn from_domain(
        organization: OrganizationId,
        route: RouteId,
        job: Option<JobId>,
        position: usize,
        stop: &Stop,
    ) -> Result<Self, StoreError> {
        let details = StopDetails {
            given_position: stop.given_position,
            contact: stop.contact.clone().into(),
            items: stop.items.iter().cloned().map(Into::into).collect(),
            attributes: stop.attributes.iter().cloned().map(Into::into).collect(),
            tags: stop.tags.clone(),
            tasks: stop.tasks.iter().cloned().map(Into::into).collect(),
            service_type: stop.service_type.as_ref().map(|text| text.as_str().to_owned()),
            order_name: stop.order_name.clone(),
            delivery_date: stop.delivery_date,
            day_windows: stop.day_windows.iter().map(Into::into).collect(),
            is_locked: stop.is_locked,
        };
        let windows: Vec<WindowDocument> =
            stop.windows.iter().map(|window| WindowDocument { start: window.start(), end: window.end() }).collect();
        Ok(Self {
            organization_id: DbId(organization.to_uuid()),
            id: DbId(stop.id.to_uuid()),
            route_id: DbId(route.to_uuid()),
            job_id: job.map(|job| DbId(job.to_uuid())),
            external_id: stop.external_id.as_ref().map(|id| id.as_str().to_owned()),
            kind: stop.kind.as_str().to_owned(),
            source: stop.source.as_str().to_owned(),
            source_key: source_key(stop.source),
            address: to_json("address", &AddressDocument::from(stop.address.clone()))?,
            note: stop.note.as_ref().map(|note| note.as_str().to_owned()),
            service_s: stop.service_time.map(|time| i64::from(time.get())),
            priority: stop.priority.raw(),
            priority_scale: stop.priority.scale().as_str().to_owned(),
            windows: to_json("windows", &windows)?,
            details: to_json("details", &details)?,
            metadata: stop.metadata.as_str().to_owned(),
            sequence: StopSequence::from_domain(stop, position)?,
            progress: StopProgress::from_domain(stop)?,
        })
    }

    pub(crate) fn into_domain(self) -> Result<Stop, StoreError> {
        let details: StopDetails = from_json("details", &self.details)?;
        let windows: Vec<WindowDocument> = from_json("windows", &self.windows)?;
        let windows = windows
            .into_iter()
            .filter_map(|window| TimeWindow::new(window.start, window.end).transpose())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| StoreError::corrupt(TABLE, "windows", error))?;
        let day_windows = details.day_windows.iter().filter_map(|window| window.window().transpose());
        let day_windows =
            day_windows.collect::<Result<Vec<_>, _>>().map_err(|error| StoreError::corrupt(TABLE, "details", error))?;
        let text = |column, text: Option<String>| {
            text.map(|text| FreeText::parse(text).map_err(|error| StoreError::corrupt(TABLE, column, error)))
                .transpose()
        };
        Ok(Stop {
            id: StopId::from_uuid(self.id.0),
            given_position: details.given_position,
            external_id: self
                .external_id
                .map(|id| ExternalId::parse(id).map_err(|error| StoreError::corrupt(TABLE, "external_id", error)))
                .transpose()?,
            kind: parse_name(TABLE, "kind", &self.kind, &StopKind::ALL, StopKind::as_str)?,
            source: source(&self.source, self.source_key.as_deref())?,
            address: Address::from(from_json::<AddressDocument>("address", &self.address)?),
            planned: self.sequence.planned()?,
            shortfall: self.sequence.shortfall()?,
            location: self.sequence.location()?,
            contact: details.contact.into(),
            note: text("note", self.note)?,
            service_type: details
                .service_type
                .map(|text| Text::parse(text).map_err(|error| StoreError::corrupt(TABLE, "details", error)))
                .transpose()?,
            service_time: self.service_s.map(|s| to_u32(TABLE, "service_s", s).map(Seconds::new)).transpose()?,
            windows,
            day_windows,
            delivery_date: details.delivery_date,
            priority: priority(self.priority, &self.priority_scale)?,
            items: details.items.into_iter().map(Into::into).collect(),
            order_name: details.order_name,
            attributes: details.attributes.into_iter().map(Into::into).collect(),
            tags: details.tags,
            metadata: JsonText::from_serialized(self.metadata),
            tasks: details.tasks.into_iter().map(Into::into).collect(),
            is_locked: details.is_locked,
            status: self.progress.status()?,
            updated_at: self.progress.updated_at.into(),
        })
    }
}

/// What tells a stop's source from others of its kind: stops are found by it.
pub(crate) fn source_key(source: StopSource) -> Option<String> {
    match source {
        StopSource::Job | StopSource::Route => None,
        StopSource::ImportedStop(id) => Some(id.to_string()),
        StopSource::SavedStop(id) => Some(id.to_string()),
        StopSource::ShopifyOrder(id) => Some(id.to_string()),
    }
}

fn source(name: &str, key: Option<&str>) -> Result<StopSource, StoreError> {
    let unknown = || StoreError::corrupt(TABLE, "source", UnknownValue(name.to_owned()));
    let key = key.unwrap_or_default();
    let source = match name {
        "job" => Some(StopSource::Job),
        "route" => Some(StopSource::Route),
        "imported_stop" => key.parse().ok().map(StopSource::ImportedStop),
        "saved_stop" => key.parse().ok().map(StopSource::SavedStop),
        "shopify_order" => key.parse().ok().map(StopSource::ShopifyOrder),
        _ => None,
    };
    source.ok_or_else(unknown)
}

pub(super) fn priority(raw: f64, scale: &str) -> Result<Priority, StoreError> {
    let scale = parse_name(
        TABLE,
        "priority_scale",
        scale,
        &[PriorityScale::LowerFirst, PriorityScale::OneToTen],
        PriorityScale::as_str,
    )?;
    match scale {
        PriorityScale::LowerFirst => Priority::lower_first(raw),
        PriorityScale::OneToTen => Priority::one_to_ten(raw as u8),
    }
    .ok_or_else(|| StoreError::corrupt(TABLE, "priority", "out of range"))
}
