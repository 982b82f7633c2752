use jiff::civil::Date;
use routemate_domain::{Email, JobId, JobStatus};
use routemate_persistence::{JobFilter, ListedJob, StoreError};

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

impl App {
    /// Jobs of the calling integration, the latest first, so many at most. A job that is made or deleted meanwhile moves no
    /// other one from one page to another.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn list_jobs(&self, who: &Principal, query: &JobQuery, most: i64) -> Result<Vec<ListedJob>, Error> {
        // PostgreSQL's text cannot hold U+0000, so no job has such a word.
        if query.text.as_ref().is_some_and(|text| text.contains('\0')) {
            return Ok(Vec::new());
        }
        let filter = JobFilter {
            integration: who.integration_id,
            scheduled_date: query.scheduled_date,
            status: query.status,
            driver: query.driver.clone(),
            text: query.text.clone(),
        };
        let found: Result<_, StoreError> = self
            .store
            .read(&(who, filter, query.before, most), |tx, (who, filter, before, most)| {
                Box::pin(async move { tx.organization(who.organization_id).find_jobs(filter, *before, *most).await })
            })
            .await;
        Ok(found?)
    }
}
