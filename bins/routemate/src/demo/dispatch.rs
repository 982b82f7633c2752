//! A shop's own systems over the EasyRoutes Routes API: stops in with structured addresses, a route out.

use routemate_app::IssuedSecret;
use serde_json::{Value, json};

use super::caller::{Caller, text};
use crate::Failure;
use crate::demo_stops::DemoAddress;
use crate::output::line;

/// The depot, and forty stops.
pub(super) const ADDRESSES: usize = 41;

const API: &str = "/api/2024-07";

/// Hands stops in, makes a route of them, has it optimised, and reads it back beside the one of the job.
pub(super) async fn show(
    caller: &Caller,
    issued: &IssuedSecret,
    addresses: &[DemoAddress],
    job_route: &str,
) -> Result<(), Failure> {
    let Some((depot, addresses)) = addresses.split_first() else { return Ok(()) };
    let body = json!({ "clientId": issued.client_id, "clientSecret": issued.client_secret.reveal() });
    let answer = caller.post(&format!("{API}/authenticate"), &body).await?;
    let caller = caller.with_token(text(&answer, "accessToken"));
    line(format_args!("8. The same over the EasyRoutes Routes API, {API}"));

    let imported = caller.post(&format!("{API}/stops/imports"), &stops(addresses)).await?;
    let imported: Vec<&str> = list(&imported, "stops").map(|stop| text(stop, "id")).collect();
    line(format_args!("   POST /stops/imports: {} stops with structured addresses", imported.len()));

    let drivers = caller.get(&format!("{API}/drivers")).await?;
    let driver = list(&drivers, "drivers").next().map(|driver| text(driver, "id")).unwrap_or_default();
    let made = caller.post(&format!("{API}/routes"), &route(depot, &imported, driver)).await?;
    let id = text(&made, "id");
    let found = list(&made, "stops").filter(|stop| stop["plannedCoordinates"].is_object()).count();
    line(format_args!(
        "   POST /routes: `{}` for {} {}, from and to {}, {found} addresses found",
        text(&made, "name"),
        text(&made["driver"], "firstName"),
        text(&made["driver"], "lastName"),
        depot.line(),
    ));
    let best = caller.post(&format!("{API}/routes/{id}/reoptimize"), &json!({})).await?;
    let (before, after) = (kilometres(&made), kilometres(&best));
    line(format_args!(
        "   POST /routes/{id}/reoptimize: {before:.1} km in the order handed in, optimised: {after:.1} km, {:.0} % less to drive",
        100.0 * (before - after) / before,
    ));

    let read = caller.get(&format!("{API}/routes/{id}")).await?;
    line("\n   GET the same route, with metres from the stop before:");
    for (number, stop) in list(&read, "stops").enumerate() {
        let metres = stop["distanceMeters"].as_f64().unwrap_or_default();
        let (name, address) = (text(stop, "clientStopId"), text(&stop["address"], "address1"));
        line(format_args!("   {:>3} {metres:>6.0} m  {name}  {address}", number + 1));
    }
    let back = read["end"]["distanceMeters"].as_f64().unwrap_or_default();
    line(format_args!("       {back:>6.0} m  back to the depot"));

    let routes = caller.get(&format!("{API}/routes")).await?;
    line("\n   GET /routes: the job that was imported over /v1 is a route here too");
    for route in list(&routes, "routes") {
        let id = text(route, "id");
        let origin = if id.strip_prefix("rte-") == Some(job_route) { "imported over /v1" } else { "made here" };
        let (name, count) = (text(route, "name"), list(route, "stops").count());
        line(format_args!("   {id}  {count} stops, {:>4.1} km  {name}, {origin}", kilometres(route)));
    }
    line("");
    Ok(())
}

fn stops(addresses: &[DemoAddress]) -> Value {
    let stop = |(number, address): (usize, &DemoAddress)| {
        json!({
            "clientStopId": format!("WEB-{}", 2001 + number),
            "address": address.in_parts(),
            "duration": "180s",
            "items": [{ "name": "Box", "quantity": 1, "grams": 1500 }],
        })
    };
    addresses.iter().enumerate().map(stop).collect()
}

fn route(depot: &DemoAddress, imported: &[&str], driver: &str) -> Value {
    let place = json!({ "address": depot.in_parts() });
    let stops: Vec<Value> = imported.iter().map(|id| json!({ "importedStopId": id })).collect();
    json!({ "name": "Web shop, afternoon", "driverId": driver, "start": place, "end": place, "stops": stops })
}

fn kilometres(route: &Value) -> f64 {
    route["totalDistanceMeters"].as_f64().unwrap_or_default() / 1000.0
}

fn list<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}
