use std::collections::HashSet;

use jiff::Timestamp;
use routemate_domain::{
    Driver, DriverId, DriverStatus, Email, Event, InvitationStatus, Job, OrganizationId, Text, User, UserId,
};
use routemate_persistence::{StoreError, Tx};

use crate::audit::Actor;
use crate::events::outbox_event;
use crate::{App, Error, ErrorKind, Noun};

/// Waiting jobs that are given out by one statement: those of somebody who was long waited for may be many.
const JOBS_AT_ONCE: i64 = 500;

/// Makes a person a driver of an organisation.
#[derive(Debug, Clone)]
pub struct CreateDriver {
    /// The organisation.
    pub organization_id: OrganizationId,
    /// The person's address.
    pub email: Email,
    /// Given name.
    pub first_name: Option<Text<255>>,
    /// Family name.
    pub last_name: Option<Text<255>>,
    /// Telephone number.
    pub phone: Option<Text<255>>,
}

/// A driver, and the jobs that were waiting for this person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedDriver {
    /// The driver's id in this organisation.
    pub driver_id: DriverId,
    /// The person's id in every organisation.
    pub driver_user_id: UserId,
    /// How many waiting jobs are assigned now.
    pub jobs_assigned: usize,
}

/// Somebody who drives for an organisation from now on.
pub(crate) struct Welcome<'a> {
    pub(crate) app: &'a App,
    pub(crate) organization: OrganizationId,
    pub(crate) email: &'a Email,
    pub(crate) driver: DriverId,
    pub(crate) now: Timestamp,
}

struct Create<'a> {
    app: &'a App,
    command: CreateDriver,
    driver: DriverId,
    user: UserId,
    now: Timestamp,
}

impl App {
    /// Makes a person a driver: accepts the invitation that waits for the address, and assigns every job that does.
    ///
    /// Doing it again for the same person updates name and telephone number, and brings a deactivated driver back.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such organisation.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn create_driver(&self, command: CreateDriver) -> Result<CreatedDriver, Error> {
        let create = Create {
            app: self,
            driver: DriverId::from_uuid(self.new_uuid()),
            user: UserId::from_uuid(self.new_uuid()),
            now: self.now(),
            command,
        };
        self.store.write(&create, |tx, create| Box::pin(store_driver(tx, create))).await
    }

    /// Takes a driver off duty: routes already given stay, new ones are not given.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Refused`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn deactivate_driver(&self, organization: OrganizationId, driver: DriverId) -> Result<(), Error> {
        let plan = (self, organization, driver, self.now());
        self.store
            .write(&plan, |tx, (app, organization, id, now)| {
                Box::pin(async move {
                    let mut scope = tx.organization(*organization);
                    scope.lock_drivers().await?;
                    let driver = scope.lock_driver(*id).await?.ok_or(ErrorKind::NotFound(Noun::Driver))?;
                    scope.update_driver(&driver.deactivate()?, *now).await?;
                    let audit = app.audit(Actor::Operator, "driver.deactivated", "driver", *id);
                    Ok(scope.insert_audit(&audit, *now).await?)
                })
            })
            .await
    }
}

async fn store_driver(tx: &mut Tx, create: &Create<'_>) -> Result<CreatedDriver, Error> {
    let command = &create.command;
    let organization = command.organization_id;
    let mut scope = tx.organization(organization);
    scope.find_organization().await?.ok_or(ErrorKind::NotFound(Noun::Organization))?;
    scope.lock_drivers().await?;
    let user = User { id: create.user, email: command.email.clone() };
    let user = tx.system_find_or_insert_user(&user, create.now).await?;
    let driver = upsert_driver(tx, create, user.id).await?;
    let newcomer = Welcome { app: create.app, organization, email: &command.email, driver: driver.id, now: create.now };
    let jobs_assigned = welcome(tx, &newcomer).await?;
    Ok(CreatedDriver { driver_id: driver.id, driver_user_id: driver.user_id, jobs_assigned })
}

async fn upsert_driver(tx: &mut Tx, create: &Create<'_>, user_id: UserId) -> Result<Driver, StoreError> {
    let command = &create.command;
    let mut scope = tx.organization(command.organization_id);
    let existing = scope.find_driver_of_user(user_id).await?;
    let driver = Driver {
        organization_id: command.organization_id,
        id: existing.as_ref().map_or(create.driver, |driver| driver.id),
        user_id,
        first_name: command.first_name.clone(),
        last_name: command.last_name.clone(),
        phone: command.phone.clone(),
        status: DriverStatus::Active,
    };
    let action = match existing {
        Some(_) => {
            scope.update_driver(&driver, create.now).await?;
            "driver.updated"
        }
        None => {
            scope.insert_driver(&driver, create.now).await?;
            "driver.created"
        }
    };
    let audit = create.app.audit(Actor::Operator, action, "driver", driver.id);
    scope.insert_audit(&audit, create.now).await?;
    Ok(driver)
}

/// Accepts the invitation that waits for a new driver's address, gives the driver every job that does, and tells
/// whoever subscribes. To be called with the organisation's drivers locked.
pub(crate) async fn welcome(tx: &mut Tx, newcomer: &Welcome<'_>) -> Result<usize, Error> {
    let mut scope = tx.organization(newcomer.organization);
    if let Some(invitation) = scope.find_invitation(newcomer.email).await?
        && invitation.status == InvitationStatus::Pending
    {
        let accepted = invitation.accept(newcomer.now)?;
        scope.update_invitation(&accepted, newcomer.now).await?;
    }
    let mut jobs_assigned = 0;
    loop {
        let waiting = scope.find_waiting_jobs(newcomer.email, JOBS_AT_ONCE).await?;
        if waiting.is_empty() {
            return Ok(jobs_assigned);
        }
        let routes: Vec<_> = waiting.iter().map(|job| job.route_id).collect();
        let assigned: HashSet<_> =
            scope.assign_routes(&routes, newcomer.driver, newcomer.now).await?.into_iter().collect();
        let event = |job: &Job| {
            let id = newcomer.app.new_uuid();
            outbox_event(id, Event::JobAssigned(newcomer.driver), (job.route_id, Some(job)), &[])
        };
        let events =
            waiting.iter().filter(|job| assigned.contains(&job.route_id)).map(event).collect::<Result<Vec<_>, _>>()?;
        scope.insert_events(&events, newcomer.now).await?;
        jobs_assigned += events.len();
    }
}
