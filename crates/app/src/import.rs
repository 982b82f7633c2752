use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use routemate_domain::{
    Event, Itinerary, Job, JobId, Location, Route, RouteId, RouteStatus, RouteTotals, Stop, Terminal,
};
use routemate_metrics::{IMPORTED_STOPS, IMPORTS};
use routemate_persistence::{NewWork, Reservation, StoreError, Tx, TxError};
use uuid::Uuid;

use crate::events::outbox_event;
use crate::idempotency::{Claim, OK, REPLAYED_FOR, Stopped};
use crate::planning::{PlanRequest, StopOrder};
use crate::resolution::{ResolveDriver, foresee_driver, resolve_driver};
use crate::{Answer, App, Error, ErrorKind, Idempotency, ImportJob, ImportedJob, JobView, Principal, Replay};

/// Turns an imported job into the bytes of its answer, inside the transaction that stores both. May be called twice.
pub type Render = Arc<dyn Fn(&ImportedJob) -> Vec<u8> + Send + Sync>;

/// The word for it in metrics.
const fn outcome(answer: &Result<Answer, Error>) -> &'static str {
    match answer {
        Ok(Answer { replay: Replay::No, .. }) => "stored",
        Ok(_) => "replayed",
        Err(error) => match error.kind() {
            ErrorKind::Internal => "failed",
            ErrorKind::Unavailable { .. } => "unavailable",
            _ => "refused",
        },
    }
}

/// Everything the import's transaction writes.
struct ImportPlan<'a> {
    job: Job,
    route: Route,
    stops: Vec<Stop>,
    driver: ResolveDriver<'a>,
    assigned_event: Uuid,
    search: Option<NewWork>,
    answering: Answering,
    now: Timestamp,
}

/// How an import is answered.
struct Answering {
    reservation: Option<Reservation>,
    render: Render,
    /// The last answer that was rendered: what to say where COMMIT's own answer was lost but the job is there.
    rendered: Mutex<Vec<u8>>,
}

