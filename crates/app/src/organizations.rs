use routemate_domain::{AutoAdd, Organization, OrganizationId, OrganizationStatus, Plan, Text, ZoneName};
use routemate_persistence::StoreError;

use crate::audit::Actor;
use crate::{App, Error, ErrorKind, Noun};

/// Makes an organisation.
#[derive(Debug, Clone)]
pub struct CreateOrganization {
    /// What people call it.
    pub name: Text<255>,
    /// What it has subscribed to.
    pub plan: Plan,
    /// Requests a minute instead of the plan's; 0 is unlimited.
    pub requests_per_minute: Option<u32>,
    /// Stops an import instead of the plan's; 0 is unlimited.
    pub stops_per_import: Option<u32>,
    /// Where civil times without a zone are read.
    pub timezone: ZoneName,
    /// What happens to drivers of other organisations.
    pub auto_add: AutoAdd,
}

impl App {
    /// Makes an organisation.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn create_organization(&self, command: CreateOrganization) -> Result<Organization, Error> {
        let organization = Organization {
            id: OrganizationId::from_uuid(self.new_uuid()),
            name: command.name,
            plan: command.plan,
            requests_per_minute: command.requests_per_minute,
            stops_per_import: command.stops_per_import,
            timezone: command.timezone,
            auto_add: command.auto_add,
            status: OrganizationStatus::Active,
        };
        let stored: Result<(), StoreError> = self
            .store
            .write(&(&organization, self.now()), |tx, (organization, now)| {
                Box::pin(async move { tx.organization(organization.id).insert_organization(organization, *now).await })
            })
            .await;
        stored?;
        Ok(organization)
    }

    /// Suspends an organisation, so that all of its integrations are refused, or lets it work again.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Refused`].
    pub async fn set_organization_status(&self, id: OrganizationId, status: OrganizationStatus) -> Result<(), Error> {
        self.store
            .write(&(self, id, status, self.now()), |tx, (app, id, status, now)| {
                Box::pin(async move {
                    let mut scope = tx.organization(*id);
                    scope.lock_organization().await?;
                    let organization =
                        scope.find_organization().await?.ok_or(ErrorKind::NotFound(Noun::Organization))?;
                    let (organization, action) = match status {
                        OrganizationStatus::Active => (organization.reactivate()?, "organization.reactivated"),
                        OrganizationStatus::Suspended => (organization.suspend()?, "organization.suspended"),
                    };
                    scope.update_organization(&organization, *now).await?;
                    let audit = app.audit(Actor::Operator, action, "organization", *id);
                    Ok(scope.insert_audit(&audit, *now).await?)
                })
            })
            .await
    }
}
