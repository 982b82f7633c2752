//! `routemate-baseline`: the statements of requests in this process, or behind an endpoint that does nothing else.
#![expect(clippy::print_stdout, reason = "what it has measured goes to standard output, for `cargo xtask bench api`")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpResponse, HttpServer};
use clap::{Parser, Subcommand};
use jiff::Timestamp;
use routemate_auth::{AccessToken, ClientId, ClientSecret, Entropy};
use routemate_baseline::{Replay, Request, Template};
use routemate_domain::{Integration, IntegrationId, IntegrationStatus, OrganizationId, RouteEnds, Text};
use routemate_persistence::{Store, StoreConfig, StoreError};
use serde_json::json;
use tokio::task::JoinSet;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The statements of requests, without the rest of them.
#[derive(Debug, Parser)]
struct Arguments {
    /// The server's database.
    #[arg(long)]
    database_url: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs them in this process, so many at a time, and prints how many.
    Drive {
        #[command(flatten)]
        what: What,
        #[arg(long)]
        clients: usize,
        #[arg(long)]
        seconds: f64,
    },
    /// Runs them for whoever asks over HTTP, until standard input ends; prints the address.
    Serve {
        #[command(flatten)]
        what: What,
    },
    /// Adds integrations to an organisation and prints their credentials, a line each.
    Seed {
        /// Whose token tells the organisation.
        #[arg(long)]
        token: String,
        #[arg(long)]
        count: usize,
    },
}

#[derive(Debug, clap::Args)]
struct What {
    /// Which request: import, status or token.
    #[arg(long)]
    request: Request,
    /// A token whose holder asks.
    #[arg(long)]
    token: String,
    /// The external id, and idempotency key, of the job that is copied or asked for.
    #[arg(long)]
    job: String,
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(&StoreConfig::new(&arguments.database_url)).await?;
        match arguments.command {
            Command::Drive { what, clients, seconds } => drive(store, what, clients, seconds).await,
            Command::Serve { what } => serve(store, what).await,
            Command::Seed { token, count } => seed(&store, &token, count).await,
        }
    })
}

impl What {
    async fn replay(&self, store: Store) -> Result<Replay, Failure> {
        let template = Template::read(&store, &self.token, &self.job, Timestamp::now()).await?;
        Ok(Replay::new(store, template))
    }
}

async fn drive(store: Store, what: What, clients: usize, seconds: f64) -> Result<(), Failure> {
    let replay = Arc::new(what.replay(store.clone()).await?);
    let request = what.request;
    let begun = Instant::now();
    let time = Duration::from_secs_f64(seconds);
    let mut running = JoinSet::new();
    for _ in 0..clients {
        let replay = Arc::clone(&replay);
        running.spawn(async move {
            let mut done = 0_u64;
            while begun.elapsed() < time {
                replay.run(request).await?;
                done += 1;
            }
            Ok::<u64, StoreError>(done)
        });
    }
    let done = running.join_all().await.into_iter().sum::<Result<u64, _>>()?;
    println!("{}", json!({ "done": done, "seconds": begun.elapsed().as_secs_f64() }));
    Ok(store.close().await?)
}

/// What the endpoint has.
struct Served {
    replay: Replay,
    request: Request,
}

async fn serve(store: Store, what: What) -> Result<(), Failure> {
    let served = Data::new(Served { replay: what.replay(store).await?, request: what.request });
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", json!({ "url": format!("http://{}", listener.local_addr()?) }));
    std::io::stdout().flush()?;
    let app = move || {
        App::new()
            .app_data(served.clone())
            .app_data(PayloadConfig::new(16 * 1024 * 1024))
            .default_service(web::to(answer))
    };
    let server = HttpServer::new(app).disable_signals().listen(listener)?.run();
    let handle = server.handle();
    let serving = tokio::spawn(server);
    // Whoever has started this one holds the other end.
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
    handle.stop(true).await;
    Ok(serving.await??)
}

async fn answer(served: Data<Served>, _body: Bytes) -> HttpResponse {
    match served.replay.run(served.request).await {
        Ok(body) => HttpResponse::Ok().content_type("application/json").body(body),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::expect_used, reason = "without random numbers there are no credentials")]
    fn fill(&self, out: &mut [u8]) {
        getrandom::fill(out).expect("the operating system gives random numbers");
    }
}

async fn seed(store: &Store, token: &str, count: usize) -> Result<(), Failure> {
    let digest = *AccessToken::parse(token)?.digest().as_bytes();
    let found: Result<_, StoreError> = store.read(&digest, |tx, digest| Box::pin(tx.system_find_token(digest))).await;
    let organization = found?.ok_or("there is no such token")?.organization_id;
    let seeds = (0..count).map(|_| integration(organization)).collect::<Result<Vec<_>, _>>()?;
    let now = Timestamp::now();
    store
        .write(&seeds, |tx, seeds| {
            Box::pin(async move {
                for (integration, _) in seeds {
                    tx.organization(integration.organization_id).insert_integration(integration, now).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await?;
    for (integration, secret) in &seeds {
        println!("{}", json!({ "client_id": integration.client_id, "client_secret": secret.reveal() }));
    }
    Ok(())
}

fn integration(organization_id: OrganizationId) -> Result<(Integration, ClientSecret), Failure> {
    let secret = ClientSecret::mint(&SystemEntropy);
    let mut id = [0; 16];
    SystemEntropy.fill(&mut id);
    let integration = Integration {
        route_ends: RouteEnds::Fixed,
        organization_id,
        id: IntegrationId::from_uuid(uuid::Builder::from_random_bytes(id).into_uuid()),
        name: Text::parse("Bench").map_err(|fault| format!("{fault:?}"))?,
        client_id: ClientId::mint(&SystemEntropy).as_str().to_owned(),
        secret_sha256: *secret.digest().as_bytes(),
        previous_secret: None,
        status: IntegrationStatus::Enabled,
        epoch: 0,
    };
    Ok((integration, secret))
}
