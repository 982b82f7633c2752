use std::net::IpAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::OnceLock;

use jiff::{SignedDuration, Timestamp};
use routemate_auth::{AccessToken, Admission, ClientId, ClientSecret, SecretDigest, SlidingLog, TOKEN_LIFETIME};
use routemate_domain::{
    Integration, IntegrationId, IntegrationStatus, JobId, Organization, OrganizationId, OrganizationStatus,
};
use routemate_metrics::RATE_LIMIT_REFUSALS;
use routemate_persistence::{StoreError, TokenRecord, Tx};
use routemate_units::Seconds;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::{App, Bucket, Error, ErrorKind, Noun, Principal, Unauthenticated};

/// Asks for an access token.
#[derive(Debug)]
pub struct TokenRequest {
    /// The public half of the credentials, as sent.
    pub client_id: String,
    /// The secret half, as sent.
    pub client_secret: SecretString,
    /// Where the request came from.
    pub address: IpAddr,
}

/// An access token, shown once.
#[derive(Debug)]
pub struct IssuedToken {
    /// The token.
    pub access_token: AccessToken,
    /// How long it lives.
    pub expires_in: Seconds,
}

/// Limits a minute on token requests. Those per address, and on wrong secrets, are counted in this process: they only
/// slow an attacker down, who faces 256 bits anyway.
#[derive(Debug)]
pub(crate) struct AttemptLimits {
    issued_to_address: SlidingLog<IpAddr>,
    failed_from_address: SlidingLog<IpAddr>,
    failed_for_client: SlidingLog<(IpAddr, String)>,
    stand_in: StandIn,
}

/// Somebody whose rows are read where a client is unknown, so that a refusal has read and understood as much as that of a
/// wrong secret: the first client that this process has come to know.
type StandIn = OnceLock<(OrganizationId, IntegrationId)>;

const fn limit(requests: u32) -> NonZeroU32 {
    match NonZeroU32::new(requests) {
        Some(limit) => limit,
        None => NonZeroU32::MIN,
    }
}

const TOKENS_PER_CLIENT: u32 = 60;
const TOKENS_PER_ADDRESS: NonZeroU32 = limit(600);
const FAILURES_PER_ADDRESS: NonZeroU32 = limit(100);
const FAILURES_PER_ADDRESS_AND_CLIENT: NonZeroU32 = limit(10);

impl Default for AttemptLimits {
    fn default() -> Self {
        let keys = NonZeroUsize::MIN.saturating_add(50_000);
        Self {
            issued_to_address: SlidingLog::new(keys),
            failed_from_address: SlidingLog::new(keys),
            failed_for_client: SlidingLog::new(keys),
            stand_in: StandIn::new(),
        }
    }
}

