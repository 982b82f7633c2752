//! The documented flow over real HTTP, on real addresses without coordinates: what a new user sees first.
#![expect(clippy::indexing_slicing, reason = "a JSON value answers null for what it does not have")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::Client;
use routemate_api_native::job_link_url;
use routemate_app::{App, Clock, CreateDriver, CreateIntegration, CreateOrganization, IssuedSecret};
use routemate_domain::{AutoAdd, Email, JobId, Plan, Text, ZoneName};
use routemate_roads::Profile;
use routemate_travel::{EmbeddedRoads, EmbeddedSettings, TravelMatrix};
use routemate_units::{LatLng, StopToken, VehicleKind};
use serde_json::{Value, json};

use crate::Failure;
use crate::compose;
use crate::config::{Config, Flags};
use crate::demo_stops;
use crate::maps::{self, Home, MapName, Order};
use crate::output::line;
use crate::serve::{self, Running};
use crate::system::SystemClock;

const STOPS: usize = 60;
const DRIVER: &str = "driver@example.com";

/// Shows the flow, then stays up until it is told to stop, or ends at once.
pub(crate) async fn run(
    config: &Config,
    flags: &Flags,
    listen: Option<SocketAddr>,
    exits: bool,
) -> Result<(), Failure> {
    let fresh = tempfile::Builder::new().prefix("routemate-demo-").tempdir()?;
    let mut config = Config {
        database_url: flags.database_url.clone(),
        maps: Vec::new(),
        roads: vec!["embedded".to_owned()],
        geocoders: vec!["embedded".to_owned()],
        ..config.clone()
    };
    if flags.data_dir.is_none() {
        fresh.path().clone_into(&mut config.data_dir);
    }
    line("RouteMate demo: a delivery job in the centre of Helsinki");
    line("Map data © OpenStreetMap contributors (ODbL), https://www.openstreetmap.org/copyright\n");
    build_map(&config, fresh.path()).await?;
    line(format_args!("2. Database      {}", config.database_url()));
    let product = compose::open(&config).await?;
    let issued = prepare(&product.app).await?;
    line("3. Organisation  `Demo Deliveries` with one integration and the driver driver@example.com");
    let running = start(&config, Arc::clone(&product.app), listen)?;
    line(format_args!("4. Server        {}", running.public_url));

    // Our own server is asked without TLS: no certificates are needed.
    let client = Client::builder().tls_certs_only([]).build()?;
    let api = format!("http://{}/v1", running.address);
    let token = token(&client, &api, &issued).await?;
    line("5. Access token  POST /v1/integration-token: 200, valid for an hour");
    let addresses = demo_stops::read(STOPS)?;
    let job = import(&client, &api, &token, &addresses).await?;
    let id: JobId = text(&job, "job_id").parse()?;
    let path = format!("integration-jobs?job_id={id}");
    let status = send(client.get(format!("{api}/{path}")).bearer_auth(&token)).await?;
    let view = send(client.get(format!("http://{}/api/v1/jobs/{id}", running.address)).bearer_auth(&token)).await?;
    show_route(&job, &view);
    show_improvement(&config, &job, &view).await?;
    line(format_args!(
        "7. Status        GET /v1/{path}: {}, {} stops, driver {}\n",
        text(&status, "status"),
        status["stop_count"],
        text(&status, "driver_email"),
    ));
    let link = product.app.sign_job_link(id, SignedDuration::from_hours(24)).await?;
    if exits {
        running.stop().await?;
    } else {
        invite(&running, &issued, &token, &id, &job_link_url(&running.public_url, &link));
        serve::told_to_stop().await;
        running.stop().await?;
    }
    Ok(product.store.close().await?)
}

/// Builds the map of the extract that comes with the program, as `routemate map build` does.
async fn build_map(config: &Config, scratch: &Path) -> Result<(), Failure> {
    let clock = SystemClock::new();
    let begun = clock.monotonic();
    let extract = scratch.join("helsinki_centre.osm.pbf");
    std::fs::write(&extract, demo_stops::EXTRACT)?;
    let name = MapName::from_files(std::slice::from_ref(&extract))?;
    let order = Order { name, files: vec![extract.clone()], profiles: vec![Profile::Car] };
    let built = maps::build(&Home::of(config)?, order).await?;
    std::fs::remove_file(&extract)?;
    let seconds = (clock.monotonic() - begun).as_secs_f64();
    let count = |name: &str| built.manifest.files.iter().filter_map(|file| file.counts.get(name)).sum::<u64>();
    line(format_args!(
        "1. Map           {} stretches of Helsinki's streets and {} addresses, built in {seconds:.1} s",
        count("segments"),
        count("addresses"),
    ));
    Ok(())
}

async fn prepare(app: &App) -> Result<IssuedSecret, Failure> {
    let organization = app
        .create_organization(CreateOrganization {
            name: Text::parse("Demo Deliveries")?,
            plan: Plan::Team,
            requests_per_minute: None,
            stops_per_import: None,
            timezone: ZoneName::parse("Europe/Helsinki")?,
            auto_add: AutoAdd::On,
            vehicle: VehicleKind::Car,
        })
        .await?;
    app.create_driver(CreateDriver {
        organization_id: organization.id,
        email: Email::parse(DRIVER)?,
        first_name: Some(Text::parse("Demo")?),
        last_name: Some(Text::parse("Driver")?),
        phone: None,
    })
    .await?;
    let create = CreateIntegration { organization_id: organization.id, name: Text::parse("Demo shop")? };
    Ok(app.create_integration(create).await?)
}

