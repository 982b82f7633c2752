use std::sync::Arc;

use jiff::Timestamp;
use routemate_domain::{
    Address, Event, Itinerary, Job, JobId, Location, OrganizationId, Refusal, Route, RouteId, RouteStatus, Stop, StopId,
};
use routemate_persistence::{StoreError, Tx};
use routemate_units::{LatLng, Seconds};

use crate::audit::Actor;
use crate::idempotency::Stopped;
use crate::locating::{is_searched, is_terminal_searched};
use crate::planning::PlanRequest;
use crate::route_creation::SourceVersions;
use crate::route_storing::{Keep, NewDriver, Store, store_change};
use crate::{
    Answer, App, Error, ErrorKind, Idempotency, JobView, Noun, Principal, RenderWholeRoute, RouteChange, RouteKey,
    RouteView, StopOrder, WholeRoute,
};

/// How often a change is begun anew because another process was faster.
const ATTEMPTS: usize = 5;

/// What is to be changed, and for whom.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    who: &'a Principal,
    actor: Actor,
    key: RouteKey,
    change: &'a RouteChange,
    expected: Option<i64>,
    keep: Option<Keep<'a>>,
}

/// A route after a change, before it is planned again.
struct Applied {
    after: Itinerary,
    events: Vec<Event>,
    sources: SourceVersions,
}

impl Applied {
    fn silent(after: Itinerary) -> Self {
        Self { after, events: Vec::new(), sources: SourceVersions::default() }
    }

    fn telling(after: Itinerary, event: Event) -> Self {
        Self { events: vec![event], ..Self::silent(after) }
    }
}