impl App {
    /// Exchanges client credentials for an access token. Earlier tokens live on.
    ///
    /// A correct secret is never refused because of others' wrong ones.
    ///
    /// # Errors
    /// [`Unauthenticated::InvalidCredentials`], [`ErrorKind::Disabled`] (only with the right secret), or
    /// [`ErrorKind::TooMany`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn issue_token(&self, request: TokenRequest) -> Result<IssuedToken, Error> {
        let now = self.now();
        let Some((integration, organization)) = self.check_credentials(&request, now).await? else {
            return Err(self.count_failure(&request, now));
        };
        if integration.status == IntegrationStatus::Disabled || organization.status == OrganizationStatus::Suspended {
            return Err(ErrorKind::Disabled.into());
        }
        refuse_above(
            TOKENS_PER_ADDRESS,
            self.attempts.issued_to_address.admit(request.address, TOKENS_PER_ADDRESS, now),
        )?;
        let who = self.principal(&integration, &organization);
        self.admit_within(&who, Bucket::Token, Some(TOKENS_PER_CLIENT)).await?;
        let token = AccessToken::mint(&*self.entropy);
        let record = TokenRecord {
            token_sha256: *token.digest().as_bytes(),
            organization_id: integration.organization_id,
            integration_id: integration.id,
            epoch: integration.epoch,
            expires_at: now + SignedDuration::from_secs(i64::from(TOKEN_LIFETIME.get())),
        };
        let stored: Result<(), StoreError> =
            self.store.write(&(record, now), |tx, (record, now)| Box::pin(tx.system_insert_token(record, *now))).await;
        stored?;
        Ok(IssuedToken { access_token: token, expires_in: TOKEN_LIFETIME })
    }

    /// The integration whose credentials these are; `None` where they are nobody's. A malformed one costs no look-up.
    async fn check_credentials(
        &self,
        request: &TokenRequest,
        now: Timestamp,
    ) -> Result<Option<(Integration, Organization)>, StoreError> {
        let (Ok(client_id), Ok(secret)) =
            (ClientId::parse(&request.client_id), ClientSecret::parse(request.client_secret.expose_secret()))
        else {
            return Ok(None);
        };
        // Before anybody is known there is nobody to be told from others; nobody's ids are looked up then.
        let nobody = (OrganizationId::from_uuid(Uuid::nil()), IntegrationId::from_uuid(Uuid::nil()));
        let stand_in = self.attempts.stand_in.get().copied().unwrap_or(nobody);
        let found: Result<_, StoreError> = self
            .store
            .read(&(client_id.as_str(), stand_in), |tx, (client_id, stand_in)| {
                Box::pin(async move {
                    let known = tx.system_find_client_id(client_id).await?;
                    let (organization, integration) = known.unwrap_or(*stand_in);
                    let mut scope = tx.organization(organization);
                    let holder = scope.find_integration(integration).await?.zip(scope.find_organization().await?);
                    Ok((known, holder))
                })
            })
            .await;
        let (known, holder) = found?;
        if let Some(known) = known {
            self.attempts.stand_in.get_or_init(|| known);
        }
        let digest = secret.digest();
        // Whoever stands in is compared with as well, and never let in.
        Ok(holder.filter(|(integration, _)| is_secret_of(integration, &digest, now) & known.is_some()))
    }

    fn count_failure(&self, request: &TokenRequest, now: Timestamp) -> Error {
        let attempts = &self.attempts;
        // A client id of any length is somebody's guess: no more of it is kept than a real one has.
        let client: String = request.client_id.chars().take(64).collect();
        let admissions = [
            (FAILURES_PER_ADDRESS, attempts.failed_from_address.admit(request.address, FAILURES_PER_ADDRESS, now)),
            (
                FAILURES_PER_ADDRESS_AND_CLIENT,
                attempts.failed_for_client.admit((request.address, client), FAILURES_PER_ADDRESS_AND_CLIENT, now),
            ),
        ];
        admissions
            .into_iter()
            .find_map(|(limit, admission)| refuse_above(limit, admission).err())
            .unwrap_or_else(|| ErrorKind::Unauthenticated(Unauthenticated::InvalidCredentials).into())
    }

    /// Who a bearer token speaks for, asked of the database each time: disabling, revoking and rotating act at once.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] or [`ErrorKind::Disabled`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn authenticate(&self, bearer: Option<&str>) -> Result<Principal, Error> {
        let bearer = bearer.ok_or(ErrorKind::Unauthenticated(Unauthenticated::MissingToken))?;
        let invalid = || Error::from(ErrorKind::Unauthenticated(Unauthenticated::InvalidToken));
        let token = AccessToken::parse(bearer).map_err(|_| invalid())?;
        let found = self.store.read(token.digest().as_bytes(), |tx, digest| Box::pin(find_holder(tx, digest))).await?;
        let (token, integration, organization) = found.ok_or_else(invalid)?;
        if token.expires_at <= self.now() || token.epoch != integration.epoch {
            return Err(invalid());
        }
        if integration.status == IntegrationStatus::Disabled || organization.status == OrganizationStatus::Suspended {
            return Err(ErrorKind::Disabled.into());
        }
        Ok(self.principal(&integration, &organization))
    }

    /// What the integration that imported a job may do.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such job.
    pub(crate) async fn holder_of_job(&self, job: JobId) -> Result<Principal, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&job, |tx, job| {
                Box::pin(async move {
                    let Some(organization) = tx.system_find_organization_of_job(*job).await? else { return Ok(None) };
                    let mut scope = tx.organization(organization);
                    let Some(job) = scope.find_job(*job).await? else { return Ok(None) };
                    Ok(scope.find_integration(job.integration_id).await?.zip(scope.find_organization().await?))
                })
            })
            .await;
        let (integration, organization) = found?.ok_or(ErrorKind::NotFound(Noun::Job))?;
        Ok(self.principal(&integration, &organization))
    }

    /// What an integration may do, for an operator who acts in its place and needs no credentials.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such integration.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn holder(&self, client_id: &str) -> Result<Principal, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(client_id, |tx, client_id| {
                Box::pin(async move {
                    let Some((organization, id)) = tx.system_find_client_id(client_id).await? else { return Ok(None) };
                    let mut scope = tx.organization(organization);
                    Ok(scope.find_integration(id).await?.zip(scope.find_organization().await?))
                })
            })
            .await;
        let (integration, organization) = found?.ok_or(ErrorKind::NotFound(Noun::Integration))?;
        Ok(self.principal(&integration, &organization))
    }

    fn principal(&self, integration: &Integration, organization: &Organization) -> Principal {
        let mut limits = organization.limits();
        let most = self.settings.stops_per_import;
        limits.stops_per_import = Some(limits.stops_per_import.map_or(most, |stops| stops.min(most)));
        Principal {
            organization_id: organization.id,
            integration_id: integration.id,
            limits,
            timezone: organization.timezone.clone(),
            auto_add: organization.auto_add,
            vehicle: organization.vehicle,
            route_ends: integration.route_ends,
        }
    }
}

/// Every valid secret is compared, so that the time does not tell which one matched.
fn is_secret_of(integration: &Integration, digest: &SecretDigest, now: Timestamp) -> bool {
    let matches = |valid: &[u8; 32]| SecretDigest::from_bytes(*valid).matches(digest);
    integration.valid_secrets(now).fold(false, |any, valid| matches(valid) | any)
}

async fn find_holder(
    tx: &mut Tx,
    token_sha256: &[u8; 32],
) -> Result<Option<(TokenRecord, Integration, Organization)>, StoreError> {
    let Some(token) = tx.system_find_token(token_sha256).await? else {
        return Ok(None);
    };
    let mut scope = tx.organization(token.organization_id);
    let holder = scope.find_integration(token.integration_id).await?.zip(scope.find_organization().await?);
    Ok(holder.map(|(integration, organization)| (token, integration, organization)))
}

fn refuse_above(limit: NonZeroU32, admission: Admission) -> Result<(), Error> {
    match admission {
        Admission::Allowed { .. } => Ok(()),
        Admission::Refused { retry_after } => {
            RATE_LIMIT_REFUSALS.increment(["attempts"]);
            Err(ErrorKind::TooMany { retry_after, limit: limit.get() }.into())
        }
    }
}