impl App {
    /// Imports a job: finds its addresses, orders its stops, finds its driver, and stores all of it at once with the
    /// answer. A second call with the same idempotency key gets the first one's answer.
    ///
    /// Runs to its end or leaves nothing: callers spawn it, so that a client that hangs up does not matter.
    ///
    /// # Errors
    /// [`ErrorKind::ExternalJobIdTaken`], or [`ErrorKind::Unavailable`] where the solver's queue is full or another call
    /// with the key takes too long.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn import_job(
        self: &Arc<Self>,
        who: &Principal,
        command: ImportJob,
        idempotency: Option<Idempotency>,
        render: Render,
    ) -> Result<Answer, Error> {
        let stops = command.stops.len();
        let answer = self.import_or_replay(who, command, idempotency, render).await;
        IMPORTS.increment([outcome(&answer)]);
        if answer.as_ref().is_ok_and(|answer| answer.replay == Replay::No) {
            IMPORTED_STOPS.add::<&'static str>([], u64::try_from(stops).unwrap_or_default());
            self.count_import(who.organization_id, who.integration_id, stops);
        }
        answer
    }

    /// What an import would lead to: its addresses are looked up, its stops ordered, its driver looked for; nothing is kept.
    /// The ids in the answer are of nothing.
    ///
    /// # Errors
    /// Those of [`import_job`](Self::import_job).
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn try_import(&self, who: &Principal, command: &ImportJob) -> Result<ImportedJob, Error> {
        self.solver.check_room()?;
        if let Some(taken) = self.find_taken(who, command).await? {
            return Err(ErrorKind::ExternalJobIdTaken(taken).into());
        }
        let now = self.now();
        let located = self.locate(who.organization_id, self.new_stops(command, now)).await?;
        let request = PlanRequest { order: StopOrder::Best, day: command.scheduled_date, vehicle: who.vehicle };
        let mut itinerary = self.plan(self.new_itinerary(who, command, located, now), request).await?;
        let plan = self.resolve_driver_plan(who, &command.driver_key, now);
        let foreseen: Result<_, StoreError> =
            self.store.read(&plan, |tx, plan| Box::pin(foresee_driver(tx, plan))).await;
        let foreseen = foreseen?;
        itinerary.route.driver_id = foreseen.driver.map(|(driver, _)| driver);
        let job = self.new_job(who, command, itinerary.route.id, now);
        let driver_user_id = foreseen.driver.map(|(_, user)| user);
        Ok(ImportedJob {
            view: JobView { job, itinerary, driver_user_id },
            is_kept: false,
            driver: foreseen.resolution,
        })
    }

    async fn import_or_replay(
        self: &Arc<Self>,
        who: &Principal,
        command: ImportJob,
        idempotency: Option<Idempotency>,
        render: Render,
    ) -> Result<Answer, Error> {
        // Told at once rather than after the addresses were looked up. What was answered before takes no solver.
        if let Err(no_room) = self.solver.check_room() {
            let known = match &idempotency {
                Some(request) => self.find_answer(who, request).await?,
                None => None,
            };
            return known.ok_or_else(|| no_room.into());
        }
        loop {
            let held = match &idempotency {
                None => None,
                Some(request) => match self.claim_key(who, request).await? {
                    Claim::Held(held) => Some(held),
                    Claim::Replay(answer) => return Ok(answer),
                },
            };
            let reservation = held.as_ref().map(|held| held.reservation);
            match self.import_reserved(who, &command, reservation, &render).await {
                Ok(body) => {
                    return Ok(Answer { body, replay: Replay::No });
                }
                // Too slow for its own lease: the answer is that of whoever took over.
                Err(Stopped::Fenced) => {}
                Err(Stopped::Failed(error)) => {
                    if let Some(reservation) = reservation {
                        // The job that is in the way may be the one that whoever took over has made of this request.
                        if matches!(error.kind(), ErrorKind::ExternalJobIdTaken(_))
                            && !self.prolong(who.organization_id, reservation).await?
                        {
                            continue;
                        }
                        self.free_key(who.organization_id, reservation).await;
                    }
                    return Err(error);
                }
            }
        }
    }

    async fn import_reserved(
        &self,
        who: &Principal,
        command: &ImportJob,
        reservation: Option<Reservation>,
        render: &Render,
    ) -> Result<Vec<u8>, Stopped> {
        // Asked before the work as well as within the transaction: most duplicates need no solver.
        if let Some(taken) = self.find_taken(who, command).await? {
            return Err(ErrorKind::ExternalJobIdTaken(taken).into());
        }
        let now = self.now();
        let located = self.locate(who.organization_id, self.new_stops(command, now)).await?;
        let request = PlanRequest { order: StopOrder::Best, day: command.scheduled_date, vehicle: who.vehicle };
        let planned = self.plan(self.new_itinerary(who, command, located, now), request).await?;
        let answering = Answering { reservation, render: Arc::clone(render), rendered: Mutex::default() };
        let plan = self.import_plan(who, command, planned, answering, now);
        #[cfg(not(feature = "acknowledge-before-commit"))]
        let stored = self.store.write(&plan, |tx, plan| Box::pin(store_import(tx, plan))).await;
        #[cfg(feature = "acknowledge-before-commit")]
        let stored = self.store.write_and_commit_later(&plan, |tx, plan| Box::pin(store_import(tx, plan))).await;
        match stored {
            Ok(body) => Ok(body),
            Err(stopped) => self.settle_import(who, command, &plan, stopped).await,
        }
    }

    /// Finds out what became of an import whose transaction did not end well.
    async fn settle_import(
        &self,
        who: &Principal,
        command: &ImportJob,
        plan: &ImportPlan<'_>,
        stopped: Stopped,
    ) -> Result<Vec<u8>, Stopped> {
        let cause = stopped.store_error();
        if !matches!(cause, Some(StoreError::UniqueViolation(_) | StoreError::UnknownOutcome(_))) {
            return Err(stopped);
        }
        match self.find_taken(who, command).await? {
            // It was committed after all; only the database's word for it was lost.
            Some(id) if id == plan.job.id => {
                Ok(std::mem::take(&mut *plan.answering.rendered.lock().unwrap_or_else(PoisonError::into_inner)))
            }
            Some(id) => Err(ErrorKind::ExternalJobIdTaken(id).into()),
            None => Err(stopped),
        }
    }

    async fn find_taken(&self, who: &Principal, command: &ImportJob) -> Result<Option<JobId>, StoreError> {
        self.store
            .read(&(who, &command.external_job_id), |tx, (who, id)| {
                Box::pin(async move {
                    let mut scope = tx.organization(who.organization_id);
                    let job = scope.find_job_by_external_id(who.integration_id, id.as_str()).await?;
                    Ok(job.map(|job| job.id))
                })
            })
            .await
    }

    /// The route of a job that is not planned yet.
    fn new_itinerary(&self, who: &Principal, command: &ImportJob, stops: Vec<Stop>, now: Timestamp) -> Itinerary {
        let route = Route {
            organization_id: who.organization_id,
            id: RouteId::from_uuid(self.new_uuid()),
            name: command.title.clone(),
            driver_id: None,
            status: RouteStatus::Planned,
            timezone: command.timezone.as_ref().unwrap_or(&who.timezone).clone(),
            scheduled_for: None,
            ends: who.route_ends,
            start: Terminal::default(),
            end: Terminal::default(),
            end_leg: None,
            departure_at: None,
            totals: RouteTotals::nothing(),
            optimality: None,
            dispatched_until: None,
            archived_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        Itinerary { route, stops }
    }

    fn new_job(&self, who: &Principal, command: &ImportJob, route: RouteId, now: Timestamp) -> Job {
        Job {
            organization_id: who.organization_id,
            id: JobId::from_uuid(self.new_uuid()),
            integration_id: who.integration_id,
            external_job_id: command.external_job_id.clone(),
            title: command.title.clone(),
            driver_email: command.driver_email.clone(),
            driver_key: command.driver_key.clone(),
            scheduled_date: command.scheduled_date,
            timezone: command.timezone.clone(),
            metadata: command.metadata.clone(),
            route_id: route,
            created_at: now,
            updated_at: now,
        }
    }

    fn import_plan(
        &self,
        who: &Principal,
        command: &ImportJob,
        planned: Itinerary,
        answering: Answering,
        now: Timestamp,
    ) -> ImportPlan<'_> {
        let Itinerary { route, stops } = planned;
        let job = self.new_job(who, command, route.id, now);
        let is_searching = stops.iter().any(|stop| stop.location == Location::Searching);
        ImportPlan {
            search: is_searching.then(|| self.address_search(&route, StopOrder::Best, now)),
            driver: self.resolve_driver_plan(who, &command.driver_key, now),
            assigned_event: self.new_uuid(),
            answering,
            stops,
            route,
            job,
            now,
        }
    }
}

