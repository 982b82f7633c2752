use std::sync::Arc;

use jiff::Timestamp;
use routemate_domain::{AttemptedReason, Event, Itinerary, JobId, OrganizationId, ProofOfDelivery, Refusal, StopId};
use routemate_persistence::{StoreError, Tx};
use uuid::Uuid;

use crate::events::outbox_event;
use crate::{App, Error, ErrorKind, JobView, Noun, jobs};

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
    job: JobId,
    act: DriverAct,
    /// An act causes at most two events.
    event_ids: [Uuid; 2],
    now: Timestamp,
}

impl App {
    /// Records what a driver does, and tells whoever subscribes.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], or [`ErrorKind::Refused`] where the state of route or stop does not allow it.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn act(&self, organization: OrganizationId, job: JobId, act: DriverAct) -> Result<JobView, Error> {
        // Events of one instant are told in the order of their ids.
        let event_ids = [self.new_uuid(), self.new_uuid()];
        let act = Act { organization, job, act, event_ids, now: self.now() };
        self.store.write(&act, |tx, act| Box::pin(store_act(tx, act))).await
    }
}

async fn store_act(tx: &mut Tx, act: &Act) -> Result<JobView, Error> {
    let mut scope = tx.organization(act.organization);
    let job = scope.find_job(act.job).await?.ok_or(ErrorKind::NotFound(Noun::Job))?;
    scope.lock_route(job.route_id).await?;
    let view = jobs::view(tx, job).await?;
    let JobView { mut job, itinerary, driver_user_id } = view.ok_or(ErrorKind::NotFound(Noun::Job))?;
    let before = itinerary.clone();
    let (mut itinerary, events) = act.act.clone().apply(itinerary, act.now)?;
    let mut scope = tx.organization(act.organization);
    if !scope.update_route(&itinerary.route).await? {
        return Err(lost_race().into());
    }
    itinerary.route.version += 1;
    for (old, new) in before.stops.iter().zip(&itinerary.stops) {
        if old != new {
            scope.update_stop_progress(new).await?;
        }
    }
    scope.touch_job(job.id, act.now).await?;
    job.updated_at = act.now;
    let events = act
        .event_ids
        .into_iter()
        .zip(events)
        .map(|(id, event)| outbox_event(id, event, &job, &itinerary.stops))
        .collect::<Result<Vec<_>, _>>()?;
    scope.insert_events(&events, act.now).await?;
    Ok(JobView { job, itinerary, driver_user_id })
}

/// Somebody else has changed the route since it was read: the store runs the body again, which reads it anew.
fn lost_race() -> StoreError {
    StoreError::Contended(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from("the route has changed")))
}
