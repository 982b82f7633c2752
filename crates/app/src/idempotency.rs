use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use routemate_domain::OrganizationId;
use routemate_metrics::IDEMPOTENCY_REPLAYS;
use routemate_persistence::{FinishedKey, IdempotencyKey, KeyState, Reservation, Scope, StoreError, TxError};
use routemate_units::Seconds;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::audit::Actor;
use crate::{Answer, App, Error, ErrorKind, Idempotency, Principal, Replay};

/// How long an answer is replayed.
pub(crate) const REPLAYED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// HTTP status of a stored answer: only successes are stored.
pub(crate) const OK: u16 = 200;

/// Why work under a key did not end with its own answer.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// Somebody else has taken the idempotency key over.
    Fenced,
    /// It failed.
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl TxError for Stopped {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Failed(error) => error.store_error(),
            Self::Fenced => None,
        }
    }
}

/// The outcome of asking for a key.
pub(crate) enum Claim {
    /// The caller does the work.
    Held(HeldKey),
    /// It was done before.
    Replay(Answer),
}

/// A reservation that is renewed for as long as this lives.
pub(crate) struct HeldKey {
    pub(crate) reservation: Reservation,
    renewal: JoinHandle<()>,
}

impl Drop for HeldKey {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

struct Reserve {
    organization: OrganizationId,
    key: IdempotencyKey,
    new_id: Uuid,
    now: Timestamp,
    lease_until: Timestamp,
}

fn stored_key(who: &Principal, request: &Idempotency) -> IdempotencyKey {
    IdempotencyKey {
        integration_id: who.integration_id,
        operation: request.operation,
        key: request.key.clone(),
        fingerprint: request.fingerprint,
    }
}

/// Keeps an answer under the key that it is reserved for, in the transaction that writes what it tells; without a key it is
/// kept nowhere. Gives it back.
///
/// # Errors
/// [`Stopped::Fenced`] where somebody else has taken the key over: nothing may be written then.
pub(crate) async fn keep_answer(
    scope: &mut Scope<'_>,
    reservation: Option<Reservation>,
    body: Vec<u8>,
    now: Timestamp,
) -> Result<Vec<u8>, Stopped> {
    match reservation {
        Some(reservation) if !scope.finish_key(reservation, OK, &body, now + REPLAYED_FOR).await? => {
            Err(Stopped::Fenced)
        }
        _ => Ok(body),
    }
}

/// How often keyed work is begun anew because what it is about was changed meanwhile.
const ATTEMPTS: usize = 5;

impl App {
    /// Does work that ends in one answer, once for each key: a second call with the same one gets the first one's answer.
    /// What the work writes, it writes together with its answer, if it still holds the reservation that it is given.
    ///
    /// Work that ends in [`ErrorKind::Changed`] met a change of what it is about and is begun anew.
    ///
    /// # Errors
    /// The work's; [`ErrorKind::KeyReused`] where the key was used for another request; [`ErrorKind::Unavailable`] where
    /// another call with the key takes too long.
    pub(crate) async fn answer_once<'w>(
        self: &Arc<Self>,
        who: &Principal,
        idempotency: Option<&Idempotency>,
        work: impl Fn(Option<Reservation>) -> BoxFuture<'w, Result<Vec<u8>, Stopped>> + Send,
    ) -> Result<Answer, Error> {
        let mut attempt = 1;
        loop {
            let held = match idempotency {
                None => None,
                Some(request) => match self.claim_key(who, request).await? {
                    Claim::Held(held) => Some(held),
                    Claim::Replay(Answer { replay: Replay::Mismatch, .. }) => return Err(ErrorKind::KeyReused.into()),
                    Claim::Replay(answer) => return Ok(answer),
                },
            };
            let reservation = held.as_ref().map(|held| held.reservation);
            let error = match work(reservation).await {
                Ok(body) => return Ok(Answer { body, replay: Replay::No }),
                // Too slow for its own lease: the answer is that of whoever took over.
                Err(Stopped::Fenced) => continue,
                Err(Stopped::Failed(error)) => error,
            };
            if let Some(reservation) = reservation {
                self.free_key(who.organization_id, reservation).await;
            }
            if !matches!(error.kind(), ErrorKind::Changed(_)) || attempt == ATTEMPTS {
                return Err(error);
            }
            attempt += 1;
        }
    }