/// The one transaction of an import: all of it, or nothing.
async fn store_import(tx: &mut Tx, plan: &ImportPlan<'_>) -> Result<Vec<u8>, Stopped> {
    let job = &plan.job;
    let mut scope = tx.organization(job.organization_id);
    if let Some(taken) = scope.find_job_by_external_id(job.integration_id, job.external_job_id.as_str()).await? {
        return Err(ErrorKind::ExternalJobIdTaken(taken.id).into());
    }
    let resolved = resolve_driver(tx, &plan.driver).await?;
    let mut route = plan.route.clone();
    if let Some((driver, _)) = resolved.driver {
        route = route.assign(driver, plan.now).map_err(Error::from)?;
    }
    let mut scope = tx.organization(job.organization_id);
    scope.insert_route(&route).await?;
    scope.insert_job(job).await?;
    scope.insert_stops(route.id, Some(job.id), &plan.stops).await?;
    if let Some(search) = &plan.search {
        scope.enqueue(search, plan.now).await?;
    }
    if let Some((driver, _)) = resolved.driver {
        let event = outbox_event(plan.assigned_event, Event::JobAssigned(driver), (route.id, Some(job)), &plan.stops)?;
        scope.insert_events(&[event], plan.now).await?;
    }
    let imported = ImportedJob {
        view: JobView {
            job: job.clone(),
            itinerary: Itinerary { route, stops: plan.stops.clone() },
            driver_user_id: resolved.driver.map(|(_, user)| user),
        },
        is_kept: true,
        driver: resolved.resolution,
    };
    let body = (plan.answering.render)(&imported);
    if let Some(reservation) = plan.answering.reservation
        && !scope.finish_key(reservation, OK, &body, plan.now + REPLAYED_FOR).await?
    {
        return Err(Stopped::Fenced);
    }
    plan.answering.rendered.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&body);
    Ok(body)
}
