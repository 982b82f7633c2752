use routemate_domain::{Itinerary, Job, JobId, OrganizationId, StopStatus};
use routemate_persistence::{StoreError, Tx};

use crate::{App, Error, ErrorKind, JobView, Noun, Principal};

/// What a caller knows of a job: at least one of its two ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobKey {
    /// Our id.
    pub job_id: Option<JobId>,
    /// The client's id.
    pub external_job_id: Option<String>,
}

impl App {
    /// A job of the calling integration as it stands. Where both ids are given, they must denote one job.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], also for jobs of other organisations and integrations.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn find_job(&self, who: &Principal, key: JobKey) -> Result<JobView, Error> {
        // PostgreSQL's text cannot hold U+0000, so no job has such an id.
        if key.external_job_id.as_ref().is_some_and(|id| id.contains('\0')) {
            return Err(ErrorKind::NotFound(Noun::Job).into());
        }
        let found = self.store.read(&(who, key), |tx, (who, key)| Box::pin(find(tx, who, key))).await?;
        found.ok_or_else(|| ErrorKind::NotFound(Noun::Job).into())
    }
}

async fn find(tx: &mut Tx, who: &Principal, key: &JobKey) -> Result<Option<JobView>, StoreError> {
    let mut scope = tx.organization(who.organization_id);
    let job = match (key.job_id, &key.external_job_id) {
        (Some(id), _) => scope.find_job(id).await?,
        (None, Some(external)) => scope.find_job_by_external_id(who.integration_id, external).await?,
        (None, None) => None,
    };
    let is_meant = |job: &Job| {
        job.integration_id == who.integration_id
            && key.external_job_id.as_ref().is_none_or(|id| id == job.external_job_id.as_str())
    };
    match job.filter(is_meant) {
        Some(job) => view(tx, job).await,
        None => Ok(None),
    }
}

/// A job of an organisation, whichever integration imported it.
pub(crate) async fn find_in_organization(
    tx: &mut Tx,
    organization: OrganizationId,
    id: JobId,
) -> Result<Option<JobView>, StoreError> {
    match tx.organization(organization).find_job(id).await? {
        Some(job) => view(tx, job).await,
        None => Ok(None),
    }
}

/// A job with its route as it stands; `None` where the route is gone.
pub(crate) async fn view(tx: &mut Tx, job: Job) -> Result<Option<JobView>, StoreError> {
    let mut scope = tx.organization(job.organization_id);
    let Some(Itinerary { route, mut stops }) = scope.find_itinerary(job.route_id).await? else {
        return Ok(None);
    };
    stops.retain(|stop| stop.status != StopStatus::Removed);
    let driver = match route.driver_id {
        Some(driver) => scope.find_driver(driver).await?,
        None => None,
    };
    let driver_user_id = driver.map(|driver| driver.user_id);
    Ok(Some(JobView { job, itinerary: Itinerary { route, stops }, driver_user_id }))
}
