use routemate_domain::{AutoAdd, Organization, OrganizationId, OrganizationStatus, Plan, Text, ZoneName};
use routemate_persistence::StoreError;
use routemate_units::VehicleKind;

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
    /// What its drivers drive.
    pub vehicle: VehicleKind,
}

/// What an operator changes of an organisation; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct ChangeOrganization {
    /// What people call it.
    pub name: Option<Text<255>>,
    /// What it has subscribed to.
    pub plan: Option<Plan>,
    /// Requests a minute: `Some(None)` is the plan's, `Some(Some(0))` unlimited.
    pub requests_per_minute: Option<Option<u32>>,
    /// Stops an import, likewise.
    pub stops_per_import: Option<Option<u32>>,
    /// Where civil times without a zone are read.
    pub timezone: Option<ZoneName>,
    /// What happens to drivers of other organisations.
    pub auto_add: Option<AutoAdd>,
    /// What its drivers drive; routes that there are stay as they are.
    pub vehicle: Option<VehicleKind>,
}

impl ChangeOrganization {
    fn apply(&self, organization: Organization) -> Organization {
        Organization {
            name: self.name.clone().unwrap_or(organization.name),
            plan: self.plan.unwrap_or(organization.plan),
            requests_per_minute: self.requests_per_minute.unwrap_or(organization.requests_per_minute),
            stops_per_import: self.stops_per_import.unwrap_or(organization.stops_per_import),
            timezone: self.timezone.clone().unwrap_or(organization.timezone),
            auto_add: self.auto_add.unwrap_or(organization.auto_add),
            vehicle: self.vehicle.unwrap_or(organization.vehicle),
            ..organization
        }
    }
}

impl App {
    /// Makes an organisation.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
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
            vehicle: command.vehicle,
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

    /// What an organisation's drivers drive.
    pub(crate) async fn vehicle_of(&self, id: OrganizationId) -> Result<VehicleKind, StoreError> {
        let organization = self
            .store
            .read(&id, |tx, id| Box::pin(async move { tx.organization(*id).find_organization().await }))
            .await;
        Ok(organization?.map(|organization: Organization| organization.vehicle).unwrap_or_default())
    }

    /// Changes an organisation; the next request of its integrations sees it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn set_organization(&self, id: OrganizationId, set: ChangeOrganization) -> Result<Organization, Error> {
        let change = move |organization| Ok((set.apply(organization), "organization.changed"));
        self.change_organization(id, &change).await?;
        self.organization(id).await
    }

    /// Suspends an organisation, so that all of its integrations are refused, or lets it work again.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Refused`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn set_organization_status(&self, id: OrganizationId, status: OrganizationStatus) -> Result<(), Error> {
        let change = move |organization: Organization| match status {
            OrganizationStatus::Active => Ok((organization.reactivate()?, "organization.reactivated")),
            OrganizationStatus::Suspended => Ok((organization.suspend()?, "organization.suspended")),
        };
        self.change_organization(id, &change).await
    }

    async fn change_organization(&self, id: OrganizationId, change: &Change<'_>) -> Result<(), Error> {
        self.store
            .write(&(self, id, change, self.now()), |tx, (app, id, change, now)| {
                Box::pin(async move {
                    let mut scope = tx.organization(*id);
                    scope.lock_organization().await?;
                    let organization =
                        scope.find_organization().await?.ok_or(ErrorKind::NotFound(Noun::Organization))?;
                    let (organization, action) = change(organization)?;
                    scope.update_organization(&organization, *now).await?;
                    let audit = app.audit(Actor::Operator, action, "organization", *id);
                    Ok(scope.insert_audit(&audit, *now).await?)
                })
            })
            .await
    }
}

/// The organisation as it becomes, and what that is called in the audit log.
type Change<'c> = dyn Fn(Organization) -> Result<(Organization, &'static str), Error> + Send + Sync + 'c;
