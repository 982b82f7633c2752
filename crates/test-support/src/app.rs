use std::net::{IpAddr, Ipv4Addr};
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use routemate_app::{
    Answer, App, CreateDriver, CreateIntegration, CreateOrganization, CreatedDriver, Error, Idempotency, ImportJob,
    ImportedJob, IssuedSecret, JobKey, JobView, Ports, Principal, Render, Settings, TokenRequest,
};
use routemate_domain::{AutoAdd, Email, JobId, Organization, OrganizationId, Plan, ZoneName};
use routemate_persistence::Store;
use routemate_persistence::test_db::TestDb;
use routemate_travel::Engines;
use routemate_units::VehicleKind;

use crate::{FakeClock, FakeEntropy, FakeGeocoder, text};

/// The product over a real database, with everything else under the test's control.
///
/// Use cases are called on it directly, as on the [`App`] that it holds.
#[derive(Debug)]
pub struct TestApp {
    app: Arc<App>,
    /// What time it is.
    pub clock: Arc<FakeClock>,
    /// Which addresses are found.
    pub geocoder: Arc<FakeGeocoder>,
    /// The database.
    pub store: Store,
    settings: Settings,
}

/// An integration's credentials, with the organisation they belong to.
#[derive(Debug)]
pub struct Credentials {
    /// The organisation.
    pub organization_id: OrganizationId,
    /// The public half.
    pub client_id: String,
    /// The secret half.
    pub client_secret: String,
}

impl Deref for TestApp {
    type Target = Arc<App>;

    fn deref(&self) -> &Arc<App> {
        &self.app
    }
}

impl TestApp {
    /// The product with its default settings.
    #[must_use]
    pub fn new(db: &TestDb) -> Self {
        Self::with(db, |_| {})
    }

    /// The product with other settings.
    #[must_use]
    pub fn with(db: &TestDb, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::default();
        change(&mut settings);
        Self::assemble(db.store().clone(), Arc::default(), settings)
    }

    /// Another process on the same database: its own geocoder and randomness, the same time and settings.
    #[must_use]
    pub fn another(&self, store: Store) -> Self {
        Self::assemble(store, Arc::clone(&self.clock), self.settings.clone())
    }

    fn assemble(store: Store, clock: Arc<FakeClock>, settings: Settings) -> Self {
        // Instances that share a database must not mint the same ids.
        static SEED: AtomicU64 = AtomicU64::new(1);
        let geocoder = Arc::<FakeGeocoder>::default();
        let ports = Ports {
            store: store.clone(),
            clock: clock.clone(),
            entropy: Arc::new(FakeEntropy::seeded(SEED.fetch_add(1, Ordering::Relaxed))),
            geocoder: geocoder.clone(),
            travel: Engines::default(),
        };
        Self { app: Arc::new(App::new(ports, settings.clone())), clock, geocoder, store, settings }
    }

    /// An organisation without limits, in Helsinki's time zone, unless changed.
    pub async fn organization(&self, change: impl FnOnce(&mut CreateOrganization)) -> Organization {
        let mut command = CreateOrganization {
            name: text("Acme"),
            plan: Plan::Enterprise,
            requests_per_minute: None,
            stops_per_import: None,
            timezone: ZoneName::parse("Europe/Helsinki").expect("a zone"),
            auto_add: AutoAdd::On,
            vehicle: VehicleKind::Car,
        };
        change(&mut command);
        self.create_organization(command).await.expect("an organisation")
    }

    /// A new integration of an organisation.
    pub async fn integration(&self, organization_id: OrganizationId) -> Credentials {
        let command = CreateIntegration { organization_id, name: text("Shop") };
        let issued = self.create_integration(command).await.expect("an integration");
        Credentials::of(organization_id, issued)
    }

    /// A token for these credentials, asked for from 192.0.2.1.
    ///
    /// # Errors
    /// Those of [`App::issue_token`].
    pub async fn token(&self, credentials: &Credentials) -> Result<String, Error> {
        self.token_from(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), credentials).await
    }

    /// A token for these credentials, asked for from an address.
    ///
    /// # Errors
    /// Those of [`App::issue_token`].
    pub async fn token_from(&self, address: IpAddr, credentials: &Credentials) -> Result<String, Error> {
        let request = TokenRequest {
            client_id: credentials.client_id.clone(),
            client_secret: credentials.client_secret.clone().into(),
            address,
        };
        let issued = self.issue_token(request).await?;
        Ok(issued.access_token.reveal().to_owned())
    }

    /// An integration of a new organisation without limits.
    pub async fn principal(&self) -> Principal {
        let organization = self.organization(|_| {}).await;
        self.principal_of(organization.id).await
    }

    /// A new integration of an organisation, through credentials and token as callers get there.
    pub async fn principal_of(&self, organization: OrganizationId) -> Principal {
        let credentials = self.integration(organization).await;
        let token = self.token(&credentials).await.expect("a token");
        self.authenticate(Some(&token)).await.expect("a valid token")
    }

    /// Makes a person a driver.
    pub async fn driver(&self, organization_id: OrganizationId, email: &str) -> CreatedDriver {
        let command = CreateDriver {
            organization_id,
            email: Email::parse(email).expect("an address"),
            first_name: Some(text("Aino")),
            last_name: None,
            phone: None,
        };
        self.create_driver(command).await.expect("a driver")
    }

    /// Imports a job without an idempotency key and gives what its answer is made of.
    ///
    /// # Errors
    /// Those of [`App::import_job`].
    pub async fn import(&self, who: &Principal, command: ImportJob) -> Result<ImportedJob, Error> {
        let seen: Arc<Mutex<Option<ImportedJob>>> = Arc::default();
        let kept = Arc::clone(&seen);
        let render: Render = Arc::new(move |imported| {
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(imported.clone());
            Vec::new()
        });
        self.import_job(who, command, None, render).await?;
        let imported = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(imported.expect("an import that succeeded was rendered"))
    }

    /// Imports a job under an idempotency key. The request's fingerprint stands for its external id and title.
    ///
    /// # Errors
    /// Those of [`App::import_job`].
    pub async fn import_keyed(&self, who: &Principal, command: ImportJob, key: &str) -> Result<Answer, Error> {
        let mut fingerprint = [0; 32];
        let request = format!("{}{}", command.title, command.external_job_id);
        for (slot, byte) in fingerprint.iter_mut().zip(request.bytes()) {
            *slot = byte;
        }
        let idempotency = Idempotency { operation: "import", key: key.to_owned(), fingerprint };
        self.import_job(who, command, Some(idempotency), ids_body()).await
    }

    /// A job by its id.
    ///
    /// # Errors
    /// Those of [`App::find_job`].
    pub async fn job(&self, who: &Principal, id: JobId) -> Result<JobView, Error> {
        let key = JobKey { job_id: Some(id), external_job_id: None };
        self.find_job(who, key).await
    }
}

impl Credentials {
    /// Credentials as they were issued.
    #[must_use]
    pub fn of(organization_id: OrganizationId, issued: IssuedSecret) -> Self {
        Self { organization_id, client_secret: issued.client_secret.reveal().to_owned(), client_id: issued.client_id }
    }
}

/// Renders a job as its id, a space, and a number that is different each time: only a replay is equal to the byte.
#[must_use]
pub fn ids_body() -> Render {
    static RENDERED: AtomicU64 = AtomicU64::new(0);
    Arc::new(|imported| {
        let number = RENDERED.fetch_add(1, Ordering::Relaxed);
        format!("{} {number}", imported.view.job.id).into_bytes()
    })
}