impl App {
    /// Changes a route of the caller's organisation, plans what is still ahead on it, and tells whoever subscribes.
    ///
    /// A change that meets another one is begun anew, unless the caller has named the version it is meant for.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Refused`] where the state of route or stop does not allow it;
    /// [`ErrorKind::Invalid`] where a new stop is not known, or there would be too many; [`ErrorKind::Changed`] where the
    /// route no longer has the version `expected`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_route(
        &self,
        who: &Principal,
        route: RouteId,
        change: RouteChange,
        expected: Option<i64>,
    ) -> Result<RouteView, Error> {
        let WholeRoute { itinerary, driver, .. } = self.change_whole_route(who, route, change, expected).await?;
        Ok(RouteView { itinerary, driver })
    }

    /// As [`change_route`](Self::change_route), and tells of the job too that the route belongs to.
    ///
    /// # Errors
    /// As for [`change_route`](Self::change_route).
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_whole_route(
        &self,
        who: &Principal,
        route: RouteId,
        change: RouteChange,
        expected: Option<i64>,
    ) -> Result<WholeRoute, Error> {
        let actor = Actor::Integration(who.integration_id);
        self.change(Wanted { who, actor, key: RouteKey::Route(route), change: &change, expected, keep: None }).await
    }

    /// As [`change_route`](Self::change_route), for the route of a job of the calling integration.
    ///
    /// # Errors
    /// As for [`change_route`](Self::change_route).
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_job(
        &self,
        who: &Principal,
        job: JobId,
        change: RouteChange,
        expected: Option<i64>,
    ) -> Result<JobView, Error> {
        self.change_job_by(who, Actor::Integration(who.integration_id), job, &change, expected).await
    }

    /// As [`change_job`](Self::change_job), for an operator, who needs no credentials.
    ///
    /// # Errors
    /// As for [`change_route`](Self::change_route).
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_job_of_anybody(
        &self,
        job: JobId,
        change: RouteChange,
        expected: Option<i64>,
    ) -> Result<JobView, Error> {
        let who = self.holder_of_job(job).await?;
        self.change_job_by(&who, Actor::Operator, job, &change, expected).await
    }

    async fn change_job_by(
        &self,
        who: &Principal,
        actor: Actor,
        job: JobId,
        change: &RouteChange,
        expected: Option<i64>,
    ) -> Result<JobView, Error> {
        let standing =
            self.change(Wanted { who, actor, key: RouteKey::Job(job), change, expected, keep: None }).await?;
        JobView::of(standing).ok_or_else(|| ErrorKind::NotFound(Noun::Job).into())
    }

    async fn change(&self, wanted: Wanted<'_>) -> Result<WholeRoute, Error> {
        self.change_in_turn(wanted).await.map_err(|stopped| match stopped {
            Stopped::Failed(error) => error,
            // Only who keeps an answer can be too late for it.
            Stopped::Fenced => busy(),
        })
    }

    /// As [`change_whole_route`](Self::change_whole_route), or the same by a job of the calling integration, once for each
    /// idempotency key: a second call with the same one gets the first one's answer.
    ///
    /// # Errors
    /// As for [`change_route`](Self::change_route); [`ErrorKind::KeyReused`] where the key was used for another request.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_once_for_key(
        self: &Arc<Self>,
        who: &Principal,
        key: RouteKey,
        change: RouteChange,
        expected: Option<i64>,
        idempotency: &Idempotency,
        render: RenderWholeRoute,
    ) -> Result<Answer, Error> {
        let actor = Actor::Integration(who.integration_id);
        let (change, render) = (&change, &render);
        self.answer_once(who, Some(idempotency), |reservation| {
            Box::pin(async move {
                let keep = reservation.map(|reservation| Keep { reservation, render });
                Ok(render(&self.change_in_turn(Wanted { who, actor, key, change, expected, keep }).await?))
            })
        })
        .await
    }

    async fn change_in_turn(&self, wanted: Wanted<'_>) -> Result<WholeRoute, Stopped> {
        // At either door it is the route's turn.
        let route = match wanted.key {
            RouteKey::Route(route) => route,
            RouteKey::Job(job) => self.route_of_job(wanted.who.organization_id, job).await?,
        };
        let _turn = self.turns.take(route).await;
        for _ in 0..ATTEMPTS {
            match self.change_once(wanted).await {
                Err(Stopped::Failed(error))
                    if matches!(error.kind(), ErrorKind::Changed(_)) && wanted.expected.is_none() => {}
                outcome => return outcome,
            }
        }
        Err(busy().into())
    }

    async fn change_once(&self, wanted: Wanted<'_>) -> Result<WholeRoute, Stopped> {
        let Wanted { who, actor, key, change, expected, keep } = wanted;
        let noun = key.noun();
        let found = self.find_route_and_job(who.organization_id, key).await?;
        let is_mine = |job: &Option<Job>| match key {
            RouteKey::Route(_) => true,
            RouteKey::Job(_) => job.as_ref().is_some_and(|job| job.integration_id == who.integration_id),
        };
        let (before, job) = found.filter(|(_, job)| is_mine(job)).ok_or(Error::from(ErrorKind::NotFound(noun)))?;
        if expected.is_some_and(|expected| expected != before.route.version) {
            return Err(Error::from(ErrorKind::Changed(noun)).into());
        }
        let now = self.now();
        let Applied { mut after, mut events, sources } =
            self.apply(who, change, before.clone(), job.as_ref(), now).await?;
        if let Some(order) = change.order() {
            let day = job.as_ref().and_then(|job| job.scheduled_date);
            after = self.plan(after, PlanRequest { order, day, vehicle: who.vehicle }).await?;
            events.push(if order == StopOrder::Best { Event::RouteReoptimized } else { Event::RouteUpdated });
        }
        if matches!(after.route.status, RouteStatus::Completed { .. }) && after.route.status != before.route.status {
            events.push(Event::JobCompleted);
        }
        mark_changed(&before, &mut after, now);
        let is_searching = after.stops.iter().any(is_searched) || is_terminal_searched(&after.route);
        let was_changed = after.stops != before.stops;
        let order = change.order().unwrap_or_else(|| StopOrder::of(&after));
        let store = Store {
            app: self,
            noun,
            search: (is_searching && was_changed).then(|| self.address_search(&after.route, order, now)),
            driver: match change {
                RouteChange::Assign(driver) => Some(NewDriver::Driver(*driver)),
                RouteChange::AssignPerson { key, .. } => {
                    Some(NewDriver::Person(self.resolve_driver_plan(who, key, now)))
                }
                _ => None,
            },
            audit: self.audit(actor, change.action(), "route", after.route.id),
            job: job.map(|job| changed_job(job, change, now)),
            before,
            after,
            sources,
            events,
            keep,
            now,
        };
        self.store.write(&store, |tx, store| Box::pin(store_change(tx, store))).await
    }

    /// What a change does to a route before it is planned again.
    async fn apply(
        &self,
        who: &Principal,
        change: &RouteChange,
        before: Itinerary,
        job: Option<&Job>,
        now: Timestamp,
    ) -> Result<Applied, Error> {
        let stop = |id: &StopId| {
            let found = before.present_stops().find(|stop| stop.id == *id);
            found.cloned().ok_or_else(|| Error::from(ErrorKind::NotFound(Noun::Stop)))
        };
        let routed = |before: Itinerary, route: Result<Route, Refusal>, event: Event| {
            Ok(Applied::telling(Itinerary { route: route?, stops: before.stops }, event))
        };
        match change {
            RouteChange::AddStops { stops, position, .. } => {
                let added = self.new_route_stops(who, stops, &before, job, now).await?;
                let after = before.add_stops(added.stops, *position, now)?;
                Ok(Applied { sources: added.sources, ..Applied::silent(after) })
            }
            RouteChange::RemoveStops { stops, .. } => {
                for id in stops {
                    stop(id)?;
                }
                Ok(Applied::silent(before.remove_stops(stops, now)?))
            }
            RouteChange::MoveStop { stop: id, position } => {
                stop(id)?;
                Ok(Applied::silent(before.move_stop(*id, *position, now)?))
            }
            RouteChange::ReplaceItems { stop: id, items } => {
                stop(id)?;
                Ok(Applied::telling(before.replace_items(*id, items.clone(), now)?, Event::RouteUpdated))
            }
            RouteChange::CorrectStop { stop: id, address, position, .. } => {
                let old = stop(id)?;
                let corrected = self.corrected(who, old, address.clone(), *position).await?;
                Ok(Applied::silent(before.correct_stop(*id, address.clone(), corrected.location, now)?))
            }
            RouteChange::LockStop { stop: id, is_locked } => {
                stop(id)?;
                Ok(Applied::telling(before.lock_stop(*id, *is_locked, now)?, Event::RouteUpdated))
            }
            RouteChange::Describe { name, scheduled_for, .. } => {
                let after = before.describe(name.clone(), *scheduled_for, now)?;
                // What is planned again is told then.
                Ok(match scheduled_for {
                    None => Applied::telling(after, Event::RouteUpdated),
                    Some(_) => Applied::silent(after),
                })
            }
            RouteChange::SetEnds(ends) => Ok(Applied::silent(before.set_ends(*ends, now)?)),
            RouteChange::Reoptimize => Ok(Applied::silent(before.reopen("reoptimize", now)?)),
            // Who that is, and whether it may be, is decided within the transaction.
            RouteChange::Assign(_) | RouteChange::AssignPerson { .. } => {
                Ok(Applied::silent(before.reopen("assign", now)?))
            }
            RouteChange::Unassign => {
                let (route, is_told) = (before.route.clone().unassign(now), before.route.driver_id.is_some());
                let applied = routed(before, route, Event::JobUnassigned)?;
                Ok(if is_told { applied } else { Applied { events: Vec::new(), ..applied } })
            }
            RouteChange::Dispatch { until } => {
                let route = before.route.clone().dispatch(*until, now);
                routed(before, route, Event::RouteUpdated)
            }
            RouteChange::Undispatch => {
                let route = before.route.clone().undispatch(now);
                routed(before, route, Event::RouteUpdated)
            }
            RouteChange::Archive => {
                let route = before.route.clone().archive(now);
                routed(before, route, Event::RouteUpdated)
            }
            RouteChange::Unarchive => {
                let route = before.route.clone().unarchive(now);
                routed(before, Ok(route), Event::RouteUpdated)
            }
            RouteChange::Cancel => {
                let (after, events) = before.cancel(now)?;
                Ok(Applied { events, ..Applied::silent(after) })
            }
        }
    }

    /// A stop where it really is, as far as that can be found out in time.
    async fn corrected(
        &self,
        who: &Principal,
        stop: Stop,
        address: Option<Address>,
        position: Option<LatLng>,
    ) -> Result<Stop, Error> {
        let address = address.unwrap_or_else(|| stop.address.clone());
        let location = position.map_or(Location::Searching, Location::Supplied);
        let located = self.locate(who.organization_id, vec![Stop { address, location, ..stop.clone() }]).await?;
        Ok(located.into_iter().next().unwrap_or(stop))
    }

    async fn route_of_job(&self, organization: OrganizationId, job: JobId) -> Result<RouteId, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&(organization, job), |tx, (organization, job)| {
                Box::pin(async move { tx.organization(*organization).find_job(*job).await })
            })
            .await;
        Ok(found?.ok_or(ErrorKind::NotFound(Noun::Job))?.route_id)
    }

    /// A route with its job, if it is one of this organisation's; removed stops are there.
    pub(crate) async fn find_route_and_job(
        &self,
        organization: OrganizationId,
        key: RouteKey,
    ) -> Result<Option<(Itinerary, Option<Job>)>, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&(organization, key), |tx, (organization, key)| Box::pin(find_route_and_job(tx, *organization, *key)))
            .await;
        Ok(found?)
    }
}

