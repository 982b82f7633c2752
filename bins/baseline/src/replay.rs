use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use routemate_auth::RollingWindow;
use routemate_domain::{Event, ExternalId, Integration, Itinerary, Job, JobId, RouteId, Stop, StopId};
use routemate_persistence::{
    DatabaseKind, IdempotencyKey, KeyState, OutboxEvent, Reservation, Store, StoreError, TokenRecord, Tx,
};
use serde_json::json;
use uuid::Uuid;

use crate::ids::{Ids, now, random};
use crate::template::{OPERATION, Template};

/// A request of the server whose statements can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// The import of a job as long as the template, with an idempotency key.
    Import,
    /// The query of the template's job by its external id.
    Status,
    /// The issue of a token to one client after the other.
    Token,
}

impl FromStr for Request {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "import" => Ok(Self::Import),
            "status" => Ok(Self::Status),
            "token" => Ok(Self::Token),
            other => Err(format!("`{other}` is none of import, status, token")),
        }
    }
}

/// Runs the statements of requests.
#[derive(Debug)]
pub struct Replay {
    store: Store,
    template: Template,
    ids: Ids,
    turn: AtomicUsize,
}

/// A copy of the template's job that is stored under new ids.
struct Copied {
    job: Job,
    itinerary: Itinerary,
    event: Option<OutboxEvent>,
    reservation: Reservation,
    answer: Vec<u8>,
    now: Timestamp,
}

impl Replay {
    /// Over a database with that template in it.
    #[must_use]
    pub fn new(store: Store, template: Template) -> Self {
        Self { store, template, ids: Ids::default(), turn: AtomicUsize::new(0) }
    }

    /// Runs the statements of one request; gives what was found or stored, as little dressed as a body can be.
    ///
    /// # Errors
    /// The store's.
    pub async fn run(&self, request: Request) -> Result<Vec<u8>, StoreError> {
        match request {
            Request::Import => self.import().await,
            Request::Status => self.status().await,
            Request::Token => self.token().await,
        }
    }

    async fn authenticate(&self) -> Result<(), StoreError> {
        self.store
            .read(&self.template.token_sha256, |tx, digest| {
                Box::pin(async move {
                    let Some(token) = tx.system_find_token(digest).await? else { return Ok(()) };
                    let mut scope = tx.organization(token.organization_id);
                    scope.find_integration(token.integration_id).await?;
                    scope.find_organization().await.map(drop)
                })
            })
            .await
    }

    async fn status(&self) -> Result<Vec<u8>, StoreError> {
        self.authenticate().await?;
        let found = self.store.read(&self.template, |tx, template| Box::pin(find_job(tx, template))).await?;
        Ok(found.map(|itinerary| raw(&itinerary)).unwrap_or_default())
    }

