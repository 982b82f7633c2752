use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use routemate_domain::{
    Event, Itinerary, Job, JobId, Location, OrganizationId, Route, RouteId, RouteStatus, Stop, StopStatus,
};
use routemate_metrics::{WORK, WORK_DURATION};
use routemate_persistence::{AuditEntry, ClaimedWork, DueWork, NewWork, OutboxEvent, StoreError, Tx};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use crate::audit::Actor;
use crate::driving::RouteKey;
use crate::events::outbox_event;
use crate::locating::{is_searched, is_terminal_searched};
use crate::planning::PlanRequest;
use crate::stop_search::FIND_STOPS;
use crate::{App, Error, ErrorKind, StopOrder};

/// The kind of work that looks for a route's addresses again.
const FIND_ADDRESSES: &str = "find_addresses";

/// The kind of work that plans an unstarted route again because something of its stops has changed.
const PLAN_ROUTE: &str = "plan_route";

/// How long claimed work belongs to who claimed it.
const LEASE: Duration = Duration::from_secs(120);

/// After so long no further look begins: it ends, and what it found is planned and stored, before the lease does.
pub(crate) const SEARCH: Duration = Duration::from_secs(75);

/// Before each further attempt; after the last one what was not found counts as not to be found.
const RETRY_AFTER_S: [i64; 8] = [5, 30, 120, 600, 1_800, 7_200, 21_600, 43_200];

/// Which route the work is about.
#[derive(Debug, Serialize, Deserialize)]
struct RouteWork {
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    route_id: Option<Uuid>,
    /// Its job's, in work that an earlier release has queued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    job_id: Option<Uuid>,
    /// Whether the order is the one given, where no plan tells.
    #[serde(default)]
    is_order_given: bool,
}

/// When a route is planned again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Replanning {
    /// When a place was found.
    WhenFound,
    /// In any case.
    Always,
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
    job: Option<JobId>,
    itinerary: Itinerary,
    is_planned: bool,
    event: Option<OutboxEvent>,
    audit: AuditEntry,
    now: Timestamp,
}

impl App {
    /// The work that looks for the addresses of a route, as it stands in this version, which were not found in time.
    pub(crate) fn address_search(&self, route: &Route, order: StopOrder, now: Timestamp) -> NewWork {
        let payload = serde_json::json!({
            "route_id": route.id.to_string(),
            "is_order_given": order == StopOrder::Given,
        });
        NewWork {
            id: self.new_uuid(),
            kind: FIND_ADDRESSES,
            payload: payload.to_string(),
            // A search that has failed and waits must not hold up one for stops that are new.
            dedupe_key: format!("{}:{}", route.id, route.version),
            run_at: now,
        }
    }