impl RouteKey {
    /// What is not there where there is no such route.
    pub(crate) const fn noun(self) -> Noun {
        match self {
            Self::Route(_) => Noun::Route,
            Self::Job(_) => Noun::Job,
        }
    }
}

pub(crate) async fn find_route_and_job(
    tx: &mut Tx,
    organization: OrganizationId,
    key: RouteKey,
) -> Result<Option<(Itinerary, Option<Job>)>, StoreError> {
    let mut scope = tx.organization(organization);
    let (route, job) = match key {
        RouteKey::Route(route) => (route, scope.find_job_of_route(route).await?),
        RouteKey::Job(job) => match scope.find_job(job).await? {
            Some(job) => (job.route_id, Some(job)),
            None => return Ok(None),
        },
    };
    Ok(scope.find_itinerary(route).await?.map(|itinerary| (itinerary, job)))
}

/// Others are always faster.
fn busy() -> Error {
    ErrorKind::Unavailable { retry_after: Seconds::new(1) }.into()
}

fn changed_job(job: Job, change: &RouteChange, now: Timestamp) -> Job {
    match change {
        RouteChange::AssignPerson { email, key } => {
            Job { driver_email: email.clone(), driver_key: key.clone(), updated_at: now, ..job }
        }
        _ => Job { updated_at: now, ..job },
    }
}

/// Stops of which anything has changed have changed now.
fn mark_changed(before: &Itinerary, after: &mut Itinerary, now: Timestamp) {
    for stop in &mut after.stops {
        if before.stops.iter().find(|old| old.id == stop.id) != Some(stop) {
            stop.updated_at = now;
        }
    }
}
