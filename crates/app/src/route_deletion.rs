use jiff::Timestamp;
use routemate_domain::{Event, JobId, Refusal, RouteId};
use routemate_persistence::{AuditEntry, Tx};
use uuid::Uuid;

use crate::audit::Actor;
use crate::driving::RouteKey;
use crate::events::outbox_event;
use crate::route_changes::find_route_and_job;
use crate::{App, Error, ErrorKind, Principal};

struct Deletion {
    who: Principal,
    key: RouteKey,
    expected: Option<i64>,
    event: Uuid,
    audit: AuditEntry,
    now: Timestamp,
}

impl App {
    /// Deletes a route that belongs to no job, with all that is known of it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Refused`] where its driver is on the way, or it is the route of a job, which
    /// goes with its job only; [`ErrorKind::Changed`] where it no longer has the version `expected`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_route(&self, who: &Principal, route: RouteId, expected: Option<i64>) -> Result<(), Error> {
        let audit = self.audit(Actor::Integration(who.integration_id), "route.deleted", "route", route);
        self.delete(who, RouteKey::Route(route), expected, audit).await
    }

    /// Deletes a job of the calling integration with its route; its external id is free from then on.
    ///
    /// # Errors
    /// As for [`delete_route`](Self::delete_route).
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_job(&self, who: &Principal, job: JobId, expected: Option<i64>) -> Result<(), Error> {
        let audit = self.audit(Actor::Integration(who.integration_id), "job.deleted", "job", job);
        self.delete(who, RouteKey::Job(job), expected, audit).await
    }

    /// As [`delete_job`](Self::delete_job), for an operator, who needs no credentials.
    ///
    /// # Errors
    /// As for [`delete_route`](Self::delete_route).
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_job_of_anybody(&self, job: JobId, expected: Option<i64>) -> Result<(), Error> {
        let who = self.holder_of_job(job).await?;
        let audit = self.audit(Actor::Operator, "job.deleted", "job", job);
        self.delete(&who, RouteKey::Job(job), expected, audit).await
    }

    async fn delete(
        &self,
        who: &Principal,
        key: RouteKey,
        expected: Option<i64>,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        let deletion = Deletion { who: who.clone(), key, expected, event: self.new_uuid(), audit, now: self.now() };
        self.store.write(&deletion, |tx, deletion| Box::pin(store_deletion(tx, deletion))).await
    }
}

async fn store_deletion(tx: &mut Tx, deletion: &Deletion) -> Result<(), Error> {
    let (organization, noun) = (deletion.who.organization_id, deletion.key.noun());
    let found = find_route_and_job(tx, organization, deletion.key).await?;
    let (itinerary, job) = found.ok_or(ErrorKind::NotFound(noun))?;
    let route = &itinerary.route;
    match (deletion.key, &job) {
        (RouteKey::Route(_), Some(_)) => {
            return Err(Refusal { noun: "a route", state: "part of a job", action: "delete" }.into());
        }
        (RouteKey::Job(_), Some(job)) if job.integration_id != deletion.who.integration_id => {
            return Err(ErrorKind::NotFound(noun).into());
        }
        _ => {}
    }
    if deletion.expected.is_some_and(|expected| expected != route.version) {
        return Err(ErrorKind::Changed(noun).into());
    }
    route.check_deletable()?;
    let mut scope = tx.organization(organization);
    if !scope.delete_route(route.id, route.version).await? {
        return Err(crate::driving::lost_race().into());
    }
    scope.insert_audit(&deletion.audit, deletion.now).await?;
    let told = if job.is_some() { Event::JobDeleted } else { Event::RouteDeleted };
    let event = outbox_event(deletion.event, told, (route.id, job.as_ref()), &[])?;
    Ok(scope.insert_events(&[event], deletion.now).await?)
}
