use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ipnet::IpNet;
use routemate_app::{App, Error, ErrorKind};
use routemate_domain::JobId;
use routemate_units::Seconds;
use tokio::runtime::Handle;
use tracing::Instrument;

use crate::shed::TurnedAway;

/// What every handler needs: the use cases, where they run, and how the world reaches this server.
///
/// Cheap to clone; handlers take it as `web::Data<Context>`.
#[derive(Clone)]
pub struct Context(Arc<Inner>);

struct Inner {
    app: Arc<App>,
    runtime: Handle,
    settings: HttpSettings,
    is_draining: AtomicBool,
    in_flight: AtomicUsize,
    turned_away: TurnedAway,
}

/// A request that is being worked on, for as long as this lives.
pub(crate) struct InFlight(Arc<Inner>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What an operator can set about HTTP.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// The address that the world knows this server by, such as `https://routemate.example`.
    pub public_url: String,
    /// Longer bodies are refused.
    pub max_body_bytes: usize,
    /// Requests worked on at the same time; more are told to come again.
    pub max_in_flight: usize,
    /// Whether calls over plain HTTP are refused; those from this machine never are.
    pub require_https: bool,
    /// Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Browsers' origins that may call; `*` is any, none turns CORS off.
    pub cors_origins: Vec<String>,
}

impl HttpSettings {
    /// The product's defaults for a server of this address.
    #[must_use]
    pub fn new(public_url: impl Into<String>) -> Self {
        Self {
            public_url: public_url.into(),
            max_body_bytes: 10 * 1024 * 1024,
            max_in_flight: 1024,
            require_https: false,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
        }
    }
}

impl Context {
    /// A context whose use cases run on `runtime`, which must be a multi-thread runtime that outlives the server.
    #[must_use]
    pub fn new(app: Arc<App>, runtime: Handle, mut settings: HttpSettings) -> Self {
        settings.public_url.truncate(settings.public_url.trim_end_matches('/').len());
        let (is_draining, in_flight) = (AtomicBool::new(false), AtomicUsize::new(0));
        let turned_away = TurnedAway::default();
        Self(Arc::new(Inner { app, runtime, settings, is_draining, in_flight, turned_away }))
    }

    /// From now on `/readyz` says that no more should be sent here, and every answer ends its connection. What comes
    /// nevertheless is answered.
    pub fn begin_drain(&self) {
        self.0.is_draining.store(true, Ordering::Relaxed);
    }

    /// Whether the server is about to stop.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.is_draining.load(Ordering::Relaxed)
    }

    /// Counts a request; `None` where there are too many already, or too many that wait for the database.
    pub(crate) fn enter(&self) -> Option<InFlight> {
        let before = self.0.in_flight.fetch_add(1, Ordering::Relaxed);
        let entered = InFlight(Arc::clone(&self.0));
        (before < self.0.settings.max_in_flight.max(1) && !self.0.app.is_crowded()).then_some(entered)
    }

    /// Who is turned away, for the log.
    pub(crate) fn turned_away(&self) -> &TurnedAway {
        &self.0.turned_away
    }

    /// The use cases, for what needs no runtime of its own. Everything else goes through [`run`](Self::run).
    #[must_use]
    pub fn app(&self) -> &App {
        &self.0.app
    }

    /// What was set.
    #[must_use]
    pub fn settings(&self) -> &HttpSettings {
        &self.0.settings
    }

    /// The address that the world knows this server by, without a slash at its end.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.0.settings.public_url
    }

    /// Runs a use case on the main runtime and waits for it.
    ///
    /// Actix drops a handler wherever it stands when its client hangs up; the use case goes on and is never left half
    /// done.
    ///
    /// # Errors
    /// The use case's, an internal one where it panicked, and [`ErrorKind::Unavailable`] while the process is ending.
    pub async fn run<T, F, Fut>(&self, use_case: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(Arc<App>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Error>> + Send,
    {
        let app = Arc::clone(&self.0.app);
        let task = async move { use_case(app).await }.in_current_span();
        match self.0.runtime.spawn(task).await {
            Ok(result) => result,
            Err(error) if error.is_panic() => Err(Error::internal(UseCasePanicked)),
            Err(_) => Err(ErrorKind::Unavailable { retry_after: Seconds::new(1) }.into()),
        }
    }
}

/// The address of a job's page: the `deep_link` of every dialect, and what signed links lengthen.
#[must_use]
pub fn job_page_url(public_url: &str, job: JobId) -> String {
    format!("{}/app/jobs/{job}", public_url.trim_end_matches('/'))
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

/// What it said went to the panic hook; a payload may hold anything and is not repeated.
#[derive(Debug, thiserror::Error)]
#[error("the use case panicked")]
struct UseCasePanicked;
