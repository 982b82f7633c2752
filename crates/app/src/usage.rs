use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use routemate_domain::{IntegrationId, Organization, OrganizationId};
use routemate_persistence::{RequestError, StoreError, UsageDay};

use crate::{App, Error, ErrorKind, Noun};

/// Errors of one integration that are kept for looking up.
const ERRORS_KEPT: i64 = 1_000;
/// Errors of one integration that are written at once; what is beyond is only counted.
const ERRORS_AT_ONCE: usize = 50;
/// Organisations whose usage is summed up at once.
const ORGANIZATIONS_AT_ONCE: i64 = 1_000;

/// A request of an integration that was answered.
#[derive(Debug, Clone)]
pub struct EndedRequest {
    /// Whose integration.
    pub organization_id: OrganizationId,
    /// Who asked.
    pub integration_id: IntegrationId,
    /// The id that the client was told.
    pub request_id: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// The route's template.
    pub route: String,
    /// HTTP status.
    pub status: u16,
    /// Why it was not answered as asked; nothing of the request itself.
    pub error: Option<String>,
}

/// What was counted in this process and is not in the database yet: as many entries as integrations that are at work.
#[derive(Debug, Default)]
pub(crate) struct UsageBook(Mutex<Pages>);

type Pages = HashMap<(OrganizationId, IntegrationId, Date), Page>;

/// One integration's day.
#[derive(Debug, Default)]
struct Page {
    requests: i64,
    refused: i64,
    limited: i64,
    failed: i64,
    imports: i64,
    imported_stops: i64,
    last_request_at: Timestamp,
    errors: Vec<RequestError>,
}

/// One organisation's part of what is written, in a transaction of its own.
struct Written {
    organization: OrganizationId,
    days: Vec<UsageDay>,
    errors: Vec<RequestError>,
}

/// What organisations have asked for.
#[derive(Debug, Clone)]
pub struct OrganizationUsage {
    /// The organisation.
    pub organization: Organization,
    /// By day and integration.
    pub days: Vec<UsageDay>,
    /// The latest requests that were not answered as asked, latest first.
    pub errors: Vec<RequestError>,
}

/// Asks what organisations have asked for.
#[derive(Debug, Clone)]
pub struct UsageQuery {
    /// One, or else all.
    pub organization_id: Option<OrganizationId>,
    /// So many days, today included.
    pub days: u16,
    /// Only the errors of this request.
    pub request_id: Option<String>,
    /// Errors of each organisation at most.
    pub errors: u16,
}

impl App {
    /// Counts a request in memory; [`write_usage`](Self::write_usage) brings it to the database.
    pub fn count_request(&self, ended: EndedRequest) {
        let now = self.now();
        let id = ended.error.is_some().then(|| self.new_uuid());
        self.usage.with_page((ended.organization_id, ended.integration_id), now, |page| {
            page.requests += 1;
            page.last_request_at = now;
            match ended.status {
                429 => page.limited += 1,
                400..=499 => page.refused += 1,
                500.. => page.failed += 1,
                _ => {}
            }
            if let (Some(id), Some(error)) = (id, ended.error)
                && page.errors.len() < ERRORS_AT_ONCE
            {
                page.errors.push(RequestError {
                    id,
                    integration_id: ended.integration_id,
                    at: now,
                    request_id: ended.request_id,
                    method: ended.method,
                    route: ended.route,
                    status: ended.status,
                    error,
                });
            }
        });
    }

    /// Counts an import in memory.
    pub(crate) fn count_import(&self, organization: OrganizationId, integration: IntegrationId, stops: usize) {
        let now = self.now();
        self.usage.with_page((organization, integration), now, |page| {
            page.imports += 1;
            page.imported_stops += i64::try_from(stops).unwrap_or(i64::MAX);
            page.last_request_at = now;
        });
    }