    /// Reserves a key, or gives the answer that was given before. While another call is working under the same key, this
    /// one waits.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] where the other call takes too long.
    pub(crate) async fn claim_key(self: &Arc<Self>, who: &Principal, request: &Idempotency) -> Result<Claim, Error> {
        let waiting_since = self.clock.monotonic();
        let mut pause = Duration::from_millis(10);
        loop {
            match self.reserve(who, request).await? {
                KeyState::Reserved(reservation) => {
                    let renewal = tokio::spawn(Arc::clone(self).renew(who.organization_id, reservation));
                    return Ok(Claim::Held(HeldKey { reservation, renewal }));
                }
                KeyState::Finished(finished) => return self.replay(who, request, finished).await.map(Claim::Replay),
                KeyState::Busy => {}
            }
            if self.clock.monotonic().saturating_sub(waiting_since) >= self.settings.idempotency_wait {
                return Err(ErrorKind::Unavailable { retry_after: Seconds::new(1) }.into());
            }
            // Polling, because the other call may be in another process.
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(200));
        }
    }

    /// The answer that was given before under a key, for a request that cannot be understood itself.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn find_answer(&self, who: &Principal, request: &Idempotency) -> Result<Option<Answer>, Error> {
        let plan = (who.organization_id, stored_key(who, request), self.now());
        let found: Result<_, StoreError> = self
            .store
            .read(&plan, |tx, (organization, key, now)| {
                Box::pin(async move { tx.organization(*organization).find_finished_key(key, *now).await })
            })
            .await;
        match found? {
            Some(finished) => self.replay(who, request, finished).await.map(Some),
            None => Ok(None),
        }
    }

    async fn reserve(&self, who: &Principal, request: &Idempotency) -> Result<KeyState, StoreError> {
        let now = self.now();
        let reserve = Reserve {
            organization: who.organization_id,
            key: stored_key(who, request),
            new_id: self.new_uuid(),
            now,
            lease_until: now + self.settings.idempotency_lease,
        };
        self.store
            .write(&reserve, |tx, reserve| {
                Box::pin(async move {
                    let mut scope = tx.organization(reserve.organization);
                    scope.reserve_key(&reserve.key, reserve.new_id, reserve.now, reserve.lease_until).await
                })
            })
            .await
    }

    /// Prolongs a lease until it is lost. Aborted with the work it belongs to.
    async fn renew(self: Arc<Self>, organization: OrganizationId, reservation: Reservation) {
        loop {
            tokio::time::sleep(self.settings.idempotency_lease / 3).await;
            match self.prolong(organization, reservation).await {
                Ok(true) => {}
                Ok(false) => return,
                // The fencing epoch decides in the end; a missed renewal only makes a takeover possible.
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "idempotency lease was not renewed")
                }
            }
        }
    }

    /// Prolongs a reservation; gives whether it is still held.
    pub(crate) async fn prolong(
        &self,
        organization: OrganizationId,
        reservation: Reservation,
    ) -> Result<bool, StoreError> {
        let plan = (organization, reservation, self.now() + self.settings.idempotency_lease);
        self.store
            .write(&plan, |tx, (organization, reservation, until)| {
                Box::pin(async move { tx.organization(*organization).renew_key(*reservation, *until).await })
            })
            .await
    }

    async fn replay(&self, who: &Principal, request: &Idempotency, finished: FinishedKey) -> Result<Answer, Error> {
        if finished.fingerprint == request.fingerprint {
            IDEMPOTENCY_REPLAYS.increment(["same"]);
            return Ok(Answer { body: finished.body, replay: Replay::Same });
        }
        let actor = Actor::Integration(who.integration_id);
        let entry = self.audit(actor, "idempotency.mismatched_replay", "idempotency_key", finished.id);
        let plan = (who.organization_id, finished.id, entry, self.now());
        let counted: Result<(), StoreError> = self
            .store
            .write(&plan, |tx, (organization, key, entry, now)| {
                Box::pin(async move {
                    let mut scope = tx.organization(*organization);
                    scope.count_mismatched_replay(*key).await?;
                    scope.insert_audit(entry, *now).await
                })
            })
            .await;
        counted?;
        IDEMPOTENCY_REPLAYS.increment(["mismatch"]);
        Ok(Answer { body: finished.body, replay: Replay::Mismatch })
    }

    /// Frees a key whose work has failed, so that a retry can succeed. Where that fails too, the lease runs out.
    pub(crate) async fn free_key(&self, organization: OrganizationId, reservation: Reservation) {
        let plan = (organization, reservation);
        let freed: Result<(), StoreError> = self
            .store
            .write(&plan, |tx, (organization, reservation)| {
                Box::pin(async move { tx.organization(*organization).free_key(*reservation).await })
            })
            .await;
        if let Err(error) = freed {
            tracing::warn!(error = &error as &dyn std::error::Error, "idempotency key was not freed");
        }
    }
}
