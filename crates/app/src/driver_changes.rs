use jiff::Timestamp;
use routemate_domain::{Driver, DriverId, Event, OrganizationId, Refusal, Route, RouteId, RouteStatus, Text};
use routemate_persistence::{ListedDriver, Scope, Tx};

use crate::audit::Actor;
use crate::events::outbox_event;
use crate::{App, Error, ErrorKind, Noun, Principal};

/// Something that an organisation does with one of its drivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriverChange {
    /// Writes name and telephone number.
    Edit {
        /// Given name.
        first_name: Option<Text<255>>,
        /// Family name.
        last_name: Option<Text<255>>,
        /// Telephone number.
        phone: Option<Text<255>>,
    },
    /// Takes the driver off duty: open routes stay with the driver, new ones are not given.
    Deactivate,
    /// Puts the driver on duty again.
    Reactivate,
    /// Puts the driver away: unstarted routes lose their driver. Not while a started one is on the way.
    Archive,
}

/// A driver after a change, with the routes that are still to be driven, in the order they were made and without their
/// lines.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedDriver {
    /// The driver.
    pub driver: Driver,
    /// The person's address, normalised.
    pub email: String,
    /// The routes that are the driver's and not over.
    pub open_routes: Vec<Route>,
    /// The routes that have lost their driver by the change, as they were before.
    pub unassigned_routes: Vec<Route>,
}

struct Change<'a> {
    app: &'a App,
    organization: OrganizationId,
    actor: Actor,
    id: DriverId,
    change: &'a DriverChange,
    expected: Option<&'a Driver>,
    now: Timestamp,
}

impl DriverChange {
    /// The name in the audit log.
    const fn action(&self) -> &'static str {
        match self {
            Self::Edit { .. } => "driver.updated",
            Self::Deactivate => "driver.deactivated",
            Self::Reactivate => "driver.reactivated",
            Self::Archive => "driver.archived",
        }
    }

    fn apply(&self, driver: Driver) -> Result<Driver, Refusal> {
        match self {
            Self::Edit { first_name, last_name, phone } => Ok(Driver {
                first_name: first_name.clone(),
                last_name: last_name.clone(),
                phone: phone.clone(),
                ..driver
            }),
            Self::Deactivate => driver.deactivate(),
            Self::Reactivate => driver.reactivate(),
            Self::Archive => driver.archive(),
        }
    }
}

impl App {
    /// Changes a driver, and says what that means for the routes that are still to be driven.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Refused`] where the driver's state does not allow it, or one who is to be
    /// archived is on the way; [`ErrorKind::Changed`] where the driver is no longer as `expected`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_driver(
        &self,
        who: &Principal,
        id: DriverId,
        change: &DriverChange,
        expected: Option<&Driver>,
    ) -> Result<ChangedDriver, Error> {
        let actor = Actor::Integration(who.integration_id);
        self.change_driver_of(who.organization_id, actor, id, change, expected).await
    }

    /// As [`change_driver`](Self::change_driver), for an operator, who needs no credentials.
    ///
    /// # Errors
    /// As for [`change_driver`](Self::change_driver).
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_driver_by_operator(
        &self,
        organization: OrganizationId,
        id: DriverId,
        change: &DriverChange,
    ) -> Result<ChangedDriver, Error> {
        self.change_driver_of(organization, Actor::Operator, id, change, None).await
    }

    async fn change_driver_of(
        &self,
        organization: OrganizationId,
        actor: Actor,
        id: DriverId,
        change: &DriverChange,
        expected: Option<&Driver>,
    ) -> Result<ChangedDriver, Error> {
        let change = Change { app: self, organization, actor, id, change, expected, now: self.now() };
        self.store.write(&change, |tx, change| Box::pin(store_change(tx, change))).await
    }
}

async fn store_change(tx: &mut Tx, plan: &Change<'_>) -> Result<ChangedDriver, Error> {
    let Change { app, organization, actor, id, change, expected, now } = *plan;
    let mut scope = tx.organization(organization);
    scope.lock_drivers().await?;
    let found = scope.find_listed_driver(id).await?.ok_or(ErrorKind::NotFound(Noun::Driver))?;
    let ListedDriver { driver: before, email } = found;
    if expected.is_some_and(|expected| *expected != before) {
        return Err(ErrorKind::Changed(Noun::Driver).into());
    }
    let driver = change.apply(before)?;
    let mut open_routes = scope.find_open_routes_of_driver(id).await?;
    let mut unassigned_routes = Vec::new();
    if *change == DriverChange::Archive {
        for route in std::mem::take(&mut open_routes) {
            unassign(&mut scope, plan, route.id).await?;
            unassigned_routes.push(route);
        }
    }
    scope.update_driver(&driver, now).await?;
    scope.insert_audit(&app.audit(actor, change.action(), "driver", id), now).await?;
    Ok(ChangedDriver { driver, email, open_routes, unassigned_routes })
}

/// Takes a route from a driver who is being archived.
async fn unassign(scope: &mut Scope<'_>, plan: &Change<'_>, id: RouteId) -> Result<(), Error> {
    let Change { app, actor, now, .. } = *plan;
    scope.lock_route(id).await?;
    let Some(itinerary) = scope.find_itinerary(id).await? else { return Ok(()) };
    let is_started = matches!(itinerary.route.status, RouteStatus::Started { .. });
    if is_started {
        return Err(Refusal { noun: "a driver", state: "on the way", action: "archive" }.into());
    }
    let route = itinerary.route.unassign(now)?;
    if !scope.update_route(&route).await? {
        return Err(crate::driving::lost_race().into());
    }
    let job = scope.find_job_of_route(id).await?;
    if let Some(job) = &job {
        scope.touch_job(job.id, now).await?;
    }
    scope.insert_audit(&app.audit(actor, "route.unassigned", "route", id), now).await?;
    let event = outbox_event(app.new_uuid(), Event::JobUnassigned, (id, job.as_ref()), &[])?;
    Ok(scope.insert_events(&[event], now).await?)
}
