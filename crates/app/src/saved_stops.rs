use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use routemate_domain::{FreeText, Location, OrganizationId, SavedStop, SavedStopId, StopRequest, StopSource};
use routemate_persistence::{AuditEntry, Reservation, Scope, StoreError, Tx};

use crate::audit::Actor;
use crate::idempotency::{Stopped, keep_answer};
use crate::imported_stops::location_of;
use crate::refreshing::{Fresh, Refresh, refresh_routes};
use crate::{Answer, App, Error, ErrorKind, Idempotency, Noun, Principal};

/// What entries of the audit log call it.
const NOUN: &str = "saved_stop";

/// A stop to keep, or what a kept one is to be from now on.
#[derive(Debug, Clone)]
pub struct SaveStop {
    /// What people call it.
    pub name: FreeText,
    /// What is wanted there.
    pub request: StopRequest,
}

/// Whose saved stop it is, and who does something with it.
#[derive(Debug, Clone, Copy)]
struct Caller {
    organization: OrganizationId,
    actor: Actor,
}

impl From<&Principal> for Caller {
    fn from(who: &Principal) -> Self {
        Self { organization: who.organization_id, actor: Actor::Integration(who.integration_id) }
    }
}

impl From<OrganizationId> for Caller {
    fn from(organization: OrganizationId) -> Self {
        Self { organization, actor: Actor::Operator }
    }
}

/// Turns a saved stop into the bytes of its answer, inside the transaction that stores both. May be called twice.
pub type RenderSavedStop = Arc<dyn Fn(&SavedStop) -> Vec<u8> + Send + Sync>;

/// What the transaction of a new saved stop writes.
struct Creation<'a> {
    app: &'a App,
    stop: SavedStop,
    audit: AuditEntry,
}

/// The same, with the answer that is stored with it.
struct Answered<'a> {
    creation: Creation<'a>,
    reservation: Option<Reservation>,
    render: &'a RenderSavedStop,
}

/// What the transaction of a change writes.
struct Change<'a> {
    app: &'a App,
    caller: Caller,
    id: SavedStopId,
    command: &'a SaveStop,
    expected: Option<i64>,
    now: Timestamp,
}

impl App {
    /// Keeps a stop to be used again and again, and stores the answer with it: a second call with the same idempotency key
    /// gets the first one's. An address without coordinates is looked up in the background.
    ///
    /// # Errors
    /// [`ErrorKind::KeyReused`] where the key was used for another request; [`ErrorKind::Unavailable`] where another call
    /// with the key takes too long, or nobody knows whether it was written.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn save_stop(
        self: &Arc<Self>,
        who: &Principal,
        command: SaveStop,
        idempotency: Option<Idempotency>,
        render: RenderSavedStop,
    ) -> Result<Answer, Error> {
        let (command, render) = (&command, &render);
        self.answer_once(who, idempotency.as_ref(), |reservation| {
            Box::pin(async move {
                let creation = self.new_saved_stop(who.into(), command);
                let answered = Answered { creation, reservation, render };
                self.store.write(&answered, |tx, answered| Box::pin(store_answered(tx, answered))).await
            })
        })
        .await
    }

    /// As [`save_stop`](Self::save_stop), for an operator, who needs no credentials.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such organisation.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn save_stop_by_operator(
        &self,
        organization: OrganizationId,
        command: &SaveStop,
    ) -> Result<SavedStop, Error> {
        self.organization(organization).await?;
        let creation = self.new_saved_stop(organization.into(), command);
        self.store.write(&creation, |tx, creation| Box::pin(store_creation(tx, creation))).await
    }

    fn new_saved_stop(&self, caller: Caller, command: &SaveStop) -> Creation<'_> {
        let now = self.now();
        let stop = SavedStop {
            organization_id: caller.organization,
            id: SavedStopId::from_uuid(self.new_uuid()),
            name: command.name.clone(),
            location: location_of(&command.request, None),
            request: command.request.clone(),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        Creation { app: self, audit: self.audit(caller.actor, "saved_stop.created", NOUN, stop.id), stop }
    }

    /// Saved stops of an organisation, the latest made first; so many at most. Only those made before one where it is given,
    /// and with `text` in name, address or contact where that is; case is ignored.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn saved_stops(
        &self,
        organization: OrganizationId,
        text: Option<&str>,
        before: Option<SavedStopId>,
        most: usize,
    ) -> Result<Vec<SavedStop>, Error> {
        // PostgreSQL's text cannot hold U+0000, so no saved stop has such a word.
        if text.is_some_and(|text| text.contains('\0')) {
            return Ok(Vec::new());
        }
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let found: Result<_, StoreError> = self
            .store
            .read(&(organization, text, before, most), |tx, (organization, text, before, most)| {
                Box::pin(async move { tx.organization(*organization).find_saved_stops(*text, *before, *most).await })
            })
            .await;
        Ok(found?)
    }

    /// A saved stop as it stands.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], also for those of other organisations.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn saved_stop(&self, organization: OrganizationId, id: SavedStopId) -> Result<SavedStop, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&(organization, id), |tx, (organization, id)| {
                Box::pin(async move { tx.organization(*organization).find_saved_stop(*id).await })
            })
            .await;
        found?.ok_or_else(|| ErrorKind::NotFound(Noun::SavedStop).into())
    }

    /// Replaces a saved stop as a whole. Unstarted routes that hold it take over what has changed; an address that is the
    /// same as before stays where it was found.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Changed`] where it no longer has the version `expected`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_saved_stop(
        &self,
        who: &Principal,
        id: SavedStopId,
        command: &SaveStop,
        expected: Option<i64>,
    ) -> Result<SavedStop, Error> {
        self.replace_saved_stop(who.into(), id, command, expected).await
    }

    /// As [`change_saved_stop`](Self::change_saved_stop), for an operator, who needs no credentials.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_saved_stop_by_operator(
        &self,
        organization: OrganizationId,
        id: SavedStopId,
        command: &SaveStop,
    ) -> Result<SavedStop, Error> {
        self.replace_saved_stop(organization.into(), id, command, None).await
    }

    async fn replace_saved_stop(
        &self,
        caller: Caller,
        id: SavedStopId,
        command: &SaveStop,
        expected: Option<i64>,
    ) -> Result<SavedStop, Error> {
        let change = Change { app: self, caller, id, command, expected, now: self.now() };
        self.store.write(&change, |tx, change| Box::pin(store_change(tx, change))).await
    }

    /// Deletes a saved stop. Stops on routes that were made from it stay as they are.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Changed`] where it no longer has the version `expected`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_saved_stop(
        &self,
        who: &Principal,
        id: SavedStopId,
        expected: Option<i64>,
    ) -> Result<(), Error> {
        self.remove_saved_stop(who.into(), id, expected).await
    }

    /// As [`delete_saved_stop`](Self::delete_saved_stop), for an operator, who needs no credentials.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_saved_stop_by_operator(
        &self,
        organization: OrganizationId,
        id: SavedStopId,
    ) -> Result<(), Error> {
        self.remove_saved_stop(organization.into(), id, None).await
    }

    async fn remove_saved_stop(&self, caller: Caller, id: SavedStopId, expected: Option<i64>) -> Result<(), Error> {
        let audit = self.audit(caller.actor, "saved_stop.deleted", NOUN, id);
        let plan = (caller.organization, id, expected, audit, self.now());
        self.store
            .write(&plan, |tx, (organization, id, expected, audit, now)| {
                Box::pin(async move {
                    let mut scope = tx.organization(*organization);
                    let stop = find_expected(&mut scope, *id, *expected).await?;
                    if !scope.delete_saved_stop(*id, stop.version).await? {
                        return Err(crate::driving::lost_race().into());
                    }
                    Ok(scope.insert_audit(audit, *now).await?)
                })
            })
            .await
    }
}

