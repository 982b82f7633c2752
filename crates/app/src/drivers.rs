use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use routemate_domain::{
    Driver, DriverId, DriverStatus, Email, Event, InvitationStatus, Job, OrganizationId, Text, User, UserId,
};
use routemate_persistence::{Reservation, Tx};

use crate::audit::Actor;
use crate::events::outbox_event;
use crate::idempotency::{Stopped, keep_answer};
use crate::{Answer, App, Error, ErrorKind, Idempotency, Noun, Principal};

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

/// A driver, and what was waiting for this person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedDriver {
    /// The driver.
    pub driver: Driver,
    /// The person's address, normalised.
    pub email: Email,
    /// Whether an invitation of this organisation is accepted by it.
    pub is_invitation_accepted: bool,
    /// How many waiting jobs are assigned now.
    pub jobs_assigned: usize,
}

/// Turns a new driver into the bytes of its answer, inside the transaction that stores both. May be called twice.
pub type RenderDriver = Arc<dyn Fn(&CreatedDriver) -> Vec<u8> + Send + Sync>;

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
    actor: Actor,
    command: &'a CreateDriver,
    known: KnownDriver,
    driver: DriverId,
    user: UserId,
    now: Timestamp,
}

/// What becomes of a person who is a driver of the organisation already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KnownDriver {
    /// Gets the new name and telephone number, and is on duty again.
    Updated,
    /// Stays, and the caller is told who it is.
    Refused,
}

/// What the transaction of a driver that is answered with stored bytes writes.
struct Answered<'a> {
    create: Create<'a>,
    reservation: Option<Reservation>,
    render: &'a RenderDriver,
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
        let create = self.new_driver(Actor::Operator, &command, KnownDriver::Updated);
        self.store.write(&create, |tx, create| Box::pin(store_driver(tx, create))).await
    }

    /// Makes a person a driver as [`create_driver`](Self::create_driver) does, unless that is one already, and stores the
    /// answer with it: a second call with the same idempotency key gets the first one's.
    ///
    /// # Errors
    /// [`ErrorKind::DriverEmailTaken`], however that driver stands; [`ErrorKind::KeyReused`] where the key was used for
    /// another request; [`ErrorKind::Unavailable`] where another call with the key takes too long, or nobody knows whether
    /// it was written.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn add_driver(
        self: &Arc<Self>,
        who: &Principal,
        command: CreateDriver,
        idempotency: Option<Idempotency>,
        render: RenderDriver,
    ) -> Result<Answer, Error> {
        let actor = Actor::Integration(who.integration_id);
        let (command, render) = (&command, &render);
        self.answer_once(who, idempotency.as_ref(), |reservation| {
            Box::pin(async move {
                let create = self.new_driver(actor, command, KnownDriver::Refused);
                let answered = Answered { create, reservation, render };
                self.store.write(&answered, |tx, answered| Box::pin(store_answered(tx, answered))).await
            })
        })
        .await
    }

    fn new_driver<'a>(&'a self, actor: Actor, command: &'a CreateDriver, known: KnownDriver) -> Create<'a> {
        Create {
            app: self,
            actor,
            command,
            known,
            driver: DriverId::from_uuid(self.new_uuid()),
            user: UserId::from_uuid(self.new_uuid()),
            now: self.now(),
        }
    }
}

async fn store_answered(tx: &mut Tx, answered: &Answered<'_>) -> Result<Vec<u8>, Stopped> {
    let Answered { create, reservation, render } = answered;
    let body = render(&store_driver(tx, create).await?);
    keep_answer(&mut tx.organization(create.command.organization_id), *reservation, body, create.now).await
}

async fn store_driver(tx: &mut Tx, create: &Create<'_>) -> Result<CreatedDriver, Error> {
    let command = create.command;
    let organization = command.organization_id;
    let mut scope = tx.organization(organization);
    scope.find_organization().await?.ok_or(ErrorKind::NotFound(Noun::Organization))?;
    scope.lock_drivers().await?;
    let user = User { id: create.user, email: command.email.clone() };
    let user = tx.system_find_or_insert_user(&user, create.now).await?;
    let driver = upsert_driver(tx, create, user.id).await?;
    let newcomer = Welcome { app: create.app, organization, email: &command.email, driver: driver.id, now: create.now };
    let Welcomed { is_invitation_accepted, jobs_assigned } = welcome(tx, &newcomer).await?;
    Ok(CreatedDriver { driver, email: command.email.clone(), is_invitation_accepted, jobs_assigned })
}

async fn upsert_driver(tx: &mut Tx, create: &Create<'_>, user_id: UserId) -> Result<Driver, Error> {
    let command = create.command;
    let mut scope = tx.organization(command.organization_id);
    let existing = scope.find_driver_of_user(user_id).await?;
    if let (Some(existing), KnownDriver::Refused) = (&existing, create.known) {
        return Err(ErrorKind::DriverEmailTaken(existing.id).into());
    }
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
    let audit = create.app.audit(create.actor, action, "driver", driver.id);
    scope.insert_audit(&audit, create.now).await?;
    Ok(driver)
}

/// What was waiting for a new driver.
pub(crate) struct Welcomed {
    is_invitation_accepted: bool,
    jobs_assigned: usize,
}

/// Accepts the invitation that waits for a new driver's address, gives the driver every job that does, and tells
/// whoever subscribes. To be called with the organisation's drivers locked.
pub(crate) async fn welcome(tx: &mut Tx, newcomer: &Welcome<'_>) -> Result<Welcomed, Error> {
    let mut scope = tx.organization(newcomer.organization);
    let mut is_invitation_accepted = false;
    if let Some(invitation) = scope.find_invitation(newcomer.email).await?
        && invitation.status == InvitationStatus::Pending
    {
        let accepted = invitation.accept(newcomer.now)?;
        scope.update_invitation(&accepted, newcomer.now).await?;
        is_invitation_accepted = true;
    }
    let mut jobs_assigned = 0;
    loop {
        let waiting = scope.find_waiting_jobs(newcomer.email, JOBS_AT_ONCE).await?;
        if waiting.is_empty() {
            return Ok(Welcomed { is_invitation_accepted, jobs_assigned });
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