    /// The work that plans a route again because something of its stops has changed, unless it has started by then.
    /// Stops that are searched for are looked up first.
    pub(crate) fn route_planning(&self, route: &Route, now: Timestamp) -> NewWork {
        NewWork {
            id: self.new_uuid(),
            kind: PLAN_ROUTE,
            payload: serde_json::json!({ "route_id": route.id.to_string() }).to_string(),
            // Whoever is planning it at this moment may have read what it was before.
            dedupe_key: format!("{}:{}", route.id, route.version),
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
        let replanning = match work.kind.as_str() {
            FIND_ADDRESSES => Replanning::WhenFound,
            PLAN_ROUTE => Replanning::Always,
            FIND_STOPS => return self.find_stops(work).await,
            other => return Err(Error::internal(format!("work of kind `{other}` is not known to this release"))),
        };
        let payload: RouteWork = serde_json::from_str(&work.payload).map_err(Error::internal)?;
        self.find_addresses(work, &payload, replanning).await
    }

    /// Looks for a route's missing addresses, puts what is found into place and, before the driver has set out, plans the
    /// whole route again.
    async fn find_addresses(
        &self,
        work: &ClaimedWork,
        payload: &RouteWork,
        replanning: Replanning,
    ) -> Result<(), Error> {
        let is_last_attempt = is_last_attempt(work);
        let key = match (payload.route_id, payload.job_id) {
            (Some(route), _) => RouteKey::Route(RouteId::from_uuid(route)),
            (None, Some(job)) => RouteKey::Job(JobId::from_uuid(job)),
            (None, None) => return Err(Error::internal("the work names no route")),
        };
        // A route that was deleted meanwhile needs no addresses.
        let Some((itinerary, job)) = self.find_route_and_job(work.organization_id, key).await? else { return Ok(()) };
        if itinerary.route.status.is_over() {
            return Ok(());
        }
        let is_missing =
            |itinerary: &Itinerary| itinerary.stops.iter().any(is_searched) || is_terminal_searched(&itinerary.route);
        let before = itinerary.clone();
        let Itinerary { route, stops } = itinerary;
        let route = self.locate_terminals(route).await?;
        let mut itinerary = Itinerary { stops: self.locate_patiently(work.organization_id, stops).await?, route };
        let is_unfinished = is_missing(&itinerary);
        if is_last_attempt {
            give_up(&mut itinerary);
        }
        let is_replanned = replanning == Replanning::Always && before.route.status == RouteStatus::Planned;
        if itinerary != before || is_replanned {
            let located = |itinerary: &Itinerary| {
                let stops = itinerary.stops.iter().filter(|stop| stop.location.position().is_some()).count();
                let ends = [&itinerary.route.start, &itinerary.route.end];
                stops
                    + ends
                        .iter()
                        .filter(|end| end.location.as_ref().is_some_and(|place| place.position().is_some()))
                        .count()
            };
            let found = if located(&itinerary) > located(&before) { Found::Places } else { Found::Nothing };
            let order = match itinerary.stops.iter().any(|stop| stop.planned.is_some()) {
                true => StopOrder::of(&itinerary),
                false if payload.is_order_given => StopOrder::Given,
                false => StopOrder::Best,
            };
            let is_planned = is_replanned || found == Found::Places;
            self.replan(job, itinerary, found, is_planned.then_some(order)).await?;
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

    /// Stores what was found, with a new plan in this order where the driver has not set out.
    async fn replan(
        &self,
        job: Option<Job>,
        mut itinerary: Itinerary,
        found: Found,
        order: Option<StopOrder>,
    ) -> Result<(), Error> {
        let now = self.now();
        let is_untouched = itinerary.route.status == RouteStatus::Planned
            && itinerary.stops.iter().all(|stop| matches!(stop.status, StopStatus::Pending | StopStatus::Removed));
        let order = order.filter(|_| is_untouched);
        if let Some(order) = order {
            let vehicle = self.vehicle_of(itinerary.route.organization_id).await?;
            let day = job.as_ref().and_then(|job| job.scheduled_date);
            itinerary = self.plan(itinerary, PlanRequest { order, day, vehicle }).await?;
        }
        for stop in itinerary.stops.iter_mut().filter(|stop| stop.status != StopStatus::Removed) {
            stop.updated_at = now;
        }
        itinerary.route.updated_at = now;
        let told = (itinerary.route.id, job.as_ref());
        let event = match order {
            Some(StopOrder::Best) => Some(Event::RouteReoptimized),
            Some(StopOrder::Given) => Some(Event::RouteUpdated),
            None => None,
        };
        let event = event.map(|event| outbox_event(self.new_uuid(), event, told, &itinerary.stops)).transpose()?;
        let audit = self.audit(Actor::System, found.action(), "route", itinerary.route.id);
        let job = job.map(|job| job.id);
        let plan = Replanned { job, itinerary, is_planned: order.is_some(), event, audit, now };
        self.store.write(&plan, |tx, plan| Box::pin(store_replanned(tx, plan))).await
    }
}

/// What was not found by now does not exist.
fn give_up(itinerary: &mut Itinerary) {
    for stop in itinerary.stops.iter_mut().filter(|stop| is_searched(stop)) {
        stop.location = Location::unknown();
    }
    for end in [&mut itinerary.route.start, &mut itinerary.route.end] {
        if end.location == Some(Location::Searching) {
            end.location = Some(Location::unknown());
        }
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
    if let Some(job) = plan.job {
        scope.touch_job(job, plan.now).await?;
    }
    scope.insert_audit(&plan.audit, plan.now).await?;
    if plan.is_planned {
        scope.replace_line(route).await?;
    }
    scope.insert_events(plan.event.as_slice(), plan.now).await?;
    Ok(())
}

/// Whether nothing of this work is tried again.
pub(crate) fn is_last_attempt(work: &ClaimedWork) -> bool {
    usize::try_from(work.attempts).unwrap_or(usize::MAX) > RETRY_AFTER_S.len()
}

fn pause_before(attempts: i32) -> SignedDuration {
    let index = usize::try_from(attempts.max(1) - 1).unwrap_or_default().min(RETRY_AFTER_S.len() - 1);
    SignedDuration::from_secs(RETRY_AFTER_S.get(index).copied().unwrap_or(60))
}
