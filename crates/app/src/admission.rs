use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use routemate_auth::{Admission, RollingWindow};
use routemate_domain::IntegrationId;
use routemate_metrics::RATE_LIMIT_REFUSALS;
use routemate_persistence::{DatabaseKind, StoreError};
use uuid::Uuid;

use crate::{App, Error, ErrorKind, Principal, RateState};

/// Requests that share a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// The import and job endpoints of the Integration API, and our own.
    RouteMate,
    /// The endpoints of the EasyRoutes API.
    EasyRoutes,
    /// Token requests with the right secret.
    Token,
}

impl Bucket {
    const fn as_str(self) -> &'static str {
        match self {
            Self::RouteMate => "routemate",
            Self::EasyRoutes => "easyroutes",
            Self::Token => "token",
        }
    }
}

/// The windows of this process, where it is the only one that serves: on SQLite. They are as many as integrations, and
/// start empty when the process does.
#[derive(Debug, Default)]
pub(crate) struct LocalWindows(Mutex<HashMap<(IntegrationId, Bucket), RollingWindow>>);

/// What the shared decision needs.
struct Admit {
    integration: IntegrationId,
    organization: routemate_domain::OrganizationId,
    bucket: Bucket,
    limit: NonZeroU32,
    new_id: Uuid,
    now: Timestamp,
}

impl App {
    /// Admits a request, or says when the next one will be: exact over any rolling minute, and over all processes that
    /// serve one PostgreSQL. Refused requests do not count. `None` is unlimited.
    ///
    /// # Errors
    /// [`ErrorKind::TooMany`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn admit(&self, who: &Principal, bucket: Bucket) -> Result<Option<RateState>, Error> {
        let limit = match bucket {
            Bucket::EasyRoutes => self.settings.easyroutes_requests_per_minute,
            Bucket::RouteMate | Bucket::Token => who.limits.requests_per_minute,
        };
        self.admit_within(who, bucket, limit).await
    }

    pub(crate) async fn admit_within(
        &self,
        who: &Principal,
        bucket: Bucket,
        limit: Option<u32>,
    ) -> Result<Option<RateState>, Error> {
        let Some(limit) = limit.and_then(NonZeroU32::new) else {
            return Ok(None);
        };
        let admit = Admit {
            integration: who.integration_id,
            organization: who.organization_id,
            bucket,
            limit,
            new_id: self.new_uuid(),
            now: self.now(),
        };
        let admission = match self.store.kind() {
            DatabaseKind::Sqlite => self.local_windows.admit(&admit),
            DatabaseKind::Postgres => self.admit_shared(&admit).await?,
        };
        match admission {
            Admission::Allowed { remaining, reset_after } => {
                Ok(Some(RateState { limit: limit.get(), remaining, reset_after }))
            }
            Admission::Refused { retry_after } => {
                RATE_LIMIT_REFUSALS.increment([bucket.as_str()]);
                Err(ErrorKind::TooMany { retry_after, limit: limit.get() }.into())
            }
        }
    }

    async fn admit_shared(&self, admit: &Admit) -> Result<Admission, StoreError> {
        self.store
            .write(admit, |tx, admit| {
                Box::pin(async move {
                    let mut scope = tx.organization(admit.organization);
                    let name = admit.bucket.as_str();
                    let mut stored = scope.lock_rate_window(admit.integration, name, admit.new_id, admit.now).await?;
                    let mut window = RollingWindow::from_hits(stored.hits.iter().copied());
                    let admission = window.admit(admit.limit, admit.now);
                    if let Admission::Allowed { .. } = admission {
                        stored.hits = window.hits().collect();
                        scope.update_rate_window(&stored, admit.now).await?;
                    }
                    Ok(admission)
                })
            })
            .await
    }
}

impl LocalWindows {
    fn admit(&self, admit: &Admit) -> Admission {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        windows.entry((admit.integration, admit.bucket)).or_default().admit(admit.limit, admit.now)
    }
}
