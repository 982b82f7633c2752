use jiff::Timestamp;
use jiff::civil::Date;
use routemate_domain::{DriverId, Email, IntegrationId, OrganizationId, RouteId, ZoneName};
use routemate_persistence::{ListedRoute, RouteDay, RouteFilter, StoreError, Tx, WhoDrives};

use crate::{App, Error};

/// Which routes are looked for; what is `None` or empty does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteSearch {
    /// How they stand: names of [`RouteStatus`](routemate_domain::RouteStatus).
    pub statuses: Vec<&'static str>,
    /// Who drives.
    pub driver: Option<SoughtDriver>,
    /// The day they are for: that of their job, or on which they are scheduled.
    pub date: Option<Date>,
    /// Words in the name, the job's title or external id, or the address of its driver; case is ignored.
    pub text: Option<String>,
    /// Whose jobs are known by their words: those of others are not to be found so.
    pub jobs_of: Option<IntegrationId>,
    /// Whether archived ones are listed too.
    pub include_archived: bool,
    /// Only those made before this one.
    pub before: Option<RouteId>,
}

/// Whose routes are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SoughtDriver {
    /// Nobody's.
    Nobody,
    /// This driver's.
    Driver(DriverId),
    /// Those of whoever has this address, and those of jobs that wait for such a driver.
    Person(Email),
}

impl App {
    /// Routes of an organisation, those of jobs among them, the latest made first; so many at most. Days are those of
    /// `zone`. A route that is made or deleted meanwhile moves no other one from one page to another.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn search_routes(
        &self,
        organization: OrganizationId,
        zone: &ZoneName,
        search: &RouteSearch,
        most: usize,
    ) -> Result<Vec<ListedRoute>, Error> {
        // PostgreSQL's text cannot hold U+0000, so no route has such a word.
        if search.text.as_ref().is_some_and(|text| text.contains('\0')) {
            return Ok(Vec::new());
        }
        let filter = RouteFilter {
            statuses: search.statuses.clone(),
            driver: None,
            day: search.date.map(|date| day(date, zone)),
            text: search.text.clone(),
            jobs_of: search.jobs_of,
            include_archived: search.include_archived,
        };
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let found: Result<_, StoreError> = self
            .store
            .read(&(organization, search, filter, most), |tx, (organization, search, filter, most)| {
                Box::pin(async move {
                    let driver = match &search.driver {
                        None => None,
                        Some(sought) => Some(who_drives(tx, *organization, sought).await?),
                    };
                    let filter = RouteFilter { driver, ..filter.clone() };
                    tx.organization(*organization).search_routes(&filter, search.before, *most).await
                })
            })
            .await;
        Ok(found?)
    }
}

async fn who_drives(tx: &mut Tx, organization: OrganizationId, sought: &SoughtDriver) -> Result<WhoDrives, StoreError> {
    let email = match sought {
        SoughtDriver::Nobody => return Ok(WhoDrives::Nobody),
        SoughtDriver::Driver(id) => return Ok(WhoDrives::Driver(*id)),
        SoughtDriver::Person(email) => email,
    };
    let driver = match tx.system_find_user(email).await? {
        Some(user) => tx.organization(organization).find_driver_of_user(user.id).await?,
        None => None,
    };
    Ok(match driver {
        Some(driver) => WhoDrives::DriverOrAwaited(driver.id, email.clone()),
        None => WhoDrives::Awaited(email.clone()),
    })
}

/// From its first instant to that of the day after. A day that has no instants, at the ends of time, is nothing at that end.
fn day(date: Date, zone: &ZoneName) -> RouteDay {
    let end = if date.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let begins = |date: Date| date.to_zoned(zone.zone().clone()).map_or(end, |zoned| zoned.timestamp());
    RouteDay { date, from: begins(date), until: date.tomorrow().map_or(end, begins) }
}
