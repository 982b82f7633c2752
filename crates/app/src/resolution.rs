use jiff::Timestamp;
use routemate_domain::{
    AutoAdd, Driver, DriverId, DriverStatus, Email, Invitation, InvitationId, InvitationStatus, User, UserId,
};
use routemate_persistence::{StoreError, Tx};

use crate::audit::Actor;
use crate::drivers::{Welcome, welcome};
use crate::{App, DriverResolution, Error, Principal};

/// What finding an import's driver may need: ids are made beforehand, because the transaction may run twice.
pub(crate) struct ResolveDriver<'a> {
    app: &'a App,
    who: Principal,
    email: Email,
    new_driver: DriverId,
    new_invitation: InvitationId,
    now: Timestamp,
}

/// An import's driver.
pub(crate) struct Resolved {
    pub(crate) resolution: DriverResolution,
    /// Who drives, where somebody does.
    pub(crate) driver: Option<(DriverId, UserId)>,
}

impl App {
    pub(crate) fn resolve_driver_plan(&self, who: &Principal, email: &Email, now: Timestamp) -> ResolveDriver<'_> {
        ResolveDriver {
            app: self,
            who: who.clone(),
            email: email.clone(),
            new_driver: DriverId::from_uuid(self.new_uuid()),
            new_invitation: InvitationId::from_uuid(self.new_uuid()),
            now,
        }
    }
}

/// Finds the driver with this address: a member, somebody to add, or somebody to invite.
pub(crate) async fn resolve_driver(tx: &mut Tx, plan: &ResolveDriver<'_>) -> Result<Resolved, Error> {
    let organization = plan.who.organization_id;
    if let Some(user) = tx.system_find_user(&plan.email).await?
        && let Some(driver) = tx.organization(organization).hold_active_driver_of_user(user.id).await?
    {
        return Ok(Resolved { resolution: DriverResolution::Member, driver: Some((driver.id, user.id)) });
    }
    // From here on nobody else decides who drives here; what was decided in the meantime is looked up again. That
    // somebody does not drive counts only now: whoever changes that gives out the jobs that wait, and this one is not
    // among them yet.
    tx.organization(organization).lock_drivers().await?;
    if let Some(found) = find_member(tx, plan).await? {
        return Ok(found);
    }
    match (tx.system_find_user(&plan.email).await?, plan.who.auto_add) {
        (Some(user), AutoAdd::On) => add(tx, plan, &user).await,
        (Some(_), AutoAdd::Off) | (None, _) => Ok(invite(tx, plan).await?),
    }
}

/// Who would be found, added or invited; nothing is written.
pub(crate) async fn foresee_driver(tx: &mut Tx, plan: &ResolveDriver<'_>) -> Result<Resolved, StoreError> {
    if let Some(found) = find_member(tx, plan).await? {
        return Ok(found);
    }
    let is_known = tx.system_find_user(&plan.email).await?.is_some();
    let resolution = match plan.who.auto_add {
        AutoAdd::On if is_known => DriverResolution::AutoAdded,
        AutoAdd::On | AutoAdd::Off => DriverResolution::Invited,
    };
    Ok(Resolved { resolution, driver: None })
}

async fn find_member(tx: &mut Tx, plan: &ResolveDriver<'_>) -> Result<Option<Resolved>, StoreError> {
    let Some(user) = tx.system_find_user(&plan.email).await? else {
        return Ok(None);
    };
    let driver = tx.organization(plan.who.organization_id).find_driver_of_user(user.id).await?;
    Ok(driver.map(|driver| match driver.status {
        DriverStatus::Active => Resolved { resolution: DriverResolution::Member, driver: Some((driver.id, user.id)) },
        DriverStatus::Inactive | DriverStatus::Archived => {
            Resolved { resolution: DriverResolution::Inactive, driver: None }
        }
    }))
}

async fn add(tx: &mut Tx, plan: &ResolveDriver<'_>, user: &User) -> Result<Resolved, Error> {
    let organization = plan.who.organization_id;
    let driver = Driver {
        organization_id: organization,
        id: plan.new_driver,
        user_id: user.id,
        first_name: None,
        last_name: None,
        phone: None,
        status: DriverStatus::Active,
    };
    let actor = Actor::Integration(plan.who.integration_id);
    let audit = plan.app.audit(actor, "driver.auto_added", "driver", driver.id);
    let mut scope = tx.organization(organization);
    scope.insert_driver(&driver, plan.now).await?;
    scope.insert_audit(&audit, plan.now).await?;
    // Invited while nobody had the address yet: earlier jobs may be waiting.
    let newcomer = Welcome { app: plan.app, organization, email: &plan.email, driver: driver.id, now: plan.now };
    welcome(tx, &newcomer).await?;
    Ok(Resolved { resolution: DriverResolution::AutoAdded, driver: Some((driver.id, user.id)) })
}

async fn invite(tx: &mut Tx, plan: &ResolveDriver<'_>) -> Result<Resolved, StoreError> {
    let mut scope = tx.organization(plan.who.organization_id);
    match scope.find_invitation(&plan.email).await? {
        Some(invitation) if invitation.status == InvitationStatus::Pending => {}
        Some(invitation) => scope.update_invitation(&invitation.renew(), plan.now).await?,
        None => {
            let invitation = Invitation {
                organization_id: plan.who.organization_id,
                id: plan.new_invitation,
                email: plan.email.clone(),
                status: InvitationStatus::Pending,
            };
            scope.insert_invitation(&invitation, plan.now).await?;
        }
    }
    Ok(Resolved { resolution: DriverResolution::Invited, driver: None })
}
