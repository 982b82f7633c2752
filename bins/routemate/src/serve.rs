use std::fs::{File, TryLockError};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use routemate_app::App;
use routemate_http::openapi::Surface;
use routemate_http::{Context, ServerSettings};
use routemate_persistence::DatabaseKind;
use routemate_worker::{Pace, Worker};
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Failure;
use crate::compose::{self, Product};
use crate::config::Config;
use crate::metrics::{self, Metrics};
use crate::{geocoders, roads};

/// What a server on SQLite holds for as long as it runs.
pub(crate) const LOCK: &str = "serve.lock";

/// How long requests in flight may take to end, the delay before included: with the worker's own time and a margin to
/// put things away, ten seconds in all.
const IN_FLIGHT: Duration = Duration::from_millis(7_000);

/// How often usage is written.
const USAGE_WRITTEN: Duration = Duration::from_secs(5);

/// How long that may take at the end.
const LAST_USAGE: Duration = Duration::from_secs(1);

/// The dialects that are served, in the order in which they are described.
pub(crate) const SURFACES: &[&Surface] =
    &[&routemate_api_routemate::SURFACE, &routemate_api_easyroutes::SURFACE, &routemate_api_native::SURFACE];

/// A server that runs.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) public_url: String,
    context: Context,
    handle: ServerHandle,
    ended: JoinHandle<std::io::Result<()>>,
}

/// Serves until SIGTERM or SIGINT, then ends what is in flight and puts the database away.
pub(crate) async fn serve(config: &Config, with_worker: bool) -> Result<(), Failure> {
    // Bound before the database is touched: the commonest mistake is told first.
    let listener = bind(config.listen)?;
    let product = compose::open(config).await?;
    let _lock = lock_data_dir(config, &product)?;
    let metrics = start_metrics(config, &product.app)?;
    let running = start(config, Arc::clone(&product.app), listener)?;
    let bookkeeper = Bookkeeper::start(Arc::clone(&product.app));
    let worker = with_worker.then(|| start_worker(Arc::clone(&product.app)));
    tracing::info!(address = %running.address, public_url = running.public_url, "RouteMate listens on {}", running.public_url);
    roads::announce(config);
    geocoders::announce(config);
    let mut running = running;
    let crashed = tokio::select! {
        why = stop_signal() => Ok(why),
        ended = &mut running.ended => Err(ended),
    };
    tracing::info!("RouteMate is stopping");
    if let Ok(why) = crashed {
        running.drain(why, Duration::from_millis(config.drain_delay_ms)).await;
        running.stop().await?;
    }
    if let Some((stop, worker)) = worker {
        let _ = stop.send(true);
        worker.await?;
    }
    bookkeeper.stop().await?;
    stop_metrics(metrics).await?;
    product.store.close().await?;
    tracing::info!("RouteMate has stopped");
    match crashed {
        Err(ended) => Ok(ended??),
        Ok(_) => Ok(()),
    }
}

/// Does background work until SIGTERM or SIGINT.
pub(crate) async fn work(config: &Config) -> Result<(), Failure> {
    let product = compose::open(config).await?;
    let metrics = start_metrics(config, &product.app)?;
    let (stop, worker) = start_worker(Arc::clone(&product.app));
    tracing::info!("RouteMate's worker has started");
    roads::announce(config);
    geocoders::announce(config);
    told_to_stop().await;
    let _ = stop.send(true);
    worker.await?;
    stop_metrics(metrics).await?;
    Ok(product.store.close().await?)
}

async fn stop_metrics(metrics: Option<Metrics>) -> Result<(), Failure> {
    match metrics {
        Some(metrics) => metrics.stop().await,
        None => Ok(()),
    }
}

/// Writes down what integrations have asked for.
struct Bookkeeper {
    app: Arc<App>,
    writing: JoinHandle<()>,
}

impl Bookkeeper {
    fn start(app: Arc<App>) -> Self {
        let writer = Arc::clone(&app);
        let writing = tokio::spawn(async move {
            let mut turns = tokio::time::interval(USAGE_WRITTEN);
            loop {
                turns.tick().await;
                write_usage(&writer).await;
            }
        });
        Self { app, writing }
    }

