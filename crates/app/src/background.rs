use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use routemate_domain::{Event, Itinerary, Job, JobId, Location, OrganizationId, RouteStatus, Stop, StopStatus};
use routemate_metrics::{WORK, WORK_DURATION};
use routemate_persistence::{AuditEntry, ClaimedWork, DueWork, NewWork, StoreError, Tx};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use crate::audit::Actor;
use crate::events::outbox_event;
use crate::jobs::find_in_organization;
use crate::locating::is_searched;
use crate::{App, Error, ErrorKind};

/// The kind of work that looks for a job's addresses again.
const FIND_ADDRESSES: &str = "find_addresses";

/// How long claimed work belongs to who claimed it.
const LEASE: Duration = Duration::from_secs(120);

/// After so long no further look begins: it ends, and what it found is planned and stored, before the lease does.
const SEARCH: Duration = Duration::from_secs(75);

/// Before each further attempt; after the last one what was not found counts as not to be found.
const RETRY_AFTER_S: [i64; 8] = [5, 30, 120, 600, 1_800, 7_200, 21_600, 43_200];

#[derive(Debug, Serialize, Deserialize)]
struct FindAddresses {
    job_id: Uuid,
}

/// How a turn of background work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkOutcome {
    /// Something was done.
    Done,
    /// It did not succeed and will be tried again.
    Retried,
    /// Somebody else had claimed it.
    Lost,
}

/// What a search for addresses has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// At least one stop has a place now.
    Places,
    /// Some stops are known to have none; where the others are is as before.
    Nothing,
}

impl Found {
    /// The name in the audit log.
    const fn action(self) -> &'static str {
        match self {
            Self::Places => "route.addresses_found",
            Self::Nothing => "route.addresses_not_found",
        }
    }
}

struct Replanned {
    job: Job,
    itinerary: Itinerary,
    is_reordered: bool,
    event: Uuid,
    audit: AuditEntry,
    now: Timestamp,
}

impl App {
    /// The work that looks for the addresses of a job which were not found in time.
    pub(crate) fn address_search(&self, job: &Job, now: Timestamp) -> NewWork {
        let payload = serde_json::json!({ "job_id": job.id.to_uuid().to_string() });
        NewWork {
            id: self.new_uuid(),
            kind: FIND_ADDRESSES,
            payload: payload.to_string(),
            dedupe_key: job.id.to_string(),
            run_at: now,
        }
    }

