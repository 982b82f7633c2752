use std::collections::HashMap;

use routemate_domain::{Driver, DriverId, DriverStatus, Itinerary, OrganizationId, RouteId, StopStatus};
use routemate_persistence::{ListedDriver, RouteQuery, StoreError, Tx};

use crate::{App, Error, ErrorKind, Noun, Principal, RouteView, WholeRoute};

impl App {
    /// A page of the organisation's routes, those of jobs among them, newest first. Their lines are left out.
    ///
    /// Pages that go on [`after`](RouteQuery::after) the last route of the one before hold every route once, whatever is made
    /// or deleted meanwhile. In the order of changes, a route that is changed meanwhile is first again: on none of the pages
    /// to come.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn routes(&self, who: &Principal, query: &RouteQuery) -> Result<Vec<RouteView>, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&(who.organization_id, query), |tx, (organization, query)| {
                Box::pin(async move {
                    let itineraries = tx.organization(*organization).find_itineraries(query).await?;
                    views(tx, *organization, itineraries).await
                })
            })
            .await;
        Ok(found?)
    }

    /// A route as it stands, its line included.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], also for those of other organisations.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn route(&self, who: &Principal, id: RouteId) -> Result<RouteView, Error> {
        let found: Result<Vec<RouteView>, StoreError> = self
            .store
            .read(&(who.organization_id, id), |tx, (organization, id)| {
                Box::pin(async move {
                    let itinerary = tx.organization(*organization).find_itinerary(*id).await?;
                    views(tx, *organization, itinerary.into_iter().collect()).await
                })
            })
            .await;
        found?.pop().ok_or_else(|| ErrorKind::NotFound(Noun::Route).into())
    }

    /// A route as it stands, its line included, with the job that it belongs to.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], also for those of other organisations.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn whole_route(&self, organization: OrganizationId, id: RouteId) -> Result<WholeRoute, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&(organization, id), |tx, (organization, id)| Box::pin(find_whole_route(tx, *organization, *id)))
            .await;
        found?.ok_or_else(|| ErrorKind::NotFound(Noun::Route).into())
    }

    /// A route of whichever organisation, for an operator.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn route_of_anybody(&self, id: RouteId) -> Result<WholeRoute, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&id, |tx, id| {
                Box::pin(async move {
                    match tx.system_find_organization_of_route(*id).await? {
                        Some(organization) => find_whole_route(tx, organization, *id).await,
                        None => Ok(None),
                    }
                })
            })
            .await;
        found?.ok_or_else(|| ErrorKind::NotFound(Noun::Route).into())
    }

    /// A page of the organisation's drivers in the order they were made, of these states, or of all where none is given.
    /// People who are invited and have not signed up are no drivers yet.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn drivers_page(
        &self,
        who: &Principal,
        statuses: &[DriverStatus],
        after: Option<DriverId>,
        most: usize,
    ) -> Result<Vec<ListedDriver>, Error> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let found: Result<_, StoreError> = self
            .store
            .read(&(who.organization_id, statuses, after, most), |tx, (organization, statuses, after, most)| {
                Box::pin(
                    async move { tx.organization(*organization).find_drivers_of_status(statuses, *after, *most).await },
                )
            })
            .await;
        Ok(found?)
    }

    /// A driver of the organisation, with the person's address.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], also for those of other organisations.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn listed_driver(&self, organization: OrganizationId, id: DriverId) -> Result<ListedDriver, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&(organization, id), |tx, (organization, id)| {
                Box::pin(async move { tx.organization(*organization).find_listed_driver(*id).await })
            })
            .await;
        found?.ok_or_else(|| ErrorKind::NotFound(Noun::Driver).into())
    }

    /// A driver of the organisation.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], also for those of other organisations.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn driver(&self, who: &Principal, id: DriverId) -> Result<Driver, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&(who.organization_id, id), |tx, (organization, id)| {
                Box::pin(async move { tx.organization(*organization).find_driver(*id).await })
            })
            .await;
        found?.ok_or_else(|| ErrorKind::NotFound(Noun::Driver).into())
    }
}

async fn find_whole_route(
    tx: &mut Tx,
    organization: OrganizationId,
    id: RouteId,
) -> Result<Option<WholeRoute>, StoreError> {
    let mut scope = tx.organization(organization);
    let Some(itinerary) = scope.find_itinerary(id).await? else { return Ok(None) };
    let job = scope.find_job_of_route(id).await?;
    let mut views = views(tx, organization, vec![itinerary]).await?;
    Ok(views.pop().map(|RouteView { itinerary, driver }| WholeRoute { itinerary, job, driver }))
}

/// Routes with their drivers, without the stops that were taken off them.
async fn views(
    tx: &mut Tx,
    organization: OrganizationId,
    itineraries: Vec<Itinerary>,
) -> Result<Vec<RouteView>, StoreError> {
    let mut ids: Vec<DriverId> = itineraries.iter().filter_map(|itinerary| itinerary.route.driver_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let drivers = match ids.is_empty() {
        true => Vec::new(),
        false => tx.organization(organization).find_drivers_by_ids(&ids).await?,
    };
    let drivers: HashMap<DriverId, Driver> = drivers.into_iter().map(|driver| (driver.id, driver)).collect();
    let view = |mut itinerary: Itinerary| {
        itinerary.stops.retain(|stop| stop.status != StopStatus::Removed);
        let driver = itinerary.route.driver_id.and_then(|id| drivers.get(&id).cloned());
        RouteView { itinerary, driver }
    };
    Ok(itineraries.into_iter().map(view).collect())
}
