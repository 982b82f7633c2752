use jiff::{SignedDuration, Timestamp};
use routemate_auth::SigningKey;
use routemate_domain::{JobId, OrganizationId};
use routemate_persistence::StoreError;

use crate::{App, Error, ErrorKind, JobView, Noun, jobs};

/// What the signature is for, so that no signature serves two purposes.
const PURPOSE: &str = "job";

/// A link to a job's page for whoever has it, until it expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedJobLink {
    /// The organisation the job belongs to.
    pub organization_id: OrganizationId,
    /// The job.
    pub job_id: JobId,
    /// From then on the link opens nothing; whole seconds.
    pub expires_at: Timestamp,
    /// The signature over the rest.
    pub signature: String,
}

impl App {
    /// A link that opens a job's page for so long. For operators: asks for no credentials.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such job.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn sign_job_link(&self, job_id: JobId, lifetime: SignedDuration) -> Result<SignedJobLink, Error> {
        let found: Result<_, StoreError> =
            self.store.read(&job_id, |tx, id| Box::pin(tx.system_find_organization_of_job(*id))).await;
        let organization_id = found?.ok_or(ErrorKind::NotFound(Noun::Job))?;
        let expires_at = self.now().checked_add(lifetime).unwrap_or(Timestamp::MAX);
        let signature = self.signing_key().await?.sign(PURPOSE, &parts(&organization_id, &job_id), expires_at);
        Ok(SignedJobLink { organization_id, job_id, expires_at, signature: signature.to_string() })
    }

    /// The job that a link opens.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for everything that can be wrong with a link.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn open_job_link(&self, link: &SignedJobLink) -> Result<JobView, Error> {
        let not_found = ErrorKind::NotFound(Noun::Job);
        self.signing_key()
            .await?
            .verify(PURPOSE, &parts(&link.organization_id, &link.job_id), link.expires_at, self.now(), &link.signature)
            .map_err(|_| not_found.clone())?;
        let found = self
            .store
            .read(link, |tx, link| Box::pin(jobs::find_in_organization(tx, link.organization_id, link.job_id)))
            .await?;
        Ok(found.ok_or(not_found)?)
    }

    /// The key that all processes of this database sign with, made by the first one that needs it.
    pub(crate) async fn signing_key(&self) -> Result<SigningKey, Error> {
        let found: Result<_, StoreError> = self.store.read(&(), |tx, ()| Box::pin(tx.system_find_signing_key())).await;
        let secret = match found? {
            Some(secret) => secret,
            None => self.make_signing_key().await?,
        };
        let secret =
            <[u8; 32]>::try_from(secret).map_err(|_| StoreError::corrupt("signing_keys", "secret", "not 32 bytes"))?;
        Ok(SigningKey::from_bytes(secret))
    }

    async fn make_signing_key(&self) -> Result<Vec<u8>, StoreError> {
        let mut secret = [0; 32];
        self.entropy.fill(&mut secret);
        self.store
            .write(&(secret, self.now()), |tx, (secret, now)| {
                Box::pin(tx.system_find_or_insert_signing_key(secret, *now))
            })
            .await
    }
}

fn parts<'l>(organization: &'l OrganizationId, job: &'l JobId) -> [&'l [u8]; 2] {
    [organization.as_bytes(), job.as_bytes()]
}