    /// Writes what has been counted since the last time, too.
    async fn stop(self) -> Result<(), Failure> {
        self.writing.abort();
        // One that is aborted has ended then, and nothing is written at the same time.
        let _ = self.writing.await;
        if tokio::time::timeout(LAST_USAGE, write_usage(&self.app)).await.is_err() {
            tracing::warn!("the last seconds of usage were not written in time");
        }
        Ok(())
    }
}

async fn write_usage(app: &App) {
    if let Err(error) = app.write_usage().await {
        tracing::warn!(error = &error as &dyn std::error::Error, "usage was not written");
    }
}

/// Shows what is measured, where that is wanted.
fn start_metrics(config: &Config, app: &Arc<App>) -> Result<Option<Metrics>, Failure> {
    config.metrics_listen.map(|address| metrics::start(bind(address)?, app)).transpose()
}

/// Takes the port, so that what stands in the way is told in time.
pub(crate) fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| format!("cannot listen on `{address}`: {error}").into())
}

/// Starts serving on a listener.
pub(crate) fn start(config: &Config, app: Arc<App>, listener: TcpListener) -> Result<Running, Failure> {
    let address = listener.local_addr()?;
    let public_url = config.public_url(address);
    let context = Context::new(app, Handle::current(), config.http(address));
    let delay = Duration::from_millis(config.drain_delay_ms);
    let settings = ServerSettings { shutdown_timeout: IN_FLIGHT.saturating_sub(delay), ..ServerSettings::default() };
    let server = routemate_http::server(&settings, context.clone(), listener, SURFACES)?;
    let handle = server.handle();
    Ok(Running { address, public_url, context, handle, ended: tokio::spawn(server) })
}

impl Running {
    /// Tells whoever asks for readiness that there is none, and goes on listening for so long: those in front of the
    /// server send nothing more by then. A second signal, or a person at the keyboard, does not want to wait.
    async fn drain(&self, why: Stop, delay: Duration) {
        self.context.begin_drain();
        if why == Stop::Terminated {
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = told_to_stop() => {}
            }
        }
    }

    /// Lets requests in flight end, but not for ever.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        self.handle.stop(true).await;
        Ok(self.ended.await??)
    }
}

/// Starts doing background work, until told to stop.
pub(crate) fn start_worker(app: Arc<App>) -> (watch::Sender<bool>, JoinHandle<()>) {
    let (stop, stopped) = watch::channel(false);
    let pace = Pace { drain: Duration::from_millis(1500), ..Pace::default() };
    (stop, tokio::spawn(Worker::new(app, pace).run(stopped)))
}

/// Keeps a second server off an SQLite file: its request limits are counted in this process.
fn lock_data_dir(config: &Config, product: &Product) -> Result<Option<File>, Failure> {
    if product.store.kind() != DatabaseKind::Sqlite {
        return Ok(None);
    }
    lock_folder(&config.data_dir).map(Some)
}

/// The same for whoever needs the folder without a server.
pub(crate) fn lock_folder(data_dir: &Path) -> Result<File, Failure> {
    std::fs::create_dir_all(data_dir)?;
    let path = data_dir.join(LOCK);
    let file = File::create(&path).map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let folder = data_dir.display();
            Err(format!("another server uses the data folder `{folder}`; several servers need PostgreSQL").into())
        }
        Err(TryLockError::Error(error)) => Err(format!("cannot lock `{}`: {error}", path.display()).into()),
    }
}

/// Who wants a process to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// Whoever runs it (SIGTERM).
    Terminated,
    /// A person at the keyboard (SIGINT).
    Interrupted,
}

/// Waits for SIGTERM or SIGINT.
pub(crate) async fn told_to_stop() {
    stop_signal().await;
}

/// Waits for SIGTERM or SIGINT, and says which.
async fn stop_signal() -> Stop {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        // Without handlers the signals end the process by themselves.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => Stop::Terminated,
        _ = interrupt.recv() => Stop::Interrupted,
    }
}
