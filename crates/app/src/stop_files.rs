use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use routemate_domain::{ExternalId, ImportedStop, ImportedStopId, OrganizationId, StopRequest};
use routemate_persistence::{Reservation, StoreError, Tx, TxError};

use crate::audit::Actor;
use crate::idempotency::{Claim, OK, REPLAYED_FOR, Stopped};
use crate::imported_stops::{Import, StoredPart, end_import, store_part};
use crate::{Answer, App, Error, ErrorKind, Idempotency, Principal, Replay};

/// Stops that are written at once: as many as memory need hold beside the file.
const AT_ONCE: usize = 1_000;

/// Takes in the stops of a whole file.
pub struct ImportStopFile {
    /// In the order of the file; of several with one client's id the last counts.
    pub requests: Vec<StopRequest>,
    /// The key under which it may be sent again.
    pub idempotency: Option<Idempotency>,
    /// Writes the answer.
    pub render: RenderTakenStops,
}

/// Without the stops: they are other people's addresses.
impl fmt::Debug for ImportStopFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportStopFile").field("stops", &self.requests.len()).finish_non_exhaustive()
    }
}

/// Writes the answer to an import of stops.
pub type RenderTakenStops = Arc<dyn Fn(&TakenStops) -> Vec<u8> + Send + Sync>;

/// What an import of stops has done, or would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenStops {
    /// Stops that were not there before.
    pub created: u64,
    /// Stops that were there before under the same client's id.
    pub replaced: u64,
}

/// What the transaction of a file writes.
struct FileImport<'a> {
    import: Import<'a>,
    reservation: Option<Reservation>,
    render: Option<&'a RenderTakenStops>,
    progress: &'a (dyn Fn(u64) + Send + Sync),
}

impl App {
    /// Takes in the stops of a file as [`import_stops`](Self::import_stops) does, all of them or none and however many there
    /// are. A second call with the same idempotency key gets the first one's answer.
    ///
    /// # Errors
    /// [`ErrorKind::KeyReused`] where the key was used for another request; [`ErrorKind::Unavailable`] where another call with
    /// the key takes too long; those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn import_stop_file(self: &Arc<Self>, who: &Principal, command: ImportStopFile) -> Result<Answer, Error> {
        let actor = Actor::Integration(who.integration_id);
        let ImportStopFile { requests, idempotency, render } = command;
        let (mut import, _) = self.stop_import(who.organization_id, actor, requests);
        loop {
            let held = match &idempotency {
                None => None,
                Some(request) => match self.claim_key(who, request).await? {
                    Claim::Held(held) => Some(held),
                    Claim::Replay(Answer { replay: Replay::Mismatch, .. }) => return Err(ErrorKind::KeyReused.into()),
                    Claim::Replay(answer) => return Ok(answer),
                },
            };
            let reservation = held.as_ref().map(|held| held.reservation);
            let file = FileImport { import, reservation, render: Some(&render), progress: &|_| {} };
            match self.store.write(&file, |tx, file| Box::pin(store_file(tx, file))).await {
                Ok((_, body)) => return Ok(Answer { body, replay: Replay::No }),
                // Too slow for its own lease: the answer is that of whoever took over.
                Err(Stopped::Fenced) => import = file.import,
                Err(Stopped::Failed(error)) => {
                    // Where COMMIT was not answered the key says whether it was done: it is left to its lease.
                    let is_unknown = matches!(error.store_error(), Some(StoreError::UnknownOutcome(_)));
                    if let Some(reservation) = reservation.filter(|_| !is_unknown) {
                        self.free_key(who.organization_id, reservation).await;
                    }
                    return Err(error);
                }
            }
        }
    }

    /// As [`import_stop_file`](Self::import_stop_file), for an operator, who needs no credentials and sends nothing twice.
    /// `progress` is told how many are written; from the start again where the database made it begin anew.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such organisation; those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn import_stop_file_of(
        &self,
        organization: OrganizationId,
        requests: Vec<StopRequest>,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<TakenStops, Error> {
        self.organization(organization).await?;
        let (import, _) = self.stop_import(organization, Actor::Operator, requests);
        let file = FileImport { import, reservation: None, render: None, progress };
        match self.store.write(&file, |tx, file| Box::pin(store_file(tx, file))).await {
            Ok((taken, _)) => Ok(taken),
            Err(Stopped::Failed(error)) => Err(error),
            Err(Stopped::Fenced) => Err(ErrorKind::Internal.into()),
        }
    }

    /// What taking in stops of these client's ids would do; those without one are new.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn try_stop_file(
        &self,
        organization: OrganizationId,
        client_stop_ids: &[Option<&ExternalId>],
    ) -> Result<TakenStops, Error> {
        let ids: HashSet<&str> = client_stop_ids.iter().flatten().map(|id| id.as_str()).collect();
        let nameless = client_stop_ids.iter().filter(|id| id.is_none()).count();
        let stops = u64::try_from(nameless + ids.len()).unwrap_or(u64::MAX);
        let ids: Vec<&str> = ids.into_iter().collect();
        let replaced: Result<u64, StoreError> = self
            .store
            .read(&(organization, ids), |tx, (organization, ids)| {
                Box::pin(async move { tx.organization(*organization).count_imported_stops_by_client_ids(ids).await })
            })
            .await;
        let replaced = replaced?;
        Ok(TakenStops { created: stops.saturating_sub(replaced), replaced })
    }

    /// Imported stops in the order they were made, so many at most and only those made after one where it is given.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn export_stops(
        &self,
        organization: OrganizationId,
        after: Option<ImportedStopId>,
        most: usize,
    ) -> Result<Vec<ImportedStop>, Error> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let found: Result<_, StoreError> = self
            .store
            .read(&(organization, after, most), |tx, (organization, after, most)| {
                Box::pin(async move { tx.organization(*organization).find_imported_stops_after(*after, *most).await })
            })
            .await;
        Ok(found?)
    }
}

async fn store_file(tx: &mut Tx, file: &FileImport<'_>) -> Result<(TakenStops, Vec<u8>), Stopped> {
    let (mut written, mut replaced, mut changed) = (0, 0, Vec::new());
    for requests in file.import.requests.chunks(AT_ONCE) {
        let part: StoredPart = store_part(tx, &file.import, requests).await?;
        written += part.stops.len();
        replaced += part.replaced;
        changed.extend(part.into_changed());
        (file.progress)(u64::try_from(written).unwrap_or(u64::MAX));
    }
    end_import(tx, &file.import, replaced, changed.iter()).await?;
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let taken = TakenStops { created: count(written - replaced), replaced: count(replaced) };
    let body = file.render.map(|render| render(&taken)).unwrap_or_default();
    if let Some(reservation) = file.reservation {
        let until = file.import.now + REPLAYED_FOR;
        let mut scope = tx.organization(file.import.organization);
        if !scope.finish_key(reservation, OK, &body, until).await? {
            return Err(Stopped::Fenced);
        }
    }
    Ok((taken, body))
}