    /// Brings what was counted to the database; where that fails for the time being it stays in memory. Meant to be
    /// called every few seconds, and once when the process ends: a crash loses what was counted since.
    ///
    /// # Errors
    /// Those of the store.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn write_usage(&self) -> Result<(), Error> {
        let mut first_error = None;
        for written in self.usage.take() {
            let stored: Result<(), StoreError> = self
                .store
                .write(&written, |tx, written| {
                    Box::pin(async move {
                        let mut scope = tx.organization(written.organization);
                        for day in &written.days {
                            scope.add_usage(day).await?;
                        }
                        scope.insert_request_errors(&written.errors).await?;
                        let mut seen: Vec<IntegrationId> =
                            written.errors.iter().map(|error| error.integration_id).collect();
                        seen.dedup();
                        for integration in seen {
                            scope.trim_request_errors(integration, ERRORS_KEPT).await?;
                        }
                        Ok(())
                    })
                })
                .await;
            if let Err(error) = stored {
                // Whatever else failed would fail again; and after an unknown outcome it might be counted twice.
                if error.is_transient() {
                    self.usage.put_back(written);
                }
                first_error = first_error.or(Some(error));
            }
        }
        first_error.map_or(Ok(()), |error| Err(error.into()))
    }

    /// What organisations have asked for lately, and which of their requests were not answered as asked.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such organisation.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn usage(&self, query: UsageQuery) -> Result<Vec<OrganizationUsage>, Error> {
        let today = utc_day(self.now());
        let back = SignedDuration::from_hours(24 * (i64::from(query.days.max(1)) - 1));
        let since = today.checked_sub(back).unwrap_or(today);
        let organizations = match query.organization_id {
            Some(id) => vec![self.organization(id).await?],
            None => self.organizations(None, ORGANIZATIONS_AT_ONCE).await?,
        };
        let mut all = Vec::with_capacity(organizations.len());
        for organization in organizations {
            let found: Result<_, StoreError> = self
                .store
                .read(&(&organization, since, &query), |tx, (organization, since, query)| {
                    Box::pin(async move {
                        let mut scope = tx.organization(organization.id);
                        let days = scope.find_usage(*since).await?;
                        let most = i64::from(query.errors);
                        let errors = scope.find_request_errors(query.request_id.as_deref(), most).await?;
                        Ok((days, errors))
                    })
                })
                .await;
            let (days, errors) = found?;
            all.push(OrganizationUsage { organization, days, errors });
        }
        if query.organization_id.is_none() {
            all.retain(|usage| !usage.days.is_empty() || !usage.errors.is_empty());
        }
        Ok(all)
    }

    /// An organisation.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn organization(&self, id: OrganizationId) -> Result<Organization, Error> {
        let found: Result<_, StoreError> = self
            .store
            .read(&id, |tx, id| Box::pin(async move { tx.organization(*id).find_organization().await }))
            .await;
        found?.ok_or_else(|| ErrorKind::NotFound(Noun::Organization).into())
    }
}

impl UsageBook {
    fn with_page(&self, who: (OrganizationId, IntegrationId), now: Timestamp, change: impl FnOnce(&mut Page)) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(pages.entry((who.0, who.1, utc_day(now))).or_default());
    }

    /// Everything, an organisation at a time and in a stable order, so that two processes wait for no row in a circle.
    fn take(&self) -> Vec<Written> {
        let pages = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut written: BTreeMap<OrganizationId, Written> = BTreeMap::new();
        let mut pages: Vec<_> = pages.into_iter().collect();
        pages.sort_unstable_by_key(|(key, _)| *key);
        for ((organization, integration_id, day), page) in pages {
            let entry = written.entry(organization).or_insert_with(|| Written {
                organization,
                days: Vec::new(),
                errors: Vec::new(),
            });
            entry.errors.extend(page.errors);
            entry.days.push(UsageDay {
                integration_id,
                day,
                requests: page.requests,
                refused: page.refused,
                limited: page.limited,
                failed: page.failed,
                imports: page.imports,
                imported_stops: page.imported_stops,
                last_request_at: page.last_request_at,
            });
        }
        written.into_values().collect()
    }

    fn put_back(&self, written: Written) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for day in written.days {
            let page = pages.entry((written.organization, day.integration_id, day.day)).or_default();
            page.requests += day.requests;
            page.refused += day.refused;
            page.limited += day.limited;
            page.failed += day.failed;
            page.imports += day.imports;
            page.imported_stops += day.imported_stops;
            page.last_request_at = page.last_request_at.max(day.last_request_at);
        }
        for error in written.errors {
            let day = utc_day(error.at);
            let page = pages.entry((written.organization, error.integration_id, day)).or_default();
            if page.errors.len() < ERRORS_AT_ONCE {
                page.errors.push(error);
            }
        }
    }
}

fn utc_day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}