/// Where the usual port is taken and nobody asked for it, any other will do.
fn start(config: &Config, app: Arc<App>, listen: Option<SocketAddr>) -> Result<Running, Failure> {
    let listener = match serve::bind(config.listen) {
        Err(_) if listen.is_none() => serve::bind(SocketAddr::new(config.listen.ip(), 0)),
        bound => bound,
    };
    serve::start(config, app, listener?)
}

async fn send(request: reqwest::RequestBuilder) -> Result<Value, Failure> {
    let response = request.send().await?;
    let (status, body) = (response.status(), response.text().await?);
    if status.is_success() { Ok(serde_json::from_str(&body)?) } else { Err(format!("{status}: {body}").into()) }
}

async fn token(client: &Client, api: &str, issued: &IssuedSecret) -> Result<String, Failure> {
    let body = json!({ "client_id": issued.client_id, "client_secret": issued.client_secret.reveal() });
    let answer = send(client.post(format!("{api}/integration-token")).json(&body)).await?;
    Ok(text(&answer, "access_token").to_owned())
}

async fn import(client: &Client, api: &str, token: &str, addresses: &[String]) -> Result<Value, Failure> {
    let stops: Vec<Value> = addresses
        .iter()
        .enumerate()
        .map(|(index, address)| {
            json!({
                "external_stop_id": format!("ORD-{:04}", 1001 + index),
                "address": address,
                "duration_minutes": 3,
            })
        })
        .collect();
    let body = json!({
        "external_job_id": "HELSINKI-1",
        "title": "Helsinki centre",
        "driver_email": DRIVER,
        "timezone": "Europe/Helsinki",
        "stops": stops,
    });
    let request = client.post(format!("{api}/integration-import")).bearer_auth(token);
    send(request.header("Idempotency-Key", "demo-helsinki-1").json(&body)).await
}

/// The order with the distance of each leg, which the native job view has.
fn show_route(job: &Value, view: &Value) {
    line(format_args!(
        "6. Import        POST /v1/integration-import: {} stops, {} addresses found, {} km, {} min driving",
        job["stops_imported"],
        job["stops_geocoded"],
        job["optimization"]["total_distance_km"],
        job["optimization"]["total_duration_minutes"],
    ));
    for warning in job["warnings"].as_array().into_iter().flatten() {
        line(format_args!("   {}: {}", text(warning, "code"), text(warning, "message")));
    }
    line("\n   the order to drive, with metres from the stop before:");
    for (number, stop) in stops(view).enumerate() {
        let metres = stop["planned"]["distance_meters"].as_u64().unwrap_or_default();
        let (id, address) = (text(stop, "external_stop_id"), text(&stop["address"], "line1"));
        line(format_args!("   {:>3} {metres:>6} m  {id}  {address}", number + 1));
    }
    line("");
}

/// Both along the same streets, between the same places.
async fn show_improvement(config: &Config, job: &Value, view: &Value) -> Result<(), Failure> {
    let mut as_listed: Vec<&Value> = stops(view).collect();
    as_listed.sort_by_key(|stop| stop["given_order"].as_u64());
    let points: Vec<LatLng> = as_listed.iter().filter_map(|stop| driven_to(&stop["location"])).collect();
    let roads = EmbeddedRoads::open(EmbeddedSettings::within(config.maps_dir()))?;
    let as_given = roads.path(&points, VehicleKind::Car, &StopToken::never()).await?;
    let before = f64::from(as_given.distance().get()) / 1000.0;
    let after = job["optimization"]["total_distance_km"].as_f64().unwrap_or_default();
    let saved = 100.0 * (before - after) / before;
    line(format_args!(
        "   in the order of the list: {before:.1} km, {} min; optimised: {after:.1} km: {saved:.0} % less to drive\n",
        (as_given.duration().get() + 30) / 60,
    ));
    Ok(())
}

fn stops(view: &Value) -> impl Iterator<Item = &Value> {
    view["stops"].as_array().into_iter().flatten()
}

/// Where one stops for a place, or the place itself; `None` where it is not known.
fn driven_to(location: &Value) -> Option<LatLng> {
    let at = |lat: &str, lng: &str| LatLng::new(location[lat].as_f64()?, location[lng].as_f64()?).ok();
    at("access_latitude", "access_longitude").or_else(|| at("latitude", "longitude"))
}

fn invite(running: &Running, issued: &IssuedSecret, token: &str, id: &JobId, page: &str) {
    line(format_args!("The job's page:  {page}"));
    line(format_args!("client_id:       {}", issued.client_id));
    line(format_args!("client_secret:   {}", issued.client_secret.reveal()));
    line(format_args!("access_token:    {token}\n"));
    line(format_args!(
        "Try: curl -H 'Authorization: Bearer {token}' '{}/v1/integration-jobs?job_id={id}'",
        running.public_url,
    ));
    line("Ctrl-C ends the demo and removes its database and map.");
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}
