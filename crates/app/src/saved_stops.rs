use std::collections::HashMap;

use jiff::Timestamp;
use routemate_domain::{FreeText, Location, SavedStop, SavedStopId, StopRequest, StopSource};
use routemate_persistence::{AuditEntry, Scope, StoreError, Tx};

use crate::audit::Actor;
use crate::imported_stops::location_of;
use crate::refreshing::{Fresh, Refresh, refresh_routes};
use crate::{App, Error, ErrorKind, Noun, Principal};

/// A stop to keep, or what a kept one is to be from now on.
#[derive(Debug, Clone)]
pub struct SaveStop {
    /// What people call it.
    pub name: FreeText,
    /// What is wanted there.
    pub request: StopRequest,
}

/// What the transaction of a change writes.
struct Change<'a> {
    app: &'a App,
    who: &'a Principal,
    id: SavedStopId,
    command: &'a SaveStop,
    expected: Option<i64>,
    now: Timestamp,
}

impl App {
    /// Keeps a stop to be used again and again. An address without coordinates is looked up in the background.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn save_stop(&self, who: &Principal, command: SaveStop) -> Result<SavedStop, Error> {
        let now = self.now();
        let stop = SavedStop {
            organization_id: who.organization_id,
            id: SavedStopId::from_uuid(self.new_uuid()),
            name: command.name,
            location: location_of(&command.request, None),
            request: command.request,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let audit = self.saved_stop_audit(who, "saved_stop.created", stop.id);
        let plan = (self, stop, audit);
        self.store
            .write(&plan, |tx, (app, stop, audit)| {
                Box::pin(async move {
                    let mut scope = tx.organization(stop.organization_id);
                    scope.insert_saved_stop(stop).await?;
                    search(app, &mut scope, stop).await?;
                    scope.insert_audit(audit, stop.created_at).await?;
                    Ok(stop.clone())
                })
            })
            .await
    }

    /// Saved stops, the latest made first; so many at most, and only those made before one where it is given.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn saved_stops(
        &self,
        who: &Principal,
        before: Option<SavedStopId>,
        most: usize,
    ) -> Result<Vec<SavedStop>, Error> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let found: Result<_, StoreError> = self
            .store
            .read(&(who.organization_id, before, most), |tx, (organization, before, most)| {
                Box::pin(async move { tx.organization(*organization).find_saved_stops(*before, *most).await })
            })
            .await;
        Ok(found?)
    }

    /// A saved stop as it stands.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], also for those of other organisations.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn saved_stop(&self, who: &Principal, id: SavedStopId) -> Result<SavedStop, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&(who.organization_id, id), |tx, (organization, id)| {
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
        let change = Change { app: self, who, id, command, expected, now: self.now() };
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
        let audit = self.saved_stop_audit(who, "saved_stop.deleted", id);
        let plan = (who.organization_id, id, expected, audit, self.now());
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

    fn saved_stop_audit(&self, who: &Principal, action: &'static str, id: SavedStopId) -> AuditEntry {
        self.audit(Actor::Integration(who.integration_id), action, "saved_stop", id)
    }
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
    let Change { app, who, id, command, expected, now } = *change;
    let mut scope = tx.organization(who.organization_id);
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
    scope.insert_audit(&app.saved_stop_audit(who, "saved_stop.changed", id), now).await?;
    if before.request != after.request {
        let fresh = Fresh { request: &after.request, location: &after.location };
        let refresh = Refresh {
            app,
            organization: who.organization_id,
            actor: Actor::Integration(who.integration_id),
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