    async fn token(&self) -> Result<Vec<u8>, StoreError> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.template.clients.len().max(1);
        let Some(client) = self.template.clients.get(turn) else { return Ok(Vec::new()) };
        self.store
            .read(&client.client_id, |tx, client_id| {
                Box::pin(async move {
                    let Some((organization, integration)) = tx.system_find_client_id(client_id).await? else {
                        return Ok(());
                    };
                    let mut scope = tx.organization(organization);
                    scope.find_integration(integration).await?;
                    scope.find_organization().await.map(drop)
                })
            })
            .await?;
        let now = now();
        if self.store.kind() == DatabaseKind::Postgres {
            let plan = (client, self.ids.next(), now);
            self.store.write(&plan, |tx, (client, id, now)| Box::pin(count(tx, client, *id, *now))).await?;
        }
        let token = TokenRecord {
            token_sha256: random(),
            organization_id: client.organization_id,
            integration_id: client.id,
            epoch: client.epoch,
            expires_at: now + SignedDuration::from_hours(1),
        };
        self.store
            .write(&(token.clone(), now), |tx, (token, now)| Box::pin(tx.system_insert_token(token, *now)))
            .await?;
        Ok(token.token_sha256.to_vec())
    }

    async fn import(&self) -> Result<Vec<u8>, StoreError> {
        self.authenticate().await?;
        let external_job_id = format!("RAW-{}", self.ids.next());
        let Some(reservation) = self.reserve(&external_job_id).await? else { return Ok(Vec::new()) };
        self.find_taken(&external_job_id).await?;
        let copied = self.copied(&external_job_id, reservation);
        self.store.write(&copied, |tx, copied| Box::pin(store_copy(tx, copied))).await?;
        Ok(copied.answer)
    }

    async fn reserve(&self, external_job_id: &str) -> Result<Option<Reservation>, StoreError> {
        let now = now();
        let key = IdempotencyKey {
            integration_id: self.template.integration,
            operation: OPERATION,
            key: external_job_id.to_owned(),
            fingerprint: random(),
        };
        let plan = (self.template.organization, key, self.ids.next(), now);
        let state = self
            .store
            .write(&plan, |tx, (organization, key, id, now)| {
                Box::pin(async move {
                    let lease_until = *now + SignedDuration::from_secs(5);
                    tx.organization(*organization).reserve_key(key, *id, *now, lease_until).await
                })
            })
            .await?;
        Ok(match state {
            KeyState::Reserved(reservation) => Some(reservation),
            KeyState::Busy | KeyState::Finished(_) => None,
        })
    }

    async fn find_taken(&self, external_job_id: &str) -> Result<(), StoreError> {
        self.store
            .read(&(&self.template, external_job_id), |tx, (template, id)| {
                Box::pin(async move {
                    let mut scope = tx.organization(template.organization);
                    scope.find_job_by_external_id(template.integration, id).await.map(drop)
                })
            })
            .await
    }

    fn copied(&self, external_job_id: &str, reservation: Reservation) -> Copied {
        let template = &self.template;
        let mut route = template.itinerary.route.clone();
        route.id = RouteId::from_uuid(self.ids.next());
        let job = Job {
            id: JobId::from_uuid(self.ids.next()),
            route_id: route.id,
            external_job_id: ExternalId::parse(external_job_id)
                .unwrap_or_else(|_| template.job.external_job_id.clone()),
            ..template.job.clone()
        };
        let copy = |stop: &Stop| Stop { id: StopId::from_uuid(self.ids.next()), ..stop.clone() };
        let stops: Vec<Stop> = template.itinerary.stops.iter().map(copy).collect();
        let event = route.driver_id.map(|driver| OutboxEvent {
            id: self.ids.next(),
            event: Event::JobAssigned(driver),
            job_id: Some(job.id),
            route_id: route.id,
            payload: json!({
                "job_id": job.id.to_string(), "external_job_id": external_job_id, "driver_id": driver.to_string(),
            })
            .to_string(),
        });
        let answer = template.answer.clone();
        Copied { job, itinerary: Itinerary { route, stops }, event, reservation, answer, now: now() }
    }
}

async fn find_job(tx: &mut Tx, template: &Template) -> Result<Option<Itinerary>, StoreError> {
    let mut scope = tx.organization(template.organization);
    let external_job_id = template.job.external_job_id.as_str();
    let Some(job) = scope.find_job_by_external_id(template.integration, external_job_id).await? else {
        return Ok(None);
    };
    let found = scope.find_itinerary(job.route_id).await?;
    if let Some(driver) = found.as_ref().and_then(|itinerary| itinerary.route.driver_id) {
        scope.find_driver(driver).await?;
    }
    Ok(found)
}

/// The minute of a client's token requests, which the processes on one PostgreSQL share.
async fn count(tx: &mut Tx, client: &Integration, new_id: Uuid, now: Timestamp) -> Result<(), StoreError> {
    let mut scope = tx.organization(client.organization_id);
    let mut stored = scope.lock_rate_window(client.id, "token", new_id, now).await?;
    let mut window = RollingWindow::from_hits(stored.hits.iter().copied());
    window.admit(NonZeroU32::MAX, now);
    stored.hits = window.hits().collect();
    scope.update_rate_window(&stored, now).await
}

async fn store_copy(tx: &mut Tx, copied: &Copied) -> Result<(), StoreError> {
    let Copied { job, itinerary, event, reservation, answer, now } = copied;
    tx.organization(job.organization_id)
        .find_job_by_external_id(job.integration_id, job.external_job_id.as_str())
        .await?;
    if let Some(user) = tx.system_find_user(&job.driver_key).await? {
        tx.organization(job.organization_id).hold_active_driver_of_user(user.id).await?;
    }
    let mut scope = tx.organization(job.organization_id);
    scope.insert_route(&itinerary.route).await?;
    scope.insert_job(job).await?;
    scope.insert_stops(itinerary.route.id, Some(job.id), &itinerary.stops).await?;
    if let Some(event) = event {
        scope.insert_events(std::slice::from_ref(event), *now).await?;
    }
    scope.finish_key(*reservation, 200, answer, *now + SignedDuration::from_hours(24)).await.map(drop)
}

/// The rows as they are, one array for each stop.
fn raw(itinerary: &Itinerary) -> Vec<u8> {
    let stop = |stop: &Stop| {
        let position = stop.location.position();
        json!([
            stop.id.to_string(),
            stop.external_id.as_ref().map(|id| id.as_str()),
            stop.address.line1.as_str(),
            position.map(|position| position.lat()),
            position.map(|position| position.lng()),
            stop.note.as_ref().map(|note| note.as_str()),
            stop.status.as_str(),
        ])
    };
    serde_json::to_vec(&itinerary.stops.iter().map(stop).collect::<Vec<_>>()).unwrap_or_default()
}
