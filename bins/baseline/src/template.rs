use jiff::Timestamp;
use routemate_auth::{AccessToken, MalformedToken};
use routemate_domain::{Integration, IntegrationId, Itinerary, Job, OrganizationId};
use routemate_persistence::{IdempotencyKey, Store, StoreError, Tx};

/// What the server's import is called among the operations that have idempotency keys.
pub const OPERATION: &str = "integration-import";

/// Clients that ask for tokens by turns at most.
const MOST_CLIENTS: i64 = 100_000;

/// What is there already: who asks, a job that was imported with a key, and who else may ask for tokens.
#[derive(Debug)]
pub struct Template {
    pub(crate) token_sha256: [u8; 32],
    pub(crate) organization: OrganizationId,
    pub(crate) integration: IntegrationId,
    pub(crate) job: Job,
    pub(crate) itinerary: Itinerary,
    /// The answer under the job's idempotency key.
    pub(crate) answer: Vec<u8>,
    pub(crate) clients: Vec<Integration>,
}

/// Why there is nothing to copy.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The token is none.
    #[error("the token is malformed")]
    Token(#[from] MalformedToken),
    /// Something is not there.
    #[error("there is no {0}")]
    Missing(&'static str),
    /// The database.
    #[error("the database cannot be read")]
    Store(#[from] StoreError),
}

impl routemate_persistence::TxError for TemplateError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Token(_) | Self::Missing(_) => None,
        }
    }
}

impl Template {
    /// What the holder of `token` has imported as `external_job_id`, under an idempotency key of the same name whose answer
    /// is still kept at `now`.
    ///
    /// # Errors
    /// [`TemplateError`].
    pub async fn read(
        store: &Store,
        token: &str,
        external_job_id: &str,
        now: Timestamp,
    ) -> Result<Self, TemplateError> {
        let digest = *AccessToken::parse(token)?.digest().as_bytes();
        store
            .read(&(digest, external_job_id, now), |tx, (digest, external_job_id, now)| {
                Box::pin(find(tx, *digest, external_job_id, *now))
            })
            .await
    }
}

async fn find(
    tx: &mut Tx,
    token_sha256: [u8; 32],
    external_job_id: &str,
    now: Timestamp,
) -> Result<Template, TemplateError> {
    let missing = TemplateError::Missing;
    let token = tx.system_find_token(&token_sha256).await?.ok_or(missing("such token"))?;
    let key = IdempotencyKey {
        integration_id: token.integration_id,
        operation: OPERATION,
        key: external_job_id.to_owned(),
        fingerprint: [0; 32],
    };
    let mut scope = tx.organization(token.organization_id);
    let job = scope.find_job_by_external_id(token.integration_id, external_job_id).await?.ok_or(missing("such job"))?;
    let itinerary = scope.find_itinerary(job.route_id).await?.ok_or(missing("route of the job"))?;
    let answer = scope.find_finished_key(&key, now).await?.ok_or(missing("answer under the job's key"))?.body;
    let clients = scope.find_integrations(None, MOST_CLIENTS).await?;
    Ok(Template {
        token_sha256,
        organization: token.organization_id,
        integration: token.integration_id,
        job,
        itinerary,
        answer,
        clients,
    })
}
