use std::fs::{File, TryLockError};
use std::net::{SocketAddr, TcpListener};
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
use crate::roads;

/// The dialects that are served, in the order in which they are described.
pub(crate) const SURFACES: &[&Surface] = &[&routemate_api_routemate::SURFACE, &routemate_api_native::SURFACE];

/// A server that runs.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) public_url: String,
    handle: ServerHandle,
    ended: JoinHandle<std::io::Result<()>>,
}

/// Serves until SIGTERM or SIGINT, then ends what is in flight and puts the database away.
pub(crate) async fn serve(config: &Config, with_worker: bool) -> Result<(), Failure> {
    // Bound before the database is touched: the commonest mistake is told first.
    let listener = bind(config.listen)?;
    let product = compose::open(config).await?;
    let _lock = lock_data_dir(config, &product)?;
    let running = start(config, Arc::clone(&product.app), listener)?;
    let worker = with_worker.then(|| start_worker(Arc::clone(&product.app)));
    tracing::info!(address = %running.address, public_url = running.public_url, "RouteMate listens on {}", running.public_url);
    roads::announce(config);
    let mut running = running;
    let crashed = tokio::select! {
        () = told_to_stop() => None,
        ended = &mut running.ended => Some(ended),
    };
    tracing::info!("RouteMate is stopping");
    if crashed.is_none() {
        running.stop().await?;
    }
    if let Some((stop, worker)) = worker {
        let _ = stop.send(true);
        worker.await?;
    }
    product.store.close().await?;
    tracing::info!("RouteMate has stopped");
    match crashed {
        Some(ended) => Ok(ended??),
        None => Ok(()),
    }
}

/// Does background work until SIGTERM or SIGINT.
pub(crate) async fn work(config: &Config) -> Result<(), Failure> {
    let product = compose::open(config).await?;
    let (stop, worker) = start_worker(Arc::clone(&product.app));
    tracing::info!("RouteMate's worker has started");
    roads::announce(config);
    told_to_stop().await;
    let _ = stop.send(true);
    worker.await?;
    Ok(product.store.close().await?)
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
    let server = routemate_http::server(&ServerSettings::default(), context, listener, SURFACES)?;
    let handle = server.handle();
    Ok(Running { address, public_url, handle, ended: tokio::spawn(server) })
}

impl Running {
    /// Lets requests in flight end, but not for ever.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        self.handle.stop(true).await;
        Ok(self.ended.await??)
    }
}

fn start_worker(app: Arc<App>) -> (watch::Sender<bool>, JoinHandle<()>) {
    let (stop, stopped) = watch::channel(false);
    let pace = Pace { drain: Duration::from_millis(1500), ..Pace::default() };
    (stop, tokio::spawn(Worker::new(app, pace).run(stopped)))
}

/// Keeps a second server off an SQLite file: its request limits are counted in this process.
fn lock_data_dir(config: &Config, product: &Product) -> Result<Option<File>, Failure> {
    if product.store.kind() != DatabaseKind::Sqlite {
        return Ok(None);
    }
    std::fs::create_dir_all(&config.data_dir)?;
    let path = config.data_dir.join("serve.lock");
    let file = File::create(&path).map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {
            let folder = config.data_dir.display();
            Err(format!("another server uses the data folder `{folder}`; several servers need PostgreSQL").into())
        }
        Err(TryLockError::Error(error)) => Err(format!("cannot lock `{}`: {error}", path.display()).into()),
    }
}

/// Waits for SIGTERM or SIGINT.
pub(crate) async fn told_to_stop() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        // Without handlers the signals end the process by themselves.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
