//! The documented flows over real HTTP, on real addresses without coordinates: what a new user sees first.
#![expect(clippy::indexing_slicing, reason = "a JSON value answers null for what it does not have")]

mod caller;
mod correction;
mod dispatch;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use jiff::SignedDuration;
use routemate_api_native::job_link_url;
use routemate_app::{App, Clock, CreateDriver, CreateIntegration, CreateOrganization, IssuedSecret};
use routemate_domain::{AutoAdd, Email, JobId, Plan, Text, ZoneName};
use routemate_roads::Profile;
use routemate_travel::{EmbeddedRoads, EmbeddedSettings, TravelMatrix};
use routemate_units::{LatLng, StopToken, VehicleKind};
use serde_json::{Value, json};

use self::caller::{Caller, text};
use crate::Failure;
use crate::compose;
use crate::config::{Config, Flags};
use crate::demo_stops::{self, DemoAddress};
use crate::maps::{self, Home, MapName, Order};
use crate::output::line;
use crate::serve::{self, Running};
use crate::system::SystemClock;

/// Stops of the first job.
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
    let (stop_worker, worker) = serve::start_worker(Arc::clone(&product.app));
    line(format_args!("4. Server        {}", running.public_url));

    let caller = Caller::sign_in(running.address, &issued).await?;
    line("5. Access token  POST /v1/integration-token: 200, valid for an hour");
    let [first, second, third] = demo_stops::read([STOPS, dispatch::ADDRESSES, correction::STOPS])?;
    let (job, view) = show_job(&caller, &config, &first).await?;
    let id: JobId = text(&job, "job_id").parse()?;
    dispatch::show(&caller, &issued, &second, text(&view["route"], "route_id")).await?;
    correction::show(&caller, &third).await?;
    let link = product.app.sign_job_link(id, SignedDuration::from_hours(24)).await?;
    if !exits {
        invite(&running, &issued, &caller.token, &id, &job_link_url(&running.public_url, &link));
        serve::told_to_stop().await;
    }
    running.stop().await?;
    let _ = stop_worker.send(true);
    worker.await?;
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

/// The first job: imported, followed, and compared with the order it was given in. Gives the answers of both dialects.
async fn show_job(caller: &Caller, config: &Config, addresses: &[DemoAddress]) -> Result<(Value, Value), Failure> {
    let job = import(caller, ("HELSINKI-1", "Helsinki centre"), &caller::stops(addresses, 1001)).await?;
    let id = text(&job, "job_id");
    let path = format!("/v1/integration-jobs?job_id={id}");
    let status = caller.get(&path).await?;
    let view = caller.get(&format!("/api/v1/jobs/{id}")).await?;
    show_route(&job, &view);
    show_improvement(config, &job, &view).await?;
    line(format_args!(
        "7. Status        GET {path}: {}, {} stops, driver {}\n",
        text(&status, "status"),
        status["stop_count"],
        text(&status, "driver_email"),
    ));
    Ok((job, view))
}

/// Imports a job over `/v1`.
async fn import(caller: &Caller, (external_id, title): (&str, &str), stops: &[Value]) -> Result<Value, Failure> {
    let body = json!({
        "external_job_id": external_id,
        "title": title,
        "driver_email": DRIVER,
        "timezone": "Europe/Helsinki",
        "stops": stops,
    });
    caller.post_once("/v1/integration-import", &body, external_id).await
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
    show_warnings(job);
    line("\n   the order to drive, with metres from the stop before:");
    for (number, stop) in stops(view).enumerate() {
        let metres = stop["planned"]["distance_meters"].as_u64().unwrap_or_default();
        let (id, address) = (text(stop, "external_stop_id"), text(&stop["address"], "line1"));
        line(format_args!("   {:>3} {metres:>6} m  {id}  {address}", number + 1));
    }
    line("");
}

fn show_warnings(job: &Value) {
    for warning in job["warnings"].as_array().into_iter().flatten() {
        line(format_args!("   {}: {}", text(warning, "code"), text(warning, "message")));
    }
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
