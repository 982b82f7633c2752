use std::sync::Arc;

use jiff::Timestamp;
use routemate_domain::{
    AttemptedReason, Driver, Event, Itinerary, Job, JobId, OrganizationId, ProofOfDelivery, Refusal, RouteId, StopId,
    StopStatus,
};
use routemate_persistence::{StoreError, Tx};
use uuid::Uuid;

use crate::events::outbox_event;
use crate::{App, Error, ErrorKind, JobView, Noun, RouteView};

/// Something that a driver does on the road.
#[derive(Debug, Clone, PartialEq)]
pub enum DriverAct {
    /// Sets out.
    Start,
    /// Is at a stop.
    Arrive(StopId),
    /// Has done what was to be done at a stop.
    Complete(StopId, ProofOfDelivery),
    /// Was at a stop in vain.
    Fail {
        /// Which one.
        stop: StopId,
        /// Why.
        reason: AttemptedReason,
        /// In the driver's words.
        note: Option<String>,
        /// The evidence.
        proof: ProofOfDelivery,
    },
    /// Will not drive to a stop.
    Skip(StopId),
}

impl DriverAct {
    fn apply(self, itinerary: Itinerary, at: Timestamp) -> Result<(Itinerary, Vec<Event>), Refusal> {
        match self {
            Self::Start => itinerary.start(at),
            Self::Arrive(stop) => itinerary.arrive(stop, at),
            Self::Complete(stop, proof) => itinerary.complete(stop, at, proof),
            Self::Fail { stop, reason, note, proof } => itinerary.fail(stop, at, reason, note, proof),
            Self::Skip(stop) => itinerary.skip(stop, at),
        }
    }
}

struct Act {
    organization: OrganizationId,
    route: RouteKey,
    act: DriverAct,
    /// An act causes at most two events.
    event_ids: [Uuid; 2],
    now: Timestamp,
}

/// What a caller knows of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteKey {
    /// Its own id.
    Route(RouteId),
    /// Its job's.
    Job(JobId),
}

impl App {
    /// Records what a driver does on the route of a job, and tells whoever subscribes.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], or [`ErrorKind::Refused`] where the state of route or stop does not allow it.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn act(&self, organization: OrganizationId, job: JobId, act: DriverAct) -> Result<JobView, Error> {
        let (itinerary, job, driver) = self.record(organization, RouteKey::Job(job), act).await?;
        let job = job.ok_or(ErrorKind::NotFound(Noun::Job))?;
        Ok(JobView { job, itinerary, driver_user_id: driver.map(|driver| driver.user_id) })
    }

    /// As [`act`](Self::act), on any route.
    ///
    /// # Errors
    /// As for [`act`](Self::act).
    pub async fn act_on_route(
        &self,
        organization: OrganizationId,
        route: RouteId,
        act: DriverAct,
    ) -> Result<RouteView, Error> {
        let (itinerary, _, driver) = self.record(organization, RouteKey::Route(route), act).await?;
        Ok(RouteView { itinerary, driver })
    }

    async fn record(&self, organization: OrganizationId, route: RouteKey, act: DriverAct) -> Result<Acted, Error> {
        // Events of one instant are told in the order of their ids.
        let event_ids = [self.new_uuid(), self.new_uuid()];
        let act = Act { organization, route, act, event_ids, now: self.now() };
        self.store.write(&act, |tx, act| Box::pin(store_act(tx, act))).await
    }
}

type Acted = (Itinerary, Option<Job>, Option<Driver>);

async fn store_act(tx: &mut Tx, act: &Act) -> Result<Acted, Error> {
    let mut scope = tx.organization(act.organization);
    let (route, noun) = match act.route {
        RouteKey::Route(route) => (Some(route), Noun::Route),
        RouteKey::Job(job) => (scope.find_job(job).await?.map(|job| job.route_id), Noun::Job),
    };
    let route = route.ok_or(ErrorKind::NotFound(noun))?;
    scope.lock_route(route).await?;
    let Some(Itinerary { route, mut stops }) = scope.find_itinerary(route).await? else {
        return Err(ErrorKind::NotFound(noun).into());
    };
    stops.retain(|stop| stop.status != StopStatus::Removed);
    let mut job = scope.find_job_of_route(route.id).await?;
    let before = Itinerary { route, stops };
    let (mut itinerary, events) = act.act.clone().apply(before.clone(), act.now)?;
    if !scope.update_route(&itinerary.route).await? {
        return Err(lost_race().into());
    }
    itinerary.route.version += 1;
    for (old, new) in before.stops.iter().zip(&itinerary.stops) {
        if old != new {
            scope.update_stop_progress(new).await?;
        }
    }
    if let Some(job) = &mut job {
        scope.touch_job(job.id, act.now).await?;
        job.updated_at = act.now;
    }
    let told = (itinerary.route.id, job.as_ref());
    let events = act
        .event_ids
        .into_iter()
        .zip(events)
        .map(|(id, event)| outbox_event(id, event, told, &itinerary.stops))
        .collect::<Result<Vec<_>, _>>()?;
    scope.insert_events(&events, act.now).await?;
    let driver = match itinerary.route.driver_id {
        Some(driver) => scope.find_driver(driver).await?,
        None => None,
    };
    Ok((itinerary, job, driver))
}

/// Somebody else has changed the route since it was read: the store runs the body again, which reads it anew.
pub(crate) fn lost_race() -> StoreError {
    StoreError::Contended(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from("the route has changed")))
}
