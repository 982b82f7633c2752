use jiff::civil::Date;
use routemate_domain::{Email, IntegrationId, JobId, JobStatus, OrganizationId};
use routemate_persistence::{JobFilter, JobPage, StoreError};

use crate::{App, Error, Principal};

/// Which jobs are listed; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobQuery {
    /// The day they are for.
    pub scheduled_date: Option<Date>,
    /// How they stand.
    pub status: Option<JobStatus>,
    /// Who is to drive.
    pub driver: Option<Email>,
    /// Words in the title, the client's id or the driver's address, case ignored.
    pub text: Option<String>,
    /// Only those before this one.
    pub before: Option<JobId>,
}

impl JobQuery {
    fn filter(&self, integration: Option<IntegrationId>) -> JobFilter {
        JobFilter {
            integration,
            scheduled_date: self.scheduled_date,
            status: self.status,
            driver: self.driver.clone(),
            text: self.text.clone(),
        }
    }
}

impl App {
    /// Jobs of the calling integration, the latest first, so many at most. A job that is made or deleted meanwhile moves no
    /// other one from one page to another.
    ///
    /// Words and states are looked for among the next 5,000 jobs: a page may hold fewer than asked for, even none, and say
    /// where the [`next`](JobPage::next) one goes on.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn list_jobs(&self, who: &Principal, query: &JobQuery, most: i64) -> Result<JobPage, Error> {
        self.find_page(who.organization_id, Some(who.integration_id), query, most).await
    }

    /// As [`list_jobs`](Self::list_jobs), for an operator, who sees those of all integrations, or of one.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) where there is no such organisation.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn jobs_of_anybody(
        &self,
        organization: OrganizationId,
        integration: Option<IntegrationId>,
        query: &JobQuery,
        most: i64,
    ) -> Result<JobPage, Error> {
        self.organization(organization).await?;
        self.find_page(organization, integration, query, most).await
    }

    async fn find_page(
        &self,
        organization: OrganizationId,
        integration: Option<IntegrationId>,
        query: &JobQuery,
        most: i64,
    ) -> Result<JobPage, Error> {
        // PostgreSQL's text cannot hold U+0000, so no job has such a word.
        if query.text.as_ref().is_some_and(|text| text.contains('\0')) {
            return Ok(JobPage::default());
        }
        let plan = (organization, query.filter(integration), query.before, most);
        let found: Result<_, StoreError> = self
            .store
            .read(&plan, |tx, (organization, filter, before, most)| {
                Box::pin(async move { tx.organization(*organization).find_jobs(filter, *before, *most).await })
            })
            .await;
        Ok(found?)
    }
}
