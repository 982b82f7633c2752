use jiff::Timestamp;
use routemate_domain::{
    DriverId, Integration, IntegrationId, Invitation, InvitationId, JobId, Organization, OrganizationId,
};
use routemate_persistence::{ListedDriver, StoreError};

use crate::jobs::find_in_organization;
use crate::{App, Error, ErrorKind, JobView, Noun};

/// An integration with when it was last used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedIntegration {
    /// The integration.
    pub integration: Integration,
    /// Its latest request with a valid token; `None` where there was none for as long as usage is kept.
    pub last_request_at: Option<Timestamp>,
}

/// What operators look at. None of it asks for credentials: who may run commands may see everything.
impl App {
    /// Organisations in the order they were made.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn organizations(&self, after: Option<OrganizationId>, most: i64) -> Result<Vec<Organization>, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&(after, most), |tx, (after, most)| Box::pin(tx.system_find_organizations(*after, *most)))
            .await;
        Ok(found?)
    }

    /// An organisation's integrations in the order they were made.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such organisation.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn integrations(
        &self,
        organization: OrganizationId,
        after: Option<IntegrationId>,
        most: i64,
    ) -> Result<Vec<ListedIntegration>, Error> {
        self.organization(organization).await?;
        let found: Result<_, StoreError> = self
            .store
            .read(&(organization, after, most), |tx, (organization, after, most)| {
                Box::pin(async move {
                    let mut scope = tx.organization(*organization);
                    let mut listed = Vec::new();
                    for integration in scope.find_integrations(*after, *most).await? {
                        let last_request_at = scope.find_last_request(integration.id).await?;
                        listed.push(ListedIntegration { integration, last_request_at });
                    }
                    Ok(listed)
                })
            })
            .await;
        Ok(found?)
    }

    /// An organisation's drivers in the order they were made.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such organisation.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn drivers(
        &self,
        organization: OrganizationId,
        after: Option<DriverId>,
        most: i64,
    ) -> Result<Vec<ListedDriver>, Error> {
        self.organization(organization).await?;
        let found: Result<_, StoreError> = self
            .store
            .read(&(organization, after, most), |tx, (organization, after, most)| {
                Box::pin(async move { tx.organization(*organization).find_drivers(*after, *most).await })
            })
            .await;
        Ok(found?)
    }

    /// An organisation's invitations in the order they were made.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such organisation.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn invitations(
        &self,
        organization: OrganizationId,
        after: Option<InvitationId>,
        most: i64,
    ) -> Result<Vec<Invitation>, Error> {
        self.organization(organization).await?;
        let found: Result<_, StoreError> = self
            .store
            .read(&(organization, after, most), |tx, (organization, after, most)| {
                Box::pin(async move { tx.organization(*organization).find_invitations(*after, *most).await })
            })
            .await;
        Ok(found?)
    }

    /// A job of whichever organisation.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn job_of_anybody(&self, id: JobId) -> Result<JobView, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&id, |tx, id| {
                Box::pin(async move {
                    match tx.system_find_organization_of_job(*id).await? {
                        Some(organization) => find_in_organization(tx, organization, *id).await,
                        None => Ok(None),
                    }
                })
            })
            .await;
        found?.ok_or_else(|| ErrorKind::NotFound(Noun::Job).into())
    }
}
