use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Condition, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App as Actix, HttpRequest, HttpServer};

use crate::context::Context;
use crate::cross_origin::{cors, refuse_in_json};
use crate::health::{Description, SURFACE};
use crate::observe::observe;
use crate::openapi::{Surface, document};
use crate::respond::not_found_json;
use crate::shed::Surfaces;

/// How the server treats connections.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Threads that speak HTTP; the use cases run elsewhere.
    pub workers: usize,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    /// How long the head of a request may take.
    pub head_timeout: Duration,
    /// How long requests in flight may take to end once the server is told to stop.
    pub shutdown_timeout: Duration,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            keep_alive: Duration::from_secs(75),
            head_timeout: Duration::from_secs(10),
            shutdown_timeout: Duration::from_secs(8),
        }
    }
}

/// How long a connection is drained after an answer that did not wait for the end of its request.
const LINGER: Duration = Duration::from_secs(5);

/// A server of the given surfaces on a listener: what binaries and tests both run.
///
/// Signals are left to the caller; `ServerHandle::stop(true)` drains it. Must be polled on an actix or tokio runtime; its
/// workers bring their own threads.
///
/// # Errors
/// Where the listener cannot be used.
pub fn server(
    settings: &ServerSettings,
    ctx: Context,
    listener: TcpListener,
    surfaces: &'static [&'static Surface],
) -> io::Result<Server> {
    let document = document(surfaces, ctx.public_url()).to_json()?;
    let description = Data::new(Description(document.into()));
    let data = Data::new(ctx);
    let app = move || {
        let origins = &data.settings().cors_origins;
        Actix::new()
            .app_data(data.clone())
            .app_data(description.clone())
            .app_data(Data::new(Surfaces(surfaces)))
            .configure(SURFACE.configure)
            .configure(|cfg| surfaces.iter().for_each(|surface| (surface.configure)(cfg)))
            .default_service(web::to(async |req: HttpRequest| not_found_json(&req)))
            .wrap(Condition::new(!origins.is_empty(), cors(origins)))
            .wrap(from_fn(refuse_in_json))
            .wrap(from_fn(observe))
    };
    let server = HttpServer::new(app)
        .workers(settings.workers.max(1))
        .keep_alive(settings.keep_alive)
        .client_request_timeout(settings.head_timeout)
        .client_disconnect_timeout(LINGER)
        .shutdown_timeout(settings.shutdown_timeout.as_secs())
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(server)
}