async fn store_creation(tx: &mut Tx, creation: &Creation<'_>) -> Result<SavedStop, Error> {
    let Creation { app, stop, audit } = creation;
    let mut scope = tx.organization(stop.organization_id);
    scope.insert_saved_stop(stop).await?;
    search(app, &mut scope, stop).await?;
    scope.insert_audit(audit, stop.created_at).await?;
    Ok(stop.clone())
}

async fn store_answered(tx: &mut Tx, answered: &Answered<'_>) -> Result<Vec<u8>, Stopped> {
    let Answered { creation, reservation, render } = answered;
    let stop = store_creation(tx, creation).await?;
    let mut scope = tx.organization(stop.organization_id);
    keep_answer(&mut scope, *reservation, render(&stop), stop.created_at).await
}

/// The saved stop, if it still has the version that the caller means.
async fn find_expected(scope: &mut Scope<'_>, id: SavedStopId, expected: Option<i64>) -> Result<SavedStop, Error> {
    let stop = scope.find_saved_stop(id).await?.ok_or(ErrorKind::NotFound(Noun::SavedStop))?;
    match expected {
        Some(expected) if expected != stop.version => Err(ErrorKind::Changed(Noun::SavedStop).into()),
        _ => Ok(stop),
    }
}

async fn store_change(tx: &mut Tx, change: &Change<'_>) -> Result<SavedStop, Error> {
    let Change { app, caller, id, command, expected, now } = *change;
    let mut scope = tx.organization(caller.organization);
    let before = find_expected(&mut scope, id, expected).await?;
    let mut after = SavedStop {
        name: command.name.clone(),
        request: command.request.clone(),
        location: location_of(&command.request, Some((&before.request.address, &before.location))),
        updated_at: now,
        ..before.clone()
    };
    if !scope.update_saved_stop(&after).await? {
        return Err(crate::driving::lost_race().into());
    }
    after.version += 1;
    // A search that was queued for the address that it had looks at what it has become.
    if before.location != Location::Searching || before.request.address != after.request.address {
        search(app, &mut scope, &after).await?;
    }
    scope.insert_audit(&app.audit(caller.actor, "saved_stop.changed", NOUN, id), now).await?;
    if before.request != after.request {
        let fresh = Fresh { request: &after.request, location: &after.location };
        let refresh = Refresh {
            app,
            organization: caller.organization,
            actor: caller.actor,
            fresh: HashMap::from([(StopSource::SavedStop(id), fresh)]),
            now,
        };
        refresh_routes(tx, &refresh).await?;
    }
    Ok(after)
}

/// Queues the search for its address, where it has one to be found.
async fn search(app: &App, scope: &mut Scope<'_>, stop: &SavedStop) -> Result<(), Error> {
    if stop.location == Location::Searching {
        let source = StopSource::SavedStop(stop.id);
        for work in app.stop_searches([source].into_iter(), stop.updated_at)? {
            scope.enqueue(&work, stop.updated_at).await?;
        }
    }
    Ok(())
}
