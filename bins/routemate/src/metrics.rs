//! What is measured, shown to Prometheus on a listener of its own: it is for operators, and not for whoever can reach the
//! API.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data};
use actix_web::{App as Actix, HttpResponse, HttpServer};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use routemate_app::App;
use routemate_metrics::BUILD_INFO;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::{Failure, process};

/// Durations are sorted into these, in seconds: from a point query to what nobody waits for any more.
const BUCKETS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// How often durations are sorted into their buckets where nobody asks: until then each takes memory.
const UPKEEP: Duration = Duration::from_secs(5);

/// How long the database may take to say how much waits in it. What does not come in time is shown as it was.
const PATIENCE: Duration = Duration::from_secs(2);

/// Connections at the same time; there is one Prometheus or two.
const MOST_CONNECTIONS: usize = 16;

/// The listener and what goes on behind it.
pub(crate) struct Metrics {
    handle: ServerHandle,
    ended: JoinHandle<std::io::Result<()>>,
    upkeep: JoinHandle<()>,
}

struct Source {
    app: Arc<App>,
    runtime: Handle,
    prometheus: PrometheusHandle,
}

/// Begins to measure and to show it on the listener.
pub(crate) fn start(listener: TcpListener, app: &Arc<App>) -> Result<Metrics, Failure> {
    let address = listener.local_addr()?;
    let prometheus = install()?;
    let (upkeep, runtime) = (prometheus.clone(), Handle::current());
    let source = Data::new(Source { app: Arc::clone(app), runtime, prometheus });
    let server = HttpServer::new(move || Actix::new().app_data(source.clone()).route("/metrics", web::get().to(show)))
        .workers(1)
        .max_connections(MOST_CONNECTIONS)
        .disable_signals()
        .shutdown_timeout(1)
        .listen(listener)?
        .run();
    announce(address);
    let handle = server.handle();
    Ok(Metrics { handle, ended: tokio::spawn(server), upkeep: tokio::spawn(keep_up(upkeep)) })
}

impl Metrics {
    /// Stops listening; measuring goes on for nobody.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        self.upkeep.abort();
        self.handle.stop(true).await;
        Ok(self.ended.await??)
    }
}

fn announce(address: SocketAddr) {
    let url = format!("http://{address}/metrics");
    tracing::info!(metrics_url = url, "metrics are at {url}");
}

/// Makes what everything in this process tells its measurements to. Once only.
fn install() -> Result<PrometheusHandle, Failure> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)?
        .build_recorder();
    routemate_metrics::describe(&recorder);
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| "measuring has begun already")?;
    BUILD_INFO.set([env!("CARGO_PKG_VERSION")], 1.0);
    Ok(handle)
}

async fn keep_up(prometheus: PrometheusHandle) {
    let mut turns = tokio::time::interval(UPKEEP);
    loop {
        turns.tick().await;
        prometheus.run_upkeep();
    }
}

async fn show(source: Data<Source>) -> HttpResponse {
    let app = Arc::clone(&source.app);
    // On the main runtime, where the database's connections live.
    let measuring = source.runtime.spawn(async move {
        match tokio::time::timeout(PATIENCE, app.measure_backlog()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "queue and outbox were not measured")
            }
            Err(_) => tracing::warn!("queue and outbox were not measured in time"),
        }
    });
    // A panic in there has been told by the panic hook.
    let _ = measuring.await;
    process::measure();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(source.prometheus.render())
}

#[cfg(test)]
mod tests {
    use routemate_metrics::CATALOG;

    /// The table in the manual, made from the catalog.
    fn table() -> String {
        let mut table = String::from("| metric | kind | labels | what |\n|---|---|---|---|\n");
        for metric in CATALOG {
            let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
            let (name, kind) = (metric.name, metric.kind.as_str());
            table.push_str(&format!("| `{name}` | {kind} | {} | {} |\n", labels.join(", "), metric.meaning));
        }
        table
    }

    #[test]
    fn the_manual_has_every_metric_and_no_other() {
        let manual = include_str!("../../../docs/operating.md");
        let expected = table();
        assert!(manual.contains(&expected), "docs/operating.md should have this table:\n{expected}");
    }
}