    /// Background work that is due.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn due_work(&self, most: i64) -> Result<Vec<DueWork>, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&(self.now(), most), |tx, (now, most)| Box::pin(tx.system_find_due_work(*now, *most)))
            .await;
        Ok(found?)
    }

    /// Claims and does one piece of work. Safe to be cut off anywhere: the lease runs out and somebody else does it.
    ///
    /// # Errors
    /// Those of the store; a failure of the work itself is recorded and tried again later.
    pub async fn do_work(&self, due: DueWork, owner: Uuid) -> Result<WorkOutcome, Error> {
        let begun = Instant::now();
        let span = tracing::info_span!("work", work.id = %due.id, work.kind = tracing::field::Empty);
        let outcome = self.claim_and_do(due, owner).instrument(span).await;
        WORK.increment([match &outcome {
            Ok(WorkOutcome::Done) => "done",
            Ok(WorkOutcome::Retried) => "retried",
            Ok(WorkOutcome::Lost) => "lost",
            Err(_) => "failed",
        }]);
        WORK_DURATION.record::<&'static str>([], begun.elapsed());
        outcome
    }

    async fn claim_and_do(&self, due: DueWork, owner: Uuid) -> Result<WorkOutcome, Error> {
        let now = self.now();
        let claimed: Result<_, StoreError> = self
            .store
            .write(&(due, owner, now), |tx, (due, owner, now)| {
                Box::pin(async move {
                    tx.organization(due.organization_id).claim_work(due.id, *owner, *now, *now + LEASE).await
                })
            })
            .await;
        let Some(work) = claimed? else {
            return Ok(WorkOutcome::Lost);
        };
        tracing::Span::current().record("work.kind", work.kind.as_str());
        let error = match self.run_work(&work).await {
            Ok(()) => {
                let finished: Result<bool, StoreError> = self
                    .store
                    .write(&work, |tx, work| {
                        Box::pin(async move { tx.organization(work.organization_id).finish_work(work).await })
                    })
                    .await;
                return Ok(if finished? { WorkOutcome::Done } else { WorkOutcome::Lost });
            }
            Err(error) => error,
        };
        tracing::warn!(error = &error as &dyn std::error::Error, work.kind, work.attempts, "background work failed");
        self.put_back(&work, &error.to_string()).await?;
        Ok(WorkOutcome::Retried)
    }

    async fn put_back(&self, work: &ClaimedWork, error: &str) -> Result<(), StoreError> {
        let run_at = self.now() + pause_before(work.attempts);
        self.store
            .write(&(work, run_at, error), |tx, (work, run_at, error)| {
                Box::pin(async move { tx.organization(work.organization_id).retry_work(work, *run_at, error).await })
            })
            .await
    }

    async fn run_work(&self, work: &ClaimedWork) -> Result<(), Error> {
        match work.kind.as_str() {
            FIND_ADDRESSES => {
                let payload: FindAddresses = serde_json::from_str(&work.payload).map_err(Error::internal)?;
                self.find_addresses(work, JobId::from_uuid(payload.job_id)).await
            }
            other => Err(Error::internal(format!("work of kind `{other}` is not known to this release"))),
        }
    }

    /// Looks for a job's missing addresses, puts what is found into place and, before the driver has set out, the whole
    /// route into its best order again.
    async fn find_addresses(&self, work: &ClaimedWork, id: JobId) -> Result<(), Error> {
        let is_last_attempt = usize::try_from(work.attempts).unwrap_or(usize::MAX) > RETRY_AFTER_S.len();
        let view: Result<_, StoreError> = self
            .store
            .read(&(work.organization_id, id), |tx, (organization, id)| {
                Box::pin(find_in_organization(tx, *organization, *id))
            })
            .await;
        // A job that was deleted meanwhile needs no addresses.
        let Some(view) = view? else { return Ok(()) };
        let before = view.itinerary.stops.clone();
        let mut stops = self.locate_patiently(work.organization_id, view.itinerary.stops).await?;
        let is_unfinished = stops.iter().any(is_searched);
        if is_last_attempt {
            for stop in stops.iter_mut().filter(|stop| is_searched(stop)) {
                stop.location = Location::unknown();
            }
        }
        if stops != before {
            let located = |stops: &[Stop]| stops.iter().filter(|stop| stop.location.position().is_some()).count();
            let found = if located(&stops) > located(&before) { Found::Places } else { Found::Nothing };
            let itinerary = Itinerary { route: view.itinerary.route, stops };
            self.replan(view.job, itinerary, found).await?;
        }
        if is_unfinished && !is_last_attempt {
            return Err(ErrorKind::Unavailable { retry_after: routemate_units::Seconds::new(5) }.into());
        }
        Ok(())
    }

    /// Looks again as long as each look brings something and there is time: a geocoder that may be asked once a second
    /// answers only so many in one.
    async fn locate_patiently(
        &self,
        organization: OrganizationId,
        mut stops: Vec<Stop>,
    ) -> Result<Vec<Stop>, StoreError> {
        let started = self.clock.monotonic();
        let open = |stops: &[Stop]| stops.iter().filter(|stop| is_searched(stop)).count();
        loop {
            let before = open(&stops);
            stops = self.locate(organization, stops).await?;
            let left = open(&stops);
            let is_late = self.clock.monotonic().saturating_sub(started) > SEARCH;
            if left == 0 || left == before || is_late {
                return Ok(stops);
            }
        }
    }

    async fn replan(&self, job: Job, itinerary: Itinerary, found: Found) -> Result<(), Error> {
        let Itinerary { mut route, stops } = itinerary;
        let now = self.now();
        let is_reordered = found == Found::Places
            && route.status == RouteStatus::Planned
            && stops.iter().all(|stop| stop.status == StopStatus::Pending);
        let mut stops = if is_reordered {
            let vehicle = self.vehicle_of(job.organization_id).await?;
            let plan = self.plan(stops, job.scheduled_date, &route.timezone.clone(), vehicle).await?;
            route.totals = plan.totals;
            route.optimality = plan.optimality;
            route.departure_at = plan.departure_at;
            plan.stops
        } else {
            stops
        };
        for stop in &mut stops {
            stop.updated_at = now;
        }
        route.updated_at = now;
        let audit = self.audit(Actor::System, found.action(), "route", route.id);
        let itinerary = Itinerary { route, stops };
        let plan = Replanned { job, itinerary, is_reordered, event: self.new_uuid(), audit, now };
        self.store.write(&plan, |tx, plan| Box::pin(store_replanned(tx, plan))).await
    }
}

async fn store_replanned(tx: &mut Tx, plan: &Replanned) -> Result<(), Error> {
    let Itinerary { route, stops } = &plan.itinerary;
    let mut scope = tx.organization(route.organization_id);
    // The driver may have set out meanwhile: then all of it is looked at again.
    if !scope.update_route(route).await? {
        return Err(Error::internal("the route has changed since it was read"));
    }
    for (position, stop) in stops.iter().enumerate() {
        scope.update_stop_sequence(position, stop).await?;
    }
    scope.touch_job(plan.job.id, plan.now).await?;
    scope.insert_audit(&plan.audit, plan.now).await?;
    if plan.is_reordered {
        scope.replace_line(route).await?;
        let event = outbox_event(plan.event, Event::RouteReoptimized, &plan.job, stops)?;
        scope.insert_events(&[event], plan.now).await?;
    }
    Ok(())
}

fn pause_before(attempts: i32) -> SignedDuration {
    let index = usize::try_from(attempts.max(1) - 1).unwrap_or_default().min(RETRY_AFTER_S.len() - 1);
    SignedDuration::from_secs(RETRY_AFTER_S.get(index).copied().unwrap_or(60))
}
